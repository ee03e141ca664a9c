"""Files with invoices as they came in: what each said, what became of it, and why it waits when nothing did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.cases import Case
from portal.models.people import Municipality, Person
from portal.models.suppliers import Supplier

FOLDER, UPLOAD = "folder", "upload"


class InvoiceFile(Base):
    """One file, taken in once. Its bytes stay in the store of documents under `sha256`, as evidence.

    `received_at` is when it came in, by the folder or by what the clerk who brought it in says; the legal term counts
    from then. `told` is what it says of itself, in plain values; `findings` are the rules it breaks: identifier,
    severity and words of each. `seller_key` and `number` are by what the same invoice is recognised. `why` is the code
    of why it waits for a clerk or was refused; empty when it became a case at once.
    """

    __tablename__ = "invoice_file"
    __table_args__ = (
        CheckConstraint("case_id IS NULL OR settled_at IS NOT NULL", name="case_is_settled"),
        Index("ix_invoice_file_waiting", "id", sqlite_where=text("settled_at IS NULL"),
              postgresql_where=text("settled_at IS NULL")),
        Index("ix_invoice_file_same", "number", "seller_key", sqlite_where=text("number <> ''"),
              postgresql_where=text("number <> ''")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int]
    channel: Mapped[str]
    received_at: Mapped[datetime]
    taken_at: Mapped[datetime]
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    verdict: Mapped[str]
    error: Mapped[str] = mapped_column(default="")
    judged_by: Mapped[str] = mapped_column(default="")
    findings: Mapped[list[Any]] = mapped_column(default=list)
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)
    number: Mapped[str] = mapped_column(default="")
    seller_key: Mapped[str] = mapped_column(default="")
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"), index=True)
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    why: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    """The number of the case that has the same invoice."""
    mailed_to: Mapped[str] = mapped_column(default="")
    """Where the supplier was told that it was refused."""
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    set_aside: Mapped[str] = mapped_column(default="")

    supplier: Mapped[Supplier | None] = refers(supplier_id)
    municipality: Mapped[Municipality | None] = refers(municipality_id)
    case: Mapped[Case | None] = refers(case_id)
    uploaded_by: Mapped[Person | None] = refers(uploaded_by_id)
    settled_by: Mapped[Person | None] = refers(settled_by_id)
