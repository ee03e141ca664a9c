"""Municipalities that join or leave: who is on their way, the list of points, and the archives of who leaves."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import open_to
from portal.commands import passages as commands
from portal.commands.passages import MAY
from portal.jobs.archives import file_of
from portal.models.passages import ArchiveRequest, Passage
from portal.queries import passages as queries
from portal.queries.jobs import unfinished
from portal.web import unit_of_work as uow
from portal.web.admin.forms import Form
from workflows.kernel import Refused
from workflows.parties import N_
from workflows.passages import JOINING, LEAVING, POINTS, VERDICTS

bp = Blueprint("passages", __name__)
PATHS = {JOINING: "toetreden", LEAVING: "uittreden"}
WHERE = {
    "passage_already": "place", "outside_your_work": "place", "passage_day_missing": "day", "passage_day_past": "day",
    "change_reason_missing": "reason", "passage_point_unknown": "verdict",
}  # fmt: skip


def reach() -> frozenset[int] | None:
    """The municipalities for which one may do this."""
    return uow.viewer().reach(*MAY)


def found(kind: str, code: str) -> Passage:
    """The joining or leaving of a municipality of this work; others do not exist."""
    return queries.passage_of(uow.session(), kind, code, reach()) or abort(HTTPStatus.NOT_FOUND)


def _overview(kind: str, form: Form | None = None, status: int = HTTPStatus.OK) -> ResponseReturnValue:
    places = queries.places_within(uow.session(), reach())
    under_way = queries.passages_of(uow.session(), kind, reach())
    busy = {one.municipality_id for one in under_way}
    form = form or Form("begin")
    choices = [(one.id, one.name) for one in places if one.id not in busy]
    form.offer("place", [("", i18n.gettext(N_("Choose a municipality"))), *choices])
    page = render_template("passages/overview.html", kind=kind, passages=under_way, form=form, left=len(choices))
    return page, status


@bp.get("/toetreden")
@open_to(*MAY)
def joining() -> ResponseReturnValue:
    """Who joins."""
    return _overview(JOINING)


@bp.get("/uittreden")
@open_to(*MAY)
def leaving() -> ResponseReturnValue:
    """Who leaves."""
    return _overview(LEAVING)


def _begin(kind: str) -> ResponseReturnValue:
    form = Form("begin")
    places = {one.id: one for one in queries.places_within(uow.session(), reach())}
    place = places.get(form.number("place") or 0)
    if place is None:
        form["place"].errors.append(i18n.gettext(N_("Choose a municipality.")))
        return _overview(kind, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        commands.begin(
            uow.session(), uow.viewer(), kind, place, form.day("day"), form.text("reason"), uow.now(), uow.today()
        )
    except Refused as refused:
        form.blame(refused, WHERE)
        return _overview(kind, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for(f"passages.show_{kind}", code=place.code))


@bp.post("/toetreden")
@open_to(*MAY)
def begin_joining() -> ResponseReturnValue:
    """Begin a joining."""
    return _begin(JOINING)


@bp.post("/uittreden")
@open_to(*MAY)
def begin_leaving() -> ResponseReturnValue:
    """Announce a leaving."""
    return _begin(LEAVING)


def shown(passage: Passage, forms: dict[str, Form] | None = None, refused: Refused | None = None,
          status: int = HTTPStatus.OK) -> ResponseReturnValue:  # fmt: skip
    """The page of one municipality, with what was typed and what stands in the way."""
    session, forms = uow.session(), forms or {}
    steps = queries.steps_of(session, passage)
    points = POINTS[passage.kind]
    for point in points:
        last = steps[point.key][0] if point.key in steps else None
        form = forms.setdefault(
            point.key, Form(point.key, owner=last.owner if last else "", due=last.due if last else "")
        )
        offered = [(one, i18n.gettext(VERDICTS[one])) for one in point.verdicts]
        form.offer("verdict", [("", i18n.gettext(N_("Choose"))), *offered])
    values: dict[str, Any] = {
        "passage": passage, "points": points, "steps": steps, "forms": forms, "verdicts": VERDICTS,
        "refusals": refused.refusals if refused else (),
    }  # fmt: skip
    if passage.kind == LEAVING:
        forms.setdefault("archive", Form("archive"))
        run = unfinished(session).get("make_archives")
        values |= {"archives": queries.archives_of(session, passage), "run": run}
    else:
        values |= _begins_with(passage, forms)
    return render_template(f"passages/{passage.kind}.html", **values), status


def _begins_with(passage: Passage, forms: dict[str, Form]) -> dict[str, Any]:
    """What a joining municipality handed in, with the forms to hand in more and to tick off what was open."""
    items = queries.items_of(uow.session(), passage)
    for item in items:
        forms.setdefault(f"item{item.id}", Form(f"item{item.id}"))
    kinds = [(kind, i18n.gettext(label)) for kind, label in queries.KINDS.items()]
    form = forms.setdefault("file", Form("file", as_of=uow.today()))
    form.offer("kind", [("", i18n.gettext(N_("Choose"))), *kinds])
    return {"files": queries.files_of(uow.session(), passage), "items": items, "kinds": queries.KINDS}


@bp.get("/toetreden/<code>")
@open_to(*MAY)
def show_joining(code: str) -> ResponseReturnValue:
    """The way in of one municipality."""
    return shown(found(JOINING, code))


@bp.get("/uittreden/<code>")
@open_to(*MAY)
def show_leaving(code: str) -> ResponseReturnValue:
    """The way out of one municipality."""
    return shown(found(LEAVING, code))


def back_to(passage: Passage) -> ResponseReturnValue:
    """To the page of this municipality."""
    return redirect(url_for(f"passages.show_{passage.kind}", code=passage.municipality.code))


def _kind(way: str) -> str:
    return next((kind for kind, path in PATHS.items() if path == way), None) or abort(HTTPStatus.NOT_FOUND)


@bp.post("/<any(toetreden,uittreden):way>/<code>/punt")
@open_to(*MAY)
def judge(way: str, code: str) -> ResponseReturnValue:
    """Say how one point stands."""
    passage = found(_kind(way), code)
    form = Form(request.form.get("form", "")[:40])
    try:
        commands.judge(
            uow.session(), uow.viewer(), passage, form.key, form.text("verdict"), form.text("reason"),
            form.text("owner"), form.day("due"), uow.now(),
        )  # fmt: skip
    except Refused as refused:
        form.blame(refused, WHERE)
        # Where there is no form to put it beside, it stands above the page.
        known = passage.ended_at is None and form.key in {point.key for point in POINTS[passage.kind]}
        return shown(passage, {form.key: form} if known else None, None if known else refused,
                     HTTPStatus.UNPROCESSABLE_ENTITY)  # fmt: skip
    return back_to(passage)


@bp.post("/<any(toetreden,uittreden):way>/<code>/klaar")
@open_to(*MAY)
def end(way: str, code: str) -> ResponseReturnValue:
    """The municipality goes live, or has left."""
    passage = found(_kind(way), code)
    try:
        commands.end(uow.session(), uow.viewer(), passage, uow.now(), uow.today())
    except Refused as refused:
        return shown(passage, refused=refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = N_("%(name)s is live now.") if passage.kind == JOINING else N_("%(name)s has left.")
    flash(i18n.gettext(said, name=passage.municipality.name), "success")
    return back_to(passage)


@bp.post("/uittreden/<code>/archief")
@open_to(*MAY)
def ask_archive(code: str) -> ResponseReturnValue:
    """Ask for the archive."""
    passage, form = found(LEAVING, code), Form("archive")
    try:
        commands.ask_archive(uow.session(), uow.viewer(), passage, form.text("reason"), uow.now())
    except Refused as refused:
        form.blame(refused, WHERE)
        return shown(passage, {"archive": form}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("A second person must grant this. Then the archive is made.")), "success")
    return back_to(passage)


def _archive(passage: Passage, request_id: int) -> ArchiveRequest:
    return queries.archive_of(uow.session(), passage, request_id) or abort(HTTPStatus.NOT_FOUND)


@bp.post("/uittreden/<code>/archief/<int:request_id>/<any(ja,nee):answer>")
@open_to(*MAY)
def decide_archive(code: str, request_id: int, answer: str) -> ResponseReturnValue:
    """Grant what another asked for, or do not."""
    passage = found(LEAVING, code)
    try:
        commands.decide_archive(uow.session(), uow.viewer(), _archive(passage, request_id), answer == "ja", uow.now())
    except Refused as refused:
        return shown(passage, refused=refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return back_to(passage)


@bp.get("/uittreden/<code>/archief/<int:request_id>.zip")
@open_to(*MAY)
def fetch_archive(code: str, request_id: int) -> ResponseReturnValue:
    """The archive, as long as it is kept here. That somebody took it along is written down."""
    passage = found(LEAVING, code)
    asked = _archive(passage, request_id)
    file = file_of(uow.world().settings, asked.id)
    if asked.made_at is None or asked.gone_at is not None or not file.is_file():
        abort(HTTPStatus.NOT_FOUND)
    viewer, at = uow.viewer(), uow.now()
    uow.leave_behind(lambda session: commands.fetched(session, viewer, asked, passage.municipality, at), lambda: None)
    name = f"archief-{passage.municipality.code}-{asked.made_at:%Y-%m-%d}.zip"
    response = Response(_pieces(file), content_type="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.content_length = file.stat().st_size
    return response


def _pieces(file: Path) -> Iterator[bytes]:
    """The file in pieces: it may be larger than the memory."""
    with file.open("rb") as opened:
        while piece := opened.read(65_536):
            yield piece
