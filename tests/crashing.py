"""Workers that are killed at random moments, again and again. Run as `python -m tests.crashing WHAT ROUNDS`.

Each worker says on standard output what it has done, after the commit. The last one is left to finish.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import worlds
from portal.clock import FixedClock
from portal.db import Base
from portal.jobs import runner, timetable
from portal.jobs.telling import in_words
from portal.models.cases import Case
from portal.models.people import Municipality, Person
from portal.settings import from_environment
from portal.worlds import World
from tests.cast import Cast, build
from tests.commands.helpers import whole
from tests.commands.money import proposed, release

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ENOUGH = 2
"""How many claims the last worker takes all the way; the ones before it go on until they are killed."""


def say(*words: object) -> None:
    """One whole line or nothing, also from a process that is killed the next moment."""
    os.write(1, f"{' '.join(map(str, words))}\n".encode())


class LettersOnDisk:
    """A mail transport that writes the Message-ID of what it was given to a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def deliver(self, message: EmailMessage) -> None:
        with self.file.open("a") as log:
            log.write(f"{message['Message-ID']}\n")


def the_world(number: int) -> World:
    """The world of the environment, at an hour of its own in each round."""
    world = worlds.production(from_environment(os.environ), FixedClock(START + timedelta(hours=number)))
    return replace(world, transport=LettersOnDisk(world.settings.instance / "letters"))


def the_cast(world: World) -> Cast:
    with world.db.session(writes=False) as session:
        people = {person.given_name.lower(): person.id for person in session.scalars(select(Person))}
        places = {place.code: place.id for place in session.scalars(select(Municipality))}
    return Cast(world, people=people, municipalities=places)


def in_state(session: Session, state: str) -> Case | None:
    found = session.scalars(select(Case.id).where(Case.state == state).limit(1)).first()
    return whole(session, found) if found else None


def claims(number: int, *, last: bool) -> None:
    """Submit, approve, check and release, whatever comes next for the claims that are there."""
    world = the_world(number)
    cast, made = the_cast(world), 0
    say("started")
    while not (last and made == ENOUGH):
        with world.db.transaction() as session:
            made += 1
            done = "submit", cast.submitted(session, "anna", key=f"{number}-{made}").number
        say(*done)
        with world.db.transaction() as session:
            case = in_state(session, "submitted")
            assert case is not None
            cast.act(session, "bram", case, "approve")
        say("approve", case.number)
        with world.db.transaction() as session:
            case = in_state(session, "approved")
            assert case is not None
            cast.checked(session, case)
        say("check", case.number)
        with world.db.transaction() as session:
            numbers = [line.payable.case.number for line in proposed(session, cast)]
            release(session, cast)
        say("release", *numbers)


def jobs(number: int, *, last: bool) -> None:
    """Deliver mail and batches and take in the bank's files, until nothing is left to do."""
    world = the_world(number)
    say("started")
    for _ in range(1000 if last else 100):
        at = world.clock.advance(timedelta(seconds=10))  # type: ignore[attr-defined]
        done = [runner.run(world, timetable.job(key), at) for key in ("deliver_mail", "deliver_batches", "import_bank")]
        for run in done:
            if run is not None and run.told:
                say(run.job, in_words(run.told))
        if not any(run is not None and run.told for run in done):
            return


def scans(number: int, *, last: bool) -> None:
    """Take in the scans that lie in the folder."""
    world = the_world(number)
    say("started")
    at = world.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    run = runner.run(world, timetable.job("take_in_scans"), at)
    if run is not None and run.told:
        say(run.job, in_words(run.told))


WORK: dict[str, Callable[..., None]] = {"claims": claims, "jobs": jobs, "scans": scans}


def warm_up() -> None:
    """Go through it all once in a scratch world, so that every worker, being a copy of this process, starts at once."""
    with TemporaryDirectory() as folder:
        scratch = from_environment({"SSC_INSTANCE": folder, "SSC_DATABASE_URL": f"sqlite:///{folder}/scratch.sqlite"})
        world = worlds.production(scratch, FixedClock(START))
        Base.metadata.create_all(world.db.engine)
        cast = build(world)
        with world.db.transaction() as session:
            cast.payable(session)
            release(session, cast)
        for job in timetable.JOBS:
            runner.run(world, job)
        world.db.dispose()


def child_of(work: Callable[..., None], number: int, *, last: bool = False) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            work(number, last=last)
        finally:
            os._exit(1)
    return pid


def main(what: str, rounds: int) -> None:
    warm_up()
    for number in range(rounds):
        pid = child_of(WORK[what], number)
        time.sleep(random.uniform(0.05, 0.5))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        say("killed", number)
    os.waitpid(child_of(WORK[what], rounds, last=True), 0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
