"""Lines of other cases that a line could be a duplicate of. Each is found by an index, in cases of all kinds.

What was withdrawn or rejected is no candidate, nor is a line that was refused or sent back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.models.cases import Case, Document
from portal.models.lines import CaseLine
from portal.queries.cases import CASE
from workflows.caps import Spent
from workflows.parties import GRANTED

MOST = 200
"""How many candidates are looked at: more say no more."""

MINE, OTHER = aliased(Document), aliased(Document)
IN_FORCE = and_(CaseLine.stands, or_(Case.result.is_(None), Case.result == GRANTED.value))
"""The SQL condition that a line counts: its case goes on or was granted, and it stands itself."""

ALIKE = (
    select(
        CaseLine.person_id, CaseLine.category, CaseLine.day, CaseLine.cents, CaseLine.days, CaseLine.alike, Case.number
    )
    .join(Case, Case.id == CaseLine.case_id)
    .where(
        CaseLine.case_id != CASE,
        IN_FORCE,
        or_(
            and_(CaseLine.person_id == bindparam("who"), CaseLine.day.in_(bindparam("days", expanding=True))),
            CaseLine.alike.in_(bindparam("alike", expanding=True)),
        ),
    )
    .order_by(CaseLine.id.desc())
    .limit(MOST)
)
SAME_FILES = (
    select(MINE.line_key, Case.number, MINE.original_sha256)
    .join(OTHER, and_(OTHER.original_sha256 == MINE.original_sha256, OTHER.case_id != CASE))
    .join(CaseLine, and_(CaseLine.case_id == OTHER.case_id, CaseLine.line_key == OTHER.line_key))
    .join(Case, Case.id == CaseLine.case_id)
    .where(MINE.case_id == CASE, IN_FORCE)
    .order_by(OTHER.id.desc())
    .limit(MOST)
)


SPENT = (
    select(CaseLine.category, CaseLine.day, func.sum(CaseLine.granted_cents), func.sum(CaseLine.days))
    .join(Case, Case.id == CaseLine.case_id)
    .where(CaseLine.person_id == bindparam("who"), CaseLine.case_id != CASE, IN_FORCE)
    .group_by(CaseLine.category, CaseLine.day)
)


def spent_besides(session: Session, case: Case) -> tuple[Spent, ...]:
    """What was granted on other cases to whoever this one is for, whichever employer pays it."""
    rows = session.connection().execute(SPENT, {"who": case.initiator_id, "case": case.id})
    return tuple(Spent(row[0], row[1], int(row[2]), int(row[3])) for row in rows)


def lines_like(session: Session, case: Case, days: Collection[date], alike: Collection[str]) -> list[Any]:
    """Lines of other cases: of the same person on these days, and of anybody that are described the same."""
    known = {"case": case.id, "who": case.initiator_id, "days": list(days), "alike": list(alike)}
    return list(session.connection().execute(ALIKE, known))


def lines_with_same_file(session: Session, case: Case) -> Mapping[str, dict[str, set[str]]]:
    """The numbers of other cases with the same files, and which files, by the line of this case that has them."""
    found: dict[str, dict[str, set[str]]] = {}
    for row in session.connection().execute(SAME_FILES, {"case": case.id}):
        found.setdefault(row.line_key, {}).setdefault(row.number, set()).add(row.original_sha256)
    return found
