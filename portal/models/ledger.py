"""Bookkeeping: the chart of accounts of each municipality as dated lists, and its journal, which is only added to.

An entry is written lines first: the database lets no line join an entry that is there, takes an entry only with lines
that balance, and at the commit no line without its entry. Entries and lines are never changed or deleted; they name no
person, and outlive the case that they are about.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Municipality, Person


class ChartEntry(Base):
    """One row of a chart: a ledger account, a cost centre, a taakveld (Iv3), or what is booked on which of them.

    `account` and `task` of a posting rule, and the `task` of a cost centre, are codes of the same chart. A code has
    one row at a time: the next begins when the one before has ended.
    """

    __tablename__ = "chart_entry"
    __table_args__ = (
        UniqueConstraint("municipality_id", "kind", "code", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        CheckConstraint("kind IN ('account', 'cost_centre', 'task', 'posting')", name="kind"),
        CheckConstraint("(kind = 'account') = (side <> '')", name="side"),
        CheckConstraint("(kind = 'posting') = (account <> '')", name="account"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    kind: Mapped[str]
    code: Mapped[str]
    label: Mapped[str]
    side: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(default="")
    account: Mapped[str] = mapped_column(default="")
    task: Mapped[str] = mapped_column(default="")
    vat: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str]


class LedgerBook(Base):
    """That a municipality's journal is kept here, from the first day of a month on. Begun once."""

    __tablename__ = "ledger_book"

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), unique=True)
    begins_on: Mapped[date]
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    municipality: Mapped[Municipality] = refers()


class LedgerClose(Base):
    """A month of a journal that was closed, after the month before it; for good. With what was in it then."""

    __tablename__ = "ledger_close"
    __table_args__ = (UniqueConstraint("municipality_id", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    month: Mapped[date]
    closed_at: Mapped[datetime]
    closed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    entries: Mapped[int]
    cents: Mapped[int]

    closed_by: Mapped[Person] = refers()


class JournalEntry(Base):
    """One fact in the books: a step of a case, or money that was paid back on what somebody owed.

    `period` is the first day of the month it is booked in: that of the fact, or the first that was open. `number` runs
    without gaps in a municipality.
    """

    __tablename__ = "journal_entry"
    __table_args__ = (
        UniqueConstraint("municipality_id", "number"),
        # With its case: a database may give the key of a settlement that was destroyed to another.
        UniqueConstraint("settlement_id", "case_id"),
        CheckConstraint("debit_cents = credit_cents", name="balances"),
        CheckConstraint("debit_cents > 0", name="positive"),
        CheckConstraint("(event_id IS NULL) <> (settlement_id IS NULL)", name="one_fact"),
        Index("ix_journal_entry_period", "municipality_id", "period", "number"),
        Index("ix_journal_entry_last", "municipality_id", "event_id"),
        Index("ix_journal_entry_case", "case_id", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    number: Mapped[int]
    period: Mapped[date]
    booked_on: Mapped[date]
    posted_at: Mapped[datetime]
    case_id: Mapped[int]
    case_number: Mapped[str]
    case_type: Mapped[str]
    action: Mapped[str]
    event_id: Mapped[int | None] = mapped_column(unique=True)
    settlement_id: Mapped[int | None]
    """No references: entries outlive what they are about."""
    lines: Mapped[int]
    debit_cents: Mapped[int]
    credit_cents: Mapped[int]


class JournalLine(Base):
    """One amount of an entry, in debit or in credit. `relation` is the number of the supplier it is owed to.

    `key` is the posting rule by which it went.
    """

    __tablename__ = "journal_line"
    __table_args__ = (
        UniqueConstraint("entry_id", "place"),
        CheckConstraint("debit_cents >= 0 AND credit_cents >= 0", name="not_negative"),
        CheckConstraint("(debit_cents = 0) <> (credit_cents = 0)", name="one_side"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("journal_entry.id", deferrable=True, initially="DEFERRED")
    )  # fmt: skip
    place: Mapped[int]
    key: Mapped[str]
    account: Mapped[str]
    cost_centre: Mapped[str] = mapped_column(default="")
    task: Mapped[str] = mapped_column(default="")
    relation: Mapped[str] = mapped_column(default="")
    debit_cents: Mapped[int]
    credit_cents: Mapped[int]
