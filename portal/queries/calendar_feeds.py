"""What a calendar that subscribes gets: approved leave as events, one's own or that of one's team."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.clock import AMSTERDAM
from portal.db import overlaps
from portal.i18n import gettext
from portal.interfaces.ics import Event
from portal.models.calendar_feeds import CalendarFeed
from portal.models.leave import LeaveEntry
from portal.models.people import Account, Employment, Person
from portal.queries.absence import Away, away, gone, members_of, seen_units
from portal.queries.work_patterns import hours_of
from workflows.absences import Absence, Span, spans
from workflows.parties import N_
from workflows.work_patterns import Part

BACK, AHEAD = timedelta(days=366), timedelta(days=3 * 366)
"""How long ago and how far ahead events are given."""
NOON = timedelta(hours=12, minutes=30)
"""Where a day is cut in halves: hours are known, but not when somebody begins."""
ONE_DAY = timedelta(days=1)
ON_LEAVE = N_("On leave")
ABSENT = N_("%(name)s: absent")


@dataclass(frozen=True)
class Feed:
    """Whose address it is, and whether it is that of their team."""

    person: Person
    team: bool


def feeds_of(session: Session, person_id: int) -> Mapping[bool, CalendarFeed]:
    """The addresses of somebody that work: their own under False, that of their team under True."""
    rows = session.scalars(
        select(CalendarFeed).where(CalendarFeed.person_id == person_id, CalendarFeed.ended_at.is_(None))
    )
    return {row.team: row for row in rows}


def feed_of(session: Session, nonce: str, on: date) -> Feed | None:
    """The feed of an address that works: not of one that was revoked, nor of who left or may not sign in any more."""
    works = exists().where(Employment.person_id == Person.id, overlaps(on, Employment.valid_from, Employment.valid_to))
    signs_in = exists().where(Account.person_id == Person.id, Account.locked_at.is_(None))
    found = session.execute(
        select(Person, CalendarFeed.team)
        .join(CalendarFeed, CalendarFeed.person_id == Person.id)
        .where(CalendarFeed.nonce == nonce, CalendarFeed.ended_at.is_(None), works, signs_in)
    ).first()
    return Feed(found[0], found[1]) if found else None


def own_events(session: Session, person: Person, today: date, host: str) -> list[Event]:
    """Approved leave of a person: whole days taken together by request, half days by the clock."""
    first, last = today - BACK, today + AHEAD
    found = [one for one in away(session, [person.id], first, last) if one.approved]
    worked = hours_of(session, person.id, first, last)

    def idle(day: date) -> bool:
        return not any(one.first <= day <= one.last and one.minutes(day) for one in worked)

    changed = _changed(session, {one.case_id for one in found if one.case_id is not None})
    cases = {one.number: changed.get(one.case_id or 0, one.changed_at) for one in found}
    return [
        _event(span, f"{span.of or 'leave'}-{_place(span)}@{host}", gettext(ON_LEAVE), cases[str(span.of)])
        for span in spans((one.absence for one in found), idle)
    ]


def team_events(session: Session, viewer: Viewer, today: date, host: str) -> list[Event]:
    """When the colleagues in one's own units are away: that they are, and never why."""
    first, last = today - ONE_DAY * 31, today + BACK
    events: dict[str, Event] = {}
    for unit in seen_units(session, viewer, today):
        if not unit.own:
            continue
        members = [one for one in members_of(session, unit.id, first, last) if one.person.id != viewer.person_id]
        found = [one for one in gone(session, [one.person.id for one in members], first, last, today) if one.approved]
        for member in members:
            mine = [one for one in found if one.person_id == member.person.id]
            summary = gettext(ABSENT, name=member.person.name)
            for span in spans((Absence(one.day, one.part) for one in mine), member.idle):
                uid = f"colleague-{member.person.id}-{_place(span)}@{host}"
                events[uid] = _event(span, uid, summary, _latest(mine, span), busy=False)
    return sorted(events.values(), key=lambda event: event.uid)


def _latest(found: Iterable[Away], span: Span) -> datetime:
    return max(one.changed_at for one in found if span.first <= one.day <= span.last)


def _changed(session: Session, cases: Collection[int]) -> Mapping[int, datetime]:
    """When the leave of each of these requests last changed, also by days that are not taken any more."""
    if not cases:
        return {}
    latest = select(LeaveEntry.case_id, func.max(LeaveEntry.recorded_at)).where(LeaveEntry.case_id.in_(cases))
    rows: Sequence[Any] = session.execute(latest.group_by(LeaveEntry.case_id)).all()
    return {row[0]: row[1] for row in rows}


def _place(span: Span) -> str:
    """What tells the absences of one request apart, and stays the same when others of it go."""
    half = "" if span.part is Part.WHOLE else f"-{span.part.value}"
    return f"{span.first:%Y%m%d}{half}"


def _event(span: Span, uid: str, summary: str, changed_at: datetime, *, busy: bool = True) -> Event:
    if span.part is Part.WHOLE:
        return Event(uid, span.first, span.last + ONE_DAY, summary, changed_at, busy=busy)
    noon = datetime(span.first.year, span.first.month, span.first.day, tzinfo=AMSTERDAM) + NOON
    length = timedelta(minutes=span.minutes) or timedelta(hours=4)
    start, end = (noon - length, noon) if span.part is Part.MORNING else (noon, noon + length)
    return Event(uid, start, end, summary, changed_at, busy=busy)
