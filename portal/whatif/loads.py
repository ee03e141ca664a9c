"""What is asked of people beside what they can do, worked out before anything is run: overload needs no simulation."""

from __future__ import annotations

from datetime import timedelta

from portal.whatif.answers import Load
from portal.whatif.draw import expected
from portal.whatif.plan import Plan
from portal.whatif.routes import WORK, Node, Path

NEGLIGIBLE = 1e-9
LONGEST_WAY = 1000


def work_of(path: Path) -> dict[int, float]:
    """The minutes of work that a case of this flow brings to each resource, on average over the mix."""
    mix = path.flow.mix.value
    total = sum(like.weight for like in mix)
    share: dict[int, float] = {}
    for like, trip in zip(mix, path.trips, strict=True):
        share[id(trip)] = share.get(id(trip), 0.0) + like.weight / total
    found: dict[int, float] = {}
    for trip in {id(trip): trip for trip in path.trips}.values():
        _walk(trip.first, share[id(trip)], found)
    return found


def _walk(first: Node, share: float, found: dict[int, float]) -> None:
    """Follow all ways of a case with how likely each is, until hardly any are left."""
    front: dict[int, tuple[Node, float]] = {id(first): (first, share)}
    for _ in range(LONGEST_WAY):
        onward: dict[int, tuple[Node, float]] = {}
        for node, mass in front.values():
            stage, before = node.stage, 0.0
            if stage.kind == WORK and stage.spread is not None:
                found[stage.resource] = found.get(stage.resource, 0.0) + mass * stage.spread.mean
            for nth, sofar in enumerate(node.cums):
                part, before = mass * (sofar - before), sofar
                if part > NEGLIGIBLE:
                    after = node.after(nth)
                    onward[id(after)] = (after, onward.get(id(after), (after, 0.0))[1] + part)
        front = onward
        if not front:
            return


def loads_of(plan: Plan) -> tuple[Load, ...]:
    """The load of each resource over the counted days."""
    window = plan.window
    first = window.first + timedelta(days=window.before)
    asked: dict[int, float] = {}
    for path in plan.paths:
        cases = expected(path.flow, first, window.counted, plan.closed)
        for place, minutes in work_of(path).items():
            asked[place] = asked.get(place, 0.0) + cases * minutes
    found = []
    for nth, resource in enumerate(plan.model.resources):
        if nth not in asked:
            continue
        able = 0.0
        for day in range(window.counted):
            today = first + timedelta(days=day)
            if today.weekday() in resource.weekdays.value and today not in plan.closed:
                able += resource.closes.value - resource.opens.value
        able *= resource.count.value * (1 - resource.absence.value) * resource.share.value
        offered = asked[nth] / able if able > 0 else float("inf")
        found.append(Load(resource.key, round(offered, 4), resource.count.value))
    return tuple(found)
