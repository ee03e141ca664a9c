"""How many people of a unit should be there, by job title and from a day on."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class MinimumOccupancy(Base):
    """So many people of a unit with this job title, or of the unit as a whole where it is empty; 0 is no minimum.

    It holds until the next one of the same unit and title begins, so two never overlap.
    """

    __tablename__ = "minimum_occupancy"
    __table_args__ = (
        UniqueConstraint("unit_id", "job_title", "valid_from"),
        CheckConstraint("people BETWEEN 0 AND 999", name="people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    job_title: Mapped[str]
    people: Mapped[int]
    valid_from: Mapped[date]
    set_at: Mapped[datetime]
