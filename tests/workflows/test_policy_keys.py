"""The table of policies: what is typed is read or refused, and reads back to the same."""

from __future__ import annotations

import ast
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seed.sources import source
from workflows.kernel import Refused
from workflows.policies import PolicyRow
from workflows.policy_keys import LARGEST, POLICY_KEYS, Kind, PolicyKey, read, typed_as

ROOT = Path(__file__).parents[2]


def key(kind: Kind) -> PolicyKey:
    return PolicyKey("some_key", "Some key", kind, "", choices={"warn": "Warn", "cut": "Cut"})


def codes(kind: Kind, typed: str) -> frozenset[str]:
    with pytest.raises(Refused) as caught:
        read(key(kind), typed)
    return caught.value.codes


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        (Kind.AMOUNT, "€ 1.250,50", "125050"), (Kind.AMOUNT, "0", "0"), (Kind.RATE, "0,23", "23"),
        (Kind.RATE, "0.215", "21.5"), (Kind.RATE, "2,40", "240"), (Kind.WORKING_DAYS, " 05 ", "5"),
        (Kind.MONTHS, "3", "3"), (Kind.NUMBER, "0", "0"), (Kind.PERCENT, "7,5 %", "7.5"), (Kind.PERCENT, "100", "100"),
        (Kind.HOURS, "57,6", "3456"), (Kind.HOURS, "7:13", "433"),
        (Kind.SWITCH, "1", "1"), (Kind.CHOICE, "cut", "cut"), (Kind.RECORD, '{"b": 1, "a": []}', '{"a": [], "b": 1}'),
        (Kind.TEXT, " 1004 ", "1004"),
    ],
)  # fmt: skip
def test_what_is_typed_is_read(kind: Kind, typed: str, stored: str) -> None:
    assert read(key(kind), typed) == stored


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        (Kind.AMOUNT, " ", "policy_value_empty"), (Kind.AMOUNT, "veel", "policy_not_amount"),
        (Kind.AMOUNT, "-5", "policy_not_amount"), (Kind.RATE, "0,12345", "policy_not_rate"),
        (Kind.RATE, "1e3", "policy_not_rate"), (Kind.DAYS, "-1", "policy_not_whole"),
        (Kind.DAYS, "2,5", "policy_not_whole"), (Kind.DAYS, str(LARGEST + 1), "policy_not_whole"),
        (Kind.PERCENT, "100,01", "policy_not_percent"), (Kind.PERCENT, "7,555", "policy_not_percent"),
        (Kind.SWITCH, "ja", "policy_not_offered"), (Kind.CHOICE, "1", "policy_not_offered"),
        (Kind.RECORD, "{", "policy_not_json"), (Kind.HOURS, "veel", "hours_wrong"),
        (Kind.TEXT, "x" * 61, "policy_not_text"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(kind: Kind, typed: str, code: str) -> None:
    assert codes(kind, typed) == {code}


def test_a_record_is_judged_by_its_own_shape() -> None:
    row = PolicyKey("caps", "Caps", Kind.RECORD, "", shape=lambda v: () if isinstance(v, list) else ("No list.",))
    assert read(row, "[]") == "[]"
    with pytest.raises(Refused) as caught:
        read(row, "{}")
    assert [(r.code, r.sentence) for r in caught.value.refusals] == [("policy_wrong_shape", "No list.")]


@given(st.sampled_from(sorted(Kind, key=lambda kind: kind.value)), st.text(max_size=20), st.booleans())
def test_whatever_is_typed_is_read_or_refused_and_reads_back(kind: Kind, typed: str, comma: bool) -> None:
    try:
        stored = read(key(kind), typed, decimal_comma=comma)
    except Refused:
        return
    assert read(key(kind), typed_as(key(kind), stored, decimal_comma=comma), decimal_comma=comma) == stored


@given(st.integers(0, 10_000_000), st.booleans())
def test_amounts_and_rates_read_back(cents: int, comma: bool) -> None:
    for kind in (Kind.AMOUNT, Kind.RATE):
        if kind is Kind.RATE and cents >= 100_000_000:
            continue
        stored = str(cents)
        assert read(key(kind), typed_as(key(kind), stored, decimal_comma=comma), decimal_comma=comma) == stored
    row = PolicyRow("some_key", str(cents), date(2026, 1, 1), None, "test")
    assert row.number == Decimal(cents)


def asked_for() -> set[str]:
    """Every key that code asks a book of policies for, and every key a category of claims is priced by."""
    found = set()
    for folder in ("portal", "workflows"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                match node:
                    case ast.Call(
                        func=ast.Attribute(
                            value=ast.Name(id="policies") | ast.Attribute(attr="policies"), attr="at" | "number"
                        ),
                        args=[ast.Constant(value=str(name)), *_],
                    ):
                        found.add(name)
                    case ast.keyword(arg="rate", value=ast.Constant(value=str(name))):
                        found.add(name)
    return found  # fmt: skip


def test_every_key_that_is_asked_for_or_seeded_is_in_the_table() -> None:
    assert asked_for() >= {"link_limit_cents", "account_hold_days", "rate_km_cents"}
    assert asked_for() <= set(POLICY_KEYS)
    assert {row["key"] for row in source("policies")["policy"]} <= set(POLICY_KEYS)


def test_every_seeded_value_reads_back() -> None:
    for row in source("policies")["policy"]:
        known = POLICY_KEYS[row["key"]]
        assert read(known, typed_as(known, row["value"])) == row["value"]
