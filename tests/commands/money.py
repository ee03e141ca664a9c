"""Paying in tests: releasing batches, and the bank's answers to them, written by hand or taken in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Role
from portal.commands import bank, payments
from portal.models.payments import BankEntry, BankFile, BatchLine, Payable, PaymentBatch
from portal.models.people import Municipality, RoleGrant
from portal.queries.payments import Proposed, proposal
from portal.worlds import World
from tests import bank_messages as xml
from tests.cast import OUR_IBAN, SINCE, Cast

_numbers = count(1)


def waterveen(session: Session, cast: Cast, code: str = "waterveen") -> Municipality:
    return session.get_one(Municipality, cast.municipalities[code])


def also_treasurer(session: Session, cast: Cast, *names: str) -> None:
    """Make these people treasurers as well."""
    for name in names:
        session.add(RoleGrant(person_id=cast.people[name], role=Role.TREASURER.value, valid_from=SINCE))
    session.flush()


def proposed(session: Session, cast: Cast, who: str = "dirk") -> Sequence[Proposed]:
    return proposal(session, cast.viewer(session, who), waterveen(session, cast), cast.world.clock.now())


def stops(session: Session, cast: Cast, who: str) -> set[str]:
    """What stands in the way of this person releasing the one payment that is proposed."""
    (one,) = proposed(session, cast, who)
    return {refusal.code for refusal in one.refusals}


def release(session: Session, cast: Cast, *case_ids: int, who: str = "dirk") -> PaymentBatch:
    """Release the payables of these cases (or all that can be) in one batch."""
    lines = [line for line in proposed(session, cast, who) if line.payable_now or case_ids]
    chosen = [line.payable.id for line in lines if not case_ids or line.payable.case_id in case_ids]
    viewer = cast.viewer(session, who)
    return payments.release(session, viewer, waterveen(session, cast), chosen, cast.world.clock.now())


def paying(session: Session, cast: Cast, *cents: int) -> tuple[PaymentBatch, list[BatchLine]]:
    """A batch at the bank with claims of these amounts, the first of Anna's and so on."""
    names = ("anna", "aart", "carla", "els")
    for name, amount in zip(names, cents or (1250,), strict=False):
        case = cast.submitted(session, name, cents=amount, key=f"paying {amount}")
        approver = next(who for who, person in cast.people.items() if person == case.approver_id)
        cast.act(session, approver, case, "approve")
        cast.checked(session, case, "els" if name == "carla" else "carla")
    batch = release(session, cast)
    return batch, lines_in(session, batch)


def lines_in(session: Session, batch: PaymentBatch) -> list[BatchLine]:
    session.flush()
    return list(session.scalars(select(BatchLine).where(BatchLine.batch_id == batch.id).order_by(BatchLine.id)))


def take_in(world: World, *files: bytes) -> list[BankFile]:
    """Take each file in, in a transaction of its own."""
    rows = []
    for file in files:
        with world.db.transaction() as session:
            rows.append(bank.take_in(session, file, "answer.xml", world.clock.now()))
    return rows


def status(batch: PaymentBatch, *lines: str, group: str = "", reason: str = "") -> bytes:
    """A status report about a batch, with a message id of its own."""
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    whole = f"<GrpSts>{group}</GrpSts>{why}" if group else ""
    blocks = xml.block(*lines, identification=batch.message_id) if lines else ""
    file = xml.status_report(blocks, group=whole)
    return file.replace(b"FILE-1", batch.message_id.encode()).replace(b"STS-1", f"STS-{next(_numbers)}".encode())


def booked(*entries: str, kind: str = "camt.053", iban: str = OUR_IBAN) -> bytes:
    """A statement or notification with these entries, with a message id of its own."""
    file = xml.statement(xml.report(*entries, iban=iban), kind=kind)
    return file.replace(b"MSG-1", f"MSG-{next(_numbers)}".encode())


def euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def debit(line: BatchLine, cents: int | None = None) -> str:
    """The entry that says that a payment was carried out."""
    amount = euros(line.cents if cents is None else cents)
    return xml.entry(amount, details=f"<NtryDtls>{xml.detail(line.end_to_end_id, amount)}</NtryDtls>")


def credit(line: BatchLine, reason: str = "AC04") -> str:
    """The entry that says that a payment came back."""
    returned = f"<RtrInf><Rsn><Cd>{reason}</Cd></Rsn></RtrInf>" if reason else ""
    details = xml.detail(line.end_to_end_id, euros(line.cents), returned=returned)
    code = "RRTN" if reason else "ESCT"
    return xml.entry(euros(line.cents), side="CRDT", code=code, details=f"<NtryDtls>{details}</NtryDtls>")


def rejected(line: BatchLine, reason: str = "AC04") -> str:
    return xml.line(line.end_to_end_id, "RJCT", reason)


def open_list(session: Session) -> list[tuple[str, str]]:
    """What waits for a person: reference and why."""
    entries = session.scalars(select(BankEntry).where(BankEntry.resolved_at.is_(None)).order_by(BankEntry.id))
    return [(entry.reference, entry.why) for entry in entries]


def payable_of(session: Session, case_id: int) -> Payable:
    return session.scalars(select(Payable).where(Payable.case_id == case_id)).one()
