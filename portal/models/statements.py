"""Statements in place of a receipt, to be counted by person and year."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class ReceiptStatement(Base):
    """Somebody declared in a case that a receipt is missing, for an expense of `day`. What they said is in the case."""

    __tablename__ = "receipt_statement"
    __table_args__ = (
        UniqueConstraint("case_id", "line_key"),
        Index("ix_receipt_statement_person_id", "person_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    line_key: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    day: Mapped[date]
    signed_at: Mapped[datetime]
