"""Taking in the archive of a municipality into a portal that is still empty.

Rows keep their numbers, so that every reference holds. Events get a chain of this portal: what was said in them keeps
its salt and digest, so that each can still be held against the archive.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import Column, Date, LargeBinary, Table, func, insert, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.commands.changes import COMMAND_LINE, write_down
from portal.db import UtcDateTime
from portal.interfaces.archive_figures import Row
from portal.interfaces.archive_file import Archive, verify
from portal.interfaces.archive_rows import to_bytes
from portal.interfaces.files import FileStore
from portal.models.cases import NumberSeries
from portal.models.events import LAST, REGISTER, CaseEvent
from portal.models.people import Municipality, Person
from portal.queries.archive_scope import FOLLOWING, IN, TABLES
from portal.queries.chain import verify as verify_chain
from portal.sealing import GENESIS, digest_of_said, digest_of_step
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

NOT_EMPTY = Refusal("archive_not_empty", N_("An archive is taken in into a portal in which nothing is yet."))
BROKEN = Refusal("archive_broken", N_("The archive is not what was made: %(why)s."))
UNKNOWN = Refusal("archive_unknown", N_("This portal does not know what is in the archive: %(what)s."))
TAKEN_OVER = "taken_over"
"""What the first event of the new chain says: from which archive this portal began."""
AT_ONCE = 500

EVENTS, ENTRIES, DEBTS, SETTLED = "case_event", "journal_entry", "outstanding", "settlement"
FIRST = ("ledger_book", "journal_line", ENTRIES, "ledger_close")
"""In this order, whatever refers to what: an entry is there with all its lines, before its month is closed."""
PARENTS = {"unit": "parent_id", "case": "parent_id", "supplier_account": "follows_id"}
LATER: Mapping[str, dict[str, Any]] = {DEBTS: {"settled_cents": 0, "voided_at": None}, SETTLED: {"undone_at": None}}
"""How these rows begin: the database lets no other in. What became of them since is written after."""


class Brought(Protocol):
    """What is put in: what it is, and its rows by table, as lines of JSON say them."""

    @property
    def manifest(self) -> Mapping[str, Any]: ...

    def rows(self, table: str) -> Iterable[Row]: ...


def take_in(session: Session, archive: Archive, files: FileStore, at: datetime) -> str:
    """Take in everything; the code of the municipality. Raises Refused when the archive does not hold."""
    for table in (Municipality, Person, CaseEvent):
        if session.scalars(select(table).limit(1)).first() is not None:
            raise Refused(NOT_EMPTY)
    if wrong := verify(archive):
        raise Refused(Refusal(BROKEN.code, BROKEN.sentence, {"why": "; ".join(wrong[:3])}))
    there = set(archive.tables())
    if strange := there - {*IN, *FOLLOWING}:
        raise Refused(Refusal(UNKNOWN.code, UNKNOWN.sentence, {"what": ", ".join(sorted(strange))}))
    for sha256, content in archive.documents():
        if files.put(content) != sha256:
            raise Refused(Refusal(BROKEN.code, BROKEN.sentence, {"why": sha256}))
    wrong = []
    try:
        put_in(session, archive, there, at)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, SQLAlchemyError) as error:
        # Every hash may hold of what somebody else wrote.
        wrong.append(type(error).__name__)
    if wrong:
        raise Refused(Refusal(BROKEN.code, BROKEN.sentence, {"why": wrong[0]}))
    code = str(archive.manifest["municipality"]["code"])
    write_down(session, COMMAND_LINE, at, "archive.taken_in", str(archive.manifest["municipality"]["name"]),
               new={"whole": archive.manifest["whole"]})  # fmt: skip
    session.flush()
    found = verify_chain(session)
    if found.broken is not None:
        raise Refused(Refusal(BROKEN.code, BROKEN.sentence, {"why": found.why}))
    return code


def put_in(session: Session, archive: Brought, there: Set[str], at: datetime) -> None:
    """Put every row of these tables in its table, and what follows from them, in a portal in which nothing is yet."""
    places: Mapping[int, int] = {}
    for name in [table for table in _order() if table in there]:
        if name == EVENTS:
            places = _events(session, archive, at)
            continue
        rows: Iterable[dict[str, Any]] = (_decoded(TABLES[name], row) for row in archive.rows(name))
        if name == ENTRIES:
            # What was booked of a case that is gone keeps a number that is no place in this chain.
            rows = (
                row | {"event_id": row["event_id"] and places.get(row["event_id"], -row["event_id"])} for row in rows
            )
        _insert(session, name, rows)
    _what_became_of_them(session, archive, there)
    _numbers(session)
    _go_on_counting(session)


def _order() -> list[str]:
    """What is referred to comes first; the books in an order of their own, at the end."""
    known = [*IN, *FOLLOWING]
    by_reference = [table.name for table in next(iter(TABLES.values())).metadata.sorted_tables if table.name in known]
    return [name for name in by_reference if name not in FIRST] + list(FIRST)


def _decoded(table: Table, row: Row) -> dict[str, Any]:
    """A row as the database takes it. A column that the archive does not have gets what it gets by itself."""
    return {
        column.name: _value(column, row[column.name]) for column in table.columns if column.name in row
    }  # fmt: skip


def _value(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    match column.type:
        case UtcDateTime():
            return datetime.fromisoformat(value)
        case Date():
            return date.fromisoformat(value)
        case LargeBinary():
            return to_bytes(value)
        case _:
            return value


def _insert(session: Session, name: str, rows: Iterable[dict[str, Any]]) -> None:
    table, begins = TABLES[name], LATER.get(name, {})
    if name in PARENTS:
        rows = _parents_first(rows, PARENTS[name])
    elif name == "ledger_close":
        rows = sorted(rows, key=lambda row: row["month"])
    for some in _pieces(row | begins for row in rows):
        session.execute(insert(table), some)


def _pieces(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    some: list[dict[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) >= AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _parents_first(rows: Iterable[dict[str, Any]], column: str) -> Iterator[dict[str, Any]]:
    """The same rows, each after the one it refers to."""
    waiting: dict[int, list[dict[str, Any]]] = {}
    done: set[int] = set()
    for row in rows:
        if row[column] is not None and row[column] not in done:
            waiting.setdefault(row[column], []).append(row)
            continue
        ready = [row]
        while ready:
            one = ready.pop()
            done.add(one["id"])
            ready += waiting.pop(one["id"], [])
            yield one
    if waiting:
        raise Refused(Refusal(BROKEN.code, BROKEN.sentence, {"why": f"{column}: {sorted(waiting)[:3]}"}))


def _events(session: Session, archive: Brought, at: datetime) -> Mapping[int, int]:
    """Put every event on the chain of this portal, in the order in which it happened: new places by the old."""
    last = session.execute(LAST).first()
    place, previous = (last.id, last.hash) if last else (0, GENESIS)
    places: dict[int, int] = {}
    table = TABLES[EVENTS]

    def sealed(events: Iterable[Row]) -> Iterator[dict[str, Any]]:
        nonlocal place, previous
        for event in events:
            row, place = _decoded(table, event), place + 1
            places[row["id"]] = place
            if row["salt"] is None:
                # The number of a case of another municipality was taken out: what is left is sealed anew.
                row["salt"] = secrets.token_hex(16)
                persons = [row["actor_id"], row["on_behalf_of_id"]]
                row["said"] = digest_of_said(row["salt"], persons, row["reason"], row["data"])
            row["id"], row["previous_hash"] = place, previous
            row["hash"] = previous = digest_of_step(
                place, row["case_id"], row["action"], (row["from_state"], row["to_state"]),
                (row["enabled_at"], row["started_at"], row["at"]), row["channel"], row["said"], previous,
            )  # fmt: skip
            yield row

    for some in _pieces(sealed([_taken_over(archive, at), *archive.rows(EVENTS)])):
        session.execute(insert(table), some)
    return places


def _taken_over(archive: Brought, at: datetime) -> dict[str, Any]:
    """The first event: which archive this portal began with."""
    now, manifest = at.isoformat(), archive.manifest
    data = {
        "whole": manifest["whole"],
        "municipality": manifest["municipality"]["code"],
        "made_at": manifest["made_at"],
    }
    return {
        "id": 0, "case_id": REGISTER, "action": TAKEN_OVER, "from_state": "", "to_state": "", "enabled_at": now,
        "started_at": now, "at": now, "actor_id": None, "on_behalf_of_id": None, "channel": "system", "reason": "",
        "data": data, "salt": None, "said": "", "previous_hash": "", "hash": "",
    }  # fmt: skip


def _what_became_of_them(session: Session, archive: Brought, there: Set[str]) -> None:
    """What was settled and undone, and what is void: as steps, in the order in which the database lets them happen."""
    for name, column in ((SETTLED, "undone_at"), (DEBTS, "voided_at")):
        if name in there:
            table = TABLES[name]
            for row in archive.rows(name):
                if row[column] is not None:
                    when = datetime.fromisoformat(row[column])
                    session.execute(update(table).where(table.c.id == row["id"]).values({column: when}))


def _numbers(session: Session) -> None:
    """Go on numbering cases after the last that came along."""
    case = TABLES["case"].c
    last: dict[tuple[str, int], int] = {}
    for number in session.scalars(select(case.number).where(case.number.is_not(None))):
        prefix, year, count = number.rsplit("-", 2)
        last[prefix, int(year)] = max(last.get((prefix, int(year)), 0), int(count))
    session.add_all(NumberSeries(prefix=prefix, year=year, last=count) for (prefix, year), count in last.items())


def _go_on_counting(session: Session) -> None:
    """PostgreSQL counts rows by itself: after the last that came along."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for name in _order():
        table: Table = TABLES[name]
        key = table.c.get("id")
        if key is None or name == EVENTS:
            continue
        last = session.scalar(select(func.max(key)))
        if last is not None:
            session.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), {"name": f'"{name}"', "last": last}
            )
