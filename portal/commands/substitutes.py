"""Arranging who decides while one is away: naming a substitute, changing that, and taking it back.

What follows for the requests that are open is in `rerouting.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.access import Role
from portal.commands.changes import FIRST_DAY, LAST_DAY, OWN_RIGHTS, Author, because, write_down
from portal.models.people import Employment, ManagerRelation, Mandate, Person, RoleGrant, Substitution, Unit
from portal.queries.people import employments_of
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

SUBSTITUTE_SELF = Refusal("substitute_self", N_("You cannot stand in for yourself. Choose somebody else."))
SUBSTITUTE_UNKNOWN = Refusal("substitute_unknown", N_("Choose a colleague from the list."))
SUBSTITUTE_PERIOD = Refusal("substitute_period", N_("The last day must be on or after the first day."))
SUBSTITUTE_PAST = Refusal("substitute_past", N_("This period is already over."))
SUBSTITUTE_CIRCLE = Refusal(
    "substitute_circle",
    N_("This colleague is away too then, and what they get would come back to you. Choose somebody else."),
)
SUBSTITUTE_PAYS = Refusal(
    "substitute_pays",
    N_("This colleague pays what you approve, and nobody does both. Choose somebody else."),
)
SUBSTITUTE_NOT_THERE = Refusal(
    "substitute_not_there",
    N_("This colleague does not work here on %(day)s. Choose somebody else, or other days."),
)
SUBSTITUTE_NOWHERE = Refusal(
    "substitute_nowhere",
    N_("This colleague is away too then, and on %(day)s nobody who may decide stands in for them. Choose another."),
)
SUBSTITUTION_GONE = Refusal("substitution_gone", N_("This substitution is over or was taken back already."))

ONE_DAY = timedelta(days=1)
Spell = tuple[date, date | None]


@dataclass(frozen=True)
class Arrangement:
    """Who stands in for whom, from the first day up to and with the last."""

    absent: int
    substitute: int
    first: date
    last: date


def stand_in(session: Session, absent: int, substitute: int, first: date, last: date, today: date) -> Substitution:
    """Let somebody decide in one's place for a time. Raises Refused on circles, dead ends and impossible periods."""
    _judge(session, Arrangement(absent, substitute, first, last), today)
    new = Substitution(absent_id=absent, substitute_id=substitute, valid_from=first, valid_to=last)
    session.add(new)
    return new


def change_substitution(session: Session, substitution_id: int, wanted: Arrangement, today: date) -> None:
    """Change a substitution of one's own. What was, up to yesterday, stays on record."""
    found = _own(session, wanted.absent, substitution_id, today)
    anew = found.valid_from < today and (found.substitute_id, found.valid_from) != (wanted.substitute, wanted.first)
    if anew:
        wanted = replace(wanted, first=max(wanted.first, today))
    _judge(session, wanted, today, but=found.id)
    if anew:
        found.valid_to = today - ONE_DAY
        session.add(Substitution(absent_id=wanted.absent, substitute_id=wanted.substitute, valid_from=wanted.first,
                                 valid_to=wanted.last))  # fmt: skip
    else:
        found.substitute_id, found.valid_from, found.valid_to = wanted.substitute, wanted.first, wanted.last
        found.from_leave = False  # Arranged by hand from now on: leave that changes changes it no more.


def end_substitution(session: Session, absent: int, substitution_id: int, today: date) -> None:
    """Take back a substitution of one's own, from today on. Taking back what is not there changes nothing."""
    found = session.get(Substitution, substitution_id)
    if found is None or found.absent_id != absent or found.valid_to < today:
        return
    if found.valid_from >= today:
        session.delete(found)
    else:
        found.valid_to = today - ONE_DAY


def arrange_for(session: Session, author: Author, absent: Person, substitute: Person, first: date | None,
                last: date | None, reason: str, at: datetime, today: date) -> Substitution:  # fmt: skip
    """Name a substitute for somebody who cannot do it, as who fell ill. Nobody names themselves."""
    if author.person_id in (absent.id, substitute.id):
        raise Refused(OWN_RIGHTS)
    if first is None:
        raise Refused(FIRST_DAY)
    if last is None:
        raise Refused(LAST_DAY)
    why = because(reason)
    new = stand_in(session, absent.id, substitute.id, first, last, today)
    write_down(
        session, author, at, "substitution.named", absent.name, person_id=absent.id,
        municipality_id=_place(session, author, absent),
        new={"substitute": substitute.name, "valid_from": first, "valid_to": last}, reason=why,
    )  # fmt: skip
    return new


def take_back_for(session: Session, author: Author, absent: Person, substitution_id: int, at: datetime,
                  today: date) -> None:  # fmt: skip
    """Take back a substitution of somebody else's, from today on."""
    found = session.get(Substitution, substitution_id)
    if found is None or found.absent_id != absent.id or found.valid_to < today:
        return
    substitute, last = session.get_one(Person, found.substitute_id), found.valid_to
    end_substitution(session, absent.id, substitution_id, today)
    write_down(
        session, author, at, "substitution.ended", absent.name, person_id=absent.id,
        municipality_id=_place(session, author, absent), old={"substitute": substitute.name, "valid_to": last},
        new={"substitute": "", "valid_to": today - ONE_DAY},
    )  # fmt: skip


