"""Somebody's leave as a bank statement: what each lot holds, what waits, and what was booked with the balance then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.access import Viewer
from portal.models.cases import Case
from portal.models.leave import LeaveEntry, LeaveLot, LeaveRead
from portal.models.people import Employment, Municipality, Person
from portal.queries.leave import balances
from portal.queries.people import WHERE, WHO
from workflows.lots import Lot

PAGE = 25
WAITING = ("reserve", "release")
Key = tuple[date, int]
"""Of a line of the statement: its last day and its last entry."""


@dataclass(frozen=True)
class Line:
    """One booking: what happened, over which days, how many minutes, and what the balance was after it."""

    what: str
    kind: str
    first: date
    last: date
    minutes: int
    balance: int
    number: str
    reason: str
    year: int | None
    """Of a grant or a correction: the year of the lot."""


@dataclass(frozen=True)
class Statement:
    """A page of it, and the key of the next page."""

    lines: Sequence[Line]
    after: str | None


# What was entered together for one case is one line; without a case each entry of a lot and a day is.
_TOGETHER = (
    LeaveEntry.case_id, LeaveEntry.what, LeaveEntry.recorded_at, LeaveEntry.reason,
    case((LeaveEntry.case_id.is_(None), LeaveEntry.lot_id)), case((LeaveEntry.case_id.is_(None), LeaveEntry.day)),
)  # fmt: skip
_OF_EMPLOYER = and_(LeaveEntry.person_id == WHO, LeaveEntry.municipality_id == WHERE)
_LAST, _KEY = func.max(LeaveEntry.day), func.max(LeaveEntry.id)


def _lines() -> Any:
    return (
        select(
            LeaveEntry.what.label("what"), func.min(LeaveEntry.kind).label("kind"),
            func.min(LeaveEntry.day).label("first"), _LAST.label("last"), func.sum(LeaveEntry.minutes).label("minutes"),
            Case.number.label("number"), LeaveEntry.reason.label("reason"), _KEY.label("key"),
            func.min(LeaveLot.valid_from).label("of"), LeaveEntry.case_id.label("case_id"),
        )
        .join(LeaveLot, LeaveLot.id == LeaveEntry.lot_id)
        .outerjoin(Case, Case.id == LeaveEntry.case_id)
        .where(_OF_EMPLOYER, LeaveEntry.what.not_in(WAITING), LeaveEntry.lot_id.is_not(None))
        .group_by(*_TOGETHER, Case.number)
        .subquery()
    )  # fmt: skip


_BOOKED = _lines()
# The balance after the first line of a page is the sum of that line and of all below it.
NEWEST = (
    select(_BOOKED, func.sum(_BOOKED.c.minutes).over().label("balance"))
    .order_by(_BOOKED.c.last.desc(), _BOOKED.c.key.desc())
    .limit(bindparam("most", type_=Integer()))
)
OLDER = NEWEST.where(
    or_(
        _BOOKED.c.last < bindparam("last"),
        and_(_BOOKED.c.last == bindparam("last"), _BOOKED.c.key < bindparam("key")),
    )
)


def statement(session: Session, person_id: int, municipality_id: int, after: Key | None = None,
              limit: int = PAGE) -> Statement:  # fmt: skip
    """What was booked on the lots of one employer, the last day first. One query, whatever its length."""
    asked: dict[str, Any] = {"who": person_id, "where": municipality_id, "most": limit + 1}
    if after is not None:
        asked |= {"last": after[0], "key": after[1]}
    rows: Any = session.connection().execute(NEWEST if after is None else OLDER, asked).all()
    balance = int(rows[0].balance) if rows else 0
    found: list[Line] = []
    for row in rows[:limit]:
        found.append(_line(row, balance))
        balance -= int(row.minutes)
    last = rows[limit - 1] if len(rows) > limit else None
    return Statement(found, f"{last.last.isoformat()}.{last.key}" if last else None)


def _line(row: Any, balance: int) -> Line:
    of = None if row.case_id else row.of.year
    return Line(row.what, row.kind, row.first, row.last, int(row.minutes), balance, row.number or "", row.reason, of)


def key_of(text: str) -> Key | None:
    """The key of a page as it stands in an address; None when it is none."""
    day, _, number = text.partition(".")
    try:
        return date.fromisoformat(day), int(number[:18])
    except ValueError:
        return None


@dataclass(frozen=True)
class Waiting:
    """A request that waits, with what it holds in reserve."""

    number: str
    title: str
    minutes: int


_HELD = func.sum(LeaveEntry.minutes)
IN_RESERVE = (
    select(Case.number, Case.title, _HELD)
    .join(LeaveEntry, LeaveEntry.case_id == Case.id)
    .where(_OF_EMPLOYER, LeaveEntry.what.in_(WAITING), LeaveEntry.lot_id.is_not(None))
    .group_by(Case.id)
    .having(_HELD < 0)
    .order_by(func.min(LeaveEntry.day), Case.id)
)


def waiting(session: Session, person_id: int, municipality_id: int) -> Sequence[Waiting]:
    """What requests that wait hold in reserve, the earliest day first."""
    rows: Any = session.connection().execute(IN_RESERVE, {"who": person_id, "where": municipality_id})
    return [Waiting(row[0] or "", row[1], -int(row[2])) for row in rows]


@dataclass(frozen=True)
class Standing:
    """A lot with what is booked on it, also for days to come, and what is held in reserve of that."""

    lot: LeaveLot
    booked: int
    reserved: int

    @property
    def free(self) -> int:
        return self.booked - self.reserved


_RESERVED = case((LeaveEntry.what.in_(WAITING), LeaveEntry.minutes), else_=0)
STANDING = (
    select(
        LeaveLot,
        func.coalesce(func.sum(LeaveEntry.minutes - _RESERVED), 0),
        func.coalesce(func.sum(_RESERVED), 0),
    )
    .outerjoin(LeaveEntry, LeaveEntry.lot_id == LeaveLot.id)
    .where(LeaveLot.person_id == WHO, LeaveLot.municipality_id == WHERE)
    .group_by(LeaveLot.id)
    .order_by(LeaveLot.last_day, LeaveLot.id)
)


def standing(session: Session, person_id: int, municipality_id: int) -> Sequence[Standing]:
    """Every lot of one employer with what is left of it, the first to end first; one query."""
    rows = session.execute(STANDING, {"who": person_id, "where": municipality_id})
    return [Standing(row[0], int(row[1]), -int(row[2])) for row in rows]


_TAKEN = func.sum(LeaveEntry.minutes)
COUNTED = (
    select(LeaveEntry.kind, _TAKEN)
    .where(_OF_EMPLOYER, LeaveEntry.lot_id.is_(None), LeaveEntry.day.between(bindparam("first"), bindparam("last")))
    .group_by(LeaveEntry.kind)
    .having(_TAKEN < 0)
    .order_by(LeaveEntry.kind)
)


def counted(session: Session, person_id: int, municipality_id: int, year: int) -> Mapping[str, int]:
    """How much was taken in a year of each kind that comes from no lot, requests that wait included."""
    asked = {"who": person_id, "where": municipality_id, "first": date(year, 1, 1), "last": date(year, 12, 31)}
    rows: Any = session.connection().execute(COUNTED, asked)
    return {row[0]: -int(row[1]) for row in rows}


def in_use(session: Session, person_id: int, today: date) -> Sequence[Lot]:
    """What is left of the lots, of every employer, that can be used today; the first to end first. One query."""
    left = func.coalesce(func.sum(LeaveEntry.minutes), 0)
    rows = session.execute(
        select(LeaveLot.id, LeaveLot.kind, LeaveLot.valid_from, LeaveLot.last_day, left)
        .outerjoin(LeaveEntry, LeaveEntry.lot_id == LeaveLot.id)
        .where(LeaveLot.person_id == person_id, LeaveLot.valid_from <= today, LeaveLot.last_day >= today)
        .group_by(LeaveLot.id)
        .order_by(LeaveLot.last_day, LeaveLot.id)
    )
    return [Lot(row[0], row[1], row[2], row[3], int(row[4])) for row in rows]


LOOKED = (
    select(LeaveRead)
    .where(LeaveRead.about_id == WHO)
    .options(joinedload(LeaveRead.person))
    .order_by(LeaveRead.id.desc())
    .limit(bindparam("most", type_=Integer()))
)


def looked(session: Session, person_id: int, limit: int = 10) -> Sequence[LeaveRead]:
    """Who looked at somebody's leave lately, the last first."""
    return session.scalars(LOOKED, {"who": person_id, "most": limit}).all()


