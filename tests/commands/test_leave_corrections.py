"""A balance is corrected by two clerks, neither of them the employee, who is told why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.commands import leave_corrections as commands
from portal.commands.leave_grants import grant_yearly
from portal.models.leave_settling import LeaveCorrection
from portal.models.mail import OutboxMail
from portal.models.people import RoleGrant
from portal.queries.leave_bought import Buying, to_buy
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import at_once, refused
from tests.leave import STATUTORY_2026, entries, given, left, lots


def test_one_asks_another_confirms_and_the_employee_is_told(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        now, anna = world.clock.now(), cast.people["anna"]
        lot = next(one for one in lots(session, cast) if one.kind == "statutory")
        one = commands.ask(session, cast.viewer(session, "carla"), anna, lot.id, -120, " Dubbel  geboekt ", now)
        assert left(session, cast)["statutory", 2026] == STATUTORY_2026
        carla, els = cast.viewer(session, "carla"), cast.viewer(session, "els")
        assert refused(lambda: commands.decide(session, carla, one, True, now)) == {"correction_same_clerk"}
        commands.decide(session, els, one, True, now)
        assert left(session, cast)["statutory", 2026] == STATUTORY_2026 - 120
        entry = entries(session, cast)[-1]
        assert (entry.what, entry.reason, entry.by_id, entry.second_id) == (
            "correct", "Dubbel geboekt", cast.people["carla"], cast.people["els"],
        )  # fmt: skip
        assert refused(lambda: commands.decide(session, els, one, False, now)) == {"correction_decided"}
        # The grants of the night leave what people corrected alone.
        assert grant_yearly(session, cast.municipalities["waterveen"], now).entries == 0
        session.commit()
        mail = session.scalars(select(OutboxMail).where(OutboxMail.letter == "leave_corrected")).one()
        assert "Dubbel geboekt" in mail.text
        assert "2 uur" in mail.text


def test_one_that_is_refused_changes_nothing(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        now, before = world.clock.now(), left(session, cast)
        lot = lots(session, cast)[0]
        one = commands.ask(session, cast.viewer(session, "carla"), cast.people["anna"], lot.id, 120, "Vergeten", now)
        commands.decide(session, cast.viewer(session, "els"), one, False, now)
        assert left(session, cast) == before
        assert one.granted is False


def test_what_is_asked_must_be_whole_and_not_ones_own(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        session.add(RoleGrant(person_id=cast.people["anna"], role="clerk", valid_from=date(2026, 1, 1)))
        session.flush()
        now, anna, lot = world.clock.now(), cast.people["anna"], lots(session, cast)[0]
        carla = cast.viewer(session, "carla")

        def asking(viewer: Any, lot_id: int | None, minutes: int, reason: str) -> Callable[[], object]:
            return lambda: commands.ask(session, viewer, anna, lot_id, minutes, reason, now)

        assert refused(asking(carla, None, 0, " ")) == {"correction_lot", "correction_no_hours", "correction_reason"}
        assert refused(asking(carla, lot.id, 60_001, "x" * 2001)) == {"correction_too_much", "reason_too_long"}
        others = lots(session, cast, "aart")[0]
        assert refused(asking(carla, others.id, 60, "x")) == {"correction_lot"}
        assert refused(asking(cast.viewer(session, "anna"), lot.id, 60, "x")) == {"correction_own"}
        assert refused(asking(cast.viewer(session, "bram"), lot.id, 60, "x")) == {"correction_lot"}
        one = commands.ask(session, carla, anna, lot.id, 60, "x", now)
        own = refused(lambda: commands.decide(session, cast.viewer(session, "anna"), one, True, now))
        assert own == {"correction_own"}
    for statement in (
        "UPDATE leave_correction SET decided_at = asked_at, granted = true, decided_by_id = asked_by_id",
        "UPDATE leave_correction SET decided_at = asked_at, granted = true, decided_by_id = person_id",
    ):
        with world.db.session() as session, pytest.raises(DBAPIError):
            session.execute(text(statement))


def test_confirmed_twice_at_once_is_entered_once(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        session.add(RoleGrant(person_id=cast.people["dirk"], role="clerk", valid_from=date(2026, 1, 1)))
        lot = next(one for one in lots(session, cast) if one.kind == "statutory")
        carla = cast.viewer(session, "carla")
        one = commands.ask(session, carla, cast.people["anna"], lot.id, 60, "x", world.clock.now())
        key = one.id

    def confirm(name: str) -> str:
        with world.db.transaction() as session:
            one = session.get_one(LeaveCorrection, key)
            commands.decide(session, cast.viewer(session, name), one, True, world.clock.now())
            return "done"

    outcomes = at_once(lambda: confirm("els"), lambda: confirm("dirk"))
    assert sorted(type(one).__name__ for one in outcomes) == ["Refused", "str"]
    with world.db.session(writes=False) as session:
        assert left(session, cast)["statutory", 2026] == STATUTORY_2026 + 60


def test_hours_are_bought_by_two_clerks_up_to_what_was_agreed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        now, anna, where = world.clock.now(), cast.people["anna"], cast.municipalities["waterveen"]
        carla, els = cast.viewer(session, "carla"), cast.viewer(session, "els")
        this, coming = to_buy(session, anna, None, date(2026, 11, 24))
        assert (this, coming) == (Buying(where, 2026), Buying(where, 2027))
        assert to_buy(session, anna, {where + 1}, date(2026, 11, 24)) == []

        def asking(viewer: Any, minutes: int, bought: Buying = coming) -> Callable[[], LeaveCorrection]:
            return lambda: commands.ask(session, viewer, anna, None, minutes, "Wil 36 uur kopen", now, bought)

        for nobody, wanted in ((carla, Buying(where, 2028)), (cast.viewer(session, "bram"), coming)):
            assert refused(asking(nobody, 60, wanted)) == {"correction_lot"}
        assert refused(asking(carla, 8641)) == {"leave_too_much_bought"}
        assert refused(asking(carla, -60)) == {"leave_nothing_bought"}
        assert to_buy(session, anna, None, date(2026, 11, 24)) == [this, coming]
        one = asking(carla, 8000)()
        assert left(session, cast).get(("bought", 2027), 0) == 0
        # The lot is there now: what is asked for next is for that one.
        assert to_buy(session, anna, None, date(2026, 11, 24)) == [this]
        two = commands.ask(session, carla, anna, one.lot_id, 641, "Nog meer", now)
        commands.decide(session, els, one, True, now)
        assert refused(lambda: commands.decide(session, els, two, True, now)) == {"leave_too_much_bought"}
        commands.decide(session, els, two, False, now)
        entry = entries(session, cast)[-1]
        assert (entry.what, entry.kind, entry.minutes, entry.day, entry.by_id, entry.second_id) == (
            "grant", "bought", 8000, date(2027, 1, 1), cast.people["carla"], cast.people["els"],
        )  # fmt: skip
        back = commands.ask(session, carla, anna, one.lot_id, -8000, "Toch niet", now)
        commands.decide(session, els, back, True, now)
        assert entries(session, cast)[-1].what == "correct"
        assert left(session, cast)["bought", 2027] == 0
        assert grant_yearly(session, where, now).entries == 0


def test_nothing_can_be_bought_where_nothing_was_agreed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        assert to_buy(session, cast.people["anna"], None, date(2026, 11, 24)) == []
