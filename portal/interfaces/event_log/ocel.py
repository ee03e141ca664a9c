"""What both forms of OCEL 2.0 share: the types of events, and what is said of each event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from portal.interfaces.event_log.plain import moment
from portal.interfaces.event_log.stories import BATCH, PERSON_ROLE, Happening, Thing
from portal.interfaces.event_log.words import Names

SAID: Mapping[str, str] = {
    "activity_key": "string", "enabled": "time", "start": "time", "from_state": "string", "to_state": "string",
    "role": "string", "resource": "string", "channel": "string",
}  # fmt: skip
"""What is said of an event, and the type of it."""
SHARED = frozenset({BATCH, PERSON_ROLE})
"""Kinds of things that are met in several cases: there are few of them."""


def said_of_event(event: Happening) -> Mapping[str, str]:
    """What is said of an event."""
    return {
        "activity_key": event.action, "enabled": moment(event.enabled), "start": moment(event.started),
        "from_state": event.from_state, "to_state": event.to_state, "role": event.role, "resource": event.resource,
        "channel": event.channel,
    }  # fmt: skip


def event_id(event: Happening) -> str:
    """How an event is known in a log."""
    return f"event-{event.number}"


def event_types(names: Names, case_types: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Every type of event there can be in cases of these types: its name, and a key that can be part of a table's."""
    wanted = frozenset(case_types)
    for case_type, action in names.activities:
        if case_type in wanted:
            yield names.event_type(case_type, action), f"{case_type}_{action}"


def unseen(things: Iterable[Thing], seen: set[str]) -> Iterator[Thing]:
    """Each thing once. Only those that are met in several cases are remembered."""
    for thing in things:
        if thing.kind in SHARED:
            if thing.id in seen:
                continue
            seen.add(thing.id)
        yield thing
