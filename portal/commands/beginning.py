"""Beginning a case: a draft, a draft anew with what left another case, and a case that follows from another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.models.cases import Case, Document
from portal.models.people import Employment
from portal.queries.cases import WHOLE
from portal.queries.leave import hours_for
from workflows import CASE_TYPES
from workflows.effects import Follow, Leaving
from workflows.kernel import CaseType, CaseView, Given
from workflows.parties import NOBODY, Party


def waiting_for(party: Party) -> str:
    """The party a case waits for, as it is stored; empty for nobody."""
    return party.name or "" if party is not NOBODY else ""


def begin(
    session: Session, case_type: CaseType, employment: Employment, client_key: str, at: datetime, **more: Any
) -> Case:
    """A new draft for whoever has this employment."""
    known: dict[str, Any] = {
        "type": case_type.key,
        "state": case_type.initial.key,
        "waits_for": waiting_for(case_type.initial.waits_for),
        "municipality_id": employment.unit.municipality_id,
        "employment_id": employment.id,
        "initiator_id": employment.person_id,
        "cost_centre": employment.unit.cost_centre,
        "client_key": client_key,
        "created_at": at,
        "state_since": at,
        "draft": {},
        "ticks": {},
        "trail": [],
        "content": {},
    }
    case = Case(**known | more)
    session.add(case)
    session.flush()
    return case


OF_LINES = select(Document).where(
    Document.case_id == bindparam("case"), Document.line_key.in_(bindparam("lines", expanding=True))
)
COPIED = ("line_key", "kind", "name", "media_type", "size", "sha256", "original_sha256", "thumb_sha256", "pages",
          "added_by_id", "added_at")  # fmt: skip


def begin_anew(session: Session, case: Case, leaving: Leaving, at: datetime) -> Case:
    """A draft with what left a case, its documents along with it. Each of the two names the other."""
    draft = begin(
        session,
        CASE_TYPES[case.type],
        case.employment,
        f"{case.number}-{case.version}",
        at,
        parent_id=case.id,
        draft=dict(leaving.typed),
        drafted_at=at,
        cost_centre=case.cost_centre,
    )
    _take_along(session, case, draft, leaving.lines)
    return draft


def _take_along(session: Session, case: Case, to: Case, lines: Sequence[str]) -> None:
    """The documents of these lines go along. Content is stored by what it is, so the same file serves both."""
    for document in session.scalars(OF_LINES, {"case": case.id, "lines": list(lines)}):
        session.add(Document(case_id=to.id, **{name: getattr(document, name) for name in COPIED}))


def begin_about(session: Session, case_type: CaseType, of: Case, at: datetime) -> Case:
    """A draft about a case that was granted, filled in as its type says; the one that runs, where one does.

    The person's row is held, so pressing twice begins one.
    """
    running = session.scalars(
        select(Case).where(Case.parent_id == of.id, Case.type == case_type.key, Case.closed_at.is_(None))
    ).first()
    if running is not None:
        return running
    case = begin(
        session, case_type, of.employment, token_hex(16), at, parent_id=of.id, cost_centre=of.cost_centre,
    )  # fmt: skip
    today = local_date(at)
    if case_type.about is not None:
        case.draft = dict(case_type.about.begins(hours_for(session, case, today), today)) or None
        case.drafted_at = at
    return case


def begin_following(session: Session, case: Case, view: CaseView, follow: Follow, at: datetime) -> tuple[Case, Given]:
    """A case that follows from another, in its first state and without a number; and what it is opened with."""
    content = follow.opens(view)
    new = begin(
        session,
        CASE_TYPES[follow.type],
        case.employment,
        f"{case.number}-{case.version}",
        at,
        parent_id=case.id,
        cost_centre=case.cost_centre,
    )
    if follow.documents:
        _take_along(session, case, new, [line["key"] for line in content["lines"]])
    return session.get_one(Case, new.id, options=WHOLE, populate_existing=True), Given(content=content)
