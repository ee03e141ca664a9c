"""The event log as OCEL 2.0 in JSON. What things are is kept aside on disk until all events are written."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

from portal.interfaces.event_log.ocel import SAID, event_id, event_types, said_of_event, unseen
from portal.interfaces.event_log.plain import NEVER, moment, said_of, things_of
from portal.interfaces.event_log.stories import KINDS, Happening, Relation, Story, Thing
from portal.interfaces.event_log.words import Names

AT_ONCE = 64 * 1024


def pieces(stories: Iterable[Story], names: Names) -> Iterator[bytes]:
    """The file in pieces. All values are texts, as its schema wants; their types say what they are."""
    with tempfile.TemporaryFile() as aside:
        yield f'{{"objectTypes":{_types((kind, said) for kind, said in KINDS.items())},\n"events":['.encode()
        used: set[str] = set()
        yield from _events(stories, names, aside, used)
        types = ((name, SAID) for name, _ in event_types(names, used))
        yield f'],\n"eventTypes":{_types(types)},\n"objects":['.encode()
        aside.seek(0)
        while piece := aside.read(AT_ONCE):
            yield piece
        yield b"]}\n"


def _types(types: Iterable[tuple[str, Mapping[str, str]]]) -> str:
    return _text([
        {"name": name, "attributes": [{"name": each, "type": kind} for each, kind in said.items()]}
        for name, said in types
    ])  # fmt: skip


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _events(stories: Iterable[Story], names: Names, aside: IO[bytes], used: set[str]) -> Iterator[bytes]:
    seen: set[str] = set()
    kept: list[str] = []
    first_event, first_thing = True, True
    for story in stories:
        used.add(story.case_type)
        for event in story.events:
            kept.append(("\n" if first_event else ",\n") + _text(_event(story, event, names)))
            first_event = False
        for thing in unseen(things_of(story, names), seen):
            aside.write((("\n" if first_thing else ",\n") + _text(_thing(thing))).encode())
            first_thing = False
        if len(kept) > 200:
            yield "".join(kept).encode()
            kept.clear()
    yield "".join(kept).encode()


def _event(story: Story, event: Happening, names: Names) -> Mapping[str, Any]:
    return {
        "id": event_id(event),
        "type": names.event_type(story.case_type, event.action),
        "time": moment(event.completed),
        "attributes": [{"name": name, "value": value} for name, value in said_of_event(event).items()],
        "relationships": _relations(event.relations),
    }


def _thing(thing: Thing) -> Mapping[str, Any]:
    return {
        "id": thing.id,
        "type": thing.kind,
        "attributes": [{"name": name, "value": value, "time": NEVER} for name, _, value in said_of(thing)],
        "relationships": _relations(thing.relations),
    }


def _relations(relations: Iterable[Relation]) -> list[Mapping[str, str]]:
    return [{"objectId": one.thing, "qualifier": one.qualifier} for one in relations]
