"""Paying late: the interest and costs that a public body owes by law, and how many invoices were on time.

Pure functions of plain dates and amounts. The rates and the costs are dated policies with their source. Sources of the
rules: Civil Code 6:119a and 6:119b (interest from the day after the last day of payment up to and including the day of
payment, and interest on interest after each year), 6:120 (the rate of each half year), 6:96 paragraph 4 (costs, at
least). The law gives a rate for a year and no day count. Here each day counts for 1/365, also in a leap year: the same
number of days then comes to the same amount in any year, and never to less than by dividing by 366.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from workflows.money import rounded
from workflows.parties import N_

LEGAL_DAYS = 30
RATE, COSTS = "late_interest_percent", "late_costs_cents"
"""The policies: the statutory commercial interest, and what is owed at least for each invoice that is paid late."""
YEAR = 365
ONE_DAY = timedelta(days=1)

RateOn = Callable[[date], Decimal | None]


@dataclass(frozen=True, slots=True)
class Late:
    """What paying late comes to: from which day, for how many days, and how much. `unknown` is a day without a rate."""

    since: date | None = None
    days: int = 0
    interest_cents: int = 0
    costs_cents: int = 0
    unknown: date | None = None

    @property
    def cents(self) -> int:
        """All of it together."""
        return self.interest_cents + self.costs_cents


def last_day(received: date, days: int = LEGAL_DAYS) -> date:
    """The last day on which it can be paid on time."""
    return received + timedelta(days=days)


def exposure(cents: int, received: date, until: date, rate_on: RateOn, costs_on: RateOn) -> Late:
    """What is owed for an amount that was received on a day and paid, or is still unpaid, on another.

    `until` is the day of payment, or today. An amount of nothing is never late.
    """
    since = last_day(received) + ONE_DAY
    if cents <= 0 or until < since:
        return Late()
    interest, unknown = Fraction(0), None
    principal = Fraction(cents)
    for first, last in _stretches(since, until):
        owed = Fraction(0)
        for begin, end, rate in _rates(first, last, rate_on):
            if rate is None:
                unknown = unknown or begin
                continue
            owed += principal * Fraction(rate) / 100 * ((end - begin).days + 1) / YEAR
        interest += owed
        if last < until:
            principal += owed
    costs = costs_on(since)
    return Late(since, (until - since).days + 1, rounded(interest), int(costs or 0), unknown)


def _stretches(since: date, until: date) -> Iterator[tuple[date, date]]:
    """Years of delay: at the end of each the interest is added to what interest is owed on."""
    first, years = since, 0
    while first <= until:
        years += 1
        following = _anniversary(since, years)
        yield first, min(following - ONE_DAY, until)
        first = following


def _anniversary(day: date, years: int) -> date:
    """The same day some years later; of 29 February the first of March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _rates(first: date, last: date, rate_on: RateOn) -> Iterator[tuple[date, date, Decimal | None]]:
    """The days in parts of one rate each, whenever it changes."""
    begin, rate, day = first, rate_on(first), first + ONE_DAY
    while day <= last:
        if (now := rate_on(day)) != rate:
            yield begin, day - ONE_DAY, rate
            begin, rate = day, now
        day += ONE_DAY
    yield begin, last, rate


@dataclass(frozen=True, slots=True)
class Paid:
    """One invoice as it is counted. `payable_on`, `paid_on` and `ended_on` are empty while that has not happened.

    `own_due` is the day that the supplier named. `credit` marks a credit note.
    """

    number: str
    received: date
    cents: int
    payable_on: date | None = None
    paid_on: date | None = None
    ended_on: date | None = None
    """When it was rejected, or thrown away."""
    own_due: date | None = None
    credit: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """One of the ways in which "within 30 days" is counted."""

    key: str
    label: str
    done_on: Callable[[Paid], date | None]
    due: Callable[[Paid], date]


DEFINITIONS = (
    Definition("payable", N_("From receipt to made payable, within 30 days"), lambda one: one.payable_on,
               lambda one: last_day(one.received)),
    Definition("paid", N_("From receipt to paid, within 30 days"), lambda one: one.paid_on,
               lambda one: last_day(one.received)),
    Definition("own", N_("Paid within the term of the supplier, or else 30 days"), lambda one: one.paid_on,
               lambda one: one.own_due or last_day(one.received)),
)  # fmt: skip

ON_TIME, LATE_DONE, LATE_OPEN = "on_time", "late", "late_open"
NOT_YET, ENDED, CREDIT = "not_yet", "ended", "credit"
COUNTED: dict[str, str] = {
    ON_TIME: N_("On time"), LATE_DONE: N_("Too late"), LATE_OPEN: N_("Still open and past the term"),
}  # fmt: skip
EXCLUDED: dict[str, str] = {
    NOT_YET: N_("Open, and within the term"), ENDED: N_("Rejected"), CREDIT: N_("Credit note"),
}  # fmt: skip


def judged(one: Paid, by: Definition, on: date) -> str:
    """How an invoice is counted, as it was known at the end of a day: one of COUNTED or EXCLUDED."""
    if one.credit:
        return CREDIT
    done = by.done_on(one)
    if done is not None and done <= on:
        return ON_TIME if done <= by.due(one) else LATE_DONE
    if one.ended_on is not None and one.ended_on <= on:
        return ENDED
    return LATE_OPEN if by.due(one) < on else NOT_YET


@dataclass(frozen=True, slots=True)
class Figure:
    """A share with what it is made of: invoices by how they were counted."""

    definition: Definition
    groups: dict[str, tuple[Paid, ...]]

    def count(self, *ways: str) -> int:
        """How many were counted in these ways."""
        return sum(len(self.groups.get(way, ())) for way in ways)

    @property
    def numerator(self) -> int:
        return self.count(ON_TIME)

    @property
    def denominator(self) -> int:
        return self.count(*COUNTED)

    @property
    def percent(self) -> Decimal | None:
        """With one decimal, rounded down, so that what is not quite 95 is never shown as 95; None of nothing."""
        if not self.denominator:
            return None
        return Decimal(self.numerator * 1000 // self.denominator) / 10


def figures(invoices: Iterable[Paid], on: date) -> Sequence[Figure]:
    """By each definition, of the invoices that were received in a period, as known at the end of a day."""
    known = list(invoices)
    found = []
    for definition in DEFINITIONS:
        groups: dict[str, list[Paid]] = {}
        for one in known:
            groups.setdefault(judged(one, definition, on), []).append(one)
        found.append(Figure(definition, {way: tuple(group) for way, group in groups.items()}))
    return found
