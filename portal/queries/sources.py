"""What a case followed from by itself, as samples and recoveries do: nobody asks for those."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from portal.models.cases import Case
from workflows import CASE_TYPES


def _sources() -> Any:
    """The ids of all cases that one followed from, step by step."""
    up = select(Case.id, Case.parent_id).where(Case.id == bindparam("parent")).cte("up", recursive=True)
    above = aliased(Case)
    return up.union_all(select(above.id, above.parent_id).join(up, up.c.parent_id == above.id))


_UP = _sources()
SOURCES = select(Case.number, Case.closed_at).where(Case.id.in_(select(_UP.c.id))).order_by(Case.id)
HELD = SOURCES.with_for_update(read=True, of=Case)


def _by_itself(case: Case) -> bool:
    return case.parent_id is not None and not CASE_TYPES[case.type].asked_for


def hold_sources(session: Session, case: Case) -> None:
    """Let nothing happen to what a case followed from until the transaction ends: not the bank's answer either."""
    if _by_itself(case):
        session.execute(HELD, {"parent": case.parent_id}).all()


def source_open(session: Session, case: Case) -> str:
    """The number of a case from which this one followed and that is not closed now; empty where there is none."""
    if not _by_itself(case):
        return ""
    rows = session.execute(SOURCES, {"parent": case.parent_id})
    return next((number or "?" for number, closed_at in rows if closed_at is None), "")
