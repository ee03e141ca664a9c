"""Amounts as people type them, and the sums in which a cent could get lost."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.money import MOST_CENTS, MoneyError, parse_euro, plain, split_by_key, times, vat_from_gross

CODES = {"money_empty", "money_format", "money_decimals", "money_too_large", "money_negative"}
amounts = st.integers(0, MOST_CENTS)
exact_numbers = st.decimals(-(10**9), 10**9, allow_nan=False, places=3)


def grouped(cents: int, group: str, decimal: str) -> str:
    """1234567 as 12.345,67."""
    return f"{cents // 100:,}".replace(",", group) + f"{decimal}{cents % 100:02}"


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("12,50", 1250),
        ("€ 12,50", 1250),
        ("€12,50", 1250),
        ("12,50 €", 1250),
        ("EUR 12,50", 1250),
        ("eur12,5", 1250),
        ("12,50 euro", 1250),
        (" \t12,50\n", 1250),
        ("1.234,56", 123456),
        ("€\u00a01.234,56", 123456),
        ("1\u00a0234,56", 123456),
        ("1\u202f234\u202f567,8", 123456780),
        ("1'234,50", 123450),
        ("1.234", 123400),
        ("12.345.678", 1234567800),
        ("1234.5", 123450),
        ("12.50", 1250),
        ("1,234.56", 123456),
        ("1,234,567", 123456700),
        ("12", 1200),
        ("007,5", 750),
        ("0", 0),
        ("0,00", 0),
        (",50", 50),
        (".5", 50),
        ("12,-", 1200),
        ("12,--", 1200),
        ("12,–", 1200),
        ("999999999,99", MOST_CENTS),
    ],
)
def test_what_people_type_in_dutch(typed: str, cents: int) -> None:
    assert parse_euro(typed) == cents


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("12.50", 1250),
        ("12,50", 1250),
        ("1,234", 123400),
        ("1,234.56", 123456),
        ("1.234,56", 123456),
        ("1.234.567", 123456700),
    ],
)
def test_what_people_type_in_english(typed: str, cents: int) -> None:
    assert parse_euro(typed, decimal_comma=False) == cents


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "money_empty"),
        (" \u00a0", "money_empty"),
        ("€", "money_empty"),
        ("EUR ", "money_empty"),
        ("abc", "money_format"),
        ("12,", "money_format"),
        ("12.", "money_format"),
        (",", "money_format"),
        (",-", "money_format"),
        ("-", "money_format"),
        ("--5", "money_format"),
        ("-€-5", "money_format"),
        ("+5", "money_format"),
        ("5-", "money_format"),
        ("12 34", "money_format"),
        ("1.23.4", "money_format"),
        ("1.234.56", "money_format"),
        ("1.234 567", "money_format"),
        ("1,2,3", "money_format"),
        ("€€5", "money_format"),
        ("12,50 per dag", "money_format"),
        ("1e5", "money_format"),
        ("1_000", "money_format"),
        ("NaN", "money_format"),
        ("١٢", "money_format"),
        ("１２", "money_format"),
        ("½", "money_format"),
        ("9" * 5000, "money_format"),
        ("12,505", "money_decimals"),
        ("12,500", "money_decimals"),
        ("1,234", "money_decimals"),
        ("0.234", "money_decimals"),
        ("1234.567", "money_decimals"),
        ("1000000000", "money_too_large"),
        ("9" * 50, "money_too_large"),
        ("-5", "money_negative"),
        ("- € 5", "money_negative"),
        ("€ -5,00", "money_negative"),
        ("−5", "money_negative"),
        ("-0", "money_negative"),
    ],
)
def test_what_is_no_amount(typed: str, code: str) -> None:
    with pytest.raises(MoneyError) as error:
        parse_euro(typed)
    assert error.value.code == code


def test_three_digits_after_the_sign_go_by_the_readers_notation() -> None:
    assert parse_euro("1.234") == parse_euro("1,234", decimal_comma=False) == 123400
    with pytest.raises(MoneyError, match="money_decimals"):
        parse_euro("1.234", decimal_comma=False)


@given(amounts, st.booleans())
def test_a_form_field_is_read_back(cents: int, comma: bool) -> None:
    assert parse_euro(plain(cents, comma), decimal_comma=comma) == cents


@given(amounts, st.booleans(), st.booleans())
def test_two_decimals_are_read_alike_in_both_notations(cents: int, comma: bool, reader_comma: bool) -> None:
    assert parse_euro(plain(cents, comma), decimal_comma=reader_comma) == cents


@given(
    amounts,
    st.sampled_from([(".", ","), (",", "."), (" ", ","), ("\u00a0", "."), ("'", ","), ("’", ".")]),
    st.booleans(),
)
def test_groups_are_read(cents: int, signs: tuple[str, str], reader_comma: bool) -> None:
    assert parse_euro(f"€ {grouped(cents, *signs)}", decimal_comma=reader_comma) == cents


@given(
    st.text(alphabet=st.one_of(st.sampled_from("0123456789.,-€ eurEUR'"), st.characters()), max_size=80), st.booleans()
)
def test_any_text_is_an_amount_or_a_money_error(text: str, comma: bool) -> None:
    outcome: int | str
    try:
        outcome = parse_euro(text, decimal_comma=comma)
    except MoneyError as error:
        outcome = error.code
    assert outcome in CODES if isinstance(outcome, str) else 0 <= outcome <= MOST_CENTS


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "0,00"), (5, "0,05"), (1250, "12,50"), (123456, "1234,56"), (-5, "-0,05"), (-123450, "-1234,50")],
)
def test_plain(cents: int, text: str) -> None:
    assert plain(cents) == text
    assert plain(cents, decimal_comma=False) == text.replace(",", ".")


@pytest.mark.parametrize(
    ("quantity", "rate", "cents"),
    [
        ("100", "23", 2300),
        ("12.5", "23", 288),
        ("0.5", "1", 1),
        ("-0.5", "1", -1),
        ("0.49", "1", 0),
        ("3", "235", 705),
        ("37", "22.5", 833),
        ("0", "23", 0),
    ],
)
def test_times_rounds_half_up_once(quantity: str, rate: str, cents: int) -> None:
    assert times(Decimal(quantity), Decimal(rate)) == cents


def test_times_is_exact_beyond_the_precision_of_decimal() -> None:
    quantity = Decimal("1234567890123456789012345678.5")
    assert times(quantity, Decimal(1)) == 1234567890123456789012345679
    assert times(quantity, Decimal(10)) == 12345678901234567890123456785


@given(exact_numbers, exact_numbers)
def test_times_is_the_product_within_half_a_cent(quantity: Decimal, rate: Decimal) -> None:
    exact = Fraction(quantity) * Fraction(rate)
    assert abs(times(quantity, rate) - exact) <= Fraction(1, 2)
    assert times(-quantity, rate) == -times(quantity, rate)


@pytest.mark.parametrize("quantity", ["NaN", "Infinity"])
def test_times_refuses_what_is_no_number(quantity: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        times(Decimal(quantity), Decimal(1))


@pytest.mark.parametrize(
    ("gross", "rate", "vat"),
    [(12100, "21", 2100), (10900, "9", 900), (1000, "21", 174), (1000, "0", 0), (-12100, "21", -2100), (1, "21", 0)],
)
def test_vat_that_is_in_a_gross_amount(gross: int, rate: str, vat: int) -> None:
    assert vat_from_gross(gross, Decimal(rate)) == vat


@given(amounts, st.sampled_from(["0", "9", "21", "13.5"]))
def test_vat_agrees_with_decimal(gross: int, rate: str) -> None:
    exact = Decimal(gross) * Decimal(rate) / (100 + Decimal(rate))
    assert vat_from_gross(gross, Decimal(rate)) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def test_a_negative_vat_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        vat_from_gross(100, Decimal(-1))


@pytest.mark.parametrize(
    ("cents", "keys", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (1, [1, 1], [1, 0]),
        (1000, [0, 3, 0, 1], [0, 750, 0, 250]),
        (10, [1, 2], [3, 7]),
        (0, [1, 2], [0, 0]),
        (100, [Fraction(1, 3), Fraction(2, 3)], [33, 67]),
    ],
)
def test_split_by_key(cents: int, keys: list[int | Fraction], parts: list[int]) -> None:
    assert split_by_key(cents, keys) == parts


keys_to_split_by = st.lists(st.one_of(st.integers(0, 10**9), st.fractions(0, 1000)), min_size=1, max_size=30).filter(
    any
)


@given(st.integers(-MOST_CENTS, MOST_CENTS), keys_to_split_by)
def test_a_split_loses_no_cent_and_is_fair(cents: int, keys: list[int | Fraction]) -> None:
    parts = split_by_key(cents, keys)
    assert sum(parts) == cents
    for part, key in zip(parts, keys, strict=True):
        share = Fraction(cents) * Fraction(key) / sum(map(Fraction, keys))
        assert abs(part - share) < 1
        assert part == 0 or key > 0
    assert split_by_key(-cents, keys) == [-part for part in parts]


@pytest.mark.parametrize("keys", [[], [0], [0, 0], [1, -1, 3]])
def test_a_split_needs_keys(keys: list[int]) -> None:
    with pytest.raises(ValueError, match="key"):
        split_by_key(100, keys)
