"""Adding to a closed dossier: the page for a note and documents that came later."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands.afterwards import add_later
from portal.commands.documents import SCANNER_AWAY, refused_file
from portal.interfaces.files import FileRefused, Intake, ScannerUnavailable, take_in
from portal.models.cases import Case
from portal.queries.cases import offers_to
from portal.web import reading
from portal.web import unit_of_work as uow
from portal.web.cases import find
from portal.web.files import scanner
from workflows.afterwards import ADD_LATER
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

bp = Blueprint("afterwards", __name__)

MOST_AT_ONCE = 10


def _closed(number: str) -> Case:
    """A closed case to which this person may add; anything else is not here."""
    case = find(number)
    offers = offers_to(uow.session(), uow.viewer(), case, uow.now())
    if not any(offer.action.key == ADD_LATER and not offer.refusals for offer in offers):
        abort(HTTPStatus.NOT_FOUND)
    return case


def _page(case: Case, refusals: tuple[Refusal, ...] = (), status: int = HTTPStatus.OK) -> ResponseReturnValue:
    said = [(refusal.values.get("name", ""), i18n.say(refusal.sentence, refusal.values)) for refusal in refusals]
    page = render_template(
        "afterwards/add.html",
        case=case,
        of_note=[sentence for name, sentence in said if not name],
        of_files=[f"{name}: {sentence}" for name, sentence in said if name],
        typed=request.form,
    )
    return page, status


@bp.get("/zaken/<number>/toevoegen")
@open_to(Role.CLERK)
def page(number: str) -> ResponseReturnValue:
    """The form to add a note and documents to a closed dossier."""
    case = _closed(number)
    return _page(case) if reading.enter(case) else reading.back_to(case)


@bp.post("/zaken/<number>/toevoegen")
@open_to(Role.CLERK)
def add(number: str) -> ResponseReturnValue:
    """Add them; when one file is refused nothing is added."""
    case = _closed(number)
    if not reading.enter(case):
        return reading.back_to(case)
    uow.let_go()
    taken, refusals = _received()
    case = _closed(number)
    if refusals:
        return _page(case, refusals, HTTPStatus.UNPROCESSABLE_ENTITY)
    note = request.form.get("reason", "")
    try:
        add_later(uow.session(), uow.world().files, uow.viewer(), case, note, taken, uow.now())
    except Refused as refused:
        return _page(case, refused.refusals, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("%(number)s: added to the dossier"), number=case.number), "success")
    return redirect(url_for("cases.dossier", number=case.number))


def _received() -> tuple[list[Intake], tuple[Refusal, ...]]:
    """The files that came along, cleaned, and why others cannot be taken in. No transaction may be open meanwhile."""
    taken: list[Intake] = []
    refusals: list[Refusal] = []
    uploads = [upload for upload in request.files.getlist("documents") if upload.filename]
    for upload in uploads[:MOST_AT_ONCE]:
        try:
            taken.append(take_in(upload.read(), upload.filename or "document", scanner=scanner()))
        except FileRefused as error:
            refusals.append(refused_file(error))
        except ScannerUnavailable:
            refusals.append(Refusal(SCANNER_AWAY.code, SCANNER_AWAY.sentence, {"name": upload.filename or ""}))
    return taken, tuple(refusals)
