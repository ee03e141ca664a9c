"""Cases as people see them: one dossier, my cases, and what waits for me. The clerks' queue is in `queue.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    and_,
    bindparam,
    exists,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, defer, joinedload

from portal.access import CaseStanding, Role, Viewer
from portal.clock import local_date
from portal.models.cases import Case, Document
from portal.models.contact import Contact, ContactQuestion
from portal.models.events import CaseEvent
from portal.models.mail import OutboxMail
from portal.models.payments import BatchLine, Payable
from portal.models.people import Employment
from portal.queries.gaps import open_in
from portal.queries.people import policies_of
from portal.queries.sampling import passed_lately
from portal.queries.sources import source_open
from workflows import CASE_TYPES
from workflows.deciding import Offer, offers
from workflows.gaps import Open
from workflows.kernel import Action, Actor, CaseView, Given, Situation
from workflows.parties import Party
from workflows.policies import PolicyBook
from workflows.sampling import drawn_from, period
from workflows.trail import Flagged, Step

PAGE = 50


def standing(case: Case) -> CaseStanding:
    """The columns of a case that decide who somebody is in it."""
    return CaseStanding(case.initiator_id, case.preparer_id, case.approver_id, case.municipality_id,
                        CASE_TYPES[case.type].mandate_kind, case.cost_centre)  # fmt: skip


def _for_role(viewer: Viewer, role: Role) -> ColumnElement[bool]:
    if not viewer.has(role):
        return false()
    municipalities = viewer.municipalities(role)
    return true() if municipalities is None else Case.municipality_id.in_(municipalities)


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """The SQL condition that this person may see a case. What they may not see does not exist for them.

    One's own cases; cases one is or was asked about; for clerks whatever was submitted to them; for treasurers what
    is or was payable. A draft is its maker's alone.
    """
    clerk, treasurer = _for_role(viewer, Role.CLERK), _for_role(viewer, Role.TREASURER)
    return _seen_by(viewer.person_id, {viewer.person_id} | viewer.stands_in_for, clerk, treasurer)


def _seen_by(me: Any, deciders: Any, clerk: ColumnElement[bool], treasurer: ColumnElement[bool]) -> ColumnElement[bool]:
    # What a clerk is filling in is about somebody else, and theirs alone until it is handed in.
    filling_in = and_(Case.number.is_(None), Case.assignee_id == me)
    begun = or_(Case.number.is_not(None), Case.waits_for != Party.CLERK.name)
    mine = or_(and_(or_(Case.initiator_id == me, Case.preparer_id == me), begun), filling_in)
    took_part = exists().where(
        CaseEvent.case_id == Case.id, or_(CaseEvent.actor_id == me, CaseEvent.on_behalf_of_id == me)
    )
    pays = and_(treasurer, exists().where(Payable.case_id == Case.id))
    return or_(mine, and_(Case.number.is_not(None), or_(Case.approver_id.in_(deciders), took_part, clerk, pays)))


WHOLE = (
    joinedload(Case.initiator),
    joinedload(Case.preparer),
    joinedload(Case.approver),
    joinedload(Case.assignee),
    joinedload(Case.municipality),
    joinedload(Case.employment).joinedload(Employment.unit),
)


# Statements that many pages run are put together once: that takes longer than running them.
ME: BindParameter[int] = bindparam("me")
CASE: BindParameter[int] = bindparam("case")


def _role_given(role: Role) -> ColumnElement[bool]:
    everywhere, there = bindparam(f"{role.value}_everywhere", type_=Boolean()), f"{role.value}_there"
    return or_(everywhere, Case.municipality_id.in_(bindparam(there, expanding=True)))


SEEN = _seen_by(ME, bindparam("deciders", expanding=True), _role_given(Role.CLERK), _role_given(Role.TREASURER))
"""The same as `visible`, for statements that are put together once: `eyes_of` says of whom."""
BY_NUMBER = select(Case).where(Case.number == bindparam("number"), SEEN).options(*WHOLE)
EDITABLE = (
    select(Case)
    .where(Case.id == CASE, or_(Case.initiator_id == ME, Case.preparer_id == ME, Case.assignee_id == ME))
    .options(*WHOLE)
)


def eyes_of(viewer: Viewer) -> dict[str, Any]:
    """What `SEEN` reads of a viewer, as values of a statement."""
    eyes: dict[str, Any] = {"me": viewer.person_id, "deciders": [viewer.person_id, *viewer.stands_in_for]}
    for role in (Role.CLERK, Role.TREASURER):
        there = viewer.municipalities(role)
        eyes |= {f"{role.value}_everywhere": there is None, f"{role.value}_there": list(there or ())}
    return eyes


def case_by_number(session: Session, viewer: Viewer, number: str) -> Case | None:
    """The case of this number with everybody in it, if this person may see it."""
    return session.scalars(BY_NUMBER, {"number": number, **eyes_of(viewer)}).first()


def editable(session: Session, viewer: Viewer, case_id: int) -> Case | None:
    """A case its maker can fill in: a draft, or one that came back. What clerks fill in is of the one who has it."""
    case = session.scalars(EDITABLE, {"case": case_id, "me": viewer.person_id}).first()
    if case is None or case.state not in CASE_TYPES[case.type].filling_in.at:
        return None
    by_clerk = case.waits_for == Party.CLERK.name
    if (case.assignee_id == viewer.person_id) is not by_clerk:
        return None
    return case if CASE_TYPES[case.type].filling_in.who & viewer.parties(standing(case)) else None


def _flagged(flags: Sequence[Mapping[str, Any]]) -> tuple[Flagged, ...]:
    return tuple(Flagged(flag["code"], flag["line"], flag["asks"], flag["settled_as"]) for flag in flags)


def view_of(case: Case, policies: PolicyBook, still_open: tuple[Open, ...] = ()) -> CaseView:
    """The case as the rules see it."""
    return CaseView(
        state=case.state,
        initiator_id=case.initiator_id,
        content=case.content,
        number=case.number or "",
        preparer_id=case.preparer_id,
        approver_id=case.approver_id,
        assignee_id=case.assignee_id,
        claimed_cents=case.claimed_cents,
        sanctioned_cents=case.sanctioned_cents,
        cost_centre=case.cost_centre,
        trail=tuple(Step(*step) for step in case.trail),
        bound=case.bound,
        ticks=case.ticks,
        policies=policies,
        flags=_flagged(case.flags),
        open=still_open,
    )


def situation_of(
    session: Session, case: Case, actor: Actor, at: datetime, given: Given | None = None,
    flags: Sequence[Mapping[str, Any]] | None = None, still_open: tuple[Open, ...] | None = None,
) -> Situation:  # fmt: skip
    """All that the rules may look at when this person acts in this case; `flags` if they are not those it has now.

    `still_open` is what is open in it, where that was asked already for many at once. One query, two at the end.
    """
    if still_open is None:
        still_open = open_in(session, [case]).get(case.id, ())
    policies = policies_of(session, case.municipality_id)
    view = view_of(case, policies, still_open)
    if flags is not None:
        view = replace(view, flags=_flagged(flags))
    if number := source_open(session, case):
        view = replace(view, source_open=number)
    if case.state in drawn_from(CASE_TYPES[case.type]) and (days := period(policies, local_date(at))):
        view = replace(view, lately_cents=passed_lately(session, case, at - timedelta(days=days)))
    return Situation(view, actor, given or Given(), at, local_date(at))


def offers_to(session: Session, viewer: Viewer, case: Case, at: datetime) -> tuple[Offer, ...]:
    """The steps that lie open to this person in this case."""
    return offers(CASE_TYPES[case.type], situation_of(session, case, viewer.actor(standing(case)), at))


EVENTS = (
    select(CaseEvent)
    .where(CaseEvent.case_id == CASE)
    .options(joinedload(CaseEvent.actor), joinedload(CaseEvent.on_behalf_of))
    .order_by(CaseEvent.id)
)
DOCUMENTS = select(Document).where(Document.case_id == CASE).order_by(Document.id)


def events_of(session: Session, case_id: int) -> Sequence[CaseEvent]:
    """Every step of a case, the first first, with who took it."""
    return session.scalars(EVENTS, {"case": case_id}).all()


def documents_of(session: Session, case_id: int) -> Sequence[Document]:
    """The documents of a case in the order they came."""
    return session.scalars(DOCUMENTS, {"case": case_id}).all()


@dataclass(frozen=True)
class Dossier:
    """What is kept with a case, apart from the case itself."""

    events: Sequence[CaseEvent]
    documents: Sequence[Document]
    mails: Sequence[OutboxMail]
    contacts: Sequence[ContactQuestion]
    payments: Sequence[BatchLine]


MAILS = select(OutboxMail).where(OutboxMail.case_id == CASE).order_by(OutboxMail.id)
CONTACTS = (
    select(ContactQuestion)
    .where(ContactQuestion.case_id == CASE)
    .options(joinedload(ContactQuestion.contact).joinedload(Contact.clerk))
    .order_by(ContactQuestion.id)
)
PAYMENTS = (
    select(BatchLine)
    .join(Payable)
    .where(Payable.case_id == CASE)
    .options(joinedload(BatchLine.batch))
    .order_by(BatchLine.id)
)


def dossier_of(session: Session, case_id: int) -> Dossier:
    """Everything in the dossier. Five queries, whatever its size."""
    this = {"case": case_id}
    return Dossier(
        events=events_of(session, case_id),
        documents=documents_of(session, case_id),
        mails=session.scalars(MAILS, this).all(),
        contacts=session.scalars(CONTACTS, this).all(),
        payments=session.scalars(PAYMENTS, this).all(),
    )


def without(*columns: Any) -> tuple[Any, ...]:
    return tuple(defer(column, raiseload=True) for column in columns)


HEADLINES = without(Case.content, Case.ticks, Case.bound, Case.trail, Case.handed, Case.flags)
"""For lists: a case without what only its own page shows, which is most of its bytes. Asking for it is an error."""


@dataclass(frozen=True)
class Page:
    """One page of a list; `after` is the key to ask the next with, None at the end."""

    cases: Sequence[Case]
    after: str | None = None


def my_cases(session: Session, viewer: Viewer, *, after: int | None = None, limit: int = PAGE) -> Page:
    """Cases this person made or is paid by, newest first, drafts that were dropped left out."""
    query = (
        select(Case)
        .where(
            Case.initiator_id == viewer.person_id,
            or_(
                Case.number.is_not(None),
                and_(Case.closed_at.is_(None), Case.waits_for == Party.INITIATOR.name),
            ),
        )
        .options(*HEADLINES, joinedload(Case.approver), joinedload(Case.assignee))
        .order_by(Case.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(Case.id < after)
    found = session.scalars(query).all()
    return Page(found[:limit], str(found[limit - 1].id) if len(found) > limit else None)


def waiting_of(session: Session, viewer: Viewer, limit: int = PAGE) -> Sequence[Case]:
    """Cases of this person that wait for them, the newest first."""
    return session.scalars(
        select(Case)
        .where(Case.initiator_id == viewer.person_id, Case.waits_for == Party.INITIATOR.name, Case.closed_at.is_(None))
        .options(*HEADLINES, joinedload(Case.approver), joinedload(Case.assignee))
        .order_by(Case.id.desc())
        .limit(limit)
    ).all()


def to_approve(session: Session, viewer: Viewer, limit: int = PAGE) -> Sequence[Case]:
    """Cases that wait for this person's decision, or for somebody's they stand in for; the most urgent first."""
    return session.scalars(
        select(Case)
        .where(
            Case.approver_id.in_({viewer.person_id} | viewer.stands_in_for),
            Case.waits_for == Party.APPROVER.name,
            Case.closed_at.is_(None),
            Case.initiator_id != viewer.person_id,
        )
        .options(*HEADLINES, joinedload(Case.initiator), joinedload(Case.approver), joinedload(Case.municipality))
        .order_by(Case.step_due, Case.id)
        .limit(limit)
    ).all()


def actions_that(wanted: Callable[[Action], bool]) -> set[str]:
    """The keys of these steps in all case types."""
    return {action.key for case_type in CASE_TYPES.values() for action in case_type.actions if wanted(action)}


def decided_by(session: Session, viewer: Viewer, limit: int = 15) -> Sequence[CaseEvent]:
    """What this person decided as an approver lately, with the case of each."""
    return session.scalars(
        select(CaseEvent)
        .join(Case, Case.id == CaseEvent.case_id)
        .where(
            CaseEvent.actor_id == viewer.person_id,
            CaseEvent.action.in_(actions_that(lambda action: bool(action.who & Party.APPROVER))),
            Case.initiator_id != viewer.person_id,
        )
        .options(joinedload(CaseEvent.case).joinedload(Case.initiator))
        .order_by(CaseEvent.id.desc())
        .limit(limit)
    ).all()


def cases_of(session: Session, viewer: Viewer, person_id: int, limit: int = 15) -> Sequence[Case]:
    """The last cases of a person, as far as the viewer may see them; the newest first."""
    return session.scalars(
        select(Case)
        .where(Case.initiator_id == person_id, Case.number.is_not(None), visible(viewer))
        .options(joinedload(Case.approver), joinedload(Case.assignee))
        .order_by(Case.id.desc())
        .limit(limit)
    ).all()
