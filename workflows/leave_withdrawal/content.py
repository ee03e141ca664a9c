"""From what was ticked to the days of a leave that are not taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from workflows.fields import Reader
from workflows.filling import Facts, FillingIn, Problem
from workflows.lots import Booked, Hours
from workflows.parties import N_

WEEKEND = 3
"""Days from a Friday to the Monday after it."""


def _by_day(booked: Iterable[Booked]) -> dict[str, list[Any]]:
    """What stands of the leave, by day: the minutes and the part."""
    found: dict[str, list[Any]] = {}
    for one in booked:
        day = found.setdefault(one.day.isoformat(), [0, one.part.value])
        day[0] += one.minutes
    return found


def begins(hours: Hours, today: date) -> Mapping[str, str]:
    """A form that begins with the one day that is still to come; of more days one says which, or that it is all."""
    coming = _coming(hours.booked, today)
    return {f"day-{day}": "y" for day in coming} if len(coming) == 1 else {}


def _coming(booked: Iterable[Booked], today: date) -> list[str]:
    return [day for day in _by_day(booked) if day > today.isoformat()]


def read(form: Any, filling: FillingIn) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """Understand a filled-in withdrawal. Returns its content, as far as it can be read, and what is wrong with it."""
    reader = Reader(filling.language)
    standing = _by_day(filling.hours.booked)
    chosen = [day for day in form.days.data if day in standing]
    if form.all.data:
        chosen = sorted({*chosen, *(_coming(filling.hours.booked, filling.today) or standing)})
    if unknown := [day for day in form.days.data if day not in standing]:
        reader.wrong(
            "days", "leave_day_not_booked",
            N_("Of %(day)s nothing is booked any more. Choose from the days that are listed."), day=_day(unknown[0]),
        )  # fmt: skip
    elif not chosen:
        reader.wrong("days", "leave_days_chosen", N_("Choose at least one day."))
    days = [[day, *standing[day]] for day in chosen]
    content = {
        "days": days,
        "minutes": sum(minutes for _, minutes, _ in days),
        "standing": [[day, *of] for day, of in standing.items()],
        "note": reader.text("note", form.note.data),
        "because": "",
    }
    return content, tuple(reader.problems)


def _day(text: str) -> date | str:
    """The day that was ticked; as it was sent where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def gives_back(content: Mapping[str, Any]) -> frozenset[date]:
    """The days that are not taken."""
    return frozenset(date.fromisoformat(day) for day, _, _ in content.get("days", ()))


def stretches(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days that follow each other, or with a weekend between, as first and last; the rest apart."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        apart = (day - found[-1][1]).days if found else 0
        if apart == 1 or (apart == WEEKEND and day.weekday() == 0):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def facts_of(content: Mapping[str, Any]) -> Facts:
    """What lists read of it: which days."""
    days = gives_back(content)
    said = [" – ".join(dict.fromkeys(f"{day:%d-%m-%Y}" for day in one)) for one in stretches(days)]
    return Facts(title=", ".join(said), period_from=min(days, default=None), period_to=max(days, default=None))


def proposed(booked: Iterable[Booked], because: str) -> Mapping[str, Any]:
    """What the portal proposes to give back of a leave, and why."""
    days = [[day, *of] for day, of in _by_day(booked).items()]
    return {
        "days": days, "minutes": sum(minutes for _, minutes, _ in days), "standing": days, "note": "",
        "because": because,
    }  # fmt: skip
