"""Proposals to let leave lapse with the proof that people were told, and corrections that wait for a second clerk."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from portal.clock import local_date
from portal.models.leave import LeaveEntry, LeaveLot
from portal.models.leave_settling import LeaveCorrection, LeaveLapse, LeaveNotice
from portal.models.mail import OutboxMail
from portal.queries.people import policies_of

PAGE = 50


@dataclass(frozen=True)
class Proof:
    """That somebody was told: by which mail, to which address, when it was sent (None: it was not), and whether that
    was in time."""

    message_id: str
    address: str
    sent_at: datetime | None
    in_time: bool

    @property
    def holds(self) -> bool:
        """Whether it proves anything."""
        return self.sent_at is not None and self.in_time


def proofs_of(session: Session, lots: Collection[int]) -> Mapping[int, Proof]:
    """The proof for each of these lots of which there was a notice. One query, and the policies once a municipality."""
    rows = session.execute(
        select(LeaveNotice, OutboxMail.sent_at, LeaveLot.last_day, LeaveLot.municipality_id)
        .join(LeaveLot, LeaveLot.id == LeaveNotice.lot_id)
        .outerjoin(OutboxMail, OutboxMail.message_id == LeaveNotice.message_id)
        .where(LeaveNotice.lot_id.in_(lots))
    )
    return {
        notice.lot_id: Proof(
            notice.message_id, notice.address, sent_at, _in_time(session, municipality_id, last_day, sent_at)
        )
        for notice, sent_at, last_day, municipality_id in rows
    }


def _in_time(session: Session, municipality_id: int, last_day: date, sent_at: datetime | None) -> bool:
    if sent_at is None:
        return False
    agreed = policies_of(session, municipality_id).at("leave_notice_least_days", last_day)
    return local_date(sent_at) <= last_day - timedelta(days=int(agreed.number) if agreed else 0)


@dataclass(frozen=True)
class Proposed:
    """A proposal as it is looked at: with what is left of the lot now, and the proof if there is any."""

    lapse: LeaveLapse
    left: int
    proof: Proof | None

    @property
    def may_lapse(self) -> bool:
        """Whether it may be approved by somebody else than the employee."""
        return self.lapse.ends_as == "prescribes" or (self.proof is not None and self.proof.holds)


def _within(column: InstrumentedAttribute[int], places: Collection[int] | None) -> ColumnElement[bool]:
    return true() if places is None else column.in_(places)


def proposals(
    session: Session, places: Collection[int] | None, after: int = 0
) -> tuple[Sequence[Proposed], int | None]:
    """What waits in these municipalities (None: all), the oldest first; and the key of the next page. Three queries."""
    left = (
        select(func.coalesce(func.sum(LeaveEntry.minutes), 0))
        .where(LeaveEntry.lot_id == LeaveLapse.lot_id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(LeaveLapse, left)
        .where(
            LeaveLapse.settled_at.is_(None), LeaveLapse.id > after, _within(LeaveLapse.municipality_id, places)
        )
        .options(
            joinedload(LeaveLapse.lot), joinedload(LeaveLapse.person), joinedload(LeaveLapse.municipality)
        )
        .order_by(LeaveLapse.id)
        .limit(PAGE + 1)
    ).all()  # fmt: skip
    shown = rows[:PAGE]
    proofs = proofs_of(session, [row[0].lot_id for row in shown])
    found = [Proposed(row[0], int(row[1]), proofs.get(row[0].lot_id)) for row in shown]
    return found, found[-1].lapse.id if len(rows) > PAGE else None


def proposal(session: Session, lapse_id: int, places: Collection[int] | None) -> LeaveLapse | None:
    """One proposal, settled or not, if it is of one of these municipalities."""
    return session.scalars(
        select(LeaveLapse).where(LeaveLapse.id == lapse_id, _within(LeaveLapse.municipality_id, places))
    ).first()


def corrections(
    session: Session, places: Collection[int] | None, after: int = 0
) -> tuple[Sequence[LeaveCorrection], int | None]:
    """The corrections that wait for a second clerk in these municipalities, the oldest first. One query."""
    found = session.scalars(
        select(LeaveCorrection)
        .where(
            LeaveCorrection.decided_at.is_(None), LeaveCorrection.id > after,
            _within(LeaveCorrection.municipality_id, places),
        )
        .options(
            joinedload(LeaveCorrection.lot), joinedload(LeaveCorrection.person),
            joinedload(LeaveCorrection.municipality), joinedload(LeaveCorrection.asked_by),
        )
        .order_by(LeaveCorrection.id)
        .limit(PAGE + 1)
    ).all()  # fmt: skip
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def correction(session: Session, correction_id: int, places: Collection[int] | None) -> LeaveCorrection | None:
    """One correction, decided on or not, if it is of one of these municipalities."""
    return session.scalars(
        select(LeaveCorrection).where(
            LeaveCorrection.id == correction_id, _within(LeaveCorrection.municipality_id, places)
        )
    ).first()
