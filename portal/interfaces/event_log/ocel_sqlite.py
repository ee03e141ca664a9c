"""The event log as OCEL 2.0 in an SQLite file: a table for each type of event and of thing, as its constraints ask."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from portal.interfaces.event_log.ocel import SAID, event_id, event_types, said_of_event, unseen
from portal.interfaces.event_log.plain import NEVER, moment, said_of, things_of
from portal.interfaces.event_log.stories import KINDS, Story
from portal.interfaces.event_log.words import Names

COLUMN: Mapping[str, str] = {
    "string": "TEXT", "time": "TIMESTAMP", "integer": "INTEGER", "float": "REAL", "boolean": "BOOLEAN",
}  # fmt: skip
FIXED = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL);
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES event_map_type (ocel_type));
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES object_map_type (ocel_type));
CREATE TABLE event_object (
    ocel_event_id TEXT REFERENCES event (ocel_id), ocel_object_id TEXT REFERENCES object (ocel_id),
    ocel_qualifier TEXT, PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier)
);
CREATE TABLE object_object (
    ocel_source_id TEXT REFERENCES object (ocel_id), ocel_target_id TEXT REFERENCES object (ocel_id),
    ocel_qualifier TEXT, PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier)
);
"""
AT_ONCE = 100
"""Cases of which the rows are written together."""


def write(stories: Iterable[Story], names: Names, target: Path) -> None:
    """Write the file anew. Rows refer to each other only when all are there, so their order does not matter."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8000;" + FIXED)
        _Writing(connection, names).all(stories)


class _Writing:
    """The rows of a file, kept until there are enough of them."""

    def __init__(self, connection: sqlite3.Connection, names: Names) -> None:
        self.connection, self.names = connection, names
        self.keys = dict(event_types(names, names.types))
        self.seen: set[str] = set()
        self.made: set[str] = set()
        self.kept: dict[str, list[tuple[object, ...]]] = {}

    def all(self, stories: Iterable[Story]) -> None:
        """Every story."""
        for kind, said in KINDS.items():
            key = kind.replace("-", "_")
            self._keep("object_map_type", kind, key)
            columns = ", ".join(f'"{name}" {COLUMN[type_]}' for name, type_ in said.items())
            self.connection.execute(
                f'CREATE TABLE "object_{key}" (ocel_id TEXT NOT NULL REFERENCES object (ocel_id), '
                f"ocel_time TIMESTAMP NOT NULL, ocel_changed_field TEXT, {columns})"
            )
        for number, story in enumerate(stories, start=1):
            self._story(story)
            if number % AT_ONCE == 0:
                self._write()
        self._write()

    def _keep(self, table: str, *row: object) -> None:
        self.kept.setdefault(table, []).append(row)

    def _story(self, story: Story) -> None:
        for event in story.events:
            name, known = self.names.event_type(story.case_type, event.action), event_id(event)
            key = self.keys[name]
            if key not in self.made:
                self._event_table(name, key)
            self._keep("event", known, name)
            self._keep(f"event_{key}", known, moment(event.completed), *said_of_event(event).values())
            for relation in event.relations:
                self._keep("event_object", known, relation.thing, relation.qualifier)
        for thing in unseen(things_of(story, self.names), self.seen):
            said = {name: value == "true" if type_ == "boolean" else value for name, type_, value in said_of(thing)}
            self._keep("object", thing.id, thing.kind)
            values = (said.get(name) for name in KINDS[thing.kind])
            self._keep(f"object_{thing.kind.replace('-', '_')}", thing.id, NEVER, None, *values)
            for relation in thing.relations:
                self._keep("object_object", thing.id, relation.thing, relation.qualifier)

    def _event_table(self, name: str, key: str) -> None:
        self.made.add(key)
        self._keep("event_map_type", name, key)
        columns = ", ".join(f'"{each}" {COLUMN[type_]}' for each, type_ in SAID.items())
        self.connection.execute(
            f'CREATE TABLE "event_{key}" (ocel_id TEXT PRIMARY KEY REFERENCES event (ocel_id), '
            f"ocel_time TIMESTAMP NOT NULL, {columns})"
        )

    def _write(self) -> None:
        self.connection.execute("BEGIN")
        for table, rows in self.kept.items():
            marks = ", ".join("?" * len(rows[0]))
            self.connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)  # noqa: S608
        self.connection.execute("COMMIT")
        self.kept.clear()
