"""Where scenarios are kept: those that came along, which nobody changes, and an installation's own, as files."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from portal.settings import Settings
from portal.workshop.reading import SHIPPED
from seed.people import plain
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

LONGEST_KEY, MOST = 60, 200
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
KEPT_MEANWHILE = Refusal(
    "scenario_meanwhile", N_("Somebody else changed this scenario meanwhile. Copy what you typed, and open it anew.")
)
TOO_MANY = Refusal("scenario_too_many", N_("There are 200 scenarios of your own already. Delete one first."))
CAME_ALONG = Refusal(
    "scenario_came_along", N_("This scenario came along with the portal. Make a copy, and change that.")
)


def own_folder(settings: Settings) -> Path:
    """The folder of the installation's own scenarios."""
    return settings.instance / "scenarios"


def came_along(key: str) -> bool:
    """Whether a scenario came along with the portal."""
    return bool(_KEY.fullmatch(key)) and (SHIPPED / f"{key}.toml").is_file()


def text_of(settings: Settings, key: str) -> str | None:
    """The text of a scenario; None when there is none of this key."""
    if not _KEY.fullmatch(key) or len(key) > LONGEST_KEY:
        return None
    file = (SHIPPED if came_along(key) else own_folder(settings)) / f"{key}.toml"
    return file.read_text(errors="replace") if file.is_file() else None


def keys(settings: Settings) -> list[str]:
    """The keys of all scenarios: those that came along first."""
    shipped = sorted(file.stem for file in SHIPPED.glob("*.toml"))
    own = sorted(file.stem for file in own_folder(settings).glob("*.toml") if _KEY.fullmatch(file.stem))
    return [*shipped, *(key for key in own if key not in shipped)]


def digest(text: str) -> str:
    """By which one sees that a text is still the same."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def key_for(settings: Settings, title: str) -> str:
    """A free key that looks like this title."""
    words = re.findall("[a-z0-9]+", plain(title)) or ["scenario"]
    wanted = "-".join(words)[: LONGEST_KEY - 4].strip("-")
    taken = set(keys(settings))
    return next(key for key in (wanted, *(f"{wanted}-{n}" for n in range(2, MOST + 3))) if key not in taken)


def add(settings: Settings, title: str, text: str) -> str:
    """Keep a new scenario. Returns its key."""
    if len(list(own_folder(settings).glob("*.toml"))) >= MOST:
        raise Refused(TOO_MANY)
    key = key_for(settings, title)
    _write(own_folder(settings) / f"{key}.toml", text)
    return key


def put(settings: Settings, key: str, text: str, was: str) -> None:
    """Keep a scenario as changed, if it still is what whoever changed it saw."""
    expect_own(key)
    there = text_of(settings, key)
    if there is None or digest(there) != was:
        raise Refused(KEPT_MEANWHILE)
    _write(own_folder(settings) / f"{key}.toml", text)


def delete(settings: Settings, key: str) -> None:
    """Throw a scenario away."""
    expect_own(key)
    (own_folder(settings) / f"{key}.toml").unlink(missing_ok=True)


def expect_own(key: str) -> None:
    """Refuse to touch what came along."""
    if came_along(key):
        raise Refused(CAME_ALONG)


def _write(file: Path, text: str) -> None:
    """Whole or not at all: a reader never sees half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(f".{os.getpid()}.new")
    new.write_text(text.replace("\r\n", "\n"))
    new.replace(file)
