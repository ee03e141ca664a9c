"""A card filled in: what the form of its case type takes, and the papers that belong to it, from what the file says.

Days in the file are numbers of working days from the day of the card: -3 is three working days earlier. Amounts that
are left out are those of the receipt.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from portal.clock import local_date
from portal.workshop.scenario import CLAIM, INVOICE, LEAVE, BillPlan, Card, CardPlan, Paper, Scenario, SeatPlan
from seed.organisation import invented_iban
from seed.people import plain
from seed.sources import source
from workflows.money import parse_euro
from workflows.money import plain as written

TICKET, TILL, BILL = "ticket", "till", "bill"
GHOST_ACCOUNTS, OTHER_ACCOUNTS, SUPPLIER_ACCOUNTS = 9 * 10**9, 8 * 10**9, 7 * 10**9
STEP, KILOMETRES = 35, 3
"""By how many cents a receipt, and kilometres a journey, differ each time that a card is dealt once more."""


def filled(
    scenario: Scenario, plan: CardPlan, seat: str, at: datetime | None, people: int, origin: str = "", times: int = 0
) -> Card:
    """The card as it falls on this seat; `times` how often it was dealt before, under the key `origin`."""
    base = local_date(at) if at else scenario.day(max(1, scenario.days // 2))
    days, sitting = _Days(scenario, base), next(one for one in scenario.seats if one.key == seat)
    fields: dict[str, str] = {}
    papers: tuple[Paper, ...] = ()
    bill, caller, about = None, "", ""
    typed = plan.typed
    if plan.kind == CLAIM:
        fields, papers = _claim(scenario, plan, sitting, days, times)
    elif plan.kind == LEAVE:
        fields = _leave(typed, days)
    elif plan.kind == INVOICE:
        bill, fields, papers = _invoice(scenario, plan, sitting, days, times, people)
    else:
        caller, about = str(typed.get("caller", "")), str(typed.get("about", ""))
        caller = sits(scenario, caller, people) if caller else ""
        fields = _question(typed)
    return Card(
        plan.key, plan.kind, seat, at, plan.title, plan.text, fields, papers, bill, caller, about, plan.planted,
        origin or plan.key,
    )  # fmt: skip


def sits(scenario: Scenario, key: str, people: int) -> str:
    """The seat on which what is meant for this seat falls when so many people play."""
    plans = {seat.key: seat for seat in scenario.seats}
    while plans[key].from_people > people:
        key = plans[key].otherwise
    return key


def email_of(seat: SeatPlan) -> str:
    """The mail address of who sits there, which is their name at their municipality."""
    return f"{plain(seat.name)}@{seat.municipality}.example"


def seed_of(*about: object) -> int:
    """A number that belongs to these words: always the same."""
    return zlib.crc32(":".join(map(str, about)).encode())


class _Days:
    """Days as a file says them: so many working days from the card's day, or a date."""

    def __init__(self, scenario: Scenario, base: date) -> None:
        self._office, self._base = scenario.office, base

    def at(self, said: Any) -> date:
        return said if isinstance(said, date) else self._office.add_working_days(self._base, int(said))


def _claim(
    scenario: Scenario, plan: CardPlan, seat: SeatPlan, days: _Days, times: int
) -> tuple[dict[str, str], tuple[Paper, ...]]:
    typed = plan.typed
    fields = {"purpose": str(typed["purpose"]), "cost_centre": str(typed.get("cost_centre", ""))}
    papers = []
    for number, line in enumerate(typed["lines"]):
        key, day = f"{plan.key}-{number + 1}", days.at(line.get("date", -1))
        fields |= {f"lines-{number}-key": key, f"lines-{number}-date": day.isoformat()}
        fields |= {f"lines-{number}-{name}": str(value) for name, value in line.items() if name in CLAIM_FIELDS}
        if times and "km" in line:
            fields[f"lines-{number}-km"] = str(int(line["km"]) + KILOMETRES * times)
        if "receipt" in line:
            paper = _receipt(scenario, plan, seat, line["receipt"], key, day, days, times)
            papers.append(paper)
            fields.setdefault(f"lines-{number}-amount", written(paper.cents))
    return fields, tuple(papers)


CLAIM_FIELDS = (
    "category", "description", "origin", "destination", "km", "days", "persons", "currency", "late_reason", "amount",
    "own_rate", "missing_why", "missing_where", "missing_sign", "vat",
)  # fmt: skip


def _receipt(
    scenario: Scenario, plan: CardPlan, seat: SeatPlan, said: Mapping[str, Any], key: str, day: date, days: _Days,
    times: int,
) -> Paper:  # fmt: skip
    if "same_as" in said:
        return _same(scenario, said["same_as"], key)
    items = [(str(what), parse_euro(str(amount), decimal_comma=True)) for what, amount in said.get("items", ())]
    if items and times:
        items[0] = (items[0][0], items[0][1] + STEP * times)
    more = STEP * times if times and not items else 0
    cents = sum(cents for _, cents in items) if items else parse_euro(str(said["amount"]), decimal_comma=True) + more
    kind, printed = str(said.get("kind", TILL)), days.at(said["date"]) if "date" in said else day
    route = (str(said.get("from", "")), str(said.get("to", "")))
    name = f"e-ticket-{printed:%d-%m}.pdf" if kind == TICKET else f"bon-{printed:%d-%m}.jpg"
    return Paper(kind, name, str(said["merchant"]), printed, cents, tuple(items), seed_of(scenario.seed, key), key,
                 route, seat.name)  # fmt: skip


