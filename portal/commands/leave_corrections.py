"""Correcting what somebody has of leave: a clerk asks for it with a reason, another confirms, the employee is told.

Hours that somebody buys come in by the same way, up to what was agreed for the year.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.clock import local_date
from portal.commands import mail
from portal.commands.leave_grants import NOTHING_BOUGHT, expect_may_be_bought, lot_for
from portal.commands.lines import one_at_a_time
from portal.models.leave import LeaveEntry, LeaveLot
from portal.models.leave_settling import LeaveCorrection
from portal.models.people import Person
from portal.queries.leave_bought import Buying, to_buy
from workflows.kernel import REASON_LIMIT, REASON_TOO_LONG, Refusal, Refused
from workflows.lots import BOUGHT, LOT_KINDS
from workflows.parties import N_

LOT_UNKNOWN = Refusal("correction_lot", N_("Choose which leave is corrected."))
NO_HOURS = Refusal("correction_no_hours", N_("Fill in how many hours are added or taken off."))
NO_REASON = Refusal("correction_reason", N_("Write down why it is corrected. The employee will read it."))
OWN_LEAVE = Refusal("correction_own", N_("This is your own leave: colleagues must correct it."))
DECIDED = Refusal("correction_decided", N_("This correction was decided on already."))
SAME_CLERK = Refusal("correction_same_clerk", N_("You asked for this correction: a colleague must confirm it."))
MOST = 60 * 1000
"""Minutes; more is a slip of the hand."""
TOO_MUCH = Refusal("correction_too_much", N_("This is more than %(most)s hours. Look again."), {"most_minutes": MOST})


def ask(session: Session, viewer: Viewer, person_id: int, lot_id: int | None, minutes: int, reason: str,
        at: datetime, bought: Buying | None = None) -> LeaveCorrection:  # fmt: skip
    """Ask for a correction of one lot, in minutes above or below zero. Raises Refused with all that is wrong.

    `bought` is for the first hours that are bought for a year: the lot is made with the question.
    """
    wrong, lot = [], _lot(session, person_id, lot_id)
    if person_id == viewer.person_id:
        wrong.append(OWN_LEAVE)
    if bought is not None and bought not in to_buy(
        session, person_id, viewer.municipalities(Role.CLERK), local_date(at)
    ):
        bought = None
    if bought is None and (lot is None or not viewer.has(Role.CLERK, lot.municipality_id)):
        wrong.append(LOT_UNKNOWN)
    if not minutes:
        wrong.append(NO_HOURS)
    elif abs(minutes) > MOST:
        wrong.append(TOO_MUCH)
    if not reason.strip():
        wrong.append(NO_REASON)
    elif len(reason) > REASON_LIMIT:
        wrong.append(REASON_TOO_LONG)
    if wrong:
        raise Refused(*wrong)
    lot = _expected(session, person_id, lot, bought, minutes, at)
    new = LeaveCorrection(
        lot_id=lot.id, person_id=person_id, municipality_id=lot.municipality_id, minutes=minutes, day=local_date(at),
        reason=" ".join(reason.split()), asked_at=at, asked_by_id=viewer.person_id,
    )  # fmt: skip
    session.add(new)
    session.flush()
    return new


def _lot(session: Session, person_id: int, lot_id: int | None) -> LeaveLot | None:
    return session.scalars(select(LeaveLot).where(LeaveLot.id == lot_id, LeaveLot.person_id == person_id)).first()


def _expected(session: Session, person_id: int, lot: LeaveLot | None, bought: Buying | None, minutes: int,
              at: datetime) -> LeaveLot:  # fmt: skip
    """The lot that is corrected; that of the first hours bought for a year is made. No more is bought than agreed."""
    if lot is not None and lot.kind != BOUGHT:
        return lot
    if lot is not None:
        bought = Buying(lot.municipality_id, lot.valid_from.year)
    elif minutes < 0:
        raise Refused(NOTHING_BOUGHT)
    if bought is None:
        raise Refused(LOT_UNKNOWN)
    one_at_a_time(session, person_id)
    expect_may_be_bought(session, person_id, bought.municipality_id, bought.year, minutes)
    return lot or lot_for(session, person_id, bought.municipality_id, BOUGHT, bought.year, at)[0]


def decide(session: Session, viewer: Viewer, one: LeaveCorrection, granted: bool, at: datetime) -> None:
    """Confirm a correction, which enters it and tells the employee; or not, which leaves all as it was."""
    one_at_a_time(session, one.person_id)
    session.refresh(one, ["decided_at"])
    if one.decided_at is not None:
        raise Refused(DECIDED)
    if viewer.person_id == one.person_id:
        raise Refused(OWN_LEAVE)
    if viewer.person_id == one.asked_by_id:
        raise Refused(SAME_CLERK)
    lot = session.get_one(LeaveLot, one.lot_id)
    buys = lot.kind == BOUGHT and one.minutes > 0
    if granted and buys:
        # Others may have been confirmed since it was asked for.
        expect_may_be_bought(session, lot.person_id, lot.municipality_id, lot.valid_from.year, one.minutes)
    one.decided_at, one.decided_by_id, one.granted = at, viewer.person_id, granted
    if granted:
        session.add(
            LeaveEntry(
                person_id=one.person_id, municipality_id=one.municipality_id, lot_id=lot.id, kind=lot.kind,
                what="grant" if buys else "correct", minutes=one.minutes,
                day=max(one.day, lot.valid_from) if buys else one.day, recorded_at=at, by_id=one.asked_by_id,
                second_id=viewer.person_id, reason=one.reason,
            )
        )  # fmt: skip
        person = session.get_one(Person, one.person_id)
        mail.write_to(
            session, person, "leave_corrected", at, kind=LOT_KINDS[lot.kind], year=lot.valid_from.year,
            minutes=one.minutes, reason=one.reason,
        )  # fmt: skip
    session.flush()
