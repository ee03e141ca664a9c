"""What people thought of how a case of theirs was handled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class Satisfaction(Base):
    """A mark from 1 to 10 for a case, by whoever asked for it, perhaps with a remark; `at` is when it was first given.

    When the case is destroyed the mark stays: without the case, the person and the remark.
    """

    __tablename__ = "satisfaction"
    __table_args__ = (
        CheckConstraint("score BETWEEN 1 AND 10", name="score"),
        CheckConstraint("case_id IS NOT NULL OR (person_id IS NULL AND remark = '')", name="whose"),
        Index("ix_satisfaction_municipality_id", "municipality_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    score: Mapped[int]
    remark: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
