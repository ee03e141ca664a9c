"""Whatever is asked, decided and closed in whatever order, the ledger equals a naive recount, minute by minute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.commands import leave_lapse
from portal.commands.leave_grants import grant_yearly
from portal.commands.leave_holidays import cases_on_free_days, give_back_free_days
from portal.models.cases import Case
from portal.models.leave import LeaveEntry, LeaveLot
from portal.models.mail import OutboxMail
from portal.models.people import Municipality, Policy, policy_books
from portal.models.work_patterns import EmploymentPattern, PatternDay
from portal.queries.leave import balances, booked_of
from portal.queries.people import employments_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused, whole
from tests.leave import agreed, drafted, left, read, withdrawn
from tests.leave_on_paper import FIRST, HORIZON, NATIONAL, Naive


@dataclass(frozen=True)
class Asks:
    begins: int
    length: int
    part: str


@dataclass(frozen=True)
class Decides:
    which: int
    how: str


@dataclass(frozen=True)
class Closes:
    day: int


@dataclass(frozen=True)
class Withdraws:
    """Some days of leave that was approved: those whose bit is set."""

    which: int
    days: int


@dataclass(frozen=True)
class Frees:
    """The job gives back what is booked on closing days."""


STEPS = st.lists(
    st.one_of(
        st.builds(Asks, st.integers(0, HORIZON), st.integers(0, 8), st.sampled_from(["whole", "morning", "afternoon"])),
        st.builds(Decides, st.integers(0, 9), st.sampled_from(["approve", "approve", "reject", "withdraw", "return"])),
        st.builds(Closes, st.integers(0, HORIZON)),
        st.builds(Withdraws, st.integers(0, 9), st.integers(1, 511)),
        st.builds(Frees),
    ),
    max_size=14,
)
WEEKS = st.lists(st.sampled_from([0, 0, 241, 432, 480, 540]), min_size=5, max_size=5).filter(any).map(
    lambda days: (*days, 0, 0)
)  # fmt: skip


@pytest.fixture
def anew(world: World, cast: Cast) -> Any:
    """A transaction of which nothing stays: each example begins with the same people and no leave."""

    def begin() -> Iterator[Session]:
        with world.db.session() as session:
            yield session
            session.rollback()

    return begin


def stock(session: Session, cast: Cast, week: tuple[int, ...], scarce: int) -> Naive:
    """Anna works so, got this year's and next year's hours, and used all of this year's but `scarce` minutes each."""
    employment = employments_of(session, cast.people["anna"])[0]
    pattern = EmploymentPattern(
        employment_id=employment.id, valid_from=date(2026, 1, 1), weeks=1, anchor=date(2025, 12, 29),
        set_at=cast.world.clock.now(),
    )  # fmt: skip
    session.add(pattern)
    session.flush()
    session.add_all(PatternDay(pattern_id=pattern.id, day=day, minutes=each) for day, each in enumerate(week) if each)
    agreed(session, cast)
    grant_yearly(session, employment.unit.municipality_id, cast.world.clock.now(), [employment.person_id])
    for (kind, year), minutes in left(session, cast).items():
        if year == 2026 and minutes > scarce:
            lot = next(
                one.lot for one in balances(session, employment.person_id, date(2026, 12, 1), cast.world.clock.now())
                if (one.lot.kind, one.lot.valid_from.year) == (kind, year)
            )  # fmt: skip
            session.add(
                LeaveEntry(
                    person_id=lot.person_id, municipality_id=lot.municipality_id, lot_id=lot.id, kind=kind, what="burn",
                    minutes=scarce - minutes, day=date(2026, 3, 2), recorded_at=cast.world.clock.now(),
                )
            )  # fmt: skip
    session.flush()
    return Naive(week, left(session, cast))


def taken(session: Session, cast: Cast) -> dict[tuple[int, date, str, str, int], int]:
    """What requests hold now by request, day, part and lot, as the ledger has it."""
    rows = session.execute(
        select(
            LeaveEntry.case_id, LeaveEntry.day, LeaveEntry.part, LeaveLot.kind, LeaveLot.valid_from,
            func.sum(LeaveEntry.minutes),
        )
        .join(LeaveLot, LeaveLot.id == LeaveEntry.lot_id)
        .where(LeaveEntry.case_id.is_not(None), LeaveEntry.person_id == cast.people["anna"])
        .group_by(LeaveEntry.case_id, LeaveEntry.day, LeaveEntry.part, LeaveLot.kind, LeaveLot.valid_from)
    )  # fmt: skip
    return {(row[0], row[1], row[2], row[3], row[4].year): -int(row[5]) for row in rows if row[5]}


