"""Joining a workshop with a nickname alone, coming back with one's code, and the links by which trainers come."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from portal.access import ANYONE, PRACTICE, open_to
from portal.web import account
from portal.web import unit_of_work as uow
from portal.web.doors import TRAINER
from portal.web.workshop import here
from portal.workshop import folders, seats
from portal.workshop.tables import Seat
from portal.worlds import TRAINER_LINK
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

bp = Blueprint("workshop_join", __name__)

NO_SUCH_CODE = Refusal("workshop_no_such_code", N_("There is no workshop with this code. Look at the screen again."))
PIN = "workshop_pin"
"""Where in the cookie one's own code is kept, so that the card can show it again."""


@bp.get("/oefening")
@open_to(ANYONE)
def code() -> ResponseReturnValue:
    """Where one types the code that is on the screen."""
    if uow.world().practice is not None:
        return redirect(url_for("workshop_join.join"))
    typed = request.args.get("code", "").strip().upper()
    if not typed:
        return render_template("workshop/code.html", typed="", refusal=None)
    found = folders.workshop(uow.world().settings, typed)
    if found is None:
        page = render_template("workshop/code.html", typed=typed[:20], refusal=NO_SUCH_CODE)
        return page, HTTPStatus.NOT_FOUND
    return redirect(f"{request.script_root}/oefening/{found.code}/meedoen")


def _page(status: int = 200, **said: Refusal) -> ResponseReturnValue:
    page = render_template(
        "workshop/join.html",
        practice=here.practice(),
        scenario=here.scenario(),
        refusals=said,
        typed=request.form,
    )
    return page, status


@bp.get("/meedoen")
@open_to(PRACTICE)
def join() -> ResponseReturnValue:
    """The first page that a participant sees."""
    return _page()


@bp.post("/meedoen")
@open_to(PRACTICE)
def enter() -> ResponseReturnValue:
    """Sit down on the next free seat."""
    here.practice()
    try:
        seat, pin = seats.join(uow.session(), request.form.get("nickname", ""), here.wall())
    except Refused as refused:
        return _page(HTTPStatus.UNPROCESSABLE_ENTITY, nickname=refused.refusals[0])
    return _seated(seat, pin)


@bp.post("/meedoen/terug")
@open_to(PRACTICE)
def come_back() -> ResponseReturnValue:
    """Sit down again on one's own seat, on whatever phone. A wrong code is remembered."""
    here.practice()
    pin = request.form.get("pin", "")
    try:
        seat = seats.come_back(uow.session(), request.form.get("name", ""), pin, here.wall())
    except Refused as refused:
        return uow.keep(_page(HTTPStatus.UNPROCESSABLE_ENTITY, pin=refused.refusals[0]))
    return _seated(seat, "".join(pin.split()))


def _seated(seat: Seat, pin: str) -> ResponseReturnValue:
    account.begin(seats.account_of(uow.session(), seat))
    cookie[PIN] = pin
    return redirect(url_for("workshop_seat.card"))


@bp.get("/trainer/<token>")
@open_to(PRACTICE)
def trainer(token: str) -> ResponseReturnValue:
    """By this link a trainer comes to the desk, on any device; it opens nothing outside this workshop."""
    here.practice()
    if uow.world().nonce_of(token, TRAINER_LINK) is None:
        abort(HTTPStatus.NOT_FOUND)
    cookie[TRAINER] = True
    cookie.permanent = True
    return redirect(url_for("workshop_desk.desk"))
