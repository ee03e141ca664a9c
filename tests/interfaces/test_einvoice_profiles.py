"""Each profile is judged by its own rules: what keeps to EN 16931, what goes beyond it, and what is no invoice yet."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfWriter

from portal.i18n import reading_in
from portal.interfaces.einvoice import Verdict, check
from portal.interfaces.einvoice.arriving import bring, to_show
from portal.interfaces.einvoice.explaining import explained
from portal.interfaces.einvoice.sums import FATAL, SUMMARY, minimum
from tests.cii import BASIC, BASIC_WL, EN16931, EXTENDED, FRENCH, MINIMUM, XRECHNUNG, invoice, summary
from tests.sample_files import pdf

ZUGFERD1 = b'<r:CrossIndustryDocument xmlns:r="urn:ferd:CrossIndustryDocument:invoice:1p0"/>'
ORDER_X = b'<r:SCRDMCCBDACIOMessageStructure xmlns:r="urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100"/>'
UBL_ORDER = b'<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>'


def inside_pdf(xml: bytes, name: str = "factur-x.xml") -> bytes:
    writer = PdfWriter(BytesIO(pdf()))
    writer.add_attachment(name, xml)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("profile", "rich", "judged_by"),
    [
        (EN16931, False, "EN 16931 ("), (BASIC, False, "EN 16931, Factur-X BASIC ("), (XRECHNUNG, False, "EN 16931 ("),
        (EXTENDED, False, "Factur-X EXTENDED ("), (EXTENDED, True, "Factur-X EXTENDED ("),
        (FRENCH, False, "EXTENDED-CTC-FR ("),
    ],
)  # fmt: skip
def test_a_profile_is_judged_by_its_own_rules(profile: str, rich: bool, judged_by: str) -> None:
    checked = check(invoice(profile, rich=rich))
    assert checked.verdict is Verdict.VALID, checked.findings
    assert checked.judged_by.startswith(judged_by)
    found = checked.invoice
    assert found is not None
    assert [line.net_cents for line in found.lines] == [6000, 4000]
    assert [(change.reason, change.cents) for change in found.changes] == ([("Vracht", 1000)] if rich else [])
    assert list(minimum(found)) == []


@pytest.mark.parametrize("profile", [EN16931, BASIC, XRECHNUNG, EXTENDED, FRENCH])
def test_a_wrong_sum_is_found_in_every_profile(profile: str) -> None:
    checked = check(invoice(profile, payable="1.00"))
    assert checked.verdict is Verdict.INVALID
    assert any("CO-16" in rule for rule in checked.rules(FATAL)), checked.findings


def test_what_goes_beyond_a_profile_is_found() -> None:
    for profile in (EN16931, BASIC):
        checked = check(invoice(profile, rich=True))
        assert (checked.verdict, checked.rules(FATAL)) == (Verdict.INVALID, ["XSD"])


@pytest.mark.parametrize("profile", [MINIMUM, BASIC_WL])
def test_a_summary_is_refused_for_what_it_is(profile: str) -> None:
    for content in (summary(profile), inside_pdf(summary(profile))):
        checked = check(content)
        assert (checked.verdict, checked.rules(FATAL)) == (Verdict.INVALID, [SUMMARY])
        with reading_in("nl"):
            ((_, _, said),) = explained(checked.findings)
        assert "vat alleen een factuur samen" in said


@pytest.mark.parametrize(
    ("xml", "code"), [(ZUGFERD1, "einvoice_zugferd1"), (ORDER_X, "einvoice_order"), (UBL_ORDER, "einvoice_order")]
)
def test_what_is_known_to_be_something_else_is_named(xml: bytes, code: str) -> None:
    for content in (xml, inside_pdf(xml, "ZUGFeRD-invoice.xml")):
        checked = check(content)
        assert (checked.verdict, checked.error) == (Verdict.NOT_AN_INVOICE, code)


def test_a_pdf_is_shown_without_what_is_embedded_in_it_also_when_that_is_no_invoice() -> None:
    (paper,) = bring(inside_pdf(ZUGFERD1), "oud.pdf").papers
    assert paper.name == "oud.pdf"
    assert b"EmbeddedFile" not in to_show(inside_pdf(ZUGFERD1))
    assert to_show(pdf()) == pdf()
