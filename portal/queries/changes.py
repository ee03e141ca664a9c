"""The log of administration as it is looked at: filtered, page by page, and whole for a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import Session, joinedload

from portal.clock import AMSTERDAM
from portal.models.changes import Change

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """Which changes: of a kind (the part before the point), about a text, of a person, within days (last included)."""

    kind: str = ""
    text: str = ""
    person_id: int | None = None
    first: date | None = None
    last: date | None = None


def _changes(places: frozenset[int] | None, wanted: Wanted) -> Select[Change]:
    query = select(Change).where(_within(places)).options(joinedload(Change.by)).order_by(Change.id.desc())
    if wanted.kind:
        query = query.where(Change.what.startswith(f"{wanted.kind}.", autoescape=True))
    if wanted.text:
        query = query.where(Change.about.icontains(wanted.text, autoescape=True))
    if wanted.person_id is not None:
        query = query.where(Change.person_id == wanted.person_id)
    if wanted.first is not None:
        query = query.where(Change.at >= _midnight(wanted.first))
    if wanted.last is not None:
        query = query.where(Change.at < _midnight(wanted.last + timedelta(days=1)))
    return query


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(tzinfo=AMSTERDAM))


def _within(places: frozenset[int] | None) -> ColumnElement[bool]:
    return true() if places is None else Change.municipality_id.in_(places)


def changes(
    session: Session, places: frozenset[int] | None, wanted: Wanted, after: int | None = None, limit: int = PAGE
) -> tuple[Sequence[Change], int | None]:
    """One page, the newest first, and the key to ask the next with: None at the end."""
    query = _changes(places, wanted).limit(limit + 1)
    found = session.scalars(query if after is None else query.where(Change.id < after)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def all_changes(session: Session, places: frozenset[int] | None, wanted: Wanted) -> Iterator[Change]:
    """Every change that is wanted, a few hundred at a time."""
    after: int | None = None
    while True:
        found, after = changes(session, places, wanted, after, limit=500)
        yield from found
        if after is None:
            return
