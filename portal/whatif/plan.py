"""What a run is made of: a model made ready to be simulated, which days, and what is counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from portal.whatif.draw import Arrival, arrivals, days_away
from portal.whatif.hours import DAY, Axis, Runs, open_days
from portal.whatif.model import Model, Resource
from portal.whatif.routes import Path, Stage
from workflows.norms import WorkingDays

NEVER = float("inf")
WARM_UP = 56
"""How many days are simulated before counting, so that a run does not begin with empty desks."""
RUN_ON = 182
"""How many days longer at most a run goes on, for the cases that came in within the counted days."""
COMING_ON = 56
"""For how many days after the counted ones cases still come in, so that the last counted ones meet others too."""
MARGIN = 800
"""For how many days more there is a calendar: what takes longer than that is as good as never done."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which days are simulated: from `first`, the days before counting, and the days that are counted."""

    first: date
    before: int
    counted: int
    run_on: int = RUN_ON

    @property
    def begin(self) -> float:
        return self.before * DAY

    @property
    def end(self) -> float:
        return (self.before + self.counted) * DAY

    @property
    def days(self) -> int:
        return self.before + self.counted + self.run_on


@dataclass(frozen=True, slots=True)
class Begun:
    """A case that is open when a run begins: where it is, since when, and the steps that were taken."""

    case: str
    flow: int
    like: int
    state: str
    taken: frozenset[str]
    arrived: float
    since: float


@dataclass(slots=True)
class Seen:
    """One stay of a case, as it was simulated: moments in minutes since the first midnight."""

    state: str
    action: str
    enabled: float
    started: float
    completed: float
    person: int = -1


@dataclass(slots=True)
class Tally:
    """What was counted in one run. Durations are in minutes; of each flow, of each stage or of each resource."""

    leads: list[list[float]]
    days: list[list[float]]
    kept: list[int]
    ended: list[int]
    right: list[int]
    cost: list[float]
    visits: list[int]
    waiting: list[float]
    touch: list[float]
    busy: list[float]
    able: list[float]
    queue: list[list[int]]
    counted: int = 0
    unfinished: int = 0
    finished: dict[int, float] = field(default_factory=dict)
    """Of the cases that were open at the start: when each was done."""
    in_time: dict[int, bool] = field(default_factory=dict)
    stories: list[list[Seen]] | None = None


class Plan:
    """A model made ready to run: its flows as nodes, its calendars as axes."""

    def __init__(self, model: Model, window: Window) -> None:
        self.model, self.window = model, window
        self.roles = {resource.role: nth for nth, resource in reversed(list(enumerate(model.resources)))}
        self.paths: list[Path] = []
        stages = 0
        for nth, flow in enumerate(model.flows):
            self.paths.append(Path(model, flow, nth, self.roles, stages))
            stages += len(self.paths[-1].stages)
        self.stages: list[Stage] = [stage for path in self.paths for stage in path.stages.values()]
        self.calendar_days = window.days + MARGIN
        self.closed = frozenset(model.closed)
        always = model.closes.value - model.opens.value >= DAY
        weekdays = range(7) if always else range(5)
        work_days = open_days(window.first, self.calendar_days, weekdays, model.closed)
        self.office = Axis(work_days, model.opens.value, model.closes.value)
        self._teams = [self._team(resource) for resource in model.resources]
        runs = model.runs
        run_days = open_days(window.first, self.calendar_days, runs.weekdays.value, ())
        self.runs = Runs(run_days, work_days, runs.cut_off.value, runs.at.value)

    def _team(self, resource: Resource) -> tuple[list[bool], Axis | None]:
        usual = open_days(self.window.first, self.calendar_days, resource.weekdays.value, self.model.closed)
        return usual, Axis(usual, resource.opens.value, resource.closes.value) if any(usual) else None

    def coming(self, seed: int, replication: int) -> list[Arrival]:
        """All cases that come in, in order."""
        days = range(min(self.window.days, self.window.before + self.window.counted + COMING_ON))
        found = [
            one
            for path in self.paths
            for one in arrivals(
                path.flow, path.number, path.width, self.window.first, days, self.closed, seed, replication
            )
        ]
        found.sort(key=lambda one: (one.at, one.flow, one.key))
        return found

    def people(self, seed: int, replication: int) -> list[list[Axis | None]]:
        """Of each resource its people, each with the days on which they are there; None who never is."""
        found: list[list[Axis | None]] = []
        for resource, (usual, axis) in zip(self.model.resources, self._teams, strict=True):
            if resource.absence.value <= 0:
                found.append([axis] * resource.count.value)
                continue
            team: list[Axis | None] = []
            for person in range(resource.count.value):
                away = days_away(seed, replication, resource.key, person, len(usual), resource.absence.value)
                there = [works and not gone for works, gone in zip(usual, away, strict=True)]
                team.append(Axis(there, resource.opens.value, resource.closes.value) if any(there) else None)
            found.append(team)
        return found

    def due(self, flow: int, at: float) -> tuple[float, bool]:
        """Until when a case that came in is within its norm, and whether that is counted in office time."""
        case_type = self.paths[flow].case_type
        if case_type is None:
            return NEVER, False
        day = int(at // DAY)
        if isinstance(case_type.norm, WorkingDays):
            return self.office.base[day + 1] + max(case_type.norm.days, 1) * self.office.length, True
        return (day + 1 + case_type.norm.days) * DAY, False
