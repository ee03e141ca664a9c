"""How far a job is: what does long work says so now and then, and the page of jobs shows it.

Whatever runs for a job may call `progress(done, of)` as often as it likes; at most once a second it is written, in a
transaction of its own. Call it between your own transactions: with SQLite there is one writer at a time. Outside a job
(on the command line, in a test) it does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import update

from portal.clock import stopwatch
from portal.models.jobs import JobRun
from portal.worlds import World

APART = 1.0
"""Seconds between two writings."""

_Tell = Callable[[int, int], None]
_telling: ContextVar[_Tell | None] = ContextVar("telling", default=None)


def progress(done: int, of: int) -> None:
    """So many of so many are done."""
    tell = _telling.get()
    if tell is not None:
        tell(done, of)


@contextmanager
def told_by(tell: _Tell) -> Iterator[None]:
    """Within this block, what is told of progress goes there."""
    before = _telling.set(tell)
    try:
        yield
    finally:
        _telling.reset(before)


def written(world: World, run_id: int, apart: float = APART) -> _Tell:
    """Write progress down with this run, every `apart` seconds at most; what is done within that time says nothing."""
    since = stopwatch()
    last = 0.0

    def tell(done: int, of: int) -> None:
        nonlocal last
        if since() - last < apart:
            return
        last = since()
        with world.db.transaction() as session:
            session.execute(
                update(JobRun)
                .where(JobRun.id == run_id, JobRun.finished_at.is_(None))
                .values(done=done, of=of, alive_at=world.clock.now())
            )

    return tell
