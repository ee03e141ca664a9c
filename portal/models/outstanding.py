"""What people still owe a municipality, and what it was settled with: a ledger that is only ever added to.

Triggers in the database keep `settled_cents` the sum of the settlements that stand, and let nothing else of a row
change; a CHECK keeps it from ever being more than what is owed, however many work at the same moment.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.cases import Case
from portal.models.payments import BankEntry
from portal.models.people import Municipality, Person
from portal.models.suppliers import Supplier

STANDS = text("undone_at IS NULL")


class Outstanding(Base):
    """An amount that a person or a supplier owes because of a case: an advance that was paid out, a recovery they
    agreed to, or a credit note.

    `held_at`: the bank returned the payment, so there is nothing to settle until it is paid again. `voided_at`: it
    will not be, so it is not owed. At most one per case.
    """

    __tablename__ = "outstanding"
    __table_args__ = (
        CheckConstraint("cents > 0", name="positive"),
        CheckConstraint("settled_cents >= 0 AND settled_cents <= cents", name="no_more_than_owed"),
        CheckConstraint("voided_at IS NULL OR settled_cents = 0", name="void_is_unsettled"),
        CheckConstraint("kind IN ('advance', 'recovery', 'credit')", name="kind"),
        CheckConstraint("(person_id IS NULL) <> (supplier_id IS NULL)", name="one_debtor"),
        CheckConstraint("(kind = 'credit') = (supplier_id IS NOT NULL)", name="suppliers_are_credited"),
        Index("ix_outstanding_person", "person_id", "municipality_id", "id"),
        Index("ix_outstanding_supplier", "supplier_id", "municipality_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"))
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    kind: Mapped[str]
    cents: Mapped[int]
    settled_cents: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    held_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]

    case: Mapped[Case] = refers()
    person: Mapped[Person | None] = refers()
    supplier: Mapped[Supplier | None] = refers()
    municipality: Mapped[Municipality] = refers()

    @property
    def open_cents(self) -> int:
        """What is still owed."""
        return self.cents - self.settled_cents if self.voided_at is None else 0


class Settlement(Base):
    """A part of what is owed that was settled: kept back from what a case pays, or returned by the bank entry named.

    Never changed but for `undone_at`; undone is not removed. The case is let go when it is destroyed.
    """

    __tablename__ = "settlement"
    __table_args__ = (
        CheckConstraint("cents > 0", name="positive"),
        CheckConstraint("case_id IS NULL OR bank_entry_id IS NULL", name="one_source"),
        Index("uq_settlement_case", "outstanding_id", "case_id", unique=True, sqlite_where=STANDS,
              postgresql_where=STANDS),
        Index("uq_settlement_entry", "bank_entry_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    outstanding_id: Mapped[int] = mapped_column(ForeignKey("outstanding.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    bank_entry_id: Mapped[int | None] = mapped_column(ForeignKey("bank_entry.id"), index=True)
    cents: Mapped[int]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]

    outstanding: Mapped[Outstanding] = refers()
    case: Mapped[Case | None] = refers()
    bank_entry: Mapped[BankEntry | None] = refers()
