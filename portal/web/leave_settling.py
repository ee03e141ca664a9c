"""Leave that the SSC settles: what may lapse with the proof of it, and corrections that a second clerk confirms."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal import i18n
from portal.access import Role, open_to
from portal.commands import leave_corrections, leave_lapse
from portal.models.leave import LeaveLot
from portal.models.leave_settling import LeaveCorrection, LeaveLapse
from portal.models.people import Municipality, Person
from portal.queries.leave_bought import Buying, to_buy
from portal.queries.leave_hours import other_hours_from
from portal.queries.leave_settling import correction, corrections, proposal, proposals
from portal.queries.leave_statement import standing
from portal.queries.people import person_within
from portal.web import unit_of_work as uow
from portal.web.admin.forms import Form
from portal.web.sent import whole
from workflows.hours import read_hours
from workflows.kernel import Refusal, Refused
from workflows.lots import LOT_KINDS
from workflows.parties import N_

bp = Blueprint("leave_settling", __name__)

WHERE = {
    "correction_lot": "lot", "correction_no_hours": "hours", "correction_too_much": "hours", "hours_wrong": "hours",
    "correction_reason": "reason", "reason_too_long": "reason", "correction_own": "lot",
    "leave_too_much_bought": "hours", "leave_nothing_bought": "hours",
}  # fmt: skip
"""Beside which field each refusal belongs."""


def _places() -> frozenset[int] | None:
    return uow.viewer().municipalities(Role.CLERK)


def _after() -> int:
    return whole(request.args.get("after", "")) or 0


def show_lapses(refusals: tuple[Refusal, ...] = (), item: int = 0, status: int = 200) -> ResponseReturnValue:
    """The proposals; `refusals` of the one they belong to, or above the page."""
    found, after = proposals(uow.session(), _places(), _after())
    here = {one.lapse.municipality_id: one.lapse.municipality for one in found if one.may_lapse}
    page = render_template(
        "leave/lapses.html",
        found=found,
        places=sorted(here.values(), key=lambda one: one.name),
        kinds=LOT_KINDS,
        refusals=refusals,
        refused_item=item,
        typed=request.form,
        me=uow.viewer().person_id,
        next_url=url_for("leave_settling.lapses", after=after) if after else None,
        first_url=url_for("leave_settling.lapses") if "after" in request.args else None,
    )
    return page, status


@bp.get("/verlof/vervallen")
@open_to(Role.CLERK)
def lapses() -> ResponseReturnValue:
    """What was left of lots that ended, with the proof that people were told."""
    return show_lapses()


def _said(done: leave_lapse.Lapsed) -> None:
    flash(i18n.gettext(N_("%(hours)s hours have lapsed. The employees are told."), hours=i18n.hours(done.minutes)),
          "success")  # fmt: skip


@bp.post("/verlof/vervallen/<code>/goedkeuren")
@open_to(Role.CLERK)
def approve_all(code: str) -> ResponseReturnValue:
    """Let lapse all of one municipality of which there is proof; what is one's own is left for a colleague."""
    place = uow.session().scalars(select(Municipality).where(Municipality.code == code)).first()
    if place is None or not uow.viewer().has(Role.CLERK, place.id):
        abort(HTTPStatus.NOT_FOUND)
    try:
        waiting = leave_lapse.waiting_in(uow.session(), place.id)
        _said(leave_lapse.approve(uow.session(), uow.viewer(), waiting, uow.now()))
    except Refused as refused:
        return show_lapses(refused.refusals, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("leave_settling.lapses"))


def _lapse(lapse_id: int) -> LeaveLapse:
    return proposal(uow.session(), lapse_id, _places()) or abort(HTTPStatus.NOT_FOUND)


@bp.post("/verlof/vervallen/<int:lapse_id>/laten")
@open_to(Role.CLERK)
def approve_one(lapse_id: int) -> ResponseReturnValue:
    """Let lapse what is left of one lot."""
    try:
        _said(leave_lapse.approve(uow.session(), uow.viewer(), [_lapse(lapse_id)], uow.now()))
    except Refused as refused:
        return show_lapses(refused.refusals, lapse_id, HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("leave_settling.lapses"))


@bp.post("/verlof/vervallen/<int:lapse_id>/bewaren")
@open_to(Role.CLERK)
def keep(lapse_id: int) -> ResponseReturnValue:
    """Decide that the hours of one lot do not lapse."""
    try:
        leave_lapse.keep(uow.session(), uow.viewer(), _lapse(lapse_id), request.form.get("reason", ""), uow.now())
    except Refused as refused:
        return show_lapses(refused.refusals, lapse_id, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("These hours stay on the balance.")), "success")
    return redirect(url_for("leave_settling.lapses"))


