"""Post: the cover sheet of a case to print, and the list of scanned pages that no case was found for."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import select

from portal import i18n
from portal.access import EMPLOYEE, Role, open_to
from portal.commands import post as commands
from portal.commands.invoice_cases import taking_in
from portal.interfaces.cover_codes import code_for, picture_of
from portal.interfaces.files import Drawn, FileRefused, Intake, PageUnshowable, take_in
from portal.models.cases import Case
from portal.models.post import ScanPart
from portal.queries import post as queries
from portal.queries.cases import WHOLE, visible
from portal.queries.payments import municipalities_of
from portal.web import reading
from portal.web import unit_of_work as uow
from portal.web.cases import find
from portal.web.contact_questions import NO_SUCH_CASE
from portal.web.sent import whole
from portal.worlds import COVER
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

bp = Blueprint("post", __name__)


@bp.get("/zaken/<number>/voorblad")
@open_to(EMPLOYEE)
def cover(number: str) -> ResponseReturnValue:
    """The cover sheet of a case, or of one of its lines, to print and put on top of paper."""
    case = find(number)
    viewer = uow.viewer()
    mine = viewer.person_id in (case.initiator_id, case.preparer_id)
    if case.closed_at is not None or not (mine or viewer.has(Role.CLERK, case.municipality_id)):
        abort(HTTPStatus.NOT_FOUND)
    if not reading.enter(case):
        return reading.back_to(case)
    # Papers are sent apart for what was claimed; the lines of an invoice stand on one paper.
    lines = [line for line in case.content.get("lines", ()) if line.get("key") and "claimed_cents" in line]
    chosen = next((line for line in lines if line["key"] == request.args.get("regel")), None)
    code = code_for(uow.world().key(COVER), case.number or "", chosen["key"] if chosen else "")
    # What the code is made of is ours alone: capitals, digits and stars.
    return render_template("post/cover.html", case=case, lines=lines, chosen=chosen, code=Markup(picture_of(code)))  # noqa: S704


@bp.get("/post")
@open_to(Role.CLERK)
def waiting() -> ResponseReturnValue:
    """Scanned pages that wait for somebody to say where they belong."""
    parts, after = queries.waiting(uow.session(), uow.viewer(), whole(request.args.get("after", "")))
    return render_template("post/waiting.html", parts=parts, after=after, why=commands.why_words)


def _part(part_id: int) -> ScanPart:
    return queries.part_of(uow.session(), uow.viewer(), part_id) or abort(HTTPStatus.NOT_FOUND)


def _show(part: ScanPart, refusals: Mapping[str, Refusal] | None = None, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "post/part.html",
        part=part,
        refusals=refusals or {},
        typed=request.form,
        why=commands.why_words(part.why),
        municipalities=municipalities_of(uow.session(), uow.viewer(), Role.CLERK),
    )
    return page, status


@bp.get("/post/<int:part_id>")
@open_to(Role.CLERK)
def part(part_id: int) -> ResponseReturnValue:
    """Pages that belong together, and what to do with them."""
    return _show(_part(part_id))


@bp.get("/post/<int:part_id>/pagina/<int:page>")
@open_to(Role.CLERK)
def picture(part_id: int, page: int) -> ResponseReturnValue:
    """One page that waits, as a picture."""
    found = _part(part_id)
    if not found.sha256 or not 1 <= page <= found.pages:
        abort(HTTPStatus.NOT_FOUND)
    sha256, drawn = found.sha256, Drawn(uow.world().files)
    if not drawn.ready(sha256, page):
        # The connection goes back to the pool meanwhile.
        uow.session().commit()
    try:
        response = Response(drawn.picture(sha256, page), content_type="image/jpeg")
    except PageUnshowable:
        abort(HTTPStatus.NOT_FOUND)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _pages(part: ScanPart) -> Intake:
    """The pages, looked at as every file is. Raises Refused and FileRefused."""
    commands.expect_pages(part)
    kept, name = part.sha256, f"post-{part.scan.name}"
    uow.let_go()
    return take_in(uow.world().files.read(kept), name)


@bp.post("/post/<int:part_id>/zaak")
@open_to(Role.CLERK)
def put_with_case(part_id: int) -> ResponseReturnValue:
    """Put these pages with a case."""
    session, files, found = uow.session(), uow.world().files, _part(part_id)
    number = request.form.get("number", "").replace("\x00", "").strip().upper()
    query = select(Case).where(Case.number == number, visible(uow.viewer())).options(*WHOLE)
    try:
        intake = _pages(found)
        found, case = _part(part_id), session.scalars(query).first()
        if case is None:
            return _show(found, {"number": NO_SUCH_CASE}, HTTPStatus.UNPROCESSABLE_ENTITY)
        commands.put_with_case(session, files, uow.viewer(), found, intake, case, uow.now())
    except Refused as refused:
        return _show(_part(part_id), {"number": refused.refusals[0]}, HTTPStatus.UNPROCESSABLE_ENTITY)
    except FileRefused as error:
        refusal = Refusal(error.code, commands.WAITS_WHY[error.code])
        return _show(_part(part_id), {"number": refusal}, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The pages are now with %(number)s. The employee gets a mail."), number=number), "success")
    return redirect(url_for("post.waiting"))


@bp.post("/post/<int:part_id>/factuur")
@open_to(Role.CLERK)
def register(part_id: int) -> ResponseReturnValue:
    """Begin a draft with these pages in it, for a clerk to type what the invoice says."""
    session, files, found = uow.session(), uow.world().files, _part(part_id)
    code = request.form.get("municipality", "")
    theirs = municipalities_of(session, uow.viewer(), Role.CLERK)
    place = next((one for one in theirs if one.code == code), None) or abort(HTTPStatus.NOT_FOUND)
    try:
        intake = _pages(found)
        case = commands.register(
            session, files, uow.viewer(), _part(part_id), intake, taking_in().key, place, uow.now()
        )
    except Refused as refused:
        session.rollback()
        return _show(_part(part_id), {"municipality": refused.refusals[0]}, HTTPStatus.UNPROCESSABLE_ENTITY)
    except FileRefused as error:
        refusal = Refusal(error.code, commands.WAITS_WHY[error.code])
        return _show(_part(part_id), {"municipality": refusal}, HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("drafts.edit", case_id=case.id))


@bp.post("/post/<int:part_id>/opzij")
@open_to(Role.CLERK)
def set_aside(part_id: int) -> ResponseReturnValue:
    """Take these pages off the list, with the reason."""
    found = _part(part_id)
    try:
        commands.set_aside(uow.viewer(), found, request.form.get("reason", "").replace("\x00", ""), uow.now())
    except Refused as refused:
        return _show(found, {"reason": refused.refusals[0]}, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The pages were set aside.")), "success")
    return redirect(url_for("post.waiting"))
