"""Changing one value in a TOML file as text: all the rest of it stays as somebody wrote it, comments included."""

from __future__ import annotations

import json
import tomllib
from datetime import date

from portal.workshop.places import Path, places


def literal(value: str | int | float | bool | date) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    return value.isoformat() if isinstance(value, date) else str(value)


def changed(text: str, path: Path, value: str | int | float | bool | date) -> str:
    """The text with this value at this place; a name that is not there yet comes right under the head of its table."""
    lines, found = text.splitlines(), places(text)
    said = f"{path[-1]} = {literal(value)}"
    if path in found:
        first = found[path] - 1
        lines[first : _end(lines, first)] = [said]
    else:
        lines.insert(found.get(path[:-1], 0), said)
    return "\n".join(lines) + "\n"


def _end(lines: list[str], first: int) -> int:
    """The line after the value that begins on this one, which may go on over more lines."""
    for end in range(first + 1, len(lines) + 1):
        try:
            tomllib.loads("\n".join(lines[first:end]))
        except tomllib.TOMLDecodeError:
            continue
        return end
    return first + 1
