"""Files with invoices: the list of what waits, bringing in a file by hand, and what a clerk does about one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from http import HTTPStatus
from secrets import token_hex
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.clock import AMSTERDAM, local_date
from portal.commands import invoice_cases, registering
from portal.commands import invoices as commands
from portal.commands.documents import SCANNER_AWAY, add_document, refused_file
from portal.interfaces.einvoice.arriving import Brought, bring, to_show
from portal.interfaces.einvoice.explaining import explained
from portal.interfaces.einvoice.sums import Finding
from portal.interfaces.files import FileRefused, ScannerUnavailable
from portal.interfaces.files import take_in as judged
from portal.models.cases import Case
from portal.models.invoices import UPLOAD, InvoiceFile
from portal.models.people import Municipality
from portal.queries import invoices as queries
from portal.queries.payments import municipalities_of
from portal.web import unit_of_work as uow
from portal.web.files import scanner
from portal.web.sent import whole
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

bp = Blueprint("invoices", __name__)

NO_FILE = Refusal("no_file", N_("Choose a file first."))
DAY_WRONG = Refusal("received_wrong", N_("Fill in the day on which it came in: today, or earlier this year."))
FURTHEST = 366
"""How many days ago an invoice that is brought in now can have come in."""

VERDICTS = {
    "valid": N_("Keeps to the rules"), "findings": N_("Breaks rules of its profile"),
    "invalid": N_("Breaks the legal minimum"), "not an invoice": N_("No electronic invoice"),
}  # fmt: skip


def _file(file_id: int) -> InvoiceFile:
    return queries.file_by_id(uow.session(), uow.viewer(), file_id) or abort(HTTPStatus.NOT_FOUND)


def _list(refusals: dict[str, Refusal] | None = None, status: int = HTTPStatus.OK) -> ResponseReturnValue:
    after = whole(request.args.get("after", ""))
    rows, next_key = queries.waiting(uow.session(), uow.viewer(), after)
    page = render_template(
        "invoices/waiting.html",
        rows=rows,
        lately=queries.lately(uow.session(), uow.viewer()),
        why_of=commands.why_words,
        refusals=refusals or {},
        received=request.form.get("received", "") or uow.today().isoformat(),
        next_url=url_for("invoices.waiting", after=next_key) if next_key else None,
        first_url=url_for("invoices.waiting") if after is not None else None,
    )
    return page, status


@bp.get("/facturen")
@open_to(Role.CLERK)
def waiting() -> ResponseReturnValue:
    """What came in and waits for a clerk, and a form to bring in a file."""
    return _list()


def _received() -> datetime:
    """When the file came in, as the clerk says: the beginning of that day, or now when it is today."""
    try:
        day = date.fromisoformat(request.form.get("received", ""))
    except ValueError:
        raise Refused(DAY_WRONG) from None
    if not 0 <= (uow.today() - day).days <= FURTHEST:
        raise Refused(DAY_WRONG)
    return uow.now() if day == uow.today() else datetime.combine(day, time(), tzinfo=AMSTERDAM).astimezone(UTC)


@bp.post("/facturen")
@open_to(Role.CLERK)
def upload() -> ResponseReturnValue:
    """Bring in a file: an electronic invoice, or a PDF with one in it."""
    try:
        row = _brought_in()
    except Refused as refused:
        why = refused.refusals[0]
        uow.session().rollback()
        return _list({"received" if why is DAY_WRONG else "file": why}, HTTPStatus.UNPROCESSABLE_ENTITY)
    if row.case_id:
        number = uow.session().get_one(Case, row.case_id).number
        flash(i18n.gettext(N_("The invoice was registered as %(number)s."), number=number), "success")
        return redirect(url_for("invoices.waiting"))
    return redirect(url_for("invoices.show", file_id=row.id))


def _brought_in() -> InvoiceFile:
    """The file that was sent, taken in. Raises Refused."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Refused(NO_FILE)
    content = file.read()
    received, who = _received(), uow.viewer().person_id
    uow.let_go()
    try:
        brought = bring(content, file.filename, scanner())
    except ScannerUnavailable:
        raise Refused(SCANNER_AWAY) from None
    arrived = commands.Arrived(file.filename, content, brought, UPLOAD, received, who)
    return commands.take_in(uow.session(), uow.world().files, arrived, uow.now())


def _show(row: InvoiceFile, refusal: Refusal | None = None, status: int = HTTPStatus.OK) -> ResponseReturnValue:
    viewer = uow.viewer()
    page = render_template(
        "invoices/file.html",
        row=row,
        why=commands.why_words(row),
        found=explained([Finding(*one) for one in row.findings]),
        verdict=VERDICTS[row.verdict],
        municipalities=municipalities_of(uow.session(), viewer, Role.CLERK),
        refusal=refusal,
        typed=request.form,
        client_key=token_hex(16),
        is_pdf=row.name.lower().endswith(".pdf"),
    )
    return page, status


