"""Reminding whoever a case waits for, and writing to the one above when that does not help. In office hours only."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands import mail
from portal.commands.effects import ask_whoever_decides
from portal.jobs.telling import Told, unless_idle
from portal.models.cases import Case
from portal.queries.cases import WHOLE
from portal.queries.line import about, line_of
from portal.queries.people import calendar_of
from portal.worlds import World
from workflows import CASE_TYPES
from workflows.kernel import Norm, State
from workflows.parties import Party

MOST = 500


def run(world: World, at: datetime) -> Told:
    """Send each reminder and escalation that is due, each once per state."""
    reminded = escalated = 0
    with world.db.transaction() as session:
        for case in _open(session):
            state = CASE_TYPES[case.type].state(case.state)
            if state.remind and case.reminded_at is None and _due(case, state, state.remind, at):
                _remind(session, case, at)
                reminded += 1
            if state.escalate and case.escalated_at is None and _due(case, state, state.escalate, at):
                escalated += _escalate(session, case, at)
    return unless_idle("reminded", reminded=reminded, escalated=escalated)


def _open(session: Session) -> list[Case]:
    """Cases with a reminder or an escalation still to come in the state they are in: none that crowd out others."""
    return list(session.scalars(_to_remind(tuple(CASE_TYPES))))


@lru_cache(maxsize=8)
def _to_remind(types: tuple[str, ...]) -> Select[Case]:
    still = [
        (Case.type == case_type.key) & (Case.state == state.key) & mark.is_(None)
        for case_type in map(CASE_TYPES.__getitem__, types)
        for state in case_type.states
        for norm, mark in ((state.remind, Case.reminded_at), (state.escalate, Case.escalated_at))
        if norm
    ]
    return (
        select(Case)
        .where(Case.closed_at.is_(None), Case.number.is_not(None), or_(*still))
        .options(*WHOLE)
        .order_by(Case.state_since)
        .limit(MOST)
    )


def _due(case: Case, state: State, after: Norm, at: datetime) -> bool:
    calendar = calendar_of(case.municipality)
    since = case.step_due if state.term and case.step_due else case.state_since
    return calendar.due(since, after) <= at and calendar.next_office_moment(at) == at


def _mark(session: Session, case: Case, **when: datetime) -> None:
    # Past the version of the case on purpose: a reminder changes nothing, so the link in the first mail stays good.
    session.execute(update(Case).where(Case.id == case.id).values(**when).execution_options(synchronize_session=False))


def _remind(session: Session, case: Case, at: datetime) -> None:
    """Write to whoever the case waits for: the approver or who stands in, the employee, or the clerk who has it."""
    if case.waits_for == Party.APPROVER.name:
        ask_whoever_decides(session, case, "remind", at)
    elif CASE_TYPES[case.type].state(case.state).linked:
        mail.ask(session, case, case.initiator_id, "remind_you", at)
    elif case.waits_for == Party.INITIATOR.name:
        mail.tell(session, case, case.initiator_id, "remind_you", at)
    elif case.assignee_id is not None:
        mail.tell(session, case, case.assignee_id, "remind_ssc", at)
    else:
        mail.tell_ssc(session, case, "remind_ssc", at)
    _mark(session, case, reminded_at=at)


def _escalate(session: Session, case: Case, at: datetime) -> int:
    """Write to the one above the approver; where there is none, and when no approver is waited for, to the SSC."""
    if case.waits_for != Party.APPROVER.name:
        mail.tell_ssc(session, case, "escalate", at)
        _mark(session, case, escalated_at=at)
        return 1
    line = line_of(session, case.municipality_id, case.type, local_date(at))
    now = about(case)
    above = line.first(replace(now, apart=now.apart | {case.approver_id})) if case.approver_id else None
    if above is None:
        mail.tell_ssc(session, case, "escalate", at)
    else:
        mail.tell(session, case, above.person_id, "escalate", at)
    _mark(session, case, escalated_at=at)
    return 1
