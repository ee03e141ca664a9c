"""Workbooks for a controller: typed cells (numbers stay numbers), and nothing that somebody typed becomes a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from portal.clock import local

Cell = str | int | Decimal | date | datetime | None
WIDEST = 60
"""Signs in the widest column; what is longer is wrapped."""
NAME_LIMIT = 31
"""Signs in the name of a sheet, as the format (ECMA-376) has it."""
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table on a sheet of its own. `money` names the columns with amounts, in cents; they are shown in euros."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    money: Sequence[int] = field(default=())


def workbook(title: str, author: str, made_at: datetime, sheets: Sequence[Sheet]) -> bytes:
    """The workbook (ECMA-376). The same sheets, made at the same moment, give the same bytes."""
    out = BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(out, safe) as book:
        book.set_properties({"title": title, "author": author, "created": local(made_at).replace(tzinfo=None)})
        looks = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "euro": book.add_format({"num_format": "#,##0.00", "valign": "top"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top"}),
            "number": book.add_format({"valign": "top"}),
        }
        for sheet in sheets:
            _fill(book.add_worksheet(sheet.name.translate(FORBIDDEN)[:NAME_LIMIT]), sheet, looks)
    return out.getvalue()


def _fill(page: Worksheet, sheet: Sheet, looks: dict[str, Format]) -> None:
    for column, name in enumerate(sheet.head):
        page.write_string(0, column, name, looks["head"])
        widest = max((len(str(row[column])) for row in sheet.rows if row[column] is not None), default=0)
        page.set_column(column, column, min(max(widest, len(name), 8) + 2, WIDEST))
    page.freeze_panes(1, 0)
    for place, row in enumerate(sheet.rows, 1):
        for column, value in enumerate(row):
            _cell(page, place, column, value, looks, money=column in sheet.money)


def _cell(page: Worksheet, row: int, column: int, value: Cell, looks: dict[str, Format], *, money: bool) -> None:
    match value:
        case None | "":
            page.write_blank(row, column, None, looks["text"])
        case datetime():
            page.write_datetime(row, column, local(value).replace(tzinfo=None), looks["moment"])
        case date():
            page.write_datetime(row, column, datetime(value.year, value.month, value.day), looks["date"])  # noqa: DTZ001 - a day
        case int() if money:
            page.write_number(row, column, value / 100, looks["euro"])
        case int() | Decimal():
            page.write_number(row, column, float(value), looks["number"])
        case str():
            page.write_string(row, column, value, looks["text"])
