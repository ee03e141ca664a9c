"""Roles and accounts of people."""

from __future__ import annotations

from http import HTTPStatus

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access import Role, open_to
from portal.commands import accounts, roles
from portal.models.people import Account, Person, RoleGrant, RoleRequest
from portal.queries.admin import account_for
from portal.queries.people import employments_of
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from portal.web.admin.forms import Form
from portal.web.admin.people import author, back_to, found, places, refuse
from portal.web.admin.words import role_of
from workflows.kernel import Refused
from workflows.parties import N_


@bp.post("/mensen/<int:person_id>/rol")
@open_to(Role.FUNCTIONAL_MANAGER)
def give_role(person_id: int) -> ResponseReturnValue:
    """Give somebody a role, or ask for one that takes a second person."""
    person, form = found(person_id), Form("role")
    try:
        waits = roles.give_role(
            uow.session(), author(), person, role_of(form.text("role")), form.number("municipality"),
            form.day("first"), form.day("last"), form.text("reason"), uow.now(), uow.today(),
        )  # fmt: skip
    except Refused as refused:
        return refuse(person, form, refused)
    if waits is not None:
        return back_to(person, N_("The role was asked for. A second functional manager must grant it."))
    return back_to(person, N_("%(name)s has the role now, from its first day on."))


@bp.post("/mensen/<int:person_id>/rol/<int:grant_id>/einde")
@open_to(Role.FUNCTIONAL_MANAGER)
def end_role(person_id: int, grant_id: int) -> ResponseReturnValue:
    """End a role."""
    person, form = found(person_id), Form(f"role{grant_id}")
    grant = uow.session().get(RoleGrant, grant_id)
    if grant is None or grant.person_id != person.id:
        abort(HTTPStatus.NOT_FOUND)
    try:
        roles.end_role(
            uow.session(), author(), grant, form.day("last"), form.text("reason"), uow.now(), uow.today()
        )  # fmt: skip
    except Refused as refused:
        return refuse(person, form, refused)
    return back_to(person, N_("The role of %(name)s ends."))


@bp.post("/mensen/<int:person_id>/rol/aanvraag/<int:request_id>/<any(ja,nee):answer>")
@open_to(Role.FUNCTIONAL_MANAGER)
def decide_role(person_id: int, request_id: int, answer: str) -> ResponseReturnValue:
    """Grant a role that another functional manager asked for, or do not."""
    person = found(person_id)
    asked = uow.session().get(RoleRequest, request_id)
    if asked is None or asked.person_id != person.id:
        abort(HTTPStatus.NOT_FOUND)
    try:
        roles.decide_role(uow.session(), author(), asked, answer == "ja", uow.now(), uow.today())
    except Refused as refused:
        return refuse(person, Form("requests"), refused)
    sentence = N_("The role was granted.") if answer == "ja" else N_("The role was not granted.")
    return back_to(person, sentence)


def _place(person: Person) -> int | None:
    """The municipality of this work that somebody is of, the latest first."""
    mine = places()
    there = [e.unit.municipality_id for e in employments_of(uow.session(), person.id)]
    return next((place for place in there if mine is None or place in mine), None)


def _account(person: Person) -> Account:
    return account_for(uow.session(), person.id) or abort(HTTPStatus.NOT_FOUND)


@bp.post("/mensen/<int:person_id>/account")
@open_to(Role.FUNCTIONAL_MANAGER)
def open_account(person_id: int) -> ResponseReturnValue:
    """Give somebody an account; they get a mail to choose their password."""
    person, form = found(person_id), Form("account")
    try:
        accounts.open_account(uow.session(), author(), person, _place(person), form.text("username"), uow.now())
    except Refused as refused:
        return refuse(person, form, refused)
    return back_to(person, N_("%(name)s has an account now, and gets a mail to choose a password."))


@bp.post("/mensen/<int:person_id>/account/link")
@open_to(Role.FUNCTIONAL_MANAGER)
def send_link(person_id: int) -> ResponseReturnValue:
    """Mail somebody a link to choose a new password."""
    person = found(person_id)
    try:
        accounts.send_link(uow.session(), author(), person, _place(person), _account(person), uow.now())
    except Refused as refused:
        return refuse(person, Form("link"), refused)
    return back_to(person, N_("%(name)s gets a mail to choose a new password."))


@bp.post("/mensen/<int:person_id>/account/<any(blokkeren,vrijgeven):what>")
@open_to(Role.FUNCTIONAL_MANAGER)
def lock(person_id: int, what: str) -> ResponseReturnValue:
    """Lock an account, or unlock it."""
    person, form = found(person_id), Form("lock")
    change = accounts.lock if what == "blokkeren" else accounts.unlock
    try:
        change(uow.session(), author(), person, _place(person), _account(person), form.text("reason"), uow.now())
    except Refused as refused:
        return refuse(person, form, refused)
    locked = N_("The account of %(name)s is locked. Every session of it has ended.")
    return back_to(person, locked if what == "blokkeren" else N_("%(name)s can sign in again."))
