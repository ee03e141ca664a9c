"""Minimum occupancy: counted by halves of days, by job title, and joined over days that are alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workflows.occupancy import Colleague, Minimum, Shortage, shortages
from workflows.work_patterns import Part

MONDAY = date(2026, 11, 23)
DAYS = [MONDAY + timedelta(days=day) for day in range(7)]
SINCE = date(2026, 1, 1)


def person(number: int, title: str = "Adviseur", days: frozenset[int] = frozenset(range(5))) -> Colleague:
    return Colleague(number, title, lambda day: day.weekday() in days)


def short(first: int, last: int, present: int, people: int, title: str = "") -> Shortage:
    return Shortage(DAYS[first], DAYS[last], title, present, people)


def test_days_that_are_alike_are_one_shortage_and_nobody_is_short_on_a_day_nobody_works() -> None:
    away = {(1, day): {Part.WHOLE} for day in DAYS}
    team, two = [person(1), person(2)], [Minimum("", 2, SINCE, None)]
    assert shortages(DAYS, two, team, away) == [short(0, 4, 1, 2)]
    assert shortages(DAYS, two, team, {}) == []


def test_half_a_day_away_is_half_a_day_there_and_the_lesser_half_counts() -> None:
    away: Mapping[Any, Any] = {(1, DAYS[0]): {Part.MORNING}, (2, DAYS[0]): {Part.AFTERNOON},
                               (1, DAYS[1]): {Part.MORNING}, (2, DAYS[1]): {Part.MORNING}}  # fmt: skip
    team, two = [person(1), person(2)], [Minimum("", 2, SINCE, None)]
    assert shortages(DAYS, two, team, away) == [short(0, 0, 1, 2), short(1, 1, 0, 2)]


def test_only_who_has_the_job_title_counts_and_only_while_the_minimum_holds() -> None:
    minimums = [Minimum("Balie medewerker", 1, SINCE, DAYS[1]), Minimum("Balie medewerker", 2, DAYS[2], None)]
    team = [person(1, "balie  Medewerker"), person(2)]
    assert shortages(DAYS, minimums, team, {}) == [short(2, 4, 1, 2, "Balie medewerker")]
    assert shortages(DAYS, [Minimum("Balie medewerker", 0, SINCE, None)], team, {}) == []


halves = st.sets(st.sampled_from(Part), min_size=1)
team_of = st.lists(
    st.tuples(st.sampled_from(("Adviseur", "Jurist")), st.frozensets(st.integers(0, 6), max_size=7)), max_size=5
)


@given(
    team_of,
    st.dictionaries(st.tuples(st.integers(0, 4), st.sampled_from(DAYS)), halves, max_size=12),
    st.sampled_from(("", "Jurist")),
    st.integers(0, 5),
)
def test_a_naive_count_by_half_days_finds_the_same(team: Any, away: Any, title: str, people: int) -> None:
    colleagues = [person(number, *one) for number, one in enumerate(team)]
    found = shortages(DAYS, [Minimum(title, people, SINCE, None)], colleagues, away)
    told = {}
    for one in found:
        day = one.first
        while day <= one.last:
            assert day not in told
            told[day] = one.present
            day += timedelta(days=1)
    for day in DAYS:
        if not any(day.weekday() in days for _, days in team):
            assert day not in told
            continue
        counts = []
        for half in (Part.MORNING, Part.AFTERNOON):
            count = 0
            for number, (called, days) in enumerate(team):
                gone = away.get((number, day), set())
                if day.weekday() in days and (not title or called == title) and not gone & {Part.WHOLE, half}:
                    count += 1
            counts.append(count)
        assert told.get(day) == (min(counts) if min(counts) < people else None)
