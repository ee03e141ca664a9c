"""Runs of scheduled jobs: each moment a job was due is run once, whoever gets to it first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class JobRun(Base):
    """One run of one job. `told` says in codes and numbers what it did; `error` why it failed."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("job", "due"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str]
    due: Mapped[datetime]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    told: Mapped[list[Any]] = mapped_column(default=list)
    error: Mapped[str] = mapped_column(default="")
