"""From what was counted in one run to figures, and from the figures of all runs to an answer with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from portal.whatif.answers import Answer, Difference, Estimate, Load, StepFigures
from portal.whatif.forecast import forecasts
from portal.whatif.plan import Plan, Tally
from portal.whatif.stats import difference, estimate, quantile
from portal.whatif.traces import Trace

HOUR, DAY = 60.0, 1440.0


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one run, small enough to send from one process to another."""

    measures: Mapping[str, float]
    by_flow: tuple[Mapping[str, float], ...]
    visits: tuple[float, ...]
    waiting: tuple[float, ...]
    touch: tuple[float, ...]
    used: tuple[float, ...]
    queue: tuple[tuple[int, ...], ...]
    cases: tuple[int, ...]
    finished: dict[int, float] = field(default_factory=dict)
    in_time: dict[int, bool] = field(default_factory=dict)


def summary_of(tally: Tally) -> Summary:
    """The figures of one run."""
    flows = range(len(tally.ended))
    by_flow = tuple(_measures(tally, [nth]) for nth in flows)
    return Summary(
        _measures(tally, flows), by_flow, tuple(tally.visits), tuple(tally.waiting), tuple(tally.touch),
        tuple(busy / able if able else 0.0 for busy, able in zip(tally.busy, tally.able, strict=True)),
        tuple(map(tuple, tally.queue)), tuple(tally.ended), tally.finished, tally.in_time,
    )  # fmt: skip


def _measures(tally: Tally, flows: Sequence[int]) -> Mapping[str, float]:
    leads = sorted(lead for nth in flows for lead in tally.leads[nth])
    days = sorted(lead for nth in flows for lead in tally.days[nth])
    ended = sum(tally.ended[nth] for nth in flows)
    found = {"cases_year": float(ended)}
    if ended:
        found["cost_case"] = sum(tally.cost[nth] for nth in flows) / ended
    if leads:
        for name, values, unit in (("lead", leads, HOUR), ("days", days, DAY)):
            found[f"{name}_mean"] = fmean(values) / unit
            for word, share in (("median", 0.5), ("p80", 0.8), ("p90", 0.9)):
                found[f"{name}_{word}"] = quantile(values, share) / unit
        found["within_norm"] = sum(tally.kept[nth] for nth in flows) / len(leads)
        found["first_time_right"] = sum(tally.right[nth] for nth in flows) / len(leads)
    return found


def answer_of(
    name: str,
    plan: Plan,
    loads: tuple[Load, ...],
    runs: Sequence[Summary],
    baseline: Sequence[Summary] | None,
    opened: Sequence[Trace] = (),
) -> Answer:
    """The figures of all runs of one scenario, and how they differ from those of the baseline."""
    measures = _together([run.measures for run in runs], 365 / plan.window.counted)
    types = [path.flow.type for path in plan.paths]
    by_type = {
        kind: _together([run.by_flow[nth] for run in runs], 365 / plan.window.counted) for nth, kind in enumerate(types)
    }
    if not any(path.case_type for path in plan.paths):
        measures.pop("within_norm", None)
    for path in plan.paths:
        if path.case_type is None:
            # What nobody declared has no norm.
            by_type[path.flow.type].pop("within_norm", None)
    steps = tuple(_steps(plan, runs))
    differences = {}
    if baseline is not None:
        theirs = _together([run.measures for run in baseline], 365 / plan.window.counted)
        differences = _differences(measures, theirs, len(runs))
        for nth, kind in enumerate(types):
            of_kind = _together([run.by_flow[nth] for run in baseline], 365 / plan.window.counted)
            found = _differences(by_type[kind], of_kind, len(runs))
            differences |= {f"{kind}.{key}": one for key, one in found.items()}
    cases = fmean([sum(run.cases) for run in runs]) or 1.0
    parts = {
        f"{plan.paths[stage.flow].flow.type}.{stage.key}": fmean([run.waiting[stage.index] for run in runs]) / cases
        for stage in plan.stages
    }
    return Answer(
        name, len(runs), loads, {key: estimate(values) for key, values in measures.items()},
        {kind: {key: estimate(values) for key, values in found.items()} for kind, found in by_type.items()},
        steps, _parties(plan, runs),
        {one.key: estimate([run.used[nth] for run in runs]) for nth, one in enumerate(plan.model.resources)},
        {one.key: _mean_queue(runs, nth) for nth, one in enumerate(plan.model.resources)},
        tuple(sorted((key for key, value in parts.items() if value > 0), key=lambda key: -parts[key])),
        differences,
        forecasts(plan, opened, [run.finished for run in runs], [run.in_time for run in runs]) if opened else (),
    )  # fmt: skip


def _differences(
    mine: Mapping[str, Sequence[float]], theirs: Mapping[str, Sequence[float]], count: int
) -> dict[str, Difference]:
    """How much each figure differs, where both sides have it in every run."""
    return {key: difference(mine[key], theirs[key]) for key in mine if len(theirs.get(key, ())) == count}


def _together(rows: Sequence[Mapping[str, float]], years: float) -> dict[str, list[float]]:
    """The values of each figure that every run has, per year where that is meant."""
    keys = [key for key in rows[0] if all(key in row for row in rows)]
    return {key: [row[key] * (years if key == "cases_year" else 1) for row in rows] for key in keys}


def _steps(plan: Plan, runs: Sequence[Summary]) -> list[StepFigures]:
    found = []
    for stage in plan.stages:
        if not any(run.visits[stage.index] for run in runs):
            continue
        counts = [max(run.cases[stage.flow], 1) for run in runs]
        visits, waiting, touch = (
            [values[stage.index] / unit / count for values, count in zip(rows, counts, strict=True)]
            for rows, unit in (
                ([run.visits for run in runs], 1.0),
                ([run.waiting for run in runs], HOUR),
                ([run.touch for run in runs], HOUR),
            )
        )
        kind = plan.paths[stage.flow].flow.type
        found.append(StepFigures(kind, stage.key, stage.party, estimate(visits), estimate(waiting), estimate(touch)))
    return found


def _parties(plan: Plan, runs: Sequence[Summary]) -> dict[str, Estimate]:
    parties = dict.fromkeys(stage.party for stage in plan.stages if stage.party)
    found = {}
    for party in parties:
        values = [
            sum(run.waiting[stage.index] for stage in plan.stages if stage.party == party)
            / HOUR
            / (sum(run.cases) or 1)
            for run in runs
        ]
        if any(values):
            found[party] = estimate(values)
    return found


def _mean_queue(runs: Sequence[Summary], resource: int) -> tuple[float, ...]:
    weeks = min(len(run.queue[resource]) for run in runs)
    return tuple(round(fmean([run.queue[resource][week] for run in runs]), 2) for week in range(weeks))
