"""Thirty at the table: the plug is pulled in the middle of a round, all go on where they were, and play two rounds."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from time import sleep
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import select

from portal.clock import stopwatch
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.workshop import opening, pace, playing, reading, seats
from portal.workshop.scenario import Scenario
from portal.workshop.tables import Seat, Timer
from portal.worlds import World
from tests.workshop.rooms import prefix_of
from tests.workshop.stories import expect_sound

SEATS = 30
TYPING = 4
"""So many of them were in the middle of a form."""
PATIENCE = 60


@dataclass
class Phone:
    """A participant's browser, on a real connection."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """The status, the text, and where one is sent."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urlencode(form) if form is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return answer.status, text, answer.headers.get("Location", "")

    def post(self, page: str, path: str, form: dict[str, str]) -> str:
        """Send a form with the token of the page it is on. Returns where one is sent."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.ask("GET", page)[1])
        assert token
        status, text, to = self.ask("POST", path, {**form, "csrf_token": token[1]})
        assert status in (201, 302, 303), text
        return urlsplit(to).path


@contextmanager
def serving(home: World, port: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The portal as it runs in earnest: web server and scheduler. What still runs afterwards is killed."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("SSC_")} | {
        "SSC_INSTANCE": str(home.settings.instance), "SSC_DATABASE_URL": home.settings.database_url,
        "SSC_SECRET_KEY": home.settings.secret_key, "SSC_BASE_URL": f"http://127.0.0.1:{port}",
    }  # fmt: skip
    web = ["gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    commands = ([*web, "--preload", "portal:create_app()"], ["portal.cli", "scheduler"])
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    running = [subprocess.Popen([sys.executable, "-m", *command], env=env, **quiet) for command in commands]  # type: ignore[call-overload]
    try:
        waited = stopwatch()
        while waited() < PATIENCE:
            try:
                Phone(port).ask("GET", "/gezond")
                break
            except OSError:
                sleep(0.1)
        yield running
    finally:
        for process in running:
            pull(process)


def pull(process: subprocess.Popen[bytes]) -> None:
    """Pull the plug of a process and all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)


def happened(world: World) -> set[int]:
    with world.db.session(writes=False) as session:
        return set(session.scalars(select(Timer.id).where(Timer.done)))


def wait_for_more(world: World, than: int) -> set[int]:
    waited = stopwatch()
    while waited() < PATIENCE:
        if len(done := happened(world)) > than:
            return done
        sleep(0.1)
    raise AssertionError("the story does not go on")


def digest(home: World) -> str:
    """Everything in production's database, but for what its own scheduler notes of its own jobs."""
    file = home.db.engine.url.database
    assert file
    with closing(sqlite3.connect(file)) as database:
        rows = [row for row in database.iterdump() if not row.startswith('INSERT INTO "job_')]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_thirty_play_two_rounds_though_the_plug_is_pulled(world: World) -> None:
    before = digest(world)
    scenario = {one.key: one for one in reading.scenarios(world.settings)}["claim-from-paper-to-portal"]
    room = opening.open_workshop(world, scenario, title="Proef", trainer="Greet", people=SEATS, wall=world.wall.now())
    practice = opening.world_of(world, room)
    _go_on_after_the_plug_was_pulled(world, practice, scenario)
    _play_out(practice, scenario)
    later = opening.next_round(world, room, world.wall.now())
    second = opening.world_of(world, later)
    _expect_seats(second)
    _play_out(second, scenario)
    _expect_another_way(practice, second)
    for one in (practice, second):
        one.db.dispose()
    opening.delete(world, later)
    assert digest(world) == before


def _go_on_after_the_plug_was_pulled(world: World, practice: World, scenario: Scenario) -> None:
    """Everybody joins, some type; web server and scheduler are killed; all refresh at once, and nothing is lost."""
    prefix = prefix_of(practice)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    phones = [Phone(port) for _ in range(SEATS)]
    typed = {}
    with serving(world, port) as running:
        for number, phone in enumerate(phones):
            phone.post(f"{prefix}/meedoen", f"{prefix}/meedoen", {"nickname": f"Speler {number}"})
        for number, phone in enumerate(phones[:TYPING]):
            draft = phone.post(f"{prefix}/", f"{prefix}/zaken/nieuw/expense_claim", {})
            text = f"halverwege getypt door speler {number}"
            phone.post(draft, f"{draft}/bewaren", {"purpose": text})
            typed[draft] = text
        pace.jump(practice, scenario.moment(2, 12))  # the scheduler has a day and a half to catch up with
        pace.resume(practice)
        done = wait_for_more(practice, 3)
        at = practice.clock.now()
        for process in running:
            pull(process)
    with serving(world, port):
        with ThreadPoolExecutor(SEATS) as at_once:
            pages = list(at_once.map(lambda phone: phone.ask("GET", f"{prefix}/kaart")[0], phones))
        assert pages == [200] * SEATS
        for phone, (draft, text) in zip(phones, typed.items(), strict=False):
            status, page, _ = phone.ask("GET", draft)
            assert status == 200
            assert text in page
        assert done < wait_for_more(practice, len(done) + 5)
        assert practice.clock.now() > at
    pace.pause(practice)
    _expect_seats(practice)


def _expect_seats(world: World) -> None:
    """Everybody sits where they sat."""
    with world.db.session(writes=False) as session:
        sat = session.scalars(select(Seat.nickname).where(Seat.nickname != "")).all()
        assert sorted(sat) == sorted(f"Speler {number}" for number in range(SEATS))


def _play_out(world: World, scenario: Scenario) -> None:
    """All go home, and bots play the round to its end."""
    with world.db.transaction() as session:
        for seat in seats.all_seats(session):
            seats.take_over(session, seat, seats.BOT, world.clock.now(), world.wall.now())
    playing.play(world, scenario.moment(scenario.days, 18))
    with world.db.session(writes=False) as session:
        expect_sound(session)
        failed = session.scalars(select(Timer.told).where(Timer.told.contains("Error"))).all()
        assert failed == []
        numbers = [case.number for case in session.scalars(select(Case)) if case.number]
        assert len(numbers) == len(set(numbers)) > SEATS
        assert session.scalars(select(Case.id).where(Case.state == "paid")).all()


def _expect_another_way(first: World, second: World) -> None:
    """In the second round less was approved beforehand, of the same cards."""
    asked = []
    for world in (first, second):
        with world.db.session(writes=False) as session:
            approvals = session.scalars(select(CaseEvent.case_id).where(CaseEvent.action == "approve"))
            asked.append(len(set(approvals)))
    assert asked[0] > asked[1]
