"""The invoices of a settlement, to download: on paper as PDF, and as e-invoice."""

from __future__ import annotations

from datetime import UTC, datetime, time
from http import HTTPStatus

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from portal.access import open_to
from portal.interfaces.settlement_invoice import paper_of, xml_of
from portal.models.costs import QuarterInvoice
from portal.queries.settlements import invoice_within
from portal.web import unit_of_work as uow
from portal.web.papers import answered
from portal.web.settlement import LOOK

bp = Blueprint("settlement_invoices", __name__, url_prefix="/verrekening/factuur")


def _found(number: str) -> QuarterInvoice:
    return invoice_within(uow.session(), number, uow.viewer().reach(*LOOK)) or abort(HTTPStatus.NOT_FOUND)


@bp.get("/<number>.pdf")
@open_to(*LOOK)
def paper(number: str) -> ResponseReturnValue:
    """An invoice or credit note on paper."""
    found = _found(number)
    # Dated by the day it was sent: the same invoice gives the same paper.
    return answered(paper_of(found.content, datetime.combine(found.issued_on, time(12), UTC)), number)


@bp.get("/<number>.xml")
@open_to(*LOOK)
def xml(number: str) -> ResponseReturnValue:
    """The same as e-invoice."""
    answer = Response(xml_of(_found(number).content), content_type="application/xml; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{number}.xml")
    return answer
