"""Serving documents: only to those who may see the case, and never in a way a browser could run."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal import i18n
from portal.access import EMPLOYEE, open_to
from portal.interfaces.files import ClamdScanner, Drawn, PageUnshowable
from portal.models.cases import Case, Document
from portal.queries.cases import visible
from portal.web import reading
from portal.web import unit_of_work as uow
from portal.web.doors import error_page
from workflows.parties import N_

bp = Blueprint("files", __name__)

UNSHOWABLE = N_("This page cannot be shown as a picture. Open the PDF itself.")
YEAR = "private, max-age=31536000, immutable"


def scanner() -> ClamdScanner | None:
    """The virus scanner of the settings, if there is one."""
    address = uow.world().settings.clamd
    return ClamdScanner(address) if address else None


def send(document: Document, *, small: bool) -> Response:
    """The document as a response. Pictures and PDFs may be shown in the portal's own frames, nothing may run."""
    sha256 = document.thumb_sha256 if small and document.thumb_sha256 else document.sha256
    if request.if_none_match.contains(sha256):
        return Response(status=HTTPStatus.NOT_MODIFIED)
    kind = "image/jpeg" if small and document.thumb_sha256 else document.media_type
    response = Response(uow.world().files.read(sha256), content_type=kind)
    shown = document.media_type.startswith("image/") or document.media_type == "application/pdf"
    show = "inline" if shown and not request.args.get("bewaren") else "attachment"
    # Encoded (RFC 8187): a header cannot hold every sign that a name can.
    response.headers["Content-Disposition"] = f"{show}; filename*=UTF-8''{quote(document.name, safe='')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    if document.media_type == "application/pdf":
        # A sandboxed frame cannot start the browser's own PDF viewer; the type is fixed and nothing may be loaded.
        response.headers["Content-Security-Policy"] = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"
    response.headers["Cache-Control"] = YEAR
    response.set_etag(sha256)
    return response


def _found(document_id: int) -> tuple[Document, Case]:
    """A document with its case, for who may see that."""
    of_case = select(Document, Case).join(Case, Case.id == Document.case_id)
    found = uow.session().execute(of_case.where(Document.id == document_id, visible(uow.viewer()))).first()
    return (found[0], found[1]) if found else abort(HTTPStatus.NOT_FOUND)


@bp.get("/bijlagen/<int:document_id>")
@open_to(EMPLOYEE)
def document(document_id: int) -> ResponseReturnValue:
    """One document, whole or small, to who may see its case."""
    wanted, case = _found(document_id)
    return send(wanted, small="klein" in request.args) if reading.enter(case, "document") else reading.back_to(case)


@bp.get("/bijlagen/<int:document_id>/pagina/<int:page>")
@open_to(EMPLOYEE)
def page(document_id: int, page: int) -> ResponseReturnValue:
    """One page of a PDF as a picture, to who may see its case."""
    wanted, case = _found(document_id)
    if wanted.media_type != "application/pdf" or not 1 <= page <= wanted.pages:
        abort(HTTPStatus.NOT_FOUND)
    if not reading.enter(case, "document"):
        return reading.back_to(case)
    sha256, drawn = wanted.sha256, Drawn(uow.world().files)
    tag = f"{sha256}-{page}"
    if request.if_none_match.contains(tag):
        return Response(status=HTTPStatus.NOT_MODIFIED)
    if not drawn.ready(sha256, page):
        # The connection goes back to the pool meanwhile; what was loaded stays.
        uow.session().commit()
    try:
        response = Response(drawn.picture(sha256, page), content_type="image/jpeg")
    except PageUnshowable:
        return error_page(HTTPStatus.UNPROCESSABLE_ENTITY, (i18n.gettext(UNSHOWABLE),))
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = YEAR
    response.set_etag(tag)
    return response
