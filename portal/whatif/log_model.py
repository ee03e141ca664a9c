"""A process as a log of another system has it: its own activities, in the order and at the hours it shows them.

Belongs here: what is kept of such a log. How it is measured is in `log_calibration.py`, how it is told again in
`log_simulation.py`. A log of a process that nobody declared can be simulated by this alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Gap:
    """How long after one activity the next comes.

    `soon` is the share that follows within the hour, by quantiles in minutes; the others follow by quantiles in the
    hours in which the next activity usually happens: a batch on Monday and Thursday is then one or two further.
    """

    n: int
    soon: float
    minutes: tuple[float, ...]
    later: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of the log, as they are written again."""

    case: str
    activity: str
    timestamp: str
    start: str = ""
    resource: str = ""
    amount: str = ""
    type: str = ""
    format: str = ""
    others: tuple[str, ...] = ()
    """Columns that the log has besides; they are written empty."""


@dataclass(frozen=True, slots=True)
class LogModel:
    """What is kept of a log.

    `prefixes` has, by the numbers of the activities so far (`0-3-5`; `*3-5` for any case whose last two were these),
    how often each activity came next; `end` among them is -1. `hours` has for each activity how much of it falls in
    each hour of the week; `gaps` is by the numbers of the two activities (`3-5`, or `2-3-5` where the one before makes
    a difference). `pace` is how alike the speeds of the steps of one case are, from 0 to 1.
    """

    columns: Columns
    activities: tuple[str, ...]
    first: date
    last: date
    cases: int
    days: tuple[float, ...]
    """Cases a day, by day of the week."""
    hours_of_arrival: tuple[float, ...]
    season: tuple[float, ...]
    burst: float
    prefixes: Mapping[str, Mapping[str, float]]
    gaps: Mapping[str, Gap]
    hours: tuple[tuple[float, ...], ...]
    closed: float = 1.0
    """How busy a holiday is beside an ordinary day of that weekday."""
    pace: float = 0.0
    start_gaps: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Minutes from the start to the end of an activity, where the log has both."""
    resources: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    amounts: tuple[float, ...] = ()
    types: Mapping[str, float] = field(default_factory=dict)