@bp.get("/facturen/<int:file_id>")
@open_to(Role.CLERK)
def show(file_id: int) -> ResponseReturnValue:
    """One file: what it says, which rules it breaks and what they mean, and what can be done about it."""
    return _show(_file(file_id))


@bp.get("/facturen/<int:file_id>/bestand")
@open_to(Role.CLERK)
def original(file_id: int) -> ResponseReturnValue:
    """The file as it came in, to keep: it is never opened in the browser."""
    row = _file(file_id)
    if row.error == "file_infected":
        abort(HTTPStatus.NOT_FOUND)
    response = Response(uow.world().files.read(row.sha256), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(row.name, safe='')}"
    return response


def _brought(row: InvoiceFile) -> Brought:
    """The file judged anew, with no transaction open meanwhile."""
    content, name = uow.world().files.read(row.sha256), row.name
    uow.let_go()
    return bring(content, name, scanner())


def _chosen() -> Municipality:
    code = request.form.get("municipality", "")
    theirs = municipalities_of(uow.session(), uow.viewer(), Role.CLERK)
    return next((one for one in theirs if one.code == code), None) or abort(HTTPStatus.NOT_FOUND)


@bp.post("/facturen/<int:file_id>/registreren")
@open_to(Role.CLERK)
def register(file_id: int) -> ResponseReturnValue:
    """Let a file become a case after all, for the municipality that the clerk names."""
    row = _file(file_id)
    try:
        brought = _brought(row)
        row = _file(file_id)
        commands.place(uow.session(), uow.world().files, uow.viewer(), row, _chosen(), brought, uow.now())
    except Refused as refused:
        uow.session().rollback()
        return _show(_file(file_id), refused.refusals[0], HTTPStatus.UNPROCESSABLE_ENTITY)
    number = uow.session().get_one(Case, row.case_id).number
    flash(i18n.gettext(N_("The invoice was registered as %(number)s."), number=number), "success")
    return redirect(url_for("invoices.waiting"))


@bp.post("/facturen/<int:file_id>/overnemen")
@open_to(Role.CLERK)
def by_hand(file_id: int) -> ResponseReturnValue:
    """Begin a draft with the PDF in it, for a clerk to type what it says."""
    row, files = _file(file_id), uow.world().files
    kept, name = row.sha256, row.name
    uow.let_go()
    try:
        paper = judged(to_show(files.read(kept)), name, scanner())
        commands.expect_waiting(uow.session(), row)
        # It can be taken over again after its draft was thrown away, so the moment is part of the key.
        key = f"file-{row.id}-{uow.now():%Y%m%d%H%M%S}"
        case = registering.start_for(
            uow.session(), uow.viewer(), invoice_cases.taking_in().key, _chosen(), key, uow.now()
        )
        add_document(uow.session(), files, case, paper, line_key="", by=uow.viewer().person_id, at=uow.now(),
                     kind="invoice")  # fmt: skip
    except FileRefused as error:
        return _show(_file(file_id), refused_file(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    except Refused as refused:
        uow.session().rollback()
        return _show(_file(file_id), refused.refusals[0], HTTPStatus.UNPROCESSABLE_ENTITY)
    day = local_date(row.received_at).isoformat()
    case.draft = {**(case.draft or {}), "received_on": day, "proof": "mail"}
    row.case_id, row.settled_at, row.settled_by_id = case.id, uow.now(), uow.viewer().person_id
    return redirect(url_for("drafts.edit", case_id=case.id))


@bp.post("/facturen/<int:file_id>/melden")
@open_to(Role.CLERK)
def tell(file_id: int) -> ResponseReturnValue:
    """Mail the supplier why their invoice was refused."""
    row = _file(file_id)
    try:
        brought = _brought(row)
        row = _file(file_id)
        commands.tell_supplier(uow.session(), uow.viewer(), row, brought, uow.now())
    except Refused as refused:
        uow.session().rollback()
        return _show(_file(file_id), refused.refusals[0], HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The supplier is told at %(address)s."), address=row.mailed_to), "success")
    return redirect(url_for("invoices.waiting"))


@bp.post("/facturen/<int:file_id>/afgehandeld")
@open_to(Role.CLERK)
def aside(file_id: int) -> ResponseReturnValue:
    """Take a file off the list, saying what was done with it."""
    row = _file(file_id)
    try:
        commands.set_aside(uow.session(), uow.viewer(), row, request.form.get("reason", ""), uow.now())
    except Refused as refused:
        return _show(row, refused.refusals[0], HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The file was taken off the list.")), "success")
    return redirect(url_for("invoices.waiting"))
