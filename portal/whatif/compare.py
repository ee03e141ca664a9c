"""A baseline and up to four scenarios, side by side: run over several processes, added up, with intervals.

Each replication gives every scenario the same cases with the same luck, so what differs is the scenario.
"""

from __future__ import annotations

import gc
import hashlib
import json
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from multiprocessing import get_context

from portal.clock import local_date, stopwatch
from portal.whatif.adding_up import Summary, answer_of, summary_of
from portal.whatif.answers import Answer, Comparison
from portal.whatif.engine import Run
from portal.whatif.forecast import begun_of
from portal.whatif.loads import loads_of
from portal.whatif.model import Model
from portal.whatif.plain import to_plain
from portal.whatif.plan import WARM_UP, Begun, Plan, Window
from portal.whatif.scenarios import Scenario, all_applied
from portal.whatif.stats import BLOCK, LEAST, MOST, enough
from portal.whatif.traces import Trace
from workflows.parties import N_

BASELINE = N_("As it is now")
STEADY, OPEN_CASES = "steady", "open"
VERSION = 2
"""Rises when the same model and seed would give other figures, so that nothing old is taken from the cache."""


class Cancelled(Exception):
    """Whoever asked for it wants it no longer."""


@dataclass(frozen=True, slots=True)
class Job:
    """All that a process needs to run replications."""

    models: tuple[Model, ...]
    window: Window
    seed: int
    open_cases: tuple[Trace, ...] = ()


def cache_key(model: Model, scenarios: Sequence[Scenario], *, seed: int, first: date, horizon: int, start: str) -> str:
    """The same for what gives the same figures."""
    said = [VERSION, to_plain(model), to_plain(list(scenarios)), seed, first.isoformat(), horizon, start]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def compare(
    model: Model,
    scenarios: Sequence[Scenario] = (),
    *,
    seed: int,
    horizon: int = 364,
    start: str | Sequence[Trace] = STEADY,
    first: date | None = None,
    workers: int = 2,
    least: int = LEAST,
    most: int = MOST,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Comparison:
    """Compare scenarios with the model as it is. `horizon` is in days; `start` is `steady`, or the open cases.

    `progress` is told how many of how many replications are done; Cancelled is raised once `cancelled` says so. With
    fewer than two workers all runs in this process. Raises Refused for scenarios that cannot be.
    """
    watch = stopwatch()
    models = (model, *all_applied(model, scenarios))
    names = (BASELINE, *(one.name for one in scenarios))
    opened = () if isinstance(start, str) else tuple(start)
    day = first or _usual_first(model, opened)
    window = Window(day - timedelta(days=WARM_UP), WARM_UP, horizon)
    plans = [Plan(one, window) for one in models]
    loads = [loads_of(plan) for plan in plans]
    runs = [bool(opened) or not any(load.overloaded for load in one) for one in loads]
    job = Job(tuple(one for one, run in zip(models, runs, strict=True) if run), window, seed, opened)
    found: list[list[Summary]] = []
    settled = True
    if job.models:
        found, settled = _replicate(job, workers, (least, most), progress, cancelled)
    answers: list[Answer] = []
    series = iter(zip(*found, strict=True)) if found else iter(())
    baseline: Sequence[Summary] | None = None
    for nth, (name, plan, load) in enumerate(zip(names, plans, loads, strict=True)):
        if not runs[nth]:
            answers.append(Answer(name, 0, load))
            continue
        mine = next(series)
        baseline = mine if nth == 0 else baseline
        answers.append(answer_of(name, plan, load, mine, baseline if nth else None, opened))
    how = STEADY if not opened else OPEN_CASES
    key = cache_key(model, scenarios, seed=seed, first=day, horizon=horizon, start=how if not opened else repr(opened))
    last = day + timedelta(days=horizon - 1)
    return Comparison(seed, key, how, day, last, tuple(answers), round(watch(), 2), settled)


def _usual_first(model: Model, opened: Sequence[Trace]) -> date:
    """From the last thing that happened in the open cases; else the first Monday after what was measured."""
    if opened:
        return local_date(max(_last(trace) for trace in opened)) + timedelta(days=1)
    last = model.last or date(2026, 1, 4)
    return last + timedelta(days=7 - last.weekday())


def _last(trace: Trace) -> datetime:
    visit = trace.visits[-1]
    return visit.completed or visit.enabled


def replicated(job: Job, replications: range, plans: Sequence[Plan] | None = None) -> list[list[Summary]]:
    """Of each replication a summary for each model."""
    plans = plans or [Plan(model, job.window) for model in job.models]
    found = []
    for replication in replications:
        row = []
        coming = plans[0].coming(job.seed, replication)
        for plan in plans:
            same = plan is plans[0] or _comes_in_alike(plan, plans[0])
            mine = coming if same else plan.coming(job.seed, replication)
            begun: list[Begun] = []
            if job.open_cases:
                mine, begun = begun_of(plan, job.open_cases, mine, job.seed, replication)
            row.append(summary_of(Run(plan, mine, job.seed, replication).play(begun)))
        found.append(row)
    return found


def _comes_in_alike(plan: Plan, other: Plan) -> bool:
    mine, theirs = plan.model.flows, other.model.flows
    return all(
        one.type == two.type and one.arrivals == two.arrivals and one.mix == two.mix
        for one, two in zip(mine, theirs, strict=True)
    )


_JOB: list[tuple[Job, list[Plan]]] = []
"""In a worker process: what it runs, made ready once."""


def _begin_worker(job: Job) -> None:
    # Nothing here goes round in circles that matters, and looking for it takes a fifth of the time.
    gc.disable()
    _JOB[:] = [(job, [Plan(model, job.window) for model in job.models])]


def _work(first: int, last: int) -> list[list[Summary]]:
    job, plans = _JOB[0]
    found = replicated(job, range(first, last), plans)
    gc.collect(0)
    return found


def _replicate(
    job: Job,
    workers: int,
    bounds: tuple[int, int],
    progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> tuple[list[list[Summary]], bool]:
    """As many replications as are needed, and whether they were enough."""
    least, most = bounds
    found: list[list[Summary]] = []
    pieces = _in_this_process(job, most) if workers < 2 else _in_others(job, workers, least, most)
    try:
        for piece in pieces:
            found += piece
            if progress:
                progress(len(found), most if len(found) > least else least)
            if cancelled and cancelled():
                raise Cancelled
            if len(found) >= least and (len(found) - least) % BLOCK == 0 and _enough(found):
                return found, True
            if len(found) >= most:
                break
    finally:
        pieces.close()
    return found, _enough(found)


def _enough(found: list[list[Summary]]) -> bool:
    return enough([[summary.measures["lead_mean"] for summary in column] for column in zip(*found, strict=True)])


def _in_this_process(job: Job, most: int) -> Generator[list[list[Summary]], None, None]:
    plans = [Plan(model, job.window) for model in job.models]
    for nth in range(most):
        yield replicated(job, range(nth, nth + 1), plans)


def _in_others(job: Job, workers: int, least: int, most: int) -> Generator[list[list[Summary]], None, None]:
    """In their order, whichever is done first: so where it stops does not hang on which process was quick."""
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin_worker, (job,))
    waiting: list[Future[list[list[Summary]]]] = []
    try:
        sent = 0
        while sent < least:
            waiting.append(pool.submit(_work, sent, sent + 1))
            sent += 1
        while waiting:
            yield waiting.pop(0).result()
            while len(waiting) < 2 * workers and sent < most:
                waiting.append(pool.submit(_work, sent, sent + 1))
                sent += 1
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
