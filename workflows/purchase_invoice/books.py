"""What an invoice puts in the books: its lines as costs, owed to the supplier until the bank paid or it was set off.

A credit note is the other way round: costs go down, and what the supplier owes is set off against a next invoice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflows.bookings import CREDITS, SUPPLIERS, Booking, Happening, owed_and_paid, relation_of
from workflows.filling import ToCode
from workflows.money import share
from workflows.parties import N_
from workflows.purchase_invoice.content import is_credit

COST, PREPAID, ROUNDING = "cost.purchase", "purchase.prepaid", "purchase.rounding"
BOOKED: Mapping[str, str] = {
    COST: N_("Purchases that were not coded"),
    PREPAID: N_("Paid to suppliers before their invoice"),
    ROUNDING: N_("Rounding on invoices"),
}


def relation(grant: Happening) -> str:
    """Under which number the books know the supplier."""
    found = grant.content.get("supplier_id")
    return relation_of(found) if isinstance(found, int) else ""


def to_code(content: Mapping[str, Any]) -> tuple[ToCode, ...]:
    """Every line of the invoice; what is charged or taken off of the whole goes with the first."""
    return tuple(ToCode(str(line.get("key", "")), line["description"], line["net_cents"])
                 for line in content.get("lines", ()))  # fmt: skip


def creditor(grant: Happening) -> str:
    """On what the supplier stands: what is owed to them, or what they credited."""
    return CREDITS if is_credit(grant.content) else SUPPLIERS


def costs(grant: Happening) -> tuple[Booking, ...]:
    """Every line with its VAT, and what else makes the amount to be paid; all of it below zero for a credit note."""
    content = grant.content
    sign = -1 if content.get("credit") else 1
    parts = _parts(content)
    taxes = _taxes(content, parts)
    coding = content.get("coding", {})
    found = []
    for (key, part, net), tax in zip(parts, taxes, strict=True):
        code = coding.get(key, {})
        found.append(
            Booking(
                COST, sign * (net + tax), grant.on, vat_cents=sign * tax,
                cost_centre=code.get("cost_centre") or part.get("cost_centre") or content.get("cost_centre")
                or grant.cost_centre,
                account=code.get("account", ""), task=code.get("task", ""),
            )
        )  # fmt: skip
    found += [
        Booking(PREPAID, -sign * content.get("prepaid_cents", 0), grant.on),
        Booking(ROUNDING, sign * content.get("rounding_cents", 0), grant.on),
    ]
    return tuple(found)


def _parts(content: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any], int]]:
    """Lines, and charges and discounts, each with the key of the line by which it is coded and its amount.

    What is charged or taken off of the whole goes with the first line.
    """
    lines = [(str(line.get("key", "")), line, line["net_cents"]) for line in content["lines"]]
    first = lines[0][0] if lines else ""
    return [*lines, *((first, change, change["cents"]) for change in content.get("changes", ()))]


def _taxes(content: Mapping[str, Any], parts: list[tuple[str, Mapping[str, Any], int]]) -> list[int]:
    """The VAT of each part: that of its rate by its amount, and to the cent as much as the invoice says in all."""
    found = [0] * len(parts)
    for rate in content.get("vat", ()):
        of_rate = (rate["category"], rate["percent"])
        places = [
            place for place, (_, part, _) in enumerate(parts)
            if (part.get("vat_category"), part.get("vat_percent")) == of_rate
        ]  # fmt: skip
        for place, cents in zip(places, _spread(rate["tax_cents"], [parts[place][2] for place in places]), strict=True):
            found[place] += cents
    if parts:
        largest = max(range(len(parts)), key=lambda place: abs(parts[place][2]))
        found[largest] += content.get("vat_cents", 0) - sum(found)
    return found


def _spread(cents: int, amounts: list[int]) -> Iterator[int]:
    """An amount over others, by what they are up to each: what is rounded off one comes to the next."""
    whole, before, given = sum(amounts), 0, 0
    for amount in amounts:
        before += amount
        until = share(cents, before, whole)
        yield until - given
        given = until


journal = owed_and_paid(
    costs, creditor, proposed="payable",
    owed=frozenset({"payable", "paying", "unpaid", "paid", "credit", "netted"}), paid=frozenset({"paid"}),
    relation=relation,
)  # fmt: skip
