"""Municipalities that join or leave, as they are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.models.passages import ArchiveRequest, OpeningFile, OpeningItem, Passage, PassageStep
from portal.models.people import Municipality
from workflows.parties import N_
from workflows.passages import Reconciled

KINDS: Mapping[str, str] = {
    "people": N_("Units and people"), "balances": N_("Balances of leave"), "items": N_("Open items"),
}  # fmt: skip
"""What is handed in when a municipality joins."""


def places_within(session: Session, places: frozenset[int] | None) -> Sequence[Municipality]:
    """The municipalities of somebody's work, by name."""
    query = select(Municipality).order_by(Municipality.name)
    return session.scalars(query if places is None else query.where(Municipality.id.in_(places))).all()


def passages_of(session: Session, kind: str, places: frozenset[int] | None) -> Sequence[Passage]:
    """Who joins, or leaves, the latest first."""
    query = (
        select(Passage).where(Passage.kind == kind).options(joinedload(Passage.municipality))
        .order_by(Passage.day.desc(), Passage.id)
    )  # fmt: skip
    return session.scalars(query if places is None else query.where(Passage.municipality_id.in_(places))).all()


def passage_of(session: Session, kind: str, code: str, places: frozenset[int] | None) -> Passage | None:
    """The joining or leaving of one municipality within this work."""
    query = (
        select(Passage).join(Municipality, Municipality.id == Passage.municipality_id)
        .where(Passage.kind == kind, Municipality.code == code)
        .options(joinedload(Passage.municipality), joinedload(Passage.begun_by), joinedload(Passage.ended_by))
    )  # fmt: skip
    found = session.scalars(query).first()
    return found if found is not None and (places is None or found.municipality_id in places) else None


def steps_of(session: Session, passage: Passage) -> Mapping[str, list[PassageStep]]:
    """What was said of each point, the last first."""
    query = (
        select(PassageStep).where(PassageStep.passage_id == passage.id).options(joinedload(PassageStep.by))
        .order_by(PassageStep.id.desc())
    )  # fmt: skip
    found: dict[str, list[PassageStep]] = {}
    for step in session.scalars(query):
        found.setdefault(step.key, []).append(step)
    return found


def said_of(session: Session, passage: Passage) -> Mapping[str, str]:
    """The last verdict of each point."""
    query = select(PassageStep.key, PassageStep.verdict).where(PassageStep.passage_id == passage.id)
    return {row.key: row.verdict for row in session.execute(query.order_by(PassageStep.id))}


def files_of(session: Session, passage: Passage) -> Sequence[OpeningFile]:
    """The files that were handed in, the last first."""
    query = (
        select(OpeningFile).where(OpeningFile.passage_id == passage.id)
        .options(joinedload(OpeningFile.handed_in_by), joinedload(OpeningFile.taken_in_by))
        .order_by(OpeningFile.id.desc())
    )  # fmt: skip
    return session.scalars(query).all()


def file_of(session: Session, passage: Passage, file_id: int) -> OpeningFile | None:
    """One of these files."""
    query = (
        select(OpeningFile).where(OpeningFile.passage_id == passage.id, OpeningFile.id == file_id)
        .options(joinedload(OpeningFile.handed_in_by), joinedload(OpeningFile.taken_in_by),
                 joinedload(OpeningFile.passage).joinedload(Passage.municipality))
    )  # fmt: skip
    return session.scalars(query).first()


def reconciled_of(session: Session, passage: Passage) -> list[Reconciled]:
    """How the last file of each kind compares with the portal."""
    query = select(OpeningFile.kind, OpeningFile.differences).where(OpeningFile.passage_id == passage.id)
    last: dict[str, int | None] = {row.kind: row.differences for row in session.execute(query.order_by(OpeningFile.id))}
    return [Reconciled(KINDS[kind], found) for kind, found in last.items()]


def items_of(session: Session, passage: Passage, limit: int = 200) -> Sequence[OpeningItem]:
    """What was open when the municipality began: what is not ticked off first."""
    query = select(OpeningItem).where(OpeningItem.municipality_id == passage.municipality_id)
    return session.scalars(query.order_by(OpeningItem.settled_at.is_not(None), OpeningItem.id).limit(limit)).all()


def archives_of(session: Session, passage: Passage) -> Sequence[ArchiveRequest]:
    """The archives that were asked for, the last first."""
    query = (
        select(ArchiveRequest).where(ArchiveRequest.passage_id == passage.id)
        .options(joinedload(ArchiveRequest.asked_by), joinedload(ArchiveRequest.decided_by))
        .order_by(ArchiveRequest.id.desc())
    )  # fmt: skip
    return session.scalars(query).all()


def archive_of(session: Session, passage: Passage, request_id: int) -> ArchiveRequest | None:
    """One of these requests."""
    query = select(ArchiveRequest).where(ArchiveRequest.passage_id == passage.id, ArchiveRequest.id == request_id)
    return session.scalars(query).first()
