"""A process as a log of another system has it: its own activities, in the order and at the hours it shows them.

Belongs here: what is kept of such a log. How it is measured is in `log_calibration.py`, how it is told again in
`log_simulation.py`. A log of a process that nobody declared can be simulated by this alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

END = "end"
"""Among what comes next: that nothing does."""


@dataclass(frozen=True, slots=True)
class Gap:
    """How long after one activity the next comes.

    `soon` is the share that follows within the hour, by quantiles in minutes. The others follow by quantiles of how
    much of the week of the next activity passes meanwhile (1 is a week): a batch on Monday and Thursday is then one or
    two batches further, and no night or weekend counts in which nothing happens.
    """

    n: int
    soon: float
    minutes: tuple[float, ...] = ()
    later: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of the log in order, what each of them is, and how it writes its moments."""

    names: tuple[str, ...]
    case: str
    activity: str
    timestamp: str
    start: str = ""
    resource: str = ""
    amount: str = ""
    type: str = ""
    lifecycle: str = ""
    separator: str = ","
    pattern: str = ""
    """As for strftime; empty for ISO 8601."""
    divider: str = "T"
    decimals: int = 0
    clock: str = "naive"
    """`naive` without an offset, `utc`, `zulu` for UTC with a Z, or `offset` for that of the zone."""
    zone: str = "Europe/Amsterdam"
    amount_decimals: int = 2
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Of other columns what they say with each activity."""


@dataclass(frozen=True, slots=True)
class LogModel:
    """What is kept of a log.

    `nexts` says what comes next, and how often, after all activities so far (`0-3-5`, by number), or for any case after
    the last ones (`*3-5`). `gaps` is by the last two activities (`3-5`), apart by half day (`3-5@13`), by day
    (`3-5@d6`) or by the activity before (`1-3-5`) where that tells more, or by the next alone (`*5`). `hours` has for
    each activity the share of each hour of the week. `pace` is how alike the speeds of the steps of one case are, from
    0 to 1; `together` the share of cases that come in right
    after another.
    """

    columns: Columns
    activities: tuple[str, ...]
    first: date
    last: date
    cases: int
    window: int
    """The cases of how many days before the end were measured; 0 for all."""
    per_week: float
    week: tuple[float, ...]
    season: tuple[float, ...]
    burst: float
    together: float
    nexts: Mapping[str, Mapping[str, float]]
    gaps: Mapping[str, Gap]
    hours: tuple[tuple[float, ...], ...]
    holidays: float = 1.0
    """How busy a holiday is beside an ordinary day of that weekday."""
    pace: float = 0.0
    work: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Minutes from the start to the end of an activity, by number, where the log has both."""
    resources: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    amounts: tuple[float, ...] = ()
    types: Mapping[str, float] = field(default_factory=dict)
