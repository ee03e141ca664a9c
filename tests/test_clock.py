"""The clocks: fixed, accelerated, and what day it is in the Netherlands."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clock import (
    AMSTERDAM,
    END_OF_TIME,
    MOST_FACTOR,
    AcceleratedClock,
    FixedClock,
    Pace,
    SystemClock,
    local,
    local_date,
    stopwatch,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
factors = st.floats(min_value=0.001, max_value=MOST_FACTOR)
waits = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.timezones())  # noqa: DTZ001


def workshop(factor: float = 60) -> tuple[AcceleratedClock, FixedClock]:
    """A workshop that plays 1 September 2026 from now on, and the real clock behind it."""
    real = FixedClock(NOON)
    return AcceleratedClock(datetime(2026, 9, 1, 6, tzinfo=UTC), NOON, factor, real), real


def test_the_system_clock_is_aware_and_runs() -> None:
    first, second = SystemClock().now(), SystemClock().now()
    assert first.tzinfo is UTC
    assert first <= second


def test_a_stopwatch_gives_seconds() -> None:
    seconds = stopwatch()
    assert 0 <= seconds() <= seconds()


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(NOON)
    assert clock.now() == clock.now() == NOON
    assert clock.advance(HOUR) == clock.now() == NOON + HOUR
    clock.set(NOON - HOUR)
    assert clock.now() == NOON - HOUR


def test_a_fixed_clock_is_not_advanced_backwards() -> None:
    with pytest.raises(ValueError, match="forward"):
        FixedClock(NOON).advance(-HOUR)


def test_clocks_answer_in_utc() -> None:
    there = datetime(2026, 3, 2, 14, tzinfo=timezone(2 * HOUR))
    for clock in (FixedClock(there), AcceleratedClock(there, NOON, 1, FixedClock(NOON))):
        assert clock.now() == NOON
        assert clock.now().utcoffset() == timedelta(0)


def test_naive_moments_are_refused() -> None:
    naive = NOON.replace(tzinfo=None)
    for ask in (local, local_date, FixedClock, lambda at: Pace(at, NOON), lambda at: Pace(NOON, at)):
        with pytest.raises(ValueError, match="time zone"):
            ask(naive)


@pytest.mark.parametrize(
    ("at", "day", "hour"),
    [
        (datetime(2026, 1, 1, 22, 59, tzinfo=UTC), date(2026, 1, 1), 23),
        (datetime(2026, 1, 1, 23, 0, tzinfo=UTC), date(2026, 1, 2), 0),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2), 0),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29), 1),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), date(2026, 3, 29), 3),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), date(2026, 10, 25), 2),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), date(2026, 10, 25), 2),
    ],
)
def test_day_and_hour_in_the_netherlands(at: datetime, day: date, hour: int) -> None:
    assert local_date(at) == day
    assert local(at).hour == hour


@given(moments)
def test_local_is_the_same_moment(at: datetime) -> None:
    assert local(at).astimezone(UTC) == at.astimezone(UTC)
    assert local(at).tzinfo is AMSTERDAM


def test_an_accelerated_clock_runs_at_its_factor() -> None:
    clock, real = workshop(factor=60)
    start = clock.now()
    real.advance(timedelta(minutes=1))
    assert clock.now() == start + HOUR


def test_pause_and_resume_lose_no_time_and_make_none() -> None:
    clock, real = workshop(factor=60)
    start = clock.now()
    real.advance(timedelta(minutes=1))
    clock.pause()
    real.advance(timedelta(days=1))
    clock.pause()
    assert clock.now() == start + HOUR
    clock.resume()
    clock.resume()
    assert clock.now() == start + HOUR
    real.advance(timedelta(minutes=2))
    assert clock.now() == start + 3 * HOUR


def test_a_new_factor_holds_from_now_on_also_while_paused() -> None:
    clock, real = workshop(factor=60)
    start = clock.now()
    real.advance(timedelta(minutes=1))
    clock.pause()
    clock.run_at(3600)
    real.advance(timedelta(minutes=1))
    assert clock.now() == start + HOUR
    clock.resume()
    real.advance(timedelta(seconds=1))
    assert clock.now() == start + 2 * HOUR


def test_a_jump_goes_ahead_and_never_back() -> None:
    clock, _ = workshop()
    clock.pause()
    ahead = clock.now() + timedelta(days=3)
    clock.jump(ahead)
    assert clock.now() == ahead
    assert clock.pace.paused
    with pytest.raises(ValueError, match="never goes back"):
        clock.jump(ahead - timedelta(microseconds=1))
    assert clock.now() == ahead


@pytest.mark.parametrize("factor", [0, -1, MOST_FACTOR + 1, float("nan"), float("inf")])
def test_impossible_factors_are_refused(factor: float) -> None:
    clock, _ = workshop()
    before = clock.pace
    with pytest.raises(ValueError, match="factor"):
        clock.run_at(factor)
    assert clock.pace == before


def test_a_forgotten_workshop_can_still_be_opened() -> None:
    clock, real = workshop(factor=MOST_FACTOR)
    real.advance(timedelta(days=3000))
    assert clock.now() == END_OF_TIME
    clock.run_at(1)
    assert clock.now() == END_OF_TIME


def test_no_virtual_time_after_the_end() -> None:
    with pytest.raises(ValueError, match="ends on 2200-01-01"):
        Pace(END_OF_TIME + HOUR, NOON)


@given(factors, waits, st.booleans())
def test_a_stored_pace_gives_the_same_clock(factor: float, wait: timedelta, paused: bool) -> None:
    clock, real = workshop(factor)
    real.advance(wait)
    if paused:
        clock.pause()
    again = AcceleratedClock.at_pace(Pace(**asdict(clock.pace)), real)
    real.advance(HOUR)
    assert again.now() == clock.now()


def test_virtual_time_stands_still_when_the_real_clock_is_put_back() -> None:
    clock, real = workshop()
    start = clock.now()
    real.set(NOON - HOUR)
    assert clock.now() == start


changes = st.one_of(
    st.just(("pause", None)),
    st.just(("resume", None)),
    st.tuples(st.just("run_at"), factors),
    st.tuples(st.just("jump"), st.timedeltas(timedelta(0), timedelta(days=400))),
)


@given(st.lists(st.tuples(waits, changes), max_size=30))
def test_virtual_time_never_goes_back(history: list[tuple[timedelta, tuple[str, float | timedelta | None]]]) -> None:
    clock, real = workshop()
    seen = clock.now()
    for wait, (change, value) in history:
        real.advance(wait)
        assert clock.now() >= seen
        seen = clock.now()
        if isinstance(value, timedelta):
            clock.jump(min(seen + value, END_OF_TIME))
            assert clock.now() == min(seen + value, END_OF_TIME)
        else:
            getattr(clock, change)(*() if value is None else (value,))
            assert clock.now() == seen
        seen = clock.now()


@given(factors, waits, waits)
def test_a_pause_skips_exactly_its_own_time(factor: float, before: timedelta, pause: timedelta) -> None:
    clock, real = workshop(factor)
    straight, other = workshop(factor)
    for each in (real, other):
        each.advance(before)
    clock.pause()
    real.advance(pause)
    clock.resume()
    assert clock.now() == straight.now()
