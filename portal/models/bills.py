"""Invoices beside their cases: by what those of all municipalities are held against each other."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class CaseBill(Base):
    """What an invoice is known by, written with its content. `number` is as it is compared, `name` that of its supplier
    without legal form."""

    __tablename__ = "case_bill"
    __table_args__ = (
        Index("ix_case_bill_number", "number", "id"),
        Index("ix_case_bill_cents", "cents", "issued"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), unique=True)
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"), index=True)
    name: Mapped[str]
    number: Mapped[str]
    issued: Mapped[date | None]
    cents: Mapped[int]
    iban: Mapped[str]
    credit: Mapped[bool]
