"""The business case of each municipality, in versions: what it cost before, and what every year costs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Person


class BusinessCaseVersion(Base):
    """One version: written once and never changed; the highest number holds. `reason` says on what it is based."""

    __tablename__ = "business_case_version"
    __table_args__ = (
        UniqueConstraint("municipality_id", "version"),
        CheckConstraint("current_cents >= 0", name="current"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    version: Mapped[int]
    current_cents: Mapped[int]
    reason: Mapped[str]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    entered_at: Mapped[datetime]

    entered_by: Mapped[Person] = refers(entered_by_id)


class BusinessCaseYear(Base):
    """What one year costs in a version: to run, and once."""

    __tablename__ = "business_case_year"
    __table_args__ = (CheckConstraint("running_cents >= 0 AND investment_cents >= 0", name="costs"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("business_case_version.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    running_cents: Mapped[int]
    investment_cents: Mapped[int]
