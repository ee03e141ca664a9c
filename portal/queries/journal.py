"""The journal of each municipality: which months are open, what was booked in them, and what is not booked yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.models.ledger import JournalEntry, JournalLine, LedgerBook, LedgerClose
from portal.models.people import Municipality

PAGE = 50


def next_month(month: date) -> date:
    """The first day of the month after this one."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def first_of(day: date) -> date:
    """The first day of the month that this day is in."""
    return day.replace(day=1)


def book_of(session: Session, municipality_id: int) -> LedgerBook | None:
    """Whether, and from when, the journal of a municipality is kept here."""
    return session.scalars(select(LedgerBook).where(LedgerBook.municipality_id == municipality_id)).first()


def first_open(session: Session, book: LedgerBook) -> date:
    """The first month that is not closed."""
    last = session.scalar(
        select(func.max(LedgerClose.month)).where(LedgerClose.municipality_id == book.municipality_id)
    )
    return next_month(last) if last else book.begins_on


@dataclass(frozen=True)
class Period:
    """One month of one journal."""

    month: date
    entries: int
    cents: int
    close: LedgerClose | None = None


@dataclass(frozen=True)
class Journal:
    """The journal of a municipality, the last month first; without `book` none is kept."""

    municipality: Municipality
    book: LedgerBook | None
    periods: tuple[Period, ...] = ()

    @property
    def to_close(self) -> Period | None:
        """The first month that is open."""
        return next((one for one in reversed(self.periods) if one.close is None), None)


def journals(session: Session, municipalities: Sequence[Municipality], today: date) -> Sequence[Journal]:
    """Every month of these journals up to this one, also those without entries. Three queries."""
    places = [one.id for one in municipalities]
    books = {one.municipality_id: one for one in session.scalars(
        select(LedgerBook).where(LedgerBook.municipality_id.in_(places)))}  # fmt: skip
    closes = {
        (one.municipality_id, one.month): one
        for one in session.scalars(
            select(LedgerClose).where(LedgerClose.municipality_id.in_(places))
            .options(joinedload(LedgerClose.closed_by))
        )
    }  # fmt: skip
    sums = {
        (row.municipality_id, row.period): (row.entries, int(row.cents))
        for row in session.execute(
            select(JournalEntry.municipality_id, JournalEntry.period, func.count().label("entries"),
                   func.sum(JournalEntry.debit_cents).label("cents"))
            .where(JournalEntry.municipality_id.in_(places))
            .group_by(JournalEntry.municipality_id, JournalEntry.period)
        )
    }  # fmt: skip
    found = []
    for one in municipalities:
        periods, month = [], books[one.id].begins_on if one.id in books else date.max
        while month <= today:
            periods.append(Period(month, *sums.get((one.id, month), (0, 0)), closes.get((one.id, month))))
            month = next_month(month)
        found.append(Journal(one, books.get(one.id), tuple(reversed(periods))))
    return found


@dataclass(frozen=True)
class AccountTotal:
    """What was booked on one account in a month."""

    account: str
    debit_cents: int
    credit_cents: int


def totals_of(session: Session, municipality_id: int, month: date) -> Sequence[AccountTotal]:
    """The accounts of one month, in their order."""
    rows = session.execute(
        select(JournalLine.account, func.sum(JournalLine.debit_cents).label("debit"),
               func.sum(JournalLine.credit_cents).label("credit"))
        .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
        .where(JournalEntry.municipality_id == municipality_id, JournalEntry.period == month)
        .group_by(JournalLine.account).order_by(JournalLine.account)
    )  # fmt: skip
    return [AccountTotal(row.account, int(row.debit), int(row.credit)) for row in rows]


def entries_of(
    session: Session, municipality_id: int, month: date, after: int | None = None, limit: int = PAGE
) -> tuple[Sequence[JournalEntry], int | None]:
    """The entries of one month by number, and where the next page begins."""
    rows = session.scalars(
        select(JournalEntry)
        .where(JournalEntry.municipality_id == municipality_id, JournalEntry.period == month,
               JournalEntry.number > (after or 0))
        .order_by(JournalEntry.number).limit(limit + 1)
    ).all()  # fmt: skip
    return rows[:limit], rows[limit - 1].number if len(rows) > limit else None


def lines_of(session: Session, entries: Sequence[JournalEntry]) -> Mapping[int, Sequence[JournalLine]]:
    """The lines of these entries, by entry."""
    found: dict[int, list[JournalLine]] = {entry.id: [] for entry in entries}
    query = select(JournalLine).where(JournalLine.entry_id.in_(found))
    for line in session.scalars(query.order_by(JournalLine.entry_id, JournalLine.place)):
        found[line.entry_id].append(line)
    return found


def booked_of(session: Session, case_id: int) -> Sequence[JournalEntry]:
    """What a case put in the books."""
    return session.scalars(
        select(JournalEntry).where(JournalEntry.case_id == case_id).order_by(JournalEntry.id)
    ).all()  # fmt: skip
