"""Days away are said as people say them: two weeks are one absence, a day worked between them makes it two."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workflows.absences import Absence, Span, spans
from workflows.work_patterns import Part

MONDAY = date(2026, 11, 23)


def weekend(day: date) -> bool:
    return day.weekday() > 4


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def whole(*numbers: int, of: Any = "A", approved: bool = True) -> list[Absence]:
    return [Absence(day(number), Part.WHOLE, approved, of, 432) for number in numbers]


def test_days_follow_each_other_over_a_weekend_and_not_over_a_day_that_is_worked() -> None:
    found = spans(whole(0, 1, 2, 3, 4, 7, 8, 10), weekend)
    assert [(one.first, one.last, one.minutes) for one in found] == [
        (day(0), day(8), 7 * 432), (day(10), day(10), 432),
    ]  # fmt: skip


def test_half_a_day_stands_alone_and_two_requests_are_two_absences() -> None:
    half = Absence(day(2), Part.AFTERNOON, True, "A", 216)
    found = spans([*whole(0, 1, 3), half, *whole(4, of="B")], weekend)
    assert [(one.first, one.last, one.part, one.of) for one in found] == [
        (day(0), day(1), Part.WHOLE, "A"), (day(2), day(2), Part.AFTERNOON, "A"), (day(3), day(3), Part.WHOLE, "A"),
        (day(4), day(4), Part.WHOLE, "B"),
    ]  # fmt: skip


def test_what_waits_is_not_taken_together_with_what_was_approved() -> None:
    found = spans([*whole(0), *whole(1, approved=False), *whole(2)], weekend)
    assert [(one.first, one.approved) for one in found] == [(day(0), True), (day(1), False), (day(2), True)]


one_absence = st.builds(
    Absence, st.integers(0, 20).map(day), st.sampled_from(Part), st.booleans(), st.sampled_from("AB"), st.just(60)
)


@given(st.lists(one_absence, max_size=15, unique_by=lambda one: (one.day, one.part, one.of, one.approved)))
def test_every_day_away_is_in_just_one_span_and_no_day_that_is_worked(absences: list[Absence]) -> None:
    found: list[Span] = spans(absences, weekend)
    assert sum(one.minutes for one in found) == 60 * len(absences)
    said = {(one.day, one.part, one.approved, one.of) for one in absences}
    told = []
    for span in found:
        inside = span.first
        while inside <= span.last:
            if (inside, span.part, span.approved, span.of) in said:
                told.append((inside, span.part, span.approved, span.of))
            else:
                assert weekend(inside), "a day in a span is away, or nothing is worked"
            inside += timedelta(days=1)
    assert sorted(told, key=str) == sorted(said, key=str)
