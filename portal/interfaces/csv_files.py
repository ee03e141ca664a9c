"""CSV files, out and in. Out: for a spreadsheet, in which no cell becomes a formula. In: as offices send them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from workflows.kernel import Refusal, Refused
from workflows.parties import N_

MOST_BYTES = 8 * 1024 * 1024
MOST_ROWS = 20_000

CSV_EMPTY = Refusal("csv_empty", N_("The file is empty."))
CSV_TOO_LARGE = Refusal("csv_too_large", N_("The file is too large: 8 MB and 20,000 rows at most."))
CSV_NOT_TEXT = Refusal("csv_not_text", N_("This is not a CSV file. Save the sheet as CSV and try again."))

MISSING = "import_columns_missing"
MISSING_SENTENCE = N_("The file has no column for: %(columns)s. The first row must name the columns.")

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")


def _safe(cell: object) -> str:
    """A cell that a spreadsheet shows and never computes: what looks like a formula gets an apostrophe before it."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def written(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The table as Dutch spreadsheets open it: semicolons, and UTF-8 with the mark by which they know it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_safe(cell) for cell in header])
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def parsed(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and the rows with the number of the line on which each begins; empty rows are left out.

    UTF-8 (with or without mark) or else Windows-1252; semicolons, commas or tabs, whichever the header has most of.
    Cells are stripped, and an apostrophe that guards against a formula is taken off. Raises Refused.
    """
    if len(content) > MOST_BYTES:
        raise Refused(CSV_TOO_LARGE)
    text = _text(content)
    first = text.lstrip("\r\n").partition("\n")[0]
    if not first.strip():
        raise Refused(CSV_EMPTY)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=first.count), strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        begins = 1
        for row in reader:
            cells = [_unguarded(cell.strip()) for cell in row]
            if any(cells):
                lines.append((begins, cells))
            begins = reader.line_num + 1
            if len(lines) > MOST_ROWS + 1:
                raise Refused(CSV_TOO_LARGE)
    except csv.Error as error:
        raise Refused(CSV_NOT_TEXT) from error
    (_, header), *rows = lines
    return header, rows


def by_column(
    content: bytes, columns: Mapping[str, tuple[str, ...]], needed: Iterable[str], no_rows: Refusal
) -> tuple[list[tuple[int, dict[str, str]]], tuple[str, ...]]:
    """Every row by column, with its line in the file; and the columns that are not used. Raises Refused.

    `columns` is what each may be called, in small letters; those of `needed` must be there.
    """
    header, lines = parsed(content)
    places: dict[str, int] = {}
    unused = []
    for place, cell in enumerate(header):
        called = " ".join(cell.casefold().split())
        column = next((column for column, names in columns.items() if called in names), None)
        if column is None or column in places:
            unused.append(cell)
        else:
            places[column] = place
    if missing := [columns[column][0] for column in needed if column not in places]:
        raise Refused(Refusal(MISSING, MISSING_SENTENCE, {"columns": ", ".join(missing)}))
    if not lines:
        raise Refused(no_rows)
    rows = [
        (line, {column: cells[place] if place < len(cells) else "" for column, place in places.items()})
        for line, cells in lines
    ]
    return rows, tuple(cell for cell in unused if cell)


def _text(content: bytes) -> str:
    if b"\0" in content:
        raise Refused(CSV_NOT_TEXT)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Five bytes mean nothing in Windows-1252; whoever sends them sends no text.
        try:
            return content.decode("cp1252")
        except UnicodeDecodeError as error:
            raise Refused(CSV_NOT_TEXT) from error


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell
