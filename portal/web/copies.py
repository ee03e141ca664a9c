"""Copies of a dossier to take along: as a PDF to keep and as data to prove. Taking one is recorded, as reading is."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from portal.access import EMPLOYEE, open_to
from portal.commands.reads import record_copy
from portal.models.cases import Case
from portal.queries.dossier import Seen, seen_by
from portal.web import reading
from portal.web import unit_of_work as uow
from portal.web.cases import find
from portal.web.papers import answered
from portal.words.dossier_data import file_of
from portal.words.dossier_paper import paper_of

bp = Blueprint("copies", __name__)


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
    told = paper_of(_seen(case, "pdf"), uow.viewer().name, uow.world().settings.partnership, uow.now())
    return answered(told, number)
