"""What an expense claim puts in the books: the costs by kind of expense, owed to the employee until the bank paid."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.bookings import EMPLOYEES, Booking, Happening, owed_and_paid
from workflows.expense_claim.categories import CATEGORIES
from workflows.money import share

BOOKED: Mapping[str, str] = {f"cost.{key}": category.label for key, category in CATEGORIES.items()}


def costs(grant: Happening) -> tuple[Booking, ...]:
    """What was granted on each line; of the VAT on its receipt as much as of the amount."""
    return tuple(
        Booking(
            f"cost.{line['category']}", line["sanctioned_cents"], grant.on,
            vat_cents=share(line.get("vat_cents", 0), line["sanctioned_cents"], line["claimed_cents"]),
            cost_centre=grant.content.get("cost_centre") or grant.cost_centre,
        )
        for line in grant.content["lines"]
    )  # fmt: skip


journal = owed_and_paid(
    costs, EMPLOYEES, proposed="payable", owed=frozenset({"payable", "paying", "unpaid", "paid"}),
    paid=frozenset({"paid"}),
)  # fmt: skip
