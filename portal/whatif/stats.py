"""Means with intervals, paired differences, when there were enough replications, and the textbook queue.

Pure functions of numbers; Student's distribution is worked out here, as no library that is in use has it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import fmean, stdev

from portal.whatif.answers import Difference, Estimate

LEAST, MOST, BLOCK = 30, 200, 10
"""How many replications at least and at most, and how many more at a time."""
NARROW = 0.05
"""How narrow half the interval must be, as part of the mean."""


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of independent replications, with its 95 % interval."""
    mean = fmean(values)
    half = half_width(values)
    return Estimate(mean, mean - half, mean + half)


def half_width(values: Sequence[float]) -> float:
    """Half of the 95 % interval; infinite for one value."""
    if len(values) < 2:
        return math.inf
    return student(len(values) - 1) * stdev(values) / math.sqrt(len(values))


def difference(values: Sequence[float], baseline: Sequence[float]) -> Difference:
    """How much pairs of replications differ. Demonstrable when zero lies outside the interval."""
    pairs = [one - other for one, other in zip(values, baseline, strict=True)]
    found = estimate(pairs)
    # When all pairs are exactly equal, nothing differs.
    return Difference(found.mean, found.low, found.high, found.low > 0 or found.high < 0)


def enough(series: Sequence[Sequence[float]]) -> bool:
    """Whether each of these is known narrowly enough: half its interval is below 5 % of its mean."""
    return all(half_width(values) <= NARROW * abs(fmean(values)) for values in series)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share lies of what is ordered already."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


@lru_cache(maxsize=512)
def student(freedom: int, share: float = 0.975) -> float:
    """The quantile of Student's distribution with so many degrees of freedom."""
    low, high = 0.0, 1000.0
    for _ in range(80):
        middle = (low + high) / 2
        if _below(middle, freedom) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _below(value: float, freedom: int) -> float:
    """The chance of a value below this one, which is not negative."""
    return 1 - _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + value * value)) / 2


def _incomplete_beta(a: float, b: float, x: float) -> float:
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    found = d
    for m in range(1, 300):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + numerator * d
            c = 1 + numerator / c
            d = 1 / (d if abs(d) > tiny else tiny)
            c = c if abs(c) > tiny else tiny
            step = d * c
            found *= step
        if abs(step - 1) < 1e-13:
            break
    return found


def erlang_c(servers: int, load: float) -> float:
    """The chance of having to wait with so many servers and so much work offered (both in servers)."""
    blocked = 1.0
    for nth in range(1, servers + 1):
        blocked = load * blocked / (nth + load * blocked)
    busy = load / servers
    return blocked / (1 - busy * (1 - blocked))
