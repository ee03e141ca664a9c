"""Filling in for somebody else: for whom one may, what one filled in, and who may for oneself."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from secrets import token_hex

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import EMPLOYEE, Role, open_to
from portal.commands import cases, preparing
from portal.models.cases import Case
from portal.models.people import Employment, PersonAccount
from portal.queries.led import led_by
from portal.queries.people import colleagues
from portal.queries.preparing import employers_to_fill_in_for, filled_in_by, fills_in_for, given_by
from portal.web import unit_of_work as uow
from portal.web.sent import whole
from workflows import CASE_TYPES
from workflows.kernel import CaseType, Refusal, Refused
from workflows.parties import N_

bp = Blueprint("preparing", __name__)


def for_another(case: Case) -> bool:
    """Whether the reader fills this in for somebody else."""
    return uow.viewer().person_id != case.initiator_id


def account_to_show(case: Case, account: PersonAccount | None) -> PersonAccount | None:
    """On which account is paid: for the employee and the SSC, not for a colleague who fills in for them."""
    return None if for_another(case) and not uow.viewer().has(Role.CLERK, case.municipality_id) else account


def _show(refusal: Refusal | None = None, status: int = 200) -> ResponseReturnValue:
    session, me = uow.session(), uow.viewer().person_id
    page = render_template(
        "preparing/overview.html",
        people=fills_in_for(session, me, uow.today()),
        team=list({one.person_id: one.person for one in led_by(session, uow.viewer(), uow.today())}.values()),
        case_types=[case_type for case_type in CASE_TYPES.values() if case_type.for_others],
        client_key=token_hex(16),
        cases=filled_in_by(session, me),
        given=given_by(session, me, uow.today()),
        colleagues=colleagues(session, me, uow.today()),
        refusal=refusal,
        typed=request.form,
    )
    return page, status


@bp.get("/namens")
@open_to(EMPLOYEE)
def overview() -> ResponseReturnValue:
    """Everything about filling in for each other."""
    return _show()


def _type(key: str) -> CaseType:
    found = CASE_TYPES.get(key)
    return found if found is not None and found.for_others else abort(HTTPStatus.NOT_FOUND)


def _employers(person_id: int, case_type: CaseType) -> list[Employment]:
    """For which employers one may fill this in for this person; whom one may not fill in for does not exist."""
    found = employers_to_fill_in_for(uow.session(), uow.viewer(), person_id, uow.today(), case_type)
    return found or abort(HTTPStatus.NOT_FOUND)


@bp.post("/namens/<int:person_id>/<type_key>")
@open_to(EMPLOYEE)
def start(person_id: int, type_key: str) -> ResponseReturnValue:
    """Begin a draft for somebody else; with several employers one says for which."""
    case_type = _type(type_key)
    employers = _employers(person_id, case_type)
    chosen = request.form.get("employment")
    key = request.form.get("client_key", "")[:64] or token_hex(16)
    if chosen is None and len(employers) > 1:
        return redirect(url_for("preparing.choose", person_id=person_id, type_key=type_key, sleutel=key))
    found = employers[:1] if chosen is None else [one for one in employers if one.id == whole(chosen)]
    if not found:
        abort(HTTPStatus.NOT_FOUND)
    me = uow.viewer().person_id
    # The key is that of the claimant's drafts: another's page must not find one of theirs by it.
    case = cases.start(uow.session(), case_type.key, found[0], f"{me}-{key}", uow.now(), preparer_id=me)
    return redirect(url_for("drafts.edit", case_id=case.id))


@bp.get("/namens/<int:person_id>/<type_key>/werkgever")
@open_to(EMPLOYEE)
def choose(person_id: int, type_key: str) -> ResponseReturnValue:
    """For which employer of somebody else it is."""
    case_type = _type(type_key)
    employers = _employers(person_id, case_type)
    key = request.args.get("sleutel", "")[:64] or token_hex(16)
    action = url_for("preparing.start", person_id=person_id, type_key=type_key)
    return render_template(
        "cases/employer.html", case_type=case_type, employers=employers, client_key=key, action=action
    )


def _day(name: str) -> date | None:
    try:
        found = date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None
    return found if 2000 < found.year < 2200 else None


@bp.post("/namens/toestemming")
@open_to(EMPLOYEE)
def let_fill_in() -> ResponseReturnValue:
    """Let a colleague fill in for oneself."""
    session, me = uow.session(), uow.viewer().person_id
    preparer, first, last = whole(request.form.get("preparer", "")), _day("first"), _day("last")
    offered = {colleague.id for colleague in colleagues(session, me, uow.today())}
    if preparer not in offered or first is None or (last is None and request.form.get("last")):
        return _show(preparing.PREPARER_UNKNOWN, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        preparing.let_fill_in(session, me, preparer, first, last, uow.now(), uow.today())
    except Refused as refused:
        return _show(refused.refusals[0], HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("Your colleague may fill in for you. You confirm each request yourself.")), "success")
    return redirect(url_for("preparing.overview"))


@bp.post("/namens/toestemming/<int:consent_id>/stoppen")
@open_to(EMPLOYEE)
def take_back(consent_id: int) -> ResponseReturnValue:
    """Take back a consent of one's own."""
    preparing.take_back(uow.session(), uow.viewer().person_id, consent_id, uow.today())
    return redirect(url_for("preparing.overview"))
