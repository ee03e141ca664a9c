"""Proving the event chain: every hash, every place, and every case's state against its last event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.interfaces.anchors import Anchor
from portal.interfaces.dossier_json import Altered
from portal.models.cases import Case
from portal.models.events import REGISTER, CaseEvent
from portal.sealing import GENESIS

AT_ONCE = 2000


@dataclass(frozen=True)
class Found:
    """How far the chain holds. `broken` is the id of the first event that does not."""

    count: int
    broken: int | None = None
    why: str = ""


def destroyed_cases(session: Session) -> frozenset[int]:
    """The cases of which a certificate in the chain says that they were destroyed."""
    certificates = session.scalars(
        select(CaseEvent.data).where(CaseEvent.case_id == REGISTER, CaseEvent.action == "destroyed")
    )
    return frozenset(case_id for data in certificates for case_id in data["cases"])


def verify(session: Session, tell: Callable[[int, int], None] = lambda done, of: None) -> Found:
    """Recount the whole chain from the beginning. Reads every event once, in pieces; `tell` hears how far it is.

    What was said in an event is proved by its digest, unless a certificate says that the case was destroyed.
    """
    place, previous = 0, GENESIS
    last = session.scalar(select(func.max(CaseEvent.id))) or 0
    destroyed = destroyed_cases(session)
    while events := session.scalars(
        select(CaseEvent).where(CaseEvent.id > place).order_by(CaseEvent.id).limit(AT_ONCE)
    ).all():
        for event in events:
            place += 1
            if event.id != place:
                return Found(place - 1, place, "an event is missing")
            if event.previous_hash != previous:
                return Found(place - 1, event.id, "it does not follow the event before it")
            if event.hash != event.digest():
                return Found(place - 1, event.id, "it was changed")
            if event.salt is None and event.case_id not in destroyed:
                return Found(place - 1, event.id, "it was emptied without a certificate")
            if event.salt is not None and event.said != event.digest_of_said():
                return Found(place - 1, event.id, "it was changed")
            previous = event.hash
        session.expunge_all()
        tell(place, max(place, last))
    return _missing(session, place, destroyed) or _states(session, place)


def expect_in_chain(session: Session, hashes: Mapping[int, str]) -> None:
    """Each of these hashes stands at its place in the chain; else raise Altered."""
    places = sorted(hashes)
    for begin in range(0, len(places), AT_ONCE):
        some = places[begin : begin + AT_ONCE]
        rows = session.execute(select(CaseEvent.id, CaseEvent.hash).where(CaseEvent.id.in_(some)))
        ours = {row.id: row.hash for row in rows}
        for place in some:
            if ours.get(place) != hashes[place]:
                raise Altered(f"event {place} is not the one in the chain")


@dataclass(frozen=True)
class Failed:
    """An anchor that the chain does not hold any more, and why."""

    anchor: Anchor
    why: str


def head_of(session: Session) -> tuple[int, int, str] | None:
    """The end of the chain: the place of the last event, how many events there are, its hash; None when it is empty."""
    last = session.execute(select(CaseEvent.id, CaseEvent.hash).order_by(CaseEvent.id.desc()).limit(1)).first()
    return (last.id, session.scalar(COUNT) or 0, last.hash) if last else None


COUNT = select(func.count()).select_from(CaseEvent)


def verify_anchors(session: Session, kept: Sequence[Anchor]) -> Failed | None:
    """Look for every anchor in the chain as it is now; the first, by its place in it, that is not there any more."""
    in_order = sorted(kept, key=lambda anchor: (anchor.place, anchor.at))
    for begin in range(0, len(in_order), AT_ONCE):
        some = in_order[begin : begin + AT_ONCE]
        places = {anchor.place for anchor in some}
        rows = session.execute(select(CaseEvent.id, CaseEvent.hash).where(CaseEvent.id.in_(places)))
        hashes = {row.id: row.hash for row in rows}
        for anchor in some:
            if anchor.place not in hashes:
                return Failed(anchor, "this event is not there any more")
            if hashes[anchor.place] != anchor.hash:
                return Failed(anchor, "this event is another one now")
            if anchor.count != anchor.place:
                return Failed(anchor, "events were missing before it already")
    return None


def _missing(session: Session, count: int, destroyed: frozenset[int]) -> Found | None:
    """A case that has events must be there, unless a certificate says that it was destroyed."""
    first = func.min(CaseEvent.id)
    gone = session.execute(
        select(first, CaseEvent.case_id)
        .outerjoin(Case, Case.id == CaseEvent.case_id)
        .where(Case.id.is_(None), CaseEvent.case_id != REGISTER)
        .group_by(CaseEvent.case_id)
        .order_by(first)
    )
    for event_id, case_id in gone:
        if case_id not in destroyed:
            return Found(count, event_id, f"case {case_id} is missing")
    return None


def _states(session: Session, count: int) -> Found:
    """Each case must be where its last event left it, after as many steps; so events cut off at the end show too."""
    steps = func.json_array_length if session.get_bind().dialect.name == "sqlite" else func.jsonb_array_length
    of_case = (
        select(CaseEvent.case_id, func.max(CaseEvent.id).label("last"), func.count().label("count"))
        .group_by(CaseEvent.case_id)
        .subquery()
    )
    wrong = session.execute(
        select(CaseEvent.id, Case.id)
        .select_from(Case)
        .outerjoin(of_case, of_case.c.case_id == Case.id)
        .outerjoin(CaseEvent, CaseEvent.id == of_case.c.last)
        .where((func.coalesce(of_case.c.count, 0) != steps(Case.trail)) | (CaseEvent.to_state != Case.state))
        .order_by(CaseEvent.id)
        .limit(1)
    ).first()
    if wrong is None:
        return Found(count)
    return Found(count, wrong[0] or count + 1, f"case {wrong[1]} is not where its last event left it")
