"""Habits of bots from a what-if model: how long work lies and how long it takes, as it was measured in earnest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from portal.access import Role
from portal.whatif.inputs import Basis, Input, Spread
from portal.whatif.model import Model
from portal.workshop.scenario import RolePlan, Scenario
from workflows import CASE_TYPES
from workflows.parties import Party

MOST_HOURS, MOST_MINUTES = 200.0, 480.0
"""What a scenario takes at most."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a model says of a role; None where it says nothing. `n` is on how many it was measured, 0 is assumed."""

    reaction_hours: float | None
    handling_minutes: float | None
    n: int


def habits_of(model: Model, scenario: Scenario) -> Mapping[str, Measured]:
    """For each role of the scenario of which the model knows something, what it is."""
    found = {key: _of(model, party) for key, role in scenario.roles.items() if (party := party_of(role)) is not None}
    return {
        key: one for key, one in found.items() if one.reaction_hours is not None or one.handling_minutes is not None
    }


def party_of(role: RolePlan) -> Party | None:
    """For which party a role works, as the declarations of cases name it."""
    if role.leads:
        return Party.APPROVER
    if Role.TREASURER.value in role.grants:
        return Party.TREASURER
    return Party.CLERK if Role.CLERK.value in role.grants else None if role.grants else Party.INITIATOR


def _of(model: Model, party: Party) -> Measured:
    """The middle of each state that waits for them, weighed by how many were measured."""
    lies = list(_inputs(model, party, lies=True))
    works = list(_inputs(model, party, lies=False))
    hours, minutes = _middle(lies), _middle(works)
    return Measured(
        None if hours is None else min(round(hours / 60, 1), MOST_HOURS),
        None if minutes is None else min(float(round(minutes)), MOST_MINUTES),
        sum(one.n for one in (*lies, *works) if one.basis is Basis.MEASURED),
    )


def _inputs(model: Model, party: Party, *, lies: bool) -> Iterator[Input[Spread]]:
    for flow in model.flows:
        if flow.type not in CASE_TYPES:
            continue
        waits = {state.key for state in CASE_TYPES[flow.type].states if state.waits_for is party}
        yield from (one for key, one in (flow.reaction if lies else flow.touch).items() if key in waits)


def _middle(inputs: list[Input[Spread]]) -> float | None:
    """The median, as what is far out would make everybody slow; a wall minute counts as one in three."""
    if not inputs:
        return None
    weights = [max(1, one.n) for one in inputs]
    halves = [one.value.at(0.5) / (3 if one.value.wall else 1) for one in inputs]
    return sum(half * weight for half, weight in zip(halves, weights, strict=True)) / sum(weights)
