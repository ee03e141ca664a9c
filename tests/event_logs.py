"""Reads event logs back with what others made (XML Schema, SQLite, JSON, CSV), knowing nothing of how they are written.

Each reader first holds the file against the rules of its format, and then gives what is in it in one common form.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree

Step = tuple[str, datetime, datetime, datetime, str, str]
"""Key of the activity; from when it could be taken, when it was begun and done; in what capacity and by whom."""


@dataclass
class Read:
    """What a log says: the steps of each case in order, and the things by kind, with what each belongs to."""

    cases: dict[str, list[Step]] = field(default_factory=lambda: defaultdict(list))
    things: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    about: set[tuple[str, str]] = field(default_factory=set)
    """Case and thing, for each thing that a step of the case is about."""


def _at(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    assert found.tzinfo is not None
    return found


def read_csv(content: bytes) -> Read:
    """A table with a header; every row has every column."""
    found = Read()
    rows = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    header = next(rows)
    for cells in rows:
        assert len(cells) == len(header)
        row = dict(zip(header, cells, strict=True))
        times = (_at(row["enabled"]), _at(row["start"]), _at(row["complete"]))
        found.cases[row["case"]].append((row["activity_key"], *times, row["role"], row["resource"]))
        found.things["case"].add(row["case"])
        for kind in ("line", "document", "payment", "batch", "invoice"):
            found.things[kind] |= set(row[kind].split())
            found.about |= {(row["case"], one) for one in row[kind].split()}
    return found


def read_xes(content: bytes) -> Read:
    """Valid by the schema; what is declared as global is there in each trace and event, and so are the classifiers."""
    schema = etree.XMLSchema(etree.parse(Path(__file__).with_name("xes.xsd")))
    log = etree.fromstring(content, etree.XMLParser(huge_tree=True))
    schema.assertValid(log)
    prefixes = {one.get("prefix") for one in log.iterfind("extension")}
    declared = {one.get("scope"): {each.get("key") for each in one} for one in log.iterfind("global")}
    for classifier in log.iterfind("classifier"):
        assert set(classifier.get("keys").split()) <= declared[classifier.get("scope")]
    found = Read()
    for trace in log.iterfind("trace"):
        said = {one.get("key"): one.get("value") for one in trace if one.tag != "event"}
        assert declared["trace"] <= set(said)
        for event in trace.iterfind("event"):
            told = {one.get("key"): one.get("value") for one in event}
            assert declared["event"] <= set(told)
            assert {key.partition(":")[0] for key in told if ":" in key} <= prefixes
            times = (told["enabled_timestamp"], told["start_timestamp"], told["time:timestamp"])
            step = (told["activity_key"], *map(_at, times), told["org:role"], told["org:resource"])
            found.cases[said["concept:name"]].append(step)
        found.things["case"].add(said["concept:name"])
    return found


TYPES: Mapping[str, Callable[[str], object]] = {
    "string": str, "time": _at, "float": float, "integer": int, "boolean": {"true": True, "false": False}.__getitem__,
}  # fmt: skip


def _declared(types: list[Any]) -> dict[str, dict[str, str]]:
    for one in types:
        assert set(one) == {"name", "attributes"}
        assert all(set(each) == {"name", "type"} and each["type"] in TYPES for each in one["attributes"])
    assert len({one["name"] for one in types}) == len(types)
    return {one["name"]: {each["name"]: each["type"] for each in one["attributes"]} for one in types}


def read_ocel_json(content: bytes) -> Read:
    """The rules of OCEL 2.0 in JSON: what must be there, as texts; and what is referred to exists."""
    log = json.loads(content)
    assert set(log) == {"objectTypes", "eventTypes", "events", "objects"}
    kinds, activities = _declared(log["objectTypes"]), _declared(log["eventTypes"])
    found, types = Read(), {}
    for thing in log["objects"]:
        assert set(thing) == {"id", "type", "attributes", "relationships"}
        assert thing["id"] not in types
        types[thing["id"]] = thing["type"]
        for said in thing["attributes"]:
            assert set(said) == {"name", "value", "time"}
            assert _at(said["time"])
            TYPES[kinds[thing["type"]][said["name"]]](said["value"])
        found.things[thing["type"]].add(thing["id"])
    for thing in log["objects"]:
        assert all(set(one) == {"objectId", "qualifier"} and one["objectId"] in types for one in thing["relationships"])
    known = set()
    for event in log["events"]:
        assert set(event) == {"id", "type", "time", "attributes", "relationships"}
        assert event["id"] not in known
        known.add(event["id"])
        said = {one["name"]: one["value"] for one in event["attributes"]}
        assert set(said) == set(activities[event["type"]])
        about = [one["objectId"] for one in event["relationships"]]
        assert len({(one["objectId"], one["qualifier"]) for one in event["relationships"]}) == len(about)
        (case,) = (one for one in about if types[one] == "case")
        times = (_at(said["enabled"]), _at(said["start"]), _at(event["time"]))
        found.cases[case].append((said["activity_key"], *times, said["role"], said["resource"]))
        found.about |= {(case, one) for one in about if types[one] not in ("case", "person-role")}
    return found


FIXED = ("event", "object", "event_object", "object_object", "event_map_type", "object_map_type")
KEYS = {
    ("event", "ocel_type", "event_map_type"), ("object", "ocel_type", "object_map_type"),
    ("event_object", "ocel_event_id", "event"), ("event_object", "ocel_object_id", "object"),
    ("object_object", "ocel_source_id", "object"), ("object_object", "ocel_target_id", "object"),
}  # fmt: skip


def read_ocel_sqlite(content: bytes) -> Read:
    """The constraints of OCEL 2.0 on an SQLite file: tables, columns, types of columns, keys and references."""
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(content)
        ask = base.execute
        assert ask("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert ask("PRAGMA foreign_key_check").fetchall() == []
        tables = {name for (name,) in ask("SELECT name FROM sqlite_master WHERE type = 'table'")}
        maps = {
            "event": dict(ask("SELECT ocel_type, ocel_type_map FROM event_map_type")),
            "object": dict(ask("SELECT ocel_type, ocel_type_map FROM object_map_type")),
        }
        own = {f"{part}_{key}" for part, keys in maps.items() for key in keys.values()}
        assert tables == {*FIXED, *own}
        refers = {
            (table, key[3], key[2]) for table in tables for key in ask(f'PRAGMA foreign_key_list("{table}")').fetchall()
        }
        assert refers >= KEYS | {(table, "ocel_id", table.partition("_")[0]) for table in own}
        for table in own:
            columns = {row[1]: (row[2], row[5]) for row in ask(f'PRAGMA table_info("{table}")')}
            assert columns["ocel_time"][0] == "TIMESTAMP"
            assert columns["ocel_id"][1] == table.startswith("event_")
            assert ("ocel_changed_field" in columns) == table.startswith("object_")
        types = dict(ask("SELECT ocel_id, ocel_type FROM object"))
        found, about = Read(), defaultdict(list)
        for thing, kind in types.items():
            found.things[kind].add(thing)
        for event, thing in ask("SELECT ocel_event_id, ocel_object_id FROM event_object"):
            about[event].append(thing)
        rows = []
        for key in maps["event"].values():
            rows += ask(f'SELECT ocel_id, activity_key, enabled, start, ocel_time, role, resource FROM "event_{key}"')  # noqa: S608
        for event, action, enabled, start, done, role, resource in sorted(rows, key=lambda row: int(row[0][6:])):
            (case,) = (one for one in about[event] if types[one] == "case")
            found.cases[case].append((action, _at(enabled), _at(start), _at(done), role, resource))
            found.about |= {(case, one) for one in about[event] if types[one] not in ("case", "person-role")}
        assert len(rows) == ask("SELECT count(*) FROM event").fetchone()[0]
        return found


READERS: Mapping[str, Callable[[bytes], Read]] = {
    "csv": read_csv, "xes": read_xes, "ocel-json": read_ocel_json, "ocel-sqlite": read_ocel_sqlite,
}  # fmt: skip
