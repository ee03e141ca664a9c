"""One input of a model: a value, and how it is known."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from workflows.parties import N_

T = TypeVar("T")
FEW = 30
"""Below this number of observations a value says little by itself."""


class Basis(StrEnum):
    """How a value is known."""

    MEASURED = "measured"
    ASSUMED = "assumed"
    EDITED = "edited"


BASIS_LABELS = {Basis.MEASURED: N_("measured"), Basis.ASSUMED: N_("assumed"), Basis.EDITED: N_("edited")}


@dataclass(frozen=True, slots=True)
class Input(Generic[T]):
    """A value with how it is known and from how many observations; `pooled` where others were taken along."""

    value: T
    basis: Basis = Basis.ASSUMED
    n: int = 0
    pooled: bool = False

    @property
    def few(self) -> bool:
        """Whether it was measured on so few that a warning belongs with it."""
        return self.basis is Basis.MEASURED and self.n < FEW


def assumed(value: T) -> Input[T]:
    """A value that nobody measured."""
    return Input(value)


def measured(value: T, n: int, *, pooled: bool = False) -> Input[T]:
    """A value measured on so many."""
    return Input(value, Basis.MEASURED, n, pooled)


def edited(value: T) -> Input[T]:
    """A value that somebody filled in, or that a scenario changes."""
    return Input(value, Basis.EDITED)


class Law(StrEnum):
    """What is known of how long something takes: what was seen, or only its mean."""

    TABLE = "table"
    """Quantiles as they were seen, from the least to the most, at equal distances."""
    EXPONENTIAL = "exponential"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something takes, in minutes, from case to case; `wall` for minutes that nights and weekends count in."""

    law: Law
    numbers: tuple[float, ...]
    wall: bool = False

    def at(self, share: float) -> float:
        """The duration that this share of cases stays below."""
        numbers = self.numbers
        if self.law is Law.TABLE:
            place = share * (len(numbers) - 1)
            low = int(place)
            if low >= len(numbers) - 1:
                return numbers[-1]
            below = numbers[low]
            return below + (place - low) * (numbers[low + 1] - below)
        return numbers[0] if self.law is Law.FIXED else -numbers[0] * math.log1p(-share)

    @property
    def mean(self) -> float:
        """The mean, in minutes."""
        if self.law is not Law.TABLE or len(self.numbers) == 1:
            return self.numbers[0]
        return (sum(self.numbers) - (self.numbers[0] + self.numbers[-1]) / 2) / (len(self.numbers) - 1)

    def times(self, factor: float) -> Spread:
        """The same, so many times as long."""
        return Spread(self.law, tuple(number * factor for number in self.numbers), self.wall)


def fixed(minutes: float, *, wall: bool = False) -> Spread:
    """Always as long."""
    return Spread(Law.FIXED, (minutes,), wall)


def exponential(mean: float, *, wall: bool = False) -> Spread:
    """Of which only the mean is known: without memory, as in the textbooks."""
    return Spread(Law.EXPONENTIAL, (mean,), wall)


def seen(minutes: Iterable[float], *, points: int = 101, wall: bool = False) -> Spread:
    """As it was seen: a table of quantiles. ValueError without any."""
    found = sorted(minutes)
    if not found:
        raise ValueError("nothing was seen")
    return Spread(Law.TABLE, quantiles(found, [1.0] * len(found), min(points, max(2, len(found)))), wall)


def quantiles(values: list[float], weights: list[float], points: int) -> tuple[float, ...]:
    """Quantiles at equal distances of sorted values that weigh differently, the least among them.

    Between quantiles values are thought to lie evenly. Those beyond the last but one do not: a few took very long. The
    last is therefore where it must be for the table to have the mean of the values.
    """
    total, sofar, middles = sum(weights), 0.0, []
    for weight in weights:
        middles.append((sofar + weight / 2) / total)
        sofar += weight
    found = [_between(values, middles, place / (points - 1)) for place in range(points)]
    mean = sum(value * weight for value, weight in zip(values, weights, strict=True)) / total
    top = 2 * (mean * (points - 1) - sum(found[:-1]) + found[0] / 2)
    return (*found[:-1], round(min(max(top, found[-2]), found[-1]), 4))


def _between(values: list[float], middles: list[float], share: float) -> float:
    high = bisect_left(middles, share)
    if high == 0:
        return round(values[0], 4)
    if high == len(values):
        return round(values[-1], 4)
    left, right = middles[high - 1], middles[high]
    part = (share - left) / (right - left) if right > left else 1.0
    return round(values[high - 1] + part * (values[high] - values[high - 1]), 4)
