"""Giving leave: each year to everybody who works, by their hours, and what somebody bought.

What is due follows from dated records alone; what the ledger lacks of it is entered. So a run that comes late, or
twice, changes nothing, and hours that are changed later show as a correction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, joinedload

from portal.clock import local_date
from portal.commands.lines import one_at_a_time
from portal.models.leave import LeaveEntry, LeaveLot
from portal.models.people import Employment, Unit
from portal.queries.people import policies_of
from portal.queries.work_patterns import hours_in
from workflows.entitlement import YEARLY, Due, bought_at_most, differences, term_of, yearly
from workflows.kernel import Refusal, Refused
from workflows.lots import BOUGHT
from workflows.parties import N_
from workflows.policies import PolicyBook

OTHER_HOURS = N_("Worked out anew by the hours that are worked")
TOO_MUCH_BOUGHT = Refusal("leave_too_much_bought", N_("At most %(most)s hours can be bought in a year."))
NOTHING_BOUGHT = Refusal("leave_nothing_bought", N_("Fill in how many hours are bought."))

_LotKey = tuple[int, str, int]
BACK = 5
"""How many years back is looked: longer ago even hours above the minimum have prescribed."""


@dataclass(frozen=True)
class Granted:
    """What a run did: for how many people it looked, and how many entries it made."""

    people: int = 0
    entries: int = 0

    def __add__(self, other: Granted) -> Granted:
        return Granted(self.people + other.people, self.entries + other.entries)


def grant_yearly(session: Session, municipality_id: int, at: datetime, persons: Iterable[int] | None = None) -> Granted:
    """Enter what everybody (or these) is given by this employer up to and including next year. Four queries a page."""
    years = range(local_date(at).year - BACK, local_date(at).year + 2)
    employments = _employed(session, municipality_id, years, persons)
    by_person: dict[int, list[Employment]] = {}
    for one in employments:
        by_person.setdefault(one.person_id, []).append(one)
    posted = _posted(session, municipality_id, by_person)
    worked = hours_in(session, employments, date(years[0], 1, 1), date(years[-1], 12, 31))
    policies = policies_of(session, municipality_id)
    missing: list[tuple[int, int, Due]] = []
    for person_id in by_person:
        spells = [spell for one in worked if one.employment.person_id == person_id for spell in one.spells]
        for year in years:
            lacking = differences(yearly(spells, policies, year), posted.get((person_id, year), {}))
            missing += [(person_id, year, due) for due in lacking]
    lots, new = _lots(session, municipality_id, missing, at)
    rows = []
    for person_id, year, due in missing:
        key = (person_id, due.kind, year)
        rows.append(_entry(lots[key], due, key in new, at))
        new.discard(key)
    if rows:
        session.execute(insert(LeaveEntry), rows)
    return Granted(len(by_person), len(rows))


def _lots(session: Session, municipality_id: int, missing: Iterable[tuple[int, int, Due]],
          at: datetime) -> tuple[dict[_LotKey, LeaveLot], set[_LotKey]]:  # fmt: skip
    """The lots to enter these on, by person, kind and year; and which of them are new."""
    wanted = dict.fromkeys((person_id, due.kind, year) for person_id, year, due in missing)
    if not wanted:
        return {}, set()
    known = session.scalars(
        select(LeaveLot).where(
            LeaveLot.municipality_id == municipality_id, LeaveLot.person_id.in_({person for person, _, _ in wanted})
        )
    )
    lots = {(lot.person_id, lot.kind, lot.valid_from.year): lot for lot in known}
    new = [key for key in wanted if key not in lots]
    policies = policies_of(session, municipality_id)
    made = {key: _lot(key[0], municipality_id, key[1], key[2], policies, at) for key in new}
    session.add_all(made.values())
    session.flush()
    return lots | made, set(new)


def _employed(
    session: Session, municipality_id: int, years: range, persons: Iterable[int] | None
) -> Sequence[Employment]:
    query = (
        select(Employment)
        .join(Unit, Unit.id == Employment.unit_id)
        .where(
            Unit.municipality_id == municipality_id,
            Employment.valid_from <= date(years[-1], 12, 31),
            (Employment.valid_to.is_(None)) | (Employment.valid_to >= date(years[0], 1, 1)),
        )
        .options(joinedload(Employment.unit).joinedload(Unit.municipality))
        .order_by(Employment.person_id, Employment.valid_from)
    )
    if persons is not None:
        query = query.where(Employment.person_id.in_(list(persons)))
    return session.scalars(query).all()


def _posted(session: Session, municipality_id: int, persons: Iterable[int]) -> Mapping[tuple[int, int], dict[Any, int]]:
    """What was entered of its own accord, by person and year of the lot, then by kind and day."""
    rows = session.execute(
        select(LeaveLot.person_id, LeaveLot.valid_from, LeaveLot.kind, LeaveEntry.day, func.sum(LeaveEntry.minutes))
        .join(LeaveEntry, LeaveEntry.lot_id == LeaveLot.id)
        .where(
            LeaveLot.municipality_id == municipality_id, LeaveLot.kind.in_(YEARLY), LeaveEntry.by_id.is_(None),
            LeaveEntry.what.in_(("grant", "correct")), LeaveEntry.case_id.is_(None),
            LeaveLot.person_id.in_(list(persons)),
        )
        .group_by(LeaveLot.person_id, LeaveLot.valid_from, LeaveLot.kind, LeaveEntry.day)
    )  # fmt: skip
    found: dict[tuple[int, int], dict[Any, int]] = {}
    for person_id, valid_from, kind, day, minutes in rows:
        found.setdefault((person_id, valid_from.year), {})[kind, day] = int(minutes)
    return found


def _entry(lot: LeaveLot, due: Due, first: bool, at: datetime) -> dict[str, Any]:
    """A grant is what comes first in a lot; whatever changes it later is a correction."""
    given = first and due.minutes > 0
    return {
        "person_id": lot.person_id, "municipality_id": lot.municipality_id, "lot_id": lot.id, "kind": due.kind,
        "what": "grant" if given else "correct", "minutes": due.minutes, "day": due.day, "part": "whole",
        "occasion": None, "recorded_at": at, "case_id": None, "by_id": None, "second_id": None,
        "reason": "" if given else OTHER_HOURS,
    }  # fmt: skip


def lot_for(session: Session, person_id: int, municipality_id: int, kind: str, year: int,
            at: datetime) -> tuple[LeaveLot, bool]:  # fmt: skip
    """The lot of a kind and a year, and whether it is new: its term is frozen when it is made."""
    first = date(year, 1, 1)
    found = session.scalars(
        select(LeaveLot).where(
            LeaveLot.person_id == person_id, LeaveLot.municipality_id == municipality_id, LeaveLot.kind == kind,
            LeaveLot.valid_from == first,
        )
    ).first()  # fmt: skip
    if found is not None:
        return found, False
    new = _lot(person_id, municipality_id, kind, year, policies_of(session, municipality_id), at)
    session.add(new)
    session.flush()
    return new, True


def _lot(person_id: int, municipality_id: int, kind: str, year: int, policies: PolicyBook, at: datetime) -> LeaveLot:
    term = term_of(kind, policies, year)
    return LeaveLot(
        person_id=person_id, municipality_id=municipality_id, kind=kind, valid_from=date(year, 1, 1),
        last_day=term.last_day, ends_as=term.ends_as, source=term.source, created_at=at,
    )  # fmt: skip


def buy(session: Session, person_id: int, municipality_id: int, year: int, minutes: int, at: datetime) -> LeaveEntry:
    """Enter hours that somebody bought for a year, up to what was agreed for all of them together."""
    if minutes <= 0:
        raise Refused(NOTHING_BOUGHT)
    one_at_a_time(session, person_id)
    expect_may_be_bought(session, person_id, municipality_id, year, minutes)
    lot, _ = lot_for(session, person_id, municipality_id, BOUGHT, year, at)
    entry = LeaveEntry(
        person_id=person_id, municipality_id=municipality_id, lot_id=lot.id, kind=BOUGHT, what="grant",
        minutes=minutes, day=max(date(year, 1, 1), local_date(at)), recorded_at=at,
    )  # fmt: skip
    session.add(entry)
    session.flush()
    return entry


def expect_may_be_bought(session: Session, person_id: int, municipality_id: int, year: int, minutes: int) -> None:
    """Refuse when what somebody bought for a year would come above what was agreed for it."""
    most = bought_at_most(policies_of(session, municipality_id), year)
    had = session.scalar(
        select(func.coalesce(func.sum(LeaveEntry.minutes), 0))
        .join(LeaveLot, LeaveLot.id == LeaveEntry.lot_id)
        .where(
            LeaveLot.person_id == person_id, LeaveLot.municipality_id == municipality_id, LeaveLot.kind == BOUGHT,
            LeaveLot.valid_from == date(year, 1, 1), LeaveEntry.what.in_(("grant", "correct")),
        )
    )  # fmt: skip
    if int(had or 0) + minutes > most:
        raise Refused(Refusal(TOO_MUCH_BOUGHT.code, TOO_MUCH_BOUGHT.sentence, {"most_minutes": most}))
