"""A journal as files: CSV for spreadsheets, and XAF (XML Auditfile Financieel 3.2), which bookkeeping programs read.

Both follow from what is handed in alone, so the same journal gives the same bytes. They are in Dutch, as what they are
read by is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lxml import etree

from portal.i18n import gettext, reading_in
from portal.interfaces.csv_files import written
from workflows.money import plain
from workflows.parties import N_

NAMESPACE = "http://www.auditfiles.nl/XAF/3.2"
SOFTWARE = "SSC-portaal"
BANK, PURCHASES, MEMORIAL = "BANK", "INK", "MEM"
JOURNALS = (
    (PURCHASES, N_("Purchase journal"), "P"), (BANK, N_("Bank journal"), "B"), (MEMORIAL, N_("General journal"), "M"),
)  # fmt: skip
"""The journals that entries stand in, each with its name and kind."""
HEADER = (
    N_("Month"), N_("Entry"), N_("Journal"), N_("Date"), N_("Case"), N_("Description"), N_("Line"),
    N_("Ledger account"), N_("Account name"), N_("Category"), N_("Cost centre"), N_("Task field"), N_("Relation"),
    N_("Debit"), N_("Credit side"),
)  # fmt: skip


@dataclass(frozen=True)
class Account:
    """A ledger account as a file names it; `side` is B (balance sheet) or P (profit and loss)."""

    code: str
    label: str
    side: str
    category: str = ""


@dataclass(frozen=True)
class Relation:
    """A supplier as a file names it."""

    code: str
    name: str
    commerce: str = ""
    vat: str = ""


@dataclass(frozen=True)
class Line:
    """A line of an entry."""

    account: str
    debit_cents: int
    credit_cents: int
    cost_centre: str = ""
    task: str = ""
    relation: str = ""


@dataclass(frozen=True)
class Entry:
    """An entry, by its number; `month` is the period that it is booked in."""

    number: int
    journal: str
    month: date
    on: date
    case: str
    what: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Journal:
    """What is exported: the entries of one municipality, over whole months of one year.

    `made_on` is when the last of it came about, never the day on which the file is made.
    """

    code: str
    name: str
    first: date
    last: date
    made_on: date
    accounts: tuple[Account, ...]
    entries: tuple[Entry, ...]
    relations: tuple[Relation, ...] = ()
    reclaimed_on: str = ""
    """The account on which VAT stands that is reclaimed."""


def as_csv(journal: Journal) -> bytes:
    """A row for each line."""
    known = {account.code: account for account in journal.accounts}
    with reading_in("nl"):
        return written(
            [gettext(word) for word in HEADER],
            (
                (
                    entry.month.isoformat()[:7], entry.number, entry.journal, entry.on.isoformat(), entry.case,
                    entry.what, place, line.account, known[line.account].label, known[line.account].category,
                    line.cost_centre, line.task, line.relation, _amount(line.debit_cents, ","),
                    _amount(line.credit_cents, ","),
                )
                for entry in journal.entries
                for place, line in enumerate(entry.lines, start=1)
            ),
        )  # fmt: skip


def _amount(cents: int, mark: str = ".") -> str:
    return plain(cents, decimal_comma=mark == ",")


def as_xaf(journal: Journal) -> bytes:
    """The journal as an audit file. In `costID` stands the cost centre, in `prodID` the taakveld (Iv3)."""
    with reading_in("nl"):
        root = etree.Element(f"{{{NAMESPACE}}}auditfile", nsmap={None: NAMESPACE})
        _put(root, "header", _header(journal))
        company = _under(root, "company")
        _fill(company, (("companyIdent", journal.code[:35]), ("companyName", journal.name),
                        ("taxRegistrationCountry", "NL"), ("taxRegIdent", "")))  # fmt: skip
        relations = _under(company, "customersSuppliers")
        for one in journal.relations:
            _put(relations, "customerSupplier", _relation(one))
        ledger = _under(company, "generalLedger")
        for account in journal.accounts:
            _put(ledger, "ledgerAccount", (("accID", account.code), ("accDesc", account.label),
                                           ("accTp", account.side)))  # fmt: skip
        codes = _under(company, "vatCodes")
        if journal.reclaimed_on:
            _put(codes, "vatCode", (("vatID", "BCF"), ("vatDesc", gettext(N_("Reclaimed from the VAT fund"))),
                                    ("vatToClaimAccID", journal.reclaimed_on)))  # fmt: skip
        periods = _under(company, "periods")
        for first in _months(journal.first, journal.last):
            _put(periods, "period", (("periodNumber", str(first.month)), ("periodDesc", first.isoformat()[:7]),
                                     ("startDatePeriod", first.isoformat()),
                                     ("endDatePeriod", _end(first).isoformat())))  # fmt: skip
        _transactions(company, journal)
        return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


Fields = Iterable[tuple[str, str]]


def _under(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")


def _fill(element: etree._Element, fields: Fields) -> None:
    for name, text in fields:
        _under(element, name).text = _clean(text)


def _clean(text: str) -> str:
    """What XML can hold of a text."""
    return "".join(sign for sign in text if sign >= " " and not "\ud800" <= sign <= "\udfff" and sign < "\ufffe")


def _put(parent: etree._Element, name: str, fields: Fields) -> etree._Element:
    element = _under(parent, name)
    _fill(element, fields)
    return element


def _header(journal: Journal) -> Fields:
    return (
        ("fiscalYear", str(journal.first.year)), ("startDate", journal.first.isoformat()),
        ("endDate", _end(journal.last).isoformat()), ("curCode", "EUR"), ("dateCreated", journal.made_on.isoformat()),
        ("softwareDesc", SOFTWARE),
    )  # fmt: skip


def _relation(one: Relation) -> Iterator[tuple[str, str]]:
    yield "custSupID", one.code
    yield "custSupName", one.name[:50]
    if one.commerce:
        yield "commerceNr", one.commerce
    if one.vat:
        yield "taxRegistrationCountry", one.vat[:2]
        yield "taxRegIdent", one.vat[:30]
    yield "custSupTp", "S"


def _transactions(company: etree._Element, journal: Journal) -> None:
    lines = [line for entry in journal.entries for line in entry.lines]
    found = _put(company, "transactions", (("linesCount", str(len(lines))), *_totals(lines)))
    for key, label, kind in JOURNALS:
        own = [entry for entry in journal.entries if entry.journal == key]
        if not own:
            continue
        under = _put(found, "journal", (("jrnID", key), ("desc", gettext(label)), ("jrnTp", kind)))
        for entry in own:
            _transaction(under, entry)


def _totals(lines: Sequence[Line]) -> Fields:
    return (
        ("totalDebit", _amount(sum(line.debit_cents for line in lines))),
        ("totalCredit", _amount(sum(line.credit_cents for line in lines))),
    )  # fmt: skip


def _transaction(under: etree._Element, entry: Entry) -> None:
    one = _put(
        under, "transaction",
        (("nr", str(entry.number)), ("desc", f"{entry.case} {entry.what}"), ("periodNumber", str(entry.month.month)),
         ("trDt", entry.on.isoformat())),
    )  # fmt: skip
    for place, line in enumerate(entry.lines, start=1):
        optional = (("custSupID", line.relation), ("costID", line.cost_centre), ("prodID", line.task))
        _put(
            one, "trLine",
            (("nr", str(place)), ("accID", line.account), ("docRef", entry.case), ("effDate", entry.on.isoformat()),
             ("amnt", _amount(line.debit_cents or line.credit_cents)), ("amntTp", "D" if line.debit_cents else "C"),
             *((name, text) for name, text in optional if text)),
        )  # fmt: skip


def _months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = _end(first) + timedelta(days=1)


def _end(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1) - timedelta(days=1)


FORMATS: dict[str, tuple[Callable[[Journal], bytes], str, str]] = {
    "csv": (as_csv, "csv", "text/csv; charset=utf-8"), "xaf": (as_xaf, "xaf", "application/xml"),
}  # fmt: skip
"""By name, how a file is made, how its name ends and what it is."""
