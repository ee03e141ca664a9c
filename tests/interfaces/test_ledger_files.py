"""A journal as files: read back by a reader of the test's own, what it holds and adds up to, and the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from portal.interfaces.ledger_files import Account, Entry, Journal, Line, Relation, as_csv, as_xaf

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
ACCOUNTS = (Account("1100", "Bank", "B"), Account("1330", "Btw", "B"), Account("1600", "Crediteuren", "B"),
            Account("4310", "Reis & verblijf <kosten>", "P", "3.8"))  # fmt: skip

ORDER = {
    "auditfile": ("header", "company"),
    "header": ("fiscalYear", "startDate", "endDate", "curCode", "dateCreated", "softwareDesc", "softwareVersion"),
    "company": ("companyIdent", "companyName", "taxRegistrationCountry", "taxRegIdent", "customersSuppliers",
                "generalLedger", "vatCodes", "periods", "transactions"),
    "customersSuppliers": ("customerSupplier",),
    "customerSupplier": ("custSupID", "custSupName", "commerceNr", "taxRegistrationCountry", "taxRegIdent",
                         "custSupTp"),
    "generalLedger": ("ledgerAccount",), "ledgerAccount": ("accID", "accDesc", "accTp"),
    "vatCodes": ("vatCode",), "vatCode": ("vatID", "vatDesc", "vatToPayAccID", "vatToClaimAccID"),
    "periods": ("period",),
    "period": ("periodNumber", "periodDesc", "startDatePeriod", "endDatePeriod"),
    "transactions": ("linesCount", "totalDebit", "totalCredit", "journal"),
    "journal": ("jrnID", "desc", "jrnTp", "transaction"),
    "transaction": ("nr", "desc", "periodNumber", "trDt", "trLine"),
    "trLine": ("nr", "accID", "docRef", "effDate", "amnt", "amntTp", "custSupID", "costID", "prodID"),
}  # fmt: skip
"""The elements of XAF 3.2 that we write, each with what stands in it and in which order."""
NEEDED = {
    "header": ORDER["header"][:5], "company": ORDER["company"][1:4], "customerSupplier": ("custSupID",),
    "ledgerAccount": ORDER["ledgerAccount"], "vatCode": ("vatID", "vatDesc"),
    "period": ("periodNumber", "startDatePeriod", "endDatePeriod"), "transactions": ORDER["transactions"][:3],
    "journal": ("jrnID", "desc"), "transaction": ("nr", "periodNumber", "trDt"), "trLine": ORDER["trLine"][:6],
}  # fmt: skip
SEVERAL = {"customerSupplier", "ledgerAccount", "vatCode", "period", "journal", "transaction", "trLine"}


def name_of(element: etree._Element) -> str:
    return etree.QName(element).localname


def walk(element: etree._Element) -> None:
    """Every element stands where the public structure of the format has it, in its order."""
    assert etree.QName(element).namespace == "http://www.auditfiles.nl/XAF/3.2"
    here, children = name_of(element), [name_of(child) for child in element]
    if here not in ORDER:
        assert children == []
        return
    assert [ORDER[here].index(child) for child in children] == sorted(ORDER[here].index(child) for child in children)
    assert set(NEEDED.get(here, ())) <= set(children), here
    assert [one for one in set(children) - SEVERAL if children.count(one) > 1] == []
    for child in element:
        walk(child)


def texts(root: etree._Element, *path: str) -> list[str]:
    found = root.findall("/".join(f"{{*}}{name}" for name in path))
    return [one.text or "" for one in found]


def cents(text: str) -> int:
    euros, _, rest = text.partition(".")
    assert len(rest) == 2
    return int(euros) * 100 + int(rest)


def check(data: bytes) -> etree._Element:
    """Sums, counts and references of an audit file, by a reader that knows nothing of how it was written."""
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    walk(root)
    lines = root.findall(".//{*}trLine")
    amounts = dict.fromkeys("DC", 0)
    accounts = texts(root, "company", "generalLedger", "ledgerAccount", "accID")
    suppliers = texts(root, "company", "customersSuppliers", "customerSupplier", "custSupID")
    assert len(set(accounts)) == len(accounts)
    assert set(texts(root, "company", "generalLedger", "ledgerAccount", "accTp")) <= {"B", "P"}
    assert set(texts(root, "company", "vatCodes", "vatCode", "vatToClaimAccID")) <= set(accounts)
    for line in lines:
        (amount,), (side,) = texts(line, "amnt"), texts(line, "amntTp")
        amounts[side] += cents(amount)
        assert set(texts(line, "accID")) <= set(accounts)
        assert set(texts(line, "custSupID")) <= set(suppliers)
    for entry in root.findall(".//{*}transaction"):
        sides = dict.fromkeys("DC", 0)
        for line in entry.findall("{*}trLine"):
            sides[texts(line, "amntTp")[0]] += cents(texts(line, "amnt")[0])
        assert sides["D"] == sides["C"] > 0
        assert texts(entry, "periodNumber")[0] in texts(root, "company", "periods", "period", "periodNumber")
    totals = [texts(root, "company", "transactions", name)[0] for name in ("linesCount", "totalDebit", "totalCredit")]
    assert totals[0] == str(len(lines))
    assert cents(totals[1]) == cents(totals[2]) == amounts["D"] == amounts["C"]
    numbers = texts(root, "company", "transactions", "journal", "transaction", "nr")
    assert len(set(numbers)) == len(numbers)
    return root


JOURNAL = Journal(
    "waterveen", "Waterveen", MAY, JUNE, date(2026, 7, 4), ACCOUNTS,
    (
        Entry(7, "MEM", MAY, date(2026, 5, 4), "DEC-2026-000001", "Gecontroleerd",
              (Line("4310", 1000, 0, "1100", "8.3"), Line("1330", 210, 0), Line("1600", 0, 1210))),
        Entry(8, "BANK", JUNE, date(2026, 5, 30), "DEC-2026-000001", "Betaald",
              (Line("1600", 1210, 0), Line("1100", 0, 1210))),
        Entry(9, "INK", JUNE, date(2026, 6, 2), "INK-2026-000001", "Gecontroleerd",
              (Line("4310", 5, 0, "1100", "0.4"), Line("1600", 0, 5, relation="L000012"))),
    ),
    (Relation("L000012", "Bakkerij & Zonen " + "x" * 60, "12345678", "NL001234567B01"),), reclaimed_on="1330",
)  # fmt: skip


def test_an_audit_file_has_the_structure_of_xaf_and_adds_up() -> None:
    root = check(as_xaf(JOURNAL))
    assert texts(root, "header", "startDate") == ["2026-05-01"]
    assert texts(root, "header", "endDate") == ["2026-06-30"]
    assert texts(root, "header", "fiscalYear") == ["2026"]
    assert texts(root, "company", "transactions", "journal", "jrnID") == ["INK", "BANK", "MEM"]
    assert texts(root, "company", "transactions", "totalDebit") == ["24.25"]
    assert texts(root, "company", "periods", "period", "endDatePeriod") == ["2026-05-31", "2026-06-30"]
    assert texts(root, "company", "customersSuppliers", "customerSupplier", "custSupName")[0].startswith("Bakkerij & Z")
    assert "docRef" in str(etree.tostring(root))
    assert texts(root, "company", "vatCodes", "vatCode", "vatToClaimAccID") == ["1330"]


def test_a_table_has_a_row_for_each_line_and_no_formula() -> None:
    risky = replace(JOURNAL, accounts=(*ACCOUNTS[:3], replace(ACCOUNTS[3], label="=1+1")))
    text = as_csv(risky).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    assert header[:6] == ["Maand", "Boeking", "Dagboek", "Datum", "Zaak", "Omschrijving"]
    assert rows[0] == ["2026-05", "7", "MEM", "2026-05-04", "DEC-2026-000001", "Gecontroleerd", "1", "4310", "'=1+1",
                       "3.8", "1100", "8.3", "", "10,00", "0,00"]  # fmt: skip
    assert len(rows) == 7
    assert sum(cents(row[-2].replace(",", ".")) for row in rows) == sum(cents(r[-1].replace(",", ".")) for r in rows)


def test_without_entries_there_is_still_a_file() -> None:
    root = check(as_xaf(replace(JOURNAL, entries=(), relations=())))
    assert texts(root, "company", "transactions", "totalDebit") == ["0.00"]


@st.composite
def journals(draw: st.DrawFn) -> Journal:
    """Any journal that balances, with any names."""
    text = st.text(max_size=60)
    accounts = tuple(
        Account(f"{place}", draw(text), draw(st.sampled_from("BP"))) for place in range(draw(st.integers(1, 4)))
    )

    def lines() -> Iterator[Line]:
        parts = draw(st.lists(st.integers(1, 10**9), min_size=1, max_size=4))
        codes = st.sampled_from([one.code for one in accounts])
        for part in parts:
            yield Line(draw(codes), part, 0, draw(text)[:20], "")
        yield Line(draw(codes), 0, sum(parts), relation=draw(st.sampled_from(("", "L000001"))))

    entries = tuple(
        Entry(number, draw(st.sampled_from(("MEM", "BANK", "INK"))), MAY, MAY, f"DEC-{number}", draw(text),
              tuple(lines()))
        for number in range(1, draw(st.integers(1, 5)))
    )  # fmt: skip
    return Journal(draw(text), draw(text), MAY, MAY, MAY, accounts, entries, (Relation("L000001", draw(text)),))


@given(journals())
def test_whatever_is_in_it_it_adds_up_and_comes_out_the_same(journal: Journal) -> None:
    data = as_xaf(journal)
    check(data)
    assert as_xaf(journal) == data
    assert as_csv(journal) == as_csv(journal)
