"""Running jobs: each moment once, whoever gets to it first; failures written down; the timetable itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock

from sqlalchemy import select

from portal.db import Database
from portal.jobs import progress, runner
from portal.jobs.rhythm import Every, Monthly
from portal.jobs.telling import Told, told
from portal.jobs.timetable import JOBS, Job, job
from portal.models.jobs import JobLook, JobRun
from portal.queries import jobs as queries
from portal.worlds import World
from tests.commands.helpers import at_once

DID_IT = told("reminded", reminded=1, escalated=0)


class Work:
    """A job's work that counts how often it was done."""

    def __init__(self, told: Told = DID_IT, error: Exception | None = None) -> None:
        self.times, self.told, self.error, self.lock = 0, told, error, Lock()

    def __call__(self, world: World, at: datetime) -> Told:
        with self.lock:
            self.times += 1
        if self.error:
            raise self.error
        return self.told


def every_quarter(work: Work) -> Job:
    return Job("quarter", "Every quarter", Every(timedelta(minutes=15)), work)


def rows(world: World) -> Sequence[JobRun]:
    with world.db.session(writes=False) as session:
        return session.scalars(select(JobRun).order_by(JobRun.id)).all()


def looked(world: World) -> Mapping[str, JobLook]:
    with world.db.session(writes=False) as session:
        return queries.looks(session)


def test_of_two_runners_at_once_one_works(world: World) -> None:
    work, now = Work(), world.clock.now()
    for moment in range(3):
        at = now + moment * timedelta(minutes=15)
        outcomes = at_once(*[lambda at=at: runner.run(world, every_quarter(work), at)] * 2)
        assert sorted(isinstance(each, JobRun) for each in outcomes) == [False, True], outcomes
    assert work.times == 3
    assert [row.told for row in rows(world)] == [DID_IT] * 3


def test_a_moment_is_claimed_until_the_next_one_is_due(world: World) -> None:
    work, now = Work(), world.clock.now()
    ran = [
        runner.run(world, every_quarter(work), now + timedelta(minutes=m)) is not None for m in (0, 1, 14, 15, 29, 30)
    ]
    assert ran == [True, False, False, True, False, True]


def test_a_run_is_written_down(world: World) -> None:
    runner.run(world, every_quarter(Work()), world.clock.now() + timedelta(minutes=3))
    (row,) = rows(world)
    assert (row.job, row.due) == ("quarter", world.clock.now())
    assert (row.started_at, row.finished_at) == (world.clock.now() + timedelta(minutes=3), world.clock.now())
    assert (row.told, row.error) == (DID_IT, "")


def test_a_run_with_nothing_to_do_leaves_no_row_and_may_look_again(world: World) -> None:
    work = Work([])
    assert runner.run(world, every_quarter(work)) is not None
    assert runner.run(world, every_quarter(work)) is not None
    assert (work.times, rows(world)) == (2, [])
    look = looked(world)["quarter"]
    assert (look.at, look.told, look.error) == (world.clock.now(), [], "")
    assert look.milliseconds >= 0


def test_a_failed_job_leaves_its_error_and_runs_again_at_the_next_moment(world: World) -> None:
    work = Work(error=RuntimeError("the disk is full " + "!" * 2000))
    failed = runner.run(world, every_quarter(work))
    assert failed is not None
    assert failed.error.startswith("RuntimeError: the disk is full")
    assert len(failed.error) == 1000
    assert runner.run(world, every_quarter(work)) is None
    work.error = None
    done = runner.run(world, every_quarter(work), world.clock.now() + timedelta(minutes=15))
    assert done is not None
    assert [(row.error == "", row.told) for row in rows(world)] == [(False, []), (True, DID_IT)]
    look = looked(world)["quarter"]
    assert (look.at, look.told, look.error) == (world.clock.now() + timedelta(minutes=15), DID_IT, "")


def processes(world: World) -> list[World]:
    """The same installation twice, with connections of its own each, as two schedulers have it."""
    return [replace(world, db=Database(world.db.url)) for _ in range(2)]


