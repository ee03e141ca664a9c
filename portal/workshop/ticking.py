"""What happens in a story because its time passes: timers of the workshop and jobs of the timetable, in their order.

Once a second one process lets every story go on to the moment that it is there (`keeping.py`). What is due is done at
its own moment, not at the moment it is found, so that after a jump or a restart everything comes in the order in which
it would have come. A timer is done in one transaction with what it does: nothing happens twice, and nothing gets lost.

Jobs that look for work every few seconds or minutes look when something happened, and at the end of each tick; those of
every quarter or hour look on the hour while the office is open. What they do late they do as well: jobs do whatever
there is to do.
"""

from __future__ import annotations

import fcntl
import logging
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.clock import FixedClock, stopwatch
from portal.jobs.rhythm import Every
from portal.jobs.telling import Told
from portal.jobs.timetable import JOBS, Job
from portal.models.events import CaseEvent
from portal.models.jobs import JobRun
from portal.queries.people import national_calendar
from portal.workshop import undo
from portal.workshop.tables import Segment, Ticked, Timer
from portal.worlds import World
from workflows.kernel import Refused

log = logging.getLogger("portal.workshop")

BUDGET = 1.0
"""For how many seconds at a time one story may catch up, before others get their turn."""
SAVED = 0.5
"""After so many seconds of work it is written down how far it is."""
HOURLY = Every(timedelta(hours=1))
SLICE = timedelta(minutes=5)
"""So much of the story is played between two looks around: about what passes in a second at the usual pace."""
MOST = 1000
"""So many timers at a time, lest one that puts itself back holds up the jobs."""
NOT_PLAYED = frozenset({"tidy", "anchor_chain"})
"""Files are swept by the clock on the wall, which is another; an end of the chain that is kept could not be undone."""

PLAYED = [job for job in JOBS if job.key not in NOT_PLAYED]
QUARTER = timedelta(minutes=15)

Happening = Callable[[World, Session, Timer], str]
Looking = Callable[[World, Session, datetime], None]


@dataclass(frozen=True)
class Play:
    """What is played: by kind what a timer does (it tells what came of it), and how bots look around afterwards."""

    timers: Mapping[str, Happening]
    look_around: Looking


def tick(world: World, play: Play, seconds: float = BUDGET) -> bool:
    """Let the story go on to the moment that it is, or as far as it comes in so many seconds.

    False when another process is at it.
    """
    with _alone(world) as alone:
        if alone:
            run_until(world, world.clock.now(), play, seconds)
    return alone


def _often(rest: timedelta) -> list[Job]:
    """The jobs that look for work more often than once in a quarter, or in this time."""
    least = max(rest, QUARTER)
    return [job for job in PLAYED if isinstance(job.rhythm, Every) and job.rhythm.apart < least]


def run_until(
    world: World, until: datetime, play: Play, seconds: float = math.inf, rest: timedelta = timedelta(0)
) -> datetime:
    """Do everything that is due up to this moment of the story, in its order. Returns up to when all of it is done.

    Jobs that look often rest so long in the story between two looks, when nobody is there to see what they do.
    """
    with undo.by_time():
        return _run_until(world, until, play, seconds, rest)


def _run_until(world: World, until: datetime, play: Play, seconds: float, rest: timedelta) -> datetime:
    since = looked = _done_until(world)
    often = _often(rest)
    seldom = [job for job in PLAYED if job not in often]
    working, unsaved = stopwatch(), stopwatch()
    while True:
        due = [job for job in seldom if _next(job, since) <= until]
        moment = min([until, *(_next(job, since) for job in due)])
        first = _first_timer(world, moment)
        if first is not None:
            moment = min(moment, max(since, first.at) + SLICE)
        happened = _happen_until(world, moment, play)
        for job in due:
            if _next(job, since) <= moment:
                happened = _work(world, job, moment) or happened
        if happened or moment >= until:
            if moment - looked >= rest or moment >= until:
                looked = moment
                for job in often:
                    _work(world, job, moment)
            with world.db.transaction() as session:
                play.look_around(_at(world, moment), session, moment)
        since = max(since, moment)
        ends = working() > seconds or (since >= until and _first_timer(world, until) is None)
        if ends or unsaved() > SAVED:
            _save(world, since)
            unsaved = stopwatch()
        if ends:
            return since


