"""The practice bank: it reads each payment file that the portal delivered, and answers as a bank does over days.

It knows no more than what it was sent: a status report the same day, and on the next bank day a statement of what it
paid, into the incoming folder of the world, where the portal's own job finds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.calendar import next_bank_day
from portal.clock import local_date
from portal.interfaces.xml_files import opened
from portal.jobs.bank_folder import write_whole
from portal.models.payments import BatchLine, PaymentBatch
from portal.workshop import waiting
from portal.workshop.script import script_of
from portal.workshop.tables import Timer
from portal.worlds import World
from seed.bank_answers import Answered, Booked, statement, status_report
from seed.office import moment

BANK = "bank"
STATUS, STATEMENT = "status", "statement"
OPENING_CENTS = 25_000_000
"""What stands on a municipality's account when the story begins."""
REFUSES = 0.02
"""How often the account of a payee turns out to be closed, the first time that is paid to it."""
CLOSED = "AC04"
SOONEST, LATEST = 40, 200
"""Minutes after delivery in which the bank says what it will pay."""
MORNING = 6.6
MOST_BYTES, MOST_TAGS = 5_000_000, 200_000


@dataclass(frozen=True)
class Order:
    """One payment as the bank was asked to make it."""

    end_to_end_id: str
    cents: int
    name: str
    iban: str


@dataclass(frozen=True)
class Asked:
    """A payment file as the bank reads it."""

    message_id: str
    iban: str
    day: date
    orders: tuple[Order, ...]


def read(data: bytes) -> Asked:
    """What a payment file (pain.001) asks for."""
    root = opened(data, MOST_BYTES, MOST_TAGS)

    def text(of: Any, *path: str) -> str:
        found = of.find("/".join(f"{{*}}{part}" for part in path))
        return (found.text or "").strip() if found is not None else ""

    payment = root.find(".//{*}PmtInf")
    orders = tuple(
        Order(
            text(one, "PmtId", "EndToEndId"), _cents(text(one, "Amt", "InstdAmt")), text(one, "Cdtr", "Nm"),
            text(one, "CdtrAcct", "Id", "IBAN"),
        )
        for one in root.iterfind(".//{*}CdtTrfTxInf")
    )  # fmt: skip
    day = date.fromisoformat(text(payment, "ReqdExctnDt", "Dt") or text(payment, "ReqdExctnDt"))
    return Asked(
        text(root, "CstmrCdtTrfInitn", "GrpHdr", "MsgId"), text(payment, "DbtrAcct", "Id", "IBAN"), day, orders
    )


def _cents(said: str) -> int:
    whole, _, rest = said.partition(".")
    return int(whole) * 100 + int(f"{rest}00"[:2])


def plan(world: World, session: Session) -> None:
    """Let the bank answer what was delivered and was not seen by it yet. One statement, or two where something was."""
    rows = session.execute(
        select(PaymentBatch.id, PaymentBatch.delivered_at, PaymentBatch.execution_date)
        .where(PaymentBatch.delivered_at.is_not(None))
        .order_by(PaymentBatch.id)
    ).all()
    known = waiting.known(session, [f"{BANK}:{row.id}:{STATUS}" for row in rows])
    for row in rows:
        if f"{BANK}:{row.id}:{STATUS}" in known:
            continue
        minutes = script_of(world, session).chance(BANK, row.id).randrange(SOONEST, LATEST)
        soon = row.delivered_at + timedelta(minutes=minutes)
        day = max(row.execution_date, local_date(soon))
        for what, at in ((STATUS, soon), (STATEMENT, moment(next_bank_day(day + timedelta(days=1)), MORNING))):
            about = {"batch": row.id, "what": what}
            session.add(Timer(at=at, kind=BANK, about=about, task=f"{BANK}:{row.id}:{what}"))


def answer(world: World, session: Session, timer: Timer) -> str:
    """The bank answers a file: puts a report or a statement where the portal looks for it. Twice is the same bytes."""
    batch = session.get_one(PaymentBatch, timer.about["batch"])
    delivered = world.settings.bank_out / f"{batch.message_id}.xml"
    if not delivered.exists():
        return "waits: not delivered"
    asked, what = read(delivered.read_bytes()), str(timer.about["what"])
    chance = script_of(world, session).chance
    refused = {one.end_to_end_id for one in asked.orders if _refuses(chance(BANK, _anew(one)), one)}
    if what == STATUS:
        lines = [Answered(one.end_to_end_id, one.cents, CLOSED if one.end_to_end_id in refused else "")
                 for one in asked.orders]  # fmt: skip
        content = status_report(asked.message_id, timer.at, lines, version=10)
    else:
        paid = [Booked(-one.cents, one.end_to_end_id, one.name, one.iban)
                for one in asked.orders if one.end_to_end_id not in refused]  # fmt: skip
        if not paid:
            return "nothing paid"
        number = f"{asked.message_id[-30:]}-S"
        content = statement(number, timer.at, asked.iban, _stands(session, batch), paid)
    _drop(world, f"{asked.message_id}-{what}.xml", content)
    return what


def _anew(one: Order) -> str:
    """By what chance knows a payment: not by the number of its case, which other cases move."""
    return f"{one.iban}:{one.cents}"


def _refuses(rng: Any, one: Order) -> bool:
    """Whether the bank cannot pay this; what was refused once is paid the next time."""
    return one.end_to_end_id.endswith("-1") and bool(rng.random() < REFUSES)


def _stands(session: Session, batch: PaymentBatch) -> int:
    """What stands on the account before: the opening balance less what was paid from it."""
    paid = select(func.coalesce(func.sum(BatchLine.cents), 0)).join(PaymentBatch, PaymentBatch.id == BatchLine.batch_id)
    there = paid.where(
        PaymentBatch.municipality_id == batch.municipality_id, BatchLine.settled_at.is_not(None),
        BatchLine.returned_at.is_(None), PaymentBatch.id != batch.id,
    )  # fmt: skip
    return OPENING_CENTS - int(session.scalar(there) or 0)


def _drop(world: World, name: str, content: bytes) -> None:
    folder: Path = world.settings.bank_in
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / name, content)
