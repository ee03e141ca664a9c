"""Reading what was played: the rounds of a workshop from their databases, for the debrief and for who takes it home."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db import Database
from portal.interfaces.csv_files import written
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.queries.people import national_calendar
from portal.workshop import debrief, planted
from portal.workshop.debrief import Mistake, PlayedCase, Round, Step
from portal.workshop.folders import Workshop
from portal.workshop.scenario import CARD_KINDS, Scenario
from portal.workshop.tables import Card, Diary, EventWall, Finding, Seat
from workflows.parties import Result

DATABASE = "portal.sqlite"
IN_MEMORY = 4_000_000
OF_CARDS = frozenset(filter(None, CARD_KINDS.values()))
"""The kinds of case that people begin; what follows from them by itself, as a sample does, is no case more."""


def rounds(workshop: Workshop) -> list[int]:
    """The rounds of which there is something to look back at."""
    there = range(1, workshop.round + 1)
    return [number for number in there if (workshop.instance_of(number) / DATABASE).exists()]


@contextmanager
def reading(workshop: Workshop, number: int) -> Iterator[Session]:
    """The database of a round, to look in as it was at one moment."""
    db = Database(f"sqlite:///{workshop.instance_of(number) / DATABASE}")
    try:
        with db.snapshot() as session:
            yield session
    finally:
        db.dispose()


CASES = (
    select(Case.id, Case.type, Case.received_at, Case.target_due, Case.closed_at, Case.result, Card.key)
    .outerjoin(Card, Card.case_id == Case.id)
    .where(Case.received_at.is_not(None), Case.number.is_not(None))
    .order_by(Case.id)
)
STEPS = (
    select(
        CaseEvent.case_id, CaseEvent.action, CaseEvent.from_state, CaseEvent.to_state, CaseEvent.enabled_at,
        CaseEvent.started_at, CaseEvent.at, CaseEvent.actor_id,
    )
    .where(CaseEvent.from_state != CaseEvent.to_state)
    .order_by(CaseEvent.id)
)  # fmt: skip


def cases_of(session: Session) -> list[PlayedCase]:
    """Every case of a round with its steps, in two statements."""
    steps: dict[int, list[Step]] = {}
    for case_id, action, before, after, enabled, started, at, actor in session.execute(STEPS):
        steps.setdefault(case_id, []).append(Step(action, before, after, enabled, started, at, actor is not None))
    return [
        PlayedCase(kind, received, steps.get(case_id, ()), key or "", target, closed, result == Result.ABORTED.value)
        for case_id, kind, received, target, closed, result, key in session.execute(CASES)
        if received is not None
    ]


def round_of(session: Session, scenario: Scenario, number: int, language: str) -> Round:
    """All that is known of one round."""
    found, office = cases_of(session), national_calendar()
    mistakes = [
        Mistake(one.card, one.what.said(language), one.role, one.outcome) for one in planted.judge(session, scenario)
    ]
    return Round(
        number, scenario.round(number).title.said(language), found, mistakes, debrief.places(found, office),
        debrief.measured([one for one in found if one.kind in OF_CARDS], office),
    )  # fmt: skip


def all_rounds(workshop: Workshop, scenario: Scenario, language: str) -> list[Round]:
    """The rounds that were played, in order."""
    found = []
    for number in rounds(workshop):
        with reading(workshop, number) as session:
            found.append(round_of(session, scenario, number, language))
    return [one for one in found if one.cases] or found[-1:]


def findings_of(workshop: Workshop) -> list[tuple[int, str, Finding]]:
    """The findings of all rounds: of which round, from which role, and what."""
    found = []
    for number in rounds(workshop):
        with reading(workshop, number) as session:
            roles = dict(session.execute(select(Seat.id, Seat.role)).all())
            rows = session.scalars(select(Finding).where(Finding.round == number).order_by(Finding.id)).all()
            found += [(number, roles.get(one.seat_id or 0, ""), one) for one in rows]
    return found


def taken_home(workshop: Workshop) -> IO[bytes]:
    """Everything of a workshop as one ZIP: events with both times, cards, findings and diary of each round, the
    scenario, and what the workshop is. Who played stands in none of it: seats are named by their key."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - whoever sends it closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        about = {"code": workshop.code, "title": workshop.title, "scenario": workshop.scenario,
                 "rounds": rounds(workshop), "opened": workshop.opened.isoformat()}  # fmt: skip
        archive.writestr("workshop.json", json.dumps(about, ensure_ascii=False, indent=1))
        archive.writestr("scenario.toml", workshop.script.read_bytes())
        for number in rounds(workshop):
            with reading(workshop, number) as session:
                for name, header, rows in _files(session):
                    archive.writestr(f"round-{number}/{name}.csv", written(header, rows))
    file.seek(0)
    return file


def _said(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def _files(session: Session) -> Iterator[tuple[str, Sequence[str], Iterable[Sequence[object]]]]:
    by_person = dict(session.execute(select(Seat.person_id, Seat.key)).all())
    seats = dict(session.execute(select(Seat.id, Seat.key)).all())
    yield "events", EVENTS_HEADER, _events(session, by_person)
    cards = session.execute(select(Card, Case.number).outerjoin(Case, Case.id == Card.case_id).order_by(Card.id))
    yield "cards", ("card", "seat", "dealt", "done", "case"), (
        (card.key, seats.get(card.seat_id, ""), _said(card.dealt_at), _said(card.done_at), number or "")
        for card, number in cards
    )  # fmt: skip
    found = session.execute(select(Finding, Case.number).outerjoin(Case, Case.id == Finding.case_id))
    yield "findings", ("severity", "text", "seat", "case", "story", "wall"), (
        (one.severity, one.text, seats.get(one.seat_id or 0, "trainer"), number or "", _said(one.at), _said(one.wall))
        for one, number in found
    )  # fmt: skip
    yield "diary", ("story", "wall", "what", "seat", "about"), (
        (_said(one.at), _said(one.wall), one.kind, seats.get(one.seat_id or 0, ""), json.dumps(one.data))
        for one in session.scalars(select(Diary).order_by(Diary.id))
    )  # fmt: skip


EVENTS_HEADER = ("case", "kind", "action", "from", "to", "enabled", "started", "completed", "wall", "seat", "channel")


def _events(session: Session, by_person: Mapping[int, str]) -> Iterator[Sequence[object]]:
    rows = session.execute(
        select(CaseEvent, Case.number, Case.type, EventWall.wall)
        .join(Case, Case.id == CaseEvent.case_id)
        .outerjoin(EventWall, EventWall.event_id == CaseEvent.id)
        .order_by(CaseEvent.id)
    )
    for event, number, kind, wall in rows:
        seat = by_person.get(event.actor_id, "somebody else") if event.actor_id else ""
        yield (number or f"draft-{event.case_id}", kind, event.action, event.from_state, event.to_state,
               _said(event.enabled_at), _said(event.started_at), _said(event.at), _said(wall), seat,
               event.channel)  # fmt: skip
