"""People as the SSC sees them: find somebody, their employments, their bank account and a change of it."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import people as commands
from portal.commands.cases import JUST_BEFORE_YOU
from portal.models.people import Person
from portal.queries.people import (
    account_of,
    employments_of,
    find_people,
    municipality_names,
    names_of,
    person_within,
    standing_of,
)
from portal.web import unit_of_work as uow
from workflows.kernel import Refused
from workflows.parties import N_

bp = Blueprint("people", __name__)


def _places() -> frozenset[int] | None:
    """The municipalities whose people this viewer may look up."""
    return uow.viewer().reach(Role.CLERK, Role.FUNCTIONAL_MANAGER)


@bp.get("/mensen")
@open_to(Role.CLERK, Role.FUNCTIONAL_MANAGER)
def find() -> ResponseReturnValue:
    """Find somebody by name, address or personnel number."""
    text = request.args.get("zoek", "").strip()[:100]
    return render_template(
        "people/find.html", text=text, found=find_people(uow.session(), text, _places()) if len(text) >= 2 else ()
    )


def _show(person: Person, refusals: dict[str, object] | None = None, status: int = 200) -> ResponseReturnValue:
    session = uow.session()
    employments = employments_of(session, person.id)
    account = account_of(session, person.id)
    changer = session.get(Person, account.changed_by_id) if account and account.changed_by_id else None
    standing = standing_of(session, person.id, uow.today())
    page = render_template(
        "people/person.html",
        about=person,
        employments=employments,
        account=account,
        changer=changer,
        standing=standing,
        names=names_of(session, {who for s in standing.substitutions for who in (s.absent_id, s.substitute_id)}),
        places=municipality_names(session),
        refusals=refusals or {},
        typed=request.form,
        clerk=any(uow.viewer().has(Role.CLERK, one.unit.municipality_id) for one in employments),
        me=uow.viewer().person_id,
    )
    return page, status


def _person(person_id: int) -> Person:
    return person_within(uow.session(), person_id, _places()) or abort(HTTPStatus.NOT_FOUND)


@bp.get("/mensen/<int:person_id>")
@open_to(Role.CLERK, Role.FUNCTIONAL_MANAGER)
def person(person_id: int) -> ResponseReturnValue:
    """What the SSC knows of somebody."""
    return _show(_person(person_id))


@bp.post("/mensen/<int:person_id>/rekening")
@open_to(Role.CLERK)
def change_account(person_id: int) -> ResponseReturnValue:
    """Register another bank account on somebody's word."""
    about = _person(person_id)
    try:
        commands.change_account(
            uow.session(),
            uow.viewer(),
            about,
            request.form.get("iban", ""),
            request.form.get("reason", ""),
            uow.now(),
        )
    except Refused as refused:
        return _show(about, {"account": refused.refusals[0]}, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(
        i18n.gettext(N_("The account was changed. Payments wait until a colleague has confirmed it.")),
        "success",
    )
    return redirect(url_for("people.person", person_id=person_id))


@bp.post("/mensen/<int:person_id>/rekening/bevestigen")
@open_to(Role.CLERK)
def confirm_account(person_id: int) -> ResponseReturnValue:
    """Confirm a changed account as the second person."""
    about = _person(person_id)
    account = account_of(uow.session(), person_id)
    if account is not None and request.form.get("account") != str(account.id):
        # The account on the page is not the one that would be confirmed.
        raise Refused(JUST_BEFORE_YOU)
    try:
        commands.confirm_account(uow.session(), uow.viewer(), about, uow.now())
    except Refused as refused:
        return _show(about, {"confirm": refused.refusals[0]}, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The account was confirmed.")), "success")
    return redirect(url_for("people.person", person_id=person_id))
