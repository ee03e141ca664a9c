"""How many cases each choice of each filter of the queue would give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.models.cases import Case, CaseFlag
from portal.queries.queue import (
    AGES,
    ANY,
    FREE,
    ME,
    SUSPENDED,
    TAKEN,
    URGENT_FIRST,
    QueueFilter,
    Shape,
    filtered,
    of_age,
    shape_of,
    values_of,
)

FACET_CAP = 2000
"""How many cases are looked at to count what each choice of a filter would give."""


@dataclass(frozen=True)
class Facets:
    """How many cases each choice of each filter would give, the other filters as they are.

    Of a long queue the FACET_CAP most urgent are counted; then `more` is true and every number is "at least".
    """

    size: int
    more: bool
    municipality: Mapping[int, int]
    type: Mapping[str, int]
    age: Mapping[str, int]
    assignee: Mapping[str, int]
    flag: Mapping[str, int]


@dataclass(frozen=True)
class _Cell:
    """How many cases are alike in everything they are filtered by."""

    municipality_id: int
    type: str
    assignee_id: int | None
    ages: frozenset[str]
    count: int

    def fits(self, wanted: QueueFilter, me: int) -> bool:
        return (
            wanted.municipality_id in (None, self.municipality_id)
            and wanted.type in (None, self.type)
            and wanted.assignee in self.holders(me)
            and (not wanted.age or wanted.age in self.ages)
        )

    def values(self, key: str, me: int) -> frozenset[Any]:
        """Which choices of one filter find this."""
        match key:
            case "assignee":
                return self.holders(me)
            case "age":
                return self.ages
            case _:
                return frozenset((getattr(self, key),))

    def holders(self, me: int) -> frozenset[str]:
        """By which words of the filter on whom it is with this is found."""
        if self.assignee_id is None:
            return frozenset((ANY, FREE))
        return frozenset((ANY, TAKEN, str(self.assignee_id), *((ME,) if self.assignee_id == me else ())))


def facets(session: Session, viewer: Viewer, wanted: QueueFilter, at: datetime) -> Facets:
    """Count what each choice would give. Two statements: one for the flags, of which a case can have several."""
    cells = _cells(session, viewer, wanted, at)
    flags = _flags(session, viewer, replace(wanted, flag=""), at)
    me = viewer.person_id
    narrowed = wanted.age == SUSPENDED
    if narrowed:
        wanted = replace(wanted, age="")

    def count(key: str, free: QueueFilter) -> dict[Any, int]:
        found: dict[Any, int] = {}
        for cell in cells:
            if cell.fits(free, me):
                for one in cell.values(key, me):
                    found[one] = found.get(one, 0) + cell.count
        return found

    total = sum(cell.count for cell in cells)
    return Facets(
        size=sum(cell.count for cell in cells if cell.fits(wanted, me)),
        more=total >= FACET_CAP,
        municipality=count("municipality_id", replace(wanted, municipality_id=None)),
        type=count("type", replace(wanted, type=None)),
        # Among what stands still nothing is known of the rest.
        age={} if narrowed else count("age", replace(wanted, age="")),
        assignee=count("assignee", replace(wanted, assignee=ANY)),
        flag=flags,
    )


COUNTED_AGES = ("late", "soon", *AGES)


@lru_cache(maxsize=1024)
def _cells_of(shape: Shape) -> Select[Any]:
    ages = [of_age(age).label(age) for age in COUNTED_AGES]
    columns = (Case.municipality_id, Case.type, Case.assignee_id, *ages)
    rows = select(*columns).where(filtered(shape)).order_by(*URGENT_FIRST).limit(FACET_CAP).subquery()
    return select(*rows.c, func.count()).group_by(*rows.c)


def _cells(session: Session, viewer: Viewer, wanted: QueueFilter, at: datetime) -> list[_Cell]:
    """The queue counted by everything it can be filtered by at once. Only the text, the flag and whether a clock stands
    still narrow it first."""
    loose = QueueFilter(text=wanted.text, flag=wanted.flag, age=wanted.age if wanted.age == SUSPENDED else "")
    found = session.connection().execute(_cells_of(shape_of(viewer, loose)), values_of(viewer, loose, at))
    return [
        _Cell(
            row[0],
            row[1],
            row[2],
            frozenset(age for age, holds in zip(COUNTED_AGES, row[3:], strict=False) if holds),
            row[-1],
        )
        for row in found
    ]


@lru_cache(maxsize=1024)
def _flags_of(shape: Shape) -> Select[str, int]:
    ids = select(Case.id).where(filtered(shape)).order_by(*URGENT_FIRST).limit(FACET_CAP).subquery()
    return (
        select(CaseFlag.code, func.count(CaseFlag.case_id.distinct()))
        .join(ids, ids.c.id == CaseFlag.case_id)
        .where(CaseFlag.settled_at.is_(None))
        .group_by(CaseFlag.code)
    )


def _flags(session: Session, viewer: Viewer, wanted: QueueFilter, at: datetime) -> dict[str, int]:
    found = session.connection().execute(_flags_of(shape_of(viewer, wanted)), values_of(viewer, wanted, at))
    return {row[0]: row[1] for row in found}
