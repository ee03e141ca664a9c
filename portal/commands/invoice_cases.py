"""From a file with an invoice to its case: the kind of case that takes in electronic invoices says what it holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands import registering
from portal.commands.documents import add_document, stored
from portal.interfaces.einvoice.arriving import Brought
from portal.interfaces.einvoice.explaining import explained
from portal.interfaces.einvoice.invoice import Invoice
from portal.interfaces.einvoice.telling import plain
from portal.interfaces.files import FileStore
from portal.models.cases import Case, Document
from portal.models.invoices import InvoiceFile
from portal.models.people import Municipality
from portal.models.suppliers import Supplier
from portal.queries.known_by import employed_as
from portal.queries.suppliers import accounts_of
from workflows import CASE_TYPES
from workflows.kernel import CaseType

EINVOICE = "einvoice"
"""What comes in, as kinds of cases declare it (`CaseType.takes_in`), and the kind of the document that it is."""
XML = "application/xml"


def taking_in() -> CaseType:
    """The kind of case that an electronic invoice becomes."""
    return next(case_type for case_type in CASE_TYPES.values() if EINVOICE in case_type.takes_in)


def begin(session: Session, files: FileStore, row: InvoiceFile, invoice: Invoice, brought: Brought,
          supplier: Supplier | None, municipality: Municipality, at: datetime) -> Case:  # fmt: skip
    """Begin the case of an invoice that came in, with its documents, and hand it in."""
    case_type = taking_in()
    case = registering.begin_received(session, case_type.key, municipality, f"{EINVOICE}-{row.sha256[:32]}", at)
    xml = brought.checked.xml
    session.add(
        Document(
            case_id=case.id, kind=EINVOICE, name=f"{row.name.rpartition('.')[0] or row.name}.xml", media_type=XML,
            size=len(xml), sha256=stored(files, xml), original_sha256=row.sha256, pages=0,
            added_by_id=case.initiator_id, added_at=at,
        )
    )  # fmt: skip
    for paper in brought.papers:
        add_document(session, files, case, paper, line_key="", by=case.initiator_id, at=at, kind="invoice")
    said = plain(invoice) | _known(session, invoice, supplier, municipality, at) | {
        "received_at": row.received_at.isoformat(),
        "judged_by": row.judged_by,
        "findings": [[rule, severity] for rule, severity, _ in explained(brought.checked.findings)],
        "refused_attachments": [name for name, _ in brought.refused],
    }  # fmt: skip
    return registering.hand_in(session, case, case_type.takes_in[EINVOICE](said), at)


def _known(session: Session, invoice: Invoice, supplier: Supplier | None, municipality: Municipality,
           at: datetime) -> dict[str, object]:  # fmt: skip
    """What we know besides: the supplier in the master data, and who is meant by the reference of the buyer."""
    today = local_date(at)
    meant = [text for text in (invoice.buyer_reference, invoice.order_reference) if text]
    ordered_by = next(iter(employed_as(session, municipality.id, tuple(meant), today)), "") if meant else ""
    if supplier is None:
        return {"supplier_id": None, "ordered_by": ordered_by, "guarantee_iban": ""}
    paid_on = accounts_of(session, [supplier.id], today, asked_for=False)[supplier.id]
    return {
        "supplier_id": supplier.id, "supplier": supplier.name, "supplier_email": supplier.email,
        "terms_days": supplier.terms_days, "ordered_by": ordered_by,
        "guarantee_iban": paid_on.guarantee.iban if paid_on.guarantee else "",
    }  # fmt: skip
