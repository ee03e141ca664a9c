"""From a foreign log to a model: the process as the log has it, and what of it is declared as flows with scenarios."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.clock import AMSTERDAM
from portal.whatif.calibrate import Known, arrivals_of, batch_days, calibrate
from portal.whatif.distance import wasserstein
from portal.whatif.foreign import EPOCH, LIFECYCLE, Log, LogCase
from portal.whatif.inputs import FEW, Input, Spread, measured, seen
from portal.whatif.log_calibration import LogMeasure, holidays_of
from portal.whatif.log_map import LogMap
from portal.whatif.log_model import LogModel
from portal.whatif.log_simulation import told
from portal.whatif.model import DONE, Flow, Like, Model, Note, Odds
from portal.whatif.routes import waits_for
from portal.whatif.traces import Trace, Visit
from workflows import CASE_TYPES
from workflows.parties import N_

COMPLETIONS_ONLY = N_("The log says only when something was done: what was waiting and what was work cannot be known.")
NO_PEOPLE = N_("The log does not say who did what: how many people there are and how busy cannot be known.")
SYSTEM_USER = N_("%(activity)s is done by one user, at once or in batches, so by a system: no person works on it.")
BATCHED = N_("%(activity)s is done in batches, on these days of the week: %(days)s.")
FORGETS = N_("The process changed: only what came in during the last %(days)s days was measured.")
NO_MOMENT = N_("%(count)s events without a moment were left out.")
STRAYS = N_("%(count)s cases lie far outside the period of the log, so they were left out.")
STILL_OPEN = N_("%(count)s cases were not done when the log ended; how they end cannot be known.")
UNMAPPED = N_("%(activity)s is no declared step in the map, so it stays an activity of the log alone.")
ONE_YEAR = N_("The log is shorter than two years, so a season cannot be told from a change.")
TOO_FEW_CASES = N_("The log has %(count)s cases only, so what is measured says little.")
LOG_FLOW = "log"
AT_ONCE, DAY = 5.0, 1440.0
"""Minutes within which a machine answers, and of a day."""
WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))


def model_of(log: Log, log_map: LogMap, name: str) -> Model:
    """All that can be measured of a log, and what cannot."""
    measure = LogMeasure(log)
    found = _paced(measure, measure.model())
    notes = [*_unknown(log, measure), *_seen(log, measure)]
    model = Model(name, (), (), first=found.first, last=found.last, log=found)
    if log_map.activities:
        traces = list(_traces(log, measure, log_map))
        known = Known(closed=tuple(_closed(found.first, found.last)))
        model = replace(calibrate(traces, name=name, first=found.first, last=found.last, known=known), log=found)
        mapped = set(log_map.activities)
        notes += [Note(UNMAPPED, {"activity": _said(one)}) for one in log.activities if one not in mapped]
    else:
        model = replace(model, flows=(_as_it_is(log, measure),))
    few = [Note(TOO_FEW_CASES, {"count": str(len(measure.cases))})] if len(measure.cases) < FEW else []
    return replace(model, unknown=(*model.unknown, *notes), warnings=(*model.warnings, *few))


PACES = (0.0, 0.2, 0.4, 0.6)
TRIED = 2000
"""So many cases are told to see how alike the steps of one case are."""


def _paced(measure: LogMeasure, found: LogModel) -> LogModel:
    """With the likeness of steps by which lead times come nearest to those of the log."""
    real = [case.at[-1] - case.at[0] for case, ended in zip(measure.cases, measure.ended, strict=True) if ended]
    if len(real) < 3 * FEW:
        return found
    scores = {}
    for pace in sorted({*PACES, found.pace}):
        tried = told(replace(found, pace=pace), seed=0, cases=TRIED)
        scores[pace] = wasserstein(real, [case.at[-1] - case.at[0] for case in tried if case.at])
    return replace(found, pace=min(scores, key=lambda pace: scores[pace]))


def _closed(first: date, last: date) -> Iterator[date]:

    start, end = (first - EPOCH.date()).days, (last - EPOCH.date()).days
    for day in sorted(holidays_of(start, end + 800)):
        yield EPOCH.date() + timedelta(days=day)


def _said(activity: str) -> str:
    return activity.replace(LIFECYCLE, " / ")


def _unknown(log: Log, measure: LogMeasure) -> Iterator[Note]:
    begun = sum(start < at for case in measure.cases for start, at in zip(case.start, case.at, strict=False))
    total = sum(len(case.at) for case in measure.cases)
    if begun < total / 20 and not any(LIFECYCLE in one for one in log.activities):
        yield Note(COMPLETIONS_ONLY)
    if not log.columns.resource:
        yield Note(NO_PEOPLE)
    if count := sum(not ended for ended in measure.ended):
        yield Note(STILL_OPEN, {"count": str(count)})
    if log.without:
        yield Note(NO_MOMENT, {"count": str(log.without)})
    if measure.strays:
        yield Note(STRAYS, {"count": str(measure.strays)})
    if measure.last - measure.first < 700:
        yield Note(ONE_YEAR)
    if measure.window:
        yield Note(FORGETS, {"days": str(measure.window)})


def _seen(log: Log, measure: LogMeasure) -> Iterator[Note]:
    """Users that are machines, and activities that are done in batches."""
    who: dict[int, Counter[int]] = defaultdict(Counter)
    days: dict[int, Counter[int]] = defaultdict(Counter)
    soon: Counter[int] = Counter()
    for case in measure.cases:
        for nth, step in enumerate(case.activity):
            days[step][(int(case.at[nth] // DAY) + 3) % 7] += 1
            soon[step] += nth > 0 and case.at[nth] - case.at[nth - 1] < AT_ONCE
            if case.resource:
                who[step][case.resource[nth]] += 1
    for step, activity in enumerate(log.activities):
        total = days[step].total()
        if total < FEW:
            continue
        alone = bool(who[step]) and who[step].most_common(1)[0][1] >= 0.98 * total
        usual = batch_days(days[step])
        batched = len(usual) <= 3 and sum(days[step][day] for day in usual) >= 0.9 * total
        if alone and (batched or soon[step] > total / 2):
            yield Note(SYSTEM_USER, {"activity": _said(activity)})
        if batched:
            yield Note(BATCHED, {"activity": _said(activity), "days": ", ".join(WEEKDAYS[day] for day in usual)})


def _moment(log: Log, minutes: float) -> datetime:
    zone = ZoneInfo(log.columns.zone) if log.columns.clock != "naive" else AMSTERDAM
    return (EPOCH + timedelta(minutes=minutes)).replace(tzinfo=zone).astimezone(UTC)


def _traces(log: Log, measure: LogMeasure, log_map: LogMap) -> Iterator[Trace]:
    """The cases as steps of the declared kind: an activity that is mapped takes the case out of its state."""
    case_type = CASE_TYPES[log_map.kind]
    steps = {nth: log_map.activities[name] for nth, name in enumerate(log.activities) if name in log_map.activities}
    for case, ended in zip(measure.cases, measure.ended, strict=True):
        visits = []
        since = case.at[0]
        for nth, activity in enumerate(case.activity):
            declared = steps.get(activity)
            if declared is None:
                continue
            start = case.start[nth] if case.start else None
            who = log.resources[case.resource[nth]] if case.resource else ""
            visits.append(
                Visit(
                    declared.state, declared.action, _moment(log, since),
                    _moment(log, start) if start is not None and start < case.at[nth] else None,
                    _moment(log, case.at[nth]), who, waits_for(case_type.state(declared.state)),
                )
            )  # fmt: skip
            since = case.at[nth]
        if visits:
            yield Trace(case.key, log_map.kind, case.type, _cents(case), tuple(visits), not ended)


def _cents(case: LogCase) -> int:
    return round(100 * (case.amount or 0))


def _as_it_is(log: Log, measure: LogMeasure) -> Flow:
    """A flow whose stations are the activities, for who wants to see what more or fewer cases do."""
    waits: dict[int, list[float]] = defaultdict(list)
    nexts: dict[int, Counter[int]] = defaultdict(Counter)
    first: Counter[int] = Counter()
    for case, ended in zip(measure.cases, measure.ended, strict=True):
        steps = case.activity
        first[steps[0]] += 1
        for nth, step in enumerate(steps):
            if nth:
                waits[step].append(case.at[nth] - case.at[nth - 1])
            if nth + 1 < len(steps):
                nexts[step][steps[nth + 1]] += 1
            elif ended:
                nexts[step][-1] += 1
    names = [_said(one) for one in log.activities]
    begin = "begin"
    reaction: dict[str, Input[Spread]] = {begin: measured(seen((0.0,), wall=True), len(measure.cases))}
    outcomes: dict[str, Input[tuple[Odds, ...]]] = {begin: _odds(first, names)}
    for step, name in enumerate(names):
        if waits[step]:
            reaction[name] = measured(seen(waits[step], wall=True), len(waits[step]))
        else:
            reaction[name] = measured(seen((0.0,), wall=True), 0)
        outcomes[name] = _odds(nexts[step] or Counter({-1: 1}), names)
    amounts = [Like(case.type, _cents(case)) for case in measure.cases[:: max(len(measure.cases) // 200, 1)]]
    moments = [_moment(log, at) for at in measure.begun]
    first_day, last_day = (EPOCH.date() + timedelta(days=day) for day in (measure.first, measure.last))
    return Flow(
        LOG_FLOW, arrivals_of(moments, first_day, last_day, frozenset(_closed(first_day, last_day))),
        measured(tuple(amounts), len(measure.cases)), {}, reaction, outcomes, dict.fromkeys((begin, *names), ""),
    )  # fmt: skip


def _odds(counted: Counter[int], names: list[str]) -> Input[tuple[Odds, ...]]:
    total = counted.total()
    shares = {names[step] if step >= 0 else DONE: round(n / total, 6) for step, n in counted.most_common()}
    return measured((Odds(None, shares),), total)
