"""What is still open in cases that may end by the next step: documents, signals, answers, and cases that followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import String, bindparam, cast, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from portal.i18n import day
from portal.models.cases import Case, CaseFlag, Document
from portal.models.contact import ANSWERED, Contact, ContactQuestion
from workflows import CASE_TYPES
from workflows.gaps import Gap, Open

CASES: Any = bindparam("cases", expanding=True)
CHILD = aliased(Case)


def _statement() -> Any:
    """All four kinds in one question to the database; put together once."""
    text = String()
    documents = select(Document.case_id, literal(Gap.DOCUMENT.value, text), Document.line_key, literal("", text))
    flags = select(CaseFlag.case_id, literal(Gap.FLAG.value, text), CaseFlag.about, CaseFlag.code).where(
        CaseFlag.asks, CaseFlag.settled_at.is_(None), CaseFlag.case_id.in_(CASES)
    )
    asked = (
        select(ContactQuestion.case_id, literal(Gap.QUESTION.value, text), cast(Contact.at, text), literal("", text))
        .join(Contact, Contact.id == ContactQuestion.contact_id)
        .where(ContactQuestion.state != ANSWERED, ContactQuestion.case_id.in_(CASES))
    )
    running = select(CHILD.parent_id, literal(Gap.CASE.value, text), CHILD.number, CHILD.title).where(
        CHILD.closed_at.is_(None), CHILD.parent_id.in_(CASES)
    )
    return union_all(documents.where(Document.case_id.in_(CASES)).distinct(), flags, asked, running)


STILL_OPEN = _statement()


def open_in(session: Session, cases: Sequence[Case]) -> Mapping[int, tuple[Open, ...]]:
    """What is open in each of these cases where the next step may be the last; one query, or none when none may end."""
    ending = {case.id: case for case in cases if _may_end(case)}
    if not ending:
        return {}
    there: dict[int, set[str]] = {}
    found: dict[int, list[Open]] = {}
    rows: Any = session.connection().execute(STILL_OPEN, {"cases": sorted(ending)})
    for case_id, kind, name, more in rows:
        gap = Gap(kind)
        if gap is Gap.DOCUMENT:
            there.setdefault(case_id, set()).add(name)
        elif gap is not Gap.CASE or not CASE_TYPES[ending[case_id].type].children_may_run:
            found.setdefault(case_id, []).append(Open(gap, _name(gap, name, more)))
    for case in ending.values():
        needed = CASE_TYPES[case.type].documents(case.content)
        here = there.get(case.id, set())
        missing = [Open(Gap.DOCUMENT, name, line) for line, name in needed.items() if line not in here]
        found[case.id] = missing + found.get(case.id, [])
    return {case_id: tuple(still_open) for case_id, still_open in found.items()}


def _may_end(case: Case) -> bool:
    case_type = CASE_TYPES[case.type]
    return any(case.state in action.at and action.key in case_type.last_steps for action in case_type.actions)


def _name(gap: Gap, name: str | None, more: str) -> str:
    """What people may know it by, whoever they are: of a question no more than its day."""
    if gap is Gap.QUESTION:
        return day(str(name)[:10])
    return name or more or "?"
