"""A standing substitute decides while somebody is on leave: opened with it, ended with it, whatever comes when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands import leave_substitutes as commands
from portal.commands import substitutes
from portal.jobs import route
from portal.models.cases import Case
from portal.models.leave import LeaveEntry
from portal.models.mail import MailLink
from portal.models.people import RoleGrant, Substitution
from portal.worlds import World
from tests import leave
from tests.cast import Cast
from tests.commands.helpers import pass_days, refused

MONDAY = date(2026, 12, 14)
WEEK = (date(2026, 12, 14), date(2026, 12, 18))


@pytest.fixture
def session(world: World, cast: Cast) -> Iterator[Session]:
    with world.db.session() as session:
        leave.given(session, cast)
        yield session


def granted(session: Session, cast: Cast, first: str, last: str = "", **typed: str) -> Case:
    """Leave of Bram's that Diane approved."""
    case = leave.asked(session, cast, first, last, name="bram", **typed)
    cast.act(session, "diane", case, "approve")
    return case


def give_back(session: Session, cast: Cast, *days: date) -> None:
    """What the ledger has once these days of Bram's are not taken after all."""
    mine = select(LeaveEntry).where(LeaveEntry.person_id == cast.people["bram"], LeaveEntry.day.in_(days))
    for one in session.scalars(mine.where(LeaveEntry.what == "burn")).all():
        session.add(
            LeaveEntry(
                person_id=one.person_id, municipality_id=one.municipality_id, lot_id=one.lot_id, kind=one.kind,
                what="give_back", minutes=-one.minutes, day=one.day, part=one.part,
                recorded_at=cast.world.clock.now(), case_id=one.case_id,
            )
        )  # fmt: skip
    session.flush()


def name(session: Session, cast: Cast, substitute: str | None = "diane") -> None:
    chosen = cast.people[substitute] if substitute else None
    commands.name_standing(session, cast.people["bram"], chosen, cast.world.clock.now())


def opened(session: Session, cast: Cast) -> list[tuple[str, date, date]]:
    session.flush()
    names = {person: name for name, person in cast.people.items()}
    mine = select(Substitution).where(Substitution.absent_id == cast.people["bram"], Substitution.from_leave)
    found = session.scalars(mine.order_by(Substitution.valid_from))
    return [(names[one.substitute_id], one.valid_from, one.valid_to) for one in found]


def test_approved_leave_opens_a_substitution_and_waiting_leave_does_not(session: Session, cast: Cast) -> None:
    name(session, cast)
    leave.asked(session, cast, "2026-12-21", name="bram")
    granted(session, cast, "2026-12-10", "2026-12-15")
    granted(session, cast, "2026-12-23", first_part="morning")
    assert opened(session, cast) == [("diane", date(2026, 12, 10), date(2026, 12, 15))]


def test_naming_somebody_later_opens_it_and_naming_nobody_ends_it(session: Session, cast: Cast) -> None:
    granted(session, cast, "2026-12-14", "2026-12-18")
    assert opened(session, cast) == []
    name(session, cast)
    name(session, cast)
    assert opened(session, cast) == [("diane", *WEEK)]
    name(session, cast, "aart")
    assert opened(session, cast) == [("aart", *WEEK)]
    name(session, cast, None)
    assert opened(session, cast) == []
    name(session, cast, None)


def test_days_that_are_not_taken_end_it_and_the_rest_stays(world: World, session: Session, cast: Cast) -> None:
    name(session, cast)
    granted(session, cast, "2026-12-14", "2026-12-18")
    give_back(session, cast, date(2026, 12, 16))
    commands.follow_leave(session, cast.people["bram"], world.clock.now())
    assert opened(session, cast) == [
        ("diane", MONDAY, date(2026, 12, 15)), ("diane", date(2026, 12, 17), date(2026, 12, 18)),
    ]  # fmt: skip
    pass_days(world, 20)
    assert local_date(world.clock.now()) == MONDAY
    give_back(session, cast, date(2026, 12, 15), date(2026, 12, 17), date(2026, 12, 18))
    commands.follow_leave(session, cast.people["bram"], world.clock.now())
    assert opened(session, cast) == [("diane", MONDAY, MONDAY)]


def test_withdrawing_days_before_they_begin_ends_the_substitution_on_them(session: Session, cast: Cast) -> None:
    name(session, cast)
    case = granted(session, cast, "2026-12-14", "2026-12-18")
    leave.withdrawn(session, cast, case, "2026-12-16")
    assert opened(session, cast) == [
        ("diane", MONDAY, date(2026, 12, 15)), ("diane", date(2026, 12, 17), date(2026, 12, 18)),
    ]  # fmt: skip
    leave.withdrawn(session, cast, case, "2026-12-14", "2026-12-15", "2026-12-17", "2026-12-18")
    assert opened(session, cast) == []


