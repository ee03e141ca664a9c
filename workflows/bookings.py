"""What the steps of a case put in the books, as pure functions of what happened in it: the same for every case type.

Belongs here: the words in which a case type says what is booked, and the way that all who pay by bank have in common.
Does not belong here: accounts, which are dated data of a municipality (`chart.py`), or a database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from workflows.parties import N_

EMPLOYEES, SUPPLIERS, BANK, RECLAIMABLE = "employees", "suppliers", "bank", "vat"
ADVANCES, RECOVERIES, CREDITS = "advances", "recoveries", "credits"
SHARED: Mapping[str, str] = {
    EMPLOYEES: N_("To be paid to employees"),
    SUPPLIERS: N_("To be paid to suppliers"),
    BANK: N_("Bank"),
    ADVANCES: N_("Advances to employees"),
    RECOVERIES: N_("To be recovered from employees"),
    CREDITS: N_("Credit notes of suppliers, to be set off"),
    RECLAIMABLE: N_("VAT to be reclaimed (BCF)"),
}
"""What several types book on. What a type alone books on stands in its `booked`."""
OWED_AS: Mapping[str, str] = {"advance": ADVANCES, "recovery": RECOVERIES, "credit": CREDITS}
"""On what is booked what people and suppliers owe, by its kind."""

PAID_BACK: Mapping[str, str] = {
    "paid_back": N_("Paid back by the employee"), "return_undone": N_("Paid back by somebody else after all"),
}  # fmt: skip
"""What is booked without a step of a case: money that came in for what somebody owed, and its way back."""


def relation_of(supplier_id: int) -> str:
    """The number under which the books know a supplier."""
    return f"L{supplier_id:06}"


def relation_id(relation: str) -> int:
    """The supplier whom the books know under this number."""
    return int(relation[1:])


@dataclass(frozen=True, slots=True)
class Happening:
    """One step of a case as the books see it; `content` is that of the case after it."""

    action: str
    from_state: str
    to_state: str
    on: date
    data: Mapping[str, Any] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)
    cost_centre: str = ""


@dataclass(frozen=True, slots=True)
class Booking:
    """One amount that is booked: in debit when it is more than zero, else in credit.

    `key` is the posting rule by which it goes, as that holds on the day `on`. `account` and `task` are filled in where
    somebody coded the line by hand; `vat_cents` is the part of it that is VAT; `relation` whom it is owed to.
    """

    key: str
    cents: int
    on: date
    vat_cents: int = 0
    cost_centre: str = ""
    account: str = ""
    task: str = ""
    relation: str = ""

    def undone(self) -> Booking:
        """The same amount back, by the same rule."""
        return replace(self, cents=-self.cents, vat_cents=-self.vat_cents)


History = tuple[Happening, ...]
"""The steps of one case up to and including the one of which is asked what it books."""
Journal = Callable[[History], tuple[Booking, ...]]


def nothing_booked(history: History) -> tuple[Booking, ...]:
    """A case type that moves no money."""
    return ()


def total(bookings: Sequence[Booking]) -> int:
    """Debit less credit; zero when they balance."""
    return sum(booking.cents for booking in bookings)


def owed_and_paid(
    costs: Callable[[Happening], tuple[Booking, ...]], creditor: str | Callable[[Happening], str], *, proposed: str,
    owed: frozenset[str], paid: frozenset[str], relation: Callable[[Happening], str] = lambda _: "",
) -> Journal:  # fmt: skip
    """The books of a case that is granted, paid by bank, and perhaps comes back.

    In the states of `owed` it has been granted: `costs` on one side, the creditor on the other. What was booked then
    is taken back, by the rules of then, when the case leaves those states. In `proposed` it is settled with what
    people owe. In the states of `paid` the bank carried it out.
    """

    def owing(cents: int, grant: Happening) -> Booking:
        key = creditor if isinstance(creditor, str) else creditor(grant)
        return Booking(key, cents, grant.on, relation=relation(grant))

    def settled(part: Mapping[str, Any], cents: int, grant: Happening, now: Happening) -> Booking:
        return Booking(OWED_AS[part["kind"]], cents, now.on, relation=relation(grant))

    def journal(history: History) -> tuple[Booking, ...]:
        now = history[-1]
        grant = _granted(history, owed)
        found: list[Booking] = []
        if grant is None:
            return ()
        if now is grant or now.to_state not in owed:
            booked = [one for one in costs(grant) if one.cents]
            whole = [*booked, owing(-total(booked), grant)]
            found += whole if now is grant else [one.undone() for one in whole]
        if now.to_state == proposed != now.from_state:
            for part in now.data.get("settled", ()):
                found += [owing(part["cents"], grant), settled(part, -part["cents"], grant, now)]
        for part in now.data.get("undone", ()):
            found += [owing(-part["cents"], grant), settled(part, part["cents"], grant, now)]
        if now.action == "settle":
            cents = now.data.get("paid_cents", now.data["sanctioned_cents"])
            found += [owing(cents, grant), Booking(BANK, -cents, now.on)]
        elif now.action == "bounce" and now.from_state in paid:
            cents = now.data["returned_cents"]
            found += [owing(-cents, grant), Booking(BANK, cents, now.on)]
        return tuple(found)

    return journal


def _granted(history: History, owed: frozenset[str]) -> Happening | None:
    """The step by which it was last granted, when the last step begins, ends or falls within what that began."""
    now = history[-1]
    if now.from_state not in owed and now.to_state not in owed:
        return None
    return next((one for one in reversed(history) if one.from_state not in owed and one.to_state in owed), None)
