"""Taking in people from a file: hand it in, look at what would change, and take it in or not."""

from __future__ import annotations

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import people_import as commands
from portal.interfaces.people_file import COLUMNS, NEEDED
from portal.models.imports import PeopleImport
from portal.models.people import Municipality
from portal.queries import admin as queries
from portal.queries.imports import import_within, imports
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from portal.web.admin.forms import Form
from portal.web.admin.people import author, places
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

NO_FILE = Refusal("no_file", N_("Choose a file first."))
KINDS = {
    "added": N_("New"), "employed": N_("New employment"), "changed": N_("Changed"), "moved": N_("Other unit"),
    "ended": N_("Ends"), "same": N_("Unchanged"),
}  # fmt: skip
SHOWN = 200
"""How many rows the page shows; the counts are of all."""
WHERE = {"outside_your_work": "place", "import_as_of_missing": "as_of"}


def _show(form: Form, status: int = 200) -> ResponseReturnValue:
    found = queries.municipalities(uow.session(), places())
    form.offer("place", [("", N_("Choose a municipality")), *((one.id, one.name) for one in found)])
    page = render_template(
        "admin/imports.html", form=form, imports=imports(uow.session(), places()), columns=COLUMNS, needed=NEEDED
    )
    return page, status


@bp.get("/inlezen")
@open_to(Role.FUNCTIONAL_MANAGER)
def list_imports() -> ResponseReturnValue:
    """Hand in a file, and see what was handed in before."""
    return _show(Form("import", as_of=uow.today()))


@bp.post("/inlezen")
@open_to(Role.FUNCTIONAL_MANAGER)
def hand_in() -> ResponseReturnValue:
    """Keep the file, and show what it would change."""
    form, file = Form("import"), request.files.get("file")
    place = uow.session().get(Municipality, form.number("place") or 0)
    mine = places()
    if place is None or (mine is not None and place.id not in mine):
        form["place"].errors.append(i18n.gettext(N_("Choose a municipality.")))
    if file is None or not file.filename:
        form["file"].errors.append(i18n.gettext(NO_FILE.sentence))
    if form.wrong or place is None or file is None:
        return _show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        one = commands.hand_in(
            uow.session(), author(), place, file.filename or "", file.read(), form.day("as_of"), uow.now()
        )
    except Refused as refused:
        form.blame(refused, WHERE, "file")
        return _show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("admin.show_import", import_id=one.id))


def _found(import_id: int) -> PeopleImport:
    return import_within(uow.session(), import_id, places()) or abort(HTTPStatus.NOT_FOUND)


def _plan(one: PeopleImport, refused: Refused | None = None, status: int = 200) -> ResponseReturnValue:
    plan = commands.plan_of(uow.session(), author(), one) if one.taken_in_at is None else None
    shown = plan.problems or tuple(line for line in plan.lines if line.kinds != ("same",)) if plan else ()
    page = render_template(
        "admin/import.html", one=one, plan=plan, shown=shown[:SHOWN], left=max(len(shown) - SHOWN, 0), kinds=KINDS,
        names=COLUMNS, others=[i18n.say(r.sentence, r.values) for r in refused.refusals] if refused else [],
    )  # fmt: skip
    return page, status


@bp.get("/inlezen/<int:import_id>")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_import(import_id: int) -> ResponseReturnValue:
    """What taking in this file would change."""
    return _plan(_found(import_id))


@bp.post("/inlezen/<int:import_id>")
@open_to(Role.FUNCTIONAL_MANAGER)
def take_in(import_id: int) -> ResponseReturnValue:
    """Take it in as a whole, when it still changes what was looked at."""
    try:
        plan = commands.take_in(uow.session(), author(), _found(import_id), request.form.get("digest", ""), uow.now())
    except Refused as refused:
        uow.session().rollback()
        return _plan(_found(import_id), refused, HTTPStatus.UNPROCESSABLE_ENTITY)
    changed = sum(line.kinds != ("same",) for line in plan.lines)
    flash(i18n.gettext(N_("The file was taken in: %(count)s people are new or changed."), count=changed), "success")
    return redirect(url_for("admin.show_import", import_id=import_id))


@bp.post("/inlezen/<int:import_id>/weg")
@open_to(Role.FUNCTIONAL_MANAGER)
def drop_import(import_id: int) -> ResponseReturnValue:
    """Do not take it in."""
    one = _found(import_id)
    if one.taken_in_at is not None:
        abort(HTTPStatus.NOT_FOUND)
    uow.session().delete(one)
    flash(i18n.gettext(N_("The file was not taken in. Nothing was changed.")), "success")
    return redirect(url_for("admin.list_imports"))
