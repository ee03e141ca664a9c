"""Worlds made once and then copied: of a scenario as it is written, for a round and so many people.

Making one takes seconds, copying it milliseconds. A template of a scenario that was changed since, or that was made by
another version of the portal, has another name and is not found again; those that nobody asked for lately are cleared.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from portal import migrations
from portal.workshop import folders, undo
from portal.workshop.fitting import fit
from portal.workshop.folders import Workshop
from portal.workshop.scenario import Scenario
from portal.workshop.worlds import world_of
from portal.worlds import World

FOLDER = ".templates"
KEPT = timedelta(days=30)


def ready(home: World, script: str, scenario: Scenario, number: int, people: int) -> Path:
    """The instance folder to copy for this round of a scenario, whose file is `script`. Made now if it is not there."""
    about = (script, str(number), str(people), _made_by())
    name = hashlib.sha256("\0".join(about).encode()).hexdigest()[:32]
    place = folders.root(home.settings) / FOLDER / name
    if not place.is_dir():
        making = place.with_name(f".{name}.{secrets.token_hex(4)}")
        try:
            made = _make(home, making, scenario, number, people)
            if not place.is_dir():
                made.replace(place)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    place.touch()
    return place


def clear(home: World, wall: datetime) -> None:
    """Remove what nobody asked for lately, and what was left half made."""
    places = folders.root(home.settings) / FOLDER
    for place in places.iterdir() if places.is_dir() else ():
        age = wall.timestamp() - place.stat().st_mtime
        if age > KEPT.total_seconds() or (place.name.startswith(".") and age > timedelta(hours=1).total_seconds()):
            shutil.rmtree(place, ignore_errors=True)


def _make(home: World, making: Path, scenario: Scenario, number: int, people: int) -> Path:
    from portal.workshop import casting  # noqa: PLC0415 - the invented data takes long to load, and few make a world

    workshop = Workshop("", scenario.title.nl, scenario.key, number, home.wall.now(), "", making)
    workshop.instance.mkdir(parents=True)
    world = world_of(home, workshop)
    try:
        migrations.upgrade(world.db)
        fit(world.db)
        casting.build(world, scenario, number, people)
        undo.keep_log(world.db)
    finally:
        world.db.dispose()  # whoever closes the last connection writes the journal into the file
    return workshop.instance


@cache
def _made_by() -> str:
    """A digest of the code that makes a world."""
    top = Path(__file__).parents[2]
    files = [
        file
        for folder in ("seed", "portal/workshop", "portal/migrations/versions")
        for file in (top / folder).rglob("*.py")
    ]
    found = hashlib.sha256()
    for file in sorted(files):
        found.update(file.read_bytes())
    return found.hexdigest()
