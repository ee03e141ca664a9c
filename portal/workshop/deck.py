"""The table laid for so many people: which seats there are, and which cards fall on them when. Pure, and the same each
time: rounds differ in what is agreed, never in what comes in."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import cycle
from random import Random

from portal.workshop.filling import filled, sits
from portal.workshop.scenario import Card, CardPlan, Round, Scenario, SeatPlan


@lru_cache(maxsize=64)
def seats_for(scenario: Scenario, people: int) -> tuple[SeatPlan, ...]:
    """The seats that there are when so many people play, in the order in which they are taken."""
    there = {seat.key: seat for seat in scenario.seats if seat.from_people <= people}
    for seat in scenario.seats:
        if seat.key not in there:
            key = sits(scenario, seat.key, people)
            taken = there[key]
            roles = {**dict.fromkeys(taken.also), seat.role: None, **dict.fromkeys(seat.also)}
            there[key] = replace(taken, also=tuple(role for role in roles if role != taken.role))
    return tuple(there.values())


@lru_cache(maxsize=64)
def deck(scenario: Scenario, people: int) -> tuple[Card, ...]:
    """The cards of a round when so many people play, in order of time; those that wait for an inject last."""
    turns = _Turns(scenario, people)
    cards = [
        filled(scenario, plan, turns.seat(plan), _when(scenario, plan.day, plan.hour), people)
        for plan in scenario.cards
    ]
    cards += _more(scenario, people, turns, sum(card.at is not None for card in cards))
    return tuple(sorted(cards, key=lambda card: (card.at is None, card.at or scenario.begins)))


@lru_cache(maxsize=64)
def by_key(scenario: Scenario, people: int) -> Mapping[str, Card]:
    """The same cards by their keys."""
    return {card.key: card for card in deck(scenario, people)}


def comes_by_itself(card: Card, held: Round) -> bool:
    """Whether an invoice comes in electronically in this round; else somebody registers its paper."""
    return card.bill is not None and card.bill.electronic and not held.by_post


class _Turns:
    """Deals what is meant for a role to its seats in turn."""

    def __init__(self, scenario: Scenario, people: int) -> None:
        self._scenario, self._people = scenario, people
        self._of = {role: cycle(_holding(scenario, role, people)) for role in scenario.roles}

    def seat(self, plan: CardPlan) -> str:
        if plan.seat:
            return sits(self._scenario, plan.seat, self._people)
        return next(self._of[plan.role])

    def next(self, role: str) -> str:
        return next(self._of[role])


def _holding(scenario: Scenario, role: str, people: int) -> list[str]:
    """The seats with this role; where few play, one that took it over."""
    seats = seats_for(scenario, people)
    own = [seat.key for seat in seats if seat.role == role]
    return own or [seat.key for seat in seats if role in seat.also]


def _when(scenario: Scenario, day: int, hour: float) -> datetime | None:
    return scenario.moment(day, hour) if day else None


def _more(scenario: Scenario, people: int, turns: _Turns, there: int) -> Iterator[Card]:
    """As many cards more as the arrival profile asks for so many people: some come again, in another guise."""
    pool = [plan for plan in scenario.cards if plan.again and plan.day]
    roles = {plan.role or next(seat.role for seat in scenario.seats if seat.key == plan.seat) for plan in pool}
    seats = sum(len(_holding(scenario, role, people)) for role in roles)
    wanted = round(scenario.arrivals.a_day * scenario.days * seats) - there
    hours, weights = zip(*scenario.arrivals.hours, strict=True)
    for count in range(max(0, wanted) if pool else 0):
        plan, times = pool[count % len(pool)], 2 + count // len(pool)
        rng = Random(zlib.crc32(f"{scenario.seed}:{plan.key}:{times}".encode()))  # noqa: S311 - stories, not secrets
        role = plan.role or next(seat.role for seat in scenario.seats if seat.key == plan.seat)
        day = rng.randint(1, max(1, scenario.days - 3))
        hour = rng.choices(hours, weights)[0] + rng.randrange(4) / 4
        another = replace(plan, key=f"{plan.key}-{times}", day=day, hour=hour)
        yield filled(scenario, another, turns.next(role), scenario.moment(day, hour), people, plan.key, times - 1)
