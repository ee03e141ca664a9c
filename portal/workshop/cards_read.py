"""The cards of a scenario file: what each kind of card asks, and what must fit together between cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from portal.models.contact import CHANNELS, LINES, SUBJECTS
from portal.workshop.filling import CLAIM_FIELDS, TICKET, TILL
from portal.workshop.scenario import (
    CARD_KINDS,
    CLAIM,
    CLOSES,
    INVOICE,
    LEAVE,
    OPENS,
    QUESTION,
    CardPlan,
    Planted,
    RolePlan,
    SeatPlan,
)
from portal.workshop.typed import Table
from seed.sources import source
from workflows import CASE_TYPES
from workflows.expense_claim.categories import CATEGORIES
from workflows.leave_kinds import KINDS
from workflows.parties import N_
from workflows.work_patterns import Part

ANSWERS = ("answered", "call_back", "second", "third")
FARTHEST = 260
VATS = (0, 9, 21)


class CardReader:
    """Reads cards for a story of so many days, with these roles and seats."""

    def __init__(
        self, start: date, days: int, roles: Mapping[str, RolePlan], seats: tuple[SeatPlan, ...]
    ) -> None:  # fmt: skip
        self._start, self._days, self._roles = start, days, roles
        self._seats = {seat.key: seat for seat in seats}
        self._told: list[tuple[Table, CardPlan]] = []

    def card(self, one: Table) -> CardPlan:
        """One card."""
        key, kind = one.text("key", most=40), one.choice("kind", CARD_KINDS)
        seat, role = one.choice("seat", self._seats, ""), one.choice("role", self._roles, "")
        if bool(one.found.get("seat")) == bool(one.found.get("role")):
            one.tell("seat", N_("Say on whom the card falls: either a “seat” or a “role”."))
        elif role and not any(plan.role == role for plan in self._seats.values()):
            one.tell("role", N_("Nobody has this role: there is no seat for it."))
        day = one.whole("day", 0, self._days)
        hour = one.hour("hour", "9:00", OPENS, CLOSES)
        title, text = one.words("title"), one.words("text")
        form = one.table("form")
        asks: dict[str, Callable[[Table], dict[str, Any]]] = {
            CLAIM: self._claim, LEAVE: self._leave, INVOICE: self._invoice, QUESTION: self._question,
        }  # fmt: skip
        typed = asks[kind](form) if kind else {}
        if kind:
            form.rest()
        card = CardPlan(
            key, kind, seat, role, day, hour, title, text, typed, self._planted(one, kind), one.flag("again")
        )
        one.rest()
        self._told.append((one, card))
        return card

    def together(self, cards: Mapping[str, CardPlan]) -> None:
        """What one card says of another."""
        for one, card in self._told:
            form = one.table("form")
            about = card.typed.get("about", "")
            if about and about not in cards:
                form.unknown("about", about, cards)
            for place, line in enumerate(card.typed.get("lines", ())):
                same = line.get("receipt", {}).get("same_as", "")
                if not same:
                    continue
                other = cards.get(same)
                at = Table({}, (*form.path, "lines", place, "receipt"), form.findings)
                if other is None:
                    at.unknown("same_as", same, cards)
                elif not any("merchant" in row.get("receipt", {}) for row in other.typed.get("lines", ())):
                    at.tell("same_as", N_("The card “%(value)s” has no receipt of its own."), value=same)

    def _planted(self, one: Table, kind: str) -> Planted | None:
        if "planted" not in one.found:
            return None
        found = one.table("planted")
        known = [action.key for action in CASE_TYPES[CARD_KINDS[kind]].actions] if CARD_KINDS.get(kind) else ANSWERS
        planted = Planted(
            found.words("what"), found.choice("by", self._roles), found.choices("actions", known),
            found.amount("at_most", None),
        )  # fmt: skip
        if not found.found.get("actions") and planted.at_most_cents is None:
            found.tell("actions", N_("Say what must be done to catch it: “actions”, or “at_most” for an amount."))
        found.rest()
        return planted

    def _claim(self, form: Table) -> dict[str, Any]:
        typed: dict[str, Any] = {
            "purpose": form.text("purpose", most=200), "cost_centre": form.text("cost_centre", "", 20),
            "lines": [self._line(one) for one in form.tables("lines", 1)],
        }  # fmt: skip
        return typed

    def _line(self, one: Table) -> dict[str, Any]:
        category = one.choice("category", CATEGORIES)
        line: dict[str, Any] = {"category": category, "date": one.day("date", -FARTHEST, 0, -1)}
        kept = {name: one.text(name, "") for name in CLAIM_FIELDS if name not in ("category", "km", "days", "persons")}
        line |= {name: value for name, value in kept.items() if value}
        if kept["amount"]:
            one.amount("amount")
        needed = CATEGORIES[category].fields if category else ()
        for name, most in (("km", 2000), ("days", 31), ("persons", 200)):
            if name in needed:
                line[name] = one.whole(name, 1, most)
        for name in ("description", *(name for name in ("origin", "destination") if name in needed)):
            one.text(name)
        if "receipt" in one.found:
            line["receipt"] = self._receipt(one.table("receipt"))
        elif category and CATEGORIES[category].receipt and not kept["missing_why"]:
            one.tell("receipt", N_("This expense needs a receipt: write [cards.form.lines.receipt] under it."))
        one.rest()
        return line

    def _receipt(self, one: Table) -> dict[str, Any]:
        same = one.text("same_as", "")
        if same:
            one.rest()
            return {"same_as": same}
        said: dict[str, Any] = {
            "kind": one.choice("kind", (TILL, TICKET), TILL), "merchant": one.text("merchant", most=60),
            "from": one.text("from", ""), "to": one.text("to", ""),
        }  # fmt: skip
        rows = one.rows("items", 2, [])
        said["items"] = [(str(what), amount) for what, amount in rows if one.cents(amount, "items") is not None]
        if not rows:
            one.amount("amount")
            said["amount"] = one.found.get("amount") if isinstance(one.found.get("amount"), str) else "0"
        if "date" in one.found:
            said["date"] = one.day("date", -FARTHEST, 0)
        one.rest()
        return said

    def _leave(self, form: Table) -> dict[str, Any]:
        parts = [part.value for part in Part]
        typed: dict[str, Any] = {"kind": form.choice("kind", KINDS, "leave"), "first": form.day("first", -20, FARTHEST)}
        for name in ("last", "occasion"):
            if name in form.found:
                typed[name] = form.day(name, -20, FARTHEST)
        for name in ("first_part", "last_part"):
            if name in form.found:
                typed[name] = form.choice(name, parts)
        return typed | {"note": form.text("note", "", 500)}

    def _question(self, form: Table) -> dict[str, Any]:
        if bool(form.found.get("caller")) == bool(form.found.get("caller_name")):
            form.tell("caller", N_("Say who asks: a seat in “caller”, or somebody else in “caller_name”."))
        return {
            "caller": form.choice("caller", self._seats, ""), "caller_name": form.text("caller_name", "", 200),
            "channel": form.choice("channel", CHANNELS, "telephone"),
            "line": form.whole("line", LINES[0], LINES[-1], 1), "subject": form.choice("subject", SUBJECTS),
            "asked": form.text("asked"), "answer": form.text("answer"),
            "outcome": form.choice("outcome", ANSWERS, "answered"), "about": form.text("about", ""),
        }  # fmt: skip

    def _invoice(self, form: Table) -> dict[str, Any]:
        ghost = form.flag("ghost")
        names = [row["name"] for row in source("invoices")["supplier"]]
        supplier = form.text("supplier", most=80) if ghost else form.choice("supplier", names)
        if ghost and supplier in names:
            form.tell("supplier", N_("A ghost invoice is of somebody whom nobody knows: choose another name."))
        rows = form.rows("items", 3)
        items = []
        for what, amount, vat in rows:
            form.cents(amount, "items")
            if vat not in VATS:
                form.tell("items", N_("VAT is 0, 9 or 21."))
            items.append((str(what), amount if isinstance(amount, str) else "0", vat if vat in VATS else 0))
        typed: dict[str, Any] = {
            "supplier": supplier or names[0], "number": form.text("number", most=40), "items": items, "ghost": ghost,
            "issued": form.day("issued", -FARTHEST, 0, -3), "received": form.day("received", -FARTHEST, 0, 0),
            "ordered_by": form.choice("ordered_by", self._seats, ""), "electronic": form.found.get("electronic", True),
            "other_account": form.flag("other_account"), "municipality": "",
        }  # fmt: skip
        if "electronic" in form.found:
            typed["electronic"] = form.flag("electronic")
        if "due" in form.found:
            typed["due"] = form.day("due", -FARTHEST, FARTHEST)
        towns = {seat.municipality for seat in self._seats.values()}
        typed["municipality"] = form.choice("municipality", sorted(towns), "")
        return typed
