"""What a clerk types of an invoice is understood, and the sums are right or it goes no further."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from workflows.filling import FillingIn, KnownSupplier
from workflows.policies import PolicyBook
from workflows.purchase_invoice import PURCHASE_INVOICE
from workflows.purchase_invoice.content import by_rate, facts_of, is_credit, sums
from workflows.purchase_invoice.form import MOST_LINES, VAT_CHOICES, InvoiceForm
from workflows.purchase_invoice.reading import coding_kept, read
from workflows.purchase_invoice.steps import asked_municipality

TODAY = date(2026, 11, 24)
FILE = {"": ({"id": 1, "sha256": "0" * 64, "name": "factuur.pdf"},)}
TYPED = {
    "supplier": "12345678", "number": "2026-17", "issued": "2026-11-18", "received_on": "2026-11-20", "proof": "mail",
    "ordered_by": "anna@example.org", "total": "121,00", "lines-0-key": "a", "lines-0-description": "Snoeien",
    "lines-0-net": "100,00", "lines-0-vat": "S 21",
}  # fmt: skip
KNOWN = KnownSupplier(7, "Groenbeheer B.V.", "facturen@example.com", 14)


def filling(**more: Any) -> FillingIn:
    known: dict[str, Any] = {
        "today": TODAY, "policies": PolicyBook(()), "employed": (), "documents": FILE, "suppliers": (KNOWN,),
        "colleagues": {"anna@example.org": "Anna de Wit"},
    }  # fmt: skip
    return FillingIn(**known | more)


def understood(typed: dict[str, str], **more: Any) -> tuple[Any, list[tuple[str, str]]]:
    content, problems = read(InvoiceForm(formdata=MultiDict(typed)), filling(**more))
    return content, [(problem.field, problem.code) for problem in problems]


def test_what_is_typed_is_an_invoice() -> None:
    content, problems = understood(TYPED)
    assert problems == []
    assert (content["supplier"], content["supplier_id"], content["payable_cents"]) == ("Groenbeheer B.V.", 7, 12_100)
    assert sums(content) == ()
    facts = facts_of(content)
    assert facts.received == datetime(2026, 11, 19, 23, tzinfo=UTC)
    assert (facts.due, facts.reference) == (date(2026, 12, 4), "2026-17"), "the supplier's own terms: 14 days"
    assert facts.title == "Groenbeheer B.V. 2026-17"


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"supplier": ""}, "supplier", "text_empty"), ({"number": ""}, "number", "text_empty"),
        ({"received_on": "2026-11-25"}, "received_on", "date_future"),
        ({"proof": "einvoice"}, "proof", "proof_missing"),
        ({"due": "2026-11-01"}, "due", "due_before_issued"), ({"iban": "NL00"}, "iban", "iban_invalid"),
        ({"credit": "y"}, "preceding", "preceding_missing"), ({"total": "122,00"}, "total", "total_differs"),
        ({"ordered_by": "niemand"}, "ordered_by", "colleague_not_here"),
        ({"lines-0-net": "1e3"}, "lines-0-net", "invoice_money_format"),
        ({"lines-0-description": " "}, "lines-0-description", "text_empty"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field(changed: dict[str, str], field: str, code: str) -> None:
    assert (field, code) in understood({**TYPED, **changed})[1]


def test_without_the_invoice_itself_or_with_two_suppliers_it_goes_no_further() -> None:
    assert ("file", "invoice_file_missing") in understood(TYPED, documents={})[1]
    two = (KNOWN, KnownSupplier(8, "Groenbeheer B.V."))
    assert ("supplier", "supplier_ambiguous") in understood(TYPED, suppliers=two)[1]


def test_a_supplier_that_nobody_knows_is_kept_as_typed() -> None:
    content, problems = understood({**TYPED, "supplier": "Nieuw B.V."}, suppliers=())
    assert problems == []
    assert (content["supplier"], content["supplier_id"]) == ("Nieuw B.V.", None)


def test_rates_discounts_and_rounding_of_each_line() -> None:
    lines = {
        "lines-1-description": "Korting", "lines-1-net": "-10,00", "lines-1-vat": "S 21",
        "lines-2-description": "Plantgoed", "lines-2-net": "33,33", "lines-2-vat": "S 9",
        "lines-3-description": "Verlegd", "lines-3-net": "50", "lines-3-vat": "AE 0",
    }  # fmt: skip
    content, problems = understood({**TYPED, **lines, "total": "195,22"})
    assert problems == []
    assert content["vat"] == [
        {"category": "S", "percent": "21", "taxable_cents": 9000, "tax_cents": 1889},
        {"category": "S", "percent": "9", "taxable_cents": 3333, "tax_cents": 300},
        {"category": "AE", "percent": "0", "taxable_cents": 5000, "tax_cents": 0},
    ], "one cent less than by rate, as who rounds each line comes out"
    assert sums(content) == ()


def test_too_many_lines_are_refused() -> None:
    many = {f"lines-{n}-{name}": value for n in range(MOST_LINES + 1)
            for name, value in (("description", "x"), ("net", "1"), ("vat", "E 0"))}  # fmt: skip
    assert ("lines", "too_many_lines") in understood({**TYPED, **many})[1]


def test_what_an_electronic_invoice_says_cannot_be_typed_over() -> None:
    said = {"proof": "einvoice", "supplier": "GROENBEHEER", "supplier_said": "GROENBEHEER", "supplier_id": None}
    before = {**understood(TYPED)[0], **said}
    content, problems = understood({**TYPED, "number": "ANDERS", "total": "1"}, content=before, documents={})
    assert problems == []
    assert (content["number"], content["payable_cents"], content["supplier_id"]) == ("2026-17", 12_100, 7)
    assert content["supplier_said"] == "GROENBEHEER"
    assert PURCHASE_INVOICE.typed(content) == {
        "supplier": "Groenbeheer B.V.", "ordered_by": "anna@example.org", "cost_centre": "",
    }  # fmt: skip


def test_an_invoice_below_zero_is_a_credit_and_a_credit_note_below_zero_none() -> None:
    assert is_credit({"credit": True, "payable_cents": 5})
    assert is_credit({"credit": False, "payable_cents": -5})
    assert not is_credit({"credit": True, "payable_cents": -5})
    assert not is_credit({"credit": False, "payable_cents": 5})


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(-(10**7), 10**7), st.sampled_from([key for key, _ in VAT_CHOICES])), max_size=12))
def test_vat_by_rate_adds_up_to_its_lines(parts: list[tuple[int, str]]) -> None:
    lines = [{"net_cents": cents, "vat_category": rate.split()[0], "vat_percent": rate.split()[1]}
             for cents, rate in parts]  # fmt: skip
    rates = by_rate(lines)
    assert sum(rate["taxable_cents"] for rate in rates) == sum(cents for cents, _ in parts)
    assert len(rates) == len({rate for _, rate in parts})
    assert all(abs(rate["tax_cents"] * 100 - rate["taxable_cents"] * int(rate["percent"])) <= 50 for rate in rates)


TEXT = st.text(max_size=30)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*TYPED, "due", "iban", "credit", "reference", "preceding"]), TEXT))
def test_whatever_is_typed_nothing_breaks(typed: dict[str, str]) -> None:
    content, problems = read(InvoiceForm(formdata=MultiDict(TYPED | typed)), filling())
    assert problems or sums(content) == ()
    facts_of(content)


def test_a_line_keeps_its_code_when_it_is_the_same_and_loses_it_for_another_municipality() -> None:
    codes = {"account": "4440", "cost_centre": "1200", "task": ""}
    lines = [{"key": "a", "description": "Snoeien", "net_cents": 100}, {"key": "b", "description": "Zout"}]
    before = {"lines": lines, "coding": {"a": codes, "b": codes}}
    assert coding_kept(before, lines) == before["coding"]
    assert coding_kept(before, [lines[0], {**lines[1], "net_cents": 6}]) == {"a": codes}
    assert coding_kept(before, [{**lines[0], "key": "c"}]) == {}
    assert coding_kept({}, lines) == {}
    there, problems = asked_municipality(before, {"municipality": "duinrade"}, "nl")
    assert (there["coding"], problems) == ({}, ())
