"""Sickness is told to who must know, and leave on its days comes back once the manager confirms it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands import cases
from portal.models.cases import Case
from portal.models.mail import OutboxMail
from portal.queries.absence import away, gone
from portal.queries.cases import WHOLE, case_by_number
from portal.queries.people import employments_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import letters, pass_days, refused, whole
from tests.leave import agreed, entries, given, granted, left, read
from workflows import CASE_TYPES
from workflows.sickness.content import partly, recover


def reported(session: Session, cast: Cast, first: str, key: str = "ill") -> Case:
    held = employments_of(session, cast.people["anna"])[0]
    case = cases.start(session, "sickness", held, key, cast.world.clock.now())
    case = session.get_one(Case, case.id, options=WHOLE, populate_existing=True)
    content, problems = read(session, cast, case, first=first)
    assert problems == (), problems
    cast.act(session, "anna", case, "submit", content=content)
    return case


def recovered(session: Session, cast: Cast, case: Case, day: str, name: str = "anna") -> None:
    content, problems = recover(case.content, {"recover-day": day}, "nl")
    assert problems == ()
    cast.act(session, name, case, "recover", content=content)
    session.flush()


def proposals(session: Session, leave: Case) -> list[Case]:
    session.flush()
    return list(session.scalars(select(Case).where(Case.parent_id == leave.id).options(*WHOLE).order_by(Case.id)))


def test_manager_and_ssc_are_told_the_day_and_nobody_else_finds_it(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agreed(session, cast)
        case = reported(session, cast, "2026-11-23")
        assert (case.state, case.suspended_since is not None) == ("ill", True)
        assert letters(session, case.id) == [("reported", "anna"), ("ill", "bram"), ("ill", "SSC")]
        for name in cast.people:
            seen = case_by_number(session, cast.viewer(session, name), case.number or "")
            assert (seen is not None) is (name in ("anna", "bram", "carla", "els")), name
        for mail in session.scalars(select(OutboxMail).where(OutboxMail.case_id == case.id)):
            assert "23 november" in mail.text


def test_the_team_sees_absent_and_ones_own_calendar_nothing(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agreed(session, cast)
        case = reported(session, cast, "2026-11-20")
        today, anna = local_date(world.clock.now()), cast.people["anna"]
        first, last = date(2026, 11, 1), date(2026, 12, 31)
        found = gone(session, [anna, cast.people["aart"]], first, last, today)
        assert {one.person_id for one in found} == {anna}
        assert (found[0].day, found[-1].day) == (date(2026, 11, 20), today + timedelta(days=7))
        assert {(one.number, one.case_id, one.minutes, one.approved) for one in found} == {("", None, 0, True)}
        assert away(session, [anna], first, last) == []
        recovered(session, cast, case, "2026-11-24", "carla")
        assert [one.day.day for one in gone(session, [anna], first, last, today)] == [20, 21, 22, 23]
        assert gone(session, [], first, last, today) == []


def test_who_is_ill_during_leave_gets_the_hours_back_once_the_manager_confirms(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        leave = granted(session, cast, "2026-11-16", "2026-11-27")
        before = left(session, cast)["statutory", 2026]
        case = reported(session, cast, "2026-11-18")
        assert proposals(session, leave) == []
        content, _ = partly(case.content, {"partly-day": "2026-11-20", "partly-percent": "40"}, "nl")
        cast.act(session, "anna", case, "partly", content=content)
        (one,) = proposals(session, leave)
        assert (one.type, one.state, one.title) == ("leave_withdrawal", "submitted", "18-11-2026 – 19-11-2026")
        assert left(session, cast)["statutory", 2026] == before
        assert letters(session, one.id) == [("ask", "bram"), ("proposed", "anna")]
        # It is kept longer than the sickness, so it does not say what kind of absence it was.
        kept = [*session.scalars(select(OutboxMail.text).where(OutboxMail.case_id == one.id)), str(one.content)]
        assert not [text for text in kept if "ziek" in text.lower() or "sick" in text.lower()]
        # Recovering says nothing new about those days, so nothing is proposed again.
        recovered(session, cast, case, "2026-11-24")
        assert len(proposals(session, leave)) == 1
        cast.act(session, "bram", whole(session, one.id), "approve")
        assert left(session, cast)["statutory", 2026] == before + 2 * 432
        assert [entry.day.day for entry in entries(session, cast) if entry.what == "give_back"] == [18, 19]
        again = reported(session, cast, "2026-11-24", "again")
        assert again.content["again_of"] == case.number
        assert again.content["since"] == "2026-11-18"


def test_every_leave_that_is_met_has_its_own_proposal_and_what_was_refused_is_not_proposed_again(
    world: World, cast: Cast
) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        first = granted(session, cast, "2026-11-16", "2026-11-17")
        second = granted(session, cast, "2026-11-19", "2026-11-20")
        counted = granted(session, cast, "2026-11-18", kind="calamity")
        case = reported(session, cast, "2026-11-17")
        content, _ = partly(case.content, {"partly-day": "2026-11-23", "partly-percent": "40"}, "nl")
        cast.act(session, "bram", case, "partly", content=content)
        (one,), (other,) = proposals(session, first), proposals(session, second)
        assert (one.title, other.title) == ("17-11-2026", "19-11-2026 – 20-11-2026")
        assert proposals(session, counted) == []
        cast.act(session, "bram", one, "reject", reason="U was aan het werk")
        recovered(session, cast, case, "2026-11-24")
        assert len(proposals(session, first)) == len(proposals(session, second)) == 1


def test_what_was_reported_by_mistake_is_no_absence(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agreed(session, cast)
        case = reported(session, cast, "2026-11-23")
        cast.act(session, "carla", case, "mistaken")
        session.flush()
        assert (case.state, case.result) == ("withdrawn", "aborted")
        assert letters(session, case.id)[-3:] == [("mistaken", "anna"), ("mistaken", "bram"), ("mistaken", "SSC")]
        today = local_date(world.clock.now())
        assert gone(session, [cast.people["anna"]], date(2026, 11, 1), date(2026, 12, 31), today) == []
        assert reported(session, cast, "2026-11-23", "again").content["again_of"] == ""


def test_one_sickness_runs_at_a_time_and_it_is_kept_two_years(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agreed(session, cast)
        case = reported(session, cast, "2026-11-20")
        held = employments_of(session, cast.people["anna"])[0]
        other = cases.start(session, "sickness", held, "two", world.clock.now())
        other = session.get_one(Case, other.id, options=WHOLE, populate_existing=True)
        problems: Any = read(session, cast, other, first="2026-11-23")[1]
        assert [(one.field, one.code, one.values) for one in problems] == [
            ("first", "sickness_runs", {"number": case.number})
        ]
        pass_days(world, 3)
        recovered(session, cast, case, "2026-11-27")
        assert case.destroy_on == date(2028, 11, 28)
        assert refused(lambda: cast.act(session, "anna", case, "recover", content=case.content)) == {"not_now"}


def test_nobody_else_says_that_somebody_has_recovered(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agreed(session, cast)
        case = reported(session, cast, "2026-11-20")
        content, _ = recover(case.content, {"recover-day": "2026-11-24"}, "nl")
        for name in ("aart", "dirk", "hanna"):
            assert refused(lambda name=name: cast.act(session, name, case, "recover", content=content)) == {"not_yours"}
        assert CASE_TYPES["sickness"].for_others
