"""From what was typed to a sickness: its days alone, and when somebody is absent because of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from workflows.fields import Reader
from workflows.filling import Facts, FillingIn, Problem
from workflows.lots import Spell
from workflows.parties import N_

BACK = 31
"""How many days ago somebody can say that it began; longer ago the SSC helps."""
JOINED_DAYS = 28
"""Ill again within so many days it is the same sickness (Civil Code 7:629, section 10), where nothing was agreed."""
JOINED = "sickness_joined_days"
ONE_DAY = timedelta(days=1)
Content = Mapping[str, Any]


def read(form: Any, filling: FillingIn) -> tuple[Content, tuple[Problem, ...]]:
    """Understand a report. Returns its content (as far as it can be read) and everything wrong with it."""
    reader = Reader(filling.language)
    first = reader.day("first", form.first.data, today=filling.today)
    content: dict[str, Any] = {"first": "", "since": "", "again_of": "", "parts": [], "recovered": ""}
    before = filling.hours.ill
    if first is None:
        return content, tuple(reader.problems)
    content["first"] = content["since"] = first.isoformat()
    if (filling.today - first).days > BACK:
        reader.wrong("first", "sickness_long_ago", N_("This is more than a month ago. Ask the SSC to report it."))
    elif before and before.last is None:
        reader.wrong("first", "sickness_runs", N_("You are reported ill already, in %(number)s."), number=before.number)
    elif before and before.last and first <= before.last:
        reader.wrong(
            "first", "sickness_overlaps", N_("On this day you were ill already, in %(number)s."), number=before.number
        )
    elif before and before.last and (first - before.last - ONE_DAY).days < _joined(filling, first):
        content |= {"since": before.since.isoformat(), "again_of": before.number}
    return content, tuple(reader.problems)


def _joined(filling: FillingIn, day: date) -> int:
    agreed = filling.policies.at(JOINED, day)
    return int(agreed.number) if agreed else JOINED_DAYS


def _day(reader: Reader, field: str, typed: str, after: date) -> date | None:
    """A day after another one. Whether it is too far ahead is asked when the step is taken."""
    try:
        day = date.fromisoformat(typed.strip()) if len(typed.strip()) == 10 else None
    except ValueError:
        day = None
    if not typed.strip():
        reader.wrong(field, "date_empty", N_("Fill in the date."))
    elif day is None:
        reader.wrong(field, "date_format", N_("This is not a date. Write it as 2026-03-31."))
    elif day <= after:
        reader.wrong(field, "sickness_before", N_("This must be after %(day)s."), day=after)
    else:
        return day
    return None


def last_said(content: Content) -> date | None:
    """The last day that was said of it: of its recovery, of a part, or of its beginning."""
    days = [content.get("first", ""), *(day for day, _ in content.get("parts", ())), content.get("recovered", "")]
    return max((date.fromisoformat(day) for day in days if day), default=None)


def partly(content: Content, typed: Mapping[str, str], language: str) -> tuple[Content, tuple[Problem, ...]]:
    """From which day somebody works again for what part."""
    reader = Reader(language)
    day = _day(reader, "partly-day", typed.get("partly-day", ""), last_said(content) or date.min)
    share = reader.quantity(
        "partly-percent", typed.get("partly-percent"), most=99, whole=True, empty=N_("Fill in the percentage.")
    )
    if day is None or share is None:
        return content, tuple(reader.problems)
    return {**content, "parts": [*content["parts"], [day.isoformat(), int(share)]]}, tuple(reader.problems)


def recover(content: Content, typed: Mapping[str, str], language: str) -> tuple[Content, tuple[Problem, ...]]:
    """From which day somebody works all their hours again."""
    reader = Reader(language)
    day = _day(reader, "recover-day", typed.get("recover-day", ""), last_said(content) or date.min)
    return {**content, "recovered": day.isoformat() if day else ""}, tuple(reader.problems)


def absent(content: Content) -> Spell | None:
    """When somebody is wholly absent: until they work a part again, or recover; not known yet is no last day.

    Who works a part takes leave as if they were well, so of those days nothing is given back.
    """
    if not content.get("first"):
        return None
    ends = [day for day, _ in content.get("parts", ())[:1]] + ([content["recovered"]] if content["recovered"] else [])
    last = date.fromisoformat(min(ends)) - ONE_DAY if ends else None
    return Spell(date.fromisoformat(content["first"]), last, since=date.fromisoformat(content["since"]))


def facts_of(content: Content) -> Facts:
    """What lists and calendars read of it: its days, and nothing else. A sickness that runs has no last day."""
    if not content.get("first"):
        return Facts()
    first = date.fromisoformat(content["first"])
    last = date.fromisoformat(content["recovered"]) - ONE_DAY if content.get("recovered") else None
    title = f"{first:%d-%m-%Y}" + (f" – {last:%d-%m-%Y}" if last and last != first else "")
    return Facts(title=title, period_from=first, period_to=last)
