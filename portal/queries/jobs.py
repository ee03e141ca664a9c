"""Jobs and their runs as they are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.jobs import JobLook, JobRun


def looks(session: Session) -> Mapping[str, JobLook]:
    """The last time each job looked, by its key."""
    return {one.job: one for one in session.scalars(select(JobLook))}


def unfinished(session: Session) -> Mapping[str, JobRun]:
    """The latest run of each job that did not end yet, by its key; also what was cut short long ago."""
    found = session.scalars(select(JobRun).where(JobRun.finished_at.is_(None)).order_by(JobRun.id))
    return {one.job: one for one in found}


def failures(session: Session, limit: int = 20) -> Sequence[JobRun]:
    """The last runs that failed, the newest first, among the latest that left a row."""
    latest = select(JobRun.id).order_by(JobRun.id.desc()).limit(500).scalar_subquery()
    query = select(JobRun).where(JobRun.id.in_(latest), JobRun.error != "").order_by(JobRun.id.desc()).limit(limit)
    return session.scalars(query).all()


def runs_of(session: Session, job: str, before: int | None, limit: int = 40) -> tuple[Sequence[JobRun], int | None]:
    """The runs of a job that did something, failed or run now, the latest due first; and where the next page begins."""
    query = select(JobRun).where(JobRun.job == job).order_by(JobRun.due.desc()).limit(limit + 1)
    if before is not None:
        last = select(JobRun.due).where(JobRun.id == before, JobRun.job == job).scalar_subquery()
        query = query.where(JobRun.due < last)
    found = session.scalars(query).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def last_run(session: Session, job: str) -> JobRun | None:
    """The last run of a job that had something to tell."""
    return session.scalars(select(JobRun).where(JobRun.job == job).order_by(JobRun.due.desc()).limit(1)).first()
