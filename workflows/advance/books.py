"""What an advance puts in the books: no cost, but what the employee will owe once the bank has paid it."""

from __future__ import annotations

from workflows.bookings import ADVANCES, EMPLOYEES, Booking, Happening, owed_and_paid


def lent(grant: Happening) -> tuple[Booking, ...]:
    """The advance itself, which the employee accounts for later."""
    return (Booking(ADVANCES, grant.data["sanctioned_cents"], grant.on),)


journal = owed_and_paid(
    lent, EMPLOYEES, proposed="payable",
    owed=frozenset({"payable", "paying", "unpaid", "outstanding", "settled"}),
    paid=frozenset({"outstanding", "settled"}),
)  # fmt: skip
