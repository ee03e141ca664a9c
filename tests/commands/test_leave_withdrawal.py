"""Days of granted leave that are not taken: free before they begin, by the manager after; hours come back once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.commands import cases
from portal.commands.beginning import begin_about
from portal.commands.cases import Step
from portal.commands.leave_back import give_back
from portal.queries.absence import away as away_in
from portal.queries.cases import standing
from portal.queries.leave import absences_of, booked_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import at_once, events, letters, pass_days, refused, whole
from tests.leave import STATUTORY_2026, asked, drafted, entries, given, granted, left, read, withdrawal, withdrawn
from workflows import CASE_TYPES
from workflows.kernel import Given


def test_days_to_come_are_free_at_once_and_their_hours_go_back_to_their_lots(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        leave = granted(session, cast, "2026-12-14", "2026-12-23")
        assert left(session, cast)["statutory", 2026] == STATUTORY_2026 - 8 * 432
        case = withdrawn(session, cast, leave, "2026-12-16", "2026-12-17", "2026-12-21")
        assert (case.state, case.result, case.parent_id) == ("granted", "granted", leave.id)
        assert case.number is not None
        assert case.title == "16-12-2026 – 17-12-2026, 21-12-2026"
        assert left(session, cast)["statutory", 2026] == STATUTORY_2026 - 5 * 432
        away = absences_of(session, cast.people["anna"], date(2026, 1, 1))
        assert [one.day.day for one in away] == [14, 15, 18, 22, 23]
        # The team's calendar and the one that others subscribe to read the same ledger.
        shown = away_in(session, [cast.people["anna"]], date(2026, 12, 1), date(2026, 12, 31))
        assert [one.day for one in shown] == [one.day for one in away]
        assert letters(session, case.id) == [("free", "anna"), ("free_manager", "bram")]
        assert events(session, case.id)[-1].data["leave"] == {
            "what": "give_back", "lots": [{"kind": "statutory", "last_day": "2027-12-31", "minutes": 3 * 432}],
        }  # fmt: skip
        # Whoever was told can look at it.
        assert case.approver_id == cast.people["bram"]


def test_of_days_that_began_the_manager_decides_and_until_then_they_count(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        leave = granted(session, cast, "2026-11-23", "2026-11-27")
        before = left(session, cast)["statutory", 2026]
        case = withdrawn(session, cast, leave, "2026-11-23", "2026-11-27")
        assert (case.state, case.approver_id) == ("submitted", cast.people["bram"])
        assert left(session, cast)["statutory", 2026] == before
        assert len(absences_of(session, cast.people["anna"], date(2026, 1, 1))) == 5
        cast.act(session, "bram", case, "approve")
        assert left(session, cast)["statutory", 2026] == before + 2 * 432
        assert letters(session, case.id) == [("ask", "bram"), ("received", "anna"), ("granted", "anna")]
        other = withdrawn(session, cast, leave, "2026-11-24")
        cast.act(session, "bram", other, "reject", reason="U was er niet")
        assert left(session, cast)["statutory", 2026] == before + 2 * 432
        assert len(absences_of(session, cast.people["anna"], date(2026, 1, 1))) == 3


def test_what_was_given_back_is_not_given_back_again(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        leave = granted(session, cast, "2026-11-23", "2026-11-27")
        case = withdrawn(session, cast, leave, "2026-11-23")
        # Meanwhile the day came back for another reason.
        assert [one.minutes for one in give_back(session, leave, {date(2026, 11, 23)}, world.clock.now())] == [432]
        assert give_back(session, leave, {date(2026, 11, 23)}, world.clock.now()) == []
        after = left(session, cast)
        assert refused(lambda: cast.act(session, "bram", case, "approve")) == {"leave_nothing_booked"}
        cast.act(session, "anna", case, "withdraw")
        assert left(session, cast) == after
        again = withdrawal(session, cast, leave, "2026-11-23")
        _, problems = read(session, cast, again, **{"day-2026-11-23": "y"})
        assert [(one.field, one.code) for one in problems] == [("days", "leave_day_not_booked")]
        nothing: dict[str, Any] = {"days": [], "minutes": 0, "standing": [], "note": "x"}
        assert refused(lambda: cast.act(session, "anna", again, "submit", content=nothing)) == {"leave_days_chosen"}


def test_a_withdrawal_that_runs_is_gone_on_with_and_days_taken_back_can_be_asked_for_again(
    world: World, cast: Cast
) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        leave = granted(session, cast, "2026-12-14", "2026-12-18")
        first = withdrawal(session, cast, leave)
        assert first.draft == {"all": "y"}
        assert begin_about(session, CASE_TYPES["leave_withdrawal"], leave, world.clock.now()).id == first.id
        withdrawn(session, cast, leave, "2026-12-15", "2026-12-16")
        new = asked(session, cast, "2026-12-15")
        cast.act(session, "bram", new, "approve")
        assert [one.day.day for one in booked_of(session, leave.id)] == [14, 17, 18]
        clash = drafted(session, cast, key="clash")
        assert [one.code for one in read(session, cast, clash, first="2026-12-14")[1]] == ["leave_overlaps"]


def test_leave_that_is_only_counted_comes_back_too(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        leave = granted(session, cast, "2026-12-14", "2026-12-15", kind="care_short")
        withdrawn(session, cast, leave, "2026-12-15")
        assert [(one.day.day, one.kind) for one in absences_of(session, cast.people["anna"], date(2026, 1, 1))] == [
            (14, "care_short")
        ]
        assert entries(session, cast)[-1].lot_id is None


def test_of_two_withdrawals_decided_at_once_a_day_comes_back_once(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        leave = granted(session, cast, "2026-11-23", "2026-11-27")
        # Two that were handed in before one of them ran out: the second is begun as if it were the first.
        one = withdrawn(session, cast, leave, "2026-11-23", "2026-11-24")
        one.parent_id = None
        session.flush()
        other = withdrawn(session, cast, leave, "2026-11-23")
        one.parent_id = leave.id
        before, ids = left(session, cast)["statutory", 2026], (one.id, other.id)

    def approve(case_id: int) -> str:
        with world.db.transaction() as session:
            case = whole(session, case_id)
            cases.act(session, case, Step("approve", cast.viewer(session, "bram").actor(standing(case)),
                                          world.clock.now(), Given()))  # fmt: skip
            return case.state

    outcomes = at_once(*(lambda one=one: approve(one) for one in ids))
    assert "granted" in outcomes
    with world.db.session(writes=False) as session:
        assert left(session, cast)["statutory", 2026] - before in (2 * 432, 432)
        back = [(one.day, one.lot_id) for one in entries(session, cast) if one.what == "give_back"]
        assert len(back) == len(set(back))


AGAIN = (
    "INSERT INTO leave_entry (person_id, municipality_id, lot_id, kind, what, minutes, day, part, recorded_at, "
    "case_id, reason) SELECT person_id, municipality_id, lot_id, kind, what, minutes, day, part, recorded_at, "
    "case_id, reason FROM leave_entry WHERE what = 'give_back'"
)


@pytest.mark.parametrize("kind", ["leave", "care_short"])
def test_the_database_keeps_out_a_second_giving_back(world: World, cast: Cast, kind: str) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        leave = granted(session, cast, "2026-12-14", "2026-12-15", kind=kind)
        give_back(session, leave, {date(2026, 12, 15)}, world.clock.now())
    with world.db.session() as session, pytest.raises(DBAPIError):
        session.execute(text(AGAIN))


def test_hours_of_a_lot_that_ended_go_back_to_it(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        leave = granted(session, cast, "2026-12-14", "2026-12-18")
        pass_days(world, 420)
        case = withdrawn(session, cast, leave, "2026-12-14")
        cast.act(session, "bram", case, "approve")
        assert left(session, cast)["statutory", 2026] == STATUTORY_2026 - 4 * 432
