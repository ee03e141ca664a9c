"""Whole worlds of thousands of cases, loaded with Core inserts: every row that the portal itself would have left.

python -m tests.bench.bulk sqlite:////tmp/big.sqlite /tmp/instance 100000
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import Connection, func, insert, select, text

from portal import migrations
from portal.clock import SystemClock
from portal.commands.four_eyes import eyes_of
from portal.db import Base, Database
from portal.interfaces.files import FileStore, take_in
from portal.models.events import CaseEvent
from portal.queries.chain import Found, verify
from portal.sealing import GENESIS
from tests.bench.bulk_leave import ten_years
from tests.bench.bulk_people import THEIR_IBAN, People, fill
from tests.bench.bulk_stories import RECEIPT_NAME, Story, fates, tell
from tests.sample_files import jpeg

YEAR, LATELY = timedelta(days=365), timedelta(days=10)
CHUNK = 2000
IN_BATCH = 50
DRAFTS = 24


def batched(things: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """The things in lists of this size, the last one shorter."""
    source = iter(things)
    while found := list(islice(source, size)):
        yield found


class Loader:
    """Writes stories, and gives out ids and places in the chain as it goes."""

    def __init__(self, connection: Connection, people: People, receipt: dict[str, Any]) -> None:
        self.connection, self.people, self.receipt = connection, people, receipt
        self.place, self.previous = 0, GENESIS
        self.last: dict[str, int] = {}
        self.batches: dict[int, list[dict[str, Any]]] = {}

    def number(self, table: str) -> int:
        """The next id of a table."""
        self.last[table] = self.last.get(table, 0) + 1
        return self.last[table]

    def insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Put rows in a table."""
        if rows:
            self.connection.execute(insert(Base.metadata.tables[table]), rows)

    def write(self, stories: list[Story]) -> None:
        """One chunk of stories. Events stand in the chain in the order of their time."""
        self.insert("case", [story.case for story in stories])
        self.insert("case_line", [row for story in stories for row in story.lines()])
        self.insert("document", [self.document(story.case) for story in stories])
        self.insert("mail_link", [self._link(story, link) for story in stories for link in story.links])
        self.insert("outbox_mail", [self._mail(mail) for story in stories for mail in story.mails])
        events = sorted((event for story in stories for event in story.events), key=lambda event: event["at"])
        self.insert("case_event", [self._sealed(event) for event in events])
        self._payments(stories)

    def _link(self, story: Story, link: dict[str, Any]) -> dict[str, Any]:
        row = {"id": self.number("mail_link"), **link}
        mail = next(m for m in story.mails if m["letter"] == "ask" and m["created_at"] == link["created_at"])
        mail["link_id"] = row["id"]
        return row

    def _mail(self, mail: dict[str, Any]) -> dict[str, Any]:
        number = self.number("outbox_mail")
        return {**mail, "id": number, "message_id": uuid5(NAMESPACE_OID, str(number)).hex}

    def document(self, case: dict[str, Any], line: str = "a") -> dict[str, Any]:
        """A receipt. What is kept of all is one picture, stored once; each was another file when it came in."""
        number = self.number("document")
        return {
            "id": number, "case_id": case["id"], "line_key": line, "kind": "receipt",
            "added_by_id": case["initiator_id"], "added_at": case["created_at"], "frozen_at": case["received_at"],
            **self.receipt, "original_sha256": f"{number:064x}",
        }  # fmt: skip

    def _sealed(self, event: dict[str, Any]) -> dict[str, Any]:
        self.place += 1
        row = {"id": self.place, "previous_hash": self.previous, **event}
        row["salt"] = f"{self.place:032x}"
        row["said"] = CaseEvent.digest_of_said(SimpleNamespace(**row))  # type: ignore[arg-type]
        row["hash"] = self.previous = CaseEvent.digest(SimpleNamespace(**row))  # type: ignore[arg-type]
        return row

    def _payments(self, stories: list[Story]) -> None:
        """What became payable, and the batches in which it went."""
        payables, lines, batches = [], [], []
        for story in (story for story in stories if story.payable_at):
            case = story.case
            payable = {
                "id": self.number("payable"), "case_id": case["id"], "municipality_id": case["municipality_id"],
                "payee_id": case["initiator_id"], "cents": case["sanctioned_cents"], "created_at": story.payable_at,
                "closed_at": story.released_at,
            }  # fmt: skip
            payables.append(payable)
            if story.released_at:
                waiting = self.batches.setdefault(case["municipality_id"], [])
                waiting.append({"payable": payable, "story": story})
        for municipality, waiting in self.batches.items():
            for members in batched(waiting, IN_BATCH):
                batch, of_batch = self._batch(municipality, members)
                batches.append(batch)
                lines += of_batch
        self.batches.clear()
        self.insert("payable", payables)
        self.insert("payment_batch", batches)
        self.insert("batch_line", lines)

    def _batch(self, municipality: int, members: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        number = self.number("payment_batch")
        at = max(member["story"].released_at for member in members)
        lines = [
            {
                "id": self.number("batch_line"), "batch_id": number, "payable_id": payable["id"],
                "end_to_end_id": f"{story.case['number']}-1", "name": "Eva van der Berg", "iban": THEIR_IBAN,
                "cents": payable["cents"], "accepted_at": story.paid_at, "settled_at": story.paid_at,
                "returned_at": None, "settled_by": "camt.053" if story.paid_at else "", "returned_by": "",
                "return_code": "", "released_by_id": self.people.treasurers[0],
                **eyes_of(story.case["initiator_id"], None, story.case["trail"]),
            }
            for payable, story in ((member["payable"], member["story"]) for member in members)
        ]  # fmt: skip
        batch = {
            "id": number, "municipality_id": municipality, "message_id": f"SSC-BULK-{number}",
            "execution_date": at.date(), "debtor_name": "Gemeente", "debtor_iban": THEIR_IBAN, "released_at": at,
            "released_by_id": self.people.treasurers[0], "count": len(lines),
            "cents": sum(line["cents"] for line in lines), "file": b"<Document/>", "sha256": "0" * 64,
            "delivered_at": at,
        }  # fmt: skip
        return batch, lines

    def drafts(self, first_id: int, at: datetime) -> None:
        """Drafts of four lines that somebody is filling in, one for each of the first employees."""
        cases, documents = [], []
        for number, who in enumerate(self.people.employees[:DRAFTS]):
            case = tell(first_id + number, who, self.people, ("submit",), at, "").case
            case.update(
                number=None, state="draft", waits_for="INITIATOR", version=1, approver_id=None, received_at=None,
                state_since=at, target_due=None, legal_due=None, step_due=None, act_by=None, content={},
                claimed_cents=0, sanctioned_cents=0, trail=[], draft=typed(at), drafted_at=at, title="",
            )  # fmt: skip
            cases.append(case)
            documents.append(self.document(case, "k0"))
        self.insert("case", cases)
        self.insert("document", documents)

    def finish(self, year: int, cases: int) -> None:
        """The number series, and the databases' own counters."""
        self.insert("number_series", [{"prefix": "DEC", "year": y, "last": cases} for y in (year - 1, year)])
        if self.connection.dialect.name != "postgresql":
            return
        for table in ("case", "document", "mail_link", "outbox_mail", "payable", "payment_batch", "batch_line"):
            column = Base.metadata.tables[table].c.id
            last = self.connection.scalar(select(func.coalesce(func.max(column), 1)))
            self.connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), {"name": f'"{table}"', "last": last}
            )


