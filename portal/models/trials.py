"""Trial running: each trial, what was said of its checklist, what was found, and whether it was accepted."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, refers
from portal.models.people import Municipality, Person


class TrialRun(Base):
    """A trial of a municipality, or of all together. `world` is the code of the practice world it is tried in.

    Once accepted, nothing of it changes any more.
    """

    __tablename__ = "trial_run"
    __table_args__ = (
        CheckConstraint("ends_on >= begins_on", name="period"),
        CheckConstraint("(accepted_at IS NULL) = (accepted_by_id IS NULL)", name="accepted"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"), index=True)
    title: Mapped[str]
    begins_on: Mapped[date]
    ends_on: Mapped[date]
    begun_at: Mapped[datetime]
    begun_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    world: Mapped[str] = mapped_column(default="")
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    acceptance: Mapped[str] = mapped_column(default="")
    """What was said when it was accepted."""

    municipality: Mapped[Municipality | None] = refers()
    begun_by: Mapped[Person] = refers(begun_by_id)
    accepted_by: Mapped[Person | None] = refers(accepted_by_id)


class TrialCheck(Base):
    """What somebody said of one activity of the checklist. The last counts; what was said before stays."""

    __tablename__ = "trial_check"
    __table_args__ = (Index("ix_trial_check_run_id", "run_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("trial_run.id"))
    activity: Mapped[str]
    verdict: Mapped[str]
    note: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    by: Mapped[Person] = refers(by_id)


class TrialFinding(Base):
    """Something that was found: of which element, how heavy, who sees to it and by when; and what was done about it."""

    __tablename__ = "trial_finding"
    __table_args__ = (
        Index("ix_trial_finding_run_id", "run_id", "id"),
        CheckConstraint("severity IN ('blocking', 'hindering', 'awkward')", name="severity"),
        CheckConstraint("(resolved_at IS NULL) = (resolved_by_id IS NULL)", name="resolved"),
        CheckConstraint("(resolved_at IS NULL) = (resolution = '')", name="resolution"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("trial_run.id"))
    element: Mapped[str]
    severity: Mapped[str]
    said: Mapped[str]
    owner: Mapped[str]
    due: Mapped[date]
    found_at: Mapped[datetime]
    found_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    resolution: Mapped[str] = mapped_column(default="")

    found_by: Mapped[Person] = refers(found_by_id)
    resolved_by: Mapped[Person | None] = refers(resolved_by_id)
