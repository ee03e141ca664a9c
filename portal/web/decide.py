"""Deciding from a mail. GET shows and changes nothing; only a POST with an explicit choice decides, once."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import cast

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import i18n
from portal.access import ANYONE, Viewer, open_to
from portal.commands import cases as commands
from portal.models.cases import Case
from portal.models.mail import MailLink
from portal.models.people import Person
from portal.queries.cases import documents_of, events_of, situation_of, standing
from portal.queries.mail import case_of_link, link_by_nonce
from portal.queries.people import viewer_of
from portal.queries.stand_ins import stand_ins
from portal.web import files
from portal.web import unit_of_work as uow
from portal.web.giving import given_with
from portal.web.shaping import holder_of
from portal.web.signals import signals_of
from portal.words.timeline import changed_since, timeline_of
from workflows import CASE_TYPES
from workflows.deciding import Offer, offers
from workflows.filling import Problem
from workflows.kernel import Actor, Refusal, Refused
from workflows.parties import N_, Channel, Party

bp = Blueprint("decide", __name__)

OWN_REQUEST = Refusal(
    "link_own_case",
    N_("Nobody decides on their own request. The mail with this link was meant for %(name)s."),
)
NO_CHOICE = Refusal("no_choice", N_("Choose what you decide."))


def _link(token: str) -> MailLink:
    """The link of this token; one that this world never signed does not exist."""
    nonce = uow.world().nonce_of(token)
    return (link_by_nonce(uow.session(), nonce) if nonce else None) or abort(HTTPStatus.NOT_FOUND)


def alive(link: MailLink, case: Case) -> bool:
    """Whether the link still decides; not once its reader is no longer the one who is asked, as a substitute whose time
    is over."""
    if link.ended is not None or uow.now() >= link.expires_at or case.version != link.case_version:
        return False
    return asked_as(case) in deciding(link).parties(standing(case))


def asked_as(case: Case) -> Party:
    """As what somebody is asked by a link of this case: who approves, or the initiator in a state that says so."""
    state = CASE_TYPES[case.type].state(case.state)
    return state.waits_for if state.linked else Party.APPROVER


def is_own(case: Case) -> bool:
    """Whether whoever is signed in here made this request: somebody passed the mail on to them."""
    if asked_as(case) is Party.INITIATOR:
        return False
    return current_user.is_authenticated and current_user.person.id in (case.initiator_id, case.preparer_id)


def _own(link: MailLink, case: Case) -> ResponseReturnValue:
    refusal = Refusal(OWN_REQUEST.code, OWN_REQUEST.sentence, {"name": link.person.name})
    return render_template("decide/own.html", case=case, refusal=refusal), HTTPStatus.FORBIDDEN


def _signed_in_as(link: MailLink) -> bool:
    return bool(current_user.is_authenticated and current_user.person.id == link.person_id)


def deciding(link: MailLink) -> Viewer:
    if "deciding" not in g:
        g.deciding = viewer_of(uow.session(), link.person, uow.today())
    return cast(Viewer, g.deciding)


def actor_of(link: MailLink, case: Case) -> Actor:
    actor = deciding(link).actor(standing(case), channel=Channel.MAIL_LINK, signed_in=_signed_in_as(link))
    return replace(actor, address_since=link.person.email_changed_at)


def choices_of(case: Case, actor: Actor) -> list[Offer]:
    """The steps the link offers: those of whoever is asked, with what stands in their way."""
    situation = situation_of(uow.session(), case, actor, uow.now())
    return [offer for offer in offers(CASE_TYPES[case.type], situation) if asked_as(case) in offer.action.who]


def _show(
    link: MailLink, case: Case, token: str, refusals: tuple[Refusal, ...] = (), status: int = 200,
    problems: tuple[Problem, ...] = (),
) -> ResponseReturnValue:  # fmt: skip
    choices = choices_of(case, actor_of(link, case))
    must_sign_in = any(r.code == "link_above_limit" for offer in choices for r in offer.refusals)
    events = events_of(uow.session(), case.id)
    return render_template(
        "decide/decide.html",
        case=case, case_type=CASE_TYPES[case.type], link=link, token=token, choices=choices, refusals=refusals,
        problems=problems,
        must_sign_in=must_sign_in, documents=[] if must_sign_in else documents_of(uow.session(), case.id),
        changes=changed_since(case, events), typed=request.form,
        signals=[] if must_sign_in else signals_of(case, deciding(link)),
        sums_template=[f"cases/{case.type}/sums.html", "cases/sums.html"],
    ), status  # fmt: skip


def has_it_now(case: Case) -> str:
    """Who decides now, when somebody still has to: the approver or their substitute."""
    if case.waits_for != Party.APPROVER.name or case.approver is None:
        return holder_of(case) if case.waits_for == Party.APPROVER.name else ""
    substitute = next(iter(stand_ins(uow.session(), case, uow.today())), None)
    if substitute is None:
        return case.approver.name
    name = uow.session().get_one(Person, substitute).name
    return i18n.gettext(N_("%(who)s in place of %(whom)s"), who=name, whom=case.approver.name)


def _dead(link: MailLink, case: Case) -> ResponseReturnValue:
    """What happened since, and who has it now: enough to know, no more."""
    events = events_of(uow.session(), case.id)
    return render_template(
        "decide/dead.html", case=case, link=link, expired=link.ended is None and uow.now() >= link.expires_at,
        last=timeline_of(case, events)[:1], person_name=link.person.name, now_with=has_it_now(case),
    ), HTTPStatus.GONE  # fmt: skip


@bp.get("/akkoord/<token>")
@open_to(ANYONE)
def look(token: str) -> ResponseReturnValue:
    """All that matters for a decision, on one page. Opening it changes nothing, whoever or whatever opens it."""
    link = _link(token)
    case = case_of_link(uow.session(), link)
    if not alive(link, case):
        return _dead(link, case)
    return _own(link, case) if is_own(case) else _show(link, case, token)


@bp.post("/akkoord/<token>")
@open_to(ANYONE)
def decide(token: str) -> ResponseReturnValue:
    """Decide. The link is dead afterwards."""
    link = _link(token)
    case = case_of_link(uow.session(), link)
    if not alive(link, case):
        return _dead(link, case)
    if is_own(case):
        return _own(link, case)
    actor = actor_of(link, case)
    key = request.form.get("decision", "")
    action = next((offer.action for offer in choices_of(case, actor) if offer.action.key == key), None)
    if action is None:
        return _show(link, case, token, (NO_CHOICE,), HTTPStatus.UNPROCESSABLE_ENTITY)
    given, problems = given_with(case, action)
    if problems:
        return _show(link, case, token, (), HTTPStatus.UNPROCESSABLE_ENTITY, problems)
    try:
        commands.act(uow.session(), case, commands.Step(key, actor, uow.now(), given))
    except Refused as refused:
        return _show(link, case, token, refused.refusals, HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("decide.done", token=token))


@bp.get("/akkoord/<token>/klaar")
@open_to(ANYONE)
def done(token: str) -> ResponseReturnValue:
    """What was decided with this link."""
    link = _link(token)
    case = case_of_link(uow.session(), link)
    if alive(link, case):
        return redirect(url_for("decide.look", token=token))
    told = timeline_of(case, events_of(uow.session(), case.id))
    return render_template("decide/done.html", case=case, last=told[:1], text=i18n.gettext(N_("Thank you.")))


@bp.get("/akkoord/<token>/bijlage/<int:document_id>")
@open_to(ANYONE)
def document(token: str, document_id: int) -> ResponseReturnValue:
    """A receipt of the case, as long as the link lives and lets one decide without signing in."""
    link = _link(token)
    case = case_of_link(uow.session(), link)
    if not alive(link, case):
        abort(HTTPStatus.NOT_FOUND)
    refusals = [r for offer in choices_of(case, actor_of(link, case)) for r in offer.refusals]
    found = next((d for d in documents_of(uow.session(), case.id) if d.id == document_id), None)
    if found is None or any(r.code == "link_above_limit" for r in refusals):
        abort(HTTPStatus.NOT_FOUND)
    return files.send(found, small="klein" in request.args)
