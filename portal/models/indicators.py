"""Indicators: their versioned definitions, what each says of every case and question, and the sums by month.

Facts outlive what they are of (a destroyed case), so they refer to nothing and hold what a report needs.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base

NOWHERE = 0
"""In place of a municipality: of a contact with somebody of whom it is not known where they work."""


class IndicatorVersion(Base):
    """One version of the definition of an indicator, for all or for one municipality.

    It holds for what came in from `valid_from` on, until the next version; `workflows/indicators.py` reads it.
    """

    __tablename__ = "indicator_version"
    __table_args__ = (UniqueConstraint("key", "version", "municipality_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    version: Mapped[int]
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"), index=True)
    valid_from: Mapped[date]
    definition: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(default="")


class IndicatorFact(Base):
    """What one version says of one thing that it counts; `outcome` is empty while that is not certain."""

    __tablename__ = "indicator_fact"
    __table_args__ = (
        Index("ix_indicator_fact_subject", "subject_id", "kind"),
        Index("ix_indicator_fact_judged", "version_id", "municipality_id", "judged_at", "id"),
        Index("ix_indicator_fact_open", "due_at", "version_id", sqlite_where=text("outcome = ''"),
              postgresql_where=text("outcome = ''")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int]
    kind: Mapped[str]
    """What it is of: a `case`, a `question` or a `score`."""
    subject_id: Mapped[int]
    nth: Mapped[int]
    municipality_id: Mapped[int]
    case_type: Mapped[str] = mapped_column(default="")
    number: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    judged_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")
    amount: Mapped[int] = mapped_column(default=0)


class IndicatorMonth(Base):
    """How many facts of a version had an outcome in a month, and their amounts together: the sums that reports read.

    `made_good` counts, in the month in which it was done, what had been late before.
    """

    __tablename__ = "indicator_month"

    version_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    municipality_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    amount: Mapped[int] = mapped_column(default=0)


class IndicatorMark(Base):
    """Up to where the log has been counted. One row; whoever counts holds it."""

    __tablename__ = "indicator_mark"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(default=0)
    entry_id: Mapped[int] = mapped_column(default=0)
    """Of what is done about questions: entries are looked at again for a day, as they need not come in order."""
    score_id: Mapped[int] = mapped_column(default=0)
    counted_at: Mapped[datetime | None]
    closing_days: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The closing days of each municipality as they were counted with: another calendar means counting again."""
