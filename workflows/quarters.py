"""Quarters of a year, as people write them: 2026Q3."""

from __future__ import annotations

import re
from datetime import date, timedelta

_QUARTER = re.compile(r"(20[0-9]{2})Q([1-4])")


def is_quarter(text: str) -> bool:
    """Whether this is a quarter, such as 2026Q3."""
    return bool(_QUARTER.fullmatch(text))


def quarter_of(day: date) -> str:
    """The quarter of this day."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def first_day(quarter: str) -> date:
    """Its first day. ValueError when it is no quarter."""
    found = _QUARTER.fullmatch(quarter)
    if found is None:
        raise ValueError("a quarter is written as 2026Q3")
    return date(int(found[1]), int(found[2]) * 3 - 2, 1)


def next_quarter(quarter: str) -> str:
    """The quarter after it."""
    first = first_day(quarter)
    return quarter_of(first + timedelta(days=100))


def last_day(quarter: str) -> date:
    """Its last day. ValueError when it is no quarter."""
    first = first_day(quarter)
    return date(first.year + first.month // 10, (first.month + 2) % 12 + 1, 1) - timedelta(days=1)


def quarter_before(quarter: str) -> str:
    """The quarter before it."""
    return quarter_of(first_day(quarter) - timedelta(days=1))
