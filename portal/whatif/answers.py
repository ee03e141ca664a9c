"""What a comparison says: figures with intervals, differences, loads and forecasts, as plain data.

Durations are in hours of office time, unless their name says days (24 hours, weekends included). An interval holds the
true figure in 95 of 100 such comparisons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from portal.whatif.plain import to_plain
from workflows.parties import N_

MEASURES: Mapping[str, str] = {
    "lead_mean": N_("Lead time, mean"),
    "lead_median": N_("Lead time, half is done within"),
    "lead_p80": N_("Lead time, 8 of 10 are done within"),
    "lead_p90": N_("Lead time, 9 of 10 are done within"),
    "days_mean": N_("Lead time in days, mean"),
    "days_median": N_("Lead time in days, half is done within"),
    "days_p80": N_("Lead time in days, 8 of 10 are done within"),
    "days_p90": N_("Lead time in days, 9 of 10 are done within"),
    "within_norm": N_("Share done within the norm"),
    "first_time_right": N_("Share that never went back"),
    "cost_case": N_("Costs of a case, in euro cents"),
    "cases_year": N_("Cases in a year"),
}
"""All figures, by key; of shares 1 is all."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over replications with its 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How much a scenario differs from the baseline, pair by pair; `demonstrable` when zero lies outside."""

    mean: float
    low: float
    high: float
    demonstrable: bool


@dataclass(frozen=True, slots=True)
class StepFigures:
    """One state of one kind of case: how often a case comes there, how long it waits, how long somebody works on it."""

    type: str
    state: str
    party: str
    """The key of a party of `workflows/parties.py` in small letters, or the name of a station."""
    visits: Estimate
    """For each case."""
    waiting: Estimate
    """Hours for each case, of office time."""
    touch: Estimate
    """Hours of work for each case."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of people: as part of what they can do. From 1 on it never ends."""

    resource: str
    offered: float
    people: int

    @property
    def overloaded(self) -> bool:
        return self.offered >= 1


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a case that is open now will be done: half of the runs before `median`, 9 of 10 before `p90`."""

    case: str
    type: str
    state: str
    median: datetime
    p80: datetime
    p90: datetime
    within_norm: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found of one scenario. Without figures when it was overloaded: `loads` says by what."""

    name: str
    replications: int
    loads: tuple[Load, ...]
    measures: Mapping[str, Estimate] = field(default_factory=dict)
    by_type: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    steps: tuple[StepFigures, ...] = ()
    parties: Mapping[str, Estimate] = field(default_factory=dict)
    """Hours of waiting for each case, by party."""
    used: Mapping[str, Estimate] = field(default_factory=dict)
    """How much of their time people work, by resource."""
    queue: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """How many cases wait at each resource at the end of each week, on average."""
    bottlenecks: tuple[str, ...] = ()
    """Steps (`kind.state`) where a case waits longest, the longest first."""
    differences: Mapping[str, Difference] = field(default_factory=dict)
    """Against the baseline: of all cases by figure, of one kind by `kind.figure`."""
    forecasts: tuple[Forecast, ...] = ()

    @property
    def overloaded(self) -> tuple[Load, ...]:
        """Who gets more than they can do."""
        return tuple(load for load in self.loads if load.overloaded)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The baseline and the scenarios, in order; `first` and `last` are the days that were simulated."""

    seed: int
    key: str
    start: str
    first: date
    last: date
    answers: tuple[Answer, ...]
    seconds: float = 0.0
    settled: bool = True
    """Whether the interval became as narrow as was asked for."""

    def as_data(self) -> Any:
        """The same as plain data, for JSON."""
        data = to_plain(self)
        for answer in data["answers"]:
            for forecast in answer.get("forecasts", ()):
                for name in ("median", "p80", "p90"):
                    forecast[name] = forecast[name].isoformat()
        return {**data, "first": self.first.isoformat(), "last": self.last.isoformat()}
