"""Who sends and who gets the invoices of the SSC, as dated policies hold them: records, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workflows.parties import N_

SENDER, ADDRESSEE = "settlement_sender", "settlement_addressee"
VAT, TERM = "settlement_vat_percent", "settlement_pay_days"
"""The policies: who sends invoices, to whom, with which VAT, and within how many days they are paid."""
OF_SENDER = ("name", "registration", "vat", "iban", "street", "postcode", "city", "email")
OF_ADDRESSEE = ("name", "registration", "street", "postcode", "city", "email", "reference")
LACKS = N_("Write a record with all of: name, registration, vat, iban, street, postcode, city, email. Each is a text.")
LACKS_TOO = N_(
    "Write a record with all of: name, registration, street, postcode, city, email, reference. Each is a text."
)


def _holds(found: Any, fields: Iterable[str]) -> bool:
    return isinstance(found, dict) and set(found) == set(fields) and all(
        isinstance(value, str) and value.strip() and value.isprintable() for value in found.values()
    )  # fmt: skip


def wrong_sender(found: Any) -> Iterable[str]:
    """What is wrong with who sends invoices."""
    return [] if _holds(found, OF_SENDER) else [LACKS]


def wrong_addressee(found: Any) -> Iterable[str]:
    """What is wrong with whom they are sent to."""
    return [] if _holds(found, OF_ADDRESSEE) else [LACKS_TOO]
