"""The European Central Bank's files of reference rates: CSV (alone or in a ZIP) and XML, of one day or of many.

A file comes through somebody's browser, so it is treated as hostile: bounded before and after unpacking, no document
type, no entities, and nothing is believed that does not look like a rate. A file is understood as a whole or refused.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from lxml import etree

from portal.interfaces.xml_files import UnsafeXml, opened
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.rates import ExchangeRate

SOURCE = "ECB"
MOST_BYTES = 16 * 1024 * 1024
"""Of a file as it comes, and once unpacked; the whole history since 1999 is about 8 MB as XML."""
MOST_RATES = 600_000
FIRST_DAY = date(1999, 1, 4)
"""The first day on which the euro had rates."""

TOO_BIG = Refusal("rates_too_big", N_("The file is too large to be a file of rates: 16 MB at most."))
BOMB = Refusal("rates_bomb", N_("What is in the ZIP file is too large to be a file of rates: 16 MB at most."))
ZIP_WRONG = Refusal("rates_zip", N_("A ZIP file with rates holds one file, without a password. This one does not."))
UNKNOWN = Refusal(
    "rates_unknown_format",
    N_("This is no file with rates of the European Central Bank: choose its CSV, ZIP or XML file."),
)
DOCTYPE = Refusal("rates_doctype", N_("The file holds a document type, which files with rates never do."))
EMPTY = Refusal("rates_empty", N_("There are no rates in this file."))
XML_REFUSALS = {"too_big": TOO_BIG, "doctype": DOCTYPE}
DAMAGED = "rates_damaged"
DAMAGED_SENTENCE = N_("The file is damaged: “%(text)s” is not what belongs there.")
NOT_POSITIVE = "rates_not_positive"
NOT_POSITIVE_SENTENCE = N_("The rate of %(currency)s on %(day)s is not more than zero, so nothing was taken in.")
TWICE = "rates_twice"
TWICE_SENTENCE = N_("The file gives two rates for %(currency)s on %(day)s, so nothing was taken in.")

_CODE = re.compile(r"[A-Z]{3}")
_RATE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,8})?")
_LONG_DAY = re.compile(r"([0-9]{1,2}) ([A-Z][a-z]+) ([0-9]{4})")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_NONE = ("", "N/A", "-")
"""How the file says that a currency had no rate on a day."""


def read(content: bytes) -> list[ExchangeRate]:
    """Every rate in the file, by day and currency. Raises Refused."""
    if len(content) > MOST_BYTES:
        raise Refused(TOO_BIG)
    if content.startswith(b"PK"):
        content = _unpacked(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(UNKNOWN) from error
    cells = _of_xml(text) if text.lstrip().startswith("<") else _of_csv(text)
    rates: dict[tuple[date, str], ExchangeRate] = {}
    for day, currency, written in cells:
        found = ExchangeRate(currency, day, _rate(day, currency, written), SOURCE)
        known = rates.setdefault((day, currency), found)
        if known.number != found.number:
            raise Refused(Refusal(TWICE, TWICE_SENTENCE, {"currency": currency, "day": day}))
        if len(rates) > MOST_RATES:
            raise Refused(TOO_BIG)
    if not rates:
        raise Refused(EMPTY)
    return [rates[key] for key in sorted(rates)]


def _unpacked(content: bytes) -> bytes:
    """The one file in the ZIP, read no further than it may be large."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            (member,) = [entry for entry in archive.infolist() if not entry.is_dir()]
            with archive.open(member) as packed:
                found = packed.read(MOST_BYTES + 1)
    except (ValueError, RuntimeError, EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
        raise Refused(ZIP_WRONG) from error
    if len(found) > MOST_BYTES:
        raise Refused(BOMB)
    if found.startswith(b"PK"):
        raise Refused(ZIP_WRONG)
    return found


Cells = Iterator[tuple[date, str, str]]


def _of_csv(text: str) -> Cells:
    """Days down, currencies across; each line ends in a comma."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(rows, [])]
        codes = [cell for cell in header[1:] if cell]
        if not header or header[0] != "Date" or not codes or len(set(codes)) < len(codes):
            raise Refused(UNKNOWN)
        if not all(_CODE.fullmatch(code) for code in codes):
            raise Refused(UNKNOWN)
        yield from _of_rows(rows, codes)
    except csv.Error as error:
        raise Refused(UNKNOWN) from error


def _of_rows(rows: Iterable[list[str]], codes: list[str]) -> Cells:
    for row in rows:
        first, *cells = [cell.strip() for cell in row] or [""]
        if not first and not any(cells):
            continue
        day = _day(first)
        if len(cells) < len(codes) or any(cells[len(codes) :]):
            raise _damaged(",".join(row))
        yield from ((day, code, cell) for code, cell in zip(codes, cells, strict=False) if cell not in _NONE)


def _of_xml(text: str) -> Cells:
    """Cube in Cube: one a day with the rates of that day in it."""
    try:
        root = opened(text.encode(), MOST_BYTES, MOST_RATES * 2)
    except UnsafeXml as unsafe:
        raise Refused(XML_REFUSALS.get(unsafe.code, UNKNOWN)) from unsafe
    if not isinstance(root.tag, str) or etree.QName(root).localname != "Envelope":
        raise Refused(UNKNOWN)
    for of_day in root.iter("{*}Cube"):
        if of_day.get("time") is None:
            continue
        day = _day(of_day.get("time"))
        for cube in of_day.iterchildren("{*}Cube"):
            code = cube.get("currency", "")
            if not _CODE.fullmatch(code):
                raise _damaged(code)
            yield day, code, cube.get("rate", "")


def _damaged(text: str) -> Refused:
    return Refused(Refusal(DAMAGED, DAMAGED_SENTENCE, {"text": text.replace("\0", "")[:40]}))


def _day(text: str) -> date:
    """A day as 2026-11-27, or as in the file of one day: 27 November 2026."""
    try:
        if (long := _LONG_DAY.fullmatch(text)) and long[2] in _MONTHS:
            found = date(int(long[3]), _MONTHS.index(long[2]) + 1, int(long[1]))
        elif re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            found = date.fromisoformat(text)
        else:
            raise _damaged(text)
    except ValueError as error:
        raise _damaged(text) from error
    if found < FIRST_DAY:
        raise _damaged(text)
    return found


def _rate(day: date, currency: str, written: str) -> str:
    if re.fullmatch(r"-?[0-9.]{1,20}", written) and not written.strip("-0."):
        raise Refused(Refusal(NOT_POSITIVE, NOT_POSITIVE_SENTENCE, {"currency": currency, "day": day}))
    if written.startswith("-") and _RATE.fullmatch(written[1:]):
        raise Refused(Refusal(NOT_POSITIVE, NOT_POSITIVE_SENTENCE, {"currency": currency, "day": day}))
    if not _RATE.fullmatch(written) or not Decimal(written):
        raise _damaged(written)
    return written
