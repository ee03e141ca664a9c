"""Hours burn from the lots that end first, day by day, and the sum always equals a naive recount minute by minute."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from workflows.lots import (
    BOUGHT,
    EXTRA,
    LOT_KINDS,
    STATUTORY,
    Absent,
    Cost,
    Limit,
    Lot,
    Taking,
    afloat,
    burn,
    clashes,
    collide,
    costs_of,
    in_burn_order,
    months_later,
    usable,
    within,
)
from workflows.work_patterns import Part

DAY = date(2026, 12, 28)
ALL = tuple(LOT_KINDS)
KINDS = st.sampled_from(ALL)
PARTS = st.sampled_from(list(Part))


def days(first: date = date(2026, 12, 1), most: int = 60) -> st.SearchStrategy[date]:
    return st.integers(0, most).map(lambda more: first + timedelta(days=more))


def lot(number: int, kind: str, begins: date, length: int, left: int) -> Lot:
    return Lot(number, kind, begins, begins + timedelta(days=length), left)


@st.composite
def lots(draw: st.DrawFn, least: int = -300) -> list[Lot]:
    drawn = st.tuples(KINDS, days(), st.integers(0, 60), st.integers(least, 900))
    return [lot(number, *one) for number, one in enumerate(draw(st.lists(drawn, max_size=6)))]


@st.composite
def costs(draw: st.DrawFn) -> list[Cost]:
    chosen = draw(st.lists(days(), max_size=12, unique=True))
    return [Cost(day, draw(st.integers(1, 600))) for day in chosen]


def naive(asked: list[Cost], given_lots: list[Lot]) -> tuple[dict[tuple[int, date], int], int]:
    """Minute by minute: of the lots that hold on the day the one that ends first, then by kind, then the oldest."""
    left = {one.id: one.left for one in given_lots}
    order = sorted(given_lots, key=lambda one: (one.last_day, ALL.index(one.kind), one.valid_from, one.id))
    for debtor in given_lots:
        while left[debtor.id] < 0:
            creditor = next((one for one in order if left[one.id] > 0), None)
            left[debtor.id] += 1
            if creditor:
                left[creditor.id] -= 1
    found: dict[tuple[int, date], int] = {}
    short = 0
    for cost in sorted(asked, key=lambda one: one.day):
        for _ in range(cost.minutes):
            able = [one for one in order if left[one.id] > 0 and one.valid_from <= cost.day <= one.last_day]
            if not able:
                short += 1
                continue
            left[able[0].id] -= 1
            found[able[0].id, cost.day] = found.get((able[0].id, cost.day), 0) + 1
    return found, short


@given(costs(), lots())
def test_burning_equals_a_recount_minute_by_minute(asked: list[Cost], held: list[Lot]) -> None:
    done = burn(asked, held, ALL)
    found, short = naive(asked, held)
    assert {(share.lot, share.day): share.minutes for share in done.shares} == found
    assert done.short == short
    assert sum(share.minutes for share in done.shares) + done.short == sum(cost.minutes for cost in asked)
    assert all(one.left >= 0 for one in done.lots)


@given(costs(), lots(least=0))
def test_no_hour_comes_from_a_lot_outside_its_days_and_none_twice(asked: list[Cost], held: list[Lot]) -> None:
    done = burn(asked, held, ALL)
    by_id = {one.id: one for one in held}
    for share in done.shares:
        assert share.lot is not None
        assert by_id[share.lot].holds(share.day)
    for number, minutes in done.by_lot().items():
        assert minutes <= by_id[number].left
    if not done.short and asked:
        asked_days = [cost.day for cost in asked]
        assert sum(cost.minutes for cost in asked) <= usable(held, min(asked_days), max(asked_days), ALL)


@given(lots())
def test_what_was_overdrawn_is_taken_from_the_others_and_nothing_is_made(held: list[Lot]) -> None:
    rest = afloat(held)
    assert sum(one.left for one in rest) == max(sum(one.left for one in held), 0)
    assert all(one.left >= 0 for one in rest)
    assert [one.id for one in rest] == [one.id for one in in_burn_order(held)]


def test_the_first_to_lapse_goes_first_then_the_kind_and_a_day_is_split_at_the_boundary() -> None:
    extra = lot(1, EXTRA, date(2026, 1, 1), 364, 60)
    statutory = lot(2, STATUTORY, date(2026, 1, 1), 364, 100)
    later = lot(3, STATUTORY, date(2026, 1, 1), 500, 1000)
    done = burn([Cost(DAY, 432)], [later, extra, statutory], ALL)
    assert [(share.lot, share.minutes) for share in done.shares] == [(2, 100), (1, 60), (3, 272)]
    assert burn([Cost(DAY, 432)], [later, extra, statutory], (EXTRA,)).short == 372
    assert burn([Cost(DAY, 60)], [lot(4, BOUGHT, DAY, 9, 60)], ALL).by_lot() == {4: 60}


def test_leave_over_new_year_comes_from_the_lots_of_both_years() -> None:
    this_year = Lot(1, STATUTORY, date(2026, 1, 1), date(2026, 12, 31), 5000)
    next_year = Lot(2, STATUTORY, date(2027, 1, 1), date(2028, 12, 31), 5000)
    asked = [Cost(date(2026, 12, 31), 432), Cost(date(2027, 1, 4), 432)]
    assert burn(asked, [next_year, this_year], ALL).by_lot() == {1: 432, 2: 432}
    assert burn(asked, [this_year], ALL).short == 432
    assert usable([this_year, next_year], asked[0].day, asked[0].day, ALL) == 5000


@given(days(), days(), PARTS, PARTS, st.integers(0, 7))
def test_days_that_are_not_worked_cost_nothing_and_half_a_day_is_half_of_that_day(
    first: date, last: date, one: Part, other: Part, hours: int
) -> None:
    def worked(day: date, part: Part = Part.WHOLE) -> int:
        return part.of(hours * 60 + 1 + day.weekday()) if day.weekday() < 5 else 0

    found = costs_of(first, last, one, other, worked)
    assert all(cost.minutes > 0 and cost.day.weekday() < 5 and first <= cost.day <= last for cost in found)
    assert all(before.day < after.day for before, after in pairwise(found))
    for cost in found:
        halves = (worked(cost.day, Part.MORNING), worked(cost.day, Part.AFTERNOON))
        assert sum(halves) == worked(cost.day)
        assert cost.part is (one if cost.day == first else other if cost.day == last else Part.WHOLE)
    if first > last:
        assert found == ()


def test_two_different_halves_of_one_day_go_together_and_nothing_else_does() -> None:
    assert not collide(Part.MORNING, Part.AFTERNOON)
    assert collide(Part.MORNING, Part.MORNING)
    assert all(collide(Part.WHOLE, part) and collide(part, Part.WHOLE) for part in Part)
    away = Absent(DAY, 216, Part.MORNING, "leave", "VRL-2026-000001")
    assert list(clashes([Cost(DAY, 216, Part.AFTERNOON)], [away])) == []
    assert list(clashes([Cost(DAY, 216, Part.MORNING)], [away])) == [away]
    assert list(clashes([Cost(DAY - timedelta(days=1), 432)], [away])) == []


def test_a_limit_for_an_occasion_counts_that_occasion_alone() -> None:
    born, limit = date(2026, 12, 1), Limit(1000, ("birth",), occasion=True)
    mine = Taking("birth", (Cost(DAY, 600),), occasion=born)
    assert within(limit, mine, [Absent(DAY, 400, Part.WHOLE, "birth", occasion=born)]) == 0
    assert within(limit, mine, [Absent(DAY, 401, Part.WHOLE, "birth", occasion=born)]) == 1
    assert within(limit, mine, [Absent(DAY, 900, Part.WHOLE, "birth", occasion=date(2025, 1, 1))]) == 0
    assert within(limit, mine, [Absent(DAY, 900, Part.WHOLE, "care_short")]) == 0


def test_a_limit_in_a_calendar_year_begins_anew_with_it() -> None:
    limit, asked = Limit(500, ("calamity",)), Taking("calamity", (Cost(date(2027, 1, 4), 432),))
    before = Absent(date(2026, 12, 30), 432, Part.WHOLE, "calamity")
    assert within(limit, asked, [before]) == 0
    assert within(limit, asked, [before, Absent(date(2027, 12, 30), 100, Part.WHOLE, "calamity")]) == 32


@given(st.lists(st.tuples(days(date(2025, 6, 1), 900), st.integers(1, 500)), max_size=8),
       st.lists(st.tuples(days(date(2025, 6, 1), 900), st.integers(1, 500)), min_size=1, max_size=4))  # fmt: skip
def test_a_limit_in_any_twelve_months_holds_for_every_twelve_months_that_the_request_touches(
    before: list[tuple[date, int]], asked: list[tuple[date, int]]
) -> None:
    limit = Limit(800, ("care_short",), months=12)
    taking = Taking("care_short", tuple(Cost(day, minutes) for day, minutes in asked))
    others = [Absent(day, minutes, Part.WHOLE, "care_short") for day, minutes in before]
    worst = 0
    for offset in range(1400):
        ends = date(2025, 6, 1) + timedelta(days=offset)
        begins = months_later(ends, -12)
        if any(begins < day <= ends for day, _ in asked):
            worst = max(worst, sum(minutes for day, minutes in before + asked if begins < day <= ends))
    assert within(limit, taking, others) == max(worst - 800, 0)
