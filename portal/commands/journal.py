"""Booking: whatever happened in the cases of a municipality and is not in its journal yet, in the order of the chain.

The journal is a function of the facts: the steps of cases, and money that was paid back. Booking again adds nothing,
and booking late comes to the same lines; only the month can differ, which is the first that is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, insert, select, text
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.clock import local_date
from portal.commands.changes import Author, write_down
from portal.commands.returned_money import RETURN_UNDONE
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.ledger import JournalEntry, JournalLine, LedgerBook, LedgerClose
from portal.models.outstanding import Outstanding, Settlement
from portal.models.people import Municipality
from portal.queries.chart import chart_of
from portal.queries.journal import book_of, first_of, first_open, next_month
from workflows import CASE_TYPES
from workflows.bookings import (
    BANK,
    OWED_AS,
    RECLAIMABLE,
    Booking,
    Happening,
    nothing_booked,
    total,
)
from workflows.chart import ACCOUNT, COST_CENTRE, POSTING, RECLAIMED, RESULT, Chart
from workflows.effects import Owe
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

BOOK_OPEN = Refusal("book_open", N_("The journal of this municipality is kept already."))
BOOK_EARLY = Refusal("book_early", N_("A journal can begin with this month or one of the twelve before it."))
NO_CHART = Refusal("book_no_chart", N_("Take in the chart of accounts first: without it nothing can be booked."))
NO_BOOK = Refusal("no_book", N_("No journal is kept of this municipality."))
NOT_BOOKKEEPER = Refusal("not_bookkeeper", N_("You may not close the months of this municipality."))
CLOSED_ALREADY = Refusal("month_closed", N_("This month is closed already."))
NOT_NEXT = Refusal("month_not_next", N_("Close the months one after the other: an earlier one is still open."))
NOT_OVER = Refusal("month_not_over", N_("This month is not over yet."))
HELD_UP = "booking_held_up"
HELD_UP_SENTENCE = N_("Not everything could be booked: the chart has no %(what)s on %(day)s, for %(number)s.")

LOCK = 7_013_002
"""The key of the advisory lock under which is booked and closed (PostgreSQL); the triggers take it too."""
AT_ONCE = 500
"""How many steps are looked at in one transaction."""
BACK = 12


@dataclass(frozen=True)
class Missing:
    """What the chart does not have, because of which booking stops: it goes on where it was once that is there."""

    what: str
    day: date
    number: str = ""


class NoRow(Exception):
    """The chart has no row for something that is to be booked."""

    def __init__(self, what: str, day: date) -> None:
        super().__init__(what, day)
        self.what, self.day = what, day


@dataclass(frozen=True)
class Posted:
    """What one round of booking did. `after` is up to which step was looked at; None when nothing is left."""

    entries: int = 0
    after: int | None = None
    missing: Missing | None = None


def open_book(session: Session, author: Author, place: Municipality, month: date, at: datetime) -> LedgerBook:
    """Keep the journal of a municipality from this month on. What happened before it is not booked."""
    author.reaches(place.id)
    first, now = first_of(month), first_of(local_date(at))
    earliest = date(now.year - 1, now.month, 1)
    wrong = [
        refusal
        for bad, refusal in (
            (book_of(session, place.id) is not None, BOOK_OPEN),
            (not earliest <= first <= now, BOOK_EARLY),
            (not chart_of(session, place.id), NO_CHART),
        )
        if bad
    ]
    if wrong:
        raise Refused(*wrong)
    new = LedgerBook(municipality_id=place.id, begins_on=first, opened_at=at, opened_by_id=author.person_id)
    session.add(new)
    session.flush()
    write_down(session, author, at, "book.opened", place.name, municipality_id=place.id, new={"valid_from": first})
    return new


def lock(session: Session) -> None:
    """Let nobody else book or close until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


@dataclass
class _Fact:
    """Something that is booked: by which case, when, and what."""

    case_id: int
    case_number: str
    case_type: str
    action: str
    on: date
    bookings: Sequence[Booking]
    event_id: int | None = None
    settlement_id: int | None = None


