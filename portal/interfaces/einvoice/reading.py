"""Taking values out of the XML of an invoice: by paths of names with prefixes, never by what stands around them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from portal.interfaces.einvoice.errors import InvoiceError

_AMOUNT = re.compile(r"([+-]?)([0-9]{1,13})(?:\.([0-9]{1,2})0*)?")
_DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
LONGEST = 2000
"""No name, description or note is longer; what is, is cut."""
MOST_LINES = 10_000


class Part:
    """One element. Paths are steps `prefix:Name`, with the prefixes of the syntax."""

    __slots__ = ("_element", "_names")

    def __init__(self, element: Any, names: Mapping[str, str]) -> None:
        self._element, self._names = element, names

    def all(self, path: str) -> Iterator[Part]:
        """Every element at the path, in the order of the file. Raises InvoiceError when there are too many."""
        for count, found in enumerate(self._element.iterfind(path, self._names)):
            if count >= MOST_LINES:
                raise InvoiceError("einvoice_too_big", path)
            yield Part(found, self._names)

    def text(self, *paths: str) -> str:
        """The text at the first of the paths that has any; empty without."""
        for path in paths:
            written = self._element.findtext(path, None, self._names)
            if written and written.strip():
                return " ".join(str(written).split())[:LONGEST]
        return ""

    def own(self) -> str:
        """The text of this element itself."""
        return " ".join(str(self._element.text or "").split())[:LONGEST]

    def attribute(self, name: str) -> str:
        """An attribute; empty without."""
        return str(self._element.get(name, "")).strip()[:LONGEST]

    def cents(self, path: str, default: int | None = None) -> int:
        """The amount at the path in cents; negative amounts are. Raises InvoiceError without, or when it is none."""
        written = self.text(path)
        if not written and default is not None:
            return default
        found = _AMOUNT.fullmatch(written)
        if not found:
            raise InvoiceError("einvoice_incomplete", path)
        cents = int(found[2]) * 100 + int((found[3] or "0").ljust(2, "0"))
        return -cents if found[1] == "-" else cents

    def day(self, *paths: str) -> date | None:
        """The date at the first of the paths that has one. Raises InvoiceError when it is none."""
        written = self.text(*paths)
        if not written:
            return None
        found = _DAY.fullmatch(written)
        try:
            if found:
                return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass
        raise InvoiceError("einvoice_incomplete", paths[0])

    def content(self) -> bytes:
        """What is embedded in this element. Raises InvoiceError when it is not base64."""
        try:
            return base64.b64decode("".join(str(self._element.text or "").split()), validate=True)
        except (binascii.Error, ValueError):
            raise InvoiceError("einvoice_incomplete", "EmbeddedDocumentBinaryObject") from None


def percent(text: str) -> str:
    """A percentage without zeros that say nothing: 21.00 is 21."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def iban_in(text: str) -> str:
    """An account number as we keep it, when it looks like an IBAN."""
    plain = "".join(text.split()).upper()
    return plain if re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", plain) else ""
