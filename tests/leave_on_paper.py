"""Leave as somebody would keep it on paper: minute by minute, without a ledger. What the ledger is held against."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

FIRST = date(2026, 12, 14)
HORIZON = 40
"""How many days of requests there are: over Christmas and New Year."""
NATIONAL = {date(2026, 12, 25), date(2027, 1, 1)}
"""The public holidays in those days that fall on a working day; the second day of Christmas is a Saturday."""


@dataclass
class Naive:
    """The ledger as somebody would keep it on paper: of each lot how many minutes are left, and who holds which."""

    week: tuple[int, ...]
    left: dict[tuple[str, int], int]
    closed: set[date] = field(default_factory=set)
    held: dict[int, list[tuple[date, str, tuple[str, int], int]]] = field(default_factory=dict)
    """By request: day, part, lot, minutes."""

    def ends(self, lot: tuple[str, int]) -> date:
        return date(lot[1] + 1, 12, 31) if lot[0] == "statutory" else date(lot[1] + 5, 12, 31)

    def works(self, day: date, part: str) -> int:
        if day in self.closed or day in NATIONAL:
            return 0
        minutes = self.week[day.weekday()]
        return {"whole": minutes, "morning": (minutes + 1) // 2, "afternoon": minutes // 2}[part]

    def days(self, first: date, last: date, part: str) -> list[tuple[date, str, int]]:
        found = []
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            of = part if day == first else "whole"
            if minutes := self.works(day, of):
                found.append((day, of, minutes))
        return found

    def take(self, key: int, first: date, last: date, part: str) -> str:
        """Hold the minutes of a request, one by one; says why when it cannot be."""
        days = self.days(first, last, part)
        if not days:
            return "leave_no_hours"
        for other, shares in self.held.items():
            for day, of, _, _ in shares:
                for mine, asked_part, _ in days:
                    if other != key and day == mine and ("whole" in (of, asked_part) or of == asked_part):
                        return "leave_overlaps"
        left = dict(self.left)
        shares: dict[tuple[date, str, tuple[str, int]], int] = {}
        for day, of, minutes in days:
            for _ in range(minutes):
                able = [lot for lot in left if left[lot] > 0 and date(lot[1], 1, 1) <= day <= self.ends(lot)]
                if not able:
                    return "leave_too_little"
                lot = min(able, key=lambda one: (self.ends(one), one[0] != "statutory", one[1]))
                left[lot] -= 1
                shares[day, of, lot] = shares.get((day, of, lot), 0) + 1
        self.left = left
        self.held[key] = [(day, of, lot, minutes) for (day, of, lot), minutes in shares.items()]
        return ""

    def let_go(self, key: int) -> None:
        for _, _, lot, minutes in self.held.pop(key):
            self.left[lot] += minutes

    def give_back(self, key: int, days: set[date]) -> None:
        """These days of a request are not taken: their minutes go back to where they came from."""
        for day, _, lot, minutes in self.held[key]:
            self.left[lot] += minutes if day in days else 0
        self.held[key] = [share for share in self.held[key] if share[0] not in days]

    def lapse(self, at: date) -> None:
        """What is left of lots that ended before this day is gone; what waits is held, so it is not left."""
        self.left = {lot: 0 if self.ends(lot) < at else minutes for lot, minutes in self.left.items()}

    def decide(self, key: int, first: date, last: date, part: str) -> str:
        """Approve: what is held stands, if its days still cost the same; else it is taken anew."""
        now = {(day, of): minutes for day, of, minutes in self.days(first, last, part)}
        held: dict[tuple[date, str], int] = {}
        for day, of, _, minutes in self.held[key]:
            held[day, of] = held.get((day, of), 0) + minutes
        if now == held:
            return ""
        before, mine = dict(self.left), self.held[key]
        self.let_go(key)
        if why := self.take(key, first, last, part):
            self.left, self.held[key] = before, mine
        return why