def expected(naive: Naive) -> Mapping[Any, int]:
    return {
        (case_id, day, part, lot[0], lot[1]): minutes
        for case_id, shares in naive.held.items()
        for day, part, lot, minutes in shares
    }


@given(WEEKS, st.sampled_from([0, 100, 700, 3000]), STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_ledger_equals_a_recount_minute_by_minute(
    world: World, cast: Cast, anew: Any, week: tuple[int, ...], scarce: int, steps: list[Any]
) -> None:
    for session in anew():
        naive = stock(session, cast, week, scarce)
        requests: list[tuple[int, Asks]] = []
        for number, step in enumerate(steps):
            match step:
                case Asks():
                    case_id = ask(session, cast, naive, step, f"ask{number}")
                    requests += [(case_id, step)] if case_id else []
                case Decides() if requests:
                    decide(session, cast, naive, requests[step.which % len(requests)], step.how)
                case Withdraws() if requests:
                    withdraw(session, cast, naive, requests[step.which % len(requests)][0], step.days)
                case Frees():
                    free(session, cast, naive, [case_id for case_id, _ in requests])
                case Closes(day):
                    naive.closed.add(FIRST + timedelta(days=day))
                    row = session.get_one(Municipality, cast.municipalities["waterveen"])
                    row.closing_days = {one.isoformat(): "Sluitingsdag" for one in naive.closed}
                    session.flush()
                    session.expire_all()
            assert left(session, cast) == naive.left
            assert taken(session, cast) == expected(naive)
        on_paper(session, cast)
        end(session, cast, naive)


def withdraw(session: Session, cast: Cast, naive: Naive, case_id: int, bits: int) -> None:
    """Withdraw some days of leave that was approved. All are to come, so their hours are back at once."""
    case = whole(session, case_id)
    booked = sorted({one.day for one in booked_of(session, case_id)}) if case.state == "granted" else []
    days = {day for place, day in enumerate(booked) if bits >> place & 1}
    if days:
        assert withdrawn(session, cast, case, *(day.isoformat() for day in days)).state == "granted"
        naive.give_back(case_id, days)


def free(session: Session, cast: Cast, naive: Naive, requests: list[int]) -> None:
    """Run the job twice: what was approved for days that turned out closed comes back once."""
    place, now = session.get_one(Municipality, cast.municipalities["waterveen"]), cast.world.clock.now()
    for _ in range(2):
        for case_id, days in cases_on_free_days(session, place, now.date()).items():
            give_back_free_days(session, case_id, days, now)
    for case_id in requests:
        if whole(session, case_id).state == "granted":
            naive.give_back(case_id, naive.closed | NATIONAL)


def end(session: Session, cast: Cast, naive: Naive) -> None:
    """Years end: people were told, what is left is proposed and lapses; late, and more than once, that is the same."""
    place = cast.municipalities["waterveen"]
    session.add(Policy(key="leave_notice_days", value="400", valid_from=date(2026, 1, 1), source="test"))
    session.flush()
    policy_books(session).clear()
    told = datetime(2027, 6, 1, 9, tzinfo=UTC)
    for _ in range(2):
        leave_lapse.notify(session, place, told)
    session.execute(update(OutboxMail).where(OutboxMail.letter == "leave_ends").values(sent_at=told))
    for at in (datetime(2028, 2, 1, 9, tzinfo=UTC), datetime(2028, 2, 1, 9, tzinfo=UTC)):
        leave_lapse.propose(session, place, at)
        mine = [one for one in leave_lapse.waiting_in(session, place) if one.person_id == cast.people["anna"]]
        if mine:
            leave_lapse.approve(session, cast.viewer(session, "carla"), mine, at)
        naive.lapse(at.date())
        assert left(session, cast) == naive.left


def span(step: Asks) -> tuple[date, date]:
    first = FIRST + timedelta(days=step.begins)
    return first, first + timedelta(days=step.length)


def ask(session: Session, cast: Cast, naive: Naive, step: Asks, key: str) -> int:
    """Ask for leave; the number of the request when it was taken in, and nothing when both refuse it."""
    first, last = span(step)
    case = drafted(session, cast, key=key)
    content, problems = read(session, cast, case, first=first.isoformat(), last=last.isoformat(), first_part=step.part)
    why = naive.take(case.id, first, last, step.part)
    assert {one.code for one in problems} == ({why} if why else set())
    if problems:
        return 0
    cast.act(session, "anna", case, "submit", content=content)
    assert content["minutes"] == sum(minutes for *_, minutes in naive.held[case.id])
    return int(case.id)


def decide(session: Session, cast: Cast, naive: Naive, request: tuple[int, Asks], how: str) -> None:
    case_id, step = request
    case = whole(session, case_id)
    if case.state != "submitted":
        return
    if how != "approve":
        cast.act(session, "anna" if how == "withdraw" else "bram", case, how, reason="Kan niet")
        naive.let_go(case_id)
        return
    why = naive.decide(case_id, *span(step), step.part)
    if why:
        assert refused(lambda: cast.act(session, "bram", case, "approve")) == {why}
    else:
        cast.act(session, "bram", case, "approve")


def on_paper(session: Session, cast: Cast) -> None:
    """On any day, as known at any moment, a balance is the sum of the entries that were there: read row by row."""
    rows = session.scalars(select(LeaveEntry).where(LeaveEntry.person_id == cast.people["anna"])).all()
    now = cast.world.clock.now()
    for on in (date(2026, 1, 1), date(2026, 12, 28), date(2027, 1, 15), date(2029, 1, 1)):
        for known in (now - timedelta(days=1), now):
            for one in balances(session, cast.people["anna"], on, known):
                mine = [e for e in rows if e.lot_id == one.lot.id and e.day <= on and e.recorded_at <= known]
                assert one.free == sum(e.minutes for e in mine)
                assert one.reserved == -sum(e.minutes for e in mine if e.what in ("reserve", "release"))


@given(
    WEEKS,
    st.lists(st.builds(Asks, st.integers(0, HORIZON), st.integers(0, 6), st.just("whole")), min_size=2, max_size=3),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_approvals_does_not_matter(
    world: World, cast: Cast, anew: Any, week: tuple[int, ...], wanted: list[Asks]
) -> None:
    outcomes = set()
    for order in permutations(range(len(wanted))):
        for session in anew():
            stock(session, cast, week, 700)
            made = []
            for number, step in enumerate(wanted):
                first, last = span(step)
                case = drafted(session, cast, key=f"w{number}")
                content, problems = read(session, cast, case, first=first.isoformat(), last=last.isoformat())
                if not problems:
                    cast.act(session, "anna", case, "submit", content=content)
                made.append(0 if problems else case.id)
            for place in order:
                if made[place]:
                    cast.act(session, "bram", whole(session, made[place]), "approve")
            outcomes.add(tuple(sorted(left(session, cast).items())))
            assert session.scalar(select(func.count()).select_from(Case).where(Case.state == "submitted")) == 0
    assert len(outcomes) == 1


@given(WEEKS, WEEKS, st.integers(1, 11), st.lists(st.integers(0, 500), max_size=4))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_grants_that_come_late_or_twice_change_nothing(
    world: World, cast: Cast, anew: Any, week: tuple[int, ...], later: tuple[int, ...], month: int, runs: list[int]
) -> None:
    def entered(at_moments: list[datetime]) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        for session in anew():
            employment = employments_of(session, cast.people["anna"])[0]
            agreed(session, cast)
            for days, first in ((week, date(2026, 1, 1)), (later, date(2026, month + 1, 1))):
                pattern = EmploymentPattern(
                    employment_id=employment.id, valid_from=first, weeks=1, anchor=date(2025, 12, 29),
                    set_at=world.clock.now(),
                )  # fmt: skip
                session.add(pattern)
                session.flush()
                session.add_all(
                    PatternDay(pattern_id=pattern.id, day=day, minutes=each) for day, each in enumerate(days) if each
                )
                session.flush()
            for at in at_moments:
                grant_yearly(session, employment.unit.municipality_id, at, [employment.person_id])
            rows = session.execute(
                select(LeaveEntry.kind, LeaveEntry.what, LeaveEntry.day, LeaveEntry.minutes)
                .where(LeaveEntry.day < date(2027, 1, 1), LeaveEntry.person_id == employment.person_id)
                .order_by(LeaveEntry.day, LeaveEntry.kind)
            )
            found = [tuple(row) for row in rows]
        return found

    start = datetime(2026, 1, 1, 3, tzinfo=world.clock.now().tzinfo)
    moments = [start + timedelta(days=days) for days in sorted(runs)]
    assert entered([start]) == entered([*moments, start + timedelta(days=500), start + timedelta(days=500)])
