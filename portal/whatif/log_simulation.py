"""A log told again: cases that come in, go on and end as those of the log did, in its own columns."""

from __future__ import annotations

import csv
import gzip
import io
import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from statistics import NormalDist
from zoneinfo import ZoneInfo

from portal.whatif.draw import count_at, moment_of_day
from portal.whatif.foreign import EPOCH, LIFECYCLE
from portal.whatif.log_calibration import holidays_of, names_of
from portal.whatif.log_clock import WeekClock
from portal.whatif.log_model import END, Columns, Gap, LogModel

DAY = 1440.0
RUN_ON = 1500
"""For how many days after the last arrival there is a calendar."""
LONGEST = 2000
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Told:
    """A simulated case: activities by name, with their moments in minutes since 1970, starts and who did them."""

    key: str
    steps: tuple[str, ...]
    at: tuple[float, ...]
    starts: tuple[float, ...]
    who: tuple[str, ...]
    amount: float | None
    type: str


class _Choice:
    """Something drawn by how often it was there."""

    __slots__ = ("names", "sums")

    def __init__(self, counted: Mapping[str, float]) -> None:
        self.names, self.sums = list(counted), list(accumulate(counted.values()))

    def draw(self, share: float) -> str:
        return self.names[min(bisect_right(self.sums, share * self.sums[-1]), len(self.names) - 1)]


def told(
    model: LogModel, *, seed: int, first: date | None = None, last: date | None = None, cases: int | None = None
) -> Iterator[Told]:
    """Simulated cases in the order in which they come in.

    Without `first` they begin on the day after the log; without `last` and `cases` as many come as the log had.
    """
    start = first or model.last + timedelta(days=1)
    if last is None and cases is None:
        cases = model.cases
    days = (last - start).days + 1 if last else math.ceil(3 * (cases or 0) / max(model.per_week / 7, 1e-6)) + 30
    return _Teller(model, seed, start, min(days, 36_500)).tell(cases)


