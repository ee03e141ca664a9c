"""From what was typed to the leave that is asked for: which days, what each of them costs, and from which lots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from workflows.fields import Reader
from workflows.filling import Facts, FillingIn, Problem
from workflows.leave_kinds import BALANCE, KINDS, Agreed, agreed
from workflows.lots import (
    LOT_KINDS,
    Hours,
    Limit,
    Schedule,
    Taking,
    burn,
    clashes,
    costs_of,
    months_later,
    usable,
    within,
)
from workflows.parties import N_
from workflows.work_patterns import Part

LONGEST = 366
"""Days; a longer absence is asked for in parts."""
BACK = 31
"""How many days ago leave can begin: who forgot it asks soon, and its hours are not settled yet."""
AHEAD = 2
"""How many years ahead leave can be asked for."""


def _part(text: str | None) -> Part:
    return next((part for part in Part if part.value == text), Part.WHOLE)


def _period(reader: Reader, form: Any, today: date) -> tuple[date | None, date | None]:
    first = reader.day("first", form.first.data, today=today, ahead=True)
    # Without a last day it is one day: what is wrong with that day is said once.
    last = reader.day("last", form.last.data, today=today, ahead=True) if form.last.data else first
    if first is None or last is None:
        return first, last
    if last < first:
        reader.wrong("last", "period_backwards", N_("The last day lies before the first."))
    elif (last - first).days >= LONGEST:
        reader.wrong("last", "period_too_long", N_("Ask for a year at most."))
    elif (today - first).days > BACK:
        reader.wrong(
            "first", "leave_long_ago", N_("Leave can begin a month ago at most. Ask the SSC what is possible.")
        )
    elif last.year > today.year + AHEAD:
        reader.wrong("last", "date_too_far", N_("This date is too far ahead."))
    else:
        return first, last
    return None, None


def _kind(reader: Reader, typed: str, filling: FillingIn, day: date) -> tuple[str, Agreed | None]:
    if typed == BALANCE:
        return typed, None
    found = agreed(filling.policies, typed, day) if typed in KINDS else None
    if found is None:
        reader.wrong("kind", "leave_kind", N_("Choose one of the kinds of leave from the list."))
    return typed if found else "", found


def _occasion(reader: Reader, form: Any, filling: FillingIn, rule: Agreed | None, last: date | None) -> date | None:
    if rule is None or not rule.occasion:
        return None
    day = reader.day("occasion", form.occasion.data, today=filling.today, ahead=True)
    if day and last and rule.within and last > months_later(day, rule.within):
        reader.wrong(
            "occasion", "leave_after_term", N_("This leave is taken within %(months)s months of that day."),
            months=rule.within,
        )  # fmt: skip
        return None
    return day


def _judge(reader: Reader, taking: Taking, hours: Hours) -> None:
    """What is wrong with the days themselves, each beside its field."""
    if not taking.costs:
        reader.wrong("first", "leave_no_hours", N_("On these days you do not work, so they cost no leave."))
        return
    if other := next(clashes(taking.costs, hours.absences), None):
        reader.wrong(
            "first", "leave_overlaps", N_("On %(day)s leave was asked for already, in %(number)s."),
            day=other.day, number=other.number,
        )  # fmt: skip
        return
    if taking.burns:
        short = burn(taking.costs, hours.lots, taking.burns).short
        free = usable(hours.lots, taking.costs[0].day, taking.costs[-1].day, taking.burns)
        if short:
            reader.wrong(
                "last", "leave_too_little",
                N_("This takes %(asked)s hours, but %(usable)s hours can be used on these days."),
                asked_minutes=taking.minutes, usable_minutes=free,
            )  # fmt: skip
    elif taking.limit and (over := within(taking.limit, taking, hours.absences)):
        reader.wrong(
            "last", "leave_beyond_limit", N_("This is %(over)s hours more than this kind of leave allows."),
            over_minutes=over,
        )  # fmt: skip


def read(form: Any, filling: FillingIn) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """Understand a filled-in request. Returns its content (as far as it can be read) and everything wrong with it."""
    reader = Reader(filling.language)
    first, last = _period(reader, form, filling.today)
    kind, rule = _kind(reader, form.kind.data or BALANCE, filling, first or filling.today)
    occasion = _occasion(reader, form, filling, rule, last)
    content: dict[str, Any] = {
        "kind": kind,
        "from": first.isoformat() if first else "",
        "to": last.isoformat() if last else "",
        "from_part": _part(form.first_part.data).value,
        "to_part": _part(form.last_part.data).value,
        "occasion": occasion.isoformat() if occasion else "",
        "note": reader.text("note", form.note.data),
        "minutes": 0,
        "days": [],
        "burns": [],
    }
    if rule and rule.document and not filling.documents.get(DOCUMENT_LINE):
        reader.wrong("lines-0-receipt", "leave_document", N_("This leave needs a document. Add it."))
    if rule and first:
        content |= _agreed(rule, filling.hours, first)
    if first and last and kind:
        taking = takes(content, filling.hours.worked)
        if not reader.problems:
            _judge(reader, taking, filling.hours)
        content |= _costs(taking, filling.hours)
    return content, tuple(reader.problems)


def _agreed(rule: Agreed, hours: Hours, day: date) -> Mapping[str, Any]:
    """What was agreed about a kind, frozen on the request that was judged by it."""
    limit = rule.limit(hours.weekly(day))
    found: dict[str, Any] = {"paid": rule.paid, "document": rule.document, "source": rule.source}
    if limit is not None:
        found["limit"] = {
            "minutes": limit.minutes, "kinds": list(limit.kinds), "months": limit.months, "occasion": limit.occasion,
        }  # fmt: skip
    return found


def _costs(taking: Taking, hours: Hours) -> Mapping[str, Any]:
    """What it takes of each day, and from which lots; of each lot what is left then."""
    days = [[cost.day.isoformat(), cost.minutes, cost.part.value] for cost in taking.costs]
    burned = burn(taking.costs, hours.lots, taking.burns)
    taken = burned.by_lot()
    burns = [
        {"kind": lot.kind, "last_day": lot.last_day.isoformat(), "minutes": taken[lot.id], "left": lot.left}
        for lot in burned.lots
        if lot.id in taken
    ]
    # What lapses before the last of these days is not left then, and what is given later is not there yet.
    then = [lot.left for lot in burned.lots if taking.costs and lot.holds(taking.costs[-1].day)]
    return {"minutes": taking.minutes, "days": days, "burns": burns, "left": sum(then) if taking.burns else None}


def takes(content: Mapping[str, Any], worked: Schedule) -> Taking:
    """What leave a request takes, by the hours that are worked on its days."""
    first, last = date.fromisoformat(content["from"]), date.fromisoformat(content["to"])
    costs = costs_of(first, last, _part(content["from_part"]), _part(content["to_part"]), worked)
    occasion = date.fromisoformat(content["occasion"]) if content["occasion"] else None
    held = content.get("limit")
    limit = Limit(held["minutes"], tuple(held["kinds"]), held["months"], held["occasion"]) if held else None
    burns = tuple(LOT_KINDS) if content["kind"] == BALANCE else ()
    return Taking(content["kind"], costs, burns, occasion, limit)


def facts_of(content: Mapping[str, Any]) -> Facts:
    """What lists and calendars read of a request for leave: when, and never which leave."""
    first, last = content.get("from"), content.get("to")
    return Facts(
        title=" – ".join(
            dict.fromkeys(f"{day:%d-%m-%Y}" for day in map(date.fromisoformat, filter(None, (first, last))))
        ),
        period_from=date.fromisoformat(first) if first else None,
        period_to=date.fromisoformat(last) if last else None,
    )


def documents_of(content: Mapping[str, Any]) -> Mapping[str, str]:
    """The document that a kind of leave cannot do without, if it needs one."""
    return {DOCUMENT_LINE: N_("a document for this leave")} if content.get("document") else {}


DOCUMENT_LINE = "leave"
"""The line to which the document of a request belongs."""


def days_of(content: Mapping[str, Any]) -> Iterable[tuple[date, int, Part]]:
    """The days that a request takes, with the minutes and the part of each."""
    return ((date.fromisoformat(day), minutes, Part(part)) for day, minutes, part in content.get("days", ()))
