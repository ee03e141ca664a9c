"""Scans of post: one PDF may hold paper of several cases, each behind its cover sheet. Judged, read and taken apart.

The file as a whole is judged as any upload is, only larger; each part then goes by the gate of uploads itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader, PdfWriter, apply_configuration

from portal.interfaces.confined import GIB, Limits, run
from portal.interfaces.cover_codes import number_in
from portal.interfaces.files import code_reading
from portal.interfaces.files.antivirus import Scanner
from portal.interfaces.files.intake import Intake, take_in
from portal.interfaces.files.pdfs import LIMITS, inspect_pdf
from portal.interfaces.files.refusal import FileRefused
from portal.interfaces.files.signatures import kind_of, refuse_test_virus

MOST_BYTES = 60 * 1024 * 1024
MOST_PAGES = 200
"""A scan of a morning's post."""
LIMITS_OF_READING = Limits(memory=GIB, seconds=120)
PATIENCE = 180.0
"""Seconds on the clock for reading all codes of one file."""
MOST_BREAKS = 5
"""After so many pages at which the reading broke off, the others are not tried any more."""


@dataclass(frozen=True)
class Part:
    """Pages behind one cover sheet, or before the first. `code` is that of the sheet.

    `intake` is what may be stored; when it was refused there is the code `refused`. `unread`: the first of these pages
    could not be looked at, so it may have been a sheet. `alone`: there was nothing behind the sheet, which is shown.
    """

    first_page: int
    pages: int
    code: str = ""
    intake: Intake | None = None
    refused: str = ""
    unread: bool = False
    alone: bool = False


@dataclass(frozen=True)
class Group:
    """Which pages make a part, counted from 0."""

    code: str
    pages: tuple[int, ...]
    unread: bool = False
    alone: bool = False


def take_apart(data: bytes, name: str, scanner: Scanner | None = None) -> tuple[int, list[Part]]:
    """The number of pages, and the parts in their order. Raises FileRefused, or lets ScannerUnavailable pass."""
    pages = _judged(data, scanner)
    groups = grouped(_codes(data, pages))
    return pages, [_part(data, name, group) for group in groups]


def _judged(data: bytes, scanner: Scanner | None) -> int:
    if not data:
        raise FileRefused("file_empty")
    if len(data) > MOST_BYTES:
        raise FileRefused("file_too_big", detail=f"{len(data)} bytes")
    refuse_test_virus(data)
    if kind_of(data) != "pdf":
        raise FileRefused("file_type")
    if scanner is not None:
        scanner.scan(data)
    return inspect_pdf(data, MOST_PAGES)


def grouped(codes: list[list[str] | None]) -> list[Group]:
    """Which pages belong together, from the codes on each page (None: it could not be looked at).

    A sheet begins a part and is left out of it. Two sheets with the same code behind each other are one: the second
    may be its back or a copy. A page that could not be looked at begins a part of its own, as it may have been a sheet.
    """
    groups: list[Group] = []
    for page, found in enumerate(codes):
        sheet = next((code for code in found or () if number_in(code)), "")
        last = groups[-1] if groups else None
        if sheet:
            if last is None or last.code != sheet or not last.alone:
                groups.append(Group(sheet, (page,), alone=True))
        elif found is None:
            groups.append(Group("", (page,), unread=True))
        elif last is None:
            groups.append(Group("", (page,)))
        elif last.alone:
            groups[-1] = Group(last.code, (page,))
        else:
            groups[-1] = Group(last.code, (*last.pages, page), last.unread)
    return groups


def _part(data: bytes, name: str, group: Group) -> Part:
    first, count = group.pages[0] + 1, len(group.pages)
    try:
        intake = take_in(_pages(data, group.pages), f"{Path(name).stem}-{first}.pdf")
    except FileRefused as refused:
        return Part(first, count, group.code, None, refused.code, group.unread, group.alone)
    return Part(first, count, group.code, intake, "", group.unread, group.alone)


def _pages(data: bytes, pages: tuple[int, ...]) -> bytes:
    """These pages as a PDF of their own."""
    try:
        with apply_configuration(**LIMITS):
            writer = PdfWriter()
            reader = PdfReader(BytesIO(data))
            for number in pages:
                writer.add_page(reader.pages[number])
            out = BytesIO()
            writer.write(out)
            return out.getvalue()
    except Exception as error:  # a parser raises whatever hostile bytes make it raise
        raise FileRefused("file_damaged", detail=repr(error)) from error


def _codes(data: bytes, pages: int) -> list[list[str] | None]:
    """The codes on each page. A page at which the reading process broke off counts as not looked at."""
    found: list[list[str] | None] = []
    breaks = 0
    while len(found) < pages and breaks < MOST_BREAKS:
        lines = _read(data, len(found) + 1)
        found += lines[: pages - len(found)]
        if len(found) < pages:
            found.append(None)
            breaks += 1
    return found + [None] * (pages - len(found))


def _read(data: bytes, first: int) -> list[list[str] | None]:
    out = run(code_reading.__file__, first, limits=LIMITS_OF_READING, patience=PATIENCE, data=data).out
    whole = out[: out.rfind(b"\n") + 1]
    return [json.loads(line) for line in whole.splitlines()]
