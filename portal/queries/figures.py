"""The figures of a report: of each indicator its value with what it is made of, its trend, and what is expected.

Everything is read from the sums by month, or for other days counted from the facts; what comes out is plain data, as it
is kept when a report is published and as every form of a report shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.clock import end_of_day, local_date
from portal.models.indicators import IndicatorFact
from portal.models.people import Municipality
from portal.queries.indicators import (
    MADE_GOOD,
    Count,
    Counts,
    Definitions,
    Version,
    by_month,
    definitions,
    recounted,
)
from portal.queries.people import national_calendar
from workflows.indicators import DAYS, LEFT_OUT, NO, PERCENT, SMALL, YES, Indicator, Measure
from workflows.norms import CalendarDays, WorkingDays
from workflows.periods import Period, quarter_of, shifted

SCHEMA = 1
TREND = 13
"""Months in a trend: a year, and the same month of the year before."""
LOOK_BACK = 3
"""Months by which is expected how the rest of a quarter goes."""
BEGINNING = date(2000, 1, 1)
TENTH = Decimal("0.1")
NOTHING = Count()


@dataclass(frozen=True)
class Agreed:
    """What was agreed with the municipality: its own targets by indicator, and what is done when one is missed."""

    targets: Mapping[str, Decimal] = field(default_factory=dict)
    steps: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Tally:
    """The counts of one version: of a period or a month, for some municipalities together."""

    numerator: int
    denominator: int
    amount: int
    left_out: Mapping[str, int]

    def value(self, indicator: Indicator) -> Decimal | None:
        """The figure, with one decimal, rounded to the side that is not too good; None of nothing."""
        if indicator.measure is Measure.OVERDUE:
            return Decimal(self.numerator)
        if not self.denominator:
            return None
        away = ROUND_FLOOR if indicator.more else ROUND_CEILING
        if indicator.unit == PERCENT:
            return (Decimal(100 * self.numerator) / self.denominator).quantize(TENTH, away)
        mean = Decimal(self.amount) / self.denominator
        if indicator.unit == DAYS:
            mean = Decimal(str(national_calendar().office_days(timedelta(minutes=1)))) * mean
        return mean.quantize(TENTH, away)


Nested = Mapping[tuple[int, int, date], Mapping[str, Count]]
"""Counts by outcome, of a version in a municipality and a month."""


def nested(counts: Counts) -> Nested:
    """The counts by where they are looked up."""
    found: dict[tuple[int, int, date], dict[str, Count]] = {}
    for (version, place, month, outcome), count in counts.items():
        found.setdefault((version, place, month), {})[outcome] = count
    return found


def tallied(counts: Nested, version: Version, places: Iterable[int], months: Sequence[date]) -> Tally:
    """The counts of a version in some months, of some municipalities."""
    sums: dict[str, Count] = {}
    for place in places:
        for month in months:
            for outcome, count in counts.get((version.id, place, month), {}).items():
                sums[outcome] = sums.get(outcome, NOTHING) + count
    yes, no = sums.get(YES, NOTHING), sums.get(NO, NOTHING)
    left_out = {code: sums[code].count for code in LEFT_OUT if code in sums and sums[code].count}
    return Tally(yes.count, yes.count + no.count, yes.amount + no.amount, left_out)


class Reporting:
    """Makes the figures of one municipality, or of all together, for a period as known at a moment."""

    def __init__(self, session: Session, places: Sequence[Municipality], whole: bool, period: Period, at: datetime,
                 agreed: Agreed) -> None:  # fmt: skip
        self._session, self._places, self._whole, self._period, self._at = session, places, whole, period, at
        self._agreed = agreed
        self._lates: dict[frozenset[int], Mapping[tuple[int, date], int]] = {}
        self._known: Definitions = definitions(session)
        self._last_month = period.last.replace(day=1)
        self._sums = nested(by_month(session, None, self._last_month))
        """All months up to the last: what is past its norm adds up from the beginning."""
        self._counts = self._sums if period.whole else nested(recounted(session, period.first, period.last))
        self._months = period.months if period.whole else [period.first]
        self._ids = [place.id for place in places] + ([0] if whole else [])

    def data(self) -> dict[str, Any]:
        """The whole report as plain data."""
        place = None if self._whole else self._places[0]
        return {
            "schema": SCHEMA,
            "municipality": None if place is None else {"code": place.code, "name": place.name},
            "period": {"name": self._period.name, "first": self._period.first.isoformat(),
                       "last": self._period.last.isoformat()},
            "as_of": self._at.isoformat(),
            "figures": [figure for key in self._known.keys for figure in self._figures(key)],
        }  # fmt: skip

    def _figures(self, key: str) -> Iterable[dict[str, Any]]:
        """Of each version that counted something, the one that holds at the end first."""
        place = None if self._whole else self._places[0].id
        current = self._known.at(key, place, self._period.last)
        for version in sorted(self._known.versions(key), key=lambda one: (one is not current, -one.id)):
            tally = self._tally(version, self._ids, self._months)
            if version is current or tally.denominator or tally.left_out:
                yield self._figure(version, tally)

    def _tally(self, version: Version, places: Sequence[int], months: Sequence[date]) -> Tally:
        if version.indicator.measure is Measure.OVERDUE:
            return self._overdue(version, places, months[-1])
        counts = self._counts if months == self._months else self._sums
        return tallied(counts, version, places, months)

    def _overdue(self, version: Version, places: Sequence[int], month: date) -> Tally:
        """What was late and not done yet at the end: all that ever became late, less what was done after all."""
        ids = {one.id for one in self._known.versions(version.indicator.of)}
        if not self._period.whole and month == self._months[-1]:
            return Tally(_open_late(self._session, ids, places, end_of_day(self._period.last)), 0, 0, {})
        late = self._late(frozenset(ids))
        return Tally(sum(count for (place, when), count in late.items() if place in places and when <= month), 0, 0, {})

    def _late(self, ids: frozenset[int]) -> Mapping[tuple[int, date], int]:
        """By municipality and month: how many became late, less how many that were late were done."""
        if ids not in self._lates:
            found: dict[tuple[int, date], int] = {}
            for (one, place, when), counts in self._sums.items():
                if one in ids:
                    more = counts.get(NO, NOTHING).count - counts.get(MADE_GOOD, NOTHING).count
                    found[place, when] = found.get((place, when), 0) + more
            self._lates[ids] = found
        return self._lates[ids]

    def _figure(self, version: Version, tally: Tally) -> dict[str, Any]:
        indicator = version.indicator
        agreed = self._agreed.targets.get(indicator.key)
        target = indicator.target if agreed is None else agreed
        masked = self._hidden(version, self._months, tally)
        value = None if masked else tally.value(indicator)
        shown = {} if masked else {"numerator": tally.numerator, "denominator": tally.denominator}
        made: dict[str, Any] = {
            "key": indicator.key, "version": version.version, "version_id": version.id,
            "label": {"nl": indicator.label, "en": indicator.label_en},
            "explained": {"nl": indicator.explained, "en": indicator.explained_en},
            "source": indicator.source, "unit": indicator.unit, "better": "more" if indicator.more else "less",
            "norm": norm_data(indicator), "target": number(target), "agreed": agreed is not None,
            "value": number(value), "met": indicator.met(value, target), "masked": masked,
            "numerator": shown.get("numerator"), "denominator": shown.get("denominator"),
            "left_out": {} if masked else dict(tally.left_out),
            "trend": [self._month(version, month) for month in self._trend()],
        }  # fmt: skip
        if made["met"] is False:
            made |= self._missed(indicator, target, made["trend"])
        if self._whole:
            made["by_municipality"] = self._compared(version)
        if expected := self._expected(version, tally):
            made["expected"] = expected
        return made

    def _missed(
        self, indicator: Indicator, target: Decimal | None, trend: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """For how many months in a row the target was missed, and what was agreed to do about it.

        The first step belongs to the first month and the second to those after it; what follows people decide.
        """
        months = 0
        for month in reversed(trend):
            if month["value"] is None or indicator.met(Decimal(str(month["value"])), target):
                break
            months += 1
        steps = self._agreed.steps[: min(max(months, 1), 2)]
        return {"missed_months": months, "step": dict(steps[-1]) if steps else None}

    def _hidden(self, version: Version, months: Sequence[date], tally: Tally, places: Sequence[int] = ()) -> bool:
        """Whether a figure points at a person, by itself or as the difference between what else is shown.

        So no figure of some days is shown, none of several months of which one is hidden, and none of all together
        where it gives away a municipality that is hidden.
        """
        if not version.indicator.personal or not tally.denominator:
            return False
        if tally.denominator < SMALL or (months is self._months and not self._period.whole):
            return True
        parts = [self._tally(version, places or self._ids, [month]) for month in months] if len(months) > 1 else []
        if not places and self._whole:
            each = [self._tally(version, [place], months) for place in self._ids]
            small = [one.denominator for one in each if 0 < one.denominator < SMALL]
            if len(small) == 1 or 0 < sum(small) < SMALL:
                return True
        return any(0 < part.denominator < SMALL for part in parts)

    def _trend(self) -> Sequence[date]:
        return [shifted(self._last_month, back) for back in range(1 - TREND, 1)]

    def _month(self, version: Version, month: date) -> dict[str, Any]:
        tally = self._tally(version, self._ids, [month])
        masked = self._hidden(version, [month], tally)
        return {"month": f"{month:%Y-%m}", "value": None if masked else number(tally.value(version.indicator)),
                "numerator": None if masked else tally.numerator,
                "denominator": None if masked else tally.denominator, "masked": masked}  # fmt: skip

    def _compared(self, version: Version) -> list[dict[str, Any]]:
        """Each municipality by itself. What is masked of one cannot be worked out from the others."""
        rows = []
        for place in self._places:
            tally = self._tally(version, [place.id], self._months)
            masked = self._hidden(version, self._months, tally, [place.id])
            rows.append({"code": place.code, "name": place.name, "masked": masked,
                         "value": None if masked else number(tally.value(version.indicator)),
                         "numerator": None if masked else tally.numerator,
                         "denominator": None if masked else tally.denominator})  # fmt: skip
        return rows

    def _expected(self, version: Version, tally: Tally) -> dict[str, Any] | None:
        """How the quarter ends when what is still to come goes as the last three whole months went."""
        indicator, quarter = version.indicator, quarter_of(self._period.last)
        today = local_date(self._at)
        counts = indicator.measure in (Measure.LEAD, Measure.SPELL, Measure.ANSWER, Measure.CALL)
        if not counts or not quarter.first <= today <= quarter.last:
            return None
        sofar = self._tally(version, self._ids, [one for one in quarter.months if one <= today])
        this = today.replace(day=1)
        before = self._tally(version, self._ids, [shifted(this, -back) for back in range(LOOK_BACK, 0, -1)])
        if not before.denominator:
            return None
        left = Decimal((quarter.last - today).days) / (quarter.last - quarter.first).days
        to_come = round(before.denominator * left)
        share = Decimal(before.numerator) / before.denominator
        whole = sofar.denominator + to_come
        if not whole:
            return None
        value = (Decimal(100) * (sofar.numerator + share * to_come) / whole).quantize(TENTH, ROUND_FLOOR)
        return {"quarter": quarter.name, "value": number(value), "so_far": sofar.denominator, "to_come": to_come}


def _open_late(session: Session, versions: Iterable[int], places: Sequence[int], moment: datetime) -> int:
    fact = IndicatorFact
    return session.scalar(
        select(func.count()).where(
            fact.version_id.in_(versions), fact.municipality_id.in_(places), fact.outcome == NO,
            fact.judged_at <= moment, fact.stopped_at.is_(None) | (fact.stopped_at > moment),
        )
    ) or 0  # fmt: skip


def norm_data(indicator: Indicator) -> dict[str, Any] | None:
    """The norm as it stands in a report."""
    match indicator.norm:
        case WorkingDays(days):
            return {"days": days, "count": "working"}
        case CalendarDays(days):
            return {"days": days, "count": "calendar"}
    return {"own": True} if indicator.own_norm else None


def number(value: Decimal | None) -> int | float | None:
    """As it stands in JSON: a whole number, or one with its decimals."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
