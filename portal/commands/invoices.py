"""Taking in files with invoices: whole or not at all, each once, and what becomes of it.

What keeps to the legal minimum becomes a case, also when its supplier is not known yet: the legal term runs. What
breaks the minimum is refused, and its supplier told why. What is no invoice or cannot be placed waits for a clerk.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.commands.invoice_cases import begin
from portal.i18n import reading_in
from portal.interfaces.einvoice import InvoiceError, Verdict
from portal.interfaces.einvoice.arriving import Brought
from portal.interfaces.einvoice.checking import Checked, read
from portal.interfaces.einvoice.explaining import explained
from portal.interfaces.einvoice.invoice import Invoice
from portal.interfaces.einvoice.sums import FATAL, Finding
from portal.interfaces.einvoice.telling import as_row, party
from portal.interfaces.files import FileStore
from portal.interfaces.files.names import tidy
from portal.interfaces.letters import compose
from portal.models.invoices import InvoiceFile
from portal.models.mail import post
from portal.models.people import Municipality
from portal.models.suppliers import Supplier
from portal.queries.invoices import bought_by, same_invoice
from portal.queries.suppliers import Marks, plain, supplier_of
from workflows.kernel import REASON_LIMIT, REASON_TOO_LONG, Refusal, Refused
from workflows.parties import N_

WAITS_WHY: dict[str, str] = {
    "einvoice_too_big": N_("The file is too large."),
    "einvoice_encoding": N_("The file is not written in UTF-8."),
    "einvoice_doctype": N_("The file holds a document type, which invoices never do. It was not opened."),
    "einvoice_not_xml": N_("This is not a readable XML file."),
    "einvoice_unknown": N_("This is no electronic invoice: a person has to look at it."),
    "einvoice_zugferd1": N_(
        "This is an invoice in ZUGFeRD 1.0, which is older than the European standard EN 16931 and cannot be read. "
        "Register it by hand, or ask the supplier for Peppol or Factur-X."
    ),
    "einvoice_order": N_("This is an order and no invoice. Ask the supplier for the invoice."),
    "einvoice_summary": N_(
        "The file only sums up the invoice (Factur-X MINIMUM or BASIC WL). Register the PDF by hand, or ask the "
        "supplier for the profile EN 16931."
    ),
    "einvoice_incomplete": N_("Something is missing or malformed without which the invoice cannot be read."),
    "einvoice_invalid": N_("The invoice breaks what the law asks of every invoice."),
    "invoice_same": N_("The same supplier sent an invoice with this number before: %(about)s."),
    "invoice_buyer": N_("It is not clear for which municipality this invoice is."),
    "invoice_currency": N_("The invoice is in another currency than euro."),
    "file_infected": N_("A virus was found in the file."),
}
"""Why a file waits for a clerk."""

INVOICE_KNOWN = Refusal("invoice_known", N_("This very file was taken in before. Nothing was changed."))
INVOICE_SETTLED = Refusal("invoice_settled", N_("A colleague has seen to this file already."))
INVOICE_ASIDE = Refusal("invoice_aside", N_("Write down what was done with this file."))
INVOICE_NOT_READ = Refusal("invoice_not_read", N_("This file cannot be read as an invoice. Register it by hand."))
INVOICE_REFUSED = Refusal(
    "invoice_refused",
    N_("This invoice breaks the legal minimum, so it cannot be registered. The supplier sends a new one."),
)
NO_MAIL = Refusal("invoice_no_mail", N_("No mail address of this supplier is known."))


@dataclass(frozen=True)
class Arrived:
    """A file with what it was judged to be, and how and when it came in."""

    name: str
    content: bytes
    brought: Brought
    channel: str
    received_at: datetime
    by: int | None = None

    @property
    def sha256(self) -> str:
        """By which the same file is recognised."""
        return hashlib.sha256(self.content).hexdigest()


def is_known(session: Session, sha256: str) -> bool:
    """Whether this very file was taken in before."""
    return session.scalars(select(InvoiceFile.id).where(InvoiceFile.sha256 == sha256)).first() is not None


def take_in(session: Session, files: FileStore, arrived: Arrived, at: datetime) -> InvoiceFile:
    """Take in a file: its row, and the case it became if it did. Raises Refused for a file that was before."""
    if is_known(session, arrived.sha256):
        raise Refused(INVOICE_KNOWN)
    checked, sender = arrived.brought.checked, None
    row = InvoiceFile(
        name=tidy(arrived.name)[:200] or "factuur", sha256=arrived.sha256, size=len(arrived.content),
        channel=arrived.channel, received_at=min(arrived.received_at, at), taken_at=at, uploaded_by_id=arrived.by,
        verdict=checked.verdict.value, error=checked.error, judged_by=checked.judged_by,
        findings=[[found.rule, found.severity, found.text] for found in checked.findings],
    )  # fmt: skip
    if checked.error != "file_infected":
        files.put(arrived.content)
    if checked.invoice is not None:
        _say(row, checked, checked.invoice)
        sender = supplier_of(session, marks_of(checked.invoice))
        buyer = bought_by(session, checked.invoice.buyer.name, checked.invoice.buyer.endpoint, at)
        row.supplier_id, row.municipality_id = sender.id if sender else None, buyer.id if buyer else None
    session.add(row)
    session.flush()
    row.why = _why_not(session, row, checked.invoice)
    if row.why == "einvoice_invalid":
        _tell_supplier(session, row, sender, checked.invoice, at)
    elif not row.why and checked.invoice is not None:
        _begin(session, files, row, checked.invoice, arrived.brought, at)
    return row


def marks_of(invoice: Invoice) -> Marks:
    """By what the supplier of an invoice can be known. A number of the trade register has 8 digits, an OIN 20."""
    seller = invoice.seller
    kvk = seller.registration if len(plain(seller.registration)) == 8 else ""
    ibans = [payment.iban for payment in invoice.payments if payment.iban]
    return Marks.of(seller.name, kvk, seller.vat, seller.endpoint, ibans)


def seller_key(marks: Marks) -> str:
    """By what an invoice's supplier is recognised also while nobody recorded it."""
    return marks.vat or marks.kvk or marks.endpoint or marks.name


