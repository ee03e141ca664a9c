"""Whom somebody wants to decide in their place whenever they are on leave."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class StandingSubstitute(Base):
    """One for each person. Approved leave opens a substitution, which ends when the leave is not taken."""

    __tablename__ = "standing_substitute"
    __table_args__ = (CheckConstraint("person_id <> substitute_id", name="other"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    substitute_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    named_at: Mapped[datetime]
