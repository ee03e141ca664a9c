"""What holds for every invoice, checked by ourselves whether or not the official rules can be run.

Each finding carries the identifier that EN 16931 gives the rule, so that it reads the same in both cases; PEPPOL and
NL identifiers are of Peppol BIS Billing 3.0. Without the first group an invoice is none in law (Wet OB art. 35a).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from portal.interfaces.einvoice.invoice import Invoice

FATAL, WARNING = "fatal", "warning"
SUMMARY = "SSC-SUMMARY"
"""Our own name for what no rule of EN 16931 says: that a file is only a summary beside an invoice that people read."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that is broken: its official identifier, how bad it is, and the rule's own words when it has them."""

    rule: str
    severity: str
    text: str = ""


def minimum(invoice: Invoice) -> Iterator[Finding]:
    """What an invoice must have, and sums that must be right."""
    totals = invoice.totals
    down = -sum(change.cents for change in invoice.changes if change.cents < 0)
    up = sum(change.cents for change in invoice.changes if change.cents > 0)
    broken = {
        "BR-02": not invoice.number,
        "BR-03": invoice.issued is None,
        "BR-04": not invoice.type_code,
        "BR-05": not invoice.currency,
        "BR-06": not invoice.seller.name,
        "BR-07": not invoice.buyer.name,
        "BR-16": not invoice.lines,
        "BR-CO-10": bool(invoice.lines) and sum(line.net_cents for line in invoice.lines) != totals.lines,
        "BR-CO-11": totals.allowances != down,
        "BR-CO-12": totals.charges != up,
        "BR-CO-13": totals.exclusive != totals.lines - totals.allowances + totals.charges,
        "BR-CO-14": bool(invoice.vat) and totals.tax != sum(rate.tax_cents for rate in invoice.vat),
        "BR-CO-15": totals.inclusive != totals.exclusive + totals.tax,
        "BR-CO-16": totals.payable != totals.inclusive - totals.prepaid + totals.rounding,
    }
    return (Finding(rule, FATAL) for rule, is_broken in broken.items() if is_broken)


def profile(invoice: Invoice) -> Iterator[Finding]:
    """What the profile that the invoice names asks besides. Its absence is flagged; no invoice is refused for it."""
    if invoice.profile not in ("peppol", "nlcius"):
        return
    reference = not invoice.buyer_reference and not invoice.order_reference
    if invoice.profile == "peppol":
        broken = {
            "PEPPOL-EN16931-R003": reference,
            "PEPPOL-EN16931-R010": not invoice.buyer.endpoint,
            "PEPPOL-EN16931-R020": not invoice.seller.endpoint,
            "NL-R-003": invoice.seller.country == "NL" and not invoice.seller.registration,
        }
    else:
        broken = {
            "BR-NL-1": invoice.seller.country == "NL" and not invoice.seller.registration,
        }
    yield from (Finding(rule, WARNING) for rule, is_broken in broken.items() if is_broken)