def test_what_was_arranged_by_hand_is_left_alone(world: World, session: Session, cast: Cast) -> None:
    bram, today = cast.people["bram"], local_date(world.clock.now())
    substitutes.stand_in(session, bram, cast.people["aart"], date(2026, 12, 15), date(2026, 12, 16), today)
    name(session, cast)
    granted(session, cast, "2026-12-14", "2026-12-18")
    assert opened(session, cast) == [("diane", MONDAY, MONDAY), ("diane", date(2026, 12, 17), date(2026, 12, 18))]


def test_what_was_stopped_or_changed_by_hand_stays_so(world: World, session: Session, cast: Cast) -> None:
    bram, today = cast.people["bram"], local_date(world.clock.now())
    name(session, cast)
    granted(session, cast, "2026-12-14", "2026-12-18")
    row = session.scalars(select(Substitution).where(Substitution.absent_id == bram)).one()
    substitutes.end_substitution(session, bram, row.id, today)
    session.flush()
    granted(session, cast, "2026-12-28")
    later = date(2026, 12, 28)
    assert opened(session, cast) == [("diane", later, later)]
    row = session.scalars(select(Substitution).where(Substitution.absent_id == bram)).one()
    wanted = substitutes.Arrangement(bram, cast.people["aart"], later, later)
    substitutes.change_substitution(session, row.id, wanted, today)
    commands.follow_leave(session, bram, world.clock.now())
    assert opened(session, cast) == [("diane", *WEEK)], "and 28 December is Aart's"


def test_who_decides_on_nothing_gets_no_substitution(session: Session, cast: Cast) -> None:
    now = cast.world.clock.now()
    commands.name_standing(session, cast.people["anna"], cast.people["aart"], now)
    leave.granted(session, cast, "2026-12-14")
    assert session.scalars(select(Substitution)).all() == []


def test_what_cannot_be_is_said_and_not_opened(world: World, session: Session, cast: Cast) -> None:
    bram, dirk = cast.people["bram"], cast.people["dirk"]
    assert refused(lambda: name(session, cast, "bram")) == {"substitute_self"}
    unknown = 10**9
    assert refused(lambda: commands.name_standing(session, bram, unknown, world.clock.now())) == {"substitute_unknown"}
    assert session.scalars(select(RoleGrant.person_id).where(RoleGrant.role == "treasurer")).all() == [dirk]
    name(session, cast, "dirk")
    granted(session, cast, "2026-12-14", "2026-12-18")
    assert opened(session, cast) == []
    (why,) = commands.follow_leave(session, bram, world.clock.now())
    assert why.codes == {"substitute_pays"}


def test_open_requests_follow_when_the_leave_begins_and_come_back_after_it(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        leave.given(session, cast)
        name(session, cast)
        granted(session, cast, "2026-11-25")
        claim = cast.submitted(session)
        claim_id = claim.id

    def holders() -> set[int]:
        with world.db.session(writes=False) as session:
            alive = select(MailLink.person_id).where(MailLink.case_id == claim_id, MailLink.ended.is_(None))
            return set(session.scalars(alive))

    assert holders() == {cast.people["bram"]}
    route.run(world, pass_days(world, 1))
    assert holders() == {cast.people["diane"]}
    route.run(world, pass_days(world, 1))
    assert holders() == {cast.people["bram"]}


SINCE_MONDAY = st.integers(0, 27).map(lambda day: MONDAY + timedelta(days=day))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(("ask", "back", "diane", "nobody")), SINCE_MONDAY), max_size=8), st.data())
def test_whatever_comes_when_the_days_decided_by_another_are_those_of_the_leave(
    world: World, cast: Cast, steps: Any, data: Any
) -> None:
    """Counted again day by day; every working day of approved leave has a substitute, and no other working day has."""
    named, taken = None, set[date]()
    with world.db.session() as session:
        leave.given(session, cast)
        for place, (what, day) in enumerate(steps):
            if what == "ask" and day.weekday() < 5 and day not in taken and day not in CLOSED:
                granted(session, cast, day.isoformat(), key=f"p{place}")
                taken.add(day)
            elif what == "back" and taken:
                day = data.draw(st.sampled_from(sorted(taken)))  # noqa: PLW2901
                give_back(session, cast, day)
                taken.discard(day)
                commands.follow_leave(session, cast.people["bram"], world.clock.now())
            elif what in ("diane", "nobody"):
                named = what if what == "diane" else None
                name(session, cast, named)
        for offset in range(28):
            day = MONDAY + timedelta(days=offset)
            covered = [one for one in opened(session, cast) if one[1] <= day <= one[2]]
            if day.weekday() < 5 and day not in CLOSED:
                assert len(covered) == (1 if named and day in taken else 0), day
        before = opened(session, cast)
        commands.follow_leave(session, cast.people["bram"], world.clock.now())
        assert opened(session, cast) == before
        session.rollback()


CLOSED = {date(2026, 12, 25), date(2027, 1, 1)}
