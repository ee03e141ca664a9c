"""Steps with fields of their own, and what people call what an invoice holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.fields import Reader
from workflows.filling import Problem
from workflows.parties import N_
from workflows.purchase_invoice.content import EINVOICE, MAIL, POST

LABELS: Mapping[str, str] = {
    "supplier": N_("Supplier"),
    "supplier_said": N_("Supplier as the invoice says it"),
    "supplier_email": N_("Mail address of the supplier"),
    "kvk": N_("KvK number"),
    "vat_number": N_("VAT number"),
    "order": N_("Order number"),
    "note": N_("Note on the invoice"),
    "received_at": N_("Came in on"),
    "g_iban": N_("G-account"),
    "municipality": N_("Municipality"),
}
COLUMNS: Mapping[str, str] = {
    "description": N_("Description"),
    "quantity": N_("Quantity"),
    "vat_percent": N_("VAT"),
    "net_cents": N_("Without VAT"),
}
AMOUNTS: Mapping[str, str] = {
    "net_cents": N_("Total without VAT"),
    "vat_cents": N_("VAT"),
    "payable_cents": N_("Total to be paid"),
}
PROOFS: Mapping[str, str] = {
    EINVOICE: N_("Electronic invoice"), MAIL: N_("Mail with the PDF"), POST: N_("Stamp on the paper"),
}  # fmt: skip

OUTSIDE: Mapping[str, str] = {
    "received": N_("We received your invoice and register it."),
    "delivery": N_("We ask whether it was delivered as agreed."),
    "submitted": N_("It was delivered, and waits for approval."),
    "countersign": N_("It was delivered, and waits for approval."),
    "approved": N_("It was approved, and we check it."),
    "disputed": N_("We do not agree with it and wrote to you why. Until that is settled we do not pay it."),
    "payable": N_("It was approved and checked, and is paid in time."),
    "paying": N_("The payment is at the bank."),
    "unpaid": N_("The bank could not pay it. We look into it and will contact you."),
    "credit": N_("It will be set off against your next invoice for this municipality."),
    "paid": N_("It was paid."),
    "netted": N_("It was set off in full."),
    "rejected": N_("We do not pay it, and wrote to you why."),
}
"""What the supplier reads of each state: how far it is, and of nobody a name."""

Read = tuple[Mapping[str, Any], tuple[Problem, ...]]


def asked_colleague(content: Mapping[str, Any], typed: Mapping[str, str], language: str) -> Read:
    """Who ordered it, as whoever passes it on says."""
    reader = Reader(language)
    colleague = reader.text("ordered_by", typed.get("ordered_by"), required=N_("Fill in who ordered it."))
    return {**content, "ordered_by": colleague}, tuple(reader.problems)


def asked_municipality(content: Mapping[str, Any], typed: Mapping[str, str], language: str) -> Read:
    """For which municipality it is. Who ordered it there, at whose cost and on which account is not known yet."""
    reader = Reader(language)
    code = reader.text("municipality", typed.get("municipality"), required=N_("Choose a municipality."), limit=60)
    there = {**content, "municipality": code, "ordered_by": "", "cost_centre": "", "coding": {}}
    return there, tuple(reader.problems)
