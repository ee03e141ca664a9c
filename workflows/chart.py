"""A chart of accounts as dated data: accounts, cost centres and taakvelden (Iv3) of a municipality, and what is booked
on which of them.

Belongs here: looking up what holds on a day. Does not belong here: what follows from a case, which is in `bookings.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from workflows.parties import N_

ACCOUNT, COST_CENTRE, TASK, POSTING = "account", "cost_centre", "task", "posting"
KINDS: Mapping[str, str] = {
    ACCOUNT: N_("Ledger account"), COST_CENTRE: N_("Cost centre"), TASK: N_("Task field"), POSTING: N_("Posting rule"),
}  # fmt: skip
BALANCE, RESULT = "balance", "result"
SIDES: Mapping[str, str] = {BALANCE: N_("Balance sheet"), RESULT: N_("Profit and loss")}
AS_COST, RECLAIMED = "cost", "bcf"
VAT: Mapping[str, str] = {AS_COST: N_("Part of the cost"), RECLAIMED: N_("Reclaimed (BCF)")}
"""What becomes of the VAT in a cost: it is a cost too, or is booked apart, to be reclaimed from the VAT fund."""


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One row of a chart, from when to when (last day included), and where that is laid down.

    For an account: on which `side` it stands, and its Iv3 `category`. For a cost centre: the taakveld of its costs,
    when it has one. For a posting rule: the account and taakveld on which `code` is booked, and what its `vat` is.
    """

    kind: str
    code: str
    label: str
    valid_from: date
    valid_to: date | None
    source: str
    side: str = ""
    category: str = ""
    account: str = ""
    task: str = ""
    vat: str = ""

    def holds(self, day: date) -> bool:
        """Whether it is in force on this day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Chart:
    """All that one municipality's chart says, on any day."""

    def __init__(self, rows: Iterable[ChartRow]) -> None:
        self._rows: dict[tuple[str, str], list[ChartRow]] = {}
        for row in sorted(rows, key=lambda one: one.valid_from):
            self._rows.setdefault((row.kind, row.code), []).append(row)

    def at(self, kind: str, code: str, day: date) -> ChartRow | None:
        """What holds under this code on a day: the latest begun."""
        return next((row for row in reversed(self._rows.get((kind, code), ())) if row.holds(day)), None)

    def on(self, kind: str, day: date) -> tuple[ChartRow, ...]:
        """All of a kind that hold on a day, by code."""
        found = (self.at(kind, code, day) for of, code in sorted(self._rows) if of == kind)
        return tuple(row for row in found if row is not None)

    def of(self, kind: str) -> tuple[ChartRow, ...]:
        """All of a kind, whenever they hold, by code."""
        return tuple(row for key in sorted(self._rows) if key[0] == kind for row in self._rows[key])

    def __bool__(self) -> bool:
        return bool(self._rows)
