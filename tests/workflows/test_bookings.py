"""What the steps of a case put in the books: always in balance, and taken back to the cent."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workflows import CASE_TYPES, posting_keys
from workflows.bookings import Booking, Happening, total

MAY, JUNE = date(2026, 5, 4), date(2026, 6, 1)
CLAIM, ADVANCE, RECOVERY = (CASE_TYPES[key].journal for key in ("expense_claim", "advance", "recovery"))


def line(category: str, cents: int, vat: int = 0, granted: int | None = None) -> dict[str, Any]:
    return {"category": category, "claimed_cents": cents, "vat_cents": vat,
            "sanctioned_cents": cents if granted is None else granted}  # fmt: skip


CONTENT = {"cost_centre": "", "lines": [line("parking", 1210, 210), line("meal", 5000, 413, 2500)]}


def step(action: str, begin: str, end: str, on: date = MAY, **data: Any) -> Happening:
    return Happening(action, begin, end, on, {"sanctioned_cents": 3710, **data}, CONTENT, "1100")


CHECK = step("check", "approved", "payable")
RELEASE = step("release", "payable", "paying")
SETTLE = step("settle", "paying", "paid", JUNE)


def sums(bookings: tuple[Booking, ...]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for booking in bookings:
        found[booking.key] += booking.cents
    return {key: cents for key, cents in found.items() if cents}


def test_a_claim_is_a_cost_once_granted_and_owed_until_the_bank_paid() -> None:
    granted = CLAIM((CHECK,))
    assert sums(granted) == {"cost.parking": 1210, "cost.meal": 2500, "employees": -3710}
    assert [(one.key, one.vat_cents, one.cost_centre) for one in granted[:2]] == [
        ("cost.parking", 210, "1100"), ("cost.meal", 207, "1100"),
    ]  # fmt: skip
    assert CLAIM((CHECK, RELEASE)) == ()
    assert sums(CLAIM((CHECK, RELEASE, SETTLE))) == {"employees": 3710, "bank": -3710}


def test_what_the_bank_returns_is_owed_again_and_a_refusal_takes_the_cost_back_by_the_rules_of_then() -> None:
    bounced = step("bounce", "paid", "unpaid", JUNE, returned_cents=3710)
    assert sums(CLAIM((CHECK, RELEASE, SETTLE, bounced))) == {"employees": -3710, "bank": 3710}
    assert CLAIM((CHECK, RELEASE, step("bounce", "paying", "unpaid", returned_cents=3710))) == ()
    refused = step("refuse", "unpaid", "rejected", JUNE, sanctioned_cents=0)
    back = CLAIM((CHECK, RELEASE, SETTLE, bounced, refused))
    assert sums(back) == {"cost.parking": -1210, "cost.meal": -2500, "employees": 3710}
    assert {one.on for one in back} == {MAY}
    assert sum(one.vat_cents for one in back) == -417


def test_what_is_owed_is_settled_with_it_and_owed_again_when_it_is_not_paid() -> None:
    settled = [{"kind": "advance", "cents": 3000, "number": "VOO-1"}, {"kind": "recovery", "cents": 710}]
    check = step("check", "approved", "payable", settled=settled, paid_cents=0)
    assert sums(CLAIM((check,))) == {
        "cost.parking": 1210, "cost.meal": 2500, "advances": -3000, "recoveries": -710,
    }  # fmt: skip
    assert CLAIM((check, step("cover", "payable", "paid", settled=settled, paid_cents=0))) == ()
    withdrawn = step("withdraw", "payable", "withdrawn", undone=settled, sanctioned_cents=0)
    assert sums((*CLAIM((check,)), *CLAIM((check, withdrawn)))) == {}


def test_an_advance_is_no_cost_and_a_recovery_lowers_one() -> None:
    out = (CHECK, RELEASE, step("settle", "paying", "outstanding"))
    assert sums(ADVANCE(out[:1])) == {"advances": 3710, "employees": -3710}
    assert sums(ADVANCE(out)) == {"employees": 3710, "bank": -3710}
    assert ADVANCE((*out, step("account", "outstanding", "settled"))) == ()
    content = {"cost_centre": "1200", "lines": [line("parking", 1210, 210) | {"not_due_cents": 605}]}
    agreed = Happening("agree", "proposed", "outstanding", MAY, {"owed_cents": 605}, content)
    assert RECOVERY((agreed,)) == (
        Booking("cost.parking", -605, MAY, vat_cents=-105, cost_centre="1200"), Booking("recoveries", 605, MAY),
    )  # fmt: skip


def test_every_key_that_is_booked_has_a_label() -> None:
    for category in CASE_TYPES["expense_claim"].vocabulary["categories"]:
        assert f"cost.{category}" in posting_keys()


steps = st.lists(
    st.sampled_from(
        (
            CHECK, RELEASE, SETTLE, step("bounce", "paid", "unpaid", JUNE, returned_cents=3710),
            step("bounce", "paying", "unpaid", returned_cents=3710), step("pay_again", "unpaid", "payable"),
            step("refuse", "unpaid", "rejected"), step("withdraw", "payable", "withdrawn"),
            step("reopen", "rejected", "approved"), step("add", "paid", "paid"),
        )
    ),
    max_size=14,
)  # fmt: skip


@given(steps)
def test_whatever_happens_in_whatever_order_it_balances(history: list[Happening]) -> None:
    walked: list[Happening] = []
    state, booked = "approved", list[Booking]()
    for one in history:
        if one.from_state != state:
            continue
        state = one.to_state
        walked.append(one)
        new = CLAIM(tuple(walked))
        assert total(new) == 0
        booked += new
    found = sums(tuple(booked))
    owed = state in ("payable", "paying", "unpaid", "paid")
    assert found.get("cost.parking", 0) == (1210 if owed else 0)
    assert found.get("bank", 0) == (-3710 if state == "paid" else 0)
    assert -found.get("employees", 0) == (3710 if owed and state != "paid" else 0)
