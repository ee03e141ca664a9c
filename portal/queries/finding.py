"""Finding a person or a case by whatever somebody says on the telephone: a name, a personnel number, a case number.

Every part is answered by an index, whatever the number of cases: a number by its own, a name by the words of people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.access import Role, Viewer
from portal.models.cases import Case
from portal.models.people import Employment
from portal.queries.cases import HEADLINES, visible
from portal.queries.people import find_people
from portal.searching import folded
from workflows import CASE_TYPES

SHORTEST = 2
YEARS_BACK = 2
"""Whoever leaves out the year means a case of this year or one of these before it."""
_NUMBER = re.compile(r"(?:([a-z]{2,5})[\s-]*)?(?:(\d{4})[\s-]+)?(\d{1,6})")


@dataclass(frozen=True)
class Found:
    """Cases first, since who says a number means that one; then people, one row an employment."""

    cases: Sequence[Case]
    people: Sequence[Employment]


def numbers_meant(text: str, today: date) -> tuple[str, ...]:
    """The full case numbers that somebody may mean: "123" and "DEC 123" are of this year or of the ones before."""
    match = _NUMBER.fullmatch(text.strip().lower())
    if match is None:
        return ()
    prefix, year, number = match.groups()
    prefixes = [kind.prefix for kind in CASE_TYPES.values() if prefix is None or kind.prefix.lower() == prefix]
    years = [int(year)] if year else range(today.year, today.year - YEARS_BACK - 1, -1)
    return tuple(f"{kind}-{each}-{int(number):06d}" for each in years for kind in prefixes)


def find(session: Session, viewer: Viewer, text: str, today: date) -> Found:
    """Whom or what a clerk may mean. Two queries."""
    if len(text.strip()) < SHORTEST and not text.strip().isdigit():
        return Found((), ())
    numbers = numbers_meant(text, today)
    cases: Sequence[Case] = ()
    if numbers:
        query = select(Case).where(Case.number.in_(numbers), visible(viewer))
        cases = session.scalars(
            query.options(*HEADLINES, joinedload(Case.initiator), joinedload(Case.approver), joinedload(Case.assignee))
            .order_by(Case.id.desc())
        ).all()  # fmt: skip
    people = find_people(session, text, viewer.reach(Role.CLERK)) if len(text.strip()) >= SHORTEST else ()
    return Found(cases, sorted(people, key=lambda employment: not _begins(employment.person.words, text)))


def _begins(words: str, text: str) -> bool:
    """Whether each word typed begins a word of somebody: who is called Anna comes before who is called Hanna."""
    return all(re.search(rf"\b{re.escape(typed)}", words) for typed in folded(text).split())
