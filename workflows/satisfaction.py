"""Whether people are satisfied: of which cases that is asked, for how long, and what may be shown of the answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from workflows.kernel import CaseType
from workflows.money import rounded
from workflows.parties import INITIATOR, Result

SCORES = range(1, 11)
NORM = 7
ASKED_FOR = timedelta(days=60)
"""How long after its end somebody can say what they thought of a case."""
CHANGED_FOR = timedelta(days=14)
"""How long they can change what they said."""
REMARK_LIMIT = 500
FEWEST = 5
"""Fewer answers than this in a period are not shown: they could point at a person."""


def is_asked(case_type: CaseType, result: str | None) -> bool:
    """Whether it is asked of a case that ended so: one that an employee asked for and the SSC saw to, never illness."""
    seen_to = result in (Result.GRANTED.value, Result.REFUSED.value)
    return seen_to and case_type.asked_for and case_type.begun_by is INITIATOR and case_type.absent is None


def may_say(closed_at: datetime | None, said_at: datetime | None, at: datetime) -> bool:
    """Whether somebody can still say it of a case that ended then, or change what they said before."""
    if closed_at is None:
        return False
    return at < (closed_at + ASKED_FOR if said_at is None else said_at + CHANGED_FOR)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said in a period: how many marks, their sum, and how many of them reach the norm."""

    answers: int = 0
    total: int = 0
    content: int = 0
    apart: int = 0
    """How many of the marks are of months with too few to show: the period less its other months is what those say."""

    def __add__(self, other: Said) -> Said:
        return Said(self.answers + other.answers, self.total + other.total, self.content + other.content,
                    self.apart + other.apart)  # fmt: skip

    @property
    def shows(self) -> bool:
        """Whether it can be shown, beside the same by month."""
        return can_show(self.answers) and can_show(self.apart)

    @property
    def mean(self) -> Decimal | None:
        """The mean with one decimal; None when it cannot be shown."""
        return Decimal(rounded(Fraction(self.total * 10, self.answers))) / 10 if self.answers and self.shows else None

    @property
    def percent(self) -> int | None:
        """Which part reaches the norm, rounded down; None when it cannot be shown."""
        return self.content * 100 // self.answers if self.answers and self.shows else None


def can_show(answers: int) -> bool:
    """Whether a figure of so many answers, or of none at all, can be shown."""
    return answers == 0 or answers >= FEWEST


def sum_shows(counts: Iterable[int]) -> bool:
    """Whether the sum of several groups can be shown beside them: what it tells of those that are not is not few."""
    return can_show(sum(count for count in counts if not can_show(count)))
