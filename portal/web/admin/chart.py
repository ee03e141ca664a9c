"""The chart of accounts of each municipality: what holds, and taking in a file after a look at what it would change."""

from __future__ import annotations

import base64
import binascii
from datetime import date
from http import HTTPStatus
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import chart as commands
from portal.commands import journal
from portal.interfaces.chart_file import COLUMNS, NEEDED, file_of
from portal.models.people import Municipality
from portal.queries import admin as queries
from portal.queries.chart import chart_of
from portal.queries.journal import book_of
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from portal.web.admin.forms import Form
from portal.web.admin.people import author, places
from workflows import posting_keys
from workflows.chart import KINDS, SIDES, VAT, ChartRow
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

NO_FILE = Refusal("no_file", N_("Choose a file first."))
WHAT = {"added": N_("New"), "changed": N_("Changed"), "same": N_("Unchanged")}
SHOWN = 200
"""How many rows the page of what would change shows; the counts are of all."""


def _all() -> list[Municipality]:
    return list(queries.municipalities(uow.session(), places()))


def _chosen(found: list[Municipality]) -> Municipality:
    """The municipality that is asked for, else the first."""
    code = request.values.get("gemeente", "")
    fitting = [one for one in found if one.code == code] if code else found[:1]
    return fitting[0] if fitting else abort(HTTPStatus.NOT_FOUND)


def _show(
    refusal: Refusal | None = None, status: int = 200, form: Form | None = None
) -> ResponseReturnValue:  # fmt: skip
    found = _all()
    place = _chosen(found)
    chart, today = chart_of(uow.session(), place.id), uow.today()
    missing = [label for key, label in posting_keys().items() if chart.at("posting", key, today) is None]
    page = render_template(
        "admin/chart.html", municipalities=found, place=place, refusal=refusal, columns=COLUMNS, needed=NEEDED,
        lists=[(kind, KINDS[kind], [row for row in chart.of(kind) if row.valid_to is None or row.valid_to >= today])
               for kind in KINDS],
        keys=posting_keys(), sides=SIDES, vat=VAT, missing=missing if chart else [],
        book=book_of(uow.session(), place.id), form=form or Form("book", begins=today.replace(day=1)),
    )  # fmt: skip
    return page, status


@bp.get("/rekeningschema")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_chart() -> ResponseReturnValue:
    """What holds now, and what is to come."""
    return _show()


@bp.post("/rekeningschema/begin")
@open_to(Role.FUNCTIONAL_MANAGER)
def begin_journal() -> ResponseReturnValue:
    """Keep the journal of this municipality from a month on."""
    form, place = Form("book"), _chosen(_all())
    try:
        first = form.day("begins")
        journal.open_book(uow.session(), author(), place, first or date.max, uow.now())
    except Refused as refused:
        form.blame(refused, {}, "begins")
        return _show(status=HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
    flash(i18n.gettext(N_("From now on what happens in cases of %(place)s is booked."), place=place.name), "success")
    return redirect(url_for("admin.show_chart", gemeente=place.code))


@bp.get("/rekeningschema.csv")
@open_to(Role.FUNCTIONAL_MANAGER)
def chart_file() -> ResponseReturnValue:
    """The whole chart, also what has ended, as a file that can be handed in again."""
    place = _chosen(_all())
    chart = chart_of(uow.session(), place.id)
    rows: list[ChartRow] = [row for kind in KINDS for row in chart.of(kind)]
    answer = Response(file_of(rows), content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"rekeningschema-{place.code}.csv")
    return answer


@bp.post("/rekeningschema/bekijken")
@open_to(Role.FUNCTIONAL_MANAGER)
def look_at_chart() -> ResponseReturnValue:
    """What a file would change. Nothing is kept: the page holds the file until somebody says yes."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _show(NO_FILE, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _look(_chosen(_all()), file.read(), file.filename)


def _look(place: Municipality, content: bytes, name: str, **more: Any) -> ResponseReturnValue:
    try:
        plan = commands.plan_of(uow.session(), author(), place, content, uow.today())
    except Refused as refused:
        return _show(refused.refusals[0], HTTPStatus.UNPROCESSABLE_ENTITY)
    shown = plan.problems or tuple(one for one in plan.rows if one.what != "same")
    page = render_template(
        "admin/chart_plan.html", place=place, plan=plan, name=name[:200], content=base64.b64encode(content).decode(),
        shown=shown[:SHOWN], left=max(len(shown) - SHOWN, 0), kinds=KINDS, what=WHAT, columns=COLUMNS, **more,
    )  # fmt: skip
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if plan.problems or more else HTTPStatus.OK


@bp.post("/rekeningschema")
@open_to(Role.FUNCTIONAL_MANAGER)
def take_in_chart() -> ResponseReturnValue:
    """Take in the file that was looked at, as a whole, when it still changes the same."""
    place, name = _chosen(_all()), request.form.get("name", "")
    try:
        content = base64.b64decode(request.form.get("content", ""), validate=True)
    except (binascii.Error, ValueError):
        abort(HTTPStatus.BAD_REQUEST)
    try:
        commands.take_in(
            uow.session(), author(), place, content, request.form.get("digest", ""), uow.now(), uow.today()
        )
    except Refused as refused:
        uow.session().rollback()
        return _look(_chosen(_all()), content, name, others=[i18n.say(r.sentence, r.values) for r in refused.refusals])
    flash(i18n.gettext(N_("The chart of accounts of %(place)s was taken in."), place=place.name), "success")
    return redirect(url_for("admin.show_chart", gemeente=place.code))
