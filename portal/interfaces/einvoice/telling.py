"""A judged invoice in plain values, for machines to read."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from portal.interfaces.einvoice.checking import Checked
from portal.interfaces.einvoice.invoice import Invoice, Party
from portal.interfaces.einvoice.sums import FATAL, WARNING


def as_row(file: str, checked: Checked) -> dict[str, Any]:
    """What `ssc-portal invoice check` prints of one file. Amounts are cents of the currency."""
    row: dict[str, Any] = {"file": file, "verdict": checked.verdict.value, "error": checked.error or None}
    invoice = checked.invoice
    if invoice is None:
        return row
    totals = invoice.totals
    return row | {
        "syntax": invoice.syntax,
        "kind": "credit note" if invoice.credit else "invoice",
        "profile": invoice.profile,
        "customization": invoice.customization,
        "judged_by": checked.judged_by,
        "rules": {"fatal": checked.rules(FATAL), "warning": checked.rules(WARNING)},
        "number": invoice.number,
        "issued": invoice.issued.isoformat() if invoice.issued else None,
        "due": invoice.due.isoformat() if invoice.due else None,
        "supplier": {
            "name": invoice.seller.name, "vat": invoice.seller.vat, "registration": invoice.seller.registration,
        },
        "buyer": invoice.buyer.name,
        "currency": invoice.currency,
        "totals": {
            "exclusive": totals.exclusive, "tax": totals.tax, "inclusive": totals.inclusive, "payable": totals.payable,
        },
        "iban": invoice.iban,
        "preceding": list(invoice.preceding),
        "attachments": len(invoice.attachments),
    }  # fmt: skip


def plain(invoice: Invoice) -> dict[str, Any]:
    """All that an invoice says, but what is attached to it, in plain values: what a kind of case is made from."""
    said = asdict(invoice) | {"profile": invoice.profile, "reverse_charge": invoice.reverse_charge}
    said["attachments"] = [one.name for one in invoice.attachments]
    for name in ("issued", "due"):
        said[name] = said[name].isoformat() if said[name] else ""
    return said


def party(of: Party) -> dict[str, str]:
    """A party in plain values."""
    return asdict(of)
