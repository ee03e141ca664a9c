"""People as the SSC sees them: find somebody, their employments, their bank account and a change of it."""

from __future__ import annotations

from http import HTTPStatus
from secrets import token_hex

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import Role, open_to
from portal.commands import cases
from portal.models.people import Person
from portal.queries.bank_accounts import paid_on
from portal.queries.people import (
    employments_of,
    find_people,
    municipality_names,
    names_of,
    person_within,
    standing_of,
)
from portal.web import unit_of_work as uow

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


def _show(person: Person) -> ResponseReturnValue:
    session = uow.session()
    employments = employments_of(session, person.id)
    paid = paid_on(session, person.id, employments[0].unit.municipality if employments else None, uow.now())
    account = paid.account
    hands = (account.changed_by_id, account.checked_by_id, account.released_by_id) if account else ()
    standing = standing_of(session, person.id, uow.today())
    stand_ins = {who for s in standing.substitutions for who in (s.absent_id, s.substitute_id)}
    return render_template(
        "people/person.html",
        about=person,
        employments=employments,
        paid=paid,
        standing=standing,
        names=names_of(session, stand_ins | {who for who in hands if who is not None}),
        places=municipality_names(session),
        client_key=token_hex(16),
        clerk=any(uow.viewer().has(Role.CLERK, one.unit.municipality_id) for one in employments),
        me=uow.viewer().person_id,
    )


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
    """Begin a change of account for somebody who called. A colleague checks it as if they had asked themselves."""
    about, viewer = _person(person_id), uow.viewer()
    employments = employments_of(uow.session(), about.id)
    served = [one for one in employments if viewer.has(Role.CLERK, one.unit.municipality_id)]
    if not served or about.id == viewer.person_id:
        abort(HTTPStatus.NOT_FOUND)
    key = request.form.get("client_key", "")[:64] or token_hex(16)
    case = cases.start(uow.session(), "account_change", served[0], key, uow.now(), preparer_id=viewer.person_id)
    return redirect(url_for("drafts.edit", case_id=case.id))
