"""Keeping the time in all stories of a portal: one process does, once a second, one story after the other."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.workshop import folders, opening, pace, playing, reading, templates
from portal.workshop.folders import Workshop
from portal.workshop.tables import Diary, Seat, Segment
from portal.workshop.ticking import Play, tick
from portal.workshop.worlds import Kept
from portal.worlds import World

log = logging.getLogger("portal.workshop")

LEFT_ALONE = timedelta(hours=12)
"""A story that runs while so long on the wall nobody came by stands still from then on."""


class Keeper:
    """Lets the stories of all workshops of a portal go on, one after the other, each time it is told to."""

    def __init__(self, home: World, play: Play = playing.PLAY) -> None:
        self._home, self._play = home, play
        self._kept = Kept(home)
        self._prepared: set[tuple[str, int]] = set()
        self._still: dict[str, tuple[object, ...]] = {}
        self._failing: set[str] = set()

    def begin(self) -> None:
        """Clear what an earlier process left half done."""
        opening.clear(self._home, self._home.wall.now())

    def beat(self) -> None:
        """One tick of every story. One that fails stops no other, and is tried again at the next beat."""
        for workshop in folders.workshops(self._home.settings):
            try:
                self._tick(workshop.code)
                self._prepare(workshop)
            except Exception:
                if workshop.code not in self._failing:
                    log.exception("the story of %s does not go on", workshop.code)
                self._failing.add(workshop.code)
            else:
                self._failing.discard(workshop.code)
        self._kept.tidy()

    def _tick(self, code: str) -> None:
        world = self._kept.world(code)
        if world is None:
            return
        paused = pace.told_by(world.db).paused
        if paused and self._still.get(code) == _written(world):
            return
        if not paused and _left_alone(world):
            pace.pause(world)
        if tick(world, self._play) and paused:
            self._still[code] = _written(world)

    def _prepare(self, workshop: Workshop) -> None:
        """Make ready what the next round is copied from, so that nobody waits for it."""
        if (workshop.code, workshop.round) in self._prepared:
            return
        self._prepared.add((workshop.code, workshop.round))
        if workshop.script.exists() and workshop.round < len((scenario := reading.read(workshop.script)).rounds):
            templates.ready(self._home, workshop.script.read_text(), scenario, workshop.round + 1, workshop.people)

    def close(self) -> None:
        """Let go of all of them."""
        self._kept.close()


def _left_alone(world: World) -> bool:
    with world.db.session(writes=False) as session:
        latest = (func.max(Seat.seen), func.max(Seat.joined), func.max(Diary.wall), func.max(Segment.wall))
        seen: list[datetime | None] = [session.scalar(select(one)) for one in latest]
    return max(one for one in seen if one is not None) < world.wall.now() - LEFT_ALONE


def _written(world: World) -> tuple[object, ...]:
    """Changes with whatever is written in the database: while a story stands still there is nothing to do without."""
    file = world.settings.instance / "portal.sqlite"
    journal = file.with_name(f"{file.name}-wal")
    found = [one.stat() for one in (file, journal) if one.exists()]
    return (file, *((one.st_mtime_ns, one.st_size) for one in found))
