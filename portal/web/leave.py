"""Leave as a bank statement: one's own, and for a clerk that of an employee, which is put on record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from secrets import token_hex
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import EMPLOYEE, Role, open_to
from portal.commands.leave import record_look
from portal.models.people import Employment, Municipality, Person
from portal.queries.leave_statement import Standing, counted, key_of, looked, looked_on, standing, statement, waiting
from portal.queries.people import employments_of, main_employment, person_within
from portal.web import unit_of_work as uow
from workflows.lots import BOUGHT

bp = Blueprint("leave", __name__)


def _employers(employments: Sequence[Employment]) -> list[Municipality]:
    """Whom somebody works or worked for, the one that counts most today in front."""
    main = main_employment(employments, uow.today())
    ordered = [main, *employments] if main else list(employments)
    return list({one.unit.municipality_id: one.unit.municipality for one in ordered}.values())


def _chosen(places: Sequence[Municipality]) -> Municipality | None:
    code = request.args.get("gemeente", "")
    return next((one for one in places if one.code == code), places[0] if places else None)


def ending(lots: Sequence[Standing], today: date) -> list[Standing]:
    """The lots in use of which hours are left, the first to end first: what to take before when."""
    return [one for one in lots if one.lot.valid_from <= today <= one.lot.last_day and one.free > 0]


def _page(about: Person, employments: Sequence[Employment], own: bool, places: Sequence[Municipality]) -> str:
    session, today = uow.session(), uow.today()
    place = _chosen(places)
    lots = standing(session, about.id, place.id) if place else ()
    now = [one for one in lots if one.lot.valid_from <= today <= one.lot.last_day]
    return render_template(
        "leave/statement.html",
        about=about,
        own=own,
        place=place,
        places=places,
        # Hours that a clerk asked for are there once a colleague confirmed them.
        lots=[one for one in lots if one.lot.last_day >= today and (one.lot.kind != BOUGHT or one.booked)],
        free=sum(one.free for one in now),
        ending=ending(now, today),
        waiting=waiting(session, about.id, place.id) if place else (),
        page=statement(session, about.id, place.id, key_of(request.args.get("after", ""))) if place else None,
        counted=counted(session, about.id, place.id, today.year) if place else {},
        looked=looked(session, about.id) if own else (),
        first_url=url_for(str(request.endpoint), **_kept()) if "after" in request.args else None,
        client_key=token_hex(16),
        employed=bool(employments),
    )


def _kept() -> dict[str, Any]:
    """What stays in the address of the first page."""
    kept = {"gemeente": request.args["gemeente"]} if request.args.get("gemeente") else {}
    return {**(request.view_args or {}), **kept}


@bp.get("/verlof")
@open_to(EMPLOYEE)
def mine() -> ResponseReturnValue:
    """One's own leave."""
    session, viewer = uow.session(), uow.viewer()
    employments = employments_of(session, viewer.person_id)
    return _page(session.get_one(Person, viewer.person_id), employments, True, _employers(employments))


@bp.get("/mensen/<int:person_id>/verlof")
@open_to(Role.CLERK)
def of(person_id: int) -> ResponseReturnValue:
    """The leave of an employee, with the employers this clerk works for. That they looked is put on record."""
    session, viewer, at = uow.session(), uow.viewer(), uow.now()
    about = person_within(session, person_id, viewer.municipalities(Role.CLERK)) or abort(HTTPStatus.NOT_FOUND)
    if about.id == viewer.person_id:
        abort(HTTPStatus.NOT_FOUND)
    employments = employments_of(session, about.id)
    served = [one for one in employments if viewer.has(Role.CLERK, one.unit.municipality_id)]
    if not looked_on(session, viewer, about.id, uow.today()):
        uow.leave_behind(lambda writing: record_look(writing, viewer, about.id, at), lambda: None)
    return _page(about, served, False, _employers(served))
