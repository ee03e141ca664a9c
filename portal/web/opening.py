"""The files with which a municipality begins: handed in, tried out, taken in by another, and reconciled."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import open_to
from portal.commands import opening as commands
from portal.commands.passages import MAY
from portal.models.passages import OpeningFile, OpeningItem, Passage
from portal.queries import passages as queries
from portal.web import unit_of_work as uow
from portal.web.admin.forms import Form
from portal.web.admin.imports import NO_FILE
from portal.web.passages import back_to, bp, found, shown
from workflows.kernel import Refused
from workflows.parties import N_
from workflows.passages import JOINING

joining = bp
"""They are a part of the joining, also in addresses."""
WHERE = {"opening_kind_missing": "kind", "opening_as_of_missing": "as_of"}
SHOWN = 200
"""How many lines the page shows; the counts are of all."""


def _file(passage: Passage, file_id: int) -> OpeningFile:
    return queries.file_of(uow.session(), passage, file_id) or abort(HTTPStatus.NOT_FOUND)


@bp.post("/toetreden/<code>/bestand")
@open_to(*MAY)
def hand_in_file(code: str) -> ResponseReturnValue:
    """Keep a file, and show what it would do."""
    passage, form, sent = found(JOINING, code), Form("file"), request.files.get("file")
    if sent is None or not sent.filename:
        form.blame(Refused(NO_FILE), {}, "file")
        return shown(passage, {"file": form}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        one = commands.hand_in(
            uow.session(), uow.viewer(), passage, form.text("kind"), sent.filename, sent.read(), form.day("as_of"),
            uow.now(),
        )  # fmt: skip
    except Refused as refused:
        if passage.ended_at is not None:  # there is no form any more to put it beside
            return shown(passage, refused=refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        form.blame(refused, WHERE, "file")
        return shown(passage, {"file": form}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("passages.show_file", code=code, file_id=one.id))


def _shown(passage: Passage, one: OpeningFile, refused: Refused | None = None,
           status: int = HTTPStatus.OK) -> ResponseReturnValue:  # fmt: skip
    session, viewer = uow.session(), uow.viewer()
    values: dict[str, Any] = {
        "passage": passage, "one": one, "kinds": queries.KINDS, "most": SHOWN,
        "refusals": refused.refusals if refused else (),
    }  # fmt: skip
    if one.taken_in_at is None:
        trial = commands.try_out(session, viewer, one)
        lines = trial.problems or trial.lines
        values |= {"trial": trial, "lines": lines[:SHOWN], "left": max(len(lines) - SHOWN, 0)}
    else:
        values["report"] = commands.report_of(session, viewer, one)
    return render_template("passages/file.html", **values), status


@bp.get("/toetreden/<code>/bestand/<int:file_id>")
@open_to(*MAY)
def show_file(code: str, file_id: int) -> ResponseReturnValue:
    """What taking in this file would do; or, when it was taken in, how it compares with the portal now."""
    passage = found(JOINING, code)
    return _shown(passage, _file(passage, file_id))


@bp.post("/toetreden/<code>/bestand/<int:file_id>/inlezen")
@open_to(*MAY)
def take_in_file(code: str, file_id: int) -> ResponseReturnValue:
    """Take it in as a whole, and compare."""
    passage = found(JOINING, code)
    try:
        report = commands.take_in(uow.session(), uow.viewer(), _file(passage, file_id), uow.now())
    except Refused as refused:
        uow.session().rollback()
        passage = found(JOINING, code)
        return _shown(passage, _file(passage, file_id), refused, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _told(code, file_id, len(report.differences))


@bp.post("/toetreden/<code>/bestand/<int:file_id>/vergelijken")
@open_to(*MAY)
def reconcile_file(code: str, file_id: int) -> ResponseReturnValue:
    """Compare again, and keep what came of it."""
    passage = found(JOINING, code)
    one = _file(passage, file_id)
    try:
        report = commands.reconcile(uow.session(), uow.viewer(), one, uow.now())
    except Refused as refused:
        return _shown(passage, one, refused, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _told(code, file_id, len(report.differences))


def _told(code: str, file_id: int, differences: int) -> ResponseReturnValue:
    if differences:
        said = i18n.ngettext("Compared: %(num)s difference.", "Compared: %(num)s differences.", differences)
        flash(said, "warning")
    else:
        flash(i18n.gettext(N_("Compared: file and portal agree.")), "success")
    return redirect(url_for("passages.show_file", code=code, file_id=file_id))


@bp.post("/toetreden/<code>/post/<int:item_id>")
@open_to(*MAY)
def tick_off(code: str, item_id: int) -> ResponseReturnValue:
    """Say which case an open item became."""
    passage = found(JOINING, code)
    item = uow.session().get(OpeningItem, item_id)
    if item is None or item.municipality_id != passage.municipality_id:
        abort(HTTPStatus.NOT_FOUND)
    form = Form(f"item{item_id}")
    try:
        commands.tick_off(uow.session(), uow.viewer(), item, form.text("number"), uow.now())
    except Refused as refused:
        if item.settled_at is not None:
            return shown(passage, refused=refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        form.blame(refused, {}, "number")
        return shown(passage, {form.key: form}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return back_to(passage)
