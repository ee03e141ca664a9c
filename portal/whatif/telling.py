"""A run told as traces: what would have happened, in the same form as what did happen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from portal.whatif.engine import Run
from portal.whatif.forecast import moment_of
from portal.whatif.model import Model
from portal.whatif.plan import WARM_UP, Plan, Window
from portal.whatif.routes import END, WORK
from portal.whatif.traces import Trace, Visit


def simulated(model: Model, *, seed: int, first: date, days: int, replication: int = 0) -> list[Trace]:
    """The cases that come in on so many days from `first`, followed to their end."""
    window = Window(first - timedelta(days=WARM_UP), WARM_UP, days)
    plan = Plan(model, window)
    coming = plan.coming(seed, replication)
    tally = Run(plan, coming, seed, replication, keep=True).play()
    found = []
    for nth, (arrival, story) in enumerate(zip(coming, tally.stories or (), strict=True)):
        if not window.begin <= arrival.at < window.end or not story:
            continue
        path = plan.paths[arrival.flow]
        like = path.flow.mix.value[arrival.like]
        visits, node = [], path.trips[arrival.like].first
        for seen in story:
            stage = path.stages[seen.state]
            team = model.resources[stage.resource].key if stage.resource >= 0 else ""
            started = moment_of(plan, seen.started) if stage.kind == WORK else None
            who = f"{team} {seen.person + 1}" if seen.person >= 0 else ""
            visits.append(
                Visit(
                    seen.state, seen.action, moment_of(plan, seen.enabled), started, moment_of(plan, seen.completed),
                    who, stage.party,
                )
            )  # fmt: skip
            node = node.after(node.actions.index(seen.action))
        last = node.stage
        is_open = last.kind != END
        if is_open and visits[-1].completed is not None:
            visits.append(Visit(last.key, "", visits[-1].completed, None, None, "", last.party))
        found.append(
            Trace(f"{nth + 1:06}", path.flow.type, like.municipality, like.amount_cents, tuple(visits), is_open)
        )
    return found


COLUMNS = ("case", "type", "municipality", "amount", "state", "activity", "enabled", "start", "timestamp", "resource",
           "role")  # fmt: skip
"""In which a run is told as a log."""


def rows_of(traces: Iterable[Trace]) -> Iterator[list[str]]:
    """Each step that was taken, as a row of a log."""
    for trace in traces:
        for visit in trace.visits:
            if visit.completed is not None:
                moments = (visit.enabled, visit.started or visit.completed, visit.completed)
                yield [
                    trace.case, trace.type, trace.municipality, f"{trace.amount_cents / 100:.2f}", visit.state,
                    visit.action, *(at.isoformat(timespec="seconds") for at in moments), visit.resource, visit.role,
                ]  # fmt: skip
