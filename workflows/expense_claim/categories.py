"""What can be claimed: per category the fields it asks, whether a receipt is needed, and what a clerk checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.parties import N_

Check = tuple[str, str]

LEGIBLE: Check = ("legible", N_("The receipt can be read"))
AMOUNT: Check = ("amount", N_("Amount and VAT are those of the receipt"))
DAY: Check = ("date", N_("The date is that of the receipt"))
FOR_WORK: Check = ("for_work", N_("The expense was for work"))
DISTANCE: Check = ("distance", N_("The distance is plausible"))
OWN_RATE: Check = ("own_rate", N_("The rate is that of the proof of the bank"))
NOT_TWICE: Check = ("not_twice", N_("Not claimed for the same day already"))


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of expense. `rate` names the policy that prices a unit; without it the employee types an amount."""

    key: str
    label: str
    fields: tuple[str, ...]
    checks: tuple[Check, ...]
    receipt: bool = True
    rate: str | None = None
    vat: str = "21"
    apart: str = ""
    """The kind of expense that cannot be claimed for the same day."""


CATEGORIES: Mapping[str, Category] = {
    category.key: category
    for category in (
        Category("public_transport", N_("Train, tram or bus"), ("origin", "destination", "amount", "vat"),
                 (LEGIBLE, AMOUNT, DAY, FOR_WORK), vat="9"),
        Category("own_car", N_("Own car"), ("origin", "destination", "km"),
                 (DISTANCE, FOR_WORK), receipt=False, rate="rate_km_cents"),
        Category("commuting", N_("Travelling to work"), ("origin", "destination", "km"),
                 (DISTANCE, NOT_TWICE), receipt=False, rate="rate_km_cents", apart="home_working"),
        Category("meal", N_("Lunch or dinner"), ("persons", "amount", "vat"),
                 (LEGIBLE, AMOUNT, DAY, FOR_WORK), vat="9"),
        Category("parking", N_("Parking"), ("amount", "vat"), (LEGIBLE, AMOUNT, DAY, FOR_WORK)),
        Category("lodging", N_("Hotel"), ("amount", "vat"), (LEGIBLE, AMOUNT, DAY, FOR_WORK)),
        Category("home_working", N_("Working at home"), ("days",), (NOT_TWICE,), receipt=False,
                 rate="rate_home_cents", apart="commuting"),
        Category("study", N_("Course or books"), ("amount", "vat"), (LEGIBLE, AMOUNT, DAY, FOR_WORK)),
        Category("other", N_("Something else"), ("amount", "vat"), (LEGIBLE, AMOUNT, DAY, FOR_WORK)),
    )
}  # fmt: skip

STATED: tuple[Check, ...] = (("statement", N_("The statement instead of a receipt is plausible")), FOR_WORK)
VAT_RATES = ("0", "9", "21")


def checks_of(content: Mapping[str, Any]) -> Mapping[str, tuple[Check, ...]]:
    """The checklist of every line, by line key."""
    return {
        line["key"]: (STATED if "statement_why" in line else CATEGORIES[line["category"]].checks)
        + ((OWN_RATE,) if line.get("exchange_source") == "bank" else ())
        for line in content.get("lines", ())
    }
