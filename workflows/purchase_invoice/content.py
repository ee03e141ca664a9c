"""What an invoice holds, however it came in, and what others read from that.

Amounts are whole cents as the invoice has them: a credit note of € 10 says 10. Lines, allowances and charges, and the
VAT by rate add up to the totals: `sums` says in what they do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from workflows.filling import Correspondent, Facts

EINVOICE, MAIL, POST = "einvoice", "mail", "post"
"""How it is proven when an invoice came in: by the electronic invoice, the mail with the PDF, or the stamp on paper."""


LEGAL_DAYS = 30
"""Within which a public body pays, from receipt (Civil Code 6:119b)."""


def tax(cents: int, percent: str) -> int:
    """The VAT over an amount, rounded half up to whole cents."""
    return int((Decimal(cents) * Decimal(percent or "0") / 100).quantize(Decimal(1), ROUND_HALF_UP))


def by_rate(parts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Taxable amount and VAT by category and rate, over lines (`net_cents`) and changes (`cents`)."""
    taxable: dict[tuple[str, str], int] = {}
    for part in parts:
        rate = (part["vat_category"], part["vat_percent"])
        taxable[rate] = taxable.get(rate, 0) + part.get("net_cents", part.get("cents", 0))
    return [
        {"category": category, "percent": percent, "taxable_cents": cents, "tax_cents": tax(cents, percent)}
        for (category, percent), cents in taxable.items()
    ]


def sums(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Which of the totals do not follow from what they are made of; none when all is right."""
    lines = sum(line["net_cents"] for line in content["lines"])
    changes = sum(change["cents"] for change in content["changes"])
    vat = sum(rate["tax_cents"] for rate in content["vat"])
    paid = content["prepaid_cents"] - content["rounding_cents"]
    right = {
        "net_cents": content["net_cents"] == lines + changes,
        "vat_cents": not content["vat"] or content["vat_cents"] == vat,
        "total_cents": content["total_cents"] == content["net_cents"] + content["vat_cents"],
        "payable_cents": content["payable_cents"] == content["total_cents"] - paid,
    }
    return tuple(name for name, holds in right.items() if not holds)


def is_credit(content: Mapping[str, Any]) -> bool:
    """Whether the supplier owes the municipality: a credit note, or an invoice that is below zero as a whole."""
    cents = content.get("payable_cents", 0)
    return bool(cents > 0 if content.get("credit") else cents < 0)


def facts_of(content: Mapping[str, Any]) -> Facts:
    """What the queue, the payments and the ledger read of an invoice. A credit note's amount is what is set off."""
    cents = abs(content.get("payable_cents", 0))
    received = content.get("received_at")
    name = content.get("supplier", "")
    return Facts(
        title=f"{name} {content.get('number', '')}".strip(),
        claimed_cents=cents,
        sanctioned_cents=cents,
        cost_centre=content.get("cost_centre", ""),
        received=datetime.fromisoformat(received) if received else None,
        due=_due(content),
        credit=is_credit(content),
        reference=(content.get("reference") or content.get("number", ""))[:100],
    )


def _due(content: Mapping[str, Any]) -> date | None:
    """By when it is to be paid: as the invoice says, else by the terms of the supplier, else by law."""
    if due := content.get("due"):
        return date.fromisoformat(due)
    received = content.get("received_at")
    days = content.get("terms_days") or LEGAL_DAYS
    return (datetime.fromisoformat(received) + timedelta(days=days)).date() if received else None


def correspondent(content: Mapping[str, Any]) -> Correspondent | None:
    """The supplier, as far as letters can be sent to them."""
    name = content.get("supplier", "")
    return Correspondent(name, content.get("supplier_email", "")) if name else None


def payee(content: Mapping[str, Any]) -> int | None:
    """The supplier in the master data; none while nobody said which it is."""
    found = content.get("supplier_id")
    return found if isinstance(found, int) else None


def ordered_by(content: Mapping[str, Any]) -> str:
    """Who ordered it, by mail address or personnel number; empty when that is not known yet."""
    return str(content.get("ordered_by", ""))


def municipality_of(content: Mapping[str, Any]) -> str:
    """The code of the municipality that it is for, when it was moved."""
    return str(content.get("municipality", ""))


def typed_of(content: Mapping[str, Any]) -> Mapping[str, str]:
    """The fields of the form that a clerk fills in of an invoice that came in by itself."""
    names = ("supplier", "ordered_by", "cost_centre")
    return {name: str(content.get(name, "")) for name in names}
