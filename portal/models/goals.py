"""Goals of working together, what was really spent, and the evaluations in which both are looked at."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Municipality, Person


class Goal(Base):
    """One goal, of a municipality or (without one) of all together. It stays as it was agreed; it can be withdrawn.

    `indicator` is the key of the indicator that measures it, `aimed` an exact number as text.
    """

    __tablename__ = "goal"
    __table_args__ = (CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"), index=True)
    indicator: Mapped[str]
    aimed: Mapped[str]
    said: Mapped[str]
    agreed_by: Mapped[str]
    agreed_on: Mapped[date]
    realistic: Mapped[str]
    due: Mapped[date]
    instrument: Mapped[str]
    monitoring: Mapped[str]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    set_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(default="")

    municipality: Mapped[Municipality | None] = refers(municipality_id)


class RealCost(Base):
    """What a year really cost a municipality: to run, and once. Rows are added; the last of a year holds."""

    __tablename__ = "real_cost"
    __table_args__ = (
        CheckConstraint("running_cents >= 0 AND investment_cents >= 0", name="costs"),
        Index("ix_real_cost_municipality_id", "municipality_id", "year", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    year: Mapped[int]
    running_cents: Mapped[int]
    investment_cents: Mapped[int]
    source: Mapped[str]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    entered_at: Mapped[datetime]


class Evaluation(Base):
    """The conclusion about a year, with the figures that it was drawn from. A later one is another edition.

    `scope` is the code of a municipality, or what stands for all together.
    """

    __tablename__ = "evaluation"
    __table_args__ = (UniqueConstraint("scope", "year", "edition"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str]
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"), index=True)
    year: Mapped[int]
    edition: Mapped[int]
    conclusion: Mapped[str]
    figures: Mapped[dict[str, Any]]
    concluded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    concluded_at: Mapped[datetime]

    concluded_by: Mapped[Person] = refers(concluded_by_id)
