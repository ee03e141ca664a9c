"""What paying late comes to, and how many invoices were on time: both held against a slow recount, day by day."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from workflows.lateness import (
    COUNTED,
    DEFINITIONS,
    EXCLUDED,
    LATE_OPEN,
    Late,
    Paid,
    exposure,
    figures,
    judged,
    last_day,
)
from workflows.money import rounded

HALF_YEARS = [date(year, month, 1) for year in range(2018, 2032) for month in (1, 7)]
DAY = timedelta(days=1)


def flat(percent: str | None) -> object:
    return lambda _: None if percent is None else Decimal(percent)


def forty(_: date) -> Decimal:
    return Decimal(4000)


def test_interest_runs_from_the_day_after_the_thirtieth_up_to_and_including_the_day_of_payment() -> None:
    received = date(2026, 3, 2)
    assert last_day(received) == date(2026, 4, 1)
    ten = flat("10")
    assert exposure(100_000, received, date(2026, 4, 1), ten, forty) == Late()  # type: ignore[arg-type]
    first = exposure(100_000, received, date(2026, 4, 2), ten, forty)  # type: ignore[arg-type]
    assert first == Late(date(2026, 4, 2), 1, 27, 4000)
    assert first.cents == 4027
    year = exposure(100_000, received, date(2027, 4, 1), ten, forty)  # type: ignore[arg-type]
    assert (year.days, year.interest_cents) == (365, 10_000)
    # In the second year interest is owed on the interest of the first.
    second = exposure(100_000, received, date(2028, 4, 1), ten, forty)  # type: ignore[arg-type]
    assert (second.days, second.interest_cents) == (731, 10_000 + rounded(Fraction(11_000 * 366, 365)))


def test_nothing_is_owed_for_nothing_and_an_unknown_rate_is_said() -> None:
    for cents in (0, -500):
        assert exposure(cents, date(2026, 1, 1), date(2027, 1, 1), flat("10"), forty) == Late()  # type: ignore[arg-type]
    late = exposure(100, date(2026, 1, 1), date(2026, 3, 1), flat(None), flat(None))  # type: ignore[arg-type]
    assert (late.interest_cents, late.costs_cents, late.unknown) == (0, 0, date(2026, 2, 1))


rates = st.lists(st.decimals(0, 20, places=2), min_size=len(HALF_YEARS), max_size=len(HALF_YEARS))
days = st.dates(date(2018, 1, 1), date(2027, 12, 31))


def is_anniversary(first: date, day: date) -> bool:
    """Whether a whole number of years has gone by; of a leap day that is the first of March in other years."""
    if day <= first:
        return False
    if (first.month, first.day) == (2, 29) and day.year % 4:
        return (day.month, day.day) == (3, 1)
    return (first.month, first.day) == (day.month, day.day)


@given(st.integers(1, 10**8), days, st.integers(0, 1500), rates)
def test_it_is_what_a_day_by_day_recount_comes_to(cents: int, received: date, held: int, half: list[Decimal]) -> None:
    by_day = dict(zip(HALF_YEARS, half, strict=True))

    def rate_on(day: date) -> Decimal:
        return by_day[date(day.year, 1 if day.month < 7 else 7, 1)]

    until = received + timedelta(days=held)
    principal, year, total, count = Fraction(cents), Fraction(0), Fraction(0), 0
    first = received + timedelta(days=31)
    day = first
    while day <= until:
        if is_anniversary(first, day):
            principal, year = principal + year, Fraction(0)
        part = principal * Fraction(rate_on(day)) / 36_500
        year, total, count, day = year + part, total + part, count + 1, day + DAY
    found = exposure(cents, received, until, rate_on, forty)
    assert (found.days, found.interest_cents) == (count, rounded(total))
    assert found.costs_cents == (4000 if count else 0)
    longer = exposure(cents, received, until + DAY, rate_on, forty)
    assert longer.cents >= found.cents


RECEIVED = date(2026, 5, 4)


def test_the_three_definitions_differ_and_say_what_they_leave_out() -> None:
    slow = Paid("A", RECEIVED, 100, payable_on=date(2026, 6, 3), paid_on=date(2026, 6, 4), own_due=date(2026, 6, 20))
    quick = Paid("B", RECEIVED, 100, payable_on=date(2026, 5, 5), paid_on=date(2026, 5, 20), own_due=date(2026, 5, 18))
    others = [
        Paid("C", RECEIVED, 100), Paid("D", RECEIVED, 100, ended_on=date(2026, 5, 9)),
        Paid("E", RECEIVED, 100, credit=True), Paid("F", date(2026, 6, 20), 100),
    ]  # fmt: skip
    payable, paid, own = figures([slow, quick, *others], date(2026, 7, 1))
    assert [(one.numerator, one.denominator, one.percent) for one in (payable, paid, own)] == [
        (2, 3, Decimal("66.6")), (1, 3, Decimal("33.3")), (1, 3, Decimal("33.3")),
    ]  # fmt: skip
    assert [one.number for one in own.groups["late"]] == ["B"]
    assert [one.number for one in paid.groups["late"]] == ["A"]
    assert {way: [one.number for one in paid.groups[way]] for way in EXCLUDED} == {
        "not_yet": ["F"], "ended": ["D"], "credit": ["E"],
    }  # fmt: skip
    assert [one.number for one in paid.groups[LATE_OPEN]] == ["C"]
    assert figures([], RECEIVED)[0].percent is None


def test_an_old_period_gives_the_old_figure() -> None:
    """What happened after the day as of which is counted changes nothing."""
    later = Paid("A", RECEIVED, 100, payable_on=date(2026, 6, 10), paid_on=date(2026, 6, 12))
    as_it_was = Paid("A", RECEIVED, 100)
    for on in (date(2026, 6, 3), date(2026, 6, 4), date(2026, 6, 9)):
        for definition in DEFINITIONS:
            assert judged(later, definition, on) == judged(as_it_was, definition, on)
    assert judged(later, DEFINITIONS[1], date(2026, 6, 3)) == "not_yet"
    assert judged(later, DEFINITIONS[1], date(2026, 6, 4)) == "late_open"


maybe = st.none() | st.integers(0, 80)


@given(st.lists(st.tuples(st.integers(0, 60), maybe, maybe, maybe, maybe, st.booleans()), max_size=30),
       st.integers(0, 160))  # fmt: skip
def test_each_invoice_is_counted_once_as_a_naive_recount_does(rows: list[tuple[object, ...]], after: int) -> None:
    def later(base: date, count: object) -> date | None:
        return None if count is None else base + timedelta(days=count)  # type: ignore[arg-type]

    invoices, on = [], RECEIVED + timedelta(days=after)
    for place, (at, payable, paid, ended, own, credit) in enumerate(rows):
        received = RECEIVED + timedelta(days=at)  # type: ignore[arg-type]
        invoices.append(
            Paid(f"{place}", received, 1, later(received, payable), later(received, paid), later(received, ended),
                 later(received, own), bool(credit))
        )  # fmt: skip
    for figure, (done, due) in zip(
        figures(invoices, on),
        ((lambda i: i.payable_on, lambda i: i.received + timedelta(days=30)),
         (lambda i: i.paid_on, lambda i: i.received + timedelta(days=30)),
         (lambda i: i.paid_on, lambda i: i.own_due or i.received + timedelta(days=30))),
        strict=True,
    ):  # fmt: skip
        counts: Counter[str] = Counter()
        for one in invoices:
            if one.credit:
                counts["left out"] += 1
            elif done(one) and done(one) <= on:
                counts["good" if done(one) <= due(one) else "bad"] += 1
            elif one.ended_on and one.ended_on <= on:
                counts["left out"] += 1
            else:
                counts["bad" if on > due(one) else "left out"] += 1
        assert figure.numerator == counts["good"]
        assert figure.denominator == counts["good"] + counts["bad"]
        assert figure.count(*EXCLUDED) == counts["left out"]
        assert figure.count(*COUNTED, *EXCLUDED) == len(invoices)
