"""What is behind a figure: the cases and questions that were counted, what threatens to be late, and how a case went.

No names: who watches over a municipality sees that a case was late and where it lay, never whose it is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload

from portal.clock import end_of_day, local_date
from portal.models.cases import Case
from portal.models.indicators import IndicatorFact
from portal.queries.indicators import CASE, Definitions, Version, histories
from portal.queries.people import calendar_of
from workflows.indicators import LEFT_OUT, NO, SMALL, YES, Measure
from workflows.judging import Stay, whose
from workflows.periods import month

Fact = IndicatorFact
GROUPS = (NO, YES, *LEFT_OUT)
PAGE = 50


def _of(known: Definitions, version: Version, group: str, first: date, last: date) -> ColumnElement[bool]:
    """Which facts are behind a group of a figure in a period."""
    begin, end = end_of_day(first - timedelta(days=1)), end_of_day(last)
    if version.indicator.measure is Measure.OVERDUE:
        ids = [one.id for one in known.versions(version.indicator.of)]
        open_then = or_(Fact.stopped_at.is_(None), Fact.stopped_at > end)
        return and_(Fact.version_id.in_(ids), Fact.outcome == NO, Fact.judged_at <= end, open_then)
    return and_(
        Fact.version_id == version.id, Fact.outcome == group, Fact.judged_at > begin, Fact.judged_at <= end
    )  # fmt: skip


@dataclass(frozen=True)
class Behind:
    """Facts behind a figure, and after which the next page begins; None on the last."""

    facts: Sequence[IndicatorFact]
    after: int | None


def behind(session: Session, known: Definitions, version: Version, places: Collection[int], group: str, first: date,
           last: date, after: int = 0, limit: int | None = PAGE) -> Behind:  # fmt: skip
    """The facts behind a group of a figure, in the order in which they were counted; all of them without a limit."""
    query = (
        select(Fact)
        .where(_of(known, version, group, first, last), Fact.municipality_id.in_(places))
        .order_by(Fact.judged_at, Fact.id)
    )
    if after and (last_seen := session.get(Fact, after)) is not None and last_seen.judged_at is not None:
        query = query.where(tuple_(Fact.judged_at, Fact.id) > (last_seen.judged_at, last_seen.id))
    if limit is None:
        return Behind(session.scalars(query).all(), None)
    found = session.scalars(query.limit(limit + 1)).all()
    return Behind(found[:limit], found[limit - 1].id if len(found) > limit else None)


@dataclass(frozen=True)
class Threat:
    """What becomes late by a day if nobody does anything: how many of a version, and which first."""

    version: Version
    count: int
    first: Sequence[IndicatorFact]


def threats(session: Session, known: Definitions, places: Collection[int], until: datetime,
            first: int = 5) -> Sequence[Threat]:  # fmt: skip
    """By version, with the most urgent: what is open and whose term ends by then. Two queries."""
    ending = and_(Fact.outcome == "", Fact.due_at <= until, Fact.municipality_id.in_(places))
    counts = session.execute(select(Fact.version_id, func.count()).where(ending).group_by(Fact.version_id)).all()
    place = func.row_number().over(partition_by=Fact.version_id, order_by=(Fact.due_at, Fact.id)).label("place")
    ranked = select(Fact.id, place).where(ending).subquery()
    chosen = select(Fact).join(ranked, ranked.c.id == Fact.id).where(ranked.c.place <= first).order_by(Fact.due_at)
    urgent = session.scalars(chosen).all() if counts else []
    found = [
        Threat(known.by_id[one], count, [fact for fact in urgent if fact.version_id == one])
        for one, count in counts if one in known.by_id
    ]  # fmt: skip
    return sorted(found, key=lambda threat: -threat.count)


@dataclass(frozen=True)
class Lay:
    """A time in which a case was in one state, with whom, and how long in working days."""

    stay: Stay
    party: str
    days: float


@dataclass(frozen=True)
class Course:
    """How a case went, and what each indicator says of it."""

    case: Case
    lays: Sequence[Lay]
    facts: Sequence[IndicatorFact]


def course(session: Session, known: Definitions, number: str, places: Collection[int] | None,
           at: datetime) -> Course | None:  # fmt: skip
    """How a case of these municipalities went; None if there is no such case, or nothing is counted of it.

    Of what points at a person in a month of a few, each by its number would tell what the figure of that month hides.
    """
    query = select(Case).where(Case.number == number).options(joinedload(Case.municipality))
    case = session.scalars(query).first()
    if case is None or (places is not None and case.municipality_id not in places):
        return None
    facts = session.scalars(
        select(Fact).where(Fact.kind == CASE, Fact.subject_id == case.id).order_by(Fact.version_id, Fact.nth)
    ).all()
    if not facts or any(known.by_id[fact.version_id].indicator.personal and _few(session, fact) for fact in facts):
        return None
    one, hours = next(iter(histories(session, [case.id]))), calendar_of(case.municipality)
    lays = [
        Lay(stay, whose(stay.state, one.history.case_type),
            hours.office_days(hours.office_hours_between(stay.since, stay.until or at)))
        for stay in one.history.stays
    ]  # fmt: skip
    return Course(case, lays, facts)


def _few(session: Session, fact: IndicatorFact) -> bool:
    """Whether this counts in a month of its municipality that is hidden as there is so little of it."""
    if fact.judged_at is None or fact.outcome not in (YES, NO):
        return False
    when = month(local_date(fact.judged_at))
    begin, end = end_of_day(when.first - timedelta(days=1)), end_of_day(when.last)
    counted = session.scalar(
        select(func.count()).where(
            Fact.version_id == fact.version_id, Fact.municipality_id == fact.municipality_id,
            Fact.outcome.in_((YES, NO)), Fact.judged_at > begin, Fact.judged_at <= end,
        )
    )  # fmt: skip
    return (counted or 0) < SMALL


def row_of(fact: IndicatorFact) -> list[Any]:
    """A fact as a row of a file."""
    return [fact.number, fact.case_type, fact.started_at, fact.due_at, fact.stopped_at, fact.outcome]
