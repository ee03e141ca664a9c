"""Within what a round should lie by chance alone: the what-if model of a scenario, imitated some tens of times.

The model is made of the scenario as it stands in its file: its deck says what comes in and when, the habits of bots how
long things lie and are worked on, its rounds what is agreed. Mistakes and what they cause are left out, so the middle
case is compared, on which they have little hold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

from portal.clock import local
from portal.whatif.band import Band, band
from portal.whatif.inputs import Input, Spread, assumed, fixed, seen
from portal.whatif.model import CLERK, TREASURER, Arrivals, Flow, Like, Model, PaymentRuns, Resource
from portal.workshop.deck import deck, seats_for
from portal.workshop.habits import SPREAD
from portal.workshop.scenario import CARD_KINDS, CLOSES, OPENS, Card, Habits, Scenario
from workflows import CASE_TYPES
from workflows.kernel import CaseType
from workflows.parties import APPROVER, BANK, INITIATOR
from workflows.parties import CLERK as BY_CLERK

WEEK = 5
"""Working days of a week."""
DAY = (CLOSES - OPENS) * 60
RUN = 10 * 60
"""The minute of a day at which bots pay."""
NEXT_MORNING = 20.5 * 60
"""How long on the clock until the bank's answer of the next morning."""
USUAL_CENTS = 3_000
POINTS = 21
ROUGH = 0.5
"""Working days that the model is from what bots do themselves: it leaves out mistakes and when the post comes."""
HOURS = 60.0


def model_of(scenario: Scenario, people: int, number: int, kind: str) -> Model:
    """The model of a round when so many people play, for one kind of case."""
    cards = [card for card in deck(scenario, people) if card.at is not None and CARD_KINDS[card.kind] == kind]
    seats = seats_for(scenario, people)
    hands = [grant for seat in seats for role in (seat.role, *seat.also) for grant in scenario.roles[role].grants]
    resources = tuple(
        Resource(key, key, assumed(max(1, hands.count(key))), assumed(OPENS * 60), assumed(CLOSES * 60))
        for key in (CLERK, TREASURER)
    )
    return Model(
        name=scenario.key,
        flows=(_flow(scenario, people, number, CASE_TYPES[kind], cards),),
        resources=resources,
        runs=PaymentRuns(cut_off=assumed(RUN), at=assumed(RUN)),
        opens=assumed(OPENS * 60),
        closes=assumed(CLOSES * 60),
        policies={key: assumed(value) for key, value in scenario.round(number).policies.items()},
    )


def _flow(scenario: Scenario, people: int, number: int, case_type: CaseType, cards: Sequence[Card]) -> Flow:
    week = [0.0] * 168
    for card in cards:
        if card.at is not None:
            here = local(card.at)
            week[here.weekday() * 24 + here.hour] += 1
    towns = {seat.key: seat.municipality for seat in seats_for(scenario, people)}
    likes = tuple(Like(towns.get(card.seat, ""), _cents(card)) for card in cards)
    touch, reaction = _durations(scenario, number, case_type)
    arrivals = Arrivals(assumed(len(cards) * WEEK / scenario.days), assumed(tuple(week)))
    return Flow(case_type.key, arrivals, assumed(likes), touch, reaction)


def _cents(card: Card) -> int:
    if card.bill is not None:
        return sum(cents + cents * vat // 100 for _, cents, vat in card.bill.items)
    return sum(paper.cents for paper in card.papers) or USUAL_CENTS


def _durations(
    scenario: Scenario, number: int, case_type: CaseType
) -> tuple[dict[str, Input[Spread]], dict[str, Input[Spread]]]:
    """How long work on each state takes, and how long it lies before, by the habits of who it waits for."""
    leads = next((key for key, role in scenario.roles.items() if role.leads), "")
    clerk = next((key for key, role in scenario.roles.items() if CLERK in role.grants), "")
    employee = next((key for key, role in scenario.roles.items() if not role.grants and not role.leads), leads)
    of = {APPROVER: leads, BY_CLERK: clerk, INITIATOR: employee}
    touch: dict[str, Input[Spread]] = {}
    reaction: dict[str, Input[Spread]] = {}
    for state in case_type.states:
        if state.waits_for is BANK:
            reaction[state.key] = assumed(fixed(NEXT_MORNING, wall=True))
        role = of.get(state.waits_for, "")
        if state.result is None and role:
            habits = scenario.habits(role, number)
            touch[state.key] = assumed(_skewed(habits.handling_minutes))
            reaction[state.key] = assumed(_lies(habits))
    plan = scenario.round(number)
    first = next((state.key for state in case_type.states if state.waits_for is BY_CLERK and not state.suspends), "")
    if plan.by_post and first and case_type.key == CARD_KINDS["claim"]:
        asked = scenario.habits(leads, number).reaction_hours * HOURS if leads else 0.0
        reaction[first] = assumed(_lies(scenario.habits(clerk, number), max(0.0, plan.post_days * DAY - asked)))
    return touch, reaction


def _lies(habits: Habits, at_least: float = 0.0) -> Spread:
    """How long something lies: the time until somebody looks, after what it must wait for at least."""
    return _skewed(habits.reaction_hours * HOURS, at_least)


def _skewed(mean: float, at_least: float = 0.0) -> Spread:
    """As bots' times are spread: mostly shorter than the mean, now and then much longer."""
    usual = NormalDist(-SPREAD * SPREAD / 2, SPREAD)
    shares = [(place + 0.5) / POINTS for place in range(POINTS)]
    return seen(at_least + mean * math.exp(usual.inv_cdf(share)) for share in shares)


@dataclass(frozen=True, slots=True)
class Within:
    """Between how many working days the middle case of a round lies in 38 of 40 imitations."""

    low: float
    high: float

    def verdict(self, days: float) -> str:
        """Where what was played lies: `in` it (or not farther away than the model is true), `below` or `above`."""
        return "below" if days < self.low - ROUGH else "above" if days > self.high + ROUGH else "in"


@lru_cache(maxsize=32)
def within(scenario: Scenario, people: int, number: int, kind: str) -> Within | None:
    """The band of a round for one kind of case; None where nothing comes to an end. Takes a second the first time."""
    model = model_of(scenario, people, number, kind)
    if not model.flows[0].mix.value:
        return None
    days = math.ceil(scenario.days / WEEK * 7)
    found: Band | None = band(model, days=days, warm=False).get("lead_median")
    return Within(found.low * HOURS / DAY, found.high * HOURS / DAY) if found else None
