"""Values as they stand in the files of an event log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from portal.interfaces.event_log.stories import CASE, KINDS, Story, Thing
from portal.interfaces.event_log.words import Names

NEVER = "1970-01-01T00:00:00.000Z"
"""From when what is said of a thing holds: always."""


def moment(at: datetime) -> str:
    """A moment in UTC, to the millisecond."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def amount(cents: int) -> str:
    """Euros with two decimals and a point."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def said_of(thing: Thing) -> Iterator[tuple[str, str, str]]:
    """What is said of a thing: name, type and value."""
    for name, kind in KINDS[thing.kind].items():
        value = thing.said.get(name)
        if value is not None:
            yield name, kind, _value(kind, value)


def _value(kind: str, value: str | int | bool) -> str:
    if kind == "float":
        return amount(int(value))
    return str(value).lower() if kind == "boolean" else str(value)


def things_of(story: Story, names: Names) -> Iterator[Thing]:
    """The things of a story, the case with the name of its type."""
    for thing in story.things:
        if thing.kind == CASE:
            said: Mapping[str, str | int | bool] = {**thing.said, "case_type_name": names.types[story.case_type]}
            yield Thing(thing.id, thing.kind, said, thing.relations)
        else:
            yield thing
