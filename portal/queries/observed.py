"""What happened in the cases of a period, one case after the other, and by whom and when work is done: to measure by.

Streams: however many events there are, a handful is held at a time. Needs a session that stands still (`snapshot`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from portal.access import Role
from portal.clock import end_of_day, local
from portal.db import overlaps
from portal.models.cases import Case
from portal.models.events import NOTES, CaseEvent
from portal.models.payments import PaymentBatch
from portal.models.people import Municipality, RoleGrant
from workflows import CASE_TYPES

AT_A_TIME = 2_000
COUNTED = tuple(key for key, case_type in CASE_TYPES.items() if case_type.absent is None)


@dataclass(frozen=True, slots=True)
class Happened:
    """One step: from where to where, from when it could be taken, when work on it began and when it was done."""

    action: str
    before: str
    after: str
    enabled: datetime
    started: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Course:
    """A case with its steps in order. Steps that leave it where it is are among them, what was only added is not."""

    number: str
    type: str
    municipality: str
    cents: int
    received: datetime
    steps: Sequence[Happened]


def _within(places: Collection[int] | None) -> ColumnElement[bool]:
    """The cases of these municipalities; none of a type of absence, as those are about somebody's health."""
    here = true() if places is None else Case.municipality_id.in_(places)
    return and_(here, Case.type.in_(COUNTED))


def courses(session: Session, places: Collection[int] | None, begin: datetime, end: datetime, *,
            open_at: datetime | None = None) -> Iterator[Course]:  # fmt: skip
    """The cases that came in from `begin` up to `end`, with what happened in them up to `end`.

    With `open_at` only those that were open at that moment, whenever they came in.
    """
    there = [_within(places), Case.received_at >= begin, Case.received_at < end, CaseEvent.at < end]
    if open_at is not None:
        there.append(or_(Case.closed_at.is_(None), Case.closed_at > open_at))
    query = (
        select(Case.id, Case.number, Case.type, Municipality.code.label("place"), Case.claimed_cents, Case.received_at,
               CaseEvent.action, CaseEvent.from_state, CaseEvent.to_state, CaseEvent.enabled_at, CaseEvent.started_at,
               CaseEvent.at)
        .join(CaseEvent, CaseEvent.case_id == Case.id)
        .join(Municipality, Municipality.id == Case.municipality_id)
        .where(*there, CaseEvent.action.not_in(NOTES))
        .order_by(CaseEvent.case_id, CaseEvent.id)
        .execution_options(yield_per=AT_A_TIME)
    )  # fmt: skip
    found = session.execute(query)
    try:
        for _, rows in groupby(found, key=attrgetter("id")):
            steps = list(rows)
            first = steps[0]
            yield Course(
                first.number or "", first.type, first.place, first.claimed_cents, first.received_at,
                [Happened(row.action, row.from_state, row.to_state, row.enabled_at, row.started_at, row.at)
                 for row in steps],
            )  # fmt: skip
    finally:
        found.close()  # also when nobody wants the rest


def first_received(session: Session, places: Collection[int] | None) -> datetime | None:
    """When the first case came in that is still here."""
    found: datetime | None = session.scalar(
        select(Case.received_at)
        .where(_within(places), Case.received_at.is_not(None))
        .order_by(Case.received_at)
        .limit(1)
    )
    return found


def staff(session: Session, places: Collection[int] | None, on: date) -> Mapping[str, int]:
    """How many people hold each role of the SSC on a day, for one of these municipalities or for all."""
    here = true() if places is None else or_(
        RoleGrant.municipality_id.is_(None), RoleGrant.municipality_id.in_(places)
    )  # fmt: skip
    query = (
        select(RoleGrant.role, func.count(RoleGrant.person_id.distinct()))
        .where(here, RoleGrant.role.in_((Role.CLERK.value, Role.TREASURER.value)),
               overlaps(on, RoleGrant.valid_from, RoleGrant.valid_to))
        .group_by(RoleGrant.role)
    )  # fmt: skip
    return {row[0]: row[1] for row in session.execute(query)}


@dataclass(frozen=True)
class PaymentRuns:
    """On which days of the week batches were released, from Monday, and at what times, as counted over a period."""

    weekdays: Mapping[int, int]
    minutes: Sequence[int]
    """Minutes after midnight in the Netherlands, in order."""
    places: int
    """How many municipalities paid."""


def payment_runs(session: Session, places: Collection[int] | None, begin: datetime, end: datetime) -> PaymentRuns:
    """When batches were really released."""
    here = true() if places is None else PaymentBatch.municipality_id.in_(places)
    query = select(PaymentBatch.released_at, PaymentBatch.municipality_id).where(
        and_(here, PaymentBatch.released_at >= begin, PaymentBatch.released_at < end)
    )
    found = [(local(at), place) for at, place in session.execute(query)]
    return PaymentRuns(
        Counter(at.weekday() for at, _ in found), sorted(at.hour * 60 + at.minute for at, _ in found),
        len({place for _, place in found}),
    )  # fmt: skip


def period(session: Session, places: Collection[int] | None, today: date, days: int = 365) -> tuple[date, date] | None:
    """The last so many days up to yesterday, from the first case on; None when nothing came in yet."""
    first = first_received(session, places)
    if first is None:
        return None
    last = today - timedelta(days=1)
    begin = max(local(first).date(), last - timedelta(days=days - 1))
    return (begin, last) if begin <= last else None


def moments(first: date, last: date) -> tuple[datetime, datetime]:
    """From which moment up to which a period of days runs."""
    return end_of_day(first - timedelta(days=1)), end_of_day(last)