def _say(row: InvoiceFile, checked: Checked, invoice: Invoice) -> None:
    """Keep what the invoice says of itself."""
    said = as_row(row.name, checked)
    said |= {"seller": party(invoice.seller), "buyer_address": invoice.buyer.endpoint}
    row.told = {name: value for name, value in said.items() if name not in ("file", "verdict", "error", "rules")}
    row.number, row.seller_key = invoice.number.strip().lower(), seller_key(marks_of(invoice))


def _why_not(session: Session, row: InvoiceFile, invoice: Invoice | None) -> str:
    """The code of why it cannot become a case; empty when it can."""
    if invoice is not None and invoice.summary:
        # The invoice that people read may be in order, and the legal term may run: nobody is told by a machine.
        return "einvoice_summary"
    if row.verdict == Verdict.INVALID.value and invoice is not None:
        return "einvoice_invalid"
    if invoice is None:
        return row.error
    if invoice.currency != "EUR":
        return "invoice_currency"
    if row.number and (same := same_invoice(session, row)):
        row.about = same
        return "invoice_same"
    return "" if row.municipality_id else "invoice_buyer"


def _begin(session: Session, files: FileStore, row: InvoiceFile, invoice: Invoice, brought: Brought,
           at: datetime) -> None:  # fmt: skip
    """Let it become a case; what stands in the way is why it waits."""
    supplier = session.get(Supplier, row.supplier_id) if row.supplier_id else None
    municipality = session.get_one(Municipality, row.municipality_id)
    try:
        with session.begin_nested():
            case = begin(session, files, row, invoice, brought, supplier, municipality, at)
    except Refused as refused:
        row.why = refused.refusals[0].code
        row.about = str(refused.refusals[0].values.get("municipality", ""))
        return
    row.case_id, row.settled_at, row.why = case.id, at, ""


