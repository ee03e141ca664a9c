"""Counting what is agreed, from where it was left off: facts of every case and question, and the sums by month.

Counting is the same whenever and however often it is done: facts follow from what happened alone. Whoever counts holds
the mark, so two at once do not count twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, bindparam, delete, insert, or_, select, text, update
from sqlalchemy.orm import Session

from portal.calendar import OfficeCalendar
from portal.clock import end_of_day
from portal.models.contact import ContactEntry
from portal.models.events import CaseEvent
from portal.models.indicators import NOWHERE, IndicatorFact, IndicatorMark
from portal.models.people import Municipality
from portal.models.satisfaction import Satisfaction
from portal.queries.indicators import (
    CASE,
    MADE_GOOD,
    QUESTION,
    SCORE,
    Count,
    Definitions,
    Key,
    Version,
    definitions,
    histories,
    month_of,
    questions,
)
from portal.queries.people import calendar_of, national_calendar
from workflows.indicators import NO, YES, Measure
from workflows.judging import Fact, facts_of, facts_of_question
from workflows.satisfaction import CHANGED_FOR

MOST = 20_000
"""Events that are counted in one transaction."""
CHUNK = 1000
AGAIN = timedelta(days=1)
"""For how long what is done about a question is looked at again: it need not come in order."""
TABLE: Any = IndicatorFact.__table__
# Both databases understand this: one statement for all that is to be added, whether there was a sum already or not.
ADD = text(
    "INSERT INTO indicator_month (version_id, municipality_id, month, outcome, count, amount) "
    "VALUES (:version, :place, :month, :outcome, :count, :amount) "
    "ON CONFLICT (version_id, municipality_id, month, outcome) DO UPDATE "
    "SET count = indicator_month.count + excluded.count, amount = indicator_month.amount + excluded.amount"
).bindparams(bindparam("month", type_=Date()))
Named = tuple[int, int, int]
"""A fact: its version, of what it is, and which of those."""


@dataclass
class Caught:
    """How much was counted: cases and questions looked at, facts that changed, and whether more waits."""

    looked_at: int = 0
    changed: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """Of what facts are: where, of which kind of case and with which number."""

    id: int
    kind: str
    place: int
    case_type: str = ""
    number: str = ""


def catch_up(session: Session, at: datetime, most: int = MOST) -> Caught:
    """Count what happened since the last time, up to `most` events. What is past its term by now is late."""
    mark = _held(session)
    caught = Caught()
    places = session.scalars(select(Municipality)).all()
    days = {str(place.id): sorted(place.closing_days) for place in places}
    calendars = {NOWHERE: national_calendar(), **{place.id: calendar_of(place) for place in places}}
    counting = Counting(session, definitions(session), calendars, at, caught)
    events = session.execute(
        select(CaseEvent.id, CaseEvent.case_id).where(CaseEvent.id > mark.event_id).order_by(CaseEvent.id).limit(most)
    ).all()
    counting.cases({case_id for _, case_id in events} | set(_with_other_days(session, mark, days)))
    since = mark.counted_at - AGAIN if mark.counted_at else None
    counting.questions(_touched(session, since))
    counting.scores(mark.counted_at - CHANGED_FOR if mark.counted_at else None)
    counting.ripen()
    counting.write_sums()
    mark.event_id = events[-1].id if events else mark.event_id
    mark.counted_at, mark.closing_days = at, days
    caught.more = len(events) == most
    return caught


def catch_up_fully(session: Session, at: datetime) -> Caught:
    """Count all that waits, in one transaction: for who wants a figure now."""
    whole = Caught()
    while True:
        part = catch_up(session, at)
        whole.looked_at += part.looked_at
        whole.changed += part.changed
        if not part.more:
            return whole


def _held(session: Session) -> IndicatorMark:
    """The mark, held until the transaction ends."""
    mark = session.scalars(select(IndicatorMark).with_for_update()).first()
    if mark is None:
        mark = IndicatorMark(id=1, event_id=0)
        session.add(mark)
        session.flush()
    return mark


def _with_other_days(session: Session, mark: IndicatorMark, closed: Mapping[str, list[str]]) -> Iterator[int]:
    """Cases whose terms may end on another day, as a municipality has other closing days than were counted with."""
    if mark.counted_at is None:
        return
    for place, days in closed.items():
        if changed := set(days) ^ set(mark.closing_days.get(place, ())):
            begins = end_of_day(date.fromisoformat(min(changed)) - timedelta(days=1))
            running = or_(IndicatorFact.stopped_at.is_(None), IndicatorFact.stopped_at > begins)
            yield from session.scalars(
                select(IndicatorFact.subject_id).distinct()
                .where(IndicatorFact.kind == CASE, IndicatorFact.municipality_id == int(place), running)
            )  # fmt: skip


def _touched(session: Session, since: datetime | None) -> Collection[int]:
    """Questions about which something was done."""
    found = select(ContactEntry.question_id).distinct()
    return session.scalars(found if since is None else found.where(ContactEntry.at >= since)).all()


class Counting:
    """Makes the facts of some cases and questions anew, and what of the sums that changes."""

    def __init__(self, session: Session, known: Definitions, calendars: Mapping[int, OfficeCalendar], at: datetime,
                 caught: Caught) -> None:  # fmt: skip
        self._session, self._known, self._calendars, self._at, self._caught = session, known, calendars, at, caught
        self._sums: dict[Key, Count] = defaultdict(Count)
        self._chosen: dict[tuple[str, int, date], list[Version]] = {}

    def cases(self, ids: Collection[int]) -> None:
        """Of these cases, as far as they were handed in."""
        for chunk in _chunks(ids):
            made: dict[Named, tuple[Subject, Fact]] = {}
            seen: set[int] = set()
            for one in histories(self._session, chunk):
                seen.add(one.id)
                history = one.history
                subject = Subject(one.id, CASE, one.municipality_id, history.case_type.key, one.number)
                hours = self._calendars[one.municipality_id]
                for version in self._of(history.case_type.key, one.municipality_id, history.received):
                    for fact in facts_of(version.indicator, history, hours, self._at):
                        made[version.id, one.id, fact.nth] = (subject, fact)
            # What was destroyed keeps its facts.
            self._replace(CASE, seen, made)

    def questions(self, ids: Collection[int]) -> None:
        """Of these questions."""
        for chunk in _chunks(ids):
            made: dict[Named, tuple[Subject, Fact]] = {}
            seen: set[int] = set()
            for one in questions(self._session, chunk):
                seen.add(one.id)
                subject, hours = Subject(one.id, QUESTION, one.municipality_id), self._calendars[one.municipality_id]
                for version in self._of(QUESTION, one.municipality_id, one.asked):
                    for fact in facts_of_question(version.indicator, one.asked, one.entries, hours, self._at):
                        made[version.id, one.id, fact.nth] = (subject, fact)
            self._replace(QUESTION, seen, made)

    def scores(self, since: datetime | None) -> None:
        """Of what people scored since."""
        found = select(Satisfaction) if since is None else select(Satisfaction).where(Satisfaction.at >= since)
        made: dict[Named, tuple[Subject, Fact]] = {}
        for one in self._session.scalars(found):
            subject = Subject(one.id, SCORE, one.municipality_id)
            for version in self._of(SCORE, one.municipality_id, one.at):
                fact = Fact(0, one.at, None, one.at, one.at, YES, one.score)
                made[version.id, one.id, 0] = (subject, fact)
        self._replace(SCORE, {subject.id for subject, _ in made.values()}, made)

    def _of(self, what: str, place: int, since: datetime) -> list[Version]:
        """The versions that count this: by the day it came in."""
        day = month_of(since)
        if (what, place, day) not in self._chosen:
            chosen = [version for key in self._known.keys if (version := self._known.at(key, place, day))]
            self._chosen[what, place, day] = [version for version in chosen if _counts(version, what)]
        return self._chosen[what, place, day]

    def _replace(self, kind: str, ids: Collection[int], made: Mapping[Named, tuple[Subject, Fact]]) -> None:
        self._caught.looked_at += len(ids)
        where = (IndicatorFact.kind == kind) & IndicatorFact.subject_id.in_(ids)
        before = {
            (row.version_id, row.subject_id, row.nth): row
            for row in self._session.execute(select(*TABLE.columns).where(where))
        }
        rows = {name: _row(name[0], subject, fact) for name, (subject, fact) in made.items()}
        gone = [row for name, row in before.items() if name not in rows or _differs(row, rows[name])]
        new = [row for name, row in rows.items() if name not in before or _differs(before[name], row)]
        if gone:
            self._session.execute(delete(TABLE).where(TABLE.c.id.in_([row.id for row in gone])))
        if new:
            self._session.execute(insert(TABLE), new)
        for old in gone:
            self._add(old._asdict(), -1)
        for row in new:
            self._add(row, 1)
        self._caught.changed += len({*(row.subject_id for row in gone), *(row["subject_id"] for row in new)})

    def _add(self, row: Mapping[str, Any], sign: int) -> None:
        if row["judged_at"] is None:
            return
        at = (row["version_id"], row["municipality_id"])
        self._sums[*at, month_of(row["judged_at"]), row["outcome"]] += Count(sign, sign * row["amount"])
        if row["outcome"] == NO and row["stopped_at"] is not None:
            self._sums[*at, month_of(row["stopped_at"]), MADE_GOOD] += Count(sign)

    def ripen(self) -> None:
        """What is still open at the end of its term is late from then on."""
        over = (TABLE.c.outcome == "") & (TABLE.c.due_at < self._at)
        late = self._session.execute(select(*TABLE.columns).where(over)).all()
        for row in late:
            self._add({**row._asdict(), "judged_at": row.due_at, "outcome": NO}, 1)
        if late:
            self._session.execute(update(TABLE).where(over).values(outcome=NO, judged_at=TABLE.c.due_at))
        self._caught.changed += len(late)

    def write_sums(self) -> None:
        """Add what changed to the sums of the months."""
        changed = [
            {"version": version, "place": place, "month": month, "outcome": outcome, "count": count.count,
             "amount": count.amount}
            for (version, place, month, outcome), count in self._sums.items()
            if count != Count()
        ]  # fmt: skip
        if changed:
            self._session.execute(ADD, changed)


def _counts(version: Version, what: str) -> bool:
    """Whether a version counts questions, scores, or this kind of case."""
    match version.indicator.measure:
        case Measure.ANSWER | Measure.CALL:
            return what == QUESTION
        case Measure.SCORE:
            return what == SCORE
    return what in version.indicator.types


def _row(version_id: int, subject: Subject, fact: Fact) -> dict[str, Any]:
    return {
        "version_id": version_id, "kind": subject.kind, "subject_id": subject.id, "nth": fact.nth,
        "municipality_id": subject.place, "case_type": subject.case_type, "number": subject.number,
        "started_at": fact.started, "due_at": fact.due, "stopped_at": fact.stopped, "judged_at": fact.judged,
        "outcome": fact.outcome, "amount": fact.amount,
    }  # fmt: skip


def _differs(row: Any, made: Mapping[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in made.items())


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    known = sorted(ids)
    for at in range(0, len(known), CHUNK):
        yield known[at : at + CHUNK]
