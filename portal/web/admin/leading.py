"""Who leads which units from when: one unit, or many at once as in a reorganisation. Seen first, then saved."""

from __future__ import annotations

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal import i18n
from portal.access import Role, open_to
from portal.commands import leading as commands
from portal.models.people import Municipality, Person, Unit
from portal.queries import admin as queries
from portal.queries.leading import relations_of
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from portal.web.admin.choosing import somebody
from portal.web.admin.foreseeing import made
from portal.web.admin.forms import Form
from portal.web.admin.people import author, places
from portal.web.sent import whole
from workflows.kernel import Refused
from workflows.parties import N_

WHERE = {
    "leader_past": "first", "first_day_missing": "first", "leader_not_there": "who", "own_rights": "who",
    "who_unknown": "who", "who_several": "who", "change_reason_missing": "reason",
}  # fmt: skip


def _municipality() -> Municipality:
    """The municipality that was chosen, else the first of this work."""
    here = queries.municipalities(uow.session(), places())
    code = request.values.get("gemeente", "")
    chosen = [one for one in here if one.code == code] if code else here[:1]
    return chosen[0] if chosen else abort(HTTPStatus.NOT_FOUND)


def _show(municipality: Municipality, form: Form, ticked: set[int], status: int = 200) -> ResponseReturnValue:
    session = uow.session()
    tree = queries.tree_of(session, municipality.id, uow.today())
    page = render_template(
        "admin/leading.html", municipality=municipality, form=form, ticked=ticked,
        municipalities=queries.municipalities(session, places()),
        tree=[twig for twig in tree if twig.unit.valid_to is None or twig.unit.valid_to >= uow.today()],
        relations=relations_of(session, municipality.id, uow.today()),
    )  # fmt: skip
    return page, status


@bp.get("/leiding")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_leading() -> ResponseReturnValue:
    """Every unit of a municipality with who leads it now and next."""
    ticked = {unit for unit in map(whole, request.args.getlist("afdeling")) if unit is not None}
    return _show(_municipality(), Form("leading", first=uow.today()), ticked)


@bp.post("/leiding")
@open_to(Role.FUNCTIONAL_MANAGER)
def name_leader() -> ResponseReturnValue:
    """Let somebody lead the ticked units from a day on, once what follows was seen."""
    municipality, form, session = _municipality(), Form("leading"), uow.session()
    ticked = {unit for unit in map(whole, request.form.getlist("afdeling")) if unit is not None}
    try:
        first = form.day("first")
        leader = None if form.text("nobody") else somebody(form, "who", municipality.id)
        units = session.scalars(
            select(Unit).where(Unit.id.in_(ticked), Unit.municipality_id == municipality.id).order_by(Unit.id)
        ).all()

        def change() -> None:
            commands.name_leader(
                session, author(), units, leader, first, form.text("reason"), uow.now(), uow.today()
            )  # fmt: skip

        page = made(change, _title(leader, len(units)), {municipality.id}, first,
                    url_for("admin.show_leading", gemeente=municipality.code), always=True)  # fmt: skip
    except Refused as refused:
        session.rollback()
        form.blame(refused, WHERE)
        return _show(_municipality(), form, ticked, HTTPStatus.UNPROCESSABLE_ENTITY)
    if page is not None:
        return page
    flash(i18n.gettext(N_("Who leads was saved.")), "success")
    return redirect(url_for("admin.show_leading", gemeente=municipality.code))


def _title(leader: Person | None, units: int) -> str:
    if leader is None:
        return i18n.ngettext("Nobody leads %(num)s unit", "Nobody leads %(num)s units", units)
    return i18n.ngettext("%(name)s leads %(num)s unit", "%(name)s leads %(num)s units", units, name=leader.name)
