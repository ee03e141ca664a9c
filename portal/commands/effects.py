"""What follows from a step besides the step itself: each effect of a declaration, carried out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands import (
    bank_accounts,
    disputes,
    initiators,
    leave,
    leave_back,
    mail,
    outstanding,
    payables,
    sampling,
)
from portal.commands.beginning import begin_anew, begin_following
from portal.commands.following import followed_from
from portal.commands.leave_substitutes import follow_leave
from portal.commands.outstanding import Follows, can
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.queries.cases import view_of
from portal.queries.line import whom_to_ask
from portal.queries.people import policies_of
from portal.queries.stand_ins import fit_for
from workflows import CASE_TYPES
from workflows.effects import (
    AskByMail,
    BeginAnew,
    BookHours,
    CaseEffect,
    Effect,
    Follow,
    GiveBackAbsent,
    GiveBackHours,
    HandTo,
    HoldOwed,
    LapseFollowing,
    LetGoOfHours,
    LiftHold,
    MayBeDrawn,
    MoneyEffect,
    MoveTo,
    Owe,
    OweAgain,
    Pay,
    ReserveHours,
    Restate,
    StopOwing,
    StopPaying,
    Tell,
    TellManager,
    TellPreparer,
    UseAccount,
)
from workflows.parties import Party

LAPSE = "lapse"
"""The step of a case that followed from another, when that turns out not to be granted after all."""


def ask_whoever_decides(session: Session, case: Case, letter: str, at: datetime) -> None:
    """Mail a deciding link to whoever decides now: the one asked, or their substitute. Without anybody the SSC is told
    that it must find somebody. What waits for the initiator is theirs alone."""
    if case.waits_for == Party.INITIATOR.name:
        mail.ask(session, case, case.initiator_id, letter, at)
        return
    if case.approver_id is None:
        mail.tell_ssc(session, case, "no_approver", at)
        return
    fit = fit_for(session, case, local_date(at))
    asked = next(iter(fit.able), case.approver_id)
    in_place_of = None if asked == case.approver_id else case.approver_id
    mail.ask(session, case, asked, letter, at, in_place_of=in_place_of, passed_over=fit.passed_over)


def carry_out(session: Session, case: Case, effect: Effect, event: CaseEvent, at: datetime) -> Iterable[Follows]:
    """Carry out one effect of a step; the steps that follow by themselves are answered, to be taken."""
    match effect:
        case AskByMail(letter):
            if CASE_TYPES[case.type].state(case.state).linked:
                ask_whoever_decides(session, case, letter, at)
        case Tell(party, letter):
            _tell(session, case, party, letter, event, at)
        case TellManager(letter):
            _tell_manager(session, case, letter, event, at)
        case TellPreparer(letter):
            if case.preparer_id not in (None, case.initiator_id):
                mail.tell(session, case, case.preparer_id, letter, at, event)
        case Pay() | StopPaying() | Owe() | HoldOwed() | OweAgain() | StopOwing():
            return _move_money(session, case, effect, event, at)
        case ReserveHours() | BookHours() | LetGoOfHours() | GiveBackHours():
            leave.move_hours(session, case, effect, event, at)
            if not isinstance(effect, ReserveHours):
                follow_leave(session, case.initiator_id, at, case_id=case.id)
        case UseAccount() | LiftHold():
            change = bank_accounts.use if isinstance(effect, UseAccount) else bank_accounts.lift_hold
            change(session, case, event, at)
        case MayBeDrawn() | HandTo() | MoveTo() | Restate():
            _keep(session, case, effect, event, at)
        case BeginAnew() | Follow() | LapseFollowing() | GiveBackAbsent():
            return _other_cases(session, case, effect, event, at)
    return ()


def _other_cases(session: Session, case: Case, effect: CaseEffect, event: CaseEvent, at: datetime) -> Iterable[Follows]:
    match effect:
        case BeginAnew(leaves, letter):
            if leaving := leaves(case.content):
                draft = begin_anew(session, case, leaving, at)
                mail.tell(session, case, case.initiator_id, letter, at, event, draft=draft)
        case LapseFollowing():
            return tuple(Follows(one, LAPSE) for one in followed_from(session, case) if can(one, LAPSE))
        case GiveBackAbsent(type_key):
            return leave_back.propose_for_absence(session, case, type_key, at)
        case Follow(type_key):
            view = view_of(case, policies_of(session, case.municipality_id))
            new, given = begin_following(session, case, view, effect, at)
            return (Follows(new, CASE_TYPES[type_key].filling_in.key, given=given),)
    return ()


def _keep(
    session: Session, case: Case, effect: MayBeDrawn | HandTo | MoveTo | Restate, event: CaseEvent, at: datetime
) -> None:  # fmt: skip
    """Keep with the case that it may be drawn, or whose it is from now on; or with the settlement what it put right."""
    if isinstance(effect, MayBeDrawn):
        sampling.may_be_drawn(session, case, at)
    elif isinstance(effect, Restate):
        disputes.restate(session, case, event, at)
    else:
        initiators.carry_out(session, case, effect, at)


def _tell(session: Session, case: Case, party: Party, letter: str, event: CaseEvent, at: datetime) -> None:
    if party is Party.SUPPLIER:
        mail.tell_outside(session, case, letter, at, event)
        return
    if party not in (Party.INITIATOR, Party.APPROVER):
        mail.tell_ssc(session, case, letter, at, event)
        return
    person_id = case.initiator_id if party is Party.INITIATOR else case.approver_id
    if person_id is not None:
        mail.tell(session, case, person_id, letter, at, event)


def _held_back(case: Case) -> bool:
    """Whether what followed from this case was ever held: most often not, and then nothing need be looked up."""
    steps = {key for key, *_ in case.trail}
    actions = CASE_TYPES[case.type].actions
    return any(isinstance(effect, HoldOwed) for action in actions if action.key in steps for effect in action.then)


def _tell_manager(session: Session, case: Case, letter: str, event: CaseEvent, at: datetime) -> None:
    if case.approver_id is None:
        # They are told and asked nothing, so who filled it in for the employee is not passed over.
        case.approver_id = whom_to_ask(session, case, local_date(at), apart={case.initiator_id})
        session.flush()
    if case.approver_id not in (None, event.actor_id):
        mail.tell(session, case, case.approver_id, letter, at, event)


def _move_money(session: Session, case: Case, effect: MoneyEffect, event: CaseEvent, at: datetime) -> Iterable[Follows]:
    match effect:
        case Pay(letter, net):
            return payables.pay(session, case, event, at, letter, net=net)
        case StopPaying():
            return payables.stop(session, case, event, at)
        case Owe(kind):
            event.data = {**event.data, "owed_cents": case.sanctioned_cents}
            return outstanding.owed(outstanding.owe(session, case, case.sanctioned_cents, kind, at), case)
        case HoldOwed():
            for one in (case, *followed_from(session, case)):
                outstanding.hold(session, one, at)
        case OweAgain() if _held_back(case):
            for one in followed_from(session, case):
                outstanding.release(session, one)
        case StopOwing():
            outstanding.void(session, case, at)
    return ()
