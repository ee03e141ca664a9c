"""Planted mistakes: of each whether it was caught, by whom and when, or missed; by what happened and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.cases import Case
from portal.models.contact import ANSWERED, CALL_BACK, PASSED, ContactEntry, ContactQuestion
from portal.models.events import CaseEvent
from portal.workshop.scenario import QUESTION, Planted, Scenario, Words
from portal.workshop.script import Script, people_at
from portal.workshop.tables import Card, Seat
from workflows import CASE_TYPES
from workflows.deciding import granted_in
from workflows.parties import Result

CAUGHT, MISSED, OPEN = "caught", "missed", "open"
ASKED = "asked"
"""The entry of a question that somebody asked by themselves."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One planted mistake: which card, what is wrong, which role should see it, and what came of it."""

    card: str
    what: Words
    role: str
    outcome: str
    number: str = ""
    """Of the case."""
    seat: str = ""
    """Whoever caught it, by the key of their seat; empty for somebody without one."""
    at: datetime | None = None


def judge(session: Session, scenario: Scenario) -> list[Judged]:
    """Every planted mistake among the cards that fell, in the order in which they did. Five queries."""
    seats = {row.person_id: row.key for row in session.execute(select(Seat.person_id, Seat.key))}
    script = Script(scenario, people_at(scenario, len(seats)), 1)
    rows = session.execute(
        select(
            Card.key, Card.contact_id, Case.id, Case.number, Case.type, Case.state, Case.result, Case.sanctioned_cents
        )
        .outerjoin(Case, Case.id == Card.case_id)
        .order_by(Card.id)
    ).all()
    wrong = {row.key: script.cards[row.key].planted for row in rows if row.key in script.cards}
    ids = [row.id for row in rows if row.id is not None and wrong.get(row.key)]
    steps, taken = _steps(session, ids), _taken_down(session, [row.contact_id for row in rows if row.contact_id])
    return [
        _asked(row, planted, taken.get(row.contact_id), seats)
        if script.kinds[row.key] == QUESTION
        else _judged(row, planted, steps.get(row.id, ()), seats, script)
        for row in rows
        if (planted := wrong.get(row.key)) is not None
    ]


def _steps(session: Session, ids: Sequence[int]) -> Mapping[int, list[CaseEvent]]:
    found: dict[int, list[CaseEvent]] = {}
    for event in session.scalars(select(CaseEvent).where(CaseEvent.case_id.in_(ids)).order_by(CaseEvent.id)):
        found.setdefault(event.case_id, []).append(event)
    return found


OUTCOMES = {(ANSWERED, ""): "answered", (PASSED, "2"): "second", (PASSED, "3"): "third"}
"""What whoever takes down a question chooses, by the entry that is made of it; a promise to call names its moment."""


def _taken_down(session: Session, contacts: Sequence[int]) -> Mapping[int, Any]:
    """What was done with the question of each of these contacts when it was taken down: the first entry of it."""
    rows = session.execute(
        select(ContactQuestion.contact_id, ContactEntry.kind, ContactEntry.about, ContactEntry.by_id, ContactEntry.at)
        .join(ContactQuestion, ContactQuestion.id == ContactEntry.question_id)
        .where(ContactQuestion.contact_id.in_(contacts), ContactEntry.kind != ASKED)
        .order_by(ContactEntry.id.desc())
    )
    return {row.contact_id: row for row in rows}


def _asked(row: Any, planted: Planted, entry: Any, seats: Mapping[int, str]) -> Judged:
    """What came of a question: caught when that was done with it that is expected."""
    if entry is None:
        return Judged(row.key, planted.what, planted.by, OPEN)
    done = CALL_BACK if entry.kind == CALL_BACK else OUTCOMES.get((entry.kind, entry.about), "")
    if done not in planted.actions:
        return Judged(row.key, planted.what, planted.by, MISSED)
    return Judged(row.key, planted.what, planted.by, CAUGHT, "", seats.get(entry.by_id or 0, ""), entry.at)


def _judged(row: Any, planted: Planted, steps: Sequence[CaseEvent], seats: Mapping[int, str], script: Script) -> Judged:
    def said(outcome: str, by: CaseEvent | None = None) -> Judged:
        seat = seats.get(by.actor_id or 0, "") if by else ""
        return Judged(row.key, planted.what, planted.by, outcome, row.number or "", seat, by.at if by else None)

    caught = next(_catching(planted, steps, seats, script), None)
    if caught is not None:
        return said(CAUGHT, caught)
    if row.id is None or row.result == Result.ABORTED.value:
        return said(OPEN)
    granted = row.state in granted_in(CASE_TYPES[row.type])
    if granted and planted.at_most_cents is not None and row.sanctioned_cents <= planted.at_most_cents:
        return said(CAUGHT, _last_of_a_person(steps))
    if row.result == Result.REFUSED.value:
        return said(CAUGHT, _last_of_a_person(steps))
    return said(MISSED if granted else OPEN)


def _catching(
    planted: Planted, steps: Sequence[CaseEvent], seats: Mapping[int, str], script: Script
) -> Iterator[CaseEvent]:
    """The steps by which it was caught: one of those expected, by somebody of the role."""
    for step in steps:
        key = seats.get(step.actor_id or 0)
        if step.action in planted.actions and key is not None and planted.by in script.roles(key):
            yield step


def _last_of_a_person(steps: Sequence[CaseEvent]) -> CaseEvent | None:
    """Who decided: the last step of a person that changed what is granted, or ended it."""
    return next((step for step in reversed(steps) if step.actor_id is not None and step.channel != "bank_file"), None)
