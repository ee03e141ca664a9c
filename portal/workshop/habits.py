"""How a bot goes about: how long until it looks at something, how long it works on it, and whether it goes wrong.

All chance comes from what it is about (the seed of the scenario, the card, the seat, the step): the same story gives
the same moments and the same mistakes, whatever else is played meanwhile.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

SPREAD = 0.6
"""How far times of people differ: the standard deviation of their logarithm."""
LONGEST = 6.0
"""No time is more than so many times the usual one."""


def chance(seed: int, *about: object) -> Random:
    """A source of chance for one matter."""
    return Random(":".join(map(str, (seed, *about))))  # noqa: S311 - stories, not secrets


@dataclass(frozen=True, slots=True)
class Times:
    """What a role takes on average, and how often it goes wrong."""

    reaction_hours: float
    handling_minutes: float
    error_rate: float

    def reaction(self, rng: Random) -> float:
        """Office hours until somebody looks at what waits for them."""
        return _about(rng, self.reaction_hours)

    def handling(self, rng: Random) -> float:
        """Office hours that they work on it."""
        return _about(rng, self.handling_minutes / 60)

    def errs(self, rng: Random) -> bool:
        """Whether it goes wrong this time."""
        return rng.random() < self.error_rate


def _about(rng: Random, mean: float) -> float:
    """A time with this mean, skewed as people's times are: mostly shorter, now and then much longer."""
    drawn = rng.lognormvariate(-SPREAD * SPREAD / 2, SPREAD)
    return mean * min(drawn, LONGEST) if math.isfinite(mean) and mean > 0 else 0.0


def pick(rng: Random, among: Sequence[str]) -> str:
    """One of these."""
    return rng.choice(among)
