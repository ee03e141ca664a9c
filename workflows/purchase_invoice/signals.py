"""What is flagged of an invoice itself, and by what it is held against other invoices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from workflows.bills import Bill
from workflows.filling import Raised
from workflows.iban import masked
from workflows.purchase_invoice.content import is_credit, payee


def bill_of(content: Mapping[str, Any]) -> Bill | None:
    """What it is known by; the portal adds the other records of its supplier."""
    found, issued = payee(content), content.get("issued")
    if not content.get("number"):
        return None
    return Bill(
        number=content["number"],
        issued=date.fromisoformat(issued) if issued else None,
        cents=abs(content["payable_cents"]),
        iban=content.get("iban", ""),
        name=content.get("supplier", ""),
        suppliers=frozenset({found} if found else ()),
        credit=is_credit(content),
    )


def raised(content: Mapping[str, Any]) -> Iterator[Raised]:
    """What its electronic form broke without being refused for it, what of it could not be taken in, and what of it is
    to go to a G-account."""
    if content.get("g_cents"):
        asked = {"guarantee_cents": content["g_cents"], "iban": masked(content["g_iban"])}
        yield Raised("", "guarantee_part", asked["iban"], asked)
    if rules := [rule for rule, _ in content.get("findings", ())]:
        yield Raised("", "einvoice_profile", "", {"rules": ", ".join(rules)})
    for name in content.get("refused_attachments", ()):
        yield Raised("", "attachment_refused", name, {"name": name})
