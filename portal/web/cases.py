"""The dossier: one page for everybody in a case, each with what they may see and do; and the list of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import EMPLOYEE, Role, Viewer, open_to
from portal.commands import cases as commands
from portal.commands.handing import hand
from portal.commands.reads import record_read
from portal.models.cases import Case
from portal.queries.cases import case_by_number, dossier_of, my_cases, offers_to, standing
from portal.queries.lateness import bill_of
from portal.queries.outstanding import settled_with, settlements_about
from portal.queries.paying import paid_in
from portal.queries.people import calendar_of
from portal.queries.reads import reads_of
from portal.queries.related import kin_of, to_ask_of
from portal.queries.satisfaction import question_about
from portal.queries.timing import timing_of
from portal.web import reading
from portal.web import unit_of_work as uow
from portal.web.giving import given_with
from portal.web.presenting import route_of
from portal.web.sent import whole
from portal.web.shaping import holder_of
from portal.web.signals import signals_of
from portal.words.timeline import changed_since, timeline_of
from workflows import CASE_TYPES
from workflows.afterwards import ADD_LATER
from workflows.coding import CODE
from workflows.deciding import Offer
from workflows.filling import Problem
from workflows.kernel import Action, CaseType, Refusal, Refused
from workflows.parties import N_, Party
from workflows.rules import HOLDS_CASE

bp = Blueprint("cases", __name__)


def find(number: str) -> Case:
    """The case of this number, or 404: what one may not see does not exist."""
    return case_by_number(uow.session(), uow.viewer(), number) or abort(HTTPStatus.NOT_FOUND)


def posted_version() -> int | None:
    """The version of the case that the page showed."""
    version = request.form.get("version", "")
    return whole(version)


@bp.get("/zaken")
@open_to(EMPLOYEE)
def mine() -> ResponseReturnValue:
    """One's own requests, the newest first."""
    after = request.args.get("after", "")
    page = my_cases(uow.session(), uow.viewer(), after=whole(after))
    return render_template("cases/mine.html", page=page, settled=settled_with(uow.session(), page.cases))


def show(case: Case, refusals: dict[str, tuple[Refusal, ...]] | None = None, status: int = 200,
         problems: tuple[Problem, ...] = ()) -> ResponseReturnValue:  # fmt: skip
    """The dossier page; `refusals` by the step they belong to, with what was typed kept and the `problems` in it."""
    session, viewer = uow.session(), uow.viewer()
    case_type, dossier = CASE_TYPES[case.type], dossier_of(session, case.id)
    open_to_me = offers_to(session, viewer, case, uow.now())
    others = kin_of(session, viewer, case)
    ways = ways_on(case, viewer, open_to_me)
    page = render_template(
        "cases/dossier.html",
        case=case,
        case_type=case_type,
        dossier=dossier,
        settlements=settlements_about(session, case, dossier.events),
        clerk=viewer.has(Role.CLERK, case.municipality_id),
        mine=case.initiator_id == viewer.person_id,
        reads=reads_of(session, case.id) if case.initiator_id == viewer.person_id else (),
        route=route_of(case, dossier.events, holder_of(case)),
        timing=timing_of(case, dossier.events, calendar_of(case.municipality), uow.now()),
        timeline_events=timeline_of(case, dossier.events),
        changes=changed_since(case, dossier.events)
        if case.waits_for in (Party.APPROVER.name, Party.CLERK.name)
        else (),
        kin=[other for other in others if case.parent_id == other.id or other.parent_id == case.id],
        signals=signals_of(case, viewer, {other.number for other in others if other.number}),
        offers=[
            offer
            for offer in open_to_me
            if not elsewhere(CASE_TYPES[case.type], offer.action) and not ("take" in ways and _only_to_be_taken(offer))
        ],
        ways=ways,
        to_ask=to_ask_of(session, case, viewer.person_id),
        refusals=refusals or {},
        refused_unseen=_unseen(refusals or {}, open_to_me),
        problems=problems,
        typed=request.form,
        paid=paid_in(session, case, uow.now()),
        bill=bill_of(session, case, uow.today()) if viewer.has(Role.CLERK, case.municipality_id) else None,
        mark=question_about(session, viewer, case, uow.now()),
        content_template=[f"cases/{case.type}/content.html", "cases/content.html"],
    )
    return page, status


def _unseen(refusals: dict[str, tuple[Refusal, ...]], offers: Sequence[Offer]) -> list[Refusal]:
    """Why steps were refused that are not on the page, so that their reasons stand above it."""
    shown = {"put_back", "mark", *(offer.action.key for offer in offers)}
    return [refusal for key, found in refusals.items() if key not in shown for refusal in found]


