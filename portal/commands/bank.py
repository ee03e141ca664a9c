"""Taking in the bank's answers: each line accepted, settled or returned; what matches nothing waits for a person.

A file is taken in whole or not at all. A file that is refused (mangled, too big, seen before) changes nothing but
leaves a row that says so.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from portal.access import Viewer
from portal.commands.cases import Step, act
from portal.commands.payables import sums_of
from portal.interfaces.bank import (
    Answer,
    BankFileError,
    Entry,
    LineStatus,
    Statement,
    StatusReport,
    read_all,
)
from portal.models.payments import BankEntry, BankFile, BatchLine, Payable, PaymentBatch
from portal.models.people import Municipality
from portal.queries.cases import WHOLE
from workflows.kernel import Actor, Given, Refusal, Refused
from workflows.parties import BANK, N_, Channel

BANK_ACTOR = Actor(None, BANK, channel=Channel.BANK_FILE)
NO_CODE = "MS03"
"""ISO 20022 for: no reason given."""
REPLAYED = "bank_file_replayed"
UNKNOWN_ACCOUNT = "bank_file_unknown_account"
REJECTED = frozenset({"RJCT", "CANC"})
EXECUTED = frozenset({"ACSC", "ACCC"})
"""The bank says the money has left; other accepting codes only say that it will."""
SEEN_BEFORE = frozenset({"DUPL", "AM05"})
"""Reasons by which a bank refuses a second copy of a file or payment it already has."""
RESOLUTION_MISSING = Refusal("resolution_missing", N_("Write down what was done about this entry."))

WHY = {
    "unknown_reference": N_("No payment of ours has this reference."),
    "amount_differs": N_("The amount is not that of our payment."),
    "already_settled": N_("This payment was settled before."),
    "already_returned": N_("This payment was returned before."),
    "second_copy": N_("The bank refused a second copy of a payment it already had. Check that it was paid once."),
    "other_account": N_("This payment was to be paid from another account."),
    "not_ours": N_("Money came in that is not a returned payment."),
}


@dataclass
class Tally:
    """What one file did."""

    accepted: int = 0
    settled: int = 0
    returned: int = 0
    unmatched: list[BankEntry] = field(default_factory=list)


def take_in(session: Session, data: bytes, name: str, at: datetime) -> BankFile:
    """Take in one file. Returns its row; `refused` says why when it changed nothing."""
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        answers = read_all(data)
        _refuse_replay(session, sha256, answers)
        owners = _expect_ours(session, answers)
    except BankFileError as error:
        row = BankFile(sha256=sha256, name=name[:200], kind="", message_id="", received_at=at)
        row.refused, row.detail = error.code, error.detail[:200]
        session.add(row)
        session.flush()
        return row
    tally = Tally()
    for answer in answers:
        match answer:
            case StatusReport():
                _status(session, answer, tally, at)
            case Statement():
                before = len(tally.unmatched)
                _statement(session, answer, tally, at)
                for entry in tally.unmatched[before:]:
                    entry.municipality_id = owners[answer.iban]
    row = BankFile(
        sha256=sha256,
        name=name[:200],
        kind=_kind(answers[0]),
        message_id=answers[0].message_id,
        received_at=at,
        accepted=tally.accepted,
        settled=tally.settled,
        returned=tally.returned,
        unmatched=len(tally.unmatched),
    )
    session.add(row)
    session.flush()
    for entry in tally.unmatched:
        entry.bank_file_id = row.id
    session.add_all(tally.unmatched)
    return row


def _kind(answer: Answer) -> str:
    return answer.kind if isinstance(answer, Statement) else "pain.002"


def _refuse_replay(session: Session, sha256: str, answers: tuple[Answer, ...]) -> None:
    same = (BankFile.kind == _kind(answers[0])) & (BankFile.message_id == answers[0].message_id)
    seen = session.scalars(
        select(BankFile.id).where(BankFile.refused == "", (BankFile.sha256 == sha256) | same).limit(1)
    ).first()
    if seen is not None:
        raise BankFileError(REPLAYED, answers[0].message_id)


def _expect_ours(session: Session, answers: tuple[Answer, ...]) -> dict[str, int]:
    """Whose account each is. A statement of one that is none of ours is refused whole: it came to the wrong place."""
    owners = {row.iban: row.id for row in session.execute(select(Municipality.iban, Municipality.id))}
    for answer in answers:
        if isinstance(answer, Statement) and answer.iban not in owners:
            raise BankFileError(UNKNOWN_ACCOUNT, answer.statement_id)
    return owners


LINE = (joinedload(BatchLine.batch), joinedload(BatchLine.payable).joinedload(Payable.case).options(*WHOLE))


OF_REFERENCES = (
    select(BatchLine).where(BatchLine.end_to_end_id.in_(bindparam("references", expanding=True))).options(*LINE)
)
AT_ONCE = 500
"""How many references are looked for by one statement: databases take only so many values."""


def _lines_named(session: Session, statement: Statement) -> dict[str, BatchLine]:
    """The lines this statement names, by their reference."""
    references = sorted({entry.end_to_end_id for entry in statement.entries if entry.end_to_end_id})
    return {
        line.end_to_end_id: line
        for begin in range(0, len(references), AT_ONCE)
        for line in session.scalars(OF_REFERENCES, {"references": references[begin : begin + AT_ONCE]})
    }


def _lines_of(session: Session, message_id: str | None) -> list[BatchLine]:
    """The lines of a whole batch, also those that are settled or returned."""
    query = select(BatchLine).join(PaymentBatch).where(PaymentBatch.message_id == message_id)
    return list(session.scalars(query.options(*LINE).order_by(BatchLine.id)))


def _is_open(line: BatchLine) -> bool:
    return line.settled_at is None and line.returned_at is None


def _status(session: Session, report: StatusReport, tally: Tally, at: datetime) -> None:
    """Each line of the batch gets the word that is most its own: its own, its block's or the whole file's."""
    lines = _lines_of(session, report.original_message_id)
    before = len(tally.unmatched)
    for line in lines:
        status = report.status_of(line.end_to_end_id, report.original_message_id)
        if status is None:
            continue
        if _is_open(line):
            _line_status(session, line, status, tally, at)
        elif why := _contradicts(line, status):
            tally.unmatched.append(_entry(line.end_to_end_id, why, line.cents, f"{status.status} {status.reason}"))
    ours = {line.end_to_end_id for line in lines}
    strange = [status for status in report.lines if status.end_to_end_id not in ours]
    for status in strange:
        tally.unmatched.append(_entry_of_status(status, "unknown_reference"))
    if not ours and not strange:
        tally.unmatched.append(_entry(report.original_message_id, "unknown_reference", text=report.group_text or ""))
    for entry in tally.unmatched[before:] if lines else ():
        entry.municipality_id = lines[0].batch.municipality_id


def _contradicts(line: BatchLine, status: LineStatus) -> str:
    """Why a late word about a line that is done needs a person; empty when it tells nothing new."""
    if line.returned_at is not None:
        return "already_returned" if status.status in EXECUTED else ""
    refused = status.status in REJECTED and status.reason not in SEEN_BEFORE
    return "already_settled" if refused else ""


def _line_status(session: Session, line: BatchLine, status: LineStatus, tally: Tally, at: datetime) -> None:
    if status.cents is not None and status.cents != line.cents:
        tally.unmatched.append(_entry_of_status(status, "amount_differs"))
    elif status.status in REJECTED and status.reason in SEEN_BEFORE:
        # The bank refuses a second copy of what it already has. Paying again would pay twice.
        tally.unmatched.append(
            _entry(line.end_to_end_id, "second_copy", line.cents, f"{status.status} {status.reason}")
        )
    elif status.status in REJECTED:
        _give_back(session, line, status.reason, "pain.002", tally, at)
    elif status.status in EXECUTED:
        _settle(session, line, "pain.002", tally, at)
    elif line.accepted_at is None:
        line.accepted_at = at
        tally.accepted += 1


def _statement(session: Session, statement: Statement, tally: Tally, at: datetime) -> None:
    named = _lines_named(session, statement)
    for entry in statement.entries:
        if not entry.booked or entry.cents == 0:
            continue
        line = named.get(entry.end_to_end_id or "")
        if line is not None and _told_before(line, entry, statement.kind):
            continue
        if line is None and entry.cents < 0 and _settle_batch(session, statement, entry, tally, at):
            continue
        why = _why_not(statement, entry, line)
        if line is None or why:
            tally.unmatched.append(_entry_of(entry, why))
        elif entry.cents < 0:
            _settle(session, line, statement.kind, tally, at)
        else:
            _give_back(session, line, entry.return_reason, statement.kind, tally, at)


def _told_before(line: BatchLine, entry: Entry, kind: str) -> bool:
    """Whether another kind of file told of this booking already: banks notify by camt.054 and state by camt.053."""
    told = line.settled_by if entry.cents < 0 else line.returned_by
    return bool(told) and told != kind and abs(entry.cents) == line.cents


def _why_not(statement: Statement, entry: Entry, line: BatchLine | None) -> str:
    """Why an entry may not be booked on a line; empty when it may."""
    if line is None:
        return "unknown_reference" if entry.cents < 0 or entry.is_return else "not_ours"
    wrong = {
        "amount_differs": abs(entry.cents) != line.cents,
        "other_account": line.batch.debtor_iban != statement.iban,
        "already_returned": line.returned_at is not None,
        "already_settled": entry.cents < 0 and line.settled_at is not None,
        "not_ours": entry.cents > 0 and not entry.is_return,
    }
    return next((why for why, is_wrong in wrong.items() if is_wrong), "")


def _settle_batch(session: Session, statement: Statement, entry: Entry, tally: Tally, at: datetime) -> bool:
    """Settle a batch that the bank booked as one sum; only when the sum is exactly what is open in it."""
    reference = entry.payment_information_id or entry.original_message_id
    lines = [line for line in _lines_of(session, reference) if _is_open(line)] if reference else []
    if not lines or sum(line.cents for line in lines) != -entry.cents or lines[0].batch.debtor_iban != statement.iban:
        return False
    for line in lines:
        _settle(session, line, statement.kind, tally, at)
    return True


def _settle(session: Session, line: BatchLine, kind: str, tally: Tally, at: datetime) -> None:
    line.settled_at, line.settled_by = at, kind
    line.accepted_at = line.accepted_at or at
    case = line.payable.case
    data = {"payment": line.end_to_end_id, **sums_of(session, case, line.cents)}
    act(session, case, Step("settle", BANK_ACTOR, at, data=data))
    tally.settled += 1


def _give_back(session: Session, line: BatchLine, code: str | None, kind: str, tally: Tally, at: datetime) -> None:
    """The bank returned a payment: the case comes back visibly, with the bank's reason."""
    line.returned_at, line.returned_by, line.return_code = at, kind, code or NO_CODE
    # The bank's code is kept as the reason; people read its sentence in their own language.
    given = Given(reason=line.return_code)
    data = {"payment": line.end_to_end_id, "code": line.return_code, "returned_cents": line.cents}
    act(session, line.payable.case, Step("bounce", BANK_ACTOR, at, given, data=data))
    tally.returned += 1


def _entry_of_status(status: LineStatus, why: str) -> BankEntry:
    reference = status.end_to_end_id or status.payment_information_id
    return _entry(reference, why, status.cents or 0, f"{status.status} {status.reason or ''} {status.text or ''}")


def _entry(reference: str | None, why: str, cents: int = 0, text: str = "") -> BankEntry:
    return BankEntry(
        booked_on=None,
        cents=cents,
        reference=reference or "",
        name="",
        iban="",
        description=text[:500],
        why=why,
    )


def _entry_of(entry: Entry, why: str) -> BankEntry:
    return BankEntry(
        booked_on=entry.booked_on,
        cents=entry.cents,
        reference=entry.end_to_end_id or entry.payment_information_id or entry.reference or "",
        name=entry.counterparty_name or "",
        iban=entry.counterparty_iban or "",
        description=entry.description[:500],
        why=why,
    )


def resolve(entry: BankEntry, viewer: Viewer, resolution: str, at: datetime) -> None:
    """Take an entry off the list, saying what was done about it."""
    if not resolution.strip():
        raise Refused(RESOLUTION_MISSING)
    entry.resolved_at, entry.resolved_by_id, entry.resolution = (
        at,
        viewer.person_id,
        resolution.strip()[:2000],
    )
