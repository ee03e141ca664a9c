"""Suppliers: who sends invoices, on which account they are paid, and what two clerks agreed to change about them.

They are of all municipalities together: so the SSC sees one invoice that was sent to two of them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, event, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Person
from portal.searching import bare_name, folded

REQUESTS = ("new", "change", "account", "block", "unblock")
"""What one clerk asks for and another confirms."""


def _known(column: str) -> Index:
    return Index(f"ix_supplier_{column}", column, sqlite_where=text(f"{column} <> ''"),
                 postgresql_where=text(f"{column} <> ''"))  # fmt: skip


class Supplier(Base):
    """Who sends invoices. Identifiers are kept in capitals without spaces or points; empty when there is none.

    `endpoint` is the electronic address as scheme:identifier, so an OIN is `0190:…`. `phone` is a number that the SSC
    found out by itself: changes of account are checked by calling it. `blocked_at`: invoices are still taken in, and
    nothing is paid. `bare` is the name without its legal form, by which lists are sorted and names are compared.
    """

    __tablename__ = "supplier"
    __table_args__ = (
        CheckConstraint("approved_by_id <> created_by_id", name="approved_by_another"),
        CheckConstraint("(created_by_id IS NULL) = (approved_by_id IS NULL)", name="approved"),
        CheckConstraint("(blocked_at IS NULL) = (blocked_because = '')", name="blocked_because"),
        CheckConstraint("terms_days IS NULL OR terms_days > 0", name="terms"),
        _known("kvk"),
        _known("vat"),
        _known("endpoint"),
        Index("ix_supplier_bare", "bare", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    kvk: Mapped[str] = mapped_column(default="")
    vat: Mapped[str] = mapped_column(default="")
    endpoint: Mapped[str] = mapped_column(default="")
    street: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    town: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="NL")
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="nl")
    terms_days: Mapped[int | None]
    """Within how many days they want to be paid, when that was agreed; None is what the law says."""
    blocked_at: Mapped[datetime | None]
    blocked_because: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    bare: Mapped[str] = mapped_column(default=lambda row: bare_name(row.get_current_parameters()["name"]))
    words: Mapped[str] = mapped_column(default=lambda row: _words(**row.get_current_parameters()))
    """What they are searched by: name, town and identifiers, folded."""

    created_by: Mapped[Person | None] = refers(created_by_id)
    approved_by: Mapped[Person | None] = refers(approved_by_id)


def _words(name: str, kvk: str = "", vat: str = "", endpoint: str = "", town: str = "", **_: Any) -> str:
    return folded(f"{name} {bare_name(name)} {town} {kvk} {vat} {endpoint}")


@event.listens_for(Supplier, "before_update")
def _keep_words(_mapper: Any, _connection: Any, supplier: Supplier) -> None:
    supplier.bare = bare_name(supplier.name)
    supplier.words = _words(supplier.name, supplier.kvk, supplier.vat, supplier.endpoint, supplier.town)


class SupplierRequest(Base):
    """Something about a supplier that one clerk asks for and another confirms or not. `supplier_id` NULL: a new one,
    which is filled in once it was confirmed.

    `data` is what is asked, by field. `alike` says which suppliers looked like it, and `distinct_because` why the one
    who asked is sure that they are others. `contact_id` is the call in which the supplier confirmed it.
    """

    __tablename__ = "supplier_request"
    __table_args__ = (
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="four_eyes"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="granted"),
        CheckConstraint("kind = 'new' OR supplier_id IS NOT NULL", name="about"),
        Index("uq_supplier_request_open", "supplier_id", "kind", unique=True, sqlite_where=text("decided_at IS NULL"),
              postgresql_where=text("decided_at IS NULL")),
        Index("ix_supplier_request_waiting", "id", sqlite_where=text("decided_at IS NULL"),
              postgresql_where=text("decided_at IS NULL")),
        Index("ix_supplier_request_supplier", "supplier_id", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"))
    kind: Mapped[str]
    data: Mapped[dict[str, Any]]
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How the fields stood when it was asked: what changed meanwhile is not overwritten unseen."""
    alike: Mapped[list[Any]] = mapped_column(default=list)
    distinct_because: Mapped[str] = mapped_column(default="")
    reason: Mapped[str]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    granted: Mapped[bool | None]

    supplier: Mapped[Supplier | None] = refers(supplier_id)
    asked_by: Mapped[Person] = refers(asked_by_id)
    decided_by: Mapped[Person | None] = refers(decided_by_id)


class SupplierAccount(Base):
    """An account of a supplier from a day on; `guarantee` is a G-account, for wage tax and VAT alone.

    Of each of both kinds the last one begun is the one paid to. `follows_id` is the account that it replaced: payments
    to such a one are held for a while, unless `released_by_id`, who neither asked for nor checked it, ends the hold
    after the supplier was called (`contact_id`). NULL makers are those of accounts that came with the first data.
    """

    __tablename__ = "supplier_account"
    __table_args__ = (
        CheckConstraint("(changed_by_id IS NULL) = (checked_by_id IS NULL)", name="checked"),
        CheckConstraint("checked_by_id <> changed_by_id", name="checked_by_another"),
        CheckConstraint("released_by_id <> changed_by_id AND released_by_id <> checked_by_id",
                        name="released_by_another"),
        CheckConstraint("(released_at IS NULL) = (released_by_id IS NULL)", name="released"),
        Index("ix_supplier_account_latest", "supplier_id", "guarantee", "id"),
        Index("ix_supplier_account_iban", "iban"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    iban: Mapped[str]
    guarantee: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date]
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("supplier_account.id"), index=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("supplier_request.id"), index=True)
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    supplier: Mapped[Supplier] = refers(supplier_id)
    changed_by: Mapped[Person | None] = refers(changed_by_id)
    checked_by: Mapped[Person | None] = refers(checked_by_id)
    released_by: Mapped[Person | None] = refers(released_by_id)
