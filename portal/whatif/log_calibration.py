"""Measuring a process as its log has it: order, hours, delays, arrivals, and whether it changed meanwhile."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from statistics import NormalDist, fmean

from portal.calendar import FIRST_YEAR, municipal_closing_days
from portal.whatif.distance import in_order, wasserstein
from portal.whatif.foreign import EPOCH, Log, LogCase
from portal.whatif.inputs import FEW, quantiles
from portal.whatif.log_arrivals import Coming
from portal.whatif.log_clock import WeekClock, hour_of_week
from portal.whatif.log_model import END, Gap, LogModel

DAY, WEEK_DAYS = 1440.0, 7
SOON = 60.0
POINTS = 61
ENOUGH = 5
"""When seen so often, what comes next is known after just these activities."""
STRAY = 0.5
"""What comes so much of the whole period before or after nearly all other cases, does not belong to it."""
APART = 40
"""When seen so often, a delay is measured by the last three activities."""
DEEP = 60
"""After so many activities it no longer matters what the first were."""
WINDOWS = (0, 365, 180, 90)
BLOCK = 45
"""By how many days a window is made longer while what was before is like it."""
MOST_TYPES = 12
_NORMAL = NormalDist()


def holidays_of(first: int, last: int) -> set[int]:
    """The closing days on weekdays between two days, as days since 1970."""
    start, end = (EPOCH + timedelta(days=day) for day in (first, last))
    years = range(max(start.year, FIRST_YEAR), min(end.year, 2100) + 1)
    days = ((day - EPOCH.date()).days for year in years for day in municipal_closing_days(year) if day.weekday() < 5)
    return {day for day in days if first <= day <= last}


@dataclass
class _Tree:
    """How often what came next: after all activities so far, and after the last ones."""

    nodes: dict[tuple[int, int], int] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    nexts: list[dict[int, int]] = field(default_factory=list)
    tails: dict[tuple[int, ...], dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    def root(self, key: str) -> int:
        """The beginning of cases of this type."""
        return self._node((-1, hash(key)), key)

    def _node(self, at: tuple[int, int], path: str) -> int:
        if at not in self.nodes:
            self.nodes[at] = len(self.paths)
            self.paths.append(path)
            self.nexts.append({})
        return self.nodes[at]

    def add(self, root: int, steps: Sequence[int], *, ended: bool) -> None:
        """Count one case."""
        node, deep = root, 0
        for place, step in enumerate((*steps, -1)):
            if step == -1 and not ended:
                return
            if node >= 0:
                self.nexts[node][step] = self.nexts[node].get(step, 0) + 1
            for length in range(1, min(place, 3) + 1):
                tail = self.tails[tuple(steps[place - length : place])]
                tail[step] = tail.get(step, 0) + 1
            if step >= 0 and node >= 0:
                deep += 1
                path = f"{self.paths[node]}-{step}" if self.paths[node] else str(step)
                node = self._node((node, step), path) if deep <= DEEP else -1

    def kept(self) -> Iterator[tuple[str, dict[str, float]]]:
        """What is known well enough, by the text of what came before."""
        for path, counted in zip(self.paths, self.nexts, strict=True):
            if sum(counted.values()) >= ENOUGH or "-" not in path:
                yield path, _named(counted)
        for tail, counted in self.tails.items():
            if len(tail) == 1 or sum(counted.values()) >= ENOUGH:
                yield "*" + "-".join(map(str, tail)), _named(counted)


def _named(counted: dict[int, int]) -> dict[str, float]:
    ordered = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return {END if step < 0 else str(step): float(n) for step, n in ordered}


class LogMeasure:
    """One log being measured."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.cases = [_in_order(case) for case in log.cases]
        self.cases.sort(key=lambda case: (case.at[0], case.key))
        self.strays = self._without_strays()
        self.begun = [case.at[0] for case in self.cases]
        self.first = int(self.begun[0] // DAY)
        self.last = max(int(self.begun[-1] // DAY), self.first)
        self.end = max(case.at[-1] for case in self.cases)
        self.days = int(self.end // DAY) - self.first + 2
        self.types = Counter(case.type for case in self.cases)
        self.ended = self._ended()
        self.window = self._window()
        self.count, self.began, self.every = len(self.cases), self._day(self.first), self.begun
        if self.window:
            since = self.begun[-1] - self.window * DAY
            kept = [nth for nth, at in enumerate(self.begun) if at >= since]
            self.cases = [self.cases[nth] for nth in kept]
            self.ended, self.begun = [self.ended[nth] for nth in kept], [self.begun[nth] for nth in kept]
            self.first = int(since // DAY)
        self.holidays = holidays_of(int(self.every[0] // DAY), self.first + self.days)
        self.holiday_factor = self._holiday_factor()
        few = 1 < len(self.types) <= MOST_TYPES
        self.roots = [kind for kind, _ in self.types.most_common(50)] if few else []

    def _without_strays(self) -> int:
        """Leave out what lies so far outside the period that its moments must be slips; how many cases that were."""
        count = len(self.cases)
        begun = [case.at[0] for case in self.cases]
        low, high = begun[int(0.005 * count)], begun[int(0.995 * (count - 1))]
        ended = sorted(case.at[-1] for case in self.cases)
        end = ended[int(0.995 * (count - 1))]
        wide = max(STRAY * (high - low), 60 * DAY)
        self.cases = [
            case for case in self.cases if low - wide <= case.at[0] <= high + wide and case.at[-1] <= end + wide
        ]
        return count - len(self.cases)

    def _ended(self) -> list[bool]:
        """Of each case whether it is done: what ends seldom as it does, and lately, is still going on."""
        ends = Counter(case.activity[-1] for case in self.cases)
        counted = Counter(step for case in self.cases for step in case.activity)
        leads = sorted(case.at[-1] - case.at[0] for case in self.cases)
        lately = self.end - leads[int(0.95 * (len(leads) - 1))] - WEEK_DAYS * DAY
        return [
            ends[case.activity[-1]] >= 0.2 * counted[case.activity[-1]] or case.at[-1] < lately for case in self.cases
        ]

    def _window(self) -> int:
        """Of how many days before the end the cases count; 0 for all.

        As many as come nearest to the last fifth when measured on what was before, and what before that is like them.
        """
        cut = int(0.8 * len(self.cases))
        if len(self.cases) < 20 * FEW or self.begun[-1] - self.begun[0] < 200 * DAY:
            return 0
        scores = {}
        for window in WINDOWS:
            before = self._between(self.begun[cut] - window * DAY if window else 0.0, self.begun[cut])
            if len(before) >= 5 * FEW:
                scores[window] = _unlike(before, self.cases[cut:])
        # Forgetting costs observations, so only as much as makes a difference.
        found = next(window for window in WINDOWS if scores.get(window, math.inf) <= 1.1 * min(scores.values()))
        end, step = self.begun[-1], BLOCK * DAY
        while found and end - found * DAY > self.begun[0]:
            here = self._between(end - found * DAY, end + 1)
            block = self._between(end - found * DAY - step, end - found * DAY)
            usual = max(_unlike(here[::2], here[1::2]), 0.02)
            if block and (
                len(here) < 5 * FEW or _unlike(block, here) <= 1.5 * usual * math.sqrt(len(here) / len(block))
            ):
                found += BLOCK
            else:
                return found
        return 0

    def _between(self, first: float, last: float) -> list[LogCase]:
        return self.cases[bisect_left(self.begun, first) : bisect_left(self.begun, last)]

    def _holiday_factor(self) -> float:
        counted = Counter(int(at // DAY) for case in self.cases for at in case.at)
        usual = [counted[day] for day in range(self.first, self.last + 1) if (day + 3) % 7 < 5]
        closed = [counted[day] for day in self.holidays if self.first <= day <= self.last]
        if len(closed) < 3 or not sum(usual):
            return 1.0
        return min(round(fmean(closed) / fmean(usual), 3), 1.0)

    def model(self) -> LogModel:
        """All that is kept of it."""
        clocks, hours = self._hours()
        gaps, pace = self._gaps(clocks)
        since, coming = self.first, Coming(self.every, self.last, self.holidays, self.holiday_factor)
        week, season = coming.week(), coming.season()
        per_week, burst = coming.level(since, week, season)
        columns, activities = self.log.columns, self.log.activities
        tree = _Tree()
        for case, ended in zip(self.cases, self.ended, strict=True):
            key = f"t{self.roots.index(case.type)}" if self.roots else ""
            tree.add(tree.root(key), case.activity, ended=ended)
        return LogModel(
            columns, tuple(activities), self.began, self._day(self.last), self.count, self.window,
            per_week, week, season, burst, coming.together(week, per_week), dict(tree.kept()), gaps, hours,
            self.holiday_factor, pace, self._work(), self._resources(), self._amounts(),
            {kind: float(n) for kind, n in self.types.most_common(50)},
        )  # fmt: skip

    @staticmethod
    def _day(day: int) -> date:
        return (EPOCH + timedelta(days=day)).date()

    def _steps(self) -> Iterator[tuple[LogCase, int, int, int, float, float]]:
        """Each step after another: case, the two activities before, itself, and both moments."""
        for case in self.cases:
            steps, at = case.activity, case.at
            for nth in range(1, len(steps)):
                yield case, steps[nth - 2] if nth > 1 else -1, steps[nth - 1], steps[nth], at[nth - 1], at[nth]

    def _hours(self) -> tuple[list[WeekClock], tuple[tuple[float, ...], ...]]:
        """At which hours each activity happens that does not follow at once, with a little of all activities."""
        count = len(self.log.activities)
        own = [[0.0] * 168 for _ in range(count)]
        every = [0.0] * 168
        for _, _, _, step, before, at in self._steps():
            if at - before >= SOON and int(at // DAY) not in self.holidays:
                own[step][hour_of_week(at)] += 1
                every[hour_of_week(at)] += 1
        if not sum(every):
            every = [1.0] * 168
        whole = [one / sum(every) for one in every]
        found = []
        for counts in own:
            total = sum(counts)
            mixed = 0.003 if total >= FEW else 1.0
            found.append(
                tuple(
                    round((1 - mixed) * one / (total or 1.0) + mixed * other, 6)
                    for one, other in zip(counts, whole, strict=True)
                )
            )
        clocks = [WeekClock(week, self.first, self.days, self.holidays, self.holiday_factor) for week in found]
        return clocks, tuple(found)

    def _gaps(self, clocks: Sequence[WeekClock]) -> tuple[dict[str, Gap], float]:
        pairs: dict[tuple[int, int], list[tuple[float, float, int, float]]] = defaultdict(list)
        alone: dict[int, list[tuple[float, float]]] = defaultdict(list)
        for _, two, one, step, before, at in self._steps():
            passed = clocks[step].at(at) - clocks[step].at(before) if at - before >= SOON else -1.0
            pairs[(one, step)].append((at - before, passed, two, before))
            alone[step].append((at - before, passed))
        gaps = {f"*{step}": _gap(rows) for step, rows in alone.items()}
        for (one, step), found in pairs.items():
            if len(found) < FEW / 2:
                continue
            gaps[f"{one}-{step}"] = _gap([row[:2] for row in found])
            for name, rows in _apart(one, step, found).items():
                gaps[name] = _gap(rows)
        return gaps, self._pace(gaps, clocks)

    def _pace(self, gaps: dict[str, Gap], clocks: Sequence[WeekClock]) -> float:
        """How much the speed of one step of a case says of the next that takes long."""
        pairs, last, whose = [], 0.0, None
        for case, two, one, step, before, at in self._steps():
            gap = next(gaps[name] for name in names_of(two, one, step, before) if name in gaps)
            if at - before < SOON or len(gap.later) < 5:
                continue
            passed = clocks[step].at(at) - clocks[step].at(before)
            value = _NORMAL.inv_cdf(min(max(_rank(gap.later, passed), 0.01), 0.99))
            if whose is case:
                pairs.append((last, value))
            last, whose = value, case
        if len(pairs) < 3 * FEW:
            return 0.0
        firsts, seconds = [one for one, _ in pairs], [two for _, two in pairs]
        mean, other = fmean(firsts), fmean(seconds)
        top = sum((one - mean) * (two - other) for one, two in pairs)
        below = math.sqrt(sum((one - mean) ** 2 for one in firsts) * sum((two - other) ** 2 for two in seconds))
        return round(min(max(top / below, 0.0), 0.9), 3) if below else 0.0

    def _work(self) -> dict[str, tuple[float, ...]]:
        took: dict[int, list[float]] = defaultdict(list)
        for case in self.cases:
            for step, start, at in zip(case.activity, case.start, case.at, strict=False):
                took[step].append(max(at - start, 0.0))
        return {str(step): _table(values) for step, values in sorted(took.items())}

    def _resources(self) -> dict[str, dict[str, float]]:
        who: dict[int, Counter[int]] = defaultdict(Counter)
        for case in self.cases:
            for step, person in zip(case.activity, case.resource, strict=False):
                who[step][person] += 1
        names = self.log.resources
        return {
            str(step): {names[person]: float(n) for person, n in counted.most_common(40)}
            for step, counted in sorted(who.items())
        }

    def _amounts(self) -> tuple[float, ...]:
        amounts = sorted(case.amount for case in self.cases if case.amount is not None)
        return quantiles(amounts, [1.0] * len(amounts), min(201, max(len(amounts), 2))) if amounts else ()


def _in_order(case: LogCase) -> LogCase:
    """The same with its events by time; what happened at one moment stays in the order of the log."""
    if all(one <= two for one, two in pairwise(case.at)):
        return case
    order = sorted(range(len(case.at)), key=lambda nth: case.at[nth])

    def by(values: list[float]) -> list[float]:
        return [values[nth] for nth in order] if len(values) == len(order) else []

    activity = [case.activity[nth] for nth in order]
    resource = [case.resource[nth] for nth in order] if len(case.resource) == len(order) else []
    return LogCase(case.key, by(case.at), activity, by(case.start), resource, case.amount, case.type)


def _table(values: Sequence[float]) -> tuple[float, ...]:
    if not values:
        return ()
    return quantiles(sorted(values), [1.0] * len(values), min(POINTS, max(len(values), 2)))


def _gap(rows: Sequence[tuple[float, float]]) -> Gap:
    soon = [minutes for minutes, passed in rows if passed < 0]
    later = [passed for _, passed in rows if passed >= 0]
    return Gap(len(rows), round(len(soon) / len(rows), 4), _table(soon), _table(later))


def names_of(two: int, one: int, step: int, before: float) -> tuple[str, ...]:
    """Under which names a delay may be kept, the most telling first."""
    hour = hour_of_week(before)
    pair = f"{one}-{step}"
    return f"{pair}@{hour // 12}", f"{pair}@d{hour // 24}", f"{two}-{pair}", pair, f"*{step}"


def _apart(
    one: int, step: int, found: Sequence[tuple[float, float, int, float]]
) -> dict[str, list[tuple[float, float]]]:
    """A delay apart by half day, by day or by the activity before, whichever tells most of it; none if it hardly does.

    What comes in after the cut-off of a batch waits for the next: that shows by the half day.
    """
    values = [passed if passed >= 0 else 0.0 for _, passed, *_ in found]
    best, chosen = 0.95 * _squares(values), {}
    for nth in range(3):
        groups: dict[str, list[int]] = defaultdict(list)
        for place, (_, _, two, before) in enumerate(found):
            groups[names_of(two, one, step, before)[nth]].append(place)
        large = {name: places for name, places in groups.items() if len(places) >= APART}
        rest = [values[place] for name, places in groups.items() if name not in large for place in places]
        score = _squares(rest) + sum(_squares([values[place] for place in places]) for places in large.values())
        if score < best:
            best, chosen = score, large
    return {name: [found[place][:2] for place in places] for name, places in chosen.items()}


def _squares(values: Sequence[float]) -> float:
    if not values:
        return 0.0
    mean = fmean(values)
    return sum((value - mean) ** 2 for value in values)


def _rank(table: Sequence[float], value: float) -> float:
    low, high = 0, len(table) - 1
    while low < high:
        middle = (low + high) // 2
        if table[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low / (len(table) - 1)


def _unlike(before: Sequence[LogCase], after: Sequence[LogCase]) -> float:
    """How far cases are from others: in lead times, as part of the mean, and in pairs of steps."""
    one, two = ([case.at[-1] - case.at[0] for case in cases] for cases in (before, after))
    if not one or not two:
        return math.inf
    return wasserstein(one, two) / (fmean(two) or 1.0) + in_order(_steps_of(before), _steps_of(after), 2)


def _steps_of(cases: Sequence[LogCase]) -> list[tuple[str, ...]]:
    return [tuple(map(str, case.activity)) for case in cases]
