"""How many people of a unit should be there: seen, set from a day on, taken back before it begins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import occupancy as commands
from portal.models.people import Unit
from portal.queries import admin as queries
from portal.queries.occupancy import minimums_of, titles_of
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from portal.web.admin.forms import Form
from portal.web.admin.people import author, places
from workflows.kernel import Refused
from workflows.occupancy import Minimum
from workflows.parties import N_

WHERE: Mapping[str, str] = {
    "occupancy_title": "title", "occupancy_people": "people", "occupancy_same": "people", "occupancy_past": "first",
    "first_day_missing": "first", "change_reason_missing": "reason",
}  # fmt: skip
EVERYBODY = N_("Everybody of the unit")


def _unit(unit_id: int) -> Unit:
    return queries.unit_in(uow.session(), places(), unit_id) or abort(HTTPStatus.NOT_FOUND)


def _keyed(unit: Unit) -> dict[str, Minimum]:
    """What holds now or later, by title and day; the key is that of the form by which it is taken back."""
    found = minimums_of(uow.session(), unit.id)
    now_or_later = (one for one in found if one.valid_to is None or one.valid_to >= uow.today())
    return {f"back{place}": one for place, one in enumerate(now_or_later)}


def _show(unit: Unit, sent: Form | None = None, status: int = 200) -> ResponseReturnValue:
    form = sent if sent is not None and sent.key == "set" else Form("set", first=uow.today())
    titles = titles_of(uow.session(), unit.id, uow.today())
    form.offer("title", [("", EVERYBODY), *((title, title) for title in titles)])
    rows = [(one, sent if sent is not None and sent.key == key else Form(key)) for key, one in _keyed(unit).items()]
    page = render_template(
        "admin/occupancy.html", unit=unit, rows=rows, form=form,
        wrong=sent.wrong if sent else (), others=sent.others if sent else (),
    )  # fmt: skip
    return page, status


@bp.get("/afdeling/<int:unit_id>/bezetting")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_occupancy(unit_id: int) -> ResponseReturnValue:
    """The minimum occupancy of a unit, now and later."""
    return _show(_unit(unit_id))


@bp.post("/afdeling/<int:unit_id>/bezetting")
@open_to(Role.FUNCTIONAL_MANAGER)
def set_occupancy(unit_id: int) -> ResponseReturnValue:
    """Let so many people be needed from a day on."""
    unit, form = _unit(unit_id), Form("set")
    try:
        commands.set_minimum(
            uow.session(), author(), unit, form.text("title"), form.number("people"), form.day("first"),
            form.text("reason"), uow.now(), uow.today(),
        )  # fmt: skip
    except Refused as refused:
        return _refuse(unit_id, form, refused)
    return _saved(unit)


@bp.post("/afdeling/<int:unit_id>/bezetting/terugnemen")
@open_to(Role.FUNCTIONAL_MANAGER)
def take_back_occupancy(unit_id: int) -> ResponseReturnValue:
    """Take back a minimum that has not begun."""
    unit, title, first = _unit(unit_id), request.form.get("title", ""), request.form.get("first", "")
    rows = {(one.title, one.valid_from.isoformat()): key for key, one in _keyed(unit).items()}
    form = Form(rows.get((title, first)) or abort(HTTPStatus.NOT_FOUND))
    try:
        commands.take_back_minimum(
            uow.session(), author(), unit, title, date.fromisoformat(first), form.text("reason"), uow.now(), uow.today()
        )
    except Refused as refused:
        return _refuse(unit_id, form, refused)
    return _saved(unit)


def _refuse(unit_id: int, form: Form, refused: Refused) -> ResponseReturnValue:
    uow.session().rollback()
    form.blame(refused, WHERE)
    return _show(_unit(unit_id), form, HTTPStatus.UNPROCESSABLE_ENTITY)


def _saved(unit: Unit) -> ResponseReturnValue:
    flash(i18n.gettext(N_("The minimum occupancy of %(name)s was saved."), name=unit.name), "success")
    return redirect(url_for("admin.show_occupancy", unit_id=unit.id))
