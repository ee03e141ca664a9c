"""What the SSC costs and how that is settled: costs, keys, weights, compensations, advances, settlements, invoices.

What is entered is never rewritten: it is taken away, with who and when, and entered anew. A settlement that is final
does not change: what turns out to be wrong in it is restated in a next revision of the same quarter.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, event, inspect, text
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from portal.db import Base, refers
from portal.models.people import Municipality, Person

DRAFT, PREPARED, FINAL = "draft", "prepared", "final"
QUARTER = "quarter LIKE '20__Q_'"


class CostItem(Base):
    """A cost of the SSC in a quarter: a direct one goes by its driver, an indirect one by the share of a key."""

    __tablename__ = "cost_item"
    __table_args__ = (
        CheckConstraint(QUARTER, name="quarter"),
        CheckConstraint("kind IN ('direct', 'indirect') AND (kind = 'direct') = (driver <> '')", name="kind"),
        CheckConstraint("cents > 0", name="positive"),
        Index("ix_cost_item_quarter", "quarter", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    quarter: Mapped[str]
    label: Mapped[str]
    kind: Mapped[str]
    driver: Mapped[str] = mapped_column(default="")
    cents: Mapped[int]
    source: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    entered_by: Mapped[Person] = refers(entered_by_id)


class KeyAmount(Base):
    """How much of a distribution key (employees, inhabitants, users) a municipality has, from a day on."""

    __tablename__ = "key_amount"
    __table_args__ = (
        UniqueConstraint("municipality_id", "key", "valid_from"),
        CheckConstraint("key IN ('employees', 'inhabitants', 'users')", name="key"),
        CheckConstraint("amount >= 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    key: Mapped[str]
    amount: Mapped[int]
    valid_from: Mapped[date]
    source: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    municipality: Mapped[Municipality] = refers()
    entered_by: Mapped[Person] = refers(entered_by_id)


class KeyWeight(Base):
    """How much each key counts in the mixed one, in per cent, from a day on."""

    __tablename__ = "key_weight"
    __table_args__ = (
        CheckConstraint("employees >= 0 AND inhabitants >= 0 AND users >= 0", name="positive"),
        CheckConstraint("employees + inhabitants + users = 100", name="whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(unique=True)
    employees: Mapped[int]
    inhabitants: Mapped[int]
    users: Mapped[int]
    source: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)


class CompensationPost(Base):
    """An agreed amount that one municipality pays another in a quarter: by itself it adds up to nothing."""

    __tablename__ = "compensation_post"
    __table_args__ = (
        CheckConstraint(QUARTER, name="quarter"),
        CheckConstraint("payer_id <> receiver_id", name="two"),
        CheckConstraint("cents > 0", name="positive"),
        Index("ix_compensation_post_quarter", "quarter", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    quarter: Mapped[str]
    payer_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    receiver_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    cents: Mapped[int]
    reason: Mapped[str]
    source: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    payer: Mapped[Municipality] = refers(payer_id)
    receiver: Mapped[Municipality] = refers(receiver_id)


class QuarterAdvance(Base):
    """What a municipality paid in advance on the settlement of a quarter."""

    __tablename__ = "quarter_advance"
    __table_args__ = (
        CheckConstraint(QUARTER, name="quarter"),
        CheckConstraint("cents > 0", name="positive"),
        Index("ix_quarter_advance_quarter", "quarter", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    quarter: Mapped[str]
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    cents: Mapped[int]
    source: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    municipality: Mapped[Municipality] = refers()


class QuarterSettlement(Base):
    """The settlement of a quarter. `revision` 1 is the first; a later one restates it, with the reason.

    `figures` is all of it: costs, keys, quantities and lines. Once it is final, `digest` is the hash of that.
    """

    __tablename__ = "quarter_settlement"
    __table_args__ = (
        UniqueConstraint("quarter", "revision"),
        CheckConstraint(QUARTER, name="quarter"),
        CheckConstraint("state IN ('draft', 'prepared', 'final')", name="state"),
        CheckConstraint("(state = 'draft') = (prepared_by_id IS NULL)", name="prepared"),
        CheckConstraint("(state = 'final') = (final_by_id IS NOT NULL)", name="final"),
        CheckConstraint("(state = 'final') = (digest <> '')", name="digest"),
        CheckConstraint("final_by_id <> prepared_by_id", name="four_eyes"),
        CheckConstraint("(revision = 1) = (reason = '')", name="reason"),
        Index("ix_quarter_settlement_running", "quarter", unique=True, sqlite_where=text("state <> 'final'"),
              postgresql_where=text("state <> 'final'")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    quarter: Mapped[str]
    revision: Mapped[int]
    state: Mapped[str]
    variant: Mapped[str]
    key: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    figures: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    prepared_at: Mapped[datetime | None]
    prepared_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    final_at: Mapped[datetime | None]
    final_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    prepared_by: Mapped[Person | None] = refers(prepared_by_id)
    final_by: Mapped[Person | None] = refers(final_by_id)


class QuarterInvoice(Base):
    """What a settlement asks a municipality to pay, or a credit note where it gets something back: numbered, fixed.

    `content` is all that stands on it; the PDF and the e-invoice are written from that and nothing else.
    """

    __tablename__ = "quarter_invoice"
    __table_args__ = (
        UniqueConstraint("settlement_id", "municipality_id"),
        CheckConstraint("cents >= 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    settlement_id: Mapped[int] = mapped_column(ForeignKey("quarter_settlement.id"))
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    number: Mapped[str] = mapped_column(unique=True)
    credit: Mapped[bool]
    cents: Mapped[int]
    issued_on: Mapped[date]
    content: Mapped[dict[str, Any]]

    municipality: Mapped[Municipality] = refers()
    settlement: Mapped[QuarterSettlement] = refers()


class Frozen(Exception):
    """Somebody tried to change a settlement that is final, or an invoice."""


@event.listens_for(QuarterSettlement, "before_update")
@event.listens_for(QuarterSettlement, "before_delete")
def _frozen(_mapper: Mapper[QuarterSettlement], _connection: Any, target: QuarterSettlement) -> None:
    before = inspect(target).attrs.state.history.deleted or [target.state]
    if before[0] == FINAL:
        raise Frozen(f"the settlement of {target.quarter} is final")


@event.listens_for(QuarterInvoice, "before_update")
@event.listens_for(QuarterInvoice, "before_delete")
def _issued(_mapper: Mapper[QuarterInvoice], _connection: Any, target: QuarterInvoice) -> None:
    raise Frozen(f"invoice {target.number} cannot be changed or deleted")
