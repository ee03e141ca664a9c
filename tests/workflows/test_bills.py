"""How alike two invoices are: whatever is typed differently, and never a subscription of every month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from workflows.bills import ENOUGH, WEIGHTS, Bill, plain_number, score

BILL = Bill("2026-0815", date(2026, 11, 2), 12_100, "NL44RABO0123456789", "groenbeheer", frozenset({1}))
NUMBERS = st.text("0123456789ABOILS-/. ", max_size=12)
BILLS = st.builds(
    Bill, NUMBERS, st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 5)), st.integers(1, 3),
    st.sampled_from(["", "NL1", "NL2"]), st.sampled_from(["", "a", "b"]),
    st.frozensets(st.integers(1, 3), max_size=2), st.booleans(),
)  # fmt: skip


@given(NUMBERS)
def test_a_number_is_compared_in_one_way_however_it_is_typed(number: str) -> None:
    plain = plain_number(number)
    assert plain_number(number.lower()) == plain
    assert plain_number(f" {number} ") == plain
    assert not set(plain) & set("OILSB-/. ")


def test_numbers_are_the_same_without_signs_and_leading_zeros() -> None:
    assert plain_number("2026-0815") == plain_number("2026/815") == plain_number("2026 00815")
    assert plain_number("F2026-O815") != ""
    assert plain_number("2026-816") != plain_number("2026-815")


@given(BILLS, BILLS)
def test_the_score_is_the_same_both_ways_and_never_beyond_its_bounds(one: Bill, other: Bill) -> None:
    points, same = score(one, other)
    assert (points, same) == score(other, one)
    assert 0 <= points <= 100
    assert bool(points) == bool(same)
    assert set(same) <= set(WEIGHTS)


@given(BILLS)
def test_an_invoice_is_most_like_itself(one: Bill) -> None:
    for other in (replace(one, number=f"{one.number}9"), replace(one, cents=one.cents + 1), replace(one, issued=None)):
        assert score(one, other)[0] <= score(one, one)[0]


def test_what_is_enough_to_look() -> None:
    assert score(BILL, replace(BILL, number="20260815", iban=""))[0] >= ENOUGH
    assert score(BILL, replace(BILL, suppliers=frozenset({2}), name="ander"))[0] >= ENOUGH
    # Sent again under another number, by another record of the supplier.
    assert score(BILL, replace(BILL, number="X1", suppliers=frozenset({9})))[0] < ENOUGH
    assert score(BILL, replace(BILL, number="X1"))[0] >= ENOUGH
    # The next month of a subscription, and another supplier's invoice with the same number.
    assert score(BILL, replace(BILL, number="2026-0912", issued=date(2026, 12, 2)))[0] < ENOUGH
    other = replace(BILL, suppliers=frozenset({2}), name="ander", cents=5, iban="", issued=date(2026, 1, 1))
    assert score(BILL, other)[0] < ENOUGH
    assert score(BILL, replace(BILL, credit=True)) == (0, ())
