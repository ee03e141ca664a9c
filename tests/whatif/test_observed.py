"""What happened in the portal as the simulation sees it: stays from receipt on, staff, payment days, no illness."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from portal.clock import FixedClock
from portal.models.cases import Case
from portal.queries.observed import Course, Happened, PaymentRuns, courses, moments, period
from portal.whatif.inputs import Basis
from portal.whatif.observed import around, open_now, payment_days, trace_of, traces
from portal.worlds import World
from tests.cast import Cast
from tests.conftest import TUESDAY

MINUTE = timedelta(minutes=1)


def step(action: str, before: str, after: str, at: int, started: int | None = None) -> Happened:
    moment = TUESDAY + at * MINUTE
    began = moment if started is None else TUESDAY + started * MINUTE
    return Happened(action, before, after, TUESDAY, began, moment)


def course(*steps: Happened, kind: str = "expense_claim") -> Course:
    return Course("DEC-1", kind, "waterveen", 1250, TUESDAY, steps)


def test_a_course_is_told_as_stays_without_what_left_it_where_it_was() -> None:
    trace = trace_of(course(
        step("submit", "draft", "submitted", 0), step("reroute", "submitted", "submitted", 10),
        step("approve", "submitted", "approved", 60), step("check", "approved", "payable", 100, started=92),
    ))  # fmt: skip
    assert trace is not None
    assert trace.open
    assert trace.ended is None
    assert trace.begun == TUESDAY
    assert [(one.state, one.action, one.role) for one in trace.visits] == [
        ("draft", "submit", "employee"), ("submitted", "approve", "manager"), ("approved", "check", "clerk"),
        ("payable", "", "treasurer"),
    ]  # fmt: skip
    assert trace.visits[1].started is None  # nobody noted when work on it began
    check = trace.visits[2]
    assert check.started is not None
    assert check.completed is not None
    assert check.completed - check.started == 8 * MINUTE
    # Each stay begins where the one before it ended.
    assert all(one.completed == later.enabled for one, later in zip(trace.visits, trace.visits[1:], strict=False))


def test_what_was_typed_before_receipt_is_no_part_of_it_and_an_unknown_kind_is_none() -> None:
    early = step("propose", "draft", "confirming", -500)
    ended = course(early, step("submit", "confirming", "submitted", 0), step("reject", "submitted", "rejected", 9))
    trace = trace_of(ended)
    assert trace is not None
    assert [one.action for one in trace.visits] == ["submit", "reject"]
    assert not trace.open
    assert trace_of(course(early)) is None
    assert trace_of(course(early, kind="teapot")) is None


@pytest.mark.parametrize(
    ("counted", "places", "days"),
    [({1: 30, 3: 22}, 4, (1,)), ({1: 14, 3: 10}, 1, (1, 3)), ({0: 20, 1: 20, 2: 20, 3: 20, 4: 20}, 1, (0, 1, 2, 3, 4))],
)
def test_it_pays_as_often_as_a_municipality_has_runs(counted: Any, places: int, days: tuple[int, ...]) -> None:
    found = payment_days(PaymentRuns(counted, (), places), date(2026, 9, 1), date(2026, 11, 23))  # twelve weeks
    assert (found.value, found.basis, found.n) == (days, Basis.MEASURED, sum(counted.values()))


def test_without_a_batch_every_working_day_is_assumed() -> None:
    days = payment_days(PaymentRuns({}, (), 0), date(2026, 9, 1), date(2026, 11, 23))
    assert (days.value, days.basis) == ((0, 1, 2, 3, 4), Basis.ASSUMED)


def test_the_cases_of_a_period_with_who_works_at_them(world: World, cast: Cast) -> None:
    clock = world.clock
    assert isinstance(clock, FixedClock)
    with world.db.transaction() as session:
        paid = cast.payable(session, "anna", key="k1")
        other = cast.submitted(session, "olga", key="k2")
        session.flush()
        ill = cast.submitted(session, "aart", key="k3")
        session.flush()
        session.execute(update(Case).where(Case.id == ill.id).values(type="sickness"))
        numbers, waterveen = (paid.number, other.number), cast.municipalities["waterveen"]
    today = date(2026, 11, 25)
    with world.db.snapshot() as session:
        assert period(session, None, today) == (date(2026, 11, 24), date(2026, 11, 24))
        found = list(traces(session, None, date(2026, 11, 24), date(2026, 11, 24)))
        assert [one.case for one in found] == [*numbers]  # of who is ill nothing is measured
        assert [one.action for one in found[0].visits] == ["submit", "approve", "check", ""]
        assert [one.case for one in traces(session, {waterveen}, date(2026, 11, 24), date(2026, 11, 24))] == [
            numbers[0]
        ]
        assert not list(traces(session, None, date(2026, 11, 25), date(2026, 11, 25)))
        assert [one.case for one in open_now(session, None, today)] == [*numbers]
        begin, end = moments(date(2026, 11, 24), date(2026, 11, 24))
        assert next(courses(session, None, begin, end)).municipality == "waterveen"
        seen = around(session, None, date(2026, 11, 24), date(2026, 11, 24), today)
        assert {role: one.value for role, one in seen.staff.items()} == {"clerk": 2, "treasurer": 1}
        assert seen.weekdays.basis is Basis.ASSUMED
        assert date(2026, 12, 25) in seen.closed
        assert period(session, None, date(2026, 11, 24)) is None  # today is not over
