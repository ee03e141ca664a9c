"""When jobs are due: over summer time and years' ends, every moment has one due moment before it and one after."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.clock import local
from portal.jobs.rhythm import Every, Monthly, Rhythm
from portal.jobs.timetable import JOBS

APARTS = [timedelta(seconds=s) for s in (5, 10, 60, 900, 3600, 86_400)]
SPRING, AUTUMN = datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)
"""When summer time begins and ends."""

SINCE = datetime(2024, 1, 1, tzinfo=UTC)
moments = st.integers(0, 8 * 366 * 86_400).map(lambda seconds: SINCE + timedelta(seconds=seconds))
monthly = st.builds(Monthly, st.integers(1, 28), st.integers(0, 23))
rhythms: st.SearchStrategy[Rhythm] = st.one_of(st.sampled_from(APARTS).map(Every), monthly)


@settings(max_examples=150)
@given(rhythms, moments)
@example(Monthly(28, 2), SPRING)
@example(Monthly(25, 2), AUTUMN)
@example(Monthly(1, 0), datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
@example(Monthly(1, 6), datetime(2027, 1, 1, 5, tzinfo=UTC))
@example(Every(timedelta(days=1)), datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC))
def test_each_moment_stands_between_two_due_moments_that_follow_each_other(rhythm: Rhythm, at: datetime) -> None:
    last, following = rhythm.last(at), rhythm.next(at)
    assert last <= at < following
    assert rhythm.last(last) == last
    assert rhythm.next(last) == following
    assert rhythm.last(following) == following
    assert rhythm.last(following - timedelta(microseconds=1)) == last
    assert timedelta() < rhythm.look <= timedelta(minutes=1)


@settings(max_examples=60)
@given(monthly, moments)
@example(Monthly(28, 2), SPRING)
def test_a_monthly_job_is_due_once_in_every_month_at_its_hour(rhythm: Monthly, begin: datetime) -> None:
    due = [rhythm.last(begin)]
    for _ in range(14):
        due.append(rhythm.next(due[-1]))
    here = [local(moment) for moment in due]
    months = [moment.year * 12 + moment.month for moment in here]
    assert months == list(range(months[0], months[0] + 15))
    assert {moment.day for moment in here} == {rhythm.day}
    # The hour that the clock skips counts as the next.
    skipped = [m for m in here if m.hour != rhythm.hour]
    assert all(m.hour == rhythm.hour + 1 and m.date().month == 3 and m.date().day >= 25 for m in skipped)


def test_the_first_of_the_month_at_six_on_the_wall() -> None:
    rhythm = Monthly(1, 6)
    assert rhythm.last(datetime(2026, 7, 1, 4, tzinfo=UTC)) == datetime(2026, 7, 1, 4, tzinfo=UTC)
    assert rhythm.last(datetime(2026, 7, 1, 3, 59, tzinfo=UTC)) == datetime(2026, 6, 1, 4, tzinfo=UTC)
    assert rhythm.next(datetime(2026, 12, 24, tzinfo=UTC)) == datetime(2027, 1, 1, 5, tzinfo=UTC)
    assert local(rhythm.next(datetime(2026, 12, 24, tzinfo=UTC))).date() == date(2027, 1, 1)


@pytest.mark.parametrize(("day", "hour"), [(0, 6), (29, 6), (31, 6), (1, 24), (1, -1)])
def test_a_day_that_not_every_month_has_is_refused(day: int, hour: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 28"):
        Monthly(day, hour)


def test_a_job_is_due_at_its_rhythm_from_midnight() -> None:
    at = datetime(2026, 11, 24, 9, 7, 31, 5, tzinfo=UTC)
    due = {each.key: each.due(at) for each in JOBS}
    assert due["deliver_mail"] == at.replace(second=30, microsecond=0)
    assert due["remind"] == at.replace(minute=0, second=0, microsecond=0)
    assert due["verify_chain"] == at.replace(hour=0, minute=0, second=0, microsecond=0)
    assert all(each.next(at) > at for each in JOBS)
