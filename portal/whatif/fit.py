"""How well a model gives back what really happened: one imitated period beside the real one, and what cannot be known.

Beside each distance stands that between two halves of the real cases: the noise of the log itself. A distance that is
no larger says that the imitation cannot be told from what happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from portal.clock import local
from portal.queries.observed import moments
from portal.whatif.distance import Course, distances, noise_floor, week_of
from portal.whatif.engine import Run
from portal.whatif.model import Model
from portal.whatif.observed import traces
from portal.whatif.plain import to_plain
from portal.whatif.plan import WARM_UP, Plan, Window
from portal.whatif.stats import quantile
from portal.whatif.traces import Trace
from portal.worlds import World
from workflows import CASE_TYPES

MARGIN = timedelta(days=30)
"""Cases that came in so shortly before the end are left out of lead times: many of them are open still."""
SHARES = tuple(nth / 20 for nth in range(1, 20))
MOST_WAYS = 8
LEAST = 10
"""Of fewer cases no distance says anything."""
MOST_CASES = 20_000
"""So many real cases are held at most: of more, every second one, and so on."""
DAY = timedelta(days=1)
SEED = 1


@dataclass(frozen=True, slots=True)
class Told:
    """A case as both sides tell it: its kind, when it came in, when it ended, and its steps. On the clock here."""

    kind: str
    begun: datetime
    ended: datetime | None
    steps: tuple[tuple[str, datetime], ...]

    @property
    def days(self) -> float:
        """How long it took, in days with weekends."""
        return (self.ended - self.begun) / DAY if self.ended else 0.0


def told_of(trace: Trace) -> Told:
    """A real case. The step by which it came in is no part of what is imitated."""
    case_type = CASE_TYPES.get(trace.type)
    initial = case_type.initial.key if case_type else ""
    steps = tuple(
        (visit.action, local(visit.completed).replace(tzinfo=None))
        for visit in trace.visits if visit.completed is not None and visit.state != initial
    )  # fmt: skip
    ended = local(trace.ended).replace(tzinfo=None) if trace.ended else None
    return Told(trace.type, local(trace.begun).replace(tzinfo=None), ended, steps)


def imitated(model: Model, window: Window, seed: int = SEED) -> list[Told]:
    """The cases that come in within the counted days of one run."""
    plan = Plan(model, window)
    coming = plan.coming(seed, 0)
    stories = Run(plan, coming, seed, 0, keep=True).play().stories or []
    start, found = datetime.combine(window.first, time.min), []
    for arrival, story in zip(coming, stories, strict=True):
        if not window.begin <= arrival.at < window.end:
            continue
        path = plan.paths[arrival.flow]
        at = [start + timedelta(minutes=seen.completed) for seen in story]
        steps = tuple(zip((seen.action for seen in story), at, strict=True))
        ended = at[-1] if at and _ends(path.case_type, story[-1].state, story[-1].action) else None
        found.append(Told(path.flow.type, start + timedelta(minutes=arrival.at), ended, steps))
    return found


def _ends(case_type: Any, state: str, action: str) -> bool:
    """Whether this step can end a case: a run goes on until all but a few have, so then it did."""
    if case_type is None:
        return action == "done"
    return any(case_type.state(to).result is not None for to in case_type.action(action).targets or (state,))


def leads(cases: Iterable[Told], until: datetime | None = None) -> list[float]:
    """How long the cases took that came in up to a moment."""
    return [one.days for one in cases if one.ended is not None and (until is None or one.begun <= until)]


def ended(cases: Iterable[Told], until: datetime | None) -> list[Course]:
    """The cases that are compared: those that ended and came in up to a moment. Steps are those of their kind."""
    return [
        Course(tuple(f"{one.kind}.{step}" for step, _ in one.steps), tuple(at for _, at in one.steps), one.begun)
        for one in cases if one.ended is not None and one.steps and (until is None or one.begun <= until)
    ]  # fmt: skip


def ways(cases: Iterable[Told]) -> Counter[tuple[str, ...]]:
    """How many of the ended cases took each way: their kind, then their steps."""
    return Counter((one.kind, *(step for step, _ in one.steps)) for one in cases if one.ended is not None)


def compared(real: Sequence[Told], played: Sequence[Told], until: datetime | None) -> dict[str, Any]:
    """Distances with the noise of the log itself, and the curves behind them."""
    mine, theirs = ended(real, until), ended(played, until)
    return {
        "cases": {"real": len(real), "played": len(played)},
        "distances": _distances(mine, theirs) if len(mine) >= LEAST and theirs else [],
        "lead": {name: _curve(leads(found, until)) for name, found in (("real", real), ("played", played))},
        "hours": {name: _hours(week_of(found)) for name, found in (("real", mine), ("played", theirs))},
        "ways": _ways(ways(real), ways(played)),
    }  # fmt: skip


def _distances(mine: Sequence[Course], theirs: Sequence[Course]) -> list[dict[str, Any]]:
    found, floor = distances(mine, theirs), noise_floor(mine)
    return [
        {"key": key, "value": round(getattr(found, key), 4), "floor": round(getattr(floor, key), 4)}
        for key in ("lead", "hours", "steps")
    ]


def _curve(days: Sequence[float]) -> list[list[float]]:
    ordered = sorted(days)
    return [[round(quantile(ordered, share), 3), share] for share in SHARES] if ordered else []


def _hours(found: Sequence[float]) -> list[float]:
    total = sum(found) or 1.0
    return [round(one / total, 5) for one in found]


def _ways(real: Counter[tuple[str, ...]], played: Counter[tuple[str, ...]]) -> list[dict[str, Any]]:
    both = real + played
    mine, theirs = sum(real.values()) or 1, sum(played.values()) or 1
    return [
        {"kind": way[0], "steps": list(way[1:]), "real": round(real[way] / mine, 4),
         "played": round(played[way] / theirs, 4)}
        for way, _ in both.most_common(MOST_WAYS)
    ]  # fmt: skip


def some(cases: Iterable[Told], most: int = MOST_CASES) -> list[Told]:
    """The cases, evenly thinned out when there are more than can be held."""
    kept: list[Told] = []
    every = 1
    for nth, one in enumerate(cases):
        if nth % every == 0:
            kept.append(one)
        if len(kept) > most:
            kept, every = kept[::2], every * 2
    return kept


def tried(
    world: World, places: Collection[int] | None, model: Model, tell: Callable[[int, int], None]
) -> dict[str, Any]:
    """The measured period once more, imitated, beside what really happened; what to mind, and what is not known."""
    if model.first is None or model.last is None:
        raise ValueError("a model that was measured says of which days")
    tell(1, 4)
    with world.db.snapshot() as session:
        real = some(told_of(trace) for trace in traces(session, places, model.first, model.last))
    tell(2, 4)
    days = (model.last - model.first).days + 1
    played = imitated(model, Window(model.first - timedelta(days=WARM_UP), WARM_UP, days))
    tell(3, 4)
    end = local(moments(model.first, model.last)[1]).replace(tzinfo=None)
    found = compared(real, played, end - MARGIN if days > 2 * MARGIN.days else None)
    return {**found, "warnings": to_plain(list(model.warnings)), "unknown": to_plain(list(model.unknown))}
