"""Running jobs: each moment once, whoever gets to it first; failures written down; the timetable itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock

from sqlalchemy import select

from portal.jobs import runner
from portal.jobs.telling import Told, told
from portal.jobs.timetable import JOBS, Job, job
from portal.models.jobs import JobRun
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
    return Job("quarter", "Every quarter", timedelta(minutes=15), work)


def rows(world: World) -> Sequence[JobRun]:
    with world.db.session(writes=False) as session:
        return session.scalars(select(JobRun).order_by(JobRun.id)).all()


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


def test_a_job_is_due_at_its_rhythm_from_midnight() -> None:
    at = datetime(2026, 11, 24, 9, 7, 31, 5, tzinfo=UTC)
    due = {each.key: each.due(at) for each in JOBS}
    assert due["deliver_mail"] == at.replace(second=30, microsecond=0)
    assert due["remind"] == at.replace(minute=0, second=0, microsecond=0)
    assert due["verify_chain"] == at.replace(hour=0, minute=0, second=0, microsecond=0)
    assert all(moment <= at and each.due(moment) == moment for each, moment in zip(JOBS, due.values(), strict=True))


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