@dataclass
class _Writing:
    """One round of booking in one journal: numbers follow each other, lines go in before their entries."""

    session: Session
    book: LedgerBook
    chart: Chart
    at: datetime
    entries: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        place = JournalEntry.municipality_id == self.book.municipality_id
        self.open = first_open(self.session, self.book)
        self.last_id = self.session.scalar(select(func.max(JournalEntry.id))) or 0
        self.last_number = self.session.scalar(select(func.max(JournalEntry.number)).where(place)) or 0

    def add(self, fact: _Fact) -> None:
        """Book a fact, unless it is of before the journal or comes to nothing. Raises NoRow."""
        if fact.on < self.book.begins_on:
            return
        if total(fact.bookings):
            raise ValueError(f"{fact.case_number} {fact.action} does not balance")
        lines = [line for booking in fact.bookings for line in self._lines(booking)]
        if not lines:
            return
        self.last_id += 1
        self.last_number += 1
        self.lines += [{"entry_id": self.last_id, "place": place, **line} for place, line in enumerate(lines, start=1)]
        self.entries.append(
            {
                "id": self.last_id, "municipality_id": self.book.municipality_id, "number": self.last_number,
                "period": max(first_of(fact.on), self.open), "booked_on": fact.on, "posted_at": self.at,
                "case_id": fact.case_id, "case_number": fact.case_number, "case_type": fact.case_type,
                "action": fact.action, "event_id": fact.event_id, "settlement_id": fact.settlement_id,
                "lines": len(lines), "debit_cents": sum(line["debit_cents"] for line in lines),
                "credit_cents": sum(line["credit_cents"] for line in lines),
            }
        )  # fmt: skip

    def _lines(self, booking: Booking) -> Iterator[dict[str, Any]]:
        """The lines of one booking: the VAT in it apart where it is reclaimed."""
        # What began before the journal goes by the rules with which the journal began.
        day = max(booking.on, self.book.begins_on)
        rule = self.chart.at(POSTING, booking.key, day)
        if rule is None:
            raise NoRow(booking.key, day)
        vat = booking.vat_cents if rule.vat == RECLAIMED else 0
        yield from self._line(booking, booking.key, booking.account or rule.account, booking.cents - vat, rule.task)
        if vat:
            reclaim = self.chart.at(POSTING, RECLAIMABLE, day)
            if reclaim is None:
                raise NoRow(RECLAIMABLE, day)
            yield from self._line(booking, RECLAIMABLE, reclaim.account, vat, reclaim.task)

    def _line(self, booking: Booking, key: str, code: str, cents: int, task: str) -> Iterator[dict[str, Any]]:
        day = max(booking.on, self.book.begins_on)
        account = self.chart.at(ACCOUNT, code, day)
        if account is None:
            raise NoRow(code, day)
        centre = self.chart.at(COST_CENTRE, booking.cost_centre, day)
        is_cost = account.side == RESULT
        if cents:
            yield {
                "key": key, "account": code, "cost_centre": booking.cost_centre if is_cost else "",
                "task": (booking.task or (centre.task if centre else "") or task) if is_cost else "",
                "relation": booking.relation, "debit_cents": max(cents, 0), "credit_cents": max(-cents, 0),
            }  # fmt: skip

    def finish(self) -> None:
        """Put all of it in the database: lines first, then the entries that they make."""
        if self.entries:
            self.session.execute(insert(JournalLine), self.lines)
            self.session.execute(insert(JournalEntry), self.entries)


def booked_types() -> list[str]:
    """The types of case that put anything in the books."""
    return [key for key, case_type in CASE_TYPES.items() if case_type.journal is not nothing_booked]


def post(session: Session, municipality_id: int, at: datetime, after: int | None = None) -> Posted:
    """Book what is not booked yet, the steps of cases first, some hundreds at a time; call it until nothing is left.

    `after` is up to which step was looked at in a round before; without it, the last step that was booked.
    """
    book = book_of(session, municipality_id)
    if book is None:
        return Posted()
    lock(session)
    mine = JournalEntry.municipality_id == municipality_id
    after = max(after or 0, session.scalar(select(func.max(JournalEntry.event_id)).where(mine)) or 0)
    writing = _Writing(session, book, chart_of(session, municipality_id), at)
    rows = _new_steps(session, municipality_id, after)
    facts: Iterable[_Fact] = _of_steps(session, rows)
    if len(rows) < AT_ONCE:
        facts = (*facts, *_of_returns(session, municipality_id))
    missing = None
    for fact in facts:
        try:
            writing.add(fact)
        except NoRow as row:
            missing = Missing(row.what, row.day, fact.case_number)
            break
    writing.finish()
    left = len(rows) == AT_ONCE and missing is None
    return Posted(len(writing.entries), rows[-1].id if left else None, missing)


def _new_steps(session: Session, municipality_id: int, after: int) -> Sequence[CaseEvent]:
    return session.scalars(
        select(CaseEvent)
        .join(Case, Case.id == CaseEvent.case_id)
        .where(Case.municipality_id == municipality_id, Case.type.in_(booked_types()), CaseEvent.id > after)
        .order_by(CaseEvent.id).limit(AT_ONCE)
    ).all()  # fmt: skip