class _Teller:
    def __init__(self, model: LogModel, seed: int, first: date, days: int) -> None:
        self.model, self.seed, self.days = model, seed, days
        self.first = (first - EPOCH.date()).days
        self.begin, self.span = first, min(days, 4 * 366) + RUN_ON
        self.holidays = holidays_of(self.first, self.first + days + RUN_ON)
        self.clocks: dict[tuple[int, int], WeekClock] = {}
        self.nexts = {key: _Choice(counted) for key, counted in model.nexts.items()}
        self.people = {key: _Choice(counted) for key, counted in model.resources.items()}
        self.types = _Choice(model.types) if model.types else None
        self.kinds = list(model.types)

    def _clock(self, step: int, minutes: float) -> WeekClock:
        """The week of an activity around a moment: a calendar of some years at a time."""
        part = int((minutes // DAY - self.first) // (2 * 366))
        at = (step, part)
        if at not in self.clocks:
            if len(self.clocks) > 8 * len(self.model.activities):
                self.clocks.clear()
            first = self.first + part * 2 * 366
            days = 2 * 366 + RUN_ON
            self.clocks[at] = WeekClock(self.model.hours[step], first, days, self.holidays, self.model.holidays)
        return self.clocks[at]

    def tell(self, most: int | None) -> Iterator[Told]:
        number = 0
        for day in range(self.days):
            for at in self._arrivals(day):
                if most is not None and number >= most:
                    return
                number += 1
                yield self._case(number, at)

    def _arrivals(self, day: int) -> list[float]:
        model, today = self.model, self.begin + timedelta(days=day)
        hours = model.week[24 * today.weekday() : 24 * today.weekday() + 24]
        mean = model.per_week * sum(hours) * model.season[today.month - 1]
        if self.first + day in self.holidays:
            mean *= model.holidays
        random = Random(f"{self.seed}/{today.toordinal()}").random  # noqa: S311 - chance, no secret
        sums = tuple(accumulate(hours, initial=0.0))
        found: list[float] = []
        for _ in range(count_at(mean, model.burst, random())):
            if found and random() < model.together:
                found.append(min(found[-1] - 1.2 * math.log(1 - random()), DAY - 0.01))
            else:
                found.append(moment_of_day(sums, random()))
        return sorted((self.first + day) * DAY + at for at in found)

    def _case(self, number: int, begun: float) -> Told:
        model = self.model
        random = Random(f"{self.seed}/case/{number}").random  # noqa: S311
        kind = self.types.draw(random()) if self.types else ""
        pace = _NORMAL.inv_cdf(_inside(random()))
        path = f"t{self.kinds.index(kind)}" if "t0" in self.nexts else ""
        steps: list[int] = []
        moments: list[float] = []
        at = begun
        while len(steps) < LONGEST:
            name = self._next(path, steps, random())
            if name == END:
                break
            step = int(name)
            if steps:
                at = self._later(steps, step, at, self._luck(pace, random()))
            steps.append(step)
            moments.append(at)
            path = f"{path}-{step}" if path else str(step)
        return Told(
            str(number), tuple(model.activities[step] for step in steps), tuple(moments),
            tuple(self._starts(steps, moments, random())), tuple(self._who(step, random()) for step in steps),
            _between(model.amounts, random()) if model.amounts else None, kind,
        )  # fmt: skip

    def _next(self, path: str, steps: Sequence[int], share: float) -> str:
        found = self.nexts.get(path)
        for length in range(min(3, len(steps)), 0, -1):
            if found is not None:
                break
            found = self.nexts.get("*" + "-".join(map(str, steps[-length:])))
        return found.draw(share) if found is not None else END

    def _luck(self, pace: float, share: float) -> float:
        """How long this step takes beside others: partly as the other steps of the case."""
        alike = self.model.pace
        if not alike:
            return share
        mixed = math.sqrt(alike) * pace + math.sqrt(1 - alike) * _NORMAL.inv_cdf(_inside(share))
        return _NORMAL.cdf(mixed)

    def _later(self, steps: Sequence[int], step: int, at: float, luck: float) -> float:
        gap = self._gap(steps, step, at)
        if gap is None:
            return at
        if luck < gap.soon and gap.minutes:
            return at + _between(gap.minutes, luck / gap.soon)
        if not gap.later:
            return at + _between(gap.minutes, luck) if gap.minutes else at
        part = (luck - gap.soon) / (1 - gap.soon) if gap.soon < 1 else luck
        clock = self._clock(step, at)
        return max(clock.moment(clock.at(at) + _between(gap.later, max(part, 0.0))), at)

    def _gap(self, steps: Sequence[int], step: int, at: float) -> Gap | None:
        names = names_of(steps[-2] if len(steps) > 1 else -1, steps[-1], step, at)
        return next((self.model.gaps[name] for name in names if name in self.model.gaps), None)

    def _starts(self, steps: Sequence[int], moments: Sequence[float], share: float) -> Iterator[float]:
        before = 0.0
        for step, at in zip(steps, moments, strict=True):
            table = self.model.work.get(str(step))
            yield max(at - _between(table, share), before) if table else at
            before = at

    def _who(self, step: int, share: float) -> str:
        choice = self.people.get(str(step))
        return choice.draw(share) if choice else ""


def _inside(share: float) -> float:
    return min(max(share, 1e-9), 1 - 1e-9)


def _between(table: Sequence[float], share: float) -> float:
    place = min(max(share, 0.0), 1.0) * (len(table) - 1)
    low = min(int(place), max(len(table) - 2, 0))
    high = min(low + 1, len(table) - 1)
    return table[low] + (place - low) * (table[high] - table[low])


def write_log(path: Path, columns: Columns, cases: Iterable[Told]) -> tuple[int, int]:
    """Write simulated cases in the columns of the log; gzipped when the name ends in .gz. How many cases and events."""
    count = events = 0

    def rows() -> Iterator[list[str]]:
        nonlocal count, events
        for case in cases:
            count += 1
            events += len(case.steps)
            yield from _rows(columns, case)

    write_rows(path, columns.names, rows(), columns.separator or ",")
    return count, events


def write_rows(path: Path, head: Sequence[str], rows: Iterable[Sequence[str]], separator: str = ",") -> None:
    """Write a CSV, gzipped when its name ends in .gz."""
    with path.open("wb") as raw:
        # The same log gives the same bytes: no moment and no name in the head of the file.
        stream = gzip.GzipFile("", "wb", fileobj=raw, mtime=0) if path.suffix == ".gz" else raw
        with io.TextIOWrapper(stream, "utf-8", newline="") as text:
            writer = csv.writer(text, delimiter=separator, lineterminator="\n")
            writer.writerow(head)
            writer.writerows(rows)


def _rows(columns: Columns, case: Told) -> Iterator[list[str]]:
    zone = ZoneInfo(columns.zone)
    amount = f"{case.amount:.{columns.amount_decimals}f}" if case.amount is not None else ""
    for step, at, start, who in zip(case.steps, case.at, case.starts, case.who, strict=True):
        name, _, transition = step.partition(LIFECYCLE)
        said = {
            columns.case: case.key, columns.activity: name, columns.resource: who, columns.amount: amount,
            columns.type: case.type, columns.lifecycle: transition or "complete",
            columns.start: written(columns, start, zone), columns.timestamp: written(columns, at, zone),
        }  # fmt: skip
        yield [said.get(column, columns.values.get(column, {}).get(step, "")) for column in columns.names]


def written(columns: Columns, minutes: float, zone: ZoneInfo) -> str:
    """A moment as the log writes it."""
    at = EPOCH + timedelta(milliseconds=round(minutes * 60_000) if columns.decimals else round(minutes * 60) * 1000)
    if columns.clock == "naive":
        return at.strftime(columns.pattern) if columns.pattern else _iso(columns, at)
    aware = at.replace(tzinfo=zone)
    if columns.clock in ("utc", "zulu"):
        aware = aware.astimezone(UTC)
    if columns.pattern:
        return aware.strftime(columns.pattern)
    return _iso(columns, aware.replace(tzinfo=None)) + "Z" if columns.clock == "zulu" else _iso(columns, aware)


def _iso(columns: Columns, at: datetime) -> str:
    if not columns.decimals:
        return at.isoformat(columns.divider, "seconds")
    return at.isoformat(columns.divider, "milliseconds" if columns.decimals <= 3 else "microseconds")
