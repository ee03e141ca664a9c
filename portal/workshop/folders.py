"""Where workshops lie: a folder each, in the instance folder of the portal they belong to.

`workshop.json` says what a workshop is and is replaced as a whole, so nobody ever reads half of it; a folder without it
is no workshop (any more). `rounds/<n>/` is the instance folder of the world in that round.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portal.settings import Settings

log = logging.getLogger("portal.workshop")

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What codes are made of: no two of these are mistaken for each other on a screen at the end of a room."""
CODE = re.compile(f"[{SIGNS}]{{5}}")
ABOUT = "workshop.json"


@dataclass(frozen=True)
class Workshop:
    """What is known of a workshop without opening its database."""

    code: str
    title: str
    scenario: str
    """The key of the scenario that is played; as it is played it lies in the folder."""
    round: int
    opened: datetime
    """On the wall."""
    trainer: str
    folder: Path
    people: int = 0
    """For how many people the table is laid."""

    @property
    def script(self) -> Path:
        """The scenario as this workshop plays it."""
        return self.folder / "scenario.toml"

    @property
    def instance(self) -> Path:
        """The folder of the world of the present round."""
        return self.instance_of(self.round)

    def instance_of(self, number: int) -> Path:
        """The folder of the world of this round."""
        return self.folder / "rounds" / str(number)


def root(settings: Settings) -> Path:
    """Where the workshops of a portal lie."""
    return settings.instance / "workshops"


def workshops(settings: Settings) -> list[Workshop]:
    """Every workshop there is, the newest first."""
    places = root(settings)
    codes = [place.name for place in places.iterdir()] if places.is_dir() else []
    found = [workshop(settings, code) for code in codes]
    return sorted((one for one in found if one), key=lambda one: (one.opened, one.code), reverse=True)


def workshop(settings: Settings, code: str) -> Workshop | None:
    """The workshop of this code; None when there is none."""
    if not CODE.fullmatch(code):
        return None
    folder = root(settings) / code
    try:
        said = json.loads((folder / ABOUT).read_text())
        # A folder that somebody copied by hand is another workshop, whatever it says of itself.
        return Workshop(**{**said, "code": code, "opened": datetime.fromisoformat(said["opened"])}, folder=folder)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, TypeError, KeyError):
        log.warning("%s of %s cannot be read", ABOUT, code)
        return None


def edition(settings: Settings, code: str) -> tuple[int, int] | None:
    """Changes whenever what is said of the workshop does; None when there is none. For who keeps it open."""
    if not CODE.fullmatch(code):
        return None
    try:
        found = (root(settings) / code / ABOUT).stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_ino, found.st_mtime_ns


def write(workshop: Workshop) -> None:
    """Say what a workshop is, in place of what was said."""
    said = {
        "code": workshop.code, "title": workshop.title, "scenario": workshop.scenario, "round": workshop.round,
        "opened": workshop.opened.isoformat(), "trainer": workshop.trainer, "people": workshop.people,
    }  # fmt: skip
    new = workshop.folder / f".{ABOUT}.{secrets.token_hex(4)}"
    with new.open("w") as file:
        json.dump(said, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new.replace(workshop.folder / ABOUT)


def new_code(settings: Settings) -> str:
    """A code that nobody has."""
    while True:
        code = "".join(secrets.choice(SIGNS) for _ in range(5))
        if not (root(settings) / code).exists():
            return code
