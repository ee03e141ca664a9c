"""Quarters of a year by which is settled, as they are written there: 2026Q3."""

from __future__ import annotations

import re
from datetime import date

from workflows.periods import Period, parsed, shifted
from workflows.periods import quarter_of as period_of

_QUARTER = re.compile(r"20[0-9]{2}Q[1-4]")


def is_quarter(text: str) -> bool:
    """Whether this is a quarter, such as 2026Q3."""
    return bool(_QUARTER.fullmatch(text))


def _period(quarter: str) -> Period:
    found = parsed(quarter) if is_quarter(quarter) else None
    if found is None:
        raise ValueError("a quarter is written as 2026Q3")
    return found


def quarter_of(day: date) -> str:
    """The quarter of this day."""
    return period_of(day).name.replace("-", "")


def first_day(quarter: str) -> date:
    """Its first day. ValueError when it is no quarter."""
    return _period(quarter).first


def last_day(quarter: str) -> date:
    """Its last day. ValueError when it is no quarter."""
    return _period(quarter).last


def next_quarter(quarter: str) -> str:
    """The quarter after it."""
    return quarter_of(shifted(first_day(quarter), 3))


def quarter_before(quarter: str) -> str:
    """The quarter before it."""
    return quarter_of(shifted(first_day(quarter), -3))
