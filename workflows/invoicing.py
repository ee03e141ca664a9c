"""What the SSC's invoice to a municipality says, from a settlement: pure. What comes back is a credit note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from workflows.money import rounded
from workflows.services import CASE

EXEMPT = "E"
STANDARD = "S"
EXEMPTION_CODE = "VATEX-EU-132-1F"
EXEMPTION = (
    "Vrijgesteld van btw: diensten van een samenwerkingsverband aan zijn deelnemers, tegen kostprijs "
    "(koepelvrijstelling, artikel 11, lid 1, onderdeel u, Wet OB 1968)."
)
"""As it stands on the invoice; an invoice is Dutch, whoever reads it."""


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the settlement on paper: what has a price for each is told so, the rest is one amount."""
    if line.get("unit") == CASE and line["quantity"] and line["quantity"] * line["unit_cents"] == line["cents"]:
        return {"name": line["label"], "quantity": line["quantity"], "unit_cents": line["unit_cents"]}
    return {"name": line["label"], "quantity": 1 if line["cents"] >= 0 else -1, "unit_cents": abs(line["cents"])}


def _amount(name: str, cents: int) -> dict[str, Any]:
    return {"name": name, "quantity": 1 if cents >= 0 else -1, "unit_cents": abs(cents)}


def first_lines(account: Mapping[str, Any], quarter: str) -> list[dict[str, Any]]:
    """All that a municipality owes for a quarter, less what it paid in advance."""
    found = [_line(line) for line in account["lines"] if line["cents"]]
    if account["advance_cents"]:
        found.append(_amount(f"Af: voorschot {quarter}", -account["advance_cents"]))
    return found or [_amount(f"Geen kosten in {quarter}", 0)]


def later_lines(before: Mapping[str, Any] | None, account: Mapping[str, Any], quarter: str) -> list[dict[str, Any]]:
    """What a restatement makes different: each line that changed, by how much. None where nothing did."""
    old = {line["key"]: line for line in before["lines"]} if before else {}
    found = []
    for line in account["lines"]:
        was = old.pop(line["key"], None)
        if differs := line["cents"] - (was["cents"] if was else 0):
            found.append(_amount(f"Correctie {quarter}: {line['label']}", differs))
    found += [_amount(f"Vervalt {quarter}: {line['label']}", -line["cents"]) for line in old.values() if line["cents"]]
    if paid := account["advance_cents"] - (before["advance_cents"] if before else 0):
        found.append(_amount(f"Correctie voorschot {quarter}", -paid))
    return found


def invoice(
    lines: Sequence[Mapping[str, Any]], *, number: str, issued: date, days: int, percent: Decimal,
    seller: Mapping[str, str], buyer: Mapping[str, str], quarter: str, first: str, last: str, preceding: Sequence[str],
    note: str = "",
) -> dict[str, Any]:  # fmt: skip
    """The whole invoice as plain data. Where more comes back than is owed, all signs turn and it is a credit note."""
    net = sum(line["quantity"] * line["unit_cents"] for line in lines)
    credit = net < 0
    turned = [{**line, "quantity": -line["quantity"]} for line in lines] if credit else [dict(line) for line in lines]
    tax = rounded(Fraction(abs(net)) * Fraction(percent) / 100)
    return {
        "number": number, "credit": credit, "issued": issued.isoformat(),
        "due": (issued + timedelta(days=days)).isoformat(), "days": days, "seller": dict(seller), "buyer": dict(buyer),
        "lines": turned, "net_cents": abs(net), "percent": f"{percent.normalize():f}", "tax_cents": tax,
        "payable_cents": abs(net) + tax, "category": STANDARD if percent else EXEMPT,
        "exemption": "" if percent else EXEMPTION, "exemption_code": "" if percent else EXEMPTION_CODE,
        "quarter": quarter, "first_day": first, "last_day": last, "preceding": list(preceding), "note": note,
    }  # fmt: skip
