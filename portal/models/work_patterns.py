"""On which days of the week somebody works for how long, by employment."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class EmploymentPattern(Base):
    """The week, or the two weeks that take turns, that somebody works from a day on.

    It holds until the next one of the same employment begins, so two never overlap. `anchor` is a Monday of a first
    week. On days before the first one holds what was agreed for the municipality.
    """

    __tablename__ = "employment_pattern"
    __table_args__ = (
        UniqueConstraint("employment_id", "valid_from"),
        CheckConstraint("weeks IN (1, 2)", name="weeks"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employment_id: Mapped[int] = mapped_column(ForeignKey("employment.id"))
    valid_from: Mapped[date]
    weeks: Mapped[int]
    anchor: Mapped[date]
    set_at: Mapped[datetime]


class PatternDay(Base):
    """The minutes of one day of a pattern: 0 to 6 are Monday to Sunday, 7 to 13 those of the second week.

    A day that is not worked has no row.
    """

    __tablename__ = "employment_pattern_day"
    __table_args__ = (
        CheckConstraint("day BETWEEN 0 AND 13", name="day"),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes"),
    )

    pattern_id: Mapped[int] = mapped_column(
        ForeignKey("employment_pattern.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    minutes: Mapped[int]
