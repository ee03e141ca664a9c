"""Hours: what people type is read as whole minutes, and written so that it is read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.commands.helpers import refused
from workflows.hours import hours_text, read_hours
from workflows.kernel import Refused


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("7,2", 432), ("7.20", 432), ("7:12", 432), ("8", 480), ("", 0), (" 0,5 ", 30), ("0:07", 7), ("3,05", 183)],
)
def test_hours_are_read(typed: str, minutes: int) -> None:
    assert read_hours(typed) == minutes


@pytest.mark.parametrize("typed", ["zeven", "7:60", "7,01", "-1", "7,222", "7 12", "1e3", "٧"])
def test_what_are_no_whole_minutes_is_refused(typed: str) -> None:
    assert refused(lambda: read_hours(typed)) == {"hours_wrong"}


@given(st.integers(0, 100_000), st.booleans())
def test_what_is_written_is_read_back(minutes: int, comma: bool) -> None:
    assert read_hours(hours_text(minutes, decimal_comma=comma)) == minutes


@given(st.text(max_size=10))
def test_any_text_is_read_or_refused(typed: str) -> None:
    try:
        found = read_hours(typed)
    except Refused:
        assert refused(lambda: read_hours(typed)) == {"hours_wrong"}
    else:
        assert found >= 0


def test_less_than_nothing_is_written_with_a_minus() -> None:
    assert [hours_text(minutes) for minutes in (-432, -433, 0)] == ["-7,2", "-7:13", "0"]
    assert hours_text(432, decimal_comma=False) == "7.2"