def looked_on(session: Session, viewer: Viewer, person_id: int, day: date) -> bool:
    """Whether this reading is on record for the day already."""
    return (
        session.scalar(
            select(LeaveRead.id).where(
                LeaveRead.about_id == person_id, LeaveRead.person_id == viewer.person_id, LeaveRead.day == day
            )
        )
        is not None
    )


def employers(session: Session, person_id: int) -> Sequence[Municipality]:
    """The employers that gave somebody leave, by name."""
    theirs = select(LeaveLot.municipality_id).where(LeaveLot.person_id == person_id)
    return session.scalars(select(Municipality).where(Municipality.id.in_(theirs)).order_by(Municipality.name)).all()


def persons_named(session: Session, text: str) -> Sequence[Person]:
    """Everybody with this mail address or personnel number."""
    numbered = select(Employment.person_id).where(Employment.personnel_number == text)
    query = select(Person).where(or_(Person.email == text.lower(), Person.id.in_(numbered))).order_by(Person.id)
    return session.scalars(query).all()


def lots_then(session: Session, person_id: int, on: date, known: datetime) -> list[dict[str, Any]]:
    """What every lot of somebody held on a day, as known at a moment, as plain values."""
    names = {one.id: one.name for one in employers(session, person_id)}
    return [
        {
            "employer": names[one.lot.municipality_id], "kind": one.lot.kind,
            "valid_from": one.lot.valid_from.isoformat(), "last_day": one.lot.last_day.isoformat(),
            "ends_as": one.lot.ends_as, "source": one.lot.source,
            "booked_minutes": one.booked, "reserved_minutes": one.reserved, "free_minutes": one.free,
        }
        for one in balances(session, person_id, on, known)
    ]  # fmt: skip