def _at(world: World, moment: datetime) -> World:
    """The world as it is for what is due at this moment, also when that is done later."""
    return replace(world, clock=FixedClock(moment))


def _happen_until(world: World, until: datetime, play: Play) -> bool:
    """Do what timers are due for, the first one first; whether there were any."""
    done = 0
    while done < MOST and (timer := _first_timer(world, until)) is not None:
        _happen(world, timer, play)
        done += 1
    return done > 0


def _next(job: Job, since: datetime) -> datetime:
    """When a job is due next: what is due several times a day, on the hour and when the office is open."""
    if isinstance(job.rhythm, Every) and job.rhythm.apart < timedelta(days=1):
        due = max(job.next(since), HOURLY.next(since))
        return national_calendar().next_office_moment(due)
    return job.next(since)


def _done_until(world: World) -> datetime:
    """Up to when everything was done; at first, when the story began."""
    with world.db.session(writes=False) as session:
        done = session.scalar(select(func.max(Ticked.at)))
        return done or session.scalars(select(Segment.at).order_by(Segment.id).limit(1)).one()


def _save(world: World, until: datetime) -> None:
    with world.db.transaction() as session:
        session.merge(Ticked(id=1, at=until))


def _first_timer(world: World, until: datetime) -> Timer | None:
    due = select(Timer).where(Timer.done.is_(False), Timer.at <= until).order_by(Timer.at, Timer.id).limit(1)
    with world.db.session(writes=False) as session:
        return session.scalars(due).first()


def _happen(world: World, due: Timer, play: Play) -> None:
    """Do what a timer is for, and that it is done. What goes wrong in it is written down, and the story goes on."""
    try:
        with world.db.transaction() as session:
            timer = session.get_one(Timer, due.id)
            # Nothing happens before what happened already: somebody may have been there since it was due.
            timer.at = max(timer.at, session.scalar(select(func.max(CaseEvent.at))) or timer.at)
            timer.done = True
            timer.told = play.timers[timer.kind](_at(world, timer.at), session, timer)[:500]
    except Refused as refused:
        _set_aside(world, due, "refused: " + ", ".join(sorted(refused.codes)))
    except Exception as failure:
        log.exception("timer %s (%s) of %s failed", due.id, due.kind, world.name)
        _set_aside(world, due, f"{type(failure).__name__}: {failure}")


def _set_aside(world: World, due: Timer, why: str) -> None:
    with world.db.transaction() as session:
        timer = session.get_one(Timer, due.id)
        timer.done, timer.told = True, why[:500]


def _work(world: World, job: Job, at: datetime) -> bool:
    """Run a job at a moment of the story; whether it did something. A failure is written down and tried again later."""
    told: Told = []
    error, took = "", stopwatch()
    try:
        told = job.work(_at(world, at), at)
    except Exception as failure:
        log.exception("job %s of %s failed", job.key, world.name)
        error = f"{type(failure).__name__}: {failure}"[:1000]
    if told or error:
        _write_down(world, job, at, told, error, round(took() * 1000))
    return bool(told)


def _write_down(world: World, job: Job, at: datetime, told: Told, error: str, milliseconds: int) -> None:
    run = JobRun(job=job.key, due=at, started_at=at, finished_at=at, told=told, error=error, milliseconds=milliseconds)
    try:
        with world.db.transaction() as session:
            session.add(run)
    except IntegrityError:
        log.info("job %s of %s ran at this moment before", job.key, world.name)


@contextmanager
def _alone(world: World) -> Iterator[bool]:
    """Whether this process alone lets the story go on while the block lasts."""
    with (world.settings.instance / "tick.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
