"""Files with rates in the formats of the European Central Bank, with rates that were made up."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import date

Rates = Mapping[date, Mapping[str, str]]

TUESDAY, FRIDAY, MONDAY = date(2026, 11, 24), date(2026, 11, 20), date(2026, 11, 23)
RATES: Rates = {
    MONDAY: {"USD": "1.0961", "GBP": "0.85315", "JPY": "161.44", "SEK": "11.2380"},
    FRIDAY: {"USD": "1.0944", "GBP": "0.85402", "JPY": "160.97", "SEK": "N/A"},
}


def as_csv(rates: Rates = RATES) -> bytes:
    """The file with the history: the newest day first, each line ending in a comma."""
    codes = list(dict.fromkeys(code for row in rates.values() for code in row))
    lines = [",".join(("Date", *codes, ""))]
    lines += [",".join((day.isoformat(), *(row.get(code, "N/A") for code in codes), "")) for day, row in rates.items()]
    return "\n".join((*lines, "")).encode()


def as_daily_csv(day: date = MONDAY) -> bytes:
    """The file of one day, with spaces and the day in words."""
    row = RATES[day]
    return f"Date, {', '.join(row)}, \n{day:%d %B %Y}, {', '.join(row.values())}, \n".encode()


def as_xml(rates: Rates = RATES) -> bytes:
    """The same as XML; a currency without a rate has no cube."""
    days = "".join(
        f"<Cube time='{day}'>"
        + "".join(f"<Cube currency='{code}' rate='{rate}'/>" for code, rate in row.items() if rate != "N/A")
        + "</Cube>"
        for day, row in rates.items()
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><gesmes:Envelope "
        "xmlns:gesmes='http://www.gesmes.org/xml/2002-08-01' "
        "xmlns='http://www.ecb.int/vocabulary/2002-08-01/eurofxref'><gesmes:subject>Reference rates</gesmes:subject>"
        f"<Cube>{days}</Cube></gesmes:Envelope>"
    ).encode()


def zipped(*members: tuple[str, bytes]) -> bytes:
    """A ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()
