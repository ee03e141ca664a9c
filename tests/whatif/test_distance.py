"""Distances: zero for the same, larger for what is further apart, and never below what chance makes of one log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.whatif.distance import around_the_week, courses, distances, in_order, noise_floor, wasserstein
from portal.whatif.log_clock import WeekClock, hour_of_week
from portal.whatif.traces import Trace, Visit

SAMPLES = st.lists(st.floats(0, 1000), min_size=1, max_size=30)


@given(SAMPLES, SAMPLES, st.floats(0, 100))
def test_what_is_moved_is_as_far_as_it_was_moved(one: list[float], two: list[float], by: float) -> None:
    assert wasserstein(one, one) == 0
    assert wasserstein(one, two) == pytest.approx(wasserstein(two, one))
    assert wasserstein(one, [value + by for value in one]) == pytest.approx(by, abs=1e-6)


def test_sunday_night_is_next_to_monday_morning() -> None:
    def only(hour: int) -> list[float]:
        return [1.0 if nth == hour else 0.0 for nth in range(168)]

    assert around_the_week(only(0), only(167)) == pytest.approx(1)
    assert around_the_week(only(0), only(84)) == pytest.approx(84)
    assert around_the_week(only(5), only(5)) == 0


def test_the_order_of_steps() -> None:
    assert in_order([("a", "b")], [("a", "b"), ("a", "b")]) == 0
    assert in_order([("a", "b")], [("c",)]) == pytest.approx(1)
    assert 0 < in_order([("a", "b", "c")], [("a", "c", "b")]) < 1


def test_nothing_cannot_be_compared() -> None:
    for compare in (lambda: wasserstein([], [1.0]), lambda: around_the_week([0.0] * 168, [1.0] * 168),
                    lambda: in_order([], [("a",)])):  # fmt: skip
        with pytest.raises(ValueError, match="nothing to compare"):
            compare()


def test_traces_are_compared_without_those_that_are_open() -> None:
    at = datetime(2026, 1, 5, 9, tzinfo=UTC)

    def visits(nth: int) -> tuple[Visit, ...]:
        ends = (at + timedelta(hours=nth), at + timedelta(days=nth))
        return tuple(Visit(key, key, at, None, end) for key, end in zip(("go", "end"), ends, strict=True))

    cases = [Trace(str(nth), "x", "", 0, visits(nth), open=nth == 9) for nth in range(10)]
    found = courses(cases)
    assert len(found) == 9
    assert found[1].steps == ("go", "end")
    assert found[1].moments[0].hour == 11
    assert distances(found, found).lead == 0
    floor = noise_floor(found)
    assert floor.lead > 0
    assert floor.steps == 0


@settings(max_examples=50)
@given(st.integers(0, 27), st.floats(0, 3))
def test_the_clock_of_a_week_goes_there_and_back(day: int, weeks: float) -> None:
    hours = [0.0] * 168
    hours[17] = hours[3 * 24 + 17] = 1.0
    clock = WeekClock(hours, 18_000, 100)
    at = (18_000 + day) * 1440.0 + 600
    later = clock.moment(clock.at(at) + weeks)
    assert clock.at(later) == pytest.approx(clock.at(at) + weeks, abs=1e-6)
    if weeks > 0.001:
        assert hour_of_week(later - 0.001) in (17, 3 * 24 + 17)


def test_nothing_happens_on_a_holiday() -> None:
    clock = WeekClock([1.0] * 168, 18_000, 10, {18_001}, 0.0)
    assert clock.moment(clock.at(18_001 * 1440) + 0.001) > 18_002 * 1440
