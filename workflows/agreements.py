"""What a municipality and the SSC agree: which services at which norm (DVO), what they cost (DFA) and how both
sides work together (DAP), as plain data that can be compared and signed.

Belongs here: the shape of each kind, whether it is complete, what differs between two versions, and the digest that a
signature is bound to. Does not belong here: who may sign and when something holds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from workflows.kernel import Refusal
from workflows.parties import N_
from workflows.services import INDICATORS

DVO, DFA, DAP = "dvo", "dfa", "dap"
KINDS: Mapping[str, str] = {
    DVO: N_("Service level agreement (DVO)"),
    DFA: N_("Financial agreement (DFA)"),
    DAP: N_("Procedures agreed (DAP)"),
}
SSC, MUNICIPALITY = "ssc", "municipality"
SIDES: Mapping[str, str] = {SSC: N_("The SSC"), MUNICIPALITY: N_("The municipality")}

TEXTS: Mapping[str, Mapping[str, str]] = {
    DVO: {
        "changes": N_("How and when the municipality delivers its changes"),
        "delivery": N_("How and when the SSC delivers its services"),
        "duties": N_("What both sides may expect of each other"),
    },
    DFA: {
        "invoicing": N_("When the SSC sends its invoices"),
        "settling": N_("How advances are settled with what was used"),
        "deviating": N_("What happens when more or less is used than was agreed"),
    },
    DAP: {"hours": N_("When both sides can be reached")},
}
"""The texts of each kind, which must all be filled in before it is signed."""
BY_PRICE, BY_KEYS = "price", "keys"
VARIANTS: Mapping[str, str] = {
    BY_PRICE: N_("By price and number"), BY_KEYS: N_("By distribution keys"),
}  # fmt: skip
MOST_STEPS, MOST_PROCEDURES = 6, 12
LONGEST, LONGEST_LINE = 4000, 200

NO_SERVICES = Refusal("agreement_no_services", N_("Choose at least one service."))
NO_TARGETS = Refusal("agreement_no_targets", N_("Fill in at least one norm."))
NO_TEXT = Refusal("agreement_text_missing", N_("Fill in every text: an agreement says what both sides are to do."))
NO_STEPS = Refusal("agreement_no_steps", N_("Write down at least two steps of escalation, the first one first."))
NO_PROCEDURES = Refusal("agreement_no_procedures", N_("Write down at least one procedure."))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of escalation: when it is taken, by whom, what is done, and within how many working days."""

    when: str
    who: str
    what: str
    days: int


def empty(kind: str) -> dict[str, Any]:
    """An agreement of a kind in which nothing was agreed yet. `until` is its last day, empty for the time being."""
    texts = dict.fromkeys(TEXTS[kind], "")
    match kind:
        case "dvo":
            return {"until": "", "services": {}, "targets": {}, "steps": [], "texts": texts}
        case "dfa":
            return {
                "until": "", "variant": BY_PRICE, "prices": {}, "advance_cents": 0, "startup_cents": 0, "texts": texts,
            }  # fmt: skip
        case _:
            return {"until": "", "procedures": [], "texts": texts}


def steps_of(content: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps of escalation of a DVO, in order."""
    return tuple(Step(one["when"], one["who"], one["what"], one["days"]) for one in content["steps"])


def missing(kind: str, content: Mapping[str, Any]) -> list[Refusal]:
    """What must be there before it can be signed, and is not."""
    steps, services = content.get("steps", ()), content.get("services", content.get("prices", ()))
    return [
        refusal
        for bad, refusal in (
            (kind != DAP and not services, NO_SERVICES),
            (kind == DVO and not content.get("targets"), NO_TARGETS),
            (kind == DVO and len(steps) < 2, NO_STEPS),
            (kind == DAP and not content.get("procedures"), NO_PROCEDURES),
            (not all(content["texts"].get(key, "").strip() for key in TEXTS[kind]), NO_TEXT),
        )
        if bad
    ]


def digest(kind: str, place: str, first: date, content: Mapping[str, Any]) -> str:
    """What a signature is bound to: all that the agreement says, its last day (`until`) too, and from when."""
    told = [kind, place, first.isoformat(), content]
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def year_from(first: date) -> date:
    """The last day of a year that begins on this day: for so long a DFA is closed."""
    later = first.replace(year=first.year + 1) if (first.month, first.day) != (2, 29) else date(first.year + 1, 3, 1)
    return later - timedelta(days=1)


Point = tuple[str, ...]


def points(content: Mapping[str, Any]) -> Mapping[Point, Any]:
    """All that an agreement says, by what it is about: ("services", "leave") → 120. Numbers, texts and pairs."""
    return dict(_points(content))


def _points(content: Mapping[str, Any]) -> Iterator[tuple[Point, Any]]:
    yield ("until",), content["until"]
    for key in ("variant", "advance_cents", "startup_cents"):
        if key in content:
            yield (key,), content[key]
    for key in ("services", "targets"):
        for name, value in content.get(key, {}).items():
            yield (key, name), value
    for name, row in content.get("prices", {}).items():
        yield ("prices", name), (row["cents"], row["volume"])
    for place, step in enumerate(content.get("steps", ()), 1):
        yield ("steps", str(place)), (step["when"], step["who"], step["what"], step["days"])
    for row in content.get("procedures", ()):
        yield ("procedures", row["title"]), row["text"]
    for key, text in content["texts"].items():
        yield ("texts", key), text


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that another version says otherwise; None is what it does not say."""

    point: Point
    before: Any
    after: Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Sequence[Difference]:
    """What differs between two versions, in the order of the later one, what is gone last."""
    old, new = points(before), points(after)
    found = [Difference(key, old.get(key), value) for key, value in new.items() if old.get(key) != value]
    return [*found, *(Difference(key, value, None) for key, value in old.items() if key not in new)]


def target_in(content: Mapping[str, Any], indicator: str) -> Decimal | None:
    """The target that a DVO has for an indicator; None when none was agreed."""
    found = content.get("targets", {}).get(indicator)
    return Decimal(found) if found is not None and indicator in INDICATORS else None