def _tell_supplier(session: Session, row: InvoiceFile, supplier: Supplier | None, invoice: Invoice | None,
                   at: datetime) -> None:  # fmt: skip
    """Mail a supplier whom we know why their invoice was refused. To others a clerk writes: anybody can put an address
    on an invoice."""
    if supplier is None or not supplier.email or invoice is None:
        return
    findings = tuple(Finding(*found) for found in row.findings)
    with reading_in(supplier.language):
        rules = [(rule, said) for rule, severity, said in explained(findings) if severity == FATAL]
        subject, text = compose(None, "invoice_refused", name=supplier.name, number=invoice.number, rules=rules,
                                judged_by=row.judged_by, received=row.received_at)  # fmt: skip
    post(
        session, message_id=uuid4().hex, letter="invoice_refused", address=supplier.email, recipient=supplier.name,
        language=supplier.language, subject=subject, text=text, created_at=at, next_try_at=at,
    )  # fmt: skip
    row.mailed_to, row.settled_at = supplier.email, at


def place(session: Session, files: FileStore, viewer: Viewer, row: InvoiceFile, municipality: Municipality,
          brought: Brought, at: datetime) -> None:  # fmt: skip
    """A clerk says for which municipality a file is, or has what stood in its way seen to: it becomes a case now."""
    expect_waiting(session, row)
    if row.verdict == Verdict.INVALID.value:
        raise Refused(INVOICE_REFUSED)
    invoice = _read(brought)
    supplier = supplier_of(session, marks_of(invoice))
    row.municipality_id, row.supplier_id = municipality.id, supplier.id if supplier else None
    row.why, row.about = _why_not(session, row, invoice), ""
    if not row.why:
        _begin(session, files, row, invoice, brought, at)
    if row.why:
        raise Refused(Refusal(row.why, WAITS_WHY.get(row.why, row.why), {"about": row.about}))
    row.settled_by_id = viewer.person_id


def _read(brought: Brought) -> Invoice:
    try:
        return brought.checked.invoice or read(brought.checked.xml)
    except InvoiceError:
        raise Refused(INVOICE_NOT_READ) from None


def tell_supplier(session: Session, viewer: Viewer, row: InvoiceFile, brought: Brought, at: datetime) -> None:
    """A clerk lets the supplier of a refused invoice be told why, once the supplier is recorded."""
    expect_waiting(session, row)
    invoice = _read(brought)
    supplier = supplier_of(session, marks_of(invoice))
    if supplier is None or not supplier.email:
        raise Refused(NO_MAIL)
    row.supplier_id = supplier.id
    _tell_supplier(session, row, supplier, invoice, at)
    row.settled_by_id = viewer.person_id


def set_aside(session: Session, viewer: Viewer, row: InvoiceFile, reason: str, at: datetime) -> None:
    """Take a file off the list, saying what was done with it."""
    expect_waiting(session, row)
    if not reason.strip():
        raise Refused(INVOICE_ASIDE)
    if len(reason) > REASON_LIMIT:
        raise Refused(REASON_TOO_LONG)
    row.set_aside, row.settled_at, row.settled_by_id = reason.strip(), at, viewer.person_id


def expect_waiting(session: Session, row: InvoiceFile) -> None:
    """Refuse what somebody else has seen to; of two at once the second is told."""
    session.flush()
    session.refresh(row, ["settled_at"], with_for_update=True)
    if row.settled_at is not None:
        raise Refused(INVOICE_SETTLED)


def why_words(row: InvoiceFile) -> tuple[str, dict[str, Any]]:
    """Why a file waits: the sentence to be translated, and its values."""
    return WAITS_WHY.get(row.why, row.why), {"about": row.about, "municipality": row.about}
