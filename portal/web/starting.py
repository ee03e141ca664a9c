"""Beginning a case: for which employer, where there is a choice, and then on to its form."""

from __future__ import annotations

from http import HTTPStatus
from secrets import token_hex

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import EMPLOYEE, open_to
from portal.commands import cases as commands
from portal.commands.beginning import begin_about
from portal.commands.lines import one_at_a_time
from portal.models.people import Employment
from portal.queries.people import employers_of, employments_of
from portal.queries.related import to_ask_of
from portal.web import unit_of_work as uow
from portal.web.cases import find
from portal.web.sent import whole
from workflows import CASE_TYPES
from workflows.kernel import CaseType

bp = Blueprint("starting", __name__)


def _type(key: str) -> CaseType:
    """A kind of case that people begin from nothing; others do not exist here."""
    found = CASE_TYPES.get(key)
    return found if found is not None and found.for_employees else abort(HTTPStatus.NOT_FOUND)


def _employers() -> list[Employment]:
    return employers_of(employments_of(uow.session(), uow.viewer().person_id), uow.today())


@bp.post("/zaken/nieuw/<type_key>")
@open_to(EMPLOYEE)
def start(type_key: str) -> ResponseReturnValue:
    """Begin a draft. The page's own key makes pressing twice begin one. Who has several employers chooses first."""
    case_type, employers = _type(type_key), _employers()
    chosen = request.form.get("employment")
    key = request.form.get("client_key", "")[:64] or token_hex(16)
    if chosen is None and case_type.by_employer and len(employers) > 1:
        return redirect(url_for("starting.choose", type_key=type_key, sleutel=key))
    found = employers[:1] if chosen is None else [one for one in employers if one.id == whole(chosen)]
    if not found:
        abort(HTTPStatus.NOT_FOUND)
    case = commands.start(uow.session(), type_key, found[0], key, uow.now())
    return redirect(url_for("drafts.edit", case_id=case.id))


@bp.get("/zaken/nieuw/<type_key>/werkgever")
@open_to(EMPLOYEE)
def choose(type_key: str) -> ResponseReturnValue:
    """For which employer it is: the one of today stands in front, and is chosen unless one chooses otherwise."""
    case_type, employers = _type(type_key), _employers()
    if not case_type.by_employer or not employers:
        abort(HTTPStatus.NOT_FOUND)
    key = request.args.get("sleutel", "")[:64] or token_hex(16)
    action = url_for("starting.start", type_key=type_key)
    return render_template(
        "cases/employer.html", case_type=case_type, employers=employers, client_key=key, action=action
    )


@bp.post("/zaken/<number>/vervolg/<type_key>")
@open_to(EMPLOYEE)
def about(number: str, type_key: str) -> ResponseReturnValue:
    """Begin what is asked for of a case that was granted; where it was begun already one goes on with that."""
    session, viewer, of, case_type = uow.session(), uow.viewer(), find(number), CASE_TYPES.get(type_key)
    if case_type is None or case_type not in to_ask_of(session, of, viewer.person_id):
        abort(HTTPStatus.NOT_FOUND)
    one_at_a_time(session, of.initiator_id)
    case = begin_about(session, case_type, of, uow.now())
    if case.number:
        return redirect(url_for("cases.dossier", number=case.number))
    return redirect(url_for("drafts.edit", case_id=case.id))
