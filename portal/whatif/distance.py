"""How far what was simulated is from what happened: lead times, hours of the week, arrivals, and the order of steps.

Pure functions. Each distance is zero for the same and grows; what a split of the log itself gives is its noise floor,
below which no model can be told from the real thing.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from portal.clock import local
from portal.whatif.traces import Trace

START, END = "⊢", "⊣"


@dataclass(frozen=True, slots=True)
class Course:
    """A case as far as it is compared: its steps in order, and when each was taken, by the clock on the wall."""

    steps: tuple[str, ...]
    moments: tuple[datetime, ...]
    begun: datetime


@dataclass(frozen=True, slots=True)
class Distances:
    """How far two logs are apart. `lead` is in hours; `hours` and `arrivals` in hours of the week to be moved."""

    lead: float
    hours: float
    arrivals: float
    steps: float


def courses(traces: Iterable[Trace]) -> list[Course]:
    """The cases that have ended."""
    found = []
    for trace in traces:
        done = [(visit.action or visit.state, local(visit.completed)) for visit in trace.visits if visit.completed]
        if done and not trace.open:
            steps, moments = zip(*done, strict=True)
            found.append(Course(steps, tuple(at.replace(tzinfo=None) for at in moments), local(trace.begun)))
    return found


def distances(real: Sequence[Course], simulated: Sequence[Course]) -> Distances:
    """All distances between two logs. ValueError when one is empty."""
    return Distances(
        wasserstein(leads(real), leads(simulated)),
        around_the_week(week_of(real), week_of(simulated)),
        around_the_week(arrivals_of(real), arrivals_of(simulated)),
        in_order([one.steps for one in real], [one.steps for one in simulated]),
    )


def noise_floor(real: Sequence[Course], seed: int = 1, splits: int = 5) -> Distances:
    """The distances between two halves of one log, drawn by lot several times, on average."""
    random, found = Random(seed), []  # noqa: S311 - chance, no secret
    for _ in range(splits):
        mixed = list(real)
        random.shuffle(mixed)
        found.append(distances(mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]))
    return Distances(
        sum(one.lead for one in found) / splits, sum(one.hours for one in found) / splits,
        sum(one.arrivals for one in found) / splits, sum(one.steps for one in found) / splits,
    )  # fmt: skip


def leads(cases: Iterable[Course]) -> list[float]:
    """Hours from the beginning to the last step."""
    hour = timedelta(hours=1)
    return [(one.moments[-1] - one.begun.replace(tzinfo=None)) / hour for one in cases]


def _hour(at: datetime) -> int:
    return at.weekday() * 24 + at.hour


def week_of(cases: Iterable[Course]) -> list[float]:
    """How many steps were taken in each hour of the week."""
    counted = Counter(_hour(at) for one in cases for at in one.moments)
    return [float(counted[hour]) for hour in range(168)]


def arrivals_of(cases: Iterable[Course]) -> list[float]:
    """How many cases came in in each hour of the week."""
    counted = Counter(_hour(one.begun) for one in cases)
    return [float(counted[hour]) for hour in range(168)]


def wasserstein(one: Sequence[float], two: Sequence[float]) -> float:
    """How far on average must be moved to make one sample into the other. ValueError when one is empty."""
    if not one or not two:
        raise ValueError("nothing to compare")
    first, second = sorted(one), sorted(two)
    points = sorted({*first, *second})
    return sum(
        abs(bisect_right(first, low) / len(first) - bisect_right(second, low) / len(second)) * (high - low)
        for low, high in itertools.pairwise(points)
    )


def around_the_week(one: Sequence[float], two: Sequence[float]) -> float:
    """The same for hours of the week, where Sunday night is next to Monday morning."""
    if sum(one) <= 0 or sum(two) <= 0:
        raise ValueError("nothing to compare")
    apart, differences = 0.0, []
    for left, right in zip(one, two, strict=True):
        apart += left / sum(one) - right / sum(two)
        differences.append(apart)
    # On a circle what is carried past midnight may be any amount: the middle one costs least.
    middle = sorted(differences)[len(differences) // 2]
    return sum(abs(value - middle) for value in differences)


def grams(sequences: Iterable[Sequence[str]], length: int) -> Counter[tuple[str, ...]]:
    """How often each run of so many steps was there, with the beginning and the end of a case as steps."""
    counted: Counter[tuple[str, ...]] = Counter()
    for steps in sequences:
        whole = (*(START,) * (length - 1), *steps, *(END,) * (length - 1))
        counted.update(whole[nth : nth + length] for nth in range(len(whole) - length + 1))
    return counted


def in_order(one: Iterable[Sequence[str]], two: Iterable[Sequence[str]], length: int = 3) -> float:
    """Which part of the runs of steps is not the same: 0 for all the same, 1 for nothing in common."""
    first, second = grams(one, length), grams(two, length)
    total, others = first.total(), second.total()
    if not total or not others:
        raise ValueError("nothing to compare")
    return sum(abs(first[key] / total - second[key] / others) for key in first.keys() | second.keys()) / 2