def entries_then(session: Session, person_id: int, on: date, known: datetime) -> list[dict[str, Any]]:
    """Every entry up to a day, as known at a moment, in the order of their days, with the balance after each.

    What is in reserve counts in no balance; kinds that come from no lot have none.
    """
    rows = session.execute(
        select(LeaveEntry, Case.number)
        .outerjoin(Case, Case.id == LeaveEntry.case_id)
        .where(LeaveEntry.person_id == person_id, LeaveEntry.day <= on, LeaveEntry.recorded_at <= known)
        .order_by(LeaveEntry.day, LeaveEntry.id)
    )
    found: list[dict[str, Any]] = []
    balance: dict[int, int] = {}
    names = {one.id: one.name for one in employers(session, person_id)}
    for entry, number in rows:
        where = entry.municipality_id
        if entry.lot_id is not None and entry.what not in WAITING:
            balance[where] = balance.get(where, 0) + entry.minutes
        found.append(
            {
                "day": entry.day.isoformat(), "part": entry.part, "recorded_at": entry.recorded_at.isoformat(),
                "what": entry.what, "kind": entry.kind, "minutes": entry.minutes, "case": number,
                "employer": names.get(where, ""), "reason": entry.reason, "balance_minutes": balance.get(where, 0),
            }
        )  # fmt: skip
    return found
