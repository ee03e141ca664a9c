"""Whom a request for leave meets: who else of the unit is away on its days, and on which too few would be there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, String, bindparam, case, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from portal.models.cases import Case
from portal.models.leave import LeaveEntry
from portal.models.occupancy import MinimumOccupancy
from portal.models.people import Employment, Municipality, Person
from portal.models.work_patterns import EmploymentPattern, PatternDay
from portal.queries.absence import BOOKED, KNOWN_FOR, WAITING
from portal.queries.people import policies_of
from portal.queries.sickness import ABSENT, STANDS, spell_of
from portal.queries.work_patterns import chained, free_days
from workflows.absences import Absence, Span, spans
from workflows.occupancy import Colleague, Minimum, Shortage, chain, shortages
from workflows.work_patterns import Part, WorkPattern, agreed_patterns, days_between, filled, minutes_on


@dataclass(frozen=True)
class Meets:
    """A colleague who is away, or asked to be, on some of the days."""

    name: str
    spans: Sequence[Span]


@dataclass(frozen=True)
class Beside:
    """Who else is away on the days of a request, and where fewer would be there than there should be."""

    days: int
    colleagues: int
    away: Sequence[Meets]
    short: Sequence[Shortage]


Days = Sequence[tuple[date, Part]]

_UNIT: Any = bindparam("unit")
_FIRST: Any = bindparam("first")
_LAST: Any = bindparam("last")
_NO_DAY, _NO_WORD, _NO_NUMBER = cast(null(), Date), literal(""), literal(0)
_THERE = (
    (Employment.unit_id == _UNIT)
    & (Employment.valid_from <= _LAST)
    & (Employment.valid_to.is_(None) | (Employment.valid_to >= _FIRST))
)
_TAKEN, _ASKED = (
    cast(func.sum(case((LeaveEntry.what.in_(what), LeaveEntry.minutes), else_=0)), BigInteger)
    for what in (BOOKED, WAITING)
)
TEAM: Any = union_all(
    select(
        literal("member").label("what"), Employment.id.label("one"), Employment.person_id.label("two"),
        Person.given_name.label("word"), Person.family_name.label("name"), Employment.job_title.label("title"),
        Employment.valid_from.label("since"), Employment.valid_to.label("until"), _NO_NUMBER.label("three"),
        _NO_NUMBER.label("four"), _NO_NUMBER.label("five"),
    )
    .join(Person, Person.id == Employment.person_id)
    .where(_THERE),
    select(
        literal("pattern"), EmploymentPattern.id, EmploymentPattern.employment_id, _NO_WORD, _NO_WORD, _NO_WORD,
        EmploymentPattern.valid_from, EmploymentPattern.anchor, EmploymentPattern.weeks, PatternDay.day,
        PatternDay.minutes,
    )
    .join(Employment, Employment.id == EmploymentPattern.employment_id)
    .outerjoin(PatternDay, PatternDay.pattern_id == EmploymentPattern.id)
    .where(_THERE),
    select(
        literal("minimum"), MinimumOccupancy.people, _NO_NUMBER, _NO_WORD, _NO_WORD, MinimumOccupancy.job_title,
        MinimumOccupancy.valid_from, _NO_DAY, _NO_NUMBER, _NO_NUMBER, _NO_NUMBER,
    ).where(MinimumOccupancy.unit_id == _UNIT),
    select(
        literal("away"), LeaveEntry.person_id, func.coalesce(LeaveEntry.case_id, 0), LeaveEntry.part, _NO_WORD,
        _NO_WORD, LeaveEntry.day, _NO_DAY, _TAKEN, _ASKED, _NO_NUMBER,
    )
    .where(
        LeaveEntry.person_id.in_(select(Employment.person_id).where(_THERE)), LeaveEntry.day >= _FIRST,
        LeaveEntry.day <= _LAST, LeaveEntry.what.in_(BOOKED + WAITING),
    )
    .group_by(LeaveEntry.person_id, LeaveEntry.case_id, LeaveEntry.part, LeaveEntry.day),
    select(
        literal("ill"), Case.initiator_id, Case.id, Case.type, cast(Case.content, String), _NO_WORD, Case.period_from,
        Case.period_to, _NO_NUMBER, _NO_NUMBER, _NO_NUMBER,
    ).where(
        Case.initiator_id.in_(select(Employment.person_id).where(_THERE)), Case.type.in_(ABSENT),
        Case.number.is_not(None), STANDS, Case.period_from <= _LAST,
        Case.period_to.is_(None) | (Case.period_to >= _FIRST),
    ),
)  # fmt: skip
"""Everything about a unit in some days in one statement: it stands on pages that ask much already."""


@dataclass(frozen=True)
class _Member:
    person: int
    name: str
    colleague: Colleague


def beside(session: Session, municipality: Municipality, *, unit_id: int, person_id: int, case_id: int, days: Days,
           waiting: bool, today: date) -> Beside:  # fmt: skip
    """What a request for these days meets. With `waiting` also what colleagues asked for and waits: for who decides.

    Of what waits nothing is counted: it may never be approved. One query, and the agreements of the municipality.
    """
    first, last = days[0][0], days[-1][0]
    found: dict[str, list[Any]] = {"member": [], "pattern": [], "minimum": [], "away": [], "ill": []}
    for row in session.connection().execute(TEAM, {"unit": unit_id, "first": first, "last": last}):
        found[row[0]].append(row)
    members = _members(session, municipality, found["member"], found["pattern"], first, last)
    away = [
        (row.one, Absence(row.since, Part(row.word), int(row.three) < 0))
        for row in found["away"]
        if (row.three < 0 or row.four < 0) and row.two != case_id
    ]
    away += _ill(found["ill"], first, last, today)
    asked = sorted({day for day, _ in days})
    meets = [
        Meets(one.name, together)
        for one in members
        if one.person != person_id and (together := _spans(one, away, asked, waiting))
    ]
    gone: dict[tuple[int, date], list[Part]] = {}
    for who, absence in away:
        if absence.approved:
            gone.setdefault((who, absence.day), []).append(absence.part)
    for day, part in days:
        gone.setdefault((person_id, day), []).append(part)
    minimums = chain(Minimum(row.title, row.one, row.since, None) for row in found["minimum"])
    others = sum(one.person != person_id for one in members)
    return Beside(len(asked), others, meets, shortages(asked, minimums, [one.colleague for one in members], gone))


def _members(session: Session, municipality: Municipality, rows: Sequence[Any], patterns: Sequence[Any], first: date,
             last: date) -> list[_Member]:  # fmt: skip
    """Everybody of the unit by name, with the days on which they work there in one employment or another."""
    ordered = sorted(patterns, key=lambda row: (row.two, row.since, row.one))
    own = chained((row.one, row.two, row.since, row.three, row.until, row.four, row.five) for row in ordered)
    policies, free = policies_of(session, municipality.id), free_days(municipality)
    worked: dict[int, list[WorkPattern]] = {}
    titles: dict[int, Any] = {}
    for row in sorted(rows, key=lambda row: (row.name, row.word, row.two, row.since)):
        begins, ends = max(first, row.since), min(last, row.until or last)
        agreed = agreed_patterns(policies, begins, ends)
        worked.setdefault(row.two, []).extend(filled(own.get(row.one, ()), agreed, begins, ends))
        titles[row.two] = row

    def works(those: Sequence[WorkPattern]) -> Callable[[date], bool]:
        return lambda day: day not in free and any(minutes_on([one], day) for one in those)

    return [
        _Member(who, f"{row.word} {row.name}", Colleague(who, row.title, works(worked[who])))
        for who, row in titles.items()
    ]


def _ill(rows: Sequence[Any], first: date, last: date, today: date) -> Iterator[tuple[int, Absence]]:
    """The days of absence that is no leave, as those of leave: which of the two is not told."""
    for row in rows:
        spell = spell_of(row.word, json.loads(row.name))
        if spell is not None:
            ends = min(last, spell.last or today + KNOWN_FOR)
            yield from ((row.one, Absence(day, Part.WHOLE)) for day in days_between(max(first, spell.first), ends))


def _spans(member: _Member, away: Sequence[tuple[int, Absence]], asked: Sequence[date], waiting: bool) -> list[Span]:
    mine = (
        absence
        for who, absence in away
        if who == member.person and absence.day in asked and (absence.approved or waiting)
    )
    return spans(mine, lambda day: day not in asked or not member.colleague.works(day))
