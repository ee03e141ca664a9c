"""What a municipality has in the portal of what it handed in when it joined: people, balances of leave, open items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.db import overlaps
from portal.models.leave import LeaveEntry, LeaveLot
from portal.models.passages import OpeningItem
from portal.models.people import Employment, Unit

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where file and portal say something else: about what, and both amounts or texts; empty where it is not there."""

    what: str
    in_file: str
    in_portal: str


@dataclass(frozen=True, slots=True)
class Report:
    """File and portal side by side. Sums are minutes or cents, and nothing for people."""

    file_count: int
    portal_count: int
    file_sum: int
    portal_sum: int
    differences: tuple[Difference, ...]


def employed_on(session: Session, municipality_id: int, day: date) -> Mapping[str, Employment]:
    """Who works there on a day, by personnel number."""
    query = (
        select(Employment).join(Unit, Unit.id == Employment.unit_id)
        .where(Unit.municipality_id == municipality_id, overlaps(day, Employment.valid_from, Employment.valid_to))
        .options(joinedload(Employment.person), joinedload(Employment.unit)).order_by(Employment.id)
    )  # fmt: skip
    return {one.personnel_number: one for one in session.scalars(query)}


def lots_with_balance(
    session: Session, municipality_id: int, year: int
) -> Mapping[tuple[int, str, int], tuple[LeaveLot, int]]:
    """Every lot of this year and before with what is left of it, by person, kind and year."""
    query = (
        select(LeaveLot, func.coalesce(func.sum(LeaveEntry.minutes), 0))
        .outerjoin(LeaveEntry, LeaveEntry.lot_id == LeaveLot.id)
        .where(LeaveLot.municipality_id == municipality_id, LeaveLot.valid_from <= date(year, 12, 31))
        .group_by(LeaveLot.id).order_by(LeaveLot.id)
    )  # fmt: skip
    return {
        (lot.person_id, lot.kind, lot.valid_from.year): (lot, int(minutes)) for lot, minutes in session.execute(query)
    }


def open_items(session: Session, municipality_id: int) -> Sequence[OpeningItem]:
    """All that was open when the municipality began."""
    return session.scalars(
        select(OpeningItem).where(OpeningItem.municipality_id == municipality_id).order_by(OpeningItem.id)
    ).all()


def compared(file: Mapping[Key, int], portal: Mapping[Key, int], said: Mapping[Key, str],
             words: Mapping[int, str]) -> Report:  # fmt: skip
    """Two lists of amounts held against each other, line by line. `said` names each key, `words` each amount."""
    differences = [
        Difference(said[key], words[file[key]] if key in file else "", words[portal[key]] if key in portal else "")
        for key in sorted(file.keys() | portal.keys())
        if file.get(key) != portal.get(key)
    ]
    return Report(len(file), len(portal), sum(file.values()), sum(portal.values()), tuple(differences))