def _of_steps(session: Session, new: Sequence[CaseEvent]) -> Iterator[_Fact]:
    """What each of these steps puts in the books, from all steps of its case up to it."""
    ids = {event.case_id for event in new}
    query = select(Case.id, Case.number, Case.type, Case.cost_centre).where(Case.id.in_(ids))
    cases = {row.id: row for row in session.execute(query)}
    histories: dict[int, list[tuple[int, Happening]]] = {}
    for event in session.scalars(select(CaseEvent).where(CaseEvent.case_id.in_(ids)).order_by(CaseEvent.id)):
        walked = histories.setdefault(event.case_id, [])
        before = walked[-1][1] if walked else None
        walked.append((event.id, _happening(event, before, cases[event.case_id].cost_centre)))
    for event in new:
        case = cases[event.case_id]
        history = tuple(one for place, one in histories[case.id] if place <= event.id)
        bookings = _taken_back(case.type, history[-1]) or CASE_TYPES[case.type].journal(history)
        if bookings:
            yield _Fact(case.id, case.number or "", case.type, event.action, history[-1].on, bookings, event.id)


def _taken_back(case_type: str, note: Happening) -> tuple[Booking, ...]:
    """What is booked when money that was paid back turned out to be somebody else's."""
    if note.action != RETURN_UNDONE:
        return ()
    effects = (effect for action in CASE_TYPES[case_type].actions for effect in action.then)
    kind = next(effect.kind for effect in effects if isinstance(effect, Owe))
    cents = note.data["cents"]
    return Booking(OWED_AS[kind], cents, note.on), Booking(BANK, -cents, note.on)


def _happening(event: CaseEvent, before: Happening | None, cost_centre: str) -> Happening:
    """A step with the content as it was after it: that which was given with it, else with one before."""
    data = event.data
    return Happening(
        event.action, event.from_state, event.to_state, local_date(event.at), data,
        content=data.get("content", before.content if before else {}),
        cost_centre=data.get("cost_centre") or (before.cost_centre if before else cost_centre),
    )  # fmt: skip


def _of_returns(session: Session, municipality_id: int) -> Iterator[_Fact]:
    """Money that came in for what somebody owed: no step of a case, but an entry of the bank.

    That it was taken back is a note in the case, so it is booked also when it was undone since.
    """
    booked = exists().where(
        JournalEntry.settlement_id == Settlement.id, JournalEntry.case_id == Outstanding.case_id
    )  # fmt: skip
    rows = session.execute(
        select(Settlement.id.label("settlement_id"), Settlement.cents, Settlement.at, Outstanding.kind, Case.id,
               Case.number, Case.type)
        .join(Outstanding, Outstanding.id == Settlement.outstanding_id)
        .join(Case, Case.id == Outstanding.case_id)
        .where(Outstanding.municipality_id == municipality_id, Settlement.bank_entry_id.is_not(None), ~booked)
        .order_by(Settlement.id)
    )  # fmt: skip
    for row in rows:
        on = local_date(row.at)
        bookings = (Booking(BANK, row.cents, on), Booking(OWED_AS[row.kind], -row.cents, on))
        yield _Fact(row.id, row.number or "", row.type, "paid_back", on, bookings, settlement_id=row.settlement_id)


def post_all(session: Session, municipality_id: int, at: datetime) -> Posted:
    """Book all that is not booked yet, in this transaction."""
    entries, done = 0, Posted(after=None)
    while True:
        done = post(session, municipality_id, at, done.after)
        entries += done.entries
        if done.after is None:
            return Posted(entries, missing=done.missing)


def close(session: Session, viewer: Viewer, place: Municipality, month: date, at: datetime) -> LedgerClose:
    """Close a month for good, once all that happened in it is booked. What comes to light later goes in the next."""
    if not viewer.has(Role.TREASURER, place.id):
        raise Refused(NOT_BOOKKEEPER)
    book = book_of(session, place.id)
    if book is None:
        raise Refused(NO_BOOK)
    lock(session)
    following = first_open(session, book)
    if month != following:
        raise Refused(CLOSED_ALREADY if month < following else NOT_NEXT)
    if next_month(month) > local_date(at):
        raise Refused(NOT_OVER)
    if missing := post_all(session, place.id, at).missing:
        values = {"what": missing.what, "day": missing.day, "number": missing.number}
        raise Refused(Refusal(HELD_UP, HELD_UP_SENTENCE, values))
    there = (JournalEntry.municipality_id == place.id) & (JournalEntry.period == month)
    entries, cents = session.execute(
        select(func.count(), func.coalesce(func.sum(JournalEntry.debit_cents), 0)).where(there)
    ).one()  # fmt: skip
    new = LedgerClose(
        municipality_id=place.id, month=month, closed_at=at, closed_by_id=viewer.person_id, entries=entries,
        cents=int(cents),
    )  # fmt: skip
    session.add(new)
    session.flush()
    author = Author(viewer.person_id, viewer.reach(Role.TREASURER))
    write_down(session, author, at, "book.closed", place.name, municipality_id=place.id, new={"month": month})
    return new
