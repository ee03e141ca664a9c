"""Making the archive of a municipality: everything that is theirs in one file, as it was at one moment."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import i18n
from portal.access import Role, Viewer
from portal.clock import local_date
from portal.interfaces import archive_file, csv_files, dossier_json
from portal.interfaces.archive_figures import figures_of
from portal.interfaces.archive_rows import Scrub, line_of
from portal.interfaces.files import FileCorrupt, FileMissing
from portal.interfaces.ledger_files import FORMATS
from portal.interfaces.paper import PdfFailed, written
from portal.models.cases import Case
from portal.models.ledger import JournalEntry
from portal.models.people import Municipality
from portal.queries.archive_lists import LISTS, texts, years_of
from portal.queries.archive_scope import Scope, numbers_of
from portal.queries.cases import WHOLE
from portal.queries.dossier import ALL_READS, Seen, seen_by
from portal.queries.journal import book_of
from portal.queries.ledger_export import journal_of
from portal.queries.reads import reads_of
from portal.words.dossier_data import file_of
from portal.words.dossier_paper import paper_of
from portal.words.lines import page_of
from portal.words.states import state_said
from portal.worlds import World
from workflows import CASE_TYPES

log = logging.getLogger("portal.jobs")
Tell = Callable[[int, int], None]
ENDINGS: Mapping[str, str] = {
    "application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp",
    "application/xml": ".xml", "text/xml": ".xml",
}  # fmt: skip

LOOK = b"""body{font:1rem/1.5 system-ui,sans-serif;color:#16262e;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #c9d3d8;
vertical-align:top}caption{text-align:left;font-weight:600;padding:.5rem 0}.wide{overflow-x:auto}
code{overflow-wrap:anywhere}a{color:#0b4a8f}
"""
"""How the page of the archive looks, in a file beside it."""


@dataclass(frozen=True)
class Made:
    """What was made: the manifest, the hash and size of the file, and what could not be put in it."""

    manifest: Mapping[str, Any]
    sha256: str
    size: int

    @property
    def lacking(self) -> list[str]:
        """What is not in the archive although it should be, with why."""
        return list(self.manifest["lacking"])


@dataclass
class _Making:
    """An archive under way."""

    world: World
    session: Session
    place: Municipality
    at: datetime
    scope: Scope
    scrub: Scrub
    out: archive_file.Writing
    papers: bool
    files: dict[str, str] = field(default_factory=dict)
    """Every stored file that is referred to, with how its name ends."""
    lacking: list[str] = field(default_factory=list)


def make(world: World, place_id: int, target: Path, at: datetime, tell: Tell = lambda done, of: None, *,
         papers: bool = True) -> Made:  # fmt: skip
    """Write the archive of this municipality to a file; `tell` hears how far it is.

    `papers` are the dossiers as PDF, which take nearly all of the time.
    """
    with world.db.snapshot() as session, i18n.reading_in("nl"):
        place = session.get_one(Municipality, place_id)
        scope = Scope(session, place.id, local_date(at))
        scrub = Scrub(numbers_of(session, place.id), secrets.token_bytes(16))
        with archive_file.writing(target, at) as out:
            making = _Making(world, session, place, at, scope, scrub, out, papers)
            figures = _rows(making)
            cases = _numbered(session, place.id)
            total, done = len(cases) + len(making.files), 0
            for sha256, ending in sorted(making.files.items()):
                tell(done, total)
                _document(making, sha256, ending)
                done += 1
            _ledger(making)
            _lists(making)
            shown = []
            for case_id in cases:
                tell(done, total)
                shown.append(_dossier(making, case_id))
                session.expunge_all()
                done += 1
            about = _about(making, figures)
            index = page_of("archive/index.html", about=about, cases=shown, lists=_list_names(making), at=at,
                            partnership=world.settings.partnership)  # fmt: skip
            out.add("index.html", index.encode())
            out.add("opmaak.css", LOOK)
            manifest = out.finish(about)
    return Made(manifest, archive_file.sha256_of(target), target.stat().st_size)


def _about(making: _Making, figures: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "municipality": {"code": making.place.code, "name": making.place.name},
        "made_at": making.at.isoformat(), "made_by": making.world.settings.partnership, "figures": figures,
        "lacking": making.lacking,
    }  # fmt: skip


def _rows(making: _Making) -> dict[str, Any]:
    """Every row as a line of JSON, and what they add up to."""
    figures: dict[str, Any] = {"rows": {}}
    for name, rows in making.scope.tables():
        with making.out.open(f"{archive_file.DATA}{name}.jsonl") as write:
            found = figures_of({name: _written(making, name, rows, write)})
        figures["rows"] |= found.pop("rows")
        figures |= found
    return figures


def _written(making: _Making, name: str, rows: Iterator[Mapping[str, Any]], write: Any) -> Iterator[dict[str, Any]]:
    for row in rows:
        clean = making.scrub.row(name, row)
        if name == "document":
            making.files[row["sha256"]] = ENDINGS.get(row["media_type"], "")
            if row["thumb_sha256"]:
                making.files.setdefault(row["thumb_sha256"], "")
        elif name == "invoice_file":
            making.files.setdefault(row["sha256"], Path(row["name"]).suffix.lower()[:5])
        write(line_of(clean))
        yield clean


def _document(making: _Making, sha256: str, ending: str) -> None:
    name = f"{archive_file.DOCUMENTS}{sha256}{ending if ending in ENDINGS.values() else ''}"
    try:
        making.out.add(name, making.world.files.read(sha256), packed=True)
    except (FileMissing, FileCorrupt) as error:
        making.lacking.append(f"{name}: {type(error).__name__}")


def _numbered(session: Session, place_id: int) -> list[int]:
    """The cases that have a dossier: a draft has none."""
    query = select(Case.id).where(Case.municipality_id == place_id, Case.number.is_not(None))
    return list(session.scalars(query.order_by(Case.id)))


def _ledger(making: _Making) -> None:
    """The journal of each year as CSV and as audit file."""
    book = book_of(making.session, making.place.id)
    if book is None:
        return
    last: date | None = making.session.scalar(
        select(func.max(JournalEntry.period)).where(JournalEntry.municipality_id == making.place.id)
    )
    for first, end in years_of(book.begins_on, last) if last else ():
        journal = journal_of(making.session, making.place, first, end)
        for ending, (written_as, _, _) in FORMATS.items():
            making.out.add(f"boekhouding/journaal-{first.year}.{ending}", written_as(journal))


def _lists(making: _Making) -> None:
    for name, (_, columns, rows) in LISTS.items():
        cells = ([making.scrub.text(cell) for cell in texts(row)] for row in rows(making.session, making.scope))
        making.out.add(f"lijsten/{name}.csv", csv_files.written([i18n.gettext(one) for one in columns], cells))


def _list_names(making: _Making) -> list[tuple[str, str]]:
    """Every list and journal, with its label."""
    journals = [(name, name.rpartition("/")[2]) for name in making.out.files if name.startswith("boekhouding/")]
    return [(f"lijsten/{name}.csv", i18n.gettext(label)) for name, (label, _, _) in LISTS.items()] + journals


def _dossier(making: _Making, case_id: int) -> dict[str, Any]:
    """One dossier as data and on paper, as a clerk of this municipality alone sees it, with who looked into it."""
    case = making.session.get_one(Case, case_id, options=WHOLE)
    nobody = Viewer(0, making.world.settings.partnership, "nl", frozenset({(Role.CLERK, making.place.id)}))
    seen = replace(
        seen_by(making.session, nobody, case, making.at), reader_id=None,
        reads=reads_of(making.session, case.id, ALL_READS),
    )  # fmt: skip
    folder, reader = f"zaken/{case.number}", making.place.name
    making.out.add(f"{folder}/dossier.json", _data(making, seen, reader))
    shown = {
        "number": case.number, "kind": i18n.gettext(CASE_TYPES[case.type].label),
        "title": making.scrub.text(case.title), "who": case.initiator.name,
        "state": state_said(case, mine=False), "received": case.received_at,
        "data": f"{folder}/dossier.json", "paper": f"{folder}/dossier.pdf",
    }  # fmt: skip
    if not making.papers:
        return shown | {"paper": ""}
    told = making.scrub.value(paper_of(seen, reader, making.world.settings.partnership, making.at))
    try:
        with written(told, making.world.settings.files) as pdf:
            making.out.add(f"{folder}/dossier.pdf", pdf, packed=True)
    except PdfFailed as error:
        log.exception("no PDF of %s", case.number)
        making.lacking.append(f"{folder}/dossier.pdf: {error}")
        shown["paper"] = ""
    return shown


def _data(making: _Making, seen: Seen, reader: str) -> bytes:
    """The dossier as data. What names a case of another municipality is given by its digest alone."""
    whole = json.loads(file_of(seen, reader, making.at))
    events = whole.pop("chain")["events"]
    for event in events:
        if making.scrub.value(event["said_in_full"]) != event["said_in_full"]:
            event["said_in_full"] = None
    whole.pop("format")
    return dossier_json.written(making.scrub.value(whole), making.scrub.value(events))
