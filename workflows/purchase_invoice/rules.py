"""The rules of an invoice: it is whole, its supplier is known, and registering, receiving, approving and paying it are
done by different people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.kernel import Rule, Situation, Verdict
from workflows.parties import N_
from workflows.purchase_invoice.content import is_credit, payee, sums
from workflows.rules import all_checked, other_than, second_person

BENCH = ("register", "check")
REGISTRATION = (
    ("file", N_("What is registered is what the invoice says")),
    ("receipt", N_("The day of receipt is proven")),
    ("supplier", N_("The supplier and the account number are right")),
)
CHECK = (
    ("delivered", N_("Delivery was confirmed by who ordered it")),
    ("mandate", N_("It was approved by who may do that")),
    ("amount", N_("The amount and the cost centre are right")),
    ("coding", N_("Each line is coded, or may stand on the account for what is not coded")),
)


def checks_of(content: Mapping[str, Any]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """What a clerk ticks: when registering it, and before it is paid."""
    return {"registration": REGISTRATION, "check": CHECK}


def _incomplete(s: Situation) -> Verdict:
    content = s.given.content or s.case.content
    needed = ("supplier", "number", "issued", "received_at", "proof")
    return not content.get("lines") or not all(content.get(name) for name in needed) or bool(sums(content))


COMPLETE = Rule(
    "invoice_incomplete",
    N_("The invoice is not complete: supplier, number, dates and lines must be there, and the sums must be right."),
    _incomplete,
    on_given=True,
)
SUPPLIER_KNOWN = Rule(
    "supplier_unknown",
    N_("It is not known which supplier this is. Have the supplier recorded, and choose it in the invoice."),
    lambda s: payee(s.given.content or s.case.content) is None,
)
IS_CREDIT = Rule(
    "is_no_credit",
    N_("This is no credit note, so it is paid and not set off."),
    lambda s: not is_credit(s.case.content),
)
REGISTERED = all_checked(lambda content: {"registration": REGISTRATION})
CHECKED = all_checked(lambda content: {"check": CHECK})

REGISTRARS = ("submit", "register")
NOT_REGISTRAR = other_than(
    *REGISTRARS,
    code="registrar_approves",
    sentence=N_("You registered this invoice, so somebody else must approve it."),
)
NOT_REGISTRAR_RECEIVES = other_than(
    *REGISTRARS,
    code="registrar_receives",
    sentence=N_("You registered this invoice, so somebody else must confirm the delivery."),
)
NOT_REGISTRAR_PAYS = other_than(
    *REGISTRARS,
    code="registrar_pays",
    sentence=N_("You registered this invoice, so somebody else must release the payment."),
)
NOT_DELIVERER = other_than(
    "deliver",
    code="deliverer_approves",
    sentence=N_("You confirmed the delivery, so somebody else must approve the invoice."),
)
SECOND_SIGNER = second_person("approve", since="deliver")


def approved(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an approval is given for, besides the amount and the cost centre."""
    return {name: content.get(name) for name in ("supplier_id", "number")}
