"""What an invoice puts in the books: to the cent what it says, whatever its lines, discounts and rates are."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workflows import CASE_TYPES
from workflows.bookings import Booking, Happening, total
from workflows.purchase_invoice.content import by_rate

JOURNAL = CASE_TYPES["purchase_invoice"].journal
DAY = date(2026, 5, 4)
RATES = (("S", "21"), ("S", "9"), ("Z", "0"), ("AE", "0"))


def invoice(lines: list[tuple[int, tuple[str, str]]], changes: list[tuple[int, tuple[str, str]]] = (),  # type: ignore[assignment]
            **more: Any) -> dict[str, Any]:  # fmt: skip
    made = [{"key": f"{n}", "net_cents": net, "vat_category": rate[0], "vat_percent": rate[1]}
            for n, (net, rate) in enumerate(lines)]  # fmt: skip
    extra = [{"cents": net, "vat_category": rate[0], "vat_percent": rate[1]} for net, rate in changes]
    vat = by_rate([*made, *extra])
    net = sum(one for one, _ in (*lines, *changes))
    tax = sum(rate["tax_cents"] for rate in vat)
    paid = more.get("prepaid_cents", 0) - more.get("rounding_cents", 0)
    return {"supplier_id": 12, "cost_centre": "1100", "lines": made, "changes": extra, "vat": vat, "net_cents": net,
            "vat_cents": tax, "total_cents": net + tax, "payable_cents": net + tax - paid, **more}  # fmt: skip


def step(content: dict[str, Any], action: str = "check", begin: str = "approved", end: str = "payable",
         **data: Any) -> Happening:  # fmt: skip
    known = {"sanctioned_cents": abs(content["payable_cents"]), **data}
    return Happening(action, begin, end, DAY, known, content, "1000")


def sums(bookings: tuple[Booking, ...]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in bookings:
        found[one.key] += one.cents
    return {key: cents for key, cents in found.items() if cents}


def test_an_invoice_is_a_cost_by_line_and_owed_to_the_supplier() -> None:
    content = invoice([(10_000, RATES[0]), (5000, RATES[1])], prepaid_cents=1000, rounding_cents=5)
    content["coding"] = {"1": {"account": "4440", "cost_centre": "1200", "task": "5.7"}}
    granted = JOURNAL((step(content),))
    assert granted[:2] == (
        Booking("cost.purchase", 12_100, DAY, vat_cents=2100, cost_centre="1100"),
        Booking("cost.purchase", 5450, DAY, vat_cents=450, cost_centre="1200", account="4440", task="5.7"),
    )
    assert sums(granted) == {
        "cost.purchase": 17_550, "purchase.prepaid": -1000, "purchase.rounding": 5, "suppliers": -16_555,
    }  # fmt: skip
    assert granted[-1].relation == "L000012"
    paid = JOURNAL((step(content), step(content, "settle", "paying", "paid")))
    assert sums(paid) == {"suppliers": 16_555, "bank": -16_555}


def test_a_credit_note_lowers_costs_and_is_set_off_against_an_invoice() -> None:
    note = invoice([(10_000, RATES[0])], credit=True)
    granted = JOURNAL((step(note, end="credit"),))
    assert sums(granted) == {"cost.purchase": -12_100, "credits": 12_100}
    assert JOURNAL((step(note, end="credit"), step(note, "account", "credit", "netted"))) == ()
    bought = invoice([(20_000, RATES[0])])
    netted = JOURNAL((step(bought, settled=[{"kind": "credit", "cents": 12_100, "number": "INK-1"}]),))
    assert sums(netted) == {"cost.purchase": 24_200, "suppliers": -12_100, "credits": -12_100}
    assert {one.relation for one in netted if one.key in ("suppliers", "credits")} == {"L000012"}


parts = st.lists(st.tuples(st.integers(-50_000, 200_000), st.sampled_from(RATES)), max_size=8)


@given(parts.filter(bool), parts, st.booleans(), st.integers(0, 500), st.integers(-5, 5))
def test_it_always_balances_and_its_vat_is_that_of_the_invoice(
    lines: list[Any], changes: list[Any], credit: bool, prepaid: int, rounding: int
) -> None:
    content = invoice(lines, changes, credit=credit, prepaid_cents=prepaid, rounding_cents=rounding)
    granted = JOURNAL((step(content),))
    assert total(granted) == 0
    sign = -1 if credit else 1
    costs = [one for one in granted if one.key == "cost.purchase"]
    assert sum(one.vat_cents for one in costs) == sign * content["vat_cents"]
    assert sum(one.cents for one in costs) == sign * content["total_cents"]
    owed = sum(one.cents for one in granted if one.key in ("suppliers", "credits"))
    assert owed == -sign * content["payable_cents"]
    back = JOURNAL((step(content), step(content, "refuse", "unpaid", "rejected")))
    assert sums((*granted, *back)) == {}
