"""The XML inside a Factur-X, ZUGFeRD or other hybrid PDF."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader, PdfWriter, apply_configuration
from pypdf.errors import PyPdfError

from portal.interfaces.einvoice.errors import InvoiceError
from portal.interfaces.files.pdfs import LIMITS

NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "ubl.xml", "order-x.xml")
"""Under which names invoices are embedded, the most likely first."""
MOST_BYTES = 20 * 1024 * 1024


def embedded_xml(content: bytes) -> bytes:
    """The invoice in a PDF. Raises InvoiceError(einvoice_unknown) when there is none: then it is for people to read."""
    if len(content) > MOST_BYTES:
        raise InvoiceError("einvoice_too_big", str(len(content)))
    try:
        with apply_configuration(**LIMITS):
            found = {name.lower(): parts for name, parts in PdfReader(BytesIO(content)).attachments.items()}
        parts = next((found[name] for name in NAMES if name in found), None)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        # What pypdf raises on a damaged file is anything: the file is not one with an invoice in it.
        raise InvoiceError("einvoice_unknown", "pdf") from error
    if not parts:
        raise InvoiceError("einvoice_unknown", "pdf")
    return bytes(parts[0])


def pages_alone(content: bytes) -> bytes:
    """The PDF without what is embedded in it, to show: files in a PDF are taken in by nobody. Raises InvoiceError."""
    out = BytesIO()
    try:
        with apply_configuration(**LIMITS):
            writer = PdfWriter()
            for page in PdfReader(BytesIO(content)).pages:
                for active in ("/Annots", "/AA", "/AF"):
                    page.pop(active, None)
                writer.add_page(page)
            writer.write(out)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise InvoiceError("einvoice_unknown", "pdf") from error
    return out.getvalue()
