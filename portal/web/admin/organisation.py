"""Municipalities and their trees of units."""

from __future__ import annotations

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal import i18n
from portal.access import Role, open_to
from portal.commands import organisation as commands
from portal.models.people import Municipality, Unit
from portal.queries import admin as queries
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from portal.web.admin.foreseeing import made
from portal.web.admin.forms import Form
from portal.web.admin.people import author, places
from workflows.kernel import Refused
from workflows.parties import N_

WHERE = {
    "name_missing": "name", "name_too_long": "name", "unit_name_taken": "name", "code_wrong": "code",
    "code_taken": "code", "bic_wrong": "bic", "account_name_missing": "account_name", "parent_unknown": "parent",
    "parent_circle": "parent", "parent_closed": "parent", "cost_centre_wrong": "cost_centre",
    "unit_has_people": "last", "unit_has_units": "last", "change_reason_missing": "reason", "iban_empty": "iban",
    "iban_format": "iban", "iban_length": "iban", "iban_checksum": "iban", "iban_country": "iban",
}  # fmt: skip
"""Beside which field each refusal belongs."""


@bp.get("/organisatie")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_organisation() -> ResponseReturnValue:
    """The municipalities, and a form for one that joins."""
    return _all(Form("municipality"))


def _all(form: Form, status: int = 200) -> ResponseReturnValue:
    found = queries.municipalities(uow.session(), places())
    page = render_template("admin/organisation.html", municipalities=found, form=form, all=places() is None)
    return page, status


def _typed(form: Form) -> commands.PaysFrom:
    return commands.PaysFrom(form.text("name"), form.text("account_name"), form.text("iban"), form.text("bic"))


@bp.post("/organisatie")
@open_to(Role.FUNCTIONAL_MANAGER)
def add_municipality() -> ResponseReturnValue:
    """Let a municipality join."""
    form = Form("municipality")
    try:
        new = commands.add_municipality(uow.session(), author(), form.text("code"), _typed(form), uow.now())
    except Refused as refused:
        form.blame(refused, WHERE)
        return _all(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("%(name)s was added."), name=new.name), "success")
    return redirect(url_for("admin.show_municipality", code=new.code))


def _municipality(code: str) -> Municipality:
    found = uow.session().scalars(select(Municipality).where(Municipality.code == code)).first()
    mine = places()
    return found if found and (mine is None or found.id in mine) else abort(HTTPStatus.NOT_FOUND)


def _show(municipality: Municipality, sent: Form | None = None, status: int = 200) -> ResponseReturnValue:
    forms = {
        "pays": Form(
            "pays", name=municipality.name, account_name=municipality.account_name, iban=municipality.iban,
            bic=municipality.bic,
        ),
        "unit": Form("unit", parent=request.args.get("onder", "")),
    }  # fmt: skip
    if sent is not None:
        forms[sent.key] = sent
    tree = queries.tree_of(uow.session(), municipality.id, uow.today())
    forms["unit"].offer("parent", _parents([twig.unit for twig in tree]))
    page = render_template(
        "admin/municipality.html", municipality=municipality, tree=tree, forms=forms,
        wrong=sent.wrong if sent else (), others=sent.others if sent else (),
    )  # fmt: skip
    return page, status


def _parents(units: list[Unit]) -> list[tuple[object, str]]:
    return [("", N_("Nothing: it is at the top")), *((u.id, u.name) for u in units if u.valid_to is None)]


@bp.get("/organisatie/<code>")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_municipality(code: str) -> ResponseReturnValue:
    """One municipality: from which account it pays, and its tree of units."""
    return _show(_municipality(code))


def _refuse(code: str, form: Form, refused: Refused) -> ResponseReturnValue:
    uow.session().rollback()
    form.blame(refused, WHERE)
    return _show(_municipality(code), form, HTTPStatus.UNPROCESSABLE_ENTITY)


