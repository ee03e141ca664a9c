"""What a recovery puts in the books: once the employee agrees, costs go down by what they owe.

When the claim turns out not to be paid after all, that is taken back.
"""

from __future__ import annotations

from workflows.bookings import RECOVERIES, Booking, Happening, History, total
from workflows.money import share


def journal(history: History) -> tuple[Booking, ...]:
    """Of each line what was not due, with as much of its VAT; settling it is booked by whatever it is settled with."""
    now = history[-1]
    if now.action == "agree":
        return _owed(now)
    if now.action == "lapse" and now.from_state == "outstanding":
        agreed = next(one for one in reversed(history) if one.action == "agree")
        return tuple(one.undone() for one in _owed(agreed))
    return ()


def _owed(agreed: Happening) -> tuple[Booking, ...]:
    back = tuple(
        Booking(
            f"cost.{line['category']}", -line["not_due_cents"], agreed.on,
            vat_cents=-share(line.get("vat_cents", 0), line["not_due_cents"], line["claimed_cents"]),
            cost_centre=agreed.content.get("cost_centre") or agreed.cost_centre,
        )
        for line in agreed.content["lines"]
        if line["not_due_cents"]
    )  # fmt: skip
    return (*back, Booking(RECOVERIES, -total(back), agreed.on))
