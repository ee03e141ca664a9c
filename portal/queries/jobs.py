"""Runs of jobs as they are looked at."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.jobs import JobRun


def job_runs(session: Session, limit: int = 40) -> Sequence[JobRun]:
    """The last runs, failed ones too; the newest first."""
    return session.scalars(select(JobRun).order_by(JobRun.id.desc()).limit(limit)).all()


def last_run(session: Session, job: str) -> JobRun | None:
    """The last run of a job that had something to tell."""
    return session.scalars(select(JobRun).where(JobRun.job == job).order_by(JobRun.due.desc()).limit(1)).first()