def show_corrections(refusals: tuple[Refusal, ...] = (), item: int = 0, status: int = 200) -> ResponseReturnValue:
    """What waits for a second clerk."""
    found, after = corrections(uow.session(), _places(), _after())
    page = render_template(
        "leave/corrections.html",
        found=found,
        kinds=LOT_KINDS,
        refusals=refusals,
        refused_item=item,
        me=uow.viewer().person_id,
        next_url=url_for("leave_settling.waiting", after=after) if after else None,
        first_url=url_for("leave_settling.waiting") if "after" in request.args else None,
    )
    return page, status


@bp.get("/verlof/correcties")
@open_to(Role.CLERK)
def waiting() -> ResponseReturnValue:
    """Corrections that wait for a second clerk."""
    return show_corrections()


@bp.post("/verlof/correcties/<int:correction_id>/<any(bevestigen, afwijzen):how>")
@open_to(Role.CLERK)
def decide(correction_id: int, how: str) -> ResponseReturnValue:
    """Confirm a correction that a colleague asked for, or not."""
    one: LeaveCorrection = correction(uow.session(), correction_id, _places()) or abort(HTTPStatus.NOT_FOUND)
    try:
        leave_corrections.decide(uow.session(), uow.viewer(), one, how == "bevestigen", uow.now())
    except Refused as refused:
        return show_corrections(refused.refusals, correction_id, HTTPStatus.UNPROCESSABLE_ENTITY)
    said = N_("The correction was entered. The employee is told.") if one.granted else N_("The correction was refused.")
    flash(i18n.gettext(said), "success")
    return redirect(url_for("leave_settling.waiting"))


def _about(person_id: int) -> Person:
    about = person_within(uow.session(), person_id, _places())
    if about is None or about.id == uow.viewer().person_id:
        abort(HTTPStatus.NOT_FOUND)
    return about


def _lots(person_id: int) -> list[LeaveLot]:
    """The lots of the municipalities that this clerk works for, the last given first."""
    session, places = uow.session(), _places()
    query = select(LeaveLot).where(LeaveLot.person_id == person_id).order_by(LeaveLot.valid_from.desc(), LeaveLot.id)
    return [lot for lot in session.scalars(query) if places is None or lot.municipality_id in places]


def show_form(about: Person, form: Form, status: int = 200) -> ResponseReturnValue:
    """The form of a correction; with what was refused beside its fields."""
    lots = _lots(about.id)
    left = {
        one.lot.id: one.free
        for place in {lot.municipality_id for lot in lots}
        for one in standing(uow.session(), about.id, place)
    }
    choices = [
        (lot.id, i18n.gettext(N_("%(kind)s of %(year)s, %(hours)s hours left"), kind=i18n.gettext(LOT_KINDS[lot.kind]),
                              year=lot.valid_from.year, hours=i18n.hours(left[lot.id])))
        for lot in lots
    ]  # fmt: skip
    buying = [
        (one.key, i18n.gettext(N_("Bought leave of %(year)s, nothing bought yet"), year=one.year))
        for one in _to_buy(about.id)
    ]
    form.offer("lot", [("", N_("Choose which leave")), *choices, *buying])
    form.offer("how", [("add", N_("Add hours")), ("take", N_("Take hours off"))])
    return render_template(
        "leave/correct.html",
        about=about,
        form=form,
        lots=choices + buying,
        other_hours=other_hours_from(uow.session(), about.id, uow.today()),
    ), status


def _to_buy(person_id: int) -> list[Buying]:
    return to_buy(uow.session(), person_id, _places(), uow.today())


@bp.get("/mensen/<int:person_id>/verlof/corrigeren")
@open_to(Role.CLERK)
def correct(person_id: int) -> ResponseReturnValue:
    """Ask for a correction of what an employee has of leave."""
    return show_form(_about(person_id), Form("correct"))


@bp.post("/mensen/<int:person_id>/verlof/corrigeren")
@open_to(Role.CLERK)
def ask(person_id: int) -> ResponseReturnValue:
    """Ask for it; a colleague confirms."""
    about, form = _about(person_id), Form("correct")
    sign = -1 if form.text("how") == "take" else 1
    try:
        minutes = read_hours(form.text("hours"))
        leave_corrections.ask(
            uow.session(), uow.viewer(), about.id, form.number("lot"), sign * minutes, form.text("reason"), uow.now(),
            next((one for one in _to_buy(about.id) if one.key == form.text("lot")), None),
        )  # fmt: skip
    except Refused as refused:
        form.blame(refused, WHERE)
        return show_form(about, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The correction waits for a colleague to confirm it.")), "success")
    return redirect(url_for("leave_settling.waiting"))
