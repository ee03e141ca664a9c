"""Runs of scheduled jobs: each moment a job was due is run once, whoever gets to it first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base

UNFINISHED = text("finished_at IS NULL")


class JobRun(Base):
    """One run of one job. `told` says in codes and numbers what it did; `error` why it failed.

    `done` of `of` is how far it is while it runs, `alive_at` when it last gave a sign of life. A run that failed or was
    cut short may be tried again for the same moment: `tries` counts.
    """

    __tablename__ = "job_run"
    __table_args__ = (
        UniqueConstraint("job", "due"),
        Index("ix_job_run_unfinished", "id", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str]
    due: Mapped[datetime]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    told: Mapped[list[Any]] = mapped_column(default=list)
    error: Mapped[str] = mapped_column(default="")
    tries: Mapped[int] = mapped_column(default=1)
    done: Mapped[int] = mapped_column(default=0)
    of: Mapped[int] = mapped_column(default=0)
    alive_at: Mapped[datetime | None]
    milliseconds: Mapped[int | None]


class JobLook(Base):
    """The last time a job looked whether there was something to do, also when there was nothing: one row a job."""

    __tablename__ = "job_look"

    job: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    milliseconds: Mapped[int]
    told: Mapped[list[Any]] = mapped_column(default=list)
    error: Mapped[str] = mapped_column(default="")