def _only_to_be_taken(offer: Offer) -> bool:
    """Whether the button that takes the case says all there is to say about this step."""
    return {refusal.code for refusal in offer.refusals} == {HOLDS_CASE.code}


def elsewhere(case_type: CaseType, action: Action) -> bool:
    """Whether a step has a page of its own: the form, the check bench, the payments."""
    return (
        action.takes_content
        or action.key in ("adjust", "settle_flag", ADD_LATER, CODE, *case_type.bench)
        or bool(action.who & Party.TREASURER)
    )


def ways_on(case: Case, viewer: Viewer, offers: tuple[Offer, ...]) -> frozenset[str]:
    """Which other pages of this case lie open: edit, take, bench, payments; `held` by this clerk, or to `release`."""
    ways = {
        "edit": any(offer.action.takes_content for offer in offers),
        "take": case.assignee_id is None and may_take(viewer, case),
        "held": case.assignee_id == viewer.person_id,
        "release": case.assignee_id not in (None, viewer.person_id) and may_take(viewer, case),
        "bench": case.assignee_id == viewer.person_id
        and any(offer.action.key in CASE_TYPES[case.type].bench for offer in offers),
        "payments": any(offer.action.who & Party.TREASURER for offer in offers),
        "code": any(offer.action.key == CODE and not offer.refusals for offer in offers),
        "add": any(offer.action.key == ADD_LATER and not offer.refusals for offer in offers),
    }
    return frozenset(way for way, is_open in ways.items() if is_open)


def may_take(viewer: Viewer, case: Case) -> bool:
    """Whether this clerk may work on the case: it waits for one, and is none of their own."""
    parties = viewer.parties(standing(case))
    return case.waits_for == Party.CLERK.name and Party.CLERK in parties and Party.INITIATOR not in parties


@bp.get("/zaken/<number>")
@open_to(EMPLOYEE)
def dossier(number: str) -> ResponseReturnValue:
    """The dossier of a case."""
    case = find(number)
    return show(case) if reading.enter(case) else reading.ask_why(case)


@bp.post("/zaken/<number>/inzien")
@open_to(EMPLOYEE)
def look_into(number: str) -> ResponseReturnValue:
    """Say why one needs to see a dossier that is not one's work."""
    case = find(number)
    if reading.enter(case):
        return reading.back_to(case)
    try:
        record_read(uow.session(), uow.viewer(), case, uow.now(), reason=request.form.get("reason", ""))
    except Refused as refused:
        return reading.ask_why(case, refused.refusals[0], HTTPStatus.UNPROCESSABLE_ENTITY)
    return reading.back_to(case)


@bp.post("/zaken/<number>/<key>")
@open_to(EMPLOYEE)
def step(number: str, key: str) -> ResponseReturnValue:
    """Take a step from the dossier."""
    case = find(number)
    commands.expect_version(case, posted_version())
    action = CASE_TYPES[case.type].action(key)
    if elsewhere(CASE_TYPES[case.type], action):
        abort(HTTPStatus.NOT_FOUND)
    if not reading.enter(case):
        # A step that is refused shows the dossier: that is looking into it.
        return reading.ask_why(case, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    given, problems = given_with(case, action)
    if problems:
        return show(case, {key: ()}, HTTPStatus.UNPROCESSABLE_ENTITY, problems)
    try:
        commands.act_as(uow.session(), uow.viewer(), case, key, given, uow.now())
    except Refused as refused:
        return show(case, {key: refused.refusals}, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(f"{case.number}: {i18n.gettext(action.done)}", "success")
    return redirect(url_for("cases.dossier", number=case.number))


@bp.post("/zaken/<number>/nemen")
@open_to(Role.CLERK)
def take(number: str) -> ResponseReturnValue:
    """Take this case from the queue."""
    case = find(number)
    commands.take(uow.session(), uow.viewer(), case, uow.now())
    return redirect(url_for("queue.bench", number=case.number))


@bp.post("/zaken/<number>/teruggeven")
@open_to(Role.CLERK)
def put_back(number: str) -> ResponseReturnValue:
    """Give this case back to the queue; one that a colleague works on, with a reason."""
    case = find(number)
    try:
        hand(uow.session(), uow.viewer(), case, None, uow.now(), request.form.get("reason", ""))
    except Refused as refused:
        return show(case, {"put_back": refused.refusals}, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("%(number)s is back in the queue."), number=case.number), "success")
    return redirect(url_for("queue.inbox"))
