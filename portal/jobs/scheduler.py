"""The process that keeps the time: APScheduler with the timetable, in one leader at a time.

Several may be started, for safety: one leads (an advisory lock on PostgreSQL, a lock file with SQLite), the others
wait to take over. Jobs are declared in code; nothing about them is stored but their runs.
"""

from __future__ import annotations

import fcntl
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from portal.jobs.runner import run
from portal.jobs.timetable import JOBS
from portal.worlds import World

log = logging.getLogger("portal.jobs")

LEADER_LOCK = 7_013_002
BEAT = 1.0
"""Seconds between two calls of what is done beside the timetable."""
LOOK_AGAIN = 5.0
"""Seconds between tries to become the leader."""


def serve(world: World, beside: Callable[[], None] | None = None) -> None:
    """Run until told to stop (SIGTERM or SIGINT). `beside` is called every second, by the leader alone."""
    stop = threading.Event()

    def asked(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
    with leading(world, stop) as leads:
        if leads:
            _keep_time(world, stop, beside)


def _keep_time(world: World, stop: threading.Event, beside: Callable[[], None] | None) -> None:
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 300}
    )
    for job in JOBS:
        seconds = job.rhythm.look.total_seconds()
        scheduler.add_job(run, IntervalTrigger(seconds=seconds), args=(world, job), id=job.key)
    scheduler.start()
    log.info("leading, %s jobs", len(JOBS))
    while not stop.wait(BEAT):
        if beside is not None:
            beside()
    scheduler.shutdown(wait=True)


@contextmanager
def leading(world: World, stop: threading.Event) -> Iterator[bool]:
    """Wait until this process leads; False when it was told to stop first."""
    chosen = _lock_file(world, stop) if world.db.is_sqlite else _advisory_lock(world, stop)
    with chosen as leads:
        yield leads


@contextmanager
def _lock_file(world: World, stop: threading.Event) -> Iterator[bool]:
    with (world.settings.instance / "scheduler.lock").open("w") as file:
        while not stop.is_set():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                stop.wait(LOOK_AGAIN)
            else:
                yield True
                return
        yield False


@contextmanager
def _advisory_lock(world: World, stop: threading.Event) -> Iterator[bool]:
    """The lock lives as long as its connection, which is therefore its own and not from the pool."""
    engine = create_engine(world.db.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        while not stop.is_set():
            if connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LEADER_LOCK}):
                yield True
                return
            stop.wait(LOOK_AGAIN)
        yield False
