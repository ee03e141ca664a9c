"""What people and time can do with a case: start it, type in it, take a step, take it from the queue.

Every change of state goes through `act()`: the pure `decide()` says whether and what, this module writes the new
state, the event and the effects in the same transaction. Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.calendar import OfficeCalendar
from portal.clock import local_date
from portal.commands import initiators, lines, mail, statements
from portal.commands.beginning import begin, waiting_for
from portal.commands.effects import carry_out
from portal.commands.following import followed_from
from portal.commands.initiators import words_of
from portal.commands.leave import expect_hours
from portal.commands.numbers import next_number
from portal.commands.outstanding import Follows, expect_nothing_settled
from portal.models.cases import Case, Document
from portal.models.events import CaseEvent, record
from portal.models.people import Employment
from portal.queries.cases import WHOLE, situation_of, standing
from portal.queries.line import about, line_of, makers_of, signer
from portal.queries.people import calendar_of, policies_of
from portal.queries.queue import QueueFilter, next_free
from portal.queries.sources import hold_sources
from portal.queries.stand_ins import stand_ins
from workflows import CASE_TYPES
from workflows.deciding import Decision, decide
from workflows.effects import LapseFollowing, StopOwing
from workflows.gaps import Open
from workflows.kernel import Actor, CalendarDays, CaseType, Given, Norm, Refusal, Refused, State
from workflows.parties import GRANTED, N_, Channel, Party
from workflows.retention import destruction_day, retention_of
from workflows.urgency import days_after

SUBSTITUTE_BARRED = Refusal(
    "substitute_barred",
    N_(
        "As a substitute you cannot decide on this request: you stand below the employee, or signed or pay it yourself."
    ),
)
JUST_BEFORE_YOU = Refusal("just_before_you", N_("Somebody was just before you: this case has changed. Look again."))
NOT_EDITABLE = Refusal("not_editable", N_("This case was submitted and cannot be changed now."))
NOT_IN_QUEUE = Refusal("not_in_queue", N_("This case is not waiting for the SSC."))
TAKEN = Refusal("taken", N_("A colleague is already working on this case."))
OWN_FROM_QUEUE = Refusal("own_from_queue", N_("This is your own request: a colleague must handle it."))

NOTHING = Given()
EVERYTHING = QueueFilter()
SYSTEM_ACTOR = Actor(None, Party.SYSTEM, channel=Channel.JOB)


# Put together once: that takes longer than running them.
BEGUN = select(Case).where(Case.initiator_id == bindparam("who"), Case.client_key == bindparam("key")).options(*WHOLE)
FREEZE = (
    update(Document)
    .where(Document.case_id == bindparam("case"), Document.frozen_at.is_(None))
    .values(frozen_at=bindparam("now"))
)


def start(
    session: Session, type_key: str, employment: Employment, client_key: str, at: datetime,
    preparer_id: int | None = None,
) -> Case:  # fmt: skip
    """Begin a draft. The same `client_key` (made by the page that asks) gives the same draft, however often sent.

    `preparer_id` is who fills it in for the employee, when somebody does.
    """
    person_id = employment.person_id
    found = session.scalars(BEGUN, {"who": person_id, "key": client_key}).first()
    if found:
        return found
    try:
        with session.begin_nested():
            return begin(session, CASE_TYPES[type_key], employment, client_key, at, preparer_id=preparer_id)
    except IntegrityError:
        # Sent twice at the same moment: the other request has begun it.
        return session.scalars(BEGUN, {"who": person_id, "key": client_key}).one()


def save_draft(session: Session, case: Case, typed: Mapping[str, Any], at: datetime) -> None:
    """Keep what is being typed, as typed. A half-filled form is no event: nothing was said yet."""
    if case.state not in CASE_TYPES[case.type].filling_in.at:
        raise Refused(NOT_EDITABLE)
    case.draft = dict(typed)
    case.drafted_at = at


def expect_version(case: Case, version: int | None) -> None:
    """Refuse when the page somebody acts on shows an older version of the case."""
    if version is not None and version != case.version:
        raise Refused(JUST_BEFORE_YOU)


@dataclass(frozen=True)
class Step:
    """Who takes which step, with what, when; `started_at` is when work on it began.

    `still_open` is what is open in the case, where that was found in this transaction already.
    """

    key: str
    actor: Actor
    at: datetime
    given: Given = NOTHING
    started_at: datetime | None = None
    data: Mapping[str, Any] | None = None
    still_open: tuple[Open, ...] | None = None


def act(session: Session, case: Case, step: Step) -> Decision:
    """Take one step, or raise Refused with every reason. Case is loaded with `WHOLE`."""
    case_type = CASE_TYPES[case.type]
    if case_type.action(step.key).signs:
        step = replace(step, given=replace(step.given, content=case.content))
        # Of two that are signed at once, the second must see what the first was let pass.
        lines.one_at_a_time(session, case.initiator_id)
    handed_in = case_type.action(step.key).takes_content
    flags = lines.to_flag(session, case, step.given.content, step.at) if handed_in else case.flags
    hold_sources(session, case)
    situation = situation_of(session, case, step.actor, step.at, step.given, flags, step.still_open)
    decision = decide(case_type, step.key, situation)
    # Found before anything is written: a refusal leaves the case as it was.
    _expect_fit_to_stand_in(session, case, decision, step.at)
    if any(isinstance(effect, StopOwing | LapseFollowing) for effect in decision.effects):
        for one in (case, *followed_from(session, case)):
            expect_nothing_settled(session, one)
    expect_hours(session, case, decision.effects, step.given.content or case.content)
    initiators.expect_known(session, case, decision.effects, step.given.content, step.at)
    approver_id = _approver(session, case, case_type, decision, step)
    before = case.content
    with session.no_autoflush:  # all that changes in the case is written at once
        if step.given.content:
            _take_content(session, case, case_type, step)
        if decision.action.binds and decision.to_state.waits_for is not Party.APPROVER:
            case.bound = _approved(case, case_type)
        if decision.to_state.result not in (None, GRANTED):
            case.sanctioned_cents = 0
        elif reopens(decision):
            # What was granted before it was rejected, less what others took meanwhile; who checks it now ticks anew.
            if lines.renew(session, case, step.at) != case.content:
                step = replace(step, data={"content": case.content, **(step.data or {})})
            case.sanctioned_cents, case.ticks = case_type.facts(case.content).sanctioned_cents, {}
        event = _event(case, decision, step)
        _move(session, case, case_type, decision, step.at, approver_id)
        case.words = words_of(case)
        case.trail = [*case.trail, [step.key, decision.actor.person_id, decision.actor.on_behalf_of]]
        record(session, event)
        if handed_in:
            lines.hand_in(session, case, flags, step.at)
            statements.keep(session, case, case_type, step.at)
        elif step.given.content:
            lines.keep_decisions(session, case, before)
    # The version rises with the flush; links made by the effects are for the new one.
    session.flush()
    if decision.from_state.linked:
        # Only who was asked has a link, and only while the case waits for them.
        how = "used" if step.actor.channel is Channel.MAIL_LINK else "superseded"
        mail.end_links(session, case, how, step.at)
    for effect in decision.effects:
        follow(session, carry_out(session, case, effect, event, step.at), step.at)
    return decision


def follow(session: Session, steps: Iterable[Follows], at: datetime) -> None:
    """Take the steps that follow by themselves, in this case or another."""
    for one in steps:
        act(session, one.case, Step(one.key, SYSTEM_ACTOR, at, one.given, data=one.data))


def reopens(decision: Decision) -> bool:
    """Whether a case that ended without being granted goes on."""
    return decision.to_state.result is None and decision.from_state.result not in (None, GRANTED)


def _approved(case: Case, case_type: CaseType) -> dict[str, Any]:
    """What an approval of this case is given for."""
    return {
        "claimed_cents": case.claimed_cents,
        "cost_centre": case.cost_centre,
        **case_type.approved(case.content),
    }


def act_as(session: Session, viewer: Viewer, case: Case, key: str, given: Given, at: datetime) -> Decision:
    """Take one step as a signed-in person."""
    return act(session, case, Step(key, viewer.actor(standing(case)), at, given))


def _take_content(session: Session, case: Case, case_type: CaseType, step: Step) -> None:
    content, action = step.given.content, case_type.action(step.key)
    hands_in = action.takes_content
    # What somebody fills in for another is signed by that other, when they confirm it.
    signs = (hands_in or action.signs) and step.actor.person_id == case.initiator_id
    case.content = dict(case_type.signed(content, case.initiator.name, step.at) if signs else content)
    facts = case_type.facts(case.content)
    case.title, case.cost_centre = facts.title, facts.cost_centre or case.cost_centre
    case.claimed_cents, case.sanctioned_cents = facts.claimed_cents, facts.sanctioned_cents
    case.period_from, case.period_to = facts.period_from, facts.period_to
    if hands_in:
        case.ticks = {}
        session.execute(FREEZE, {"case": case.id, "now": step.at})


def _event(case: Case, decision: Decision, step: Step) -> CaseEvent:
    data: dict[str, Any] = {"claimed_cents": case.claimed_cents, "sanctioned_cents": case.sanctioned_cents}
    if step.given.content:
        data |= {"content": case.content, "cost_centre": case.cost_centre}
    if case.ticks and decision.from_state.waits_for is Party.CLERK:
        data["ticks"] = case.ticks
    started = step.started_at or (case.assigned_at if decision.from_state.waits_for is Party.CLERK else None) or step.at
    return CaseEvent(
        case_id=case.id,
        action=decision.action.key,
        from_state=decision.from_state.key,
        to_state=decision.to_state.key,
        enabled_at=case.state_since,
        started_at=min(max(started, case.state_since), step.at),
        at=step.at,
        actor_id=decision.actor.person_id,
        on_behalf_of_id=decision.actor.on_behalf_of,
        channel=decision.actor.channel.value,
        reason=" ".join(step.given.reason.split(" ")).strip(),
        data=data | dict(step.data or {}),
    )


def _move(session: Session, case: Case, case_type: CaseType, decision: Decision, at: datetime,
          approver_id: int | None) -> None:  # fmt: skip
    """Write the new state and everything that follows from it alone: clocks, holder, approver, number, result."""
    to, calendar = decision.to_state, calendar_of(case.municipality)
    if case.number is None and to.result in (None, GRANTED):
        case.number = next_number(session, case_type.prefix, local_date(at).year)
        _receive(case, case_type, calendar, at)
    elif decision.action.takes_content and case_type.facts(case.content).received not in (None, case.received_at):
        # What was typed of its receipt was wrong, and was put right before anybody was asked.
        _receive(case, case_type, calendar, at)
    if to is decision.from_state:
        if decision.action.who is Party.SYSTEM and to.waits_for is Party.APPROVER:
            _pass_on(case, approver_id, at)
        return
    case.state, case.waits_for, case.state_since = to.key, waiting_for(to.waits_for), at
    case.reminded_at = case.escalated_at = None
    stays = bool(decision.from_state.waits_for & to.waits_for & Party.CLERK)
    if not stays:
        case.assignee_id = case.assigned_at = None
        case.assignee = None
    since = _run_clock(case, decision, calendar, at)
    if not stays or case.step_due is None:
        norm = _norm(session, case, to, at)
        case.step_due = calendar.due(at, norm) if norm else case.target_due
    elif since and case.step_due:
        # Whoever suspended a case still has it when it goes on, with as much time as was left.
        case.step_due = calendar.resume(case.step_due, since, at)
    set_urgency(case)
    if to.waits_for is Party.APPROVER:
        case.approver_id = approver_id
        # Whoever is asked anew decides anew: an approval that fell does not come back with a lower amount, nor does
        # the first of two signatures.
        case.bound = None
    if decision.action.takes_content:
        case.draft = case.draft if to.result is None else None
    if to.result:
        case.result, case.closed_at = to.result.value, at
        ended = local_date(at)
        held = retention_of(case_type.retention, case.result, ended)
        case.destroy_on = destruction_day(held, ended) if held else None
    else:
        case.result = case.closed_at = case.destroy_on = None


def _norm(session: Session, case: Case, to: State, at: datetime) -> Norm | None:
    """The time a state may take: as declared, or as the municipality agreed where that is a policy."""
    if not to.term:
        return to.norm
    agreed = policies_of(session, case.municipality_id).at(to.term, local_date(at))
    return CalendarDays(int(agreed.number)) if agreed else to.norm


def _pass_on(case: Case, approver_id: int | None, at: datetime) -> None:
    """Somebody else is asked in the same state: they have their own time before a reminder; the norm stays."""
    case.approver_id, case.state_since = approver_id, at
    case.reminded_at = case.escalated_at = None


def _receive(case: Case, case_type: CaseType, calendar: OfficeCalendar, at: datetime) -> None:
    """From when its terms count: the moment it was handed in, or when it is proven to have come in."""
    since = case_type.facts(case.content).received or at
    case.received_at = since
    case.target_due = calendar.due(since, case_type.norm)
    case.legal_due = calendar.due(since, case_type.legal) if case_type.legal else None


def _run_clock(case: Case, decision: Decision, calendar: OfficeCalendar, at: datetime) -> datetime | None:
    """Stop the case's clock where a state suspends it; give back exactly that time when it goes on or is reopened.

    Returns since when the clock had stood still, when it goes on.
    """
    since = case.closed_at if reopens(decision) else case.suspended_since
    if decision.to_state.suspends:
        case.suspended_since = since or at
        return None
    if since is None:
        return None
    if case.target_due:
        case.target_due = calendar.resume(case.target_due, since, at)
    if case.legal_due and not CASE_TYPES[case.type].legal_runs_on:
        case.legal_due = calendar.resume(case.legal_due, since, at, CASE_TYPES[case.type].legal)
    case.suspended_since = None
    return since


def set_urgency(case: Case) -> None:
    """Keep from when a norm of this case is in danger; to be called whenever a date of it has moved."""
    calendar, rest = calendar_of(case.municipality), days_after(CASE_TYPES[case.type], case.state)
    ends = [calendar.earlier(due, rest) for due in (case.target_due, case.legal_due) if due is not None]
    case.act_by = min((end for end in (case.step_due, *ends) if end is not None), default=None)


def _approver(session: Session, case: Case, case_type: CaseType, decision: Decision, step: Step) -> int | None:
    """Who is asked to approve, or to sign as the second; None when nobody may, and then the SSC is told."""
    to = decision.to_state
    if to.waits_for is not Party.APPROVER or (to is decision.from_state and decision.action.who is not Party.SYSTEM):
        return None
    changed: dict[str, Any] = {}
    if content := step.given.content:
        facts = case_type.facts(content)
        changed = {"cents": facts.claimed_cents, "cost_centre": facts.cost_centre or case.cost_centre}
    now = about(case, **changed)
    if decision.action.takes_content:
        # A new round: who signed in the one before may sign again.
        now = replace(now, apart=makers_of(case) | case_type.apart(step.given.content))
    elif decision.action.binds:
        signing = {who for who in (decision.actor.person_id, decision.actor.on_behalf_of) if who is not None}
        now = replace(now, apart=now.apart | signing)
    return signer(line_of(session, case.municipality_id, case.type, local_date(step.at)), to, now)


def _expect_fit_to_stand_in(session: Session, case: Case, decision: Decision, at: datetime) -> None:
    """Refuse a substitute who may not decide in this case, whatever whoever is away has asked of them."""
    actor = decision.actor
    if actor.on_behalf_of is None or decision.from_state.waits_for is not Party.APPROVER:
        return
    if actor.person_id not in stand_ins(session, case, local_date(at)):
        raise Refused(SUBSTITUTE_BARRED)


def take(session: Session, viewer: Viewer, case: Case, at: datetime) -> None:
    """Take a case from the queue, to work on it alone. Taking what one holds already changes nothing."""
    if case.waits_for != Party.CLERK.name or Party.CLERK not in viewer.parties(standing(case)):
        raise Refused(NOT_IN_QUEUE)
    if viewer.person_id in (case.initiator_id, case.preparer_id):
        raise Refused(OWN_FROM_QUEUE)
    if case.assignee_id not in (None, viewer.person_id):
        raise Refused(TAKEN)
    if case.assignee_id is None:
        case.assignee_id, case.assigned_at = viewer.person_id, at


def take_next(session: Session, viewer: Viewer, at: datetime, wanted: QueueFilter = EVERYTHING) -> Case | None:
    """Take the most urgent case that is free and that this clerk may handle; None when there is none.

    Many clerks may ask at once: a row another is being given is skipped, so nobody gets the same case.
    """
    case = next_free(session, viewer, wanted, at)
    if case is not None:
        take(session, viewer, case, at)
    return case


def tick(case: Case, viewer: Viewer, line: str, check: str, done: bool, at: datetime) -> None:
    """Tick or clear one check of one line; the checklist remembers who and when."""
    if case.assignee_id != viewer.person_id:
        raise Refused(TAKEN)
    asked = CASE_TYPES[case.type].checks(case.content)
    if check not in {key for key, _ in asked.get(line, ())}:
        raise Refused(NOT_IN_QUEUE)
    of_line = dict(case.ticks.get(line, {}))
    if not done:
        of_line.pop(check, None)
    elif check not in of_line:
        of_line[check] = {"by": viewer.person_id, "name": viewer.name, "at": at.isoformat()}
    case.ticks = {**case.ticks, line: of_line}
