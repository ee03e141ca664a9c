"""A file as it comes in, taken apart before any transaction is open: what it is worth, and what is in it to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from portal.interfaces.einvoice.checking import Checked, Verdict, check
from portal.interfaces.einvoice.errors import InvoiceError
from portal.interfaces.einvoice.pdf import embedded_xml, pages_alone
from portal.interfaces.files import FileRefused, Intake, Scanner, take_in
from portal.interfaces.files.signatures import refuse_test_virus

Item = TypeVar("Item")
Result = TypeVar("Result")
MOST_PAPERS = 20
"""More attachments of one invoice are not looked at."""


@dataclass(frozen=True)
class Brought:
    """A judged file. `papers` can be shown and kept; `refused` are attachments that cannot: name and code."""

    checked: Checked
    papers: tuple[Intake, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


def bring(content: bytes, name: str, scanner: Scanner | None = None) -> Brought:
    """Judge a file and what is attached to it. Lets `ScannerUnavailable` pass: without a verdict nothing comes in."""
    try:
        refuse_test_virus(content)
        if scanner is not None:
            scanner.scan(content)
    except FileRefused as refused:
        return Brought(Checked(Verdict.NOT_AN_INVOICE, error=refused.code))
    checked = check(content)
    papers: list[Intake] = []
    refused_: list[tuple[str, str]] = []
    for title, attached in _attached(content, name, checked):
        try:
            papers.append(take_in(attached, title, scanner))
        except FileRefused as refused:
            refused_.append((refused.name or title, refused.code))
    return Brought(checked, tuple(papers), tuple(refused_))


def _attached(content: bytes, name: str, checked: Checked) -> list[tuple[str, bytes]]:
    """What there is to look at: the pages of a PDF, and what is embedded in the invoice."""
    found: list[tuple[str, bytes]] = []
    if content.startswith(b"%PDF"):
        found.append((name, to_show(content)))
    if checked.invoice:
        found += [(one.name or f"{name}.pdf", one.content) for one in checked.invoice.attachments]
    return found[:MOST_PAPERS]


def to_show(content: bytes) -> bytes:
    """A PDF without the XML that is embedded in it, whatever that is; any other as it came."""
    try:
        embedded_xml(content)
        return pages_alone(content)
    except InvoiceError:
        return content


def one_ahead(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[tuple[Item, Future[Result]]]:
    """Each item with its work, begun one ahead: while a file is registered the next one is judged, by other processors.

    Never more than one, so that no more than two files are in memory. What the work raises comes with its own item.
    """
    with ThreadPoolExecutor(1, "judging") as judge:
        before: tuple[Item, Future[Result]] | None = None
        for item in items:
            begun = (item, judge.submit(work, item))
            if before is not None:
                yield before
            before = begun
        if before is not None:
            yield before
