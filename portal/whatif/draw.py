"""The luck of one replication, keyed by case: the same case meets the same luck in every scenario.

What is drawn for a case hangs on the seed, the replication, its kind, the day it comes in and its place on that day,
and for each step on the state and how often the case has been there; never on what happened to other cases.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random
from statistics import NormalDist

from portal.whatif.hours import DAY
from portal.whatif.model import Flow

MANY = 400
"""From so many a day on, a normal distribution is as good and does not fall below what a float can hold."""
_NORMAL = NormalDist()


@dataclass(slots=True)
class Arrival:
    """A case that comes in: when, of which flow, which of the mix, and its luck for each first visit."""

    at: float
    flow: int
    like: int
    key: tuple[int, int]
    luck: list[float]


def count_at(mean: float, burst: float, share: float) -> int:
    """The number of a day below which this share of days stays: Poisson, or with a burst negative binomial."""
    if mean <= 0:
        return 0
    if mean > MANY:
        spread = math.sqrt(mean + burst * mean * mean)
        return max(0, round(mean + spread * _NORMAL.inv_cdf(min(max(share, 1e-12), 1 - 1e-12))))
    chance = math.exp(-mean) if burst <= 0 else (1 + burst * mean) ** (-1 / burst)
    total, count = chance, 0
    while total < share and count < 100 * MANY:
        chance *= mean / (count + 1) if burst <= 0 else (count + 1 / burst) / (count + 1) * _odds(mean, burst)
        count += 1
        total += chance
        if chance < 1e-18 and count > mean:
            break
    return count


def _odds(mean: float, burst: float) -> float:
    return burst * mean / (1 + burst * mean)


@lru_cache(maxsize=64)
def _by_day(week: tuple[float, ...]) -> tuple[tuple[float, tuple[float, ...]], ...]:
    """Of each day of the week its share, and how that adds up by hour."""
    total = sum(week)
    days = [week[24 * day : 24 * day + 24] for day in range(7)]
    return tuple(
        (sum(hours) / total, tuple(accumulate(hours, initial=0.0)) if sum(hours) else tuple(range(25)))
        for hours in days
    )


@lru_cache(maxsize=64)
def _adding_up(weights: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(accumulate(weights))


def moment_of_day(hours: Sequence[float], share: float) -> float:
    """The minute of the day by which this share of a day's cases came in."""
    place = share * hours[-1]
    hour = min(bisect_right(hours, place) - 1, 23)
    width = hours[hour + 1] - hours[hour]
    return 60 * (hour + (place - hours[hour]) / width) if width > 0 else 60.0 * hour


def arrivals(
    flow: Flow, number: int, width: int, first: date, days: range, closed: frozenset[date], seed: int, replication: int
) -> list[Arrival]:
    """The cases of one flow on these days since `first`, in order of the days."""
    given = flow.arrivals
    by_day = _by_day(given.week.value)
    weights = _adding_up(tuple(like.weight for like in flow.mix.value))
    found = []
    for day in days:
        today = first + timedelta(days=day)
        # On a closed day as few come in as on a Sunday.
        share, hours = by_day[6 if today in closed else today.weekday()]
        mean = given.per_week.value * share * given.season.value[today.month - 1]
        if mean <= 0:
            continue
        random = Random(f"{seed}/{replication}/{number}/{today.toordinal()}").random  # noqa: S311 - chance, no secret
        for nth in range(count_at(mean, given.burst.value, random())):
            at = day * DAY + moment_of_day(hours, random())
            like = min(bisect_right(weights, random() * weights[-1]), len(weights) - 1)
            found.append(Arrival(at, number, like, (today.toordinal(), nth), [random() for _ in range(width)]))
    return found


def again(seed: int, replication: int, arrival: Arrival, visit: int, width: int) -> list[float]:
    """The luck of a case for a later visit of the states where it has been before."""
    day, nth = arrival.key
    random = Random(f"{seed}/{replication}/{arrival.flow}/{day}/{nth}/{visit}").random  # noqa: S311
    return [random() for _ in range(width)]


def days_away(seed: int, replication: int, resource: str, person: int, count: int, share: float) -> list[bool]:
    """On which of so many days this person is not there."""
    if share <= 0:
        return [False] * count
    random = Random(f"{seed}/{replication}/{resource}/{person}").random  # noqa: S311
    return [random() < share for _ in range(count)]


def expected(flow: Flow, first: date, days: int, closed: frozenset[date]) -> float:
    """How many cases come in on so many days, on average."""
    given = flow.arrivals
    by_day = _by_day(given.week.value)
    total = 0.0
    for day in range(days):
        today = first + timedelta(days=day)
        share, _ = by_day[6 if today in closed else today.weekday()]
        total += given.per_week.value * share * given.season.value[today.month - 1]
    return total
