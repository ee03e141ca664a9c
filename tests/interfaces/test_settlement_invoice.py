"""The SSC's own invoices pass EN 16931, come out the same each time, and are set on paper with the same amounts."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdf
import pytest

from portal.interfaces.einvoice import Verdict, check
from portal.interfaces.paper import written
from portal.interfaces.settlement_invoice import paper_of, xml_of
from tests.settlement import SENT_BY, SENT_TO
from workflows.invoicing import invoice

MADE = datetime(2026, 10, 9, 8, 0, tzinfo=UTC)
LINES = [
    {"name": "Declaraties afhandelen", "quantity": 12, "unit_cents": 1140},
    {"name": "Huisvesting <en> beheer", "quantity": 1, "unit_cents": 20_001},
    {"name": "Af: voorschot 2026Q3", "quantity": -1, "unit_cents": 30_000},
]


def content(*lines: dict[str, Any], percent: str = "0", preceding: tuple[str, ...] = ()) -> dict[str, Any]:
    return invoice(
        lines, number="VER-2026-000001", issued=date(2026, 10, 9), days=30, percent=Decimal(percent),
        seller=json.loads(SENT_BY), buyer=json.loads(SENT_TO), quarter="2026Q3", first="2026-07-01", last="2026-09-30",
        preceding=preceding, note="Dubbel geteld" if preceding else "",
    )  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        content(*LINES),
        content(*LINES, percent="21"),
        content(*LINES[:1], {"name": "Af: voorschot", "quantity": -1, "unit_cents": 90_000}),
        content({"name": "Correctie", "quantity": -1, "unit_cents": 1250}, preceding=("VER-2026-2", "VER-2026-5")),
        content({"name": "Geen kosten in 2026Q3", "quantity": 1, "unit_cents": 0}),
        content({"name": "Uit een ander programma\x08 geplakt\x0b\ufffe", "quantity": 1, "unit_cents": 100}),
    ],
    ids=["exempt", "taxed", "credit", "correction", "nothing", "pasted"],
)  # fmt: skip
def test_the_e_invoice_passes_the_european_norm(said: dict[str, Any]) -> None:
    xml = xml_of(said)
    checked = check(xml)
    assert checked.verdict is Verdict.VALID, checked.findings
    assert checked.judged_by.startswith("EN 16931"), "judged by the official rules"
    found = checked.invoice
    assert found is not None
    assert (found.number, found.credit, found.profile) == ("VER-2026-000001", said["credit"], "nlcius")
    assert (found.totals.payable, found.totals.tax) == (said["payable_cents"], said["tax_cents"])
    assert found.preceding == tuple(said["preceding"])
    assert xml_of(said) == xml


def test_the_paper_says_what_the_e_invoice_says(tmp_path: Path) -> None:
    said = content(*LINES)
    with written(paper_of(said, MADE), tmp_path) as file:
        pages = pypdf.PdfReader(io.BytesIO(file.read())).pages
    text = " ".join("\n".join(page.extract_text() for page in pages).split())
    for word in (
        "Factuur VER-2026-000001", "Gemeente Waterveen", "Huisvesting <en> beheer", "36,81", "koepelvrijstelling",
        "8 november 2026", "NL41MOCK0000000001",
    ):  # fmt: skip
        assert word in text, word