def typed(at: datetime) -> dict[str, str]:
    """What somebody typed in the form."""
    fields = {"purpose": "Zitting in Utrecht", "cost_centre": "1100"}
    for line, category in enumerate(("parking", "own_car", "meal", "own_car")):
        fields |= {
            f"lines-{line}-key": f"k{line}", f"lines-{line}-category": category,
            f"lines-{line}-date": at.date().isoformat(), f"lines-{line}-description": "Bezoek aan de rechtbank",
            f"lines-{line}-origin": "Waterveen", f"lines-{line}-destination": "Utrecht", f"lines-{line}-km": "84",
            f"lines-{line}-persons": "2", f"lines-{line}-amount": "12,50",
        }  # fmt: skip
    return fields


def moments(cases: int, now: datetime) -> list[datetime]:
    """When each case began: most in the course of a year, the open ones in the last days."""
    under_way = max(cases * 15 // 100, min(cases, 150))
    old = cases - under_way
    begin = now - YEAR
    spread = (YEAR - LATELY - timedelta(days=3)) / max(old, 1)
    lately = LATELY / (under_way + 1)
    moments = [begin + spread * number for number in range(old)]
    moments += [now - LATELY - timedelta(hours=25) + lately * number for number in range(under_way)]
    return [moment.replace(microsecond=0) for moment in moments]


def load_world(url: str, instance: Path, cases: int) -> None:
    """Migrate an empty database and fill it."""
    db = Database(url)
    now = SystemClock().now().replace(microsecond=0)
    migrations.upgrade(db)
    with db.transaction() as session:
        people = fill(session, now)
        ten_years(session, people.employees[0], now)
    receipt = _store_receipt(FileStore(instance / "documents"))
    stories = enumerate(zip(fates(cases), moments(cases, now), strict=True), start=1)
    with db.session() as session:
        connection = session.connection()
        loader = Loader(connection, people, receipt)
        for chunk in batched(stories, CHUNK):
            loader.write([_story(number, fate, at, people, receipt) for number, (fate, at) in chunk])
        loader.drafts(cases + 1, now - timedelta(days=1))
        loader.finish(now.year, cases + DRAFTS)
        session.commit()
    db.dispose()


def _story(number: int, fate: tuple[str, ...], at: datetime, people: People, receipt: dict[str, Any]) -> Story:
    who = people.employees[number * 7 % len(people.employees)]
    return tell(number, who, people, fate, at, str(receipt["sha256"]))


def _store_receipt(files: FileStore) -> dict[str, Any]:
    intake = take_in(jpeg(), RECEIPT_NAME)
    return {
        "name": intake.name, "media_type": intake.media_type, "size": len(intake.content),
        "sha256": files.put(intake.content), "original_sha256": intake.original_sha256,
        "thumb_sha256": files.put(intake.thumbnail) if intake.thumbnail else None, "pages": 1,
    }  # fmt: skip


def check_chain(url: str) -> Found:
    """Prove that the loaded chain is one the portal accepts."""
    db = Database(url)
    with db.session(writes=False) as session:
        found = verify(session)
    db.dispose()
    return found


if __name__ == "__main__":
    load_world(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
    if "--verify" in sys.argv:
        print(check_chain(sys.argv[1]))
