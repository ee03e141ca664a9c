"""What the trainer says to the table, and what the table says of the process: messages, nudges and findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.workshop.tables import Diary, Finding, Message, Seat
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

LONGEST = 500
"""Signs of a message or a finding: what one reads on a phone without moving it."""
SEVERITIES = ("blocking", "hindering", "awkward")
"""How bad a finding is, the worst first."""

NOTHING_SAID = Refusal("workshop_nothing_said", N_("Write what you want to say."))
TOO_LONG = Refusal("workshop_text_too_long", N_("Write it in at most 500 characters."))
UNKNOWN_CLASS = Refusal("workshop_unknown_class", N_("Choose blocking, hindering or awkward."))

NUDGE = N_("Something is waiting for you. Look at your card or at your mail.")
"""What a nudge says; kept in English, and shown in the language of who reads it."""


def _text(text: str) -> str:
    said = text.strip()
    if not said:
        raise Refused(NOTHING_SAID)
    if len(said) > LONGEST:
        raise Refused(TOO_LONG)
    return said


def say(session: Session, text: str, at: datetime, wall: datetime, seat: Seat | None = None) -> Message:
    """A message of the trainer to one seat, or to all."""
    message = Message(seat_id=seat.id if seat else None, text=_text(text), wall=wall, at=at)
    session.add(message)
    session.add(Diary(wall=wall, at=at, kind="message", seat_id=message.seat_id, data={"text": message.text}))
    return message


def nudge(session: Session, seat: Seat, at: datetime, wall: datetime) -> Message:
    """Remind one seat that something waits."""
    message = Message(seat_id=seat.id, text=NUDGE, wall=wall, at=at)
    session.add(message)
    session.add(Diary(wall=wall, at=at, kind="nudge", seat_id=seat.id, data={}))
    return message


def said_to(session: Session, seat_id: int, limit: int = 10) -> Sequence[Message]:
    """What was said to a seat, the newest first."""
    return session.scalars(
        select(Message)
        .where((Message.seat_id == seat_id) | Message.seat_id.is_(None))
        .order_by(Message.id.desc())
        .limit(limit)
    ).all()


def record(session: Session, text: str, round_: int, at: datetime, wall: datetime, seat_id: int | None = None,
           case_id: int | None = None) -> Finding:  # fmt: skip
    """Somebody noticed something: a participant, or (no seat) the trainer."""
    finding = Finding(seat_id=seat_id, round=round_, text=_text(text), case_id=case_id, wall=wall, at=at)
    session.add(finding)
    return finding


def classify(session: Session, finding: Finding, severity: str) -> None:
    """Say how bad a finding is; empty takes that back."""
    if severity and severity not in SEVERITIES:
        raise Refused(UNKNOWN_CLASS)
    finding.severity = severity


def findings(session: Session) -> Sequence[Finding]:
    """All findings: the worst first, what is not yet classed last, and then as they came."""
    found = session.scalars(select(Finding).order_by(Finding.id)).all()
    rank = {severity: place for place, severity in enumerate(SEVERITIES)}
    return sorted(found, key=lambda one: (rank.get(one.severity, len(rank)), one.id))
