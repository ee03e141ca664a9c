"""Copies of a dossier to take along: as a PDF to keep and as data to prove. Taking one is recorded, as reading is."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from http import HTTPStatus
from typing import IO

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from portal.access import EMPLOYEE, open_to
from portal.commands.reads import record_copy
from portal.interfaces.paper import PdfFailed, written
from portal.models.cases import Case
from portal.queries.dossier import Seen, seen_by
from portal.web import reading
from portal.web import unit_of_work as uow
from portal.web.cases import find
from portal.words.dossier_data import file_of
from portal.words.dossier_paper import paper_of

bp = Blueprint("copies", __name__)
log = logging.getLogger("portal.web")

ONE_AT_A_TIME = threading.Lock()
"""A large dossier takes half a gigabyte for as long as it is being made."""
PATIENCE = 100.0


def _seen(case: Case, form: str) -> Seen:
    """The dossier as the viewer sees it, and the trace that they took a copy."""
    viewer, at = uow.viewer(), uow.now()
    uow.leave_behind(lambda session: record_copy(session, viewer, case, at, form), lambda: None)
    return seen_by(uow.session(), viewer, case, at)


def _file(content: bytes | Iterator[bytes], name: str, kind: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@bp.get("/zaken/<number>/dossier.json")
@open_to(EMPLOYEE)
def data(number: str) -> ResponseReturnValue:
    """The dossier as data, with the chain of its events."""
    case = find(number)
    if not reading.enter(case):
        return reading.back_to(case)
    seen = _seen(case, "json")
    return _file(file_of(seen, uow.viewer().name, uow.now()), f"{number}.json", "application/json")


@bp.get("/zaken/<number>/dossier.pdf")
@open_to(EMPLOYEE)
def paper(number: str) -> ResponseReturnValue:
    """The dossier as one PDF, with its documents."""
    case = find(number)
    if not reading.enter(case):
        return reading.back_to(case)
    world = uow.world()
    told = paper_of(_seen(case, "pdf"), uow.viewer().name, world.settings.partnership, uow.now())
    # All is in words now: the database is given back before the slow part.
    uow.session().close()
    if not ONE_AT_A_TIME.acquire(timeout=PATIENCE):
        abort(HTTPStatus.SERVICE_UNAVAILABLE)
    try:
        file = written(told, world.settings.files)
    except PdfFailed:
        log.exception("no PDF of %s", number)
        abort(HTTPStatus.SERVICE_UNAVAILABLE)
    finally:
        ONE_AT_A_TIME.release()
    return _file(_pieces(file), f"{number}.pdf", "application/pdf")


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(65_536):
            yield piece