def _same(scenario: Scenario, of: str, line: str) -> Paper:
    """The very receipt of another card, of its first line that has one."""
    from dataclasses import replace  # noqa: PLC0415 - used here alone

    plan = next(one for one in scenario.cards if one.key == of)
    seat = next((one for one in scenario.seats if one.key == plan.seat), scenario.seats[0])
    base = scenario.day(max(1, plan.day))
    _, papers = _claim(scenario, plan, seat, _Days(scenario, base), 0)
    return replace(papers[0], line=line)


def _leave(typed: Mapping[str, Any], days: _Days) -> dict[str, str]:
    fields = {key: str(typed[key]) for key in ("kind", "first_part", "last_part", "note") if key in typed}
    first = days.at(typed["first"])
    last = days.at(typed["last"]) if "last" in typed else first
    fields |= {"first": first.isoformat(), "last": last.isoformat()}
    if "occasion" in typed:
        fields["occasion"] = days.at(typed["occasion"]).isoformat()
    return {"kind": "leave", **fields}


def _question(typed: Mapping[str, Any]) -> dict[str, str]:
    """What is taken down of a question; the answer is for whoever must know it, and is not on the card."""
    return {
        "channel": str(typed.get("channel", "telephone")), "line": str(typed.get("line", 1)),
        "caller": str(typed.get("caller_name", "")),
        "subject-0": str(typed["subject"]), "asked-0": str(typed["asked"]), "answer-0": str(typed.get("answer", "")),
        "outcome-0": str(typed.get("outcome", "answered")),
    }  # fmt: skip


def _invoice(
    scenario: Scenario, plan: CardPlan, seat: SeatPlan, days: _Days, times: int, people: int
) -> tuple[BillPlan, dict[str, str], tuple[Paper, ...]]:
    typed = plan.typed
    by = sits(scenario, typed["ordered_by"], people) if typed.get("ordered_by") else ""
    orderer = next((one for one in scenario.seats if one.key == by), None)
    items = [(str(what), parse_euro(str(cents), decimal_comma=True), int(vat)) for what, cents, vat in typed["items"]]
    if times:
        items[0] = (items[0][0], items[0][1] + STEP * times, items[0][2])
    number = str(typed["number"]) + (f"-{times + 1}" if times else "")
    bill = BillPlan(
        str(typed["supplier"]), number, days.at(typed.get("issued", -3)), days.at(typed.get("received", 0)),
        days.at(typed["due"]) if "due" in typed else None, tuple(items),
        str(typed.get("municipality") or (orderer or seat).municipality), orderer.key if orderer else "",
        bool(typed.get("electronic", True)), bool(typed.get("ghost", False)), not typed.get("other_account", False),
    )  # fmt: skip
    paper = Paper(BILL, f"factuur-{number}.pdf", bill.supplier, bill.issued, total_of(bill), seed=seed_of(number))
    return bill, _registered(bill, orderer), (paper,)


def total_of(bill: BillPlan) -> int:
    """What is to be paid, VAT rounded by rate."""
    net: dict[int, int] = {}
    for _, cents, vat in bill.items:
        net[vat] = net.get(vat, 0) + cents
    return sum(cents + (cents * vat + 50) // 100 for vat, cents in net.items())


def account_of(bill: BillPlan) -> str:
    """The account on the invoice: the supplier's, or another one."""
    if bill.ghost:
        return invented_iban(GHOST_ACCOUNTS + seed_of(bill.supplier) % 10**6)
    if not bill.own_account:
        return invented_iban(OTHER_ACCOUNTS + seed_of(bill.supplier) % 10**6)
    names = [row["name"] for row in source("invoices")["supplier"]]
    return invented_iban(SUPPLIER_ACCOUNTS + 1 + names.index(bill.supplier))


def _registered(bill: BillPlan, orderer: SeatPlan | None) -> dict[str, str]:
    """An invoice on paper as a clerk registers it."""
    fields = {
        "supplier": bill.supplier, "number": bill.number, "issued": bill.issued.isoformat(),
        "due": bill.due.isoformat() if bill.due else "", "received_on": bill.received.isoformat(), "proof": "post",
        "iban": account_of(bill), "ordered_by": email_of(orderer) if orderer else "", "total": written(total_of(bill)),
    }  # fmt: skip
    for number, (what, cents, vat) in enumerate(bill.items):
        at = f"lines-{number}"
        fields |= {f"{at}-key": f"regel-{number + 1}", f"{at}-description": what, f"{at}-quantity": "1",
                   f"{at}-net": written(cents), f"{at}-vat": f"S {vat}" if vat else "E 0"}  # fmt: skip
    return fields
