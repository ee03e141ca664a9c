"""Samples: the secret seed of a municipality's month, and the cases that are or were drawn by lot with it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Municipality


class SampleSeed(Base):
    """What is drawn with in one municipality for what is handed in in one month; `month` is its first day.

    Chosen before the cases are known and never changed: its digest is in the event chain from that moment on.
    """

    __tablename__ = "sample_seed"
    __table_args__ = (UniqueConstraint("municipality_id", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    month: Mapped[date]
    seed: Mapped[str]
    chosen_at: Mapped[datetime]

    municipality: Mapped[Municipality] = refers()


class SampleDraw(Base):
    """One case that went on without approval beforehand: with which seed and threshold it is drawn, and whether it was.

    `threshold` is in hundredths of a percent and settled when the case is handed in, so that drawing later changes
    nothing. The row outlives its case, so that the draw can be done again.
    """

    __tablename__ = "sample_draw"
    __table_args__ = (
        CheckConstraint("threshold BETWEEN 0 AND 10000", name="threshold"),
        CheckConstraint("(drawn_at IS NULL) = (drawn IS NULL)", name="drawn_when"),
        Index("ix_sample_draw_waiting", "id", sqlite_where=text("drawn IS NULL"),
              postgresql_where=text("drawn IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    seed_id: Mapped[int] = mapped_column(ForeignKey("sample_seed.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    threshold: Mapped[int]
    entered_at: Mapped[datetime]
    drawn_at: Mapped[datetime | None]
    drawn: Mapped[bool | None]

    seed: Mapped[SampleSeed] = refers()
