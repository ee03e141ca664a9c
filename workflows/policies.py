"""Policies as dated data: what a municipality agreed, from when to when, and where it is written.

Belongs here: reading them on a day. Does not belong here: what they say, which is data, or what follows from them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One dated policy: a value, from when to when (last day included), where it is written, and whose it is."""

    key: str
    value: str
    valid_from: date
    valid_to: date | None
    source: str
    own: bool = False
    article: str = ""

    @property
    def number(self) -> Decimal:
        """The value as an exact number: cents for amounts, cents per unit for rates, days for terms."""
        return Decimal(self.value)

    @property
    def record(self) -> Any:
        """The value of a RECORD: what its JSON says."""
        return json.loads(self.value)


class PolicyBook:
    """The dated policies that hold for one municipality."""

    def __init__(self, rows: tuple[PolicyRow, ...]) -> None:
        self._by_key: dict[str, list[PolicyRow]] = {}
        for row in sorted(rows, key=lambda r: (r.own, r.valid_from)):
            self._by_key.setdefault(row.key, []).append(row)

    def at(self, key: str, day: date) -> PolicyRow | None:
        """The row of `key` in force on `day`: the municipality's own, then the latest begun; None without any."""
        for row in reversed(self._by_key.get(key, ())):
            if row.valid_from <= day and (row.valid_to is None or day <= row.valid_to):
                return row
        return None

    def number(self, key: str, day: date, default: int = 0) -> Decimal:
        """The value in force on `day` as a number, or `default` when nothing was agreed."""
        row = self.at(key, day)
        return row.number if row else Decimal(default)

    def spells(self, key: str, first: date, last: date) -> list[tuple[date, date, PolicyRow | None]]:
        """What holds in a period, day by day in order: from, up to and including, and the row in force then."""
        if first > last:
            return []
        rows, one_day = self._by_key.get(key, ()), timedelta(days=1)
        starts = {first, *(row.valid_from for row in rows), *(row.valid_to + one_day for row in rows if row.valid_to)}
        begins = sorted(day for day in starts if first <= day <= last)
        ends = [*(day - one_day for day in begins[1:]), last]
        return [(begin, end, self.at(key, begin)) for begin, end in zip(begins, ends, strict=True)]