@bp.post("/organisatie/<code>")
@open_to(Role.FUNCTIONAL_MANAGER)
def change_municipality(code: str) -> ResponseReturnValue:
    """Change a municipality's name or account."""
    municipality, form = _municipality(code), Form("pays")
    try:
        commands.change_municipality(
            uow.session(), author(), municipality, _typed(form), form.text("reason"), uow.now()
        )  # fmt: skip
    except Refused as refused:
        return _refuse(code, form, refused)
    flash(i18n.gettext(N_("The data of %(name)s were saved."), name=municipality.name), "success")
    return redirect(url_for("admin.show_municipality", code=code))


@bp.post("/organisatie/<code>/afdeling")
@open_to(Role.FUNCTIONAL_MANAGER)
def add_unit(code: str) -> ResponseReturnValue:
    """Add a unit."""
    municipality, form = _municipality(code), Form("unit")
    try:
        new = commands.add_unit(
            uow.session(), author(), municipality.id, form.text("name"), form.number("parent"),
            form.text("cost_centre"), uow.now(),
        )  # fmt: skip
    except Refused as refused:
        return _refuse(code, form, refused)
    flash(i18n.gettext(N_("%(name)s was added."), name=new.name), "success")
    return redirect(url_for("admin.show_municipality", code=code))


def _unit(unit_id: int) -> Unit:
    return queries.unit_in(uow.session(), places(), unit_id) or abort(HTTPStatus.NOT_FOUND)


def _show_unit(unit: Unit, sent: Form | None = None, status: int = 200) -> ResponseReturnValue:
    forms = {
        "change": Form("change", name=unit.name, parent=unit.parent_id, cost_centre=unit.cost_centre),
        "close": Form("close", last=unit.valid_to or uow.today()),
    }
    if sent is not None:
        forms[sent.key] = sent
    tree = queries.tree_of(uow.session(), unit.municipality_id, uow.today())
    forms["change"].offer("parent", _parents([twig.unit for twig in tree if twig.unit.id != unit.id]))
    page = render_template(
        "admin/unit.html", unit=unit, twig=next(twig for twig in tree if twig.unit.id == unit.id), forms=forms,
        wrong=sent.wrong if sent else (), others=sent.others if sent else (),
    )  # fmt: skip
    return page, status


@bp.get("/afdeling/<int:unit_id>")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_unit(unit_id: int) -> ResponseReturnValue:
    """One unit, and what can be changed about it."""
    return _show_unit(_unit(unit_id))


def _refuse_unit(unit_id: int, form: Form, refused: Refused) -> ResponseReturnValue:
    uow.session().rollback()
    form.blame(refused, WHERE)
    return _show_unit(_unit(unit_id), form, HTTPStatus.UNPROCESSABLE_ENTITY)


@bp.post("/afdeling/<int:unit_id>")
@open_to(Role.FUNCTIONAL_MANAGER)
def change_unit(unit_id: int) -> ResponseReturnValue:
    """Rename a unit, move it, or give it another cost centre."""
    unit, form = _unit(unit_id), Form("change")
    try:
        page = made(
            lambda: commands.change_unit(
                uow.session(), author(), unit, form.text("name"), form.number("parent"), form.text("cost_centre"),
                form.text("reason"), uow.now(),
            ),
            unit.name, {unit.municipality_id}, None, url_for("admin.show_unit", unit_id=unit_id),
        )  # fmt: skip
    except Refused as refused:
        return _refuse_unit(unit_id, form, refused)
    if page is not None:
        return page
    flash(i18n.gettext(N_("%(name)s was saved."), name=unit.name), "success")
    return redirect(url_for("admin.show_municipality", code=unit.municipality.code))


@bp.post("/afdeling/<int:unit_id>/<any(sluiten,openen):what>")
@open_to(Role.FUNCTIONAL_MANAGER)
def close_unit(unit_id: int, what: str) -> ResponseReturnValue:
    """Close a unit after a day, or open it again."""
    unit, form = _unit(unit_id), Form("close")
    try:
        last = (form.day("last") or uow.today()) if what == "sluiten" else None
        commands.close_unit(uow.session(), author(), unit, last, form.text("reason"), uow.now())
    except Refused as refused:
        return _refuse_unit(unit_id, form, refused)
    flash(i18n.gettext(N_("%(name)s was saved."), name=unit.name), "success")
    return redirect(url_for("admin.show_municipality", code=unit.municipality.code))
