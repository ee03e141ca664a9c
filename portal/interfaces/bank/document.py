"""Opening a bank's message, and taking typed values out of it."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn, TypeVar
from zoneinfo import ZoneInfo

from lxml import etree

from portal.interfaces.bank.errors import BankFileError
from portal.interfaces.xml_files import UnsafeXml, opened

MAX_BYTES = 20 * 1024 * 1024
# An element takes much more memory than its bytes in the file; in a bank's file a tag is 12 bytes or more.
MAX_TAGS = MAX_BYTES // 10

_BANK_TIME = ZoneInfo("Europe/Amsterdam")
_MESSAGE = re.compile(r"\{(urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3})\.001\.([0-9]{2}))\}Document")
_AMOUNT = re.compile(r"[0-9]{1,16}(\.[0-9]{1,2})?")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?")
_Value = TypeVar("_Value")


class Part:
    """One element of a message and what is below it. Paths are element names with slashes, no namespaces."""

    __slots__ = ("_element", "_namespace")

    def __init__(self, element: Any, namespace: str) -> None:
        self._element = element
        self._namespace = namespace

    def all(self, path: str) -> list["Part"]:
        """The elements at the path, in the order of the file."""
        return [Part(found, self._namespace) for found in self._element.findall(self._qualified(path))]

    def find(self, path: str) -> "Part | None":
        """The first element at the path."""
        found = self._element.find(self._qualified(path))
        return None if found is None else Part(found, self._namespace)

    def need(self, path: str) -> "Part":
        """The first element at the path; bank_file_incomplete without it."""
        return self.find(path) or self.refuse(path)

    def text(self, *paths: str) -> str | None:
        """The text at the first of the paths that has any, without white space around it."""
        for path in paths:
            written = self._element.findtext(self._qualified(path))
            if written and written.strip():
                return str(written).strip()
        return None

    def need_text(self, *paths: str) -> str:
        """As text(); bank_file_incomplete when all are empty."""
        return self.text(*paths) or self.refuse(paths[0])

    def currency(self, path: str) -> str | None:
        """The currency of the amount at the path, None without an amount there."""
        found = self._element.find(self._qualified(path))
        return None if found is None else str(found.get("Ccy", ""))

    def cents(self, path: str) -> int:
        """The amount at the path in euro cents, never negative (the sign is in another element).

        bank_file_wrong_currency when it is not in euro; bank_file_incomplete when it is absent or not a
        number of at most two decimals.
        """
        written = self.need_text(path)
        if self.currency(path) != "EUR":
            raise BankFileError("bank_file_wrong_currency", f"{self.name}/{path}")
        return self._parsed(path, written, _as_cents)

    def day(self, path: str) -> date | None:
        """A date that the message gives as a date or as a moment; None when the element is absent."""
        if (written := self.text(f"{path}/Dt")) is not None:
            return self._parsed(path, written, _as_date)
        if self.text(f"{path}/DtTm") is not None:
            return self.moment(f"{path}/DtTm").astimezone(_BANK_TIME).date()
        return None

    def moment(self, *paths: str) -> datetime:
        """A moment in UTC, at the first path that is filled.

        Without an offset in the file it is Dutch time: the accounts are kept by Dutch banks.
        """
        return self._parsed(paths[0], self.need_text(*paths), _as_moment)

    @property
    def content(self) -> str:
        """The text of this element itself, without white space around it."""
        return str(self._element.text or "").strip()

    @property
    def name(self) -> str:
        """The name of this element, as the message definition has it."""
        return str(etree.QName(self._element).localname)

    def refuse(self, path: str) -> NoReturn:
        """Say that what is at the path is missing or malformed."""
        raise BankFileError("bank_file_incomplete", f"{self.name}/{path}")

    def _parsed(self, path: str, written: str, parse: Callable[[str], _Value]) -> _Value:
        try:
            return parse(written)
        except (ValueError, OverflowError):
            self.refuse(path)

    def _qualified(self, path: str) -> str:
        return _qualified(path, self._namespace)


@lru_cache(maxsize=1024)
def _qualified(path: str, namespace: str) -> str:
    return "/".join(f"{{{namespace}}}{step}" for step in path.split("/"))


def _as_cents(written: str) -> int:
    if not _AMOUNT.fullmatch(written):
        raise ValueError(written)
    euros, _, decimals = written.partition(".")
    return int(euros + decimals.ljust(2, "0"))


def _as_date(written: str) -> date:
    found = _DATE.fullmatch(written)
    if not found:
        raise ValueError(written)
    return date.fromisoformat(found[1])


def _as_moment(written: str) -> datetime:
    if not _MOMENT.fullmatch(written):
        raise ValueError(written)
    moment = datetime.fromisoformat(written)
    return (moment if moment.tzinfo else moment.replace(tzinfo=_BANK_TIME)).astimezone(UTC)


class Message(NamedTuple):
    """An opened message: its kind ("camt.053"), the version of that kind, and what is in the document."""

    kind: str
    version: int
    body: Part


def open_message(data: bytes, max_bytes: int = MAX_BYTES) -> Message:
    """Open an ISO 20022 message.

    Raises BankFileError: bank_file_too_big, bank_file_encoding, bank_file_doctype, bank_file_not_xml,
    bank_file_unknown_kind.
    """
    try:
        root = opened(data, max_bytes, MAX_TAGS)
    except UnsafeXml as unsafe:
        raise BankFileError(f"bank_file_{unsafe.code}", unsafe.detail) from None
    found = _MESSAGE.fullmatch(str(root.tag))
    if not found:
        raise BankFileError("bank_file_unknown_kind", str(root.tag)[:100])
    return Message(found[2], int(found[3]), Part(root, found[1]))
