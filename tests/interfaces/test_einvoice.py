"""Electronic invoices: read as they were written, judged as their mistakes are, and never trusted."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

from portal.cli import main
from portal.interfaces.einvoice import Verdict, check
from portal.interfaces.einvoice.checking import OWN_RULES, read
from portal.interfaces.einvoice.rules import RulesFailed, Worker, rules_for
from portal.interfaces.einvoice.sums import FATAL, WARNING, minimum
from portal.interfaces.einvoice.writing import NLCIUS, OIN, Bill, Firm, Item, reversed_charge, written
from tests.sample_files import pdf

SELLER = Firm("Bouwbedrijf De Linde B.V.", "12345678", vat="NL123456789B01", email="facturen@delinde.example")
BUYER = Firm("Gemeente Waterveen", "00000001234567890000", OIN)
BILL = Bill(
    "2026-0815", date(2026, 11, 2), SELLER, BUYER, (Item("Herstel dak", 125_000), Item("Handboek", 1000, 3, 9)),
    iban="NL91ABNA0417164300", due=date(2026, 12, 2),
)  # fmt: skip


def test_an_invoice_is_read_as_it_was_written() -> None:
    checked = check(written(BILL))
    assert checked.verdict is Verdict.VALID
    assert checked.judged_by.startswith("EN 16931")
    invoice = checked.invoice
    assert invoice is not None
    assert (invoice.number, invoice.issued, invoice.due) == ("2026-0815", date(2026, 11, 2), date(2026, 12, 2))
    assert (invoice.seller.name, invoice.seller.registration, invoice.seller.vat) == (
        "Bouwbedrijf De Linde B.V.", "12345678", "NL123456789B01",
    )  # fmt: skip
    assert (invoice.seller.endpoint, invoice.buyer.name) == ("0106:12345678", "Gemeente Waterveen")
    assert invoice.totals.exclusive == 128_000
    assert invoice.totals.tax == 26_250 + 270
    assert invoice.totals.payable == 154_520
    assert [(line.description, line.net_cents, line.quantity, line.vat_percent) for line in invoice.lines] == [
        ("Herstel dak", 125_000, "1", "21"), ("Handboek", 3000, "3", "9"),
    ]  # fmt: skip
    assert [(rate.percent, rate.taxable_cents, rate.tax_cents) for rate in invoice.vat] == [
        ("21", 125_000, 26_250), ("9", 3000, 270),
    ]  # fmt: skip
    assert (invoice.iban, invoice.payments[0].reference, invoice.profile) == (
        "NL91ABNA0417164300", "2026-0815", "peppol",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bill", "verdict"),
    [
        (replace(BILL, customization=NLCIUS), Verdict.VALID),
        (replace(BILL, credit=True, preceding="2026-0700"), Verdict.VALID),
        (reversed_charge(BILL), Verdict.VALID),
        (replace(BILL, changes=(("Korting", -5000), ("Vracht", 2500))), Verdict.VALID),
        (replace(BILL, attachment=pdf()), Verdict.VALID),
        (replace(BILL, items=(*BILL.items, Item("Retour", 2500, -1))), Verdict.VALID),
        (replace(BILL, g_account=("NL73MOCK0000000007", 30_000)), Verdict.FINDINGS),
        (replace(BILL, reference=""), Verdict.FINDINGS),
    ],
)
def test_every_kind_is_judged(bill: Bill, verdict: Verdict) -> None:
    checked = check(written(bill))
    assert checked.verdict is verdict, checked.findings
    assert checked.invoice is not None
    assert checked.invoice.totals.payable == bill.payable_cents
    assert checked.rules(FATAL) == []


def test_what_is_special_about_each_kind_is_kept() -> None:
    def of(bill: Bill) -> Any:
        return read(written(bill))

    credit = of(replace(BILL, credit=True, preceding="2026-0700"))
    assert (credit.credit, credit.root, credit.preceding) == (True, "CreditNote", ("2026-0700",))
    assert of(reversed_charge(BILL)).reverse_charge
    assert not of(BILL).reverse_charge
    assert of(replace(BILL, customization=NLCIUS)).profile == "nlcius"
    changes = of(replace(BILL, changes=(("Korting", -5000), ("Vracht", 2500)))).changes
    assert [(change.reason, change.cents) for change in changes] == [("Korting", -5000), ("Vracht", 2500)]
    (attached,) = of(replace(BILL, attachment=pdf())).attachments
    assert (attached.media_type, attached.content, attached.name) == ("application/pdf", pdf(), "2026-0815.pdf")
    split = of(replace(BILL, g_account=("NL73MOCK0000000007", 30_000))).payments
    assert [(payment.iban, payment.cents) for payment in split] == [
        ("NL91ABNA0417164300", 124_520), ("NL73MOCK0000000007", 30_000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "rules"),
    [
        ({"PayableAmount": "1.00"}, {"BR-CO-16"}), ({"LineExtensionAmount": "1.00"}, {"BR-CO-10", "BR-CO-13"}),
        ({"RegistrationName": ""}, {"BR-06", "BR-07"}), ({"DocumentCurrencyCode": "EURO"}, {"BR-CL-04"}),
        ({"TaxInclusiveAmount": "2.00"}, {"BR-CO-15"}),
    ],
)  # fmt: skip
def test_what_no_invoice_may_lack_makes_it_invalid(wrong: dict[str, str], rules: set[str]) -> None:
    checked = check(written(BILL, **wrong))
    assert checked.verdict is Verdict.INVALID
    assert rules <= set(checked.rules(FATAL))


def test_our_own_rules_say_of_the_minimum_what_the_official_ones_say() -> None:
    for wrong in ("PayableAmount", "TaxInclusiveAmount", "TaxExclusiveAmount"):
        xml = written(BILL, **{wrong: "1.00"})
        official = {rule for rule in check(xml).rules(FATAL) if rule.startswith("BR-CO")}
        own = {found.rule for found in minimum(read(xml))}
        assert own & official, wrong
        assert own <= official | {"BR-CO-14"}, wrong


def test_a_profile_only_flags() -> None:
    checked = check(written(replace(BILL, reference="", seller=replace(SELLER, registration=""))))
    assert checked.verdict is Verdict.FINDINGS
    assert set(checked.rules(WARNING)) == {"PEPPOL-EN16931-R003", "PEPPOL-EN16931-R020", "NL-R-003"}


DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "einvoice_not_xml"), (b"geen xml", "einvoice_not_xml"), (DOCTYPE, "einvoice_doctype"),
        (b"<html/>", "einvoice_unknown"), (b"\xff\xfe<a/>", "einvoice_encoding"),
        (b"<a>" * 300 + b"</a>" * 300, "einvoice_not_xml"), (b"<a>" + b"<b/>" * 1_000_001, "einvoice_too_big"),
        (b"%PDF-1.7 stuk", "einvoice_unknown"), (pdf(), "einvoice_unknown"),
        (b" " * (20 * 1024 * 1024 + 1), "einvoice_too_big"),
    ],
)  # fmt: skip
def test_what_is_no_invoice_is_refused_by_name(content: bytes, code: str) -> None:
    checked = check(content)
    assert (checked.verdict, checked.error, checked.invoice) == (Verdict.NOT_AN_INVOICE, code, None)


@pytest.mark.parametrize(
    "wrong",
    [{"IssueDate": "gisteren"}, {"IssueDate": "2026-02-31"}, {"PayableAmount": "veel"}, {"PayableAmount": "1e9"},
     {"LineExtensionAmount": "12.345"}, {"EmbeddedDocumentBinaryObject": "geen base64!"}],
)  # fmt: skip
def test_an_invoice_with_something_unreadable_is_invalid(wrong: dict[str, str]) -> None:
    checked = check(written(replace(BILL, attachment=pdf()), **wrong))
    assert (checked.verdict, checked.error) == (Verdict.INVALID, "einvoice_incomplete")


def test_an_invoice_inside_a_pdf_is_read() -> None:
    writer = PdfWriter(BytesIO(pdf()))
    writer.add_attachment("factur-x.xml", written(BILL))
    out = BytesIO()
    writer.write(out)
    checked = check(out.getvalue())
    assert checked.verdict is Verdict.VALID
    assert checked.xml == written(BILL)


CENTS = st.integers(1, 10_000_000)
ITEMS = st.lists(
    st.builds(Item, st.sampled_from(["Dak", "Boek & <meer>"]), CENTS, st.integers(1, 50), st.sampled_from([21, 9])),
    min_size=1, max_size=5,
).map(tuple)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(ITEMS, st.booleans())
def test_sums_are_read_to_the_cent(items: tuple[Item, ...], credit: bool) -> None:
    bill = replace(BILL, items=items, credit=credit)
    invoice = read(written(bill))
    assert list(minimum(invoice)) == []
    assert invoice.totals.payable == bill.payable_cents
    assert sum(line.net_cents for line in invoice.lines) == bill.net_cents


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5000), st.binary(max_size=12))
def test_a_damaged_file_never_breaks_us(place: int, noise: bytes) -> None:
    xml = written(BILL)
    at = place % len(xml)
    damaged = xml[:at] + noise + xml[at + len(noise) :]
    try:
        read(damaged)
    except Exception as error:
        assert type(error).__name__ == "InvoiceError"  # noqa: PT017


def test_a_worker_that_takes_too_long_is_ended_and_works_again() -> None:
    invoice = read(written(BILL))
    rules = rules_for(invoice)
    assert rules is not None
    worker = Worker(patience=0.001)
    with pytest.raises(RulesFailed):
        worker.judge(rules, written(BILL))
    worker.patience = 60
    assert worker.judge(rules, written(BILL)) == []
    worker.close()


def test_without_the_extra_the_sums_are_still_checked(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_bytes(written(BILL))
    bad.write_bytes(written(BILL, PayableAmount="1.00"))
    without = "import sys; sys.modules['saxonche'] = None; from portal.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", without, "invoice", "check", str(good), str(bad)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert done.returncode == 1
    assert (first["verdict"], first["judged_by"]) == ("valid", OWN_RULES)
    assert (second["verdict"], second["rules"]["fatal"]) == ("invalid", ["BR-CO-16"])


def test_the_command_prints_a_line_each(tmp_path: Path) -> None:
    good, none = tmp_path / "good.xml", tmp_path / "none.txt"
    good.write_bytes(written(BILL))
    none.write_text("hallo")
    done = CliRunner().invoke(main, ["invoice", "check", str(good), str(none)])
    first, second = (json.loads(line) for line in done.output.splitlines())
    assert done.exit_code == 1
    assert first["totals"] == {"exclusive": 128_000, "tax": 26_520, "inclusive": 154_520, "payable": 154_520}
    assert (first["number"], first["iban"], first["verdict"]) == ("2026-0815", "NL91ABNA0417164300", "valid")
    assert second == {"file": str(none), "verdict": "not an invoice", "error": "einvoice_not_xml"}
    assert CliRunner().invoke(main, ["invoice", "check", str(good)]).exit_code == 0
