"""Running one job: claim the moment it was due, work, and write down how it went.

The claim is a unique row, so that of two processes that both want to run a job at a moment, one does. A moment that
was missed (the process was down) is caught up by the next run: jobs do whatever there is to do, not what was new.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.clock import stopwatch
from portal.jobs import progress
from portal.jobs.telling import Told
from portal.jobs.timetable import Job
from portal.models.jobs import JobLook, JobRun
from portal.worlds import World

log = logging.getLogger("portal.jobs")


def run(world: World, job: Job, at: datetime | None = None) -> JobRun | None:
    """Run a job if its moment is not claimed yet. Returns the run, or None when somebody else has it.

    A run that found nothing to do leaves no row of its own: jobs that look every few seconds would bury the others.
    That it looked stands in the one row that each job has for it.
    """
    at = at or world.clock.now()
    claim = _claim(world, job, at)
    if claim is None:
        return None
    told: Told = []
    error = ""
    took = stopwatch()
    try:
        with progress.told_by(progress.written(world, claim)):
            told = job.work(world, at)
    except Exception as failure:
        log.exception("job %s failed", job.key)
        error = f"{type(failure).__name__}: {failure}"[:1000]
    milliseconds = round(took() * 1000)
    with world.db.transaction() as session:
        _looked(session, job, at, {"milliseconds": milliseconds, "told": told, "error": error})
        if not told and not error:
            session.delete(session.get_one(JobRun, claim))
            return JobRun(id=claim, job=job.key, due=job.due(at), started_at=at, told=[])
        session.execute(
            update(JobRun)
            .where(JobRun.id == claim)
            .values(finished_at=world.clock.now(), told=told, error=error, milliseconds=milliseconds)
        )
        return session.scalars(select(JobRun).where(JobRun.id == claim).execution_options(populate_existing=True)).one()


def _looked(session: Session, job: Job, at: datetime, how: dict[str, object]) -> None:
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert
    said = {"at": at, **how}
    row = insert(JobLook).values(job=job.key, **said)
    session.execute(row.on_conflict_do_update(index_elements=[JobLook.job], set_=said))


def _claim(world: World, job: Job, at: datetime) -> int | None:
    try:
        with world.db.transaction() as session:
            new = JobRun(job=job.key, due=job.due(at), started_at=at)
            session.add(new)
            session.flush()
            return new.id
    except IntegrityError:
        return _claim_again(world, job, at, at - job.again_after) if job.again_after else None


def _claim_again(world: World, job: Job, at: datetime, since: datetime) -> int | None:
    """The same moment once more, when its run failed or was cut short before `since`. One of two gets it."""
    with world.db.transaction() as session:
        found = session.scalars(
            select(JobRun)
            .where(
                JobRun.job == job.key, JobRun.due == job.due(at), JobRun.started_at <= since,
                or_(JobRun.alive_at.is_(None), JobRun.alive_at <= since),
                or_(JobRun.finished_at.is_(None), (JobRun.error != "") & (JobRun.finished_at <= since)),
            )
            .with_for_update()
        ).first()  # fmt: skip
        if found is None:
            return None
        found.started_at, found.finished_at, found.alive_at, found.milliseconds = at, None, None, None
        found.told, found.error, found.done, found.of = [], "", 0, 0
        found.tries += 1
        return found.id
