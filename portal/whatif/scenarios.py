"""Scenarios: named changes to a model, such as one clerk more or two payment runs a week."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from portal.whatif.inputs import Input, Spread, edited
from portal.whatif.model import Flow, Model, Resource
from portal.whatif.model_file import judge
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

NO_SUCH = Refusal("whatif_no_such", N_("The model has no %(key)s to change."))
NO_VALUE = Refusal("whatif_no_value", N_("The value of %(key)s cannot be changed into this."))
MOST_SCENARIOS = 4
TOO_MANY = Refusal("whatif_too_many", N_("Compare %(most)s scenarios at most."), {"most": MOST_SCENARIOS})
SAME_NAME = Refusal("whatif_same_name", N_("Two scenarios have the same name."))


class What(StrEnum):
    """What a scenario can change. `key` says of which resource, kind of case, step or policy."""

    COUNT = "count"
    """How many people a resource has."""
    MORE = "more"
    """How many people more (or, below zero, fewer) it has."""
    ABSENCE = "absence"
    SHARE = "share"
    COST = "cost"
    """What an hour of somebody costs, in euro cents."""
    RUNS = "runs"
    """On which weekdays is paid."""
    CUT_OFF = "cut_off"
    POLICY = "policy"
    MANDATE = "mandate"
    PRIORITY = "priority"
    VOLUME = "volume"
    """How many times as many cases of a kind (empty key: of all) come in."""
    TOUCH = "touch"
    """How many times as long somebody works on a step: `kind.state`, or a kind for all its steps."""
    REACTION = "reaction"
    """The same for how long it lies with who does other work too."""


WHAT_LABELS: Mapping[What, str] = {
    What.COUNT: N_("Number of people"),
    What.MORE: N_("People more or fewer"),
    What.ABSENCE: N_("Share of days that somebody is not there"),
    What.SHARE: N_("Share of the day for this work"),
    What.COST: N_("Costs of an hour"),
    What.RUNS: N_("Days on which is paid"),
    What.CUT_OFF: N_("Until when a case goes along with the payment run"),
    What.POLICY: N_("Policy"),
    What.MANDATE: N_("Up to which amount one approval is enough"),
    What.PRIORITY: N_("What goes first"),
    What.VOLUME: N_("Times as many cases"),
    What.TOUCH: N_("Times as much work"),
    What.REACTION: N_("Times as slow to react"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what, of which, into what."""

    what: What
    value: Any
    key: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A name and what is otherwise than in the model."""

    name: str
    changes: tuple[Change, ...]


def all_applied(model: Model, scenarios: Sequence[Scenario]) -> list[Model]:
    """The model with each of the scenarios. Raises Refused for too many, two of one name, and what cannot be."""
    if len(scenarios) > MOST_SCENARIOS:
        raise Refused(TOO_MANY)
    if len({one.name for one in scenarios}) < len(scenarios):
        raise Refused(SAME_NAME)
    return [applied(model, one) for one in scenarios]


def applied(model: Model, scenario: Scenario) -> Model:
    """The model with the changes of a scenario, each marked as edited. Raises Refused for what cannot be."""
    for change in scenario.changes:
        try:
            model = _apply(model, change)
        except (TypeError, ValueError, ArithmeticError):
            raise Refused(Refusal(NO_VALUE.code, NO_VALUE.sentence, {"key": change.key or change.what})) from None
    judge(model)
    return model


def _apply(model: Model, change: Change) -> Model:
    value = change.value
    match change.what:
        case What.COUNT | What.MORE | What.ABSENCE | What.SHARE | What.COST:
            model = _resources(model, change)
        case What.RUNS:
            model = replace(model, runs=replace(model.runs, weekdays=edited(tuple(sorted(set(map(int, value)))))))
        case What.CUT_OFF:
            model = replace(model, runs=replace(model.runs, cut_off=edited(int(value))))
        case What.POLICY:
            model = replace(model, policies={**model.policies, change.key: edited(str(value))})
        case What.MANDATE:
            model = replace(model, mandate_cents=edited(int(value)))
        case What.PRIORITY:
            model = replace(model, priority=edited(str(value)))
        case What.VOLUME:
            model = _flows(model, change, lambda flow, _: _more(flow, float(value)))
        case What.TOUCH | What.REACTION:
            name = change.what.value
            model = _flows(model, change, lambda flow, state: _slower(flow, name, state, float(value)))
    return model


def _resources(model: Model, change: Change) -> Model:
    if change.key not in {one.key for one in model.resources}:
        raise _no_such(change)
    return replace(
        model, resources=tuple(_resource(one, change) if one.key == change.key else one for one in model.resources)
    )


def _resource(one: Resource, change: Change) -> Resource:
    match change.what:
        case What.COUNT:
            return replace(one, count=edited(int(change.value)))
        case What.MORE:
            return replace(one, count=edited(max(0, one.count.value + int(change.value))))
        case What.ABSENCE:
            return replace(one, absence=edited(float(change.value)))
        case What.COST:
            return replace(one, cost_cents=edited(int(change.value)))
    return replace(one, share=edited(float(change.value)))


def _flows(model: Model, change: Change, made: Callable[[Flow, str], Flow]) -> Model:
    kind, _, state = change.key.partition(".")
    if kind and kind not in {flow.type for flow in model.flows}:
        raise _no_such(change)
    return replace(model, flows=tuple(made(flow, state) if kind in ("", flow.type) else flow for flow in model.flows))


def _more(flow: Flow, factor: float) -> Flow:
    return replace(flow, arrivals=replace(flow.arrivals, per_week=edited(flow.arrivals.per_week.value * factor)))


def _slower(flow: Flow, name: str, state: str, factor: float) -> Flow:
    given: Mapping[str, Input[Spread]] = getattr(flow, name)
    if state and state not in given:
        raise Refused(Refusal(NO_SUCH.code, NO_SUCH.sentence, {"key": f"{flow.type}.{state}"}))
    changed = {key: edited(one.value.times(factor)) if state in ("", key) else one for key, one in given.items()}
    return replace(flow, touch=changed) if name == "touch" else replace(flow, reaction=changed)


def _no_such(change: Change) -> Refused:
    return Refused(Refusal(NO_SUCH.code, NO_SUCH.sentence, {"key": change.key}))
