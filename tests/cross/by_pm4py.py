"""Reads the four event logs of one folder with pm4py, and prints what it found. Runs in an environment of its own.

pm4py is published under the AGPL, so the portal neither depends on it nor ships with it: it only looks here.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import jsonschema
import pandas
import pm4py
from pm4py.objects.ocel.validation import ocel20_rel_validation

TEXT = {"type": "string"}
RELATIONS = {"type": "array", "items": {
    "type": "object", "properties": {"objectId": TEXT, "qualifier": TEXT}, "required": ["objectId", "qualifier"],
}}  # fmt: skip
MOMENT = {"type": "string", "format": "date-time"}


def _list(required: list[str], **properties: object) -> dict[str, object]:
    return {"type": "array", "items": {"type": "object", "properties": properties, "required": required}}


TYPES = _list(["name", "attributes"], name=TEXT, attributes=_list(["name", "type"], name=TEXT, type=TEXT))
SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
    "required": ["eventTypes", "objectTypes", "events", "objects"],
    "properties": {
        "eventTypes": TYPES, "objectTypes": TYPES,
        "events": _list(["id", "type", "time"], id=TEXT, type=TEXT, time=MOMENT, relationships=RELATIONS,
                        attributes=_list(["name", "value"], name=TEXT, value=TEXT)),
        "objects": _list(["id", "type"], id=TEXT, type=TEXT, relationships=RELATIONS,
                         attributes=_list(["name", "value", "time"], name=TEXT, value=TEXT, time=MOMENT)),
    },
}  # fmt: skip
"""What chapter 8 of the specification of OCEL 2.0 asks of a log in JSON."""


def _moments(column: pandas.Series) -> list[str]:
    return sorted(str(one) for one in pandas.to_datetime(column, utc=True).dt.floor("ms"))


def _flat(table: pandas.DataFrame, case: str, activity: str, at: str) -> dict[str, object]:
    return {
        "events": len(table), "cases": sorted(set(table[case])), "activities": dict(table[activity].value_counts()),
        "moments": _moments(table[at]),
    }  # fmt: skip


def _objects(log: pm4py.OCEL) -> dict[str, object]:
    kinds = log.objects["ocel:type"]
    return {
        "events": len(log.events), "cases": sorted(log.objects["ocel:oid"][kinds == "case"]),
        "activities": dict(log.events["activity_key"].value_counts()),
        "moments": _moments(log.events["ocel:timestamp"]),
        "objects": dict(kinds.value_counts()), "relations": len(log.relations), "o2o": len(log.o2o),
    }  # fmt: skip


def main(folder: Path) -> None:
    """Read all four, and print each as JSON."""
    warnings.simplefilter("ignore")
    jsonschema.validate(json.loads((folder / "log.jsonocel").read_text()), SCHEMA)
    _, broken = ocel20_rel_validation.apply(str(folder / "log.sqlite"))
    csv = pandas.read_csv(folder / "log.csv", keep_default_na=False)
    xes = pm4py.read_xes(str(folder / "log.xes"))
    found = {
        "broken constraints": list(broken),
        "csv": _flat(csv, "case", "activity_key", "complete"),
        "xes": _flat(xes, "case:concept:name", "activity_key", "time:timestamp"),
        "jsonocel": _objects(pm4py.read_ocel2_json(str(folder / "log.jsonocel"))),
        "sqlite": _objects(pm4py.read_ocel2_sqlite(str(folder / "log.sqlite"))),
    }
    print(json.dumps(found, default=int))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
