"""A closing day that is added later gives hours of leave back, once; one that is taken away takes nothing."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from portal.commands.changes import Author
from portal.commands.closing_days import add_closing_day, remove_closing_day
from portal.commands.leave_holidays import away_on
from portal.jobs import leave_settling
from portal.models.mail import OutboxMail
from portal.models.people import Municipality
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import letters, pass_days
from tests.leave import STATUTORY_2026, asked, entries, given, granted, left

EVE, TODAY = date(2026, 12, 24), date(2026, 11, 24)


def close(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        place = session.get_one(Municipality, cast.municipalities["waterveen"])
        place.closing_days = {}
        author = Author(cast.people["hanna"], None)
        add_closing_day(session, author, place, EVE, "Kerstavond", world.clock.now(), TODAY)


def test_who_is_on_leave_then_gets_the_hours_back_once_and_is_told(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        session.get_one(Municipality, cast.municipalities["waterveen"]).closing_days = {}
        session.flush()
        session.expire_all()
        given(session, cast)
        case_id = granted(session, cast, "2026-12-23", "2026-12-28").id
        asked(session, cast, "2026-12-24", "2026-12-24", name="aart")
        assert left(session, cast)["statutory", 2026] == STATUTORY_2026 - 3 * 432
        assert away_on(session, cast.municipalities["waterveen"], EVE) == 1
    close(world, cast)
    for _ in range(2):
        leave_settling.free_days(world, world.clock.now())
    with world.db.transaction() as session:
        assert left(session, cast)["statutory", 2026] == STATUTORY_2026 - 2 * 432
        back = [one for one in entries(session, cast) if one.what == "give_back"]
        assert [(one.day, one.minutes, one.reason, one.case_id) for one in back] == [(EVE, 432, "Kerstavond", case_id)]
        assert letters(session, case_id)[-1] == ("free_day", "anna")
        assert [one.what for one in entries(session, cast, "aart")][-1] == "reserve"


def test_a_job_that_was_down_catches_up(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        session.get_one(Municipality, cast.municipalities["waterveen"]).closing_days = {}
        session.flush()
        session.expire_all()
        given(session, cast)
        granted(session, cast, "2026-12-24")
    close(world, cast)
    told = leave_settling.free_days(world, pass_days(world, 60))
    assert told == [{"code": "leave_given_back", "requests": 1}]
    assert leave_settling.free_days(world, pass_days(world, 1)) == []
    with world.db.session(writes=False) as session:
        assert left(session, cast)["statutory", 2026] == STATUTORY_2026


def test_a_closing_day_that_is_taken_away_takes_nothing_and_people_are_told(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        session.get_one(Municipality, cast.municipalities["waterveen"]).closing_days = {}
        session.flush()
        session.expire_all()
        given(session, cast)
        granted(session, cast, "2026-12-24")
    close(world, cast)
    leave_settling.free_days(world, world.clock.now())
    with world.db.transaction() as session:
        place = session.get_one(Municipality, cast.municipalities["waterveen"])
        author = Author(cast.people["hanna"], None)
        assert remove_closing_day(session, author, place, EVE, "Toch open", world.clock.now(), TODAY) == 1
    leave_settling.free_days(world, world.clock.now())
    with world.db.transaction() as session:
        assert left(session, cast)["statutory", 2026] == STATUTORY_2026
        mails = session.scalars(select(OutboxMail.address).where(OutboxMail.letter == "open_after_all")).all()
        assert [address.partition("@")[0] for address in mails] == ["anna"]
        # Who still wants to be free asks again, and that is not given back.
        again = asked(session, cast, "2026-12-24", key="again")
        cast.act(session, "bram", again, "approve")
    leave_settling.free_days(world, world.clock.now())
    with world.db.session(writes=False) as session:
        assert left(session, cast)["statutory", 2026] == STATUTORY_2026 - 432
