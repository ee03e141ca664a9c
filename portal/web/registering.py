"""Registering what came in for a municipality, as a clerk: choosing for which, and the drafts of one's own."""

from __future__ import annotations

from http import HTTPStatus
from secrets import token_hex

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import Role, open_to
from portal.commands import registering as commands
from portal.queries.payments import municipalities_of
from portal.queries.registering import drafts_of
from portal.web import unit_of_work as uow
from workflows import CASE_TYPES
from workflows.kernel import CaseType, Refusal, Refused
from workflows.parties import CLERK

bp = Blueprint("registering", __name__)


def _type(key: str) -> CaseType:
    """A kind of case that clerks begin; others do not exist here."""
    found = CASE_TYPES.get(key)
    return found if found is not None and found.begun_by is CLERK else abort(HTTPStatus.NOT_FOUND)


def _show(case_type: CaseType, refusals: tuple[Refusal, ...] = (), status: int = 200) -> ResponseReturnValue:
    session, viewer = uow.session(), uow.viewer()
    page = render_template(
        "registering/choose.html",
        case_type=case_type,
        municipalities=municipalities_of(session, viewer, Role.CLERK),
        drafts=drafts_of(session, viewer, case_type.key),
        client_key=request.form.get("client_key") or token_hex(16),
        refusals=refusals,
        chosen=request.form.get("municipality", ""),
    )
    return page, status


@bp.get("/registreren/<type_key>")
@open_to(Role.CLERK)
def choose(type_key: str) -> ResponseReturnValue:
    """For which municipality, and what one was registering already."""
    return _show(_type(type_key))


@bp.post("/registreren/<type_key>")
@open_to(Role.CLERK)
def start(type_key: str) -> ResponseReturnValue:
    """Begin. The page's own key makes pressing twice begin one."""
    case_type, session, viewer = _type(type_key), uow.session(), uow.viewer()
    code, key = request.form.get("municipality", ""), request.form.get("client_key", "")[:64] or token_hex(16)
    found = next((one for one in municipalities_of(session, viewer, Role.CLERK) if one.code == code), None)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    try:
        case = commands.start_for(session, viewer, case_type.key, found, key, uow.now())
    except Refused as refused:
        return _show(case_type, refused.refusals, HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("drafts.edit", case_id=case.id))
