"""One scheduler leads; when it is killed another takes over; asked to stop it stops."""

from __future__ import annotations

import fcntl
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from portal.jobs.scheduler import leading
from portal.worlds import World

PATIENCE = 30


class Process:
    """A child whose lines can be waited for."""

    def __init__(self, world: World, *arguments: str) -> None:
        env = {key: value for key, value in os.environ.items() if not key.startswith("SSC_")} | {
            "SSC_INSTANCE": str(world.settings.instance), "SSC_DATABASE_URL": world.settings.database_url,
        }  # fmt: skip
        self.child = subprocess.Popen([sys.executable, "-m", *arguments], env=env, stdout=subprocess.PIPE, text=True)
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self.lines.put(line.strip())

    def line(self, patience: float = PATIENCE) -> str | None:
        try:
            return self.lines.get(timeout=patience)
        except queue.Empty:
            return None

    def end(self, how: signal.Signals = signal.SIGKILL) -> int:
        self.child.send_signal(how)
        code = self.child.wait(PATIENCE)
        assert self.child.stdout is not None
        self.child.stdout.close()
        return code


@contextmanager
def running(world: World, *arguments: str) -> Iterator[Process]:
    process = Process(world, *arguments)
    try:
        yield process
    finally:
        if process.child.poll() is None:
            process.end()


def test_the_second_takes_over_when_the_first_is_killed(world: World) -> None:
    with running(world, "tests.jobs.leader") as first:
        assert first.line() == "leading"
        with running(world, "tests.jobs.leader") as second:
            assert second.line(2) is None
            assert first.end() == -signal.SIGKILL
            assert second.line() == "leading"


def test_who_waits_to_lead_can_be_told_to_stop(world: World) -> None:
    stop = threading.Event()
    with leading(world, threading.Event()) as first:
        assert first
        threading.Timer(0.2, stop.set).start()
        with leading(world, stop) as second:
            assert not second
    with leading(world, threading.Event()) as again:
        assert again


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_scheduler_that_is_asked_to_stop_ends_well(world: World, how: signal.Signals) -> None:
    with running(world, "portal.cli", "scheduler") as process:
        wait_until_led(world)
        assert process.end(how) == 0


def wait_until_led(world: World) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_led(world):
        assert time.monotonic() < deadline, "nobody leads"
        time.sleep(0.1)


def is_led(world: World) -> bool:
    """Whether somebody holds the lock."""
    if not world.db.is_sqlite:
        with world.db.engine.connect() as connection:
            locks = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
            return bool(connection.scalar(locks))
    with (world.settings.instance / "scheduler.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
