"""The model of a process: everything that the simulation is fed with, and of each value how it is known.

Belongs here: what the inputs are. How they are written down is in `model_file.py`, what a scenario changes in
`scenarios.py`. Routes, thresholds, four eyes and norms are no inputs: the declarations in `workflows/` say them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from portal.whatif.inputs import Input, Spread, assumed
from portal.whatif.log_model import LogModel
from workflows.parties import N_

FIFO, DUE_FIRST, SMALL_FIRST = "fifo", "due", "small"
PRIORITIES: Mapping[str, str] = {
    FIFO: N_("Who came first to this step goes first"),
    DUE_FIRST: N_("What is due first goes first"),
    SMALL_FIRST: N_("What takes the least work goes first"),
}
CLERK, TREASURER = "clerk", "treasurer"
DONE = "done"
"""In a flow that is not declared: where a case ends."""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence about the model, in English as it is translated, and its values."""

    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How cases of one kind come in.

    `week` has the share of each hour of the week, Monday midnight first; `season` a factor for each month. `burst` is
    how far the number of a day spreads beyond chance: its variance is mean + burst times mean squared; 0 is Poisson.
    """

    per_week: Input[float]
    week: Input[tuple[float, ...]]
    season: Input[tuple[float, ...]] = field(default_factory=lambda: assumed((1.0,) * 12))
    burst: Input[float] = field(default_factory=lambda: assumed(0.0))


@dataclass(frozen=True, slots=True)
class Like:
    """A case as it may come in: of which municipality and what amount; `weight` is how often."""

    municipality: str
    amount_cents: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Odds:
    """How a state is left by cases up to an amount (None: by all others): the share of each action."""

    up_to_cents: int | None
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Flow:
    """One kind of case: how it comes in, what it is, and for each state how long it takes and how it is left.

    `touch` is the time that somebody works on a case; `reaction` how long it lies with whoever does other work too, or
    with the bank: that is not explained by load. `stations` is for a kind that is not declared in `workflows/`: the
    first is where a case begins, each with the resource that works there (empty for none); its `outcomes` then name
    the next station, or `done`.
    """

    type: str
    arrivals: Arrivals
    mix: Input[tuple[Like, ...]]
    touch: Mapping[str, Input[Spread]] = field(default_factory=dict)
    reaction: Mapping[str, Input[Spread]] = field(default_factory=dict)
    outcomes: Mapping[str, Input[tuple[Odds, ...]]] = field(default_factory=dict)
    stations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resource:
    """People who can take each other's work. `role` is what they are: `clerk` or `treasurer`, or a name of a station.

    `share` is which part of their day is for this work; `absence` which part of the days somebody is not there.
    """

    key: str
    role: str
    count: Input[int]
    opens: Input[int] = field(default_factory=lambda: assumed(8 * 60))
    closes: Input[int] = field(default_factory=lambda: assumed(17 * 60))
    weekdays: Input[tuple[int, ...]] = field(default_factory=lambda: assumed((0, 1, 2, 3, 4)))
    absence: Input[float] = field(default_factory=lambda: assumed(0.0))
    share: Input[float] = field(default_factory=lambda: assumed(1.0))
    cost_cents: Input[int] = field(default_factory=lambda: assumed(0))
    """What an hour costs."""


@dataclass(frozen=True, slots=True)
class PaymentRuns:
    """On which weekdays (Monday is 0) is paid, until when a case still goes along, and when the run is released."""

    weekdays: Input[tuple[int, ...]] = field(default_factory=lambda: assumed((0, 1, 2, 3, 4)))
    cut_off: Input[int] = field(default_factory=lambda: assumed(12 * 60))
    at: Input[int] = field(default_factory=lambda: assumed(15 * 60))


@dataclass(frozen=True, slots=True)
class Model:
    """All inputs together. `first` and `last` are the days that were measured; `unknown` is what cannot be known."""

    name: str
    flows: tuple[Flow, ...]
    resources: tuple[Resource, ...]
    runs: PaymentRuns = field(default_factory=PaymentRuns)
    first: date | None = None
    last: date | None = None
    opens: Input[int] = field(default_factory=lambda: assumed(8 * 60))
    closes: Input[int] = field(default_factory=lambda: assumed(17 * 60))
    closed: tuple[date, ...] = ()
    """The days on which offices are closed, besides weekends."""
    priority: Input[str] = field(default_factory=lambda: assumed(FIFO))
    mandate_cents: Input[int] = field(default_factory=lambda: assumed(250_000))
    """Up to which amount whoever is asked first may decide."""
    policies: Mapping[str, Input[str]] = field(default_factory=dict)
    """What was agreed, by the keys of `workflows/policy_keys.py`."""
    unknown: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()
    log: LogModel | None = None
    """A process as the log of another system has it, next to the flows above."""

    def flow(self, case_type: str) -> Flow:
        """The flow of this kind; KeyError when there is none."""
        for flow in self.flows:
            if flow.type == case_type:
                return flow
        raise KeyError(case_type)

    def resource(self, role: str) -> Resource | None:
        """Who has this role; None when nobody does."""
        return next((one for one in self.resources if one.role == role), None)


TOO_FEW = N_("%(what)s was measured on %(count)s observations only, so values of similar steps were taken along.")
