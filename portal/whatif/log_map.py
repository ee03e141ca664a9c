"""The map of a foreign log: which columns hold what, and which of its activities are which declared steps."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from portal.interfaces import toml_text
from portal.whatif.plain import NOT_READ, from_plain
from workflows import CASE_TYPES
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

NO_COLUMN = Refusal("whatif_no_column", N_("The log has no column %(column)s; it has: %(columns)s."))
NOT_FOUND = Refusal(
    "whatif_column_not_found", N_("Say in the map which column holds the %(what)s; there is: %(columns)s.")
)
NO_KIND = Refusal("whatif_no_kind", N_("The map says states and actions, but not of which kind of case."))
NOT_DECLARED = Refusal("whatif_not_declared", N_("The map names %(what)s, which is not declared for %(kind)s."))
NO_ZONE = Refusal("whatif_no_zone", N_("There is no time zone %(zone)s."))
SEPARATOR = Refusal("whatif_separator", N_("The separator between columns is one sign, such as a semicolon."))

USUAL: Mapping[str, tuple[str, ...]] = {
    "case": ("case:concept:name", "case concept:name", "case_id", "caseid", "case id", "case", "zaak"),
    "activity": ("concept:name", "event concept:name", "activity", "event", "task", "activiteit", "stap"),
    "timestamp": ("time:timestamp", "event time:timestamp", "timestamp", "complete", "completed", "end_timestamp",
                  "complete_time", "end_time", "complete timestamp", "tijdstip"),
    "start": ("start_timestamp", "start", "started", "start_time", "start timestamp"),
    "resource": ("org:resource", "event org:resource", "resource", "user", "medewerker"),
    "amount": ("case:amount", "case amount", "amount", "bedrag"),
    "type": ("case:type", "case:case_type", "case_type", "type", "soort"),
    "lifecycle": ("lifecycle:transition", "lifecycle"),
}  # fmt: skip
"""By which names columns are known where the map does not say; capitals do not matter."""
NEEDED = ("case", "activity", "timestamp")
WHAT = {"case": N_("case"), "activity": N_("activity"), "timestamp": N_("moment of an activity")}


@dataclass(frozen=True, slots=True)
class Declared:
    """Which step an activity is: the state it is taken in, and the action."""

    state: str
    action: str


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """Which columns hold what; empty for those that go by a usual name, `-` for one that is not to be used."""

    case: str = ""
    activity: str = ""
    timestamp: str = ""
    start: str = ""
    resource: str = ""
    amount: str = ""
    type: str = ""
    lifecycle: str = ""


@dataclass(frozen=True, slots=True)
class LogMap:
    """The whole map. `kind` is the declared kind of case that the activities below are steps of."""

    columns: ColumnNames = field(default_factory=ColumnNames)
    separator: str = ""
    """Between columns of a CSV; found out where it is empty."""
    time: str = ""
    """How moments are written, as for strptime; ISO 8601 and the usual Dutch ways are found out."""
    zone: str = "Europe/Amsterdam"
    kind: str = ""
    activities: Mapping[str, Declared] = field(default_factory=dict)


def read_map(text: str) -> LogMap:
    """The map in this TOML. Raises Refused that says what is wrong."""
    try:
        found = from_plain(LogMap, toml_text.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Refused(Refusal(NOT_READ.code, NOT_READ.sentence, {"why": str(error)})) from None
    if len(found.separator) > 1 or found.separator in ("\r", "\n", '"'):
        raise Refused(SEPARATOR)
    if not found.activities:
        return found
    if found.kind not in CASE_TYPES:
        raise Refused(NO_KIND)
    case_type = CASE_TYPES[found.kind]
    states, actions = {one.key for one in case_type.states}, {one.key: one for one in case_type.actions}
    for declared in found.activities.values():
        fits = declared.action in actions and declared.state in actions[declared.action].at
        if declared.state not in states or not fits:
            what = f"{declared.state}/{declared.action}"
            raise Refused(Refusal(NOT_DECLARED.code, NOT_DECLARED.sentence, {"what": what, "kind": found.kind}))
    return found


def found_columns(asked: ColumnNames, there: Collection[str]) -> dict[str, str]:
    """For each use the column that holds it. Raises Refused for one that is needed or named and is not there."""
    lower = {name.lower(): name for name in there}
    found = {}
    for use, usual in USUAL.items():
        named = getattr(asked, use)
        if named == "-":
            continue
        if named:
            if named not in there:
                raise Refused(
                    Refusal(NO_COLUMN.code, NO_COLUMN.sentence, {"column": named, "columns": ", ".join(there)})
                )
            found[use] = named
            continue
        match = next((lower[name] for name in usual if name in lower and lower[name] not in found.values()), "")
        if match:
            found[use] = match
        elif use in NEEDED:
            raise Refused(Refusal(NOT_FOUND.code, NOT_FOUND.sentence, {"what": WHAT[use], "columns": ", ".join(there)}))
    return found
