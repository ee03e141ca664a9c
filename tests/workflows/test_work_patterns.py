"""Work patterns: hours by day, halves of days, two-week patterns, and what was agreed where nobody set anything."""

from __future__ import annotations

import json
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.policies import PolicyBook, PolicyRow
from workflows.work_patterns import (
    FULL_TIME,
    POLICY,
    Part,
    WorkPattern,
    agreed_patterns,
    days_between,
    filled,
    full_time_on,
    minutes_between,
    minutes_on,
    pattern_on,
    spells,
    wrong_weeks,
)

YEAR = date(2026, 1, 1), date(2026, 12, 31)
NINE = ((540, 540, 540, 540, 0, 0, 0), (540, 540, 540, 540, 480, 0, 0))

days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
minutes = st.integers(0, 1440)
week = st.lists(minutes, min_size=7, max_size=7).map(tuple)
weeks = st.lists(week, min_size=1, max_size=2).map(tuple).filter(lambda these: any(map(sum, these)))


@st.composite
def chains(draw: Any) -> list[WorkPattern]:
    """Patterns that do not overlap, some with a gap between them, in any order."""
    starts = sorted(draw(st.sets(days, min_size=0, max_size=5)))
    found = []
    for place, first in enumerate(starts):
        last = starts[place + 1] - timedelta(days=1) if place + 1 < len(starts) else None
        if last is not None and draw(st.booleans()):
            last = first + (last - first) // 2
        found.append(WorkPattern(draw(weeks), first, last, draw(days)))
    return draw(st.permutations(found))


def naive(patterns: list[WorkPattern], day: date) -> int:
    """The minutes of a day, counted on by hand from the anchor, week by week."""
    for one in patterns:
        if one.valid_from <= day and (one.valid_to is None or day <= one.valid_to):
            monday, turn = one.anchor, 0
            while monday.isoweekday() != 1:
                monday -= timedelta(days=1)
            step = 7 if day >= monday else -7
            while not monday <= day < monday + timedelta(days=7):
                monday += timedelta(days=step)
                turn += 1
            return one.weeks[turn % len(one.weeks)][day.isoweekday() - 1]
    return 0


@given(chains(), days, st.integers(0, 40), st.sets(days, max_size=10))
def test_a_period_is_the_sum_of_its_days(patterns: list[WorkPattern], first: date, more: int, free: set[date]) -> None:
    last = first + timedelta(days=more)
    free |= {first}
    expected = 0
    for offset in range(more + 1):
        day = first + timedelta(days=offset)
        if day not in free:
            expected += naive(patterns, day)
    assert minutes_between(patterns, first, last, free) == expected


@given(chains(), days)
def test_two_halves_are_the_day(patterns: list[WorkPattern], day: date) -> None:
    halves = [minutes_on(patterns, day, part) for part in (Part.MORNING, Part.AFTERNOON)]
    assert sum(halves) == minutes_on(patterns, day) == naive(patterns, day)
    assert 0 <= halves[0] - halves[1] <= 1
    assert minutes_on(patterns, day, Part.MORNING, {day}) == 0


@given(chains())
def test_spells_tell_the_hours_of_every_day_and_join_what_is_equal(patterns: list[WorkPattern]) -> None:
    found = spells(patterns, *YEAR)
    for day in days_between(*YEAR):
        holding = pattern_on(patterns, day)
        told = [spell.weekly for spell in found if spell.first <= day <= spell.last]
        assert told == ([holding.weekly] if holding else [])
    for one, following in pairwise(found):
        assert one.last < following.first
        assert one.weekly != following.weekly or one.last + timedelta(days=1) < following.first
    assert sum(spell.days for spell in found) == sum(1 for day in days_between(*YEAR) if pattern_on(patterns, day))


@given(chains(), st.lists(st.tuples(days, st.booleans(), weeks), max_size=4))
def test_what_was_agreed_fills_every_gap_and_nothing_else(
    own: list[WorkPattern], policies: list[tuple[date, bool, Any]]
) -> None:
    rows = tuple(
        PolicyRow(POLICY, json.dumps(these), first, first + timedelta(days=90) if ends else None, "test")
        for first, ends, these in policies
    )
    book = PolicyBook(rows)
    agreed = agreed_patterns(book, *YEAR)
    whole = filled(own, agreed, *YEAR)
    for day in days_between(*YEAR):
        row = book.at(POLICY, day)
        default = WorkPattern(tuple(map(tuple, json.loads(row.value))) if row else FULL_TIME, day, day)
        mine = pattern_on(own, day)
        assert minutes_on(whole, day) == (mine or default).minutes(day)
        assert full_time_on(book, day) == default.weekly
    assert whole[0].valid_from == YEAR[0]
    assert whole[-1].valid_to == YEAR[1]
    assert [one.valid_to + timedelta(days=1) for one in whole[:-1] if one.valid_to] == [
        one.valid_from for one in whole[1:]
    ]


def test_two_weeks_take_turns_from_the_anchor_on_and_before_it() -> None:
    pattern = WorkPattern(NINE, date(2020, 1, 1), None, date(2026, 1, 7))
    fridays = [date(2025, 12, 26), date(2026, 1, 2), date(2026, 1, 9), date(2026, 1, 16)]
    assert [pattern.minutes(day) for day in fridays] == [0, 480, 0, 480]
    assert pattern.weekly == Fraction(2 * 2160 + 480, 2)


def test_full_time_is_36_hours_where_nothing_was_agreed() -> None:
    assert full_time_on(PolicyBook(()), date(2026, 5, 1)) == 36 * 60
    assert agreed_patterns(PolicyBook(()), date(2026, 5, 2), date(2026, 5, 1)) == []
    assert minutes_on([], date(2026, 5, 1)) == 0


@pytest.mark.parametrize(
    "wrong",
    [None, [], "36", [[1] * 7] * 3, [[1] * 6], [[0] * 7], [[True] * 7], [[1.5] * 7], [[-1] * 7], [[1441] * 7], [7]],
)
def test_weeks_that_cannot_be_are_told_apart(wrong: Any) -> None:
    assert len(list(wrong_weeks(wrong))) == 1


@given(weeks)
def test_weeks_that_can_be_are_taken_also_from_json(these: Any) -> None:
    assert list(wrong_weeks(these)) == list(wrong_weeks(json.loads(json.dumps(these)))) == []