def test_a_monthly_job_runs_once_in_each_month_with_two_schedulers(world: World) -> None:
    work, both = Work(), processes(world)
    monthly = Job("report", "Each month", Monthly(1, 6), work)
    looks = [
        datetime(2026, month, day, hour, tzinfo=UTC) for month in (9, 10, 11, 12) for day, hour in ((1, 5), (25, 1))
    ]
    for at in looks:
        at_once(*[lambda one=one, at=at: runner.run(one, monthly, at) for one in both])
    for one in both:
        one.db.dispose()
    assert work.times == 4
    due = [(row.due, row.tries) for row in rows(world)]
    assert due == [(datetime(2026, month, 1, 4 + (month > 10), tzinfo=UTC), 1) for month in (9, 10, 11, 12)]


def test_after_downtime_the_last_moment_is_run_and_its_work_sees_to_the_rest(world: World) -> None:
    work = Work()
    monthly = Job("report", "Each month", Monthly(1, 6), work)
    for at in (datetime(2026, 6, 10, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)):
        runner.run(world, monthly, at)
    assert [row.due.month for row in rows(world)] == [6, 11]


def test_what_is_due_seldom_is_tried_again_by_one_of_two(world: World) -> None:
    work, both = Work(error=RuntimeError("no room")), processes(world)
    monthly = Job("report", "Each month", Monthly(1, 6), work, again_after=timedelta(hours=1))
    now = world.clock.now()
    assert runner.run(world, monthly, now) is not None
    assert runner.run(world, monthly, now + timedelta(minutes=59)) is None
    work.error = None
    later = now + timedelta(minutes=61)
    outcomes = at_once(*[lambda one=one: runner.run(one, monthly, later) for one in both])
    assert sorted(isinstance(each, JobRun) for each in outcomes) == [False, True], outcomes
    assert [(row.tries, row.error, row.told) for row in rows(world)] == [(2, "", DID_IT)]
    assert runner.run(world, monthly, later + timedelta(days=2)) is None
    for one in both:
        one.db.dispose()


def test_a_run_that_was_cut_short_is_tried_again_when_it_gives_no_sign_of_life(world: World) -> None:
    work, now = Work(), world.clock.now()
    monthly = Job("report", "Each month", Monthly(1, 6), work, again_after=timedelta(hours=1))
    with world.db.transaction() as session:
        begun = now - timedelta(hours=3)
        session.add(JobRun(job="report", due=monthly.due(now), started_at=begun, alive_at=now - timedelta(minutes=30)))
    assert runner.run(world, monthly, now) is None
    assert runner.run(world, monthly, now + timedelta(minutes=31)) is not None
    assert [(row.tries, row.told) for row in rows(world)] == [(2, DID_IT)]


def test_how_far_a_run_is_can_be_seen_while_it_runs(world: World) -> None:
    with world.db.transaction() as session:
        session.add(JobRun(id=7, job="report", due=world.clock.now(), started_at=world.clock.now()))
    progress.progress(1, 2)
    with progress.told_by(progress.written(world, 7, apart=0)):
        progress.progress(3, 10)
        (row,) = rows(world)
        assert (row.done, row.of, row.alive_at) == (3, 10, world.clock.now())
    with progress.told_by(progress.written(world, 7)):
        progress.progress(4, 10)
    progress.progress(5, 10)
    (row,) = rows(world)
    assert (row.done, row.of) == (3, 10)


def test_every_job_has_a_key_of_its_own_and_does_nothing_in_an_empty_world(world: World) -> None:
    assert len({each.key for each in JOBS}) == len(JOBS)
    for each in JOBS:
        assert job(each.key) is each
        done = runner.run(world, each)
        assert done is not None
        assert not done.error


def test_the_command_runs_a_job_once_for_its_moment(world: World) -> None:
    settings = world.settings
    env = {key: value for key, value in os.environ.items() if not key.startswith("SSC_")} | {
        "SSC_INSTANCE": str(settings.instance), "SSC_DATABASE_URL": settings.database_url,
    }  # fmt: skip

    def run(key: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "portal.cli", "job", key]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout.strip()

    assert run("verify_chain") == (0, "Events verified: 0")
    assert run("verify_chain") == (0, "already run for this moment")
