"""Opening workshops and what one does with them as a whole: the next round, keeping a moment, branching, deleting.

Everything is made aside and then put in its place by one renaming: a workshop is there whole, or it is not there.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from portal.models.people import Account, SignIn
from portal.workshop import copying, folders, pace, reading, templates
from portal.workshop.folders import Workshop
from portal.workshop.scenario import Scenario
from portal.workshop.tables import Diary, Seat
from portal.workshop.worlds import Kept, world_of
from portal.worlds import World
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

__all__ = [
    "Kept",
    "Snapshot",
    "branch",
    "delete",
    "next_round",
    "open_workshop",
    "placed",
    "snapshot",
    "snapshots",
    "world_of",
]

MOST_KEPT, LONGEST_TITLE = 100, 120
"""Moments kept of a workshop, as each is a whole world on the disk; and signs of the title of what goes on from one."""
KEPT_ENOUGH = Refusal(
    "workshop_kept_enough", N_("Of this workshop %(most)s moments are kept already. More are not kept."),
    {"most": MOST_KEPT},
)  # fmt: skip
LEFT_BEHIND = timedelta(hours=1)
"""After so long, what is half made or half deleted is of nobody any more."""


def open_workshop(
    home: World, scenario: Scenario, *, title: str, trainer: str, people: int, wall: datetime
) -> Workshop:
    """Open a workshop of a scenario: its first round, in which the story stands still and bots play every seat."""
    script = reading.files(home.settings)[scenario.key].read_text()
    template = templates.ready(home, script, scenario, 1, people)
    new = Workshop("", title, scenario.key, 1, wall, trainer, Path(), people)

    def fill(making: Workshop) -> None:
        making.script.write_text(script)
        copying.copy(template, making.instance)
        _stand_still(home, making, wall)

    return placed(home, new, fill)


def next_round(home: World, workshop: Workshop, wall: datetime) -> Workshop:
    """Begin the next round: the same people, days and cards, what is agreed in that round. Who had a seat keeps it.

    Of two who ask at the same time for the same, both get the round that one of them began.
    """
    now = folders.workshop(home.settings, workshop.code)
    if now is None or now.round != workshop.round:
        return now or workshop
    number = workshop.round + 1
    script = workshop.script.read_text()
    template = templates.ready(home, script, reading.read(workshop.script), number, workshop.people)
    making = workshop.folder / f".round-{secrets.token_hex(4)}"
    later = replace(workshop, round=number)
    with _open(home, workshop) as old:
        pace.pause(old)
        try:
            copying.copy(template, making / "rounds" / str(number))
            _stand_still(home, replace(later, folder=making), wall)
            with _open(home, replace(later, folder=making)) as new:
                _keep_seats(old, new)
            try:
                later.instance_of(number).parent.mkdir(exist_ok=True)
                (making / "rounds" / str(number)).rename(later.instance)
            except OSError:  # somebody was just before
                return folders.workshop(home.settings, workshop.code) or later
            folders.write(later)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return later


def _keep_seats(old: World, new: World) -> None:
    """Whoever sat somewhere sits there again, and stays signed in."""
    with old.db.session(writes=False) as before, new.db.transaction() as session:
        was = {seat.key: seat for seat in before.scalars(select(Seat))}
        for seat in session.scalars(select(Seat)):
            sat = was.get(seat.key, seat)
            seat.nickname, seat.pin, seat.joined, seat.seen = sat.nickname, sat.pin, sat.joined, sat.seen
            seat.played_by = sat.played_by
        accounts = {row.username: row.id for row in session.execute(select(Account.username, Account.id))}
        signed_in = select(Account.username, SignIn.nonce, SignIn.begun_at).join(
            Account, Account.id == SignIn.account_id
        )
        for username, nonce, begun_at in before.execute(signed_in):
            if username in accounts:
                session.add(SignIn(account_id=accounts[username], nonce=nonce, begun_at=begun_at))


@dataclass(frozen=True)
class Snapshot:
    """A moment of a workshop that was kept."""

    number: int
    name: str
    round: int
    wall: datetime
    at: datetime
    """In the story."""


def snapshot(world: World, name: str, wall: datetime) -> Snapshot:
    """Keep a practice world as it is at this moment, under a name. Refused when many are kept already."""
    assert world.practice  # noqa: S101 - nobody keeps a moment of production this way
    places = world.practice.folder / "snapshots"
    places.mkdir(exist_ok=True)
    making = places / f".{secrets.token_hex(4)}"
    at = world.clock.now()
    if len(_snapshots(world.practice.folder)) >= MOST_KEPT:
        raise Refused(KEPT_ENOUGH)
    try:
        return _snapshot(world, name, making, wall, at)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _snapshot(world: World, name: str, making: Path, wall: datetime, at: datetime) -> Snapshot:
    assert world.practice  # noqa: S101 - as above
    copying.copy(world.settings.instance, making)
    said = {"name": name, "round": world.practice.round, "wall": wall.isoformat(), "at": at.isoformat()}
    (making / "snapshot.json").write_text(json.dumps(said))
    with world.db.transaction() as session:  # two who keep a moment at once get a number each
        number = 1 + max((one.number for one in _snapshots(world.practice.folder)), default=0)
        kept = Snapshot(number, name, world.practice.round, wall, at)
        making.rename(making.with_name(str(number)))
        session.add(Diary(wall=wall, at=at, kind="snapshot", data={"name": name, "number": number}))
    return kept


def snapshots(workshop: Workshop) -> list[Snapshot]:
    """What was kept of a workshop, the oldest first."""
    return _snapshots(workshop.folder)


def _snapshots(folder: Path) -> list[Snapshot]:
    found = []
    for place in (folder / "snapshots").glob("[0-9]*"):
        with suppress(FileNotFoundError):
            said = json.loads((place / "snapshot.json").read_text())
            moments = {key: datetime.fromisoformat(said[key]) for key in ("wall", "at")}
            found.append(Snapshot(int(place.name), said["name"], said["round"], **moments))
    return sorted(found, key=lambda one: one.number)


def branch(home: World, workshop: Workshop, number: int) -> Workshop:
    """Go on from what was kept, in a workshop beside this one; its story stands still. KeyError for another number.

    Seats and codes are those of that moment; everybody joins anew, as it is another workshop.
    """
    kept = {one.number: one for one in snapshots(workshop)}[number]
    wall = home.wall.now()
    new = replace(workshop, round=kept.round, opened=wall, title=f"{workshop.title} ({kept.name})"[:LONGEST_TITLE])

    def fill(making: Workshop) -> None:
        shutil.copyfile(workshop.script, making.script)
        for earlier in range(1, kept.round):
            copying.copy(workshop.instance_of(earlier), making.instance_of(earlier))
        copying.copy(workshop.folder / "snapshots" / str(number), making.instance)
        _stand_still(home, making, wall, at=kept.at)

    return placed(home, new, fill)


def delete(home: World, workshop: Workshop) -> None:
    """Delete a workshop with all that is in it, also while others have it open: for them it is not there any more."""
    gone = workshop.folder.with_name(f".deleted-{workshop.code}-{secrets.token_hex(4)}")
    with suppress(FileNotFoundError):
        workshop.folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def clear(home: World, wall: datetime) -> None:
    """Remove what was left half made or half deleted, when the process was killed in the midst of it."""
    places = folders.root(home.settings)
    for place in places.iterdir() if places.is_dir() else ():
        stands = (place / folders.ABOUT).exists() and not place.name.startswith(".")
        if stands or place.name == templates.FOLDER:
            continue
        with suppress(FileNotFoundError):
            if wall.timestamp() - place.stat().st_mtime > LEFT_BEHIND.total_seconds():
                shutil.rmtree(place, ignore_errors=True)
    templates.clear(home, wall)


@contextmanager
def _open(home: World, workshop: Workshop) -> Iterator[World]:
    world = world_of(home, workshop)
    try:
        yield world
    finally:
        world.db.dispose()


def _stand_still(home: World, workshop: Workshop, wall: datetime, *, at: datetime | None = None) -> None:
    """Let the story of a fresh copy stand still from this moment on the wall, where it is or at `at`."""
    with _open(home, workshop) as world, world.db.transaction() as session:
        last = pace.state(session)
        pace.put(session, replace(last, wall=wall, at=at or last.at, paused=True))


def placed(home: World, new: Workshop, fill: Callable[[Workshop], None]) -> Workshop:
    """Make a workshop aside, filled in by `fill`, and put it in its place under a code that nobody has."""
    places = folders.root(home.settings)
    making = places / f".opening-{secrets.token_hex(4)}"
    making.mkdir(parents=True)
    try:
        code = folders.new_code(home.settings)
        aside = replace(new, code=code, folder=making)
        fill(aside)
        folders.write(aside)
        making.rename(places / code)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return replace(aside, folder=places / code)
