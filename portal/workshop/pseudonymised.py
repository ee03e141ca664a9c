"""A world to try things in, made of a part of the real one: the same work, and nobody in it.

What becomes of each column stands in `classified.py`. Names, addresses and account numbers are invented, the same
throughout; whatever somebody typed is replaced; documents are plain pictures. Events get a chain of their own. Nobody
has a password: people take a seat, as in every practice world, from which no mail leaves.
"""

from __future__ import annotations

import hashlib
import io
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy import Table, and_, insert, not_, or_, select
from sqlalchemy.orm import Session

from portal.clock import end_of_day, local_date
from portal.commands.archive_import import put_in
from portal.db import Database
from portal.interfaces.archive_rows import plain
from portal.interfaces.files import FileStore
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.people import Municipality
from portal.queries.archive_scope import PEOPLE, SUPPLIERS, TABLES, Scope
from portal.queries.chain import verify
from portal.queries.event_log import ASKED_BACK, LEFT_OUT, PROPOSED
from portal.workshop.classified import CODE, EMPTY, IBAN, JSON, KEPT, KEYED, POLICY, TEXT
from portal.workshop.invented import DATE, NUMBER_OF_CASE, Inventor
from workflows import CASE_TYPES

MOST = 2000
"""How many cases go along at most."""
PAGES = 20
"""How many pages an invented document has at most."""
FILE = b"<Document/>"
"""In place of a payment file."""
COUNTED = ("indicator_version", "published_rate")
"""Definitions and rates: of nobody, and needed to count and to reckon."""
DOMAIN = "oefening.example"

Row = dict[str, Any]


class ChainDiffers(RuntimeError):
    """The chain of the new world does not hold."""


@dataclass(frozen=True)
class Part:
    """Which part: of a municipality, its newest cases, received from a day to another."""

    place_id: int
    most: int = 200
    first: date | None = None
    last: date | None = None


@dataclass
class Copied:
    """The rows of a part, invented where they must be: what `put_in` puts in an empty database."""

    manifest: Mapping[str, Any]
    kept: dict[str, list[Row]] = field(default_factory=dict)

    def rows(self, table: str) -> Iterator[Row]:
        """The rows of a table as JSON says them."""
        for row in self.kept[table]:
            yield {name: plain(value) for name, value in row.items()}


def copy(source: Session, part: Part, target: Database, files: FileStore, at: datetime) -> int:
    """Fill an empty, migrated database with a pseudonymised part of the real one. Returns how many cases that is."""
    found = _Copying(source, part, files, at).all()
    with target.transaction() as session:
        put_in(session, found, set(found.kept), at)
        for name in COUNTED:
            rows = _definitions(source, name, part.place_id)
            if rows:
                session.execute(insert(TABLES[name]), rows)
        session.flush()
        whole = verify(session)
        if whole.broken is not None:
            raise ChainDiffers(whole.why)
    return len(found.kept["case"])


def _definitions(source: Session, name: str, place_id: int) -> list[Row]:
    table = TABLES[name]
    query = select(table)
    if "municipality_id" in table.c:
        query = query.where(or_(table.c.municipality_id.is_(None), table.c.municipality_id == place_id))
    empty = {column: None for column in ("made_by_id",) if column in table.c} | (
        {"reason": ""} if "reason" in table.c else {}
    )
    return [{**row, **empty} for row in source.execute(query).mappings()]


