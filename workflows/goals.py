"""Goals of working together, as SMART statements: each is measured by an indicator, and agreed, reasoned and dated.

Specific: what is said. Measurable: an indicator and the value aimed at. Acceptable: who agreed to it and when.
Realistic: why it can be done. Time-bound: by when. With it the instrument by which it is reached, and how that is
watched. Pure: typed text in, a goal or what is wrong with it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from workflows.fields import Reader
from workflows.filling import Problem
from workflows.parties import N_

LONG = 500
MOST: Mapping[str, Decimal] = {"percent": Decimal(100), "score": Decimal(10), "days": Decimal(365)}
"""The highest value that can be aimed at, by unit; a number has none of its own."""
REQUIRED: Mapping[str, str] = {
    "said": N_("Write what you want to reach."),
    "agreed_by": N_("Write who agreed to it."),
    "realistic": N_("Write why it can be reached."),
    "instrument": N_("Write how you want to reach it."),
    "monitoring": N_("Write how you keep watch over it."),
}


@dataclass(frozen=True)
class Measured:
    """An indicator as far as a goal needs it: what it is called, its unit, and whether more of it is better."""

    key: str
    label: str
    unit: str
    more: bool


@dataclass(frozen=True)
class Statement:
    """A goal as it was agreed."""

    indicator: str
    aimed: Decimal
    said: str
    agreed_by: str
    agreed_on: date
    realistic: str
    due: date
    instrument: str
    monitoring: str


def read(
    typed: Mapping[str, str], known: Mapping[str, Measured], language: str, today: date
) -> tuple[Statement | None, tuple[Problem, ...]]:
    """A goal from what was typed, with all that is wrong."""
    reader = Reader(language)
    texts = {name: reader.text(name, typed.get(name), required=why, limit=LONG) for name, why in REQUIRED.items()}
    measured = known.get(typed.get("indicator", ""))
    if measured is None:
        reader.wrong("indicator", "goal_indicator", N_("Choose by which indicator it is measured."))
    aimed = _aimed(reader, typed.get("aimed", ""), measured.unit if measured else "number")
    agreed_on = reader.day("agreed_on", typed.get("agreed_on"), today=today)
    due = reader.day("due", typed.get("due"), today=today, ahead=True)
    if agreed_on and due and due <= agreed_on:
        reader.wrong("due", "goal_due", N_("This day comes before the goal was agreed."))
    if reader.problems or measured is None or aimed is None or agreed_on is None or due is None:
        return None, tuple(reader.problems)
    return Statement(measured.key, aimed, agreed_on=agreed_on, due=due, **texts), ()


def _aimed(reader: Reader, raw: str, unit: str) -> Decimal | None:
    text = raw.strip().replace(",", ".").removesuffix("%").strip()
    whole, point, part = text.partition(".")
    fits = (
        whole.isascii() and whole.isdigit() and len(whole) <= 6 and (not point or (part.isdigit() and len(part) == 1))
    )
    if not text:
        reader.wrong("aimed", "goal_aimed_empty", N_("Write the value that you aim at."))
    elif not fits or not part.isascii():
        reader.wrong("aimed", "goal_aimed", N_("Write a number with one decimal at most."))
    elif Decimal(text) > MOST.get(unit, Decimal(999_999)):
        reader.wrong("aimed", "goal_aimed_range", N_("Write %(most)s at most."), most=int(MOST.get(unit, 999_999)))
    else:
        return Decimal(text)
    return None


def reached(aimed: Decimal, value: Decimal | None, *, more: bool) -> bool | None:
    """Whether a value is what was aimed at, or better; None when there is no value."""
    return None if value is None else value >= aimed if more else value <= aimed
