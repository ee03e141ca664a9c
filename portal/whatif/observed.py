"""What happened in the portal itself, as the simulation sees it: the cases of a period, and what holds around them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.calendar import municipal_closing_days
from portal.clock import end_of_day
from portal.models.people import Municipality
from portal.queries.observed import Course, PaymentRuns, courses, moments, payment_runs, staff
from portal.queries.people import policies_of
from portal.whatif.calibrate import Known, calibrate
from portal.whatif.inputs import Input, assumed, measured
from portal.whatif.model import Model, Note
from portal.whatif.traces import Trace, Visit
from workflows import CASE_TYPES
from workflows.parties import APPROVER, CLERK, INITIATOR, N_, SYSTEM, TREASURER

ROUTED = (
    "sampling_limit_cents", "sampling_period_cents", "sampling_period_days", "sampling_percent",
    "sampling_percent_failed", "pay_days_before",
)  # fmt: skip
"""The policies by which a case takes another way, or waits longer."""
AGREED_APART = N_("Municipalities agreed differently on %(what)s: what most of them agreed is used for all.")
NAME = "portal"
PAY_APART = N_("%(count)s municipalities each pay on days of their own: all are paid on the most usual days.")


def traces(session: Session, places: Collection[int] | None, first: date, last: date) -> Iterator[Trace]:
    """The cases that came in on these days, with what happened in them until the end of the last. Streams."""
    begin, end = moments(first, last)
    for course in courses(session, places, begin, end):
        found = trace_of(course)
        if found is not None:
            yield found


def open_now(session: Session, places: Collection[int] | None, today: date) -> Iterator[Trace]:
    """The cases that are open now, whenever they came in. Streams."""
    end = end_of_day(today)
    for course in courses(session, places, end - timedelta(days=3650), end, open_at=end):
        found = trace_of(course)
        if found is not None and found.open:
            yield found


@cache
def _role(case_type: str, state: str) -> str:
    """With whom a case is in this state, in one word; empty for nobody in particular."""
    waits = CASE_TYPES[case_type].state(state).waits_for
    parties = {"clerk": CLERK, "treasurer": TREASURER, "system": SYSTEM, "manager": APPROVER, "employee": INITIATOR}
    return next((name for name, party in parties.items() if waits & party), "")


def trace_of(course: Course) -> Trace | None:
    """A case as its stays: from that it came in, without steps that leave it where it is. None when none is left.

    That work began when it was done says only that nobody noted when it began.
    """
    case_type = CASE_TYPES.get(course.type)
    if case_type is None:
        return None
    visits, since, here = [], course.received, ""
    for step in course.steps:
        if step.at < course.received or step.before == step.after:
            continue
        started = step.started if since <= step.started < step.at else None
        visits.append(Visit(step.before, step.action, since, started, step.at, role=_role(course.type, step.before)))
        since, here = step.at, step.after
    if not visits:
        return None
    is_open = case_type.state(here).result is None
    if is_open:
        visits.append(Visit(here, "", since, None, None, role=_role(course.type, here)))
    return Trace(course.number, course.type, course.municipality, course.cents, tuple(visits), is_open)


@dataclass(frozen=True)
class Around:
    """What holds around the cases: who works at it, what was agreed, when is paid, and when offices are closed.

    `warnings` is where it had to be made simpler than it is.
    """

    staff: Mapping[str, Input[int]]
    policies: Mapping[str, Input[str]]
    weekdays: Input[tuple[int, ...]]
    released_at: Input[int]
    closed: tuple[date, ...]
    warnings: tuple[Note, ...]


def around(session: Session, places: Collection[int] | None, first: date, last: date, today: date) -> Around:
    """What holds today, and when payments were really released in the period."""
    begin, end = moments(first, last)
    people = staff(session, places, today)
    runs = payment_runs(session, places, begin, end)
    policies, differing = _policies(session, places, today)
    days = sorted(day for year in range(first.year, today.year + 3) for day in municipal_closing_days(year))
    differs = (Note(PAY_APART, {"count": str(runs.places)}),) if runs.places > 1 else ()
    return Around(
        {role: measured(count, count) for role, count in people.items()}, policies, payment_days(runs, first, last),
        _released(runs), tuple(days), (*(Note(AGREED_APART, {"what": key}) for key in differing), *differs),
    )  # fmt: skip


def payment_days(runs: PaymentRuns, first: date, last: date) -> Input[tuple[int, ...]]:
    """The days of the week on which is paid: as many as a municipality has runs in a week, the usual ones first."""
    total, weeks = sum(runs.weekdays.values()), max(((last - first).days + 1) / 7, 1)
    if not total:
        return assumed((0, 1, 2, 3, 4))
    often = min(max(round(total / runs.places / weeks), 1), 5)
    usual = sorted(range(5), key=lambda day: (-runs.weekdays.get(day, 0), day))[:often]
    return measured(tuple(sorted(usual)), total)


def _released(runs: PaymentRuns) -> Input[int]:
    """The minute of the day at which batches are released: the middle one."""
    minutes = runs.minutes
    return measured(minutes[len(minutes) // 2], len(minutes)) if minutes else assumed(15 * 60)


def _policies(session: Session, places: Collection[int] | None, today: date) -> tuple[dict[str, Input[str]], list[str]]:
    """What most municipalities agreed on, by key, with how many did; and the keys of which they think differently."""
    query = select(Municipality.id).order_by(Municipality.id)
    mine = [one for one in session.scalars(query) if places is None or one in places]
    books = [policies_of(session, one) for one in mine]
    found: dict[str, Input[str]] = {}
    differing = []
    for key in ROUTED:
        values = [held.value if (held := book.at(key, today)) else "" for book in books]
        if not any(values):
            continue
        most = max(sorted(set(values)), key=values.count)
        found[key] = measured(most or "0", values.count(most))
        differing += [key] if len(set(values)) > 1 else []
    return found, differing


def measured_model(found: Iterator[Trace], holds: Around, first: date, last: date) -> Model:
    """The process as it was measured on these days, with what holds around it."""
    known = Known(holds.staff, holds.policies, holds.weekdays, holds.released_at, holds.closed)
    model = calibrate(found, name=NAME, first=first, last=last, known=known)
    return replace(model, warnings=(*model.warnings, *holds.warnings))
