"""Definitions of indicators, the histories they are counted from, and the counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.clock import end_of_day, local_date
from portal.models.cases import Case
from portal.models.contact import Contact, ContactEntry, ContactQuestion
from portal.models.events import CaseEvent
from portal.models.indicators import NOWHERE, IndicatorFact, IndicatorMark, IndicatorMonth, IndicatorVersion
from workflows import CASE_TYPES
from workflows.indicators import Indicator, read
from workflows.judging import Entry, History

CASE, QUESTION, SCORE = "case", "question", "score"
"""What a fact is of."""
MADE_GOOD = "made_good"
STATES: Mapping[str, tuple[str, ...]] = {
    key: tuple(state.key for state in case_type.states) for key, case_type in CASE_TYPES.items()
}


@dataclass(frozen=True)
class Version:
    """One version of a definition, read."""

    id: int
    version: int
    municipality_id: int | None
    valid_from: date
    valid_to: date | None
    """Its last day; None where no later version is known."""
    indicator: Indicator


class Definitions:
    """All versions of all indicators, in the order in which the indicators were first defined."""

    def __init__(self, rows: Sequence[IndicatorVersion]) -> None:
        self._rows: dict[str, list[Version]] = {}
        for row in sorted(rows, key=lambda row: row.id):
            self._rows.setdefault(row.key, [])
        for row in sorted(rows, key=lambda row: (row.valid_from, row.id)):
            later = [one.valid_from for one in rows if one.key == row.key and one.municipality_id == row.municipality_id
                     and one.valid_from > row.valid_from]  # fmt: skip
            last = date.fromordinal(min(later).toordinal() - 1) if later else None
            self._rows[row.key].append(
                Version(row.id, row.version, row.municipality_id, row.valid_from, last, read(row.definition, STATES))
            )
        self.by_id = {one.id: one for versions in self._rows.values() for one in versions}

    @property
    def keys(self) -> tuple[str, ...]:
        """Every indicator."""
        return tuple(self._rows)

    def versions(self, key: str) -> Sequence[Version]:
        """The versions of an indicator, the oldest first."""
        return self._rows.get(key, ())

    def at(self, key: str, municipality_id: int | None, day: date) -> Version | None:
        """The version that holds for what came in on a day: the municipality's own before that of all."""
        found = None
        for one in self._rows.get(key, ()):
            if one.valid_from > day or one.municipality_id not in (None, municipality_id):
                continue
            if found is None or found.municipality_id is None or one.municipality_id is not None:
                found = one
        return found


def definitions(session: Session) -> Definitions:
    """Every version that there is. One query."""
    return Definitions(session.scalars(select(IndicatorVersion)).all())


@dataclass(frozen=True)
class CaseHistory:
    """A case with all that its indicators look at."""

    id: int
    number: str
    municipality_id: int
    history: History


COLUMNS = (Case.id, Case.number, Case.type, Case.municipality_id, Case.received_at)


def histories(session: Session, ids: Collection[int]) -> Iterator[CaseHistory]:
    """What happened in these cases, as far as they were handed in. Three queries."""
    moves: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    steps = (
        select(CaseEvent.case_id, CaseEvent.to_state, CaseEvent.at)
        .where(CaseEvent.case_id.in_(ids), CaseEvent.from_state != CaseEvent.to_state)
        .order_by(CaseEvent.case_id, CaseEvent.id)
    )
    for case_id, to, at in session.execute(steps):
        moves[case_id].append((to, at))
    credits = _credit_notes(session, ids)
    for row in session.execute(select(*COLUMNS).where(Case.id.in_(ids), Case.received_at.is_not(None))):
        history = History(CASE_TYPES[row.type], row.received_at, tuple(moves[row.id]), row.id in credits)
        yield CaseHistory(row.id, row.number or "", row.municipality_id, history)


def _credit_notes(session: Session, ids: Collection[int]) -> frozenset[int]:
    """Which of these are credit notes: their content says so, of the kinds of case in which it can."""
    kinds = [key for key, case_type in CASE_TYPES.items() if case_type.late_costs]
    rows = session.execute(select(Case.id, Case.type, Case.content).where(Case.id.in_(ids), Case.type.in_(kinds)))
    return frozenset(row.id for row in rows if CASE_TYPES[row.type].facts(row.content).credit)


@dataclass(frozen=True)
class QuestionHistory:
    """A question to the SSC with what was done about it."""

    id: int
    municipality_id: int
    asked: datetime
    entries: Sequence[Entry]


def questions(session: Session, ids: Collection[int]) -> Iterator[QuestionHistory]:
    """What happened with these questions. Two queries."""
    entries: dict[int, list[Entry]] = defaultdict(list)
    done = select(ContactEntry).where(ContactEntry.question_id.in_(ids)).order_by(ContactEntry.at, ContactEntry.id)
    for one in session.scalars(done):
        entries[one.question_id].append(Entry(one.kind, one.at, one.about))
    asked = (
        select(ContactQuestion.id, Contact.municipality_id, Contact.at)
        .join(Contact, Contact.id == ContactQuestion.contact_id)
        .where(ContactQuestion.id.in_(ids))
    )
    for row in session.execute(asked):
        yield QuestionHistory(row.id, row.municipality_id or NOWHERE, row.at, entries[row.id])


@dataclass(frozen=True, slots=True)
class Count:
    """How many, and their amounts together."""

    count: int = 0
    amount: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.count + other.count, self.amount + other.amount)


Key = tuple[int, int, date, str]
"""A version, a municipality, the first day of a month, and an outcome."""
Counts = Mapping[Key, Count]


def month_of(at: datetime) -> date:
    """The first day of the month in the Netherlands."""
    return local_date(at).replace(day=1)


def by_month(session: Session, first: date | None = None, last: date | None = None) -> Counts:
    """The sums of whole months, from and up to and including these; all of them without. One query."""
    rows = select(IndicatorMonth)
    if first is not None:
        rows = rows.where(IndicatorMonth.month >= first)
    if last is not None:
        rows = rows.where(IndicatorMonth.month <= last)
    table = IndicatorMonth.__table__.c
    plain = rows.with_only_columns(*table)
    return {
        (version, place, month, outcome): Count(count, amount)
        for version, place, month, outcome, count, amount in session.execute(plain)
    }


def recounted(session: Session, first: date, last: date) -> Counts:
    """The same counted anew from the facts, for any days: under the month of the first of them. Two queries."""
    begin, end = end_of_day(date.fromordinal(first.toordinal() - 1)), end_of_day(last)
    fact = IndicatorFact
    found: dict[Key, Count] = {}
    judged = (
        select(fact.version_id, fact.municipality_id, fact.outcome, func.count(), func.sum(fact.amount))
        .where(fact.judged_at > begin, fact.judged_at <= end)
        .group_by(fact.version_id, fact.municipality_id, fact.outcome)
    )  # fmt: skip
    good = (
        select(fact.version_id, fact.municipality_id, func.count())
        .where(fact.outcome == "no", fact.stopped_at > begin, fact.stopped_at <= end)
        .group_by(fact.version_id, fact.municipality_id)
    )
    for version, place, outcome, count, amount in session.execute(judged):
        found[version, place, first, outcome] = Count(count, int(amount))
    for version, place, count in session.execute(good):
        found[version, place, first, MADE_GOOD] = Count(count)
    return found


def mark(session: Session) -> IndicatorMark | None:
    """Up to where was counted."""
    return session.get(IndicatorMark, 1)
