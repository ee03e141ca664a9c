"""Days that somebody is away, and how people say that: from when to when. Pure.

Days follow each other when nothing is worked between them, so two weeks are one absence and not ten days.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from workflows.work_patterns import Part

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Absence:
    """(A part of) one day that somebody is away. Only absences of the same `of` are taken together."""

    day: date
    part: Part
    approved: bool = True
    of: Hashable = None
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days from the first up to and including the last, or a part of one day."""

    first: date
    last: date
    part: Part
    approved: bool
    of: Hashable
    minutes: int


def spans(absences: Iterable[Absence], idle: Callable[[date], bool]) -> list[Span]:
    """Absences taken together where they follow each other; `idle` is whether nothing is worked on a day."""
    found: list[Span] = []
    running: dict[tuple[bool, Hashable], int] = {}
    for one in sorted(absences, key=lambda one: (one.day, one.part is not Part.MORNING, str(one.of))):
        key = (one.approved, one.of)
        place = running.get(key)
        if one.part is Part.WHOLE and place is not None and _follows(found[place], one.day, idle):
            found[place] = replace(found[place], last=one.day, minutes=found[place].minutes + one.minutes)
            continue
        found.append(Span(one.day, one.day, one.part, one.approved, one.of, one.minutes))
        if one.part is Part.WHOLE:
            running[key] = len(found) - 1
        else:
            running.pop(key, None)
    return found


def _follows(span: Span, day: date, idle: Callable[[date], bool]) -> bool:
    between = span.last + ONE_DAY
    while between < day and idle(between):
        between += ONE_DAY
    return between == day
