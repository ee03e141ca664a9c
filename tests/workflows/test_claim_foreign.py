"""Expenses in another currency: exact, rounded once, at the rate of the day, and refused with a sentence otherwise."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from portal.i18n import foreign, reading_in
from tests.workflows.claims import PARKING, RECEIPT, filling, problems, read, typed
from workflows.currencies import CURRENCIES
from workflows.expense_claim import EXPENSE_CLAIM
from workflows.expense_claim.checking import typed_as
from workflows.expense_claim.form import ClaimForm
from workflows.expense_claim.rules import APPROVAL_STANDS, COMPLETE, approved
from workflows.filling import FillingIn
from workflows.kernel import Actor, CaseView, Given, Situation
from workflows.money import MOST_CENTS, converted, plain
from workflows.parties import INITIATOR
from workflows.rates import ExchangeRate, RateBook

DAY = date(2026, 11, 20)
BOOK = RateBook(
    [
        ExchangeRate("USD", DAY, "1.0961", "ECB"),
        ExchangeRate("JPY", DAY, "161.44", "ECB"),
        ExchangeRate("IDR", DAY, "18234.5", "ECB"),
    ]
)
DOLLARS = {**PARKING, "currency": "USD", "amount": "45,00"}
STATEMENT = {"id": 2, "sha256": "1" * 64, "name": "afschrift.pdf", "kind": "bank"}


def around(*documents: dict[str, Any], book: RateBook = BOOK, **more: Any) -> FillingIn:
    return filling(rates=book, documents={"k0": documents or (RECEIPT,)}, **more)


def line_of(line: dict[str, str], *documents: dict[str, Any], book: RateBook = BOOK) -> dict[str, Any]:
    content, wrong = read(typed(line), around(*documents, book=book))
    assert wrong == ()
    return dict(content["lines"][0])


def test_the_original_amount_the_rate_and_its_day_stay_on_the_line() -> None:
    line = line_of(DOLLARS)
    assert (line["original_minor"], line["currency"]) == (4500, "USD")
    assert (line["exchange_rate"], line["exchange_day"], line["exchange_source"]) == ("1.0961", "2026-11-20", "ECB")
    assert line["claimed_cents"] == line["sanctioned_cents"] == 4105
    assert (line["vat_percent"], line["vat_cents"]) == ("0", 0)


def test_a_weekend_has_the_rate_of_friday() -> None:
    line = line_of({**DOLLARS, "date": "2026-11-22"})
    assert (line["date"], line["exchange_day"]) == ("2026-11-22", "2026-11-20")


def test_in_a_currency_without_cents_whole_numbers_are_claimed() -> None:
    yen = {**DOLLARS, "currency": "JPY", "amount": "1.500"}
    line = line_of(yen)
    assert (line["original_minor"], line["claimed_cents"]) == (1500, 929)
    assert problems({**yen, "amount": "1500,50"}, around=around()) == {("lines-0-amount", "foreign_whole")}


def test_an_euro_line_knows_nothing_of_rates() -> None:
    line = line_of({**PARKING, "own_rate": "1,1"})
    assert not {"currency", "original_minor", "exchange_rate"} & line.keys()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"currency": "XAU"}, ("currency", "currency_unknown")),
        ({"currency": "GBP"}, ("own_rate", "no_exchange_rate")),
        ({"date": "2026-11-12"}, ("own_rate", "no_exchange_rate")),
        ({"amount": ""}, ("amount", "money_empty")),
        ({"amount": "-4"}, ("amount", "money_negative")),
        ({"vat": "21"}, ("vat", "vat_foreign")),
        ({"currency": "IDR", "amount": "0,50"}, ("amount", "foreign_too_small")),
        ({"own_rate": "veel"}, ("own_rate", "own_rate_format")),
        ({"own_rate": "0,0"}, ("own_rate", "own_rate_format")),
        ({"own_rate": "-1,1"}, ("own_rate", "own_rate_format")),
        ({"own_rate": "1e9"}, ("own_rate", "own_rate_format")),
        ({"own_rate": "0,9123"}, None),
        ({"own_rate": "0,8"}, ("own_rate", "own_rate_far")),
        ({"own_rate": "10961"}, ("own_rate", "own_rate_far")),
    ],
)
def test_what_is_wrong_stands_beside_its_field(changed: dict[str, str], expected: tuple[str, str] | None) -> None:
    found = problems({**DOLLARS, **changed}, around=around(RECEIPT, STATEMENT))
    assert found == ({(f"lines-0-{expected[0]}", expected[1])} if expected else set())


def test_a_rate_of_ones_own_needs_the_proof_of_the_bank() -> None:
    own = {**DOLLARS, "own_rate": "1,0800"}
    assert problems(own, around=around(RECEIPT)) == {("lines-0-bank", "own_rate_unproven")}
    line = line_of(own, RECEIPT, STATEMENT)
    assert (line["exchange_rate"], line["exchange_day"], line["exchange_source"]) == ("1.0800", "2026-11-20", "bank")
    assert line["claimed_cents"] == 4167
    pounds = {**own, "currency": "GBP", "own_rate": "0.85"}
    assert line_of(pounds, RECEIPT, STATEMENT)["claimed_cents"] == 5294


def test_the_proof_of_the_bank_is_no_receipt() -> None:
    own = {**DOLLARS, "own_rate": "1,08"}
    assert problems(own, around=around(STATEMENT)) == {("lines-0-receipt", "receipt_missing")}
    assert problems(PARKING, around=around(STATEMENT)) == {("lines-0-receipt", "receipt_missing")}


def test_a_clerk_ticks_a_rate_that_was_not_published() -> None:
    def asked(line: dict[str, Any]) -> list[str]:
        return [key for key, _ in EXPENSE_CLAIM.checks({"lines": [line]})["k0"]]

    assert "own_rate" in asked(line_of({**DOLLARS, "own_rate": "1,08"}, RECEIPT, STATEMENT))
    assert "own_rate" not in asked(line_of(DOLLARS))


def situation(content: Any, bound: Any = None) -> Situation:
    case = CaseView("draft", 1, {}, cost_centre="1100", bound=bound)
    return Situation(case, Actor(1, INITIATOR), Given(content=content), None, DAY)  # type: ignore[arg-type]


def test_the_rules_look_at_the_documents_again() -> None:
    line = line_of({**DOLLARS, "own_rate": "1,08"}, RECEIPT, STATEMENT)
    for documents, incomplete in (([RECEIPT, STATEMENT], False), ([STATEMENT], True), ([RECEIPT], True), ([], True)):
        assert COMPLETE.broken(situation({"lines": [{**line, "documents": documents}]})) is incomplete


def test_an_approval_falls_with_another_currency_and_stands_with_a_lower_amount() -> None:
    content, _ = read(typed(DOLLARS), around())
    bound = {"cost_centre": "1100", **approved(content)}
    assert APPROVAL_STANDS.broken(situation(content, bound)) is False
    lower, _ = read(typed({**DOLLARS, "amount": "40"}), around())
    assert APPROVAL_STANDS.broken(situation(lower, bound)) is False
    euros, _ = read(typed({**PARKING, "amount": "40"}), around())
    assert APPROVAL_STANDS.broken(situation(euros, bound)) is True


CODES = st.sampled_from(sorted(CURRENCIES))
RATES = st.decimals(min_value=Decimal("0.0001"), max_value=Decimal("100000"), places=4)


@given(st.integers(0, MOST_CENTS), st.sampled_from([0, 2]), RATES)
def test_a_conversion_is_exact_and_rounded_once_half_up(minor: int, digits: int, rate: Decimal) -> None:
    exact = Fraction(minor, 10**digits) / Fraction(rate) * 100
    cents = converted(minor, digits, rate)
    assert exact - Fraction(1, 2) < cents <= exact + Fraction(1, 2)


@given(st.integers(0, 10**9), RATES, st.integers(1, 10**6))
def test_more_money_is_never_less_in_euros(minor: int, rate: Decimal, more: int) -> None:
    assert converted(minor + more, 2, rate) >= converted(minor, 2, rate)


@pytest.mark.parametrize(("minor", "rate", "cents"), [(1, "2", 1), (3, "2", 2), (1, "2.0001", 0), (100, "3", 33)])
def test_half_a_cent_is_rounded_up(minor: int, rate: str, cents: int) -> None:
    assert converted(minor, 2, Decimal(rate)) == cents


@pytest.mark.parametrize("rate", ["0", "-1", "NaN"])
def test_a_rate_that_is_none_converts_nothing(rate: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        converted(100, 2, Decimal(rate))


@given(CODES, st.integers(1, 10**9 - 1), RATES, st.booleans())
def test_a_line_sent_back_is_typed_as_it_was(code: str, minor: int, rate: Decimal, own: bool) -> None:
    digits = CURRENCIES[code].digits
    amount = plain(minor) if digits else str(minor)
    book = RateBook([] if own else [ExchangeRate(code, DAY, f"{rate:f}", "ECB")])
    line = {**PARKING, "currency": code, "amount": amount, "own_rate": f"{rate:f}".replace(".", ",") if own else ""}
    content, wrong = read(typed(line), around(RECEIPT, STATEMENT, book=book))
    if converted(minor, digits, rate) == 0:
        assert {problem.code for problem in wrong} == {"foreign_too_small"}
        return
    assert wrong == ()
    (first,) = content["lines"]
    again = {f"lines-0-{name}": value for name, value in typed_as(first).items()}
    form = ClaimForm(MultiDict({"purpose": "x", "cost_centre": "1100", **again}))
    second, wrong = EXPENSE_CLAIM.read(form, around(RECEIPT, STATEMENT, book=book))
    assert wrong == ()
    assert second["lines"][0] == first
    assert Decimal(first["exchange_rate"]) == rate
    assert converted(first["original_minor"], digits, Decimal(first["exchange_rate"])) == first["claimed_cents"]


def test_people_read_it_in_their_own_notation() -> None:
    shown = {}
    for language in ("nl", "en"):
        with reading_in(language):
            shown[language] = (foreign(123450, "USD"), foreign(1500, "JPY"), foreign(5, "GBP"))
    assert shown["nl"] == ("USD 1.234,50", "JPY 1.500", "GBP 0,05")
    assert shown["en"] == ("USD 1,234.50", "JPY 1,500", "GBP 0.05")


def test_a_hostile_form_is_judged_and_nothing_more() -> None:
    for value in ("USD\x00", "usd", "€", "../", "٣", "🪙" * 50):
        assert ("lines-0-currency", "currency_unknown") in problems({**DOLLARS, "currency": value}, around=around())
