"""The clocks: fixed, of a story, and what day it is in the Netherlands."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calendar import OfficeCalendar
from portal.clock import (
    AMSTERDAM,
    END_OF_TIME,
    MOST_SPEED,
    FixedClock,
    Pace,
    StoryClock,
    SystemClock,
    local,
    local_date,
    stopwatch,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFICE = OfficeCalendar(frozenset({date(2026, 9, 3)}), time(8), time(17))
"""An office that is closed on weekends and on one Thursday."""
speeds = st.floats(min_value=0.001, max_value=MOST_SPEED)
waits = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.timezones())  # noqa: DTZ001


class Story:
    """A story of 1 September 2026, a Tuesday, told from now on, with the clock on the wall behind it."""

    def __init__(self, speed: float = 60, *, office_only: bool = False) -> None:
        self.real = FixedClock(NOON)
        self.pace = Pace(NOON, datetime(2026, 9, 1, 6, tzinfo=UTC), speed, office_only=office_only)
        self.clock = StoryClock(lambda: self.pace, self.real, OFFICE.worked_off)

    def now(self) -> datetime:
        return self.clock.now()

    def change(self, **how: Any) -> None:
        self.pace = self.pace.changed(self.real.now(), OFFICE.worked_off, **how)


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
    told = StoryClock(lambda: Pace(NOON, there), FixedClock(NOON), OFFICE.worked_off)
    for clock in (FixedClock(there), told):
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


def test_a_story_runs_at_its_speed() -> None:
    story = Story(speed=60)
    start = story.now()
    story.real.advance(timedelta(minutes=1))
    assert story.now() == start + HOUR


def test_a_pause_loses_no_time_and_makes_none() -> None:
    story = Story(speed=60)
    start = story.now()
    story.real.advance(timedelta(minutes=1))
    story.change(paused=True)
    story.real.advance(timedelta(days=1))
    story.change(paused=True)
    assert story.now() == start + HOUR
    story.change(paused=False)
    story.change(paused=False)
    assert story.now() == start + HOUR
    story.real.advance(timedelta(minutes=2))
    assert story.now() == start + 3 * HOUR


def test_a_new_speed_holds_from_now_on_also_while_paused() -> None:
    story = Story(speed=60)
    start = story.now()
    story.real.advance(timedelta(minutes=1))
    story.change(paused=True)
    story.change(speed=3600.0)
    story.real.advance(timedelta(minutes=1))
    assert story.now() == start + HOUR
    story.change(paused=False)
    story.real.advance(timedelta(seconds=1))
    assert story.now() == start + 2 * HOUR


def test_a_jump_goes_ahead_and_never_back() -> None:
    story = Story()
    story.change(paused=True)
    ahead = story.now() + timedelta(days=3)
    story.change(to=ahead)
    assert story.now() == ahead
    assert story.pace.paused
    with pytest.raises(ValueError, match="never goes back"):
        story.change(to=ahead - timedelta(microseconds=1))
    assert story.now() == ahead


@pytest.mark.parametrize("speed", [0, -1, MOST_SPEED + 1, float("nan"), float("inf")])
def test_impossible_speeds_are_refused(speed: float) -> None:
    story = Story()
    before = story.pace
    with pytest.raises(ValueError, match="speed"):
        story.change(speed=speed)
    assert story.pace == before


def test_nights_weekends_and_closing_days_are_skipped_on_choice() -> None:
    story = Story(speed=270, office_only=True)
    seen = []
    for _ in range(5):
        story.real.advance(timedelta(minutes=2))  # a working day of nine hours
        seen.append(local(story.now()).strftime("%a %d %H:%M"))
    # Begun at eight on Tuesday; the office closes when the day is over, and on Thursday it stays closed.
    assert seen == ["Tue 01 17:00", "Wed 02 17:00", "Fri 04 17:00", "Mon 07 17:00", "Tue 08 17:00"]
    story.real.advance(timedelta(seconds=1))
    assert local(story.now()).strftime("%a %d %H:%M:%S") == "Wed 09 08:04:30"
    story.change(office_only=False)
    story.real.advance(timedelta(minutes=4))
    assert local(story.now()).strftime("%a %d %H:%M:%S") == "Thu 10 02:04:30"


@pytest.mark.parametrize("office_only", [False, True])
def test_a_forgotten_workshop_can_still_be_opened(office_only: bool) -> None:
    story = Story(speed=MOST_SPEED, office_only=office_only)
    story.real.advance(timedelta(days=3000))
    assert story.now() == END_OF_TIME
    story.change(speed=1.0)
    assert story.now() == END_OF_TIME


def test_no_story_goes_on_after_the_end() -> None:
    with pytest.raises(ValueError, match="ends on 2200-01-01"):
        Pace(NOON, END_OF_TIME + HOUR)


def test_a_story_stands_still_when_the_clock_on_the_wall_is_put_back() -> None:
    story = Story()
    start = story.now()
    story.real.set(NOON - HOUR)
    assert story.now() == start
    story.change(speed=3600.0)
    assert story.now() == start
    story.real.set(NOON)
    assert story.now() == start


changes = st.one_of(
    st.builds(dict, paused=st.booleans()),
    st.builds(dict, office_only=st.booleans()),
    st.builds(dict, speed=speeds),
    st.builds(dict, further=st.timedeltas(timedelta(0), timedelta(days=400))),
)


@given(st.lists(st.tuples(waits, changes), max_size=30), st.booleans())
def test_a_story_never_goes_back(history: list[tuple[timedelta, dict[str, Any]]], office_only: bool) -> None:
    story = Story(office_only=office_only)
    seen = story.now()
    for wait, change in history:
        story.real.advance(wait)
        assert story.now() >= seen
        seen = story.now()
        if "further" in change:
            to = min(seen + change["further"], END_OF_TIME)
            story.change(to=to)
            assert story.now() == to
        else:
            story.change(**change)
            assert story.now() == seen
        seen = story.now()


@given(speeds, waits, waits, st.booleans())
def test_a_pause_skips_exactly_its_own_time(speed: float, before: timedelta, pause: timedelta, office: bool) -> None:
    story, straight = Story(speed, office_only=office), Story(speed, office_only=office)
    for each in (story, straight):
        each.real.advance(before)
    story.change(paused=True)
    story.real.advance(pause)
    story.change(paused=False)
    assert story.now() == straight.now()
