"""Caps: the most that is paid for a kind of expense, by line, day, month or year. Pure; whole cents.

What is above a cap is cut off, or shown to whoever checks it. Caps are dated policies, one record for each kind of
expense. They are applied from the shortest period to the longest, so that a later cap sees what an earlier one left;
within a period by day, and on one day in the order of the claim. So with one cap for a period the total that is left
in it does not depend on the order in which somebody types their lines.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflows.parties import N_
from workflows.policies import PolicyBook, PolicyRow

CUT, WARN = "cut", "warn"
THEN: Mapping[str, str] = {CUT: N_("the rest is not paid"), WARN: N_("the SSC looks at the rest")}
PERIODS: Mapping[str, str] = {
    "line": N_("for each expense"),
    "day": N_("for each day"),
    "month": N_("for each month"),
    "year": N_("for each year"),
}
"""From the shortest to the longest, with the label of each."""
_LENGTH = {"day": 10, "month": 7, "year": 4}
"""How much of an ISO date says which day, month or year it is."""

NOT_A_RECORD = N_('Write the cap as {"day": {"cents": 2500, "then": "cut"}}.')
UNKNOWN_PERIOD = N_("A cap is for a line, day, month or year.")
NOT_A_CAP = N_('A cap has whole "cents" from zero, and "then" is "cut" or "warn".')


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that is paid in one period, and what happens above it; `row` is where it is agreed."""

    per: str
    cents: int
    then: str
    row: PolicyRow


@dataclass(frozen=True, slots=True)
class Spent:
    """What was granted to the same person on other cases, for one kind of expense on one day."""

    category: str
    day: date
    cents: int
    days: int = 1


Renewing = Callable[[Mapping[str, Any], PolicyBook, Collection[Spent]], Mapping[str, Any]]
"""From the content of a case to what is left of it, by what was granted on other cases meanwhile."""


def as_it_was(content: Mapping[str, Any], policies: PolicyBook, spent: Collection[Spent]) -> Mapping[str, Any]:
    """A case type of which nothing is held against other cases again."""
    return content


@dataclass(frozen=True, slots=True)
class Amount:
    """One line to be held against the caps."""

    category: str
    day: date
    cents: int
    days: int = 1


@dataclass(frozen=True, slots=True)
class Met:
    """A cap that a line came above: what was left of the line before, and after."""

    cap: Cap
    before: int
    after: int
    elsewhere: int = 0
    """How much of the room other cases of the same person took."""


def key_of(category: str) -> str:
    """Under which name the caps of a kind of expense are agreed."""
    return f"cap_{category}"


def caps_on(policies: PolicyBook, category: str, day: date) -> tuple[Cap, ...]:
    """The caps in force on a day, from the shortest period to the longest."""
    row = policies.at(key_of(category), day)
    agreed = json.loads(row.value) if row is not None else {}
    return tuple(
        Cap(per, agreed[per]["cents"], agreed[per]["then"], row) for per in PERIODS if row is not None and per in agreed
    )


def shape(found: Any) -> Iterable[str]:
    """What is wrong with a record of caps."""
    if not isinstance(found, dict) or not found:
        return [NOT_A_RECORD]
    wrong = [] if found.keys() <= PERIODS.keys() else [UNKNOWN_PERIOD]
    return wrong if all(_is_cap(cap) for cap in found.values()) else [*wrong, NOT_A_CAP]


def _is_cap(cap: Any) -> bool:
    return (
        isinstance(cap, dict)
        and cap.keys() == {"cents", "then"}
        and type(cap["cents"]) is int
        and 0 <= cap["cents"] <= 100_000_000
        and cap["then"] in THEN
    )


def held_against(
    policies: PolicyBook, amounts: Sequence[Amount], spent: Collection[Spent] = ()
) -> list[tuple[int, tuple[Met, ...]]]:
    """What is left of each amount, with the caps that it came above, in the order of the amounts."""
    left = [amount.cents for amount in amounts]
    met: list[list[Met]] = [[] for _ in amounts]
    order = sorted(range(len(amounts)), key=lambda place: amounts[place].day)
    for per in PERIODS:
        elsewhere = _used(per, spent)
        used = dict(elsewhere)
        for place in order:
            amount = amounts[place]
            cap = next((cap for cap in caps_on(policies, amount.category, amount.day) if cap.per == per), None)
            period = _period(per, amount.category, amount.day, place)
            if cap is not None:
                most = cap.cents * (amount.days if per == "day" else 1)
                room = max(most - used.get(period, 0), 0)
                if left[place] > room:
                    after = room if cap.then == CUT else left[place]
                    met[place].append(Met(cap, left[place], after, elsewhere.get(period, 0)))
                    left[place] = after
            used[period] = used.get(period, 0) + left[place]
    return [(cents, tuple(above)) for cents, above in zip(left, met, strict=True)]


def _period(per: str, category: str, day: date, place: int) -> tuple[str, str]:
    return category, str(place) if per == "line" else day.isoformat()[: _LENGTH[per]]


def _used(per: str, spent: Collection[Spent]) -> dict[tuple[str, str], int]:
    """What was spent before in each period."""
    used: dict[tuple[str, str], int] = {}
    for one in spent if per != "line" else ():
        period = _period(per, one.category, one.day, 0)
        used[period] = used.get(period, 0) + one.cents
    return used
