"""Taking in a chart of accounts from a file: first what would change, then, on somebody's word, all of it.

What holds is never booked anew otherwise: a rule or the side of an account is not changed under what was booked by it;
a new row begins on a later day, and what held ends the day before. Whatever is not in the file stays as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands.changes import Author, write_down
from portal.interfaces.chart_file import FileRow, rows_of
from portal.models.ledger import ChartEntry
from portal.models.people import Municipality
from portal.queries.chart import row_of
from workflows import posting_keys
from workflows.chart import ACCOUNT, COST_CENTRE, POSTING, TASK, Chart, ChartRow
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

TWICE = Refusal("chart_twice", N_("Another line of the file gives this code from the same day."))
OVERLAPS = Refusal("chart_overlaps", N_("The next row of this code begins before this one ends."))
REWRITTEN = Refusal(
    "chart_rewritten", N_("This holds already and may have been booked by. Give a new row with a later first day.")
)
KEY_UNKNOWN = Refusal("chart_key_unknown", N_("Nothing of this name is ever booked."))
ACCOUNT_UNKNOWN = Refusal("chart_account_unknown", N_("This ledger account does not exist on the first day."))
TASK_UNKNOWN = Refusal("chart_task_unknown", N_("This taakveld does not exist on the first day."))
HAS_PROBLEMS = Refusal("chart_has_problems", N_("Something in the file is wrong, so nothing was taken in."))
CHANGED_SINCE = Refusal(
    "chart_changed_since", N_("Somebody changed the chart since you looked. Look again at what would change.")
)

ONE_DAY = timedelta(days=1)
BOOKED_BY = ("side", "account", "task", "vat")
"""What decides how something is booked: it is not changed once the row holds."""
SAID = ("label", "source", "category")

Key = tuple[str, str]


@dataclass(frozen=True)
class PlannedRow:
    """What would come of a row of the file: `what` is added, changed or same; with `problems` nothing is taken in."""

    number: int
    row: ChartRow
    what: str
    differs: tuple[tuple[str, str, str], ...] = ()
    problems: tuple[tuple[str, Refusal], ...] = ()


@dataclass(frozen=True)
class ChartPlan:
    """What taking in a file would change; `ends` are rows that are not in it and would end."""

    rows: tuple[PlannedRow, ...]
    ends: tuple[ChartRow, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[PlannedRow, ...]:
        return tuple(row for row in self.rows if row.problems)

    def count(self, what: str) -> int:
        """How many rows this becomes of."""
        return sum(row.what == what for row in self.rows)

    @property
    def digest(self) -> str:
        """What was looked at: taking in asks for the same again."""
        seen = [[one.number, str(one.row), one.what, one.differs, len(one.problems)] for one in self.rows]
        return hashlib.sha256(json.dumps([seen, [str(row) for row in self.ends]]).encode()).hexdigest()


def plan_of(session: Session, author: Author, place: Municipality, content: bytes, today: date) -> ChartPlan:
    """What taking in this file would change now. Raises Refused when it cannot be read."""
    author.reaches(place.id)
    rows, unused = rows_of(content)
    return _plan(_entries(session, place), rows, unused, today)


def take_in(
    session: Session, author: Author, place: Municipality, content: bytes, digest: str, at: datetime, today: date
) -> ChartPlan:
    """Take in the whole file, when it would still change what was looked at. Raises Refused."""
    author.reaches(place.id)
    entries = _entries(session, place)
    rows, unused = rows_of(content)
    plan = _plan(entries, rows, unused, today)
    if plan.problems:
        raise Refused(HAS_PROBLEMS)
    if plan.digest != digest:
        raise Refused(CHANGED_SINCE)
    known = {(entry.kind, entry.code, entry.valid_from): entry for entry in entries}
    for row in (*plan.ends, *(one.row for one in plan.rows if one.what != "same")):
        entry = known.get((row.kind, row.code, row.valid_from))
        if entry is None:
            entry = ChartEntry(
                municipality_id=place.id, kind=row.kind, code=row.code, label="", valid_from=row.valid_from, source=""
            )
            session.add(entry)
        entry.valid_to = row.valid_to
        for name in (*SAID, *BOOKED_BY):
            setattr(entry, name, getattr(row, name))
    session.flush()
    counts = {"added": plan.count("added"), "changed": plan.count("changed"), "ended": len(plan.ends)}
    if any(counts.values()):
        write_down(session, author, at, "chart.taken_in", place.name, municipality_id=place.id, new=counts)
    return plan


def _entries(session: Session, place: Municipality) -> list[ChartEntry]:
    query = select(ChartEntry).where(ChartEntry.municipality_id == place.id).order_by(ChartEntry.id)
    return list(session.scalars(query))


def _plan(entries: Iterable[ChartEntry], rows: tuple[FileRow, ...], unused: tuple[str, ...], today: date) -> ChartPlan:
    before = {(one.kind, one.code, one.valid_from): one for one in (row_of(entry) for entry in entries)}
    given: dict[tuple[str, str, date], FileRow] = {}
    twice: set[int] = set()
    for one in rows:
        place = (one.row.kind, one.row.code, one.row.valid_from)
        if one.row.valid_from != date.max and given.setdefault(place, one) is not one:
            twice.add(one.number)
    after, overlapping = _following(before | {place: one.row for place, one in given.items()}, given)
    chart = Chart(row for row in after.values() if row.valid_from != date.max)
    planned = []
    for one in rows:
        place = (one.row.kind, one.row.code, one.row.valid_from)
        row, old = after.get(place, one.row), before.get(place)
        differs = tuple(_differing(old, row)) if old else ()
        wrong = list(one.problems)
        wrong += [("code", TWICE)] if one.number in twice else []
        wrong += [("last", OVERLAPS)] if place in overlapping and one.number not in twice else []
        if old and old.valid_from <= today and {name for name, *_ in differs} & set(BOOKED_BY):
            wrong.append(("first", REWRITTEN))
        if not one.problems:
            wrong += _dangling(row, chart)
        what = "added" if old is None else "changed" if differs else "same"
        planned.append(PlannedRow(one.number, row, what, differs, tuple(wrong)))
    ends = [row for place, row in after.items() if place in before and place not in given and row != before[place]]
    return ChartPlan(tuple(planned), tuple(ends), unused)


def _following(
    rows: Mapping[tuple[str, str, date], ChartRow], given: Mapping[tuple[str, str, date], FileRow]
) -> tuple[dict[tuple[str, str, date], ChartRow], set[tuple[str, str, date]]]:
    """Every row up to the day before the next of its code begins; and those of the file that say they last longer."""
    found: dict[tuple[str, str, date], ChartRow] = {}
    overlapping: set[tuple[str, str, date]] = set()
    places = sorted(rows)
    for index, place in enumerate(places):
        row, following = rows[place], places[index + 1] if index + 1 < len(places) else None
        if following is not None and following[:2] == place[:2]:
            end = following[2] - ONE_DAY
            if row.valid_to is None or row.valid_to > end:
                if place in given and row.valid_to is not None:
                    overlapping.add(place)
                row = replace(row, valid_to=end)
        found[place] = row
    return found, overlapping


def _differing(old: ChartRow, new: ChartRow) -> Iterable[tuple[str, str, str]]:
    for name in (*SAID, *BOOKED_BY, "valid_to"):
        was, becomes = (getattr(row, name) for row in (old, new))
        if was != becomes:
            yield name, str(was or ""), str(becomes or "")


def _dangling(row: ChartRow, chart: Chart) -> Iterable[tuple[str, Refusal]]:
    """What a row names that does not exist when it begins."""
    if row.kind == POSTING:
        if row.code not in posting_keys():
            yield "code", KEY_UNKNOWN
        if chart.at(ACCOUNT, row.account, row.valid_from) is None:
            yield "account", ACCOUNT_UNKNOWN
    if row.kind in (POSTING, COST_CENTRE) and row.task and chart.at(TASK, row.task, row.valid_from) is None:
        yield "task", TASK_UNKNOWN
