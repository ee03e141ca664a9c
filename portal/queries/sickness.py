"""Absence that is no leave: when people are reported ill. Only its days are read, never a word more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.models.cases import Case
from workflows import CASE_TYPES
from workflows.lots import Spell
from workflows.parties import GRANTED

ABSENT = tuple(key for key, case_type in CASE_TYPES.items() if case_type.absent is not None)
STANDS = or_(Case.result.is_(None), Case.result == GRANTED.value)
"""Runs or has ended well: what was reported by mistake is no absence."""


def _spell(case_type: str, content: Mapping[str, object], number: str | None) -> Spell | None:
    absent = CASE_TYPES[case_type].absent
    found = absent(content) if absent else None
    return replace(found, number=number or "") if found else None


def spell_of(case_type: str, content: Mapping[str, object]) -> Spell | None:
    """When a case says that somebody is wholly absent, without its number."""
    return _spell(case_type, content, None)


def last_absence(session: Session, case: Case) -> Spell | None:
    """The last absence of the employee of a case with that employer, besides the case itself; up to its recovery."""
    row = session.execute(
        select(Case.type, Case.content, Case.number, Case.period_to)
        .where(
            Case.initiator_id == case.initiator_id, Case.municipality_id == case.municipality_id, Case.id != case.id,
            Case.type.in_(ABSENT), Case.number.is_not(None), STANDS,
        )
        .order_by(Case.period_from.desc(), Case.id.desc())
        .limit(1)
    ).first()  # fmt: skip
    spell = _spell(row.type, row.content, row.number) if row else None
    return replace(spell, last=row.period_to) if spell and row else None


def absences_in(
    session: Session, persons: Collection[int], first: date, last: date
) -> Sequence[tuple[int, Spell, datetime]]:
    """When these people are wholly absent between two days, with since when that is known; without the number of the
    case. One query."""
    if not persons:
        return ()
    rows = session.execute(
        select(Case.initiator_id, Case.type, Case.content, Case.created_at)
        .where(
            Case.initiator_id.in_(persons), Case.type.in_(ABSENT), Case.number.is_not(None), STANDS,
            Case.period_from <= last, or_(Case.period_to.is_(None), Case.period_to >= first),
        )
        .order_by(Case.id)
    )  # fmt: skip
    found = ((who, _spell(key, content, None), known) for who, key, content, known in rows)
    return [(who, spell, known) for who, spell, known in found if spell is not None]
