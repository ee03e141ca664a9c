"""Running one job: claim the moment it was due, work, and write down how it went.

The claim is a unique row, so that of two processes that both want to run a job at a moment, one does. A moment that
was missed (the process was down) is caught up by the next run: jobs do whatever there is to do, not what was new.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.jobs.telling import Told
from portal.jobs.timetable import Job
from portal.models.jobs import JobRun
from portal.worlds import World

log = logging.getLogger("portal.jobs")


def run(world: World, job: Job, at: datetime | None = None) -> JobRun | None:
    """Run a job if its moment is not claimed yet. Returns the run, or None when somebody else has it.

    A run that found nothing to do leaves no row: jobs that look every few seconds would bury the others.
    """
    at = at or world.clock.now()
    claim = _claim(world, job, at)
    if claim is None:
        return None
    told: Told = []
    error = ""
    try:
        told = job.work(world, at)
    except Exception as failure:
        log.exception("job %s failed", job.key)
        error = f"{type(failure).__name__}: {failure}"[:1000]
    with world.db.transaction() as session:
        if not told and not error:
            session.delete(session.get_one(JobRun, claim))
            return JobRun(id=claim, job=job.key, due=job.due(at), started_at=at, told=[])
        session.execute(
            update(JobRun).where(JobRun.id == claim).values(finished_at=world.clock.now(), told=told, error=error)
        )
        return session.scalars(select(JobRun).where(JobRun.id == claim).execution_options(populate_existing=True)).one()


def _claim(world: World, job: Job, at: datetime) -> int | None:
    try:
        with world.db.transaction() as session:
            new = JobRun(job=job.key, due=job.due(at), started_at=at)
            session.add(new)
            session.flush()
            return new.id
    except IntegrityError:
        return None
