"""For somebody outside, without an account: how far their case is, by a secret link in the letters they get.

The page only shows, and names no employee. Its token is the number of the case with a keyed hash of it.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import ANYONE, open_to
from portal.queries.outside import case_for_outside, to_be_paid_by
from portal.web import unit_of_work as uow
from portal.worlds import STATUS
from workflows import CASE_TYPES

bp = Blueprint("outside", __name__)


@bp.get("/stand/<token>")
@open_to(ANYONE)
def status(token: str) -> ResponseReturnValue:
    """How far it is, and by when it is paid."""
    session = uow.session()
    number = uow.world().nonce_of(token, STATUS)
    case = case_for_outside(session, number) if number else None
    told = CASE_TYPES[case.type].vocabulary.get("outside", {}) if case else {}
    if case is None or case.state not in told:
        abort(HTTPStatus.NOT_FOUND)
    return render_template(
        "outside/status.html",
        case=case,
        told=i18n.gettext(told[case.state]),
        pay_by=to_be_paid_by(case) if case.closed_at is None else None,
    )