def _place(session: Session, author: Author, absent: Person) -> int | None:
    """The municipality, within the author's work, in whose log it stands."""
    there = [one.unit.municipality_id for one in employments_of(session, absent.id)]
    return next((place for place in there if author.places is None or place in author.places), None)


def _own(session: Session, absent: int, substitution_id: int, today: date) -> Substitution:
    found = session.get(Substitution, substitution_id)
    if found is None or found.absent_id != absent or found.valid_to < today:
        raise Refused(SUBSTITUTION_GONE)
    return found


def _judge(session: Session, wanted: Arrangement, today: date, but: int | None = None) -> None:
    """Raise Refused when this arrangement cannot be; `but` is the one it comes in place of."""
    if wanted.absent == wanted.substitute:
        raise Refused(SUBSTITUTE_SELF)
    if session.get(Person, wanted.substitute) is None:
        raise Refused(SUBSTITUTE_UNKNOWN)
    if wanted.last < wanted.first:
        raise Refused(SUBSTITUTE_PERIOD)
    if wanted.last < today:
        raise Refused(SUBSTITUTE_PAST)
    meet = select(Substitution).where(
        Substitution.valid_from <= wanted.last, Substitution.valid_to >= wanted.first, Substitution.id != (but or 0)
    )
    rows = session.scalars(meet).all()
    circle = _first_day(wanted, _starts(rows), lambda day: wanted.absent in _reached(rows, wanted.substitute, day)[0])
    if circle is not None:
        raise Refused(SUBSTITUTE_CIRCLE)
    if _payers(session, {wanted.substitute}, wanted):
        raise Refused(SUBSTITUTE_PAYS)
    _expect_somebody(session, wanted, rows)


def _starts(rows: Sequence[Substitution]) -> set[date]:
    """A circle, where there is one, is there already on the first day of one of its rows."""
    return {row.valid_from for row in rows}


def _first_day(wanted: Arrangement, days: Collection[date], wrong: Callable[[date], bool]) -> date | None:
    """The first day of the period on which something is wrong, of those on which anything can change."""
    looked_at = sorted({wanted.first, *(day for day in days if wanted.first <= day <= wanted.last)})
    return next((day for day in looked_at if wrong(day)), None)


def _reached(rows: Sequence[Substitution], start: int, day: date) -> tuple[set[int], set[int]]:
    """Everybody who on this day stands in for somebody, step by step; and of those who is not away themselves."""
    pairs: dict[int, set[int]] = {}
    for row in rows:
        if row.valid_from <= day <= row.valid_to:
            pairs.setdefault(row.absent_id, set()).add(row.substitute_id)
    reached, front = {start}, {start}
    while front:
        front = {who for one in front for who in pairs.get(one, ())} - reached
        reached |= front
    return reached, {who for who in reached if who not in pairs}


def _expect_somebody(session: Session, wanted: Arrangement, rows: Sequence[Substitution]) -> None:
    """Refuse what leads nowhere: on every day somebody who works here must be at the end of it."""
    everybody = {wanted.substitute, *(row.substitute_id for row in rows)}
    spells = _spells(session, everybody)
    payers = _payers(session, everybody, wanted)
    ends = {last + ONE_DAY for known in spells.values() for _, last in known if last is not None}
    days = _starts(rows) | {row.valid_to + ONE_DAY for row in rows} | ends
    gone = _first_day(wanted, days, lambda day: not _works(spells, wanted.substitute, day))
    if gone is not None:
        raise Refused(Refusal(SUBSTITUTE_NOT_THERE.code, SUBSTITUTE_NOT_THERE.sentence, {"day": gone}))

    def leads_nowhere(day: date) -> bool:
        _, there = _reached(rows, wanted.substitute, day)
        return not any(_works(spells, who, day) and who not in payers for who in there)

    nowhere = _first_day(wanted, days, leads_nowhere)
    if nowhere is not None:
        raise Refused(Refusal(SUBSTITUTE_NOWHERE.code, SUBSTITUTE_NOWHERE.sentence, {"day": nowhere}))


def _works(spells: dict[int, list[Spell]], who: int, day: date) -> bool:
    return any(first <= day and (last is None or day <= last) for first, last in spells.get(who, ()))


def _spells(session: Session, persons: set[int]) -> dict[int, list[Spell]]:
    found: dict[int, list[Spell]] = {}
    rows = select(Employment.person_id, Employment.valid_from, Employment.valid_to)
    for who, first, last in session.execute(rows.where(Employment.person_id.in_(persons))):
        found.setdefault(who, []).append((first, last))
    return found


def _payers(session: Session, persons: set[int], wanted: Arrangement) -> set[int]:
    """Which of these people pay, on a day of this period, for a municipality in which the absent one decides."""
    mandates = select(Mandate.municipality_id).where(Mandate.person_id == wanted.absent)
    leads = (
        select(Unit.municipality_id)
        .join(ManagerRelation, ManagerRelation.unit_id == Unit.id)
        .where(ManagerRelation.manager_id == wanted.absent)
    )
    there = RoleGrant.municipality_id
    return set(
        session.scalars(
            select(RoleGrant.person_id).where(
                RoleGrant.person_id.in_(persons),
                RoleGrant.role == Role.TREASURER.value,
                RoleGrant.valid_from <= wanted.last,
                or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to >= wanted.first),
                or_(there.is_(None), there.in_(mandates), there.in_(leads)),
            )
        )
    )