class _Copying:
    """Reads a part of the real database, and invents as it goes."""

    def __init__(self, source: Session, part: Part, files: FileStore, at: datetime) -> None:
        self.source, self.part, self.files, self.at = source, part, files, at
        self.invent = Inventor(secrets.token_bytes(32))
        self.chosen = self._chosen()
        self.gone: dict[str, set[Any]] = {}
        self.cases: dict[int, Row] = {}
        self._know()

    def _chosen(self) -> frozenset[int]:
        """The newest cases, with those that they followed from; none that tells of somebody's absence."""
        asked_back = select(CaseEvent.case_id).where(CaseEvent.action == PROPOSED, CaseEvent.case_id == Case.id)
        of_absence = or_(Case.type.in_(LEFT_OUT), and_(Case.type.in_(ASKED_BACK), asked_back.exists()))
        wanted = [Case.municipality_id == self.part.place_id, Case.number.is_not(None), not_(of_absence)]
        if self.part.first is not None:
            wanted.append(Case.received_at > end_of_day(self.part.first - timedelta(days=1)))
        if self.part.last is not None:
            wanted.append(Case.received_at <= end_of_day(self.part.last))
        query = select(Case.id).where(*wanted).order_by(Case.id.desc()).limit(min(self.part.most, MOST))
        found = set(self.source.scalars(query))
        front = found
        while front:
            above = select(Case.parent_id).where(Case.id.in_(front), Case.parent_id.is_not(None))
            front = {one for one in self.source.scalars(above) if one is not None} - found
            found |= front
        return frozenset(found)

    def _know(self) -> None:
        """Give everybody and every supplier their invented names before any text is met."""
        invent, known = self.invent, self.invent.known
        people = self.source.execute(select(TABLES[PEOPLE])).mappings().all()
        invent.real = {word for one in people for word in f"{one['given_name']} {one['family_name']}".lower().split()}
        self.people = {one["id"]: self._person(dict(one)) for one in people}
        for one in people:
            new = self.people[one["id"]]
            known[f"{one['given_name']} {one['family_name']}"] = f"{new['given_name']} {new['family_name']}"
            known[one["email"]] = new["email"]
        self.suppliers: dict[int, Row] = {}
        for row in self.source.execute(select(TABLES[SUPPLIERS])).mappings():
            new = self.suppliers[row["id"]] = self._supplier(dict(row))
            known |= {row[name]: new[name] for name in ("name", "email", "kvk", "vat", "bare") if row[name]}

    def _person(self, row: Row) -> Row:
        given = self.invent.name("given", row["id"], 2)
        family = self.invent.name("family", row["id"], 4)
        email = f"{given}.{family}.{row['id']}@{DOMAIN}".lower()
        return row | {
            "given_name": given, "family_name": family, "email": email, "words": f"{given} {family} {email}".lower(),
            "phone": f"06{self.invent.digits('phone', row['id'], 8)}" if row["phone"] else "",
        }  # fmt: skip

    def _supplier(self, row: Row) -> Row:
        bare, number = self.invent.name("supplier", row["id"], 4), row["id"]
        email = f"leverancier-{number}@{DOMAIN}" if row["email"] else ""
        return row | {
            "name": f"{bare} B.V.", "bare": bare.lower(), "email": email, "endpoint": "",
            "kvk": self.invent.digits("kvk", number, 8) if row["kvk"] else "",
            "vat": f"NL{self.invent.digits('vat', number, 9)}B01" if row["vat"] else "",
            "street": "Voorbeeldstraat 1" if row["street"] else "", "postcode": "1000 AA" if row["postcode"] else "",
            "town": "Oefenstad" if row["town"] else "", "words": f"{bare} b.v. {email}".lower(),
            "phone": f"085{self.invent.digits('phone', number, 7)}" if row["phone"] else "",
            "blocked_because": self.invent.text(row["blocked_because"]),
        }  # fmt: skip

    def all(self) -> Copied:
        """Everything of the part."""
        scope = Scope(self.source, self.part.place_id, local_date(self.at))
        of_all = self._of_all(scope)
        place = self.source.get_one(Municipality, self.part.place_id)
        told = {"code": place.code, "name": place.name}
        found = Copied({"whole": "", "municipality": told, "made_at": self.at.isoformat()})
        self._documents()
        for name, rows in scope.tables():
            if name in KEPT:
                here = [*rows, *of_all] if name == "role_grant" else rows
                kept = [row for row in here if self._stays(TABLES[name], row)]
                found.kept[name] = [self._invented(name, row) for row in kept]
            else:
                for _ in rows:  # whoever is met on the way is gathered
                    pass
        _balance(found.kept)
        return found

    def _of_all(self, scope: Scope) -> list[Row]:
        """Roles that somebody has for all municipalities: in this world for the one there is."""
        grant = TABLES["role_grant"]
        rows = self.source.execute(select(grant).where(grant.c.municipality_id.is_(None))).mappings().all()
        scope.gathered.people.update(row["person_id"] for row in rows)
        return [{**row, "municipality_id": self.part.place_id} for row in rows]

    def _stays(self, table: Table, row: Row) -> bool:
        """Whether a row goes along: not when it cannot do without something that does not."""
        if table.name == "case_event":  # the key of its case is no reference
            return row["case_id"] in self.chosen
        if table.name == "case" and row["id"] not in self.chosen:
            self.gone.setdefault("case", set()).add(row["id"])
            return False
        for column in table.columns:
            keys = [key.column.table.name for key in column.foreign_keys if key.column.name == "id"]
            target = next(iter(keys), "")
            value = row[column.name]
            if target not in KEPT and target:
                row[column.name] = None
            elif target and value is not None and value in self.gone.get(target, ()):
                if not column.nullable:
                    self.gone.setdefault(table.name, set()).add(row.get("id"))
                    return False
                row[column.name] = None
        return True

    def _invented(self, name: str, row: Row) -> Row:
        if name == PEOPLE:
            return self.people[row["id"]]
        if name == SUPPLIERS:
            return self.suppliers[row["id"]]
        for column, how in KEPT[name].others.items():
            row[column] = self._treated(how, row[column])
        return self._by_hand(name, row)

    def _treated(self, how: str, value: Any) -> Any:
        if value is None or value == "":
            return value
        if how == EMPTY:
            return "" if isinstance(value, str) else None
        ways: Mapping[str, Callable[[Any], Any]] = {
            TEXT: self.invent.text, IBAN: self.invent.iban, JSON: self.invent.json, CODE: self._coded,
            POLICY: self._policy, KEYED: lambda value: self.invent.digits("key", value, 30),
        }  # fmt: skip
        return ways.get(how, lambda same: same)(value)

    def _coded(self, value: str) -> str:
        """A code, a day or the number of a case as it is; else a text."""
        coded = DATE.fullmatch(value) or NUMBER_OF_CASE.fullmatch(value) or value.isidentifier()
        return value if coded else self.invent.value(value)

    def _policy(self, value: str) -> str:
        """A policy as it is, but for whose mail address or account it names."""
        if value in self.invent.known:
            return self.invent.known[value]
        try:
            told = json.loads(value)
        except ValueError:
            return f"postbus@{DOMAIN}" if "@" in value else value
        if not isinstance(told, dict):
            return value
        if "email" in told:
            told["email"] = f"postbus@{DOMAIN}"
        if told.get("iban"):
            told["iban"] = self.invent.iban(told["iban"])
        return json.dumps(told, ensure_ascii=False)

    def _by_hand(self, name: str, row: Row) -> Row:
        """What no rule says."""
        match name:
            case "case":
                who = self.people[row["initiator_id"]]
                row["title"] = CASE_TYPES[row["type"]].facts(row["content"]).title if row["content"] else ""
                named = f"{row['number']} {row['title']} {who['given_name']} {who['family_name']}"
                row |= {"words": named.lower(), "draft": None, "drafted_at": None}
            case "case_event":
                row["salt"] = None
            case "employment" | "minimum_occupancy":
                title = row["job_title"]
                row["job_title"] = f"Functie {self.invent.digits('job', title, 4)}" if title else title
                if "personnel_number" in row:
                    row["personnel_number"] = f"P{self.invent.digits('personnel', row['personnel_number'], 9)}"
            case "payment_batch":
                row |= {"file": FILE, "sha256": hashlib.sha256(FILE).hexdigest()}
            case "bank_file":
                row["sha256"] = self.invent.value(row["sha256"])
            case "document":
                row |= self.papers[row["sha256"], row["media_type"]] | {"name": self._file_name(row)}
                row["thumb_sha256"] = self.thumb if row["thumb_sha256"] else None
            case _:
                pass
        return row

    def _file_name(self, row: Row) -> str:
        return f"document-{row['id']}.{ENDINGS[self.papers[row['sha256'], row['media_type']]['media_type']]}"

    def _documents(self) -> None:
        """Invent what each document shows, the same for the same, so that what was twice there still is."""
        table = TABLES["document"].c
        contents: dict[str, str] = {}
        self.papers: dict[tuple[str, str], Row] = {}
        self.thumb = self.files.put(_picture("", 160))
        query = select(table.sha256, table.original_sha256, table.media_type, table.pages)
        rows = self.source.execute(query.where(table.case_id.in_(self.chosen)).order_by(table.id)).all()
        for number, row in enumerate(rows, start=1):
            if (row.sha256, row.media_type) not in self.papers:
                content, media_type = _paper(row.media_type, number, row.pages)
                sha256 = self.files.put(content)
                self.papers[row.sha256, row.media_type] = {
                    "sha256": sha256, "original_sha256": sha256, "media_type": media_type, "size": len(content),
                }  # fmt: skip
            new = self.papers[row.sha256, row.media_type]["sha256"]
            contents |= {row.sha256: new, row.original_sha256: new}
        self.invent.contents = contents


