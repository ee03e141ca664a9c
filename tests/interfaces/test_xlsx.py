"""A workbook keeps numbers as numbers, and what somebody typed never becomes a formula or a link."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from lxml import etree

from portal.interfaces.xlsx import Sheet, workbook

MADE = datetime(2026, 11, 2, 8, tzinfo=UTC)
NAMES = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def sheets(content: bytes) -> list[etree._Element]:
    with ZipFile(BytesIO(content)) as file:
        return [etree.fromstring(file.read(name)) for name in sorted(file.namelist()) if "worksheets/sheet" in name]


def test_cells_keep_their_kind() -> None:
    row = ["=1+1", 12345, Decimal("94.1"), date(2026, 10, 31), "https://example.org", None, MADE]
    (page,) = sheets(workbook("t", "a", MADE, [Sheet("Cijfers [1]", [f"k{n}" for n in range(7)], [row], money=(1,))]))
    assert page.findall(".//m:f", NAMES) == []
    assert page.findall(".//m:hyperlink", NAMES) == []
    cells = page.findall(".//m:row", NAMES)[1].findall("m:c", NAMES)
    assert [cell.get("t") for cell in cells] == ["s", None, None, None, "s", None, None]
    found = [value.text for cell in cells if (value := cell.find("m:v", NAMES)) is not None and cell.get("t") is None]
    assert [float(said or 0) for said in found[:2]] == pytest.approx([123.45, 94.1])
    assert float(found[3] or 0) % 1 > 0.3  # 09:00 in the Netherlands


def test_the_same_workbook_has_the_same_bytes() -> None:
    sheet = Sheet("x", ["a"], [["b"]])
    assert workbook("t", "a", MADE, [sheet]) == workbook("t", "a", MADE, [sheet])
