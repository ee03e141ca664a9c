"""A paper as the answer to a request: a PDF, made while nobody waits for the database."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from http import HTTPStatus
from typing import IO

from flask import Response, abort

from portal.interfaces.paper import Paper, PdfFailed, written
from portal.web import unit_of_work as uow

log = logging.getLogger("portal.web")

ONE_AT_A_TIME = threading.Lock()
"""A large paper takes half a gigabyte for as long as it is being made."""
PATIENCE = 100.0


def answered(paper: Paper, name: str) -> Response:
    """The paper as a PDF of this name (without `.pdf`)."""
    files = uow.world().settings.files
    # All is in words: the database is given back before the slow part.
    uow.session().close()
    if not ONE_AT_A_TIME.acquire(timeout=PATIENCE):
        abort(HTTPStatus.SERVICE_UNAVAILABLE)
    try:
        file = written(paper, files)
    except PdfFailed:
        log.exception("no PDF of %s", name)
        abort(HTTPStatus.SERVICE_UNAVAILABLE)
    finally:
        ONE_AT_A_TIME.release()
    answer = Response(_pieces(file), content_type="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.pdf")
    return answer


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(65_536):
            yield piece
