"""What is typed in a change of account number, and what is understood of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tests.workflows.claims import filling
from workflows.account_change import ACCOUNT_CHANGE
from workflows.account_change.form import AccountForm
from workflows.iban import masked

IBAN = "NL91ABNA0417164300"


def read(iban: str, holder: str = "A. de Wit", in_use: str = "NL41MOCK0000000001") -> tuple[Any, set[tuple[str, str]]]:
    form = AccountForm(MultiDict({"iban": iban, "holder": holder}))
    content, problems = ACCOUNT_CHANGE.read(form, filling(account=in_use))
    return content, {(problem.field, problem.code) for problem in problems}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "iban_empty"),
        (" \t", "iban_empty"),
        ("my account", "iban_format"),
        ("NL91ABNA04171643é0", "iban_format"),
        ("NL91ABNA041716430", "iban_length"),
        ("NL92ABNA0417164300", "iban_checksum"),
        ("BR1800360305000010009795493C1", "iban_country"),
        ("nl41 mock 0000 0000 01", "same_account"),
    ],
)
def test_what_is_no_account_number_is_told_beside_it(typed: str, code: str) -> None:
    assert read(typed)[1] == {("iban", code)}


def test_a_good_number_is_understood_however_it_is_written() -> None:
    content, problems = read(" nl91 abna-0417.1643\u200b 00 ", in_use="")
    assert (content, problems) == ({"iban": IBAN, "holder": "A. de Wit", "instead_of": ""}, set())


def test_the_name_on_the_card_is_needed() -> None:
    assert read(IBAN, " ")[1] == {("holder", "text_empty")}


def test_of_the_number_that_was_used_only_enough_to_recognise_it_is_kept() -> None:
    content, _ = read(IBAN)
    assert content["instead_of"] == masked("NL41MOCK0000000001")
    assert "0000" not in content["instead_of"]
    assert IBAN not in ACCOUNT_CHANGE.facts(content).title


@given(st.text(max_size=80), st.text(max_size=300))
def test_whatever_is_typed_reading_it_never_fails(iban: str, holder: str) -> None:
    content, problems = read(iban, holder)
    assert bool(content["iban"]) != any(field == "iban" for field, code in problems if code != "same_account")
    assert ACCOUNT_CHANGE.facts(content).claimed_cents == 0
    assert list(ACCOUNT_CHANGE.checks(content)) == ["account"]
