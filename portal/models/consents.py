"""Who may fill in what is another's: consent that somebody gave, with dates."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class PreparerConsent(Base):
    """`person_id` lets `preparer_id` fill in requests for them, from when to when (last day included).

    Whatever is filled in so, they still confirm themselves.
    """

    __tablename__ = "preparer_consent"
    __table_args__ = (
        CheckConstraint("person_id <> preparer_id", name="other"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    preparer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    given_at: Mapped[datetime]
