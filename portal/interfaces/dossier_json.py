"""A dossier as JSON with the chain of its events, and the proof that such a file still holds.

An event is given with all that its hash is made of. What was said in it (persons, reason, data) is given with its salt
where the reader may see all of it; else only its digest, which the hash holds: so it can be proved later, not guessed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.sealing import GENESIS, digest_of_said, digest_of_step
from workflows import CASE_TYPES

FORMAT = "ssc-portal dossier 1"
RECIPE = (
    'hash = SHA-256 of {"id","case","action","states","times","channel","said","previous"}; '
    'said = SHA-256 of {"salt","persons","reason","data"}; both as JSON with sorted keys, without spaces, in UTF-8. '
    "previous is the hash of the event one id lower, in this case or another."
)
"""How anybody can recount it without this program."""


class NotADossier(ValueError):
    """The file is no dossier of this kind, or is not whole."""


class Altered(ValueError):
    """Something in the file is not as the portal gave it out; the message says what."""


@dataclass(frozen=True, slots=True)
class Proved:
    """What was proved: how many events, of how many what was said in them, and the hashes by place in the chain."""

    number: str
    events: int
    opened: int
    hashes: Mapping[int, str]


def written(told: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> bytes:
    """The file: what is told of the dossier, and the chain of its events."""
    chain = {"algorithm": "sha256", "recipe": RECIPE, "events": list(events)}
    whole = {"format": FORMAT, **told, "chain": chain}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode() + b"\n"


def prove(data: bytes) -> Proved:
    """Recount every event in the file. Raises NotADossier or Altered."""
    try:
        whole = json.loads(data)
        if whole["format"] != FORMAT:
            raise NotADossier("it is no dossier of this kind")
        case, events = whole["case"], whole["chain"]["events"]
        return _prove(case, events)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, NotADossier | Altered):
            raise
        raise NotADossier(f"it cannot be read as a dossier ({type(error).__name__})") from error


def _prove(case: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Proved:
    hashes: dict[int, str] = {}
    case_type = CASE_TYPES.get(case["type"])
    state, last, opened = case_type.initial.key if case_type else None, 0, 0
    for event in events:
        place = event["id"]
        if place <= last:
            raise Altered(f"event {place} is out of its place")
        if event["case"] != case["id"]:
            raise Altered(f"event {place} is of another case")
        before = hashes.get(place - 1, GENESIS if place == 1 else None)
        if before not in (None, event["previous"]):
            raise Altered(f"event {place} does not follow the event before it")
        if state not in (None, event["states"][0]):
            raise Altered(f"before event {place} an event is missing")
        if _digest(event) != event["hash"]:
            raise Altered(f"event {place} was changed")
        if (said := event["said_in_full"]) is not None:
            if digest_of_said(said["salt"], said["persons"], said["reason"], said["data"]) != event["said"]:
                raise Altered(f"what was said in event {place} was changed")
            opened += 1
        hashes[place], state, last = event["hash"], event["states"][1], place
    if case["state"] != state:
        raise Altered("the case is not where its last event left it")
    return Proved(case["number"], len(events), opened, hashes)


def _digest(event: Mapping[str, Any]) -> str:
    first, last = event["states"]
    enabled, started, at = (datetime.fromisoformat(moment) for moment in event["times"])
    return digest_of_step(
        event["id"], event["case"], event["action"], (first, last), (enabled, started, at), event["channel"],
        event["said"], event["previous"],
    )  # fmt: skip
