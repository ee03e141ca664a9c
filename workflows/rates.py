"""Exchange rates as dated data: how many of a currency one euro was on a day, and who says so.

Belongs here: finding the rate of a day. Does not belong here: the rates themselves, which are data, or the converting,
which is in `money.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

LOOKS_BACK = timedelta(days=7)
"""How long a published rate holds for days without one of their own: over a weekend and any run of bank holidays."""


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """One published rate: one euro was `rate` (an exact decimal number) of `currency` on `day`, says `source`."""

    currency: str
    day: date
    rate: str
    source: str

    @property
    def number(self) -> Decimal:
        """The rate as an exact number."""
        return Decimal(self.rate)


class RateBook:
    """The published rates that somebody needs for what they fill in."""

    def __init__(self, rows: Iterable[ExchangeRate] = ()) -> None:
        self._rows = {(row.currency, row.day): row for row in rows}

    def at(self, currency: str, day: date) -> ExchangeRate | None:
        """The rate of this day, or of the last day before it that has one; None when that is too long ago."""
        for back in range(LOOKS_BACK.days + 1):
            if row := self._rows.get((currency, day - timedelta(days=back))):
                return row
        return None


NO_RATES = RateBook()
