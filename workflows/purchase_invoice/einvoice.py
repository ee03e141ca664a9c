"""From what an electronic invoice says to the content of a case. `said` is all of it in plain values, with what the
portal knows besides: the supplier in the master data, who ordered it, when it came in and which rules it breaks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workflows.purchase_invoice.content import EINVOICE

G_ACCOUNT = re.compile(r"NL[0-9]{2}[A-Z]{4}0{0,2}99[0-9]+")
"""How banks number accounts for wage tax and VAT alone, where the master data do not know the account."""
LONGEST = 300


def content_of(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The content. Amounts stay as they are written; what does not follow from the lines is refused later, in words."""
    seller, totals = said["seller"], said["totals"]
    vat = [dict(rate) for rate in said["vat"]]
    lines = [_line(line, place) for place, line in enumerate(said["lines"], start=1)]
    changes = [dict(change) for change in said["changes"]]
    account, guarantee, guarantee_cents = _accounts(said)
    return {
        "supplier": said.get("supplier") or seller["name"],
        "supplier_said": seller["name"],
        "supplier_id": said["supplier_id"],
        "supplier_email": said.get("supplier_email") or seller["email"],
        "terms_days": said.get("terms_days"),
        "kvk": seller["registration"],
        "vat_number": seller["vat"],
        "number": said["number"],
        "issued": said["issued"],
        "due": said["due"],
        "credit": said["credit"],
        "preceding": ", ".join(said["preceding"]),
        "received_at": said["received_at"],
        "proof": EINVOICE,
        "reference": next((one["reference"] for one in said["payments"] if one["reference"]), "")[:140],
        "order": said["order_reference"] or said["buyer_reference"],
        "note": said["note"][:LONGEST],
        "iban": account,
        "g_iban": guarantee,
        "g_cents": guarantee_cents,
        "lines": lines,
        "changes": changes,
        "vat": vat,
        "net_cents": totals["exclusive"],
        "vat_cents": totals["tax"],
        "total_cents": totals["inclusive"],
        "prepaid_cents": totals["prepaid"],
        "rounding_cents": totals["rounding"],
        "payable_cents": totals["payable"],
        "ordered_by": said["ordered_by"],
        "cost_centre": "",
        "judged_by": said["judged_by"],
        "findings": said["findings"],
        "refused_attachments": said["refused_attachments"],
    }


def _line(line: Mapping[str, Any], place: int) -> dict[str, Any]:
    quantity = (
        f"{line['quantity']} {line['unit']}".strip() if line["unit"] not in ("", "C62", "EA") else line["quantity"]
    )
    return {
        "key": f"l{place}",
        "description": line["description"][:LONGEST],
        "quantity": quantity[:20],
        "net_cents": line["net_cents"],
        "vat_category": line["vat_category"],
        "vat_percent": line["vat_percent"],
    }


def _accounts(said: Mapping[str, Any]) -> tuple[str, str, int]:
    """The ordinary account, the G-account, and how many cents go to that one."""
    paid = [one for one in said["payments"] if one["iban"]]
    guarantee = next(
        (
            one
            for one in paid
            if one["cents"] and (one["iban"] == said["guarantee_iban"] or G_ACCOUNT.fullmatch(one["iban"]))
        ),
        None,
    )
    ordinary = next((one["iban"] for one in paid if one is not guarantee), "")
    return ordinary, guarantee["iban"] if guarantee else "", guarantee["cents"] if guarantee else 0
