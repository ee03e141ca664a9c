"""From what happened to a model: what can be measured of a process that is declared, and what cannot be known.

Belongs here: how traces become the inputs of a model. How a process is measured that nobody declared is in
`log_calibration.py`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from statistics import fmean

from portal.clock import local
from portal.whatif.engine import Run
from portal.whatif.hours import Axis, Runs, open_days
from portal.whatif.inputs import FEW, Input, Spread, assumed, exponential, measured, seen
from portal.whatif.model import TOO_FEW, Arrivals, Flow, Like, Model, Note, Odds, PaymentRuns, Resource
from portal.whatif.plan import Plan, Window
from portal.whatif.routes import waits_for
from portal.whatif.traces import Trace, Visit
from workflows import CASE_TYPES
from workflows.kernel import CaseType
from workflows.parties import N_

MOST_LIKES = 300
"""So many cases of the mix are kept, spread over all amounts."""
EVERY_DAY = (0, 1, 2, 3, 4)
NO_START = N_("How long somebody works on a case cannot be known: nobody noted when they began. %(kind)s: assumed.")
NO_STAFF = N_("How many people do this work cannot be known from the events: %(count)s is assumed.")
NO_COST = N_("What people cost and how often they are absent is not in the events: that is assumed.")
OTHER_WORK = N_("%(what)s lies longer than the work explains, as people do other work too: that part stays as it is.")
NO_WAY = N_("%(count)s cases of a kind or in a state that is not declared were left out.")
CHANGED = N_("%(what)s changed in the period: the last part took %(factor)s times as long as what was before.")
NO_CASES = N_("There are no cases to measure in this period.")


@dataclass
class Known:
    """What is known beside the traces."""

    staff: Mapping[str, Input[int]] = field(default_factory=dict)
    policies: Mapping[str, Input[str]] = field(default_factory=dict)
    weekdays: Input[tuple[int, ...]] | None = None
    released_at: Input[int] | None = None
    closed: tuple[date, ...] = ()
    opens: int = 480
    closes: int = 1020


class _Time:
    """Moments as minutes since the first midnight, and the office time between them."""

    def __init__(self, first: date, days: int, known: Known) -> None:
        self.first, self.origin = first, datetime.combine(first, time.min)
        self.work_days = open_days(first, days, EVERY_DAY, known.closed)
        self.office = Axis(self.work_days, known.opens, known.closes)

    def minutes(self, at: datetime) -> float:
        return max((local(at).replace(tzinfo=None) - self.origin) / timedelta(minutes=1), 0.0)

    def spent(self, start: datetime, end: datetime) -> float:
        return max(self.office.spent(self.minutes(end)) - self.office.spent(self.minutes(start)), 0.0)


def calibrate(
    traces: Iterable[Trace], *, name: str, first: date, last: date, known: Known | None = None, check: bool = True
) -> Model:
    """A model of the declared kinds of case, from the cases that came in from `first` up to and including `last`.

    With `check` the model is run once, to see how much of the waiting for clerks their work explains.
    """
    known = known or Known()
    kept, left = _sorted(traces)
    unknown = [Note(NO_COST)] + ([Note(NO_WAY, {"count": str(left)})] if left else [])
    warnings: list[Note] = [] if kept else [Note(NO_CASES)]
    clock = _Time(first, (last - first).days + 800, known)
    runs = _runs(kept, known)
    flows = tuple(
        _flow(CASE_TYPES[kind], cases, clock, (first, last), runs, warnings, unknown) for kind, cases in kept.items()
    )
    model = Model(
        name, flows, _resources(kept, known, unknown), runs, first, last, assumed(known.opens), assumed(known.closes),
        known.closed, policies=known.policies, unknown=tuple(unknown), warnings=(*warnings, *_drift(kept, clock)),
    )  # fmt: skip
    return _explained(model, kept, clock) if check and kept else model


def _sorted(traces: Iterable[Trace]) -> tuple[dict[str, list[Trace]], int]:
    kept: dict[str, list[Trace]] = defaultdict(list)
    left = 0
    for trace in traces:
        case_type = CASE_TYPES.get(trace.type)
        states = {state.key for state in case_type.states} if case_type else set()
        if states and trace.visits and {visit.state for visit in trace.visits} <= states:
            kept[trace.type].append(trace)
        else:
            left += 1
    return dict(sorted(kept.items())), left


def _flow(
    case_type: CaseType, cases: Sequence[Trace], clock: _Time, period: tuple[date, date], runs: PaymentRuns,
    warnings: list[Note], unknown: list[Note],
) -> Flow:  # fmt: skip
    stays: dict[str, list[tuple[Visit, int]]] = defaultdict(list)
    for case in cases:
        for visit in case.visits:
            if visit.completed is not None:
                stays[visit.state].append((visit, case.amount_cents))
    touch, reaction = _times(case_type, stays, clock, runs)
    work = [state.key for state in case_type.states if waits_for(state) == "clerk" and not state.suspends]
    if set(work) & set(stays) and not touch:
        unknown.append(Note(NO_START, {"kind": case_type.label}))
        touch = {state: assumed(exponential(10.0)) for state in work if state in stays}
    outcomes = {state: _outcomes(found) for state, found in stays.items() if state != case_type.initial.key}
    for what in (touch, reaction):
        for state, given in what.items():
            if given.few or given.pooled:
                label = f"{case_type.label} – {case_type.state(state).label}"
                warnings.append(Note(TOO_FEW, {"what": label, "count": str(given.n)}))
    return Flow(
        case_type.key, arrivals_of([case.begun for case in cases], *period, frozenset(clock_closed(clock))),
        mix_of(cases), touch, reaction, outcomes,
    )  # fmt: skip


def clock_closed(clock: _Time) -> list[date]:
    """The weekdays on which nobody works."""
    days = (clock.first + timedelta(days=nth) for nth in range(len(clock.work_days)))
    return [day for day, works in zip(days, clock.work_days, strict=True) if day.weekday() < 5 and not works]


def mix_of(cases: Sequence[Trace]) -> Input[tuple[Like, ...]]:
    """The cases as they came in, or where there are many each so manieth of them by amount."""
    ordered = sorted((case.amount_cents, case.municipality) for case in cases)
    step = max(len(ordered) / MOST_LIKES, 1)
    picked = [ordered[int((nth + 0.5) * step)] for nth in range(int(len(ordered) / step))]
    counted = Counter(picked)
    return measured(tuple(Like(place, cents, float(n)) for (cents, place), n in sorted(counted.items())), len(cases))


def arrivals_of(moments: Sequence[datetime], first: date, last: date, closed: frozenset[date]) -> Arrivals:
    """How cases come in: by hour of the week, by month where a year was seen, and how far days spread."""
    here = [local(at) for at in moments]
    hours = Counter((at.weekday() if at.date() not in closed else 6) * 24 + at.hour for at in here)
    days = [first + timedelta(days=nth) for nth in range((last - first).days + 1)]
    week = tuple(float(hours.get(hour, 0)) for hour in range(168))
    by_day = Counter(at.date() for at in here)
    months = Counter(at.month for at in here)
    season = [1.0] * 12
    if len(days) >= 330 and len(here) >= 12 * FEW:
        lengths = Counter(day.month for day in days)
        mean = len(here) / len(days)
        season = [months[month] / lengths[month] / mean if lengths[month] else 1.0 for month in range(1, 13)]
    weekdays = Counter(6 if day in closed else day.weekday() for day in days)
    total = sum(week) or 1.0
    # Closed days count as Sundays, so the shares are of a week without any.
    rates = [sum(week[24 * day : 24 * day + 24]) / max(weekdays[day], 1) for day in range(7)]
    per_week = sum(rates) / (fmean(season) or 1.0)
    shaped = tuple(
        round(week[hour] / max(weekdays[hour // 24], 1) / (sum(rates) or 1.0), 7) for hour in range(168)
    ) if here else (1.0,) * 168  # fmt: skip
    expected = [rates[6 if day in closed else day.weekday()] * season[day.month - 1] for day in days]
    extra = sum((by_day[day] - mean) ** 2 - mean for day, mean in zip(days, expected, strict=True))
    square = sum(mean * mean for mean in expected)
    burst = max(extra / square, 0.0) if square and total else 0.0
    n = len(here)
    return Arrivals(
        measured(round(per_week, 3), n), measured(shaped, n),
        measured(tuple(round(one, 4) for one in season), n) if len(days) >= 330 else assumed((1.0,) * 12),
        measured(round(burst, 4), len(days)),
    )  # fmt: skip


def _times(
    case_type: CaseType, stays: Mapping[str, Sequence[tuple[Visit, int]]], clock: _Time, runs: PaymentRuns
) -> tuple[dict[str, Input[Spread]], dict[str, Input[Spread]]]:
    work: dict[str, list[float]] = {}
    react: dict[str, list[float]] = {}
    pools: dict[str, list[float]] = defaultdict(list)
    for key, found in stays.items():
        state = case_type.state(key)
        party = waits_for(state)
        if key == case_type.initial.key or state.result is not None:
            continue
        if party == "clerk" and not state.suspends:
            # Who begins on something and ends it another day did not work on it all that time.
            work[key] = [
                clock.spent(visit.started, visit.completed)
                for visit, _ in found
                if visit.started is not None
                and visit.completed is not None
                and visit.started < visit.completed
                and local(visit.started).date() == local(visit.completed).date()
            ]
            pools["work"] += work[key]
        elif party == "treasurer":
            react[key] = _held(found, clock, runs)
        else:
            react[key] = [clock.spent(visit.enabled, visit.completed) for visit, _ in found if visit.completed]
            pools[party] += react[key]
    touch = {key: _pooled(values, pools["work"]) for key, values in work.items() if pools["work"]}
    reaction = {}
    for key, values in react.items():
        party = waits_for(case_type.state(key))
        if party != "treasurer":
            reaction[key] = _pooled(values, pools[party])
        elif any(values):
            reaction[key] = measured(seen(values), len(values))
    return touch, reaction


def _pooled(values: Sequence[float], pool: Sequence[float]) -> Input[Spread]:
    """What was seen; where that is little, together with what is like it."""
    if len(values) >= FEW or len(pool) <= len(values):
        return measured(seen(values), len(values))
    return measured(seen(pool), len(values), pooled=True)


def _held(found: Sequence[tuple[Visit, int]], clock: _Time, runs: PaymentRuns) -> list[float]:
    """How long it lay before a run could take it along: nothing where it went along with the first."""
    count = len(clock.work_days)
    plan = Runs(
        open_days(clock.first, count, runs.weekdays.value, ()), clock.work_days, runs.cut_off.value, runs.at.value
    )
    held = []
    for visit, _ in found:
        # What was paid on another day went along with a run of its own: it says nothing of these.
        if visit.completed is None or local(visit.completed).weekday() not in runs.weekdays.value:
            continue
        enabled, done = clock.minutes(visit.enabled), clock.minutes(visit.completed)
        missed = plan.next(enabled) + 720 < done
        # Its own run is the last before it was released; half a day before that it was ready.
        ready = max(done - 720, enabled) if missed else enabled
        held.append(max(clock.office.spent(ready) - clock.office.spent(enabled), 0.0))
    return held


def _outcomes(found: Sequence[tuple[Visit, int]]) -> Input[tuple[Odds, ...]]:
    """How often each step was taken; apart for small, middling and large amounts where each has enough cases."""
    amounts = sorted(cents for _, cents in found)
    bounds: list[int | None] = [None]
    if len(found) >= 10 * FEW and amounts[0] < amounts[-1]:
        bounds = [amounts[len(amounts) // 3], amounts[2 * len(amounts) // 3], None]
    odds, below = [], None
    for bound in bounds:
        counted = Counter(
            visit.action
            for visit, cents in found
            if (below is None or cents > below) and (bound is None or cents <= bound)
        )
        total = sum(counted.values())
        if total:
            odds.append(Odds(bound, {key: round(n / total, 6) for key, n in counted.most_common()}))
            below = bound
    return measured(tuple(odds), len(found))


def _runs(kept: Mapping[str, Sequence[Trace]], known: Known) -> PaymentRuns:
    """When was paid: as is known, or as the releases show."""
    released = [
        local(visit.completed)
        for kind, cases in kept.items()
        for case in cases
        for visit in case.visits
        if visit.completed is not None and waits_for(CASE_TYPES[kind].state(visit.state)) == "treasurer"
    ]
    n = len(released)
    weekdays, at = known.weekdays, known.released_at
    if weekdays is None and n:
        weekdays = measured(batch_days(Counter(moment.weekday() for moment in released)), n)
    if at is None and n:
        minutes = sorted(moment.hour * 60 + moment.minute for moment in released)
        at = measured(minutes[n // 2], n)
    usual = PaymentRuns()
    at = at or usual.at
    cut_off = assumed(min(usual.cut_off.value, at.value))
    return PaymentRuns(weekdays or usual.weekdays, cut_off, at)


def batch_days(counted: Mapping[int, int]) -> tuple[int, ...]:
    """On which days of the week something is done in batches: those with a fair share; all working days if none."""
    total = sum(counted.values())
    return tuple(sorted(day for day, n in counted.items() if n >= 0.08 * total)) or EVERY_DAY


def _resources(kept: Mapping[str, Sequence[Trace]], known: Known, unknown: list[Note]) -> tuple[Resource, ...]:
    count = known.staff.get("clerk")
    if count is None:
        names = {visit.resource for cases in kept.values() for case in cases for visit in case.visits
                 if visit.resource and waits_for(CASE_TYPES[case.type].state(visit.state)) == "clerk"}  # fmt: skip
        count = measured(len(names), len(names)) if names else assumed(2)
        if not names:
            unknown.append(Note(NO_STAFF, {"count": "2"}))
    return (Resource("clerk", "clerk", count, absence=assumed(0.1), cost_cents=assumed(4500)),)


def _drift(kept: Mapping[str, Sequence[Trace]], clock: _Time) -> list[Note]:
    """Whether the last part of the period is unlike what was before."""
    notes = []
    for kind, cases in kept.items():
        done = sorted((case for case in cases if case.ended is not None), key=lambda case: case.begun)
        leads = [clock.spent(case.begun, end) for case in done if (end := case.ended) is not None]
        third = len(leads) // 3
        if third < FEW:
            continue
        before, after = fmean(leads[:-third]), fmean(leads[-third:])
        if before > 0 and not 0.75 <= after / before <= 1.34:
            notes.append(Note(CHANGED, {"what": CASE_TYPES[kind].label, "factor": f"{after / before:.1f}"}))
    return notes


def _explained(model: Model, kept: Mapping[str, Sequence[Trace]], clock: _Time) -> Model:
    """Clerks do other work too: what of the waiting for them their queue does not explain becomes a reaction time."""
    if model.last is None:
        return model
    window = Window(model.last + timedelta(days=1), 28, 84, 56)
    plan = Plan(model, window)
    tally = Run(plan, plan.coming(1, 0), 1, 0).play()
    flows, notes = [], []
    for path, flow in zip(plan.paths, model.flows, strict=True):
        reaction = dict(flow.reaction)
        for key, stage in path.stages.items():
            if stage.resource < 0 or key == (path.case_type.initial.key if path.case_type else ""):
                continue
            waits = [
                clock.spent(visit.enabled, visit.started or visit.completed)
                for case in kept[flow.type]
                for visit in case.visits
                if visit.state == key and visit.completed is not None
            ]
            queued = tally.waiting[stage.index] / tally.visits[stage.index] if tally.visits[stage.index] else 0.0
            if len(waits) < 5 or (mean := fmean(waits)) <= queued * 1.2 + 5:
                continue
            reaction[key] = measured(seen(waits).times(1 - queued / mean), len(waits))
            label = CASE_TYPES[flow.type].state(key).label if path.case_type else key
            notes.append(Note(OTHER_WORK, {"what": label}))
        flows.append(replace(flow, reaction=reaction))
    return replace(model, flows=tuple(flows), unknown=(*model.unknown, *notes))
