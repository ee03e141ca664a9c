"""Payments: what is payable, the batches in which it goes to the bank, and what the bank answers.

A payable's state follows from facts: it is proposed until a batch line takes it, with the bank while that line is
open, paid when a statement settled the line, and proposed again after the line was returned.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.cases import Case
from portal.models.people import Municipality, Person
from portal.models.suppliers import Supplier


class Payable(Base):
    """An amount a municipality owes to a person or a supplier because of a case. One per case; stopped when the case is
    withdrawn. Before `pay_from` it is not proposed: it is paid in time, and not too early."""

    __tablename__ = "payable"
    __table_args__ = (
        CheckConstraint("cents > 0", name="positive"),
        CheckConstraint("(payee_id IS NULL) <> (supplier_id IS NULL)", name="one_payee"),
        Index("ix_payable_open", "municipality_id", "id", sqlite_where=text("closed_at IS NULL"),
              postgresql_where=text("closed_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), unique=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    payee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"), index=True)
    cents: Mapped[int]
    created_at: Mapped[datetime]
    pay_from: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    """Set while the payable is not to be proposed: it is in a batch, paid or stopped."""

    case: Mapped[Case] = refers()
    payee: Mapped[Person | None] = refers()
    supplier: Mapped[Supplier | None] = refers()

    @property
    def payee_name(self) -> str:
        """To whom is paid."""
        return self.payee.name if self.payee else self.supplier.name if self.supplier else ""


class PaymentBatch(Base):
    """One released batch: one municipality's account, one execution date, one file whose bytes never change."""

    __tablename__ = "payment_batch"
    __table_args__ = (Index("uq_payment_batch_releaser", "id", "released_by_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    execution_date: Mapped[date]
    debtor_name: Mapped[str]
    debtor_iban: Mapped[str]
    released_at: Mapped[datetime]
    released_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    count: Mapped[int]
    cents: Mapped[int]
    file: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str]
    delivered_at: Mapped[datetime | None]

    municipality: Mapped[Municipality] = refers()
    released_by: Mapped[Person] = refers()


EYES = ("submitter_id", "preparer_id", "approver_id", "second_approver_id", "checker_id", "account_changed_by_id",
        "account_checked_by_id")  # fmt: skip
"""Whose hands a payment went through before it was released."""


class BatchLine(Base):
    """One payment in a batch. The account is copied at release. At most one line of a payable is not returned.

    Copied as well is whose hands it went through, from the case's trail and the account's history: so the database
    itself refuses a payment in which one person did what two must do. NULL where nobody did it.
    """

    __tablename__ = "batch_line"
    __table_args__ = (
        Index("uq_batch_line_open", "payable_id", unique=True, sqlite_where=text("returned_at IS NULL"),
              postgresql_where=text("returned_at IS NULL")),
        UniqueConstraint("batch_id", "payable_id"),
        CheckConstraint("cents > 0", name="positive"),
        # The releaser is that of the batch, and cannot be said to be another.
        ForeignKeyConstraint(["batch_id", "released_by_id"], ["payment_batch.id", "payment_batch.released_by_id"],
                             name="fk_batch_line_batch_id"),
        CheckConstraint(" AND ".join(f"released_by_id <> {eye}" for eye in EYES), name="released_by_another"),
        CheckConstraint("approver_id <> submitter_id AND second_approver_id <> submitter_id "
                        "AND second_approver_id <> approver_id", name="approved_by_another"),
        CheckConstraint("approver_id <> preparer_id AND second_approver_id <> preparer_id",
                        name="approved_by_no_preparer"),
        CheckConstraint("checker_id <> submitter_id AND checker_id <> approver_id "
                        "AND checker_id <> second_approver_id", name="checked_by_another"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(index=True)
    released_by_id: Mapped[int]
    payable_id: Mapped[int] = mapped_column(ForeignKey("payable.id"), index=True)
    end_to_end_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    iban: Mapped[str]
    cents: Mapped[int]
    submitter_id: Mapped[int]
    preparer_id: Mapped[int | None]
    approver_id: Mapped[int | None]
    second_approver_id: Mapped[int | None]
    checker_id: Mapped[int | None]
    account_changed_by_id: Mapped[int | None]
    account_checked_by_id: Mapped[int | None]
    accepted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    settled_by: Mapped[str] = mapped_column(default="")
    returned_by: Mapped[str] = mapped_column(default="")
    """Which kind of bank file told so first: banks tell the same booking in several."""
    return_code: Mapped[str] = mapped_column(default="")

    batch: Mapped[PaymentBatch] = refers()
    payable: Mapped[Payable] = refers()


class BankFile(Base):
    """A file that came from the bank. The same bytes, and the same message, are taken in once."""

    __tablename__ = "bank_file"
    __table_args__ = (
        Index("uq_bank_file_bytes", "sha256", unique=True, sqlite_where=text("refused = ''"),
              postgresql_where=text("refused = ''")),
        Index("uq_bank_file_message", "kind", "message_id", unique=True, sqlite_where=text("refused = ''"),
              postgresql_where=text("refused = ''")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    message_id: Mapped[str]
    received_at: Mapped[datetime]
    accepted: Mapped[int] = mapped_column(default=0)
    settled: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    unmatched: Mapped[int] = mapped_column(default=0)
    refused: Mapped[str] = mapped_column(default="")
    """The code of why the file was refused; empty when it was taken in."""
    detail: Mapped[str] = mapped_column(default="")


class BankEntry(Base):
    """An entry of a bank file that could not be tied to a payment: it waits for a person, and is never lost.

    `municipality_id` is whose account it is about; None when the bank named nothing by which that could be told.
    """

    __tablename__ = "bank_entry"
    __table_args__ = (
        Index("ix_bank_entry_open", "id", sqlite_where=text("resolved_at IS NULL"),
              postgresql_where=text("resolved_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_file_id: Mapped[int] = mapped_column(ForeignKey("bank_file.id"), index=True)
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"), index=True)
    booked_on: Mapped[date | None]
    cents: Mapped[int]
    reference: Mapped[str]
    name: Mapped[str]
    iban: Mapped[str]
    description: Mapped[str]
    why: Mapped[str]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    resolution: Mapped[str] = mapped_column(default="")

    bank_file: Mapped[BankFile] = refers()
    resolved_by: Mapped[Person | None] = refers(resolved_by_id)
    municipality: Mapped[Municipality | None] = refers()