ENDINGS = {"image/jpeg": "jpg", "application/pdf": "pdf", "application/xml": "xml"}


def _paper(media_type: str, number: int, pages: int) -> tuple[bytes, str]:
    """A document of this kind on which nothing stands but a number."""
    if media_type.startswith("image/"):
        return _picture(f"Voorbeeldbon {number}", 600), "image/jpeg"
    if media_type == "application/xml":
        return f'<?xml version="1.0"?><Voorbeeld nummer="{number}"/>\n'.encode(), media_type
    drawn = [_drawn(f"Voorbeelddocument {number}, blad {one + 1}", 600) for one in range(min(max(pages, 1), PAGES))]
    out = io.BytesIO()
    drawn[0].save(out, "PDF", save_all=True, append_images=drawn[1:])
    return out.getvalue(), "application/pdf"


def _drawn(said: str, width: int) -> Image.Image:
    image = Image.new("RGB", (width, width * 4 // 3), "white")
    ImageDraw.Draw(image).text((20, 20), said, fill="black")
    return image


def _picture(said: str, width: int) -> bytes:
    out = io.BytesIO()
    _drawn(said, width).save(out, "JPEG", quality=60)
    return out.getvalue()


def _balance(kept: dict[str, list[Row]]) -> None:
    """Let batches say what is in them now; a batch of which nothing went along is not there."""
    inside: dict[Any, list[int]] = {}
    for line in kept["batch_line"]:
        inside.setdefault(line["batch_id"], []).append(line["cents"])
    kept["payment_batch"] = [
        row | {"count": len(inside[row["id"]]), "cents": sum(inside[row["id"]])}
        for row in kept["payment_batch"]
        if row["id"] in inside
    ]
