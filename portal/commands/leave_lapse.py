"""Leave that lapses: telling people in time, proposing what was not used of lots that ended, and settling a proposal.

Nothing lapses by itself. Of a lot that lapses the employee must have been told, by a mail that was sent in time; the
mail is the proof, and without it there is no approval. What prescribes needs none. What a request that waits holds in
reserve is not proposed. All of it is by what the ledger lacks, so a run that comes twice or late changes nothing more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, joinedload

from portal.access import Viewer
from portal.clock import local_date
from portal.commands import mail
from portal.commands.lines import one_at_a_time
from portal.models.leave import LeaveEntry, LeaveLot
from portal.models.leave_settling import LeaveLapse, LeaveNotice
from portal.models.people import Person
from portal.queries.leave import lots_of
from portal.queries.leave_settling import Proof, proofs_of
from portal.queries.people import policies_of
from workflows.kernel import REASON_LIMIT, REASON_TOO_LONG, Refusal, Refused
from workflows.lots import LAPSES, LOT_KINDS, PRESCRIBES, afloat
from workflows.parties import N_

NO_PROOF = Refusal("lapse_no_proof", N_("There is no proof that the employee was told in time, so it cannot lapse."))
SETTLED = Refusal("lapse_settled", N_("This was settled already."))
OWN_LAPSE = Refusal("lapse_own", N_("This is your own leave: a colleague must decide about it."))
NOTHING_TO_LAPSE = Refusal("lapse_nothing", N_("There is nothing here that can lapse with what you may approve."))
KEEP_REASON = Refusal("lapse_keep_reason", N_("Write down why these hours do not lapse."))

PAGE = 50
"""How many people are looked at in one transaction."""
ONE_DAY = timedelta(days=1)


def unused(session: Session, person_id: int, municipality_id: int) -> Mapping[int, int]:
    """What of each lot is free: not taken, not held in reserve, and not needed for what was overdrawn elsewhere."""
    return {lot.id: lot.left for lot in afloat(lots_of(session, person_id, municipality_id))}


def notify(session: Session, municipality_id: int, at: datetime, after: int = 0) -> tuple[int, int | None]:
    """Tell who has hours that lapse soon, each lot once, in one mail. How many people, and who was last looked at."""
    today = local_date(at)
    agreed = policies_of(session, municipality_id).at("leave_notice_days", today)
    if agreed is None:
        return 0, None
    told = exists().where(LeaveNotice.lot_id == LeaveLot.id)
    due = (
        LeaveLot.municipality_id == municipality_id, LeaveLot.ends_as == LAPSES,
        LeaveLot.last_day.between(today, today + timedelta(days=int(agreed.number))), ~told, LeaveLot.person_id > after,
    )  # fmt: skip
    persons = session.scalars(
        select(LeaveLot.person_id).where(*due).distinct().order_by(LeaveLot.person_id).limit(PAGE)
    ).all()
    lots = session.scalars(
        select(LeaveLot).where(*due, LeaveLot.person_id.in_(persons)).order_by(LeaveLot.last_day, LeaveLot.id)
    ).all()
    done = sum(
        _tell(session, person_id, [lot for lot in lots if lot.person_id == person_id], at) for person_id in persons
    )
    return done, persons[-1] if len(persons) == PAGE else None


def _tell(session: Session, person_id: int, lots: Sequence[LeaveLot], at: datetime) -> bool:
    one_at_a_time(session, person_id)
    left = unused(session, person_id, lots[0].municipality_id)
    ending = [lot for lot in lots if left[lot.id] > 0]
    if not ending:
        return False
    person = session.get_one(Person, person_id)
    listed = [(LOT_KINDS[lot.kind], lot.valid_from.year, left[lot.id], lot.last_day) for lot in ending]
    sent = mail.write_to(session, person, "leave_ends", at, lots=listed)
    session.add_all(
        LeaveNotice(
            lot_id=lot.id, minutes=left[lot.id], message_id=sent.message_id, address=sent.address, made_at=at,
        )
        for lot in ending
    )  # fmt: skip
    session.flush()
    return True


def propose(session: Session, municipality_id: int, at: datetime, after: int = 0) -> tuple[int, int | None]:
    """Propose to let lapse what is left of lots that ended. How many, and who was last looked at."""
    left = func.sum(LeaveEntry.minutes)
    query = (
        select(LeaveLot)
        .join(LeaveEntry, LeaveEntry.lot_id == LeaveLot.id)
        .where(
            LeaveLot.municipality_id == municipality_id, LeaveLot.last_day < local_date(at),
            LeaveLot.person_id > after, ~_proposed_or_kept(),
        )
        .group_by(LeaveLot.id)
        .having(left > 0)
        .order_by(LeaveLot.person_id, LeaveLot.id)
        .limit(PAGE)
    )  # fmt: skip
    lots = session.scalars(query).all()
    if len(lots) == PAGE and lots[0].person_id != lots[-1].person_id:
        # The last person may have more than fits here: they come first the next time.
        lots = [lot for lot in lots if lot.person_id != lots[-1].person_id]
        last: int | None = lots[-1].person_id
    else:
        last = lots[-1].person_id if len(lots) == PAGE else None
    free: dict[int, Mapping[int, int]] = {}
    done = 0
    for lot in lots:
        if lot.person_id not in free:
            one_at_a_time(session, lot.person_id)
            free[lot.person_id] = unused(session, lot.person_id, municipality_id)
        if (minutes := free[lot.person_id][lot.id]) > 0:
            session.add(
                LeaveLapse(
                    lot_id=lot.id, person_id=lot.person_id, municipality_id=municipality_id, ends_as=lot.ends_as,
                    minutes=minutes, proposed_at=at,
                )
            )  # fmt: skip
            done += 1
    session.flush()
    return done, last


def _proposed_or_kept() -> ColumnElement[bool]:
    """A lot that waits for somebody, or of which somebody decided that it does not lapse."""
    return exists().where(
        LeaveLapse.lot_id == LeaveLot.id, (LeaveLapse.settled_at.is_(None)) | (LeaveLapse.kept_because != "")
    )


@dataclass(frozen=True)
class Lapsed:
    """What an approval did: how many minutes lapsed, of how many lots."""

    minutes: int = 0
    lots: int = 0


def approve(session: Session, viewer: Viewer, proposals: Collection[LeaveLapse], at: datetime) -> Lapsed:
    """Let lapse what of these proposals may lapse; raises Refused when none of them may, with why.

    Looked at anew with the person's row held: no more lapses than was proposed, and no more than is unused now.
    """
    proofs = proofs_of(session, [one.lot_id for one in proposals])
    refusals: dict[str, Refusal] = {}
    done = Lapsed()
    for one in sorted(proposals, key=lambda one: (one.person_id, one.id)):
        proof = proofs.get(one.lot_id)
        why = _refusal(session, viewer, one, proof)
        if why is not None:
            refusals[why.code] = why
            continue
        done = Lapsed(done.minutes + _lapse(session, viewer, one, proof, at), done.lots + 1)
    if not done.lots:
        raise Refused(*(refusals.values() or [NOTHING_TO_LAPSE]))
    return done


def _refusal(session: Session, viewer: Viewer, one: LeaveLapse, proof: Proof | None) -> Refusal | None:
    one_at_a_time(session, one.person_id)
    session.refresh(one, ["settled_at"])
    if one.settled_at is not None:
        return SETTLED
    if one.person_id == viewer.person_id:
        return OWN_LAPSE
    if one.ends_as != PRESCRIBES and (proof is None or not proof.holds):
        return NO_PROOF
    return None


def _lapse(session: Session, viewer: Viewer, one: LeaveLapse, proof: Proof | None, at: datetime) -> int:
    lot = session.get_one(LeaveLot, one.lot_id)
    minutes = min(one.minutes, unused(session, one.person_id, one.municipality_id)[lot.id])
    one.settled_at, one.settled_by_id, one.posted = at, viewer.person_id, minutes
    one.told_at = proof.sent_at if proof else None
    if minutes > 0:
        session.add(
            LeaveEntry(
                person_id=one.person_id, municipality_id=one.municipality_id, lot_id=lot.id, kind=lot.kind,
                what="lapse", minutes=-minutes, day=lot.last_day + ONE_DAY, recorded_at=at, by_id=viewer.person_id,
            )
        )  # fmt: skip
        person = session.get_one(Person, one.person_id)
        mail.write_to(
            session, person, "leave_lapsed", at, kind=LOT_KINDS[lot.kind], year=lot.valid_from.year, minutes=minutes,
            last_day=lot.last_day, told_at=one.told_at,
        )  # fmt: skip
    session.flush()
    return minutes


def keep(session: Session, viewer: Viewer, one: LeaveLapse, reason: str, at: datetime) -> None:
    """Decide that the hours of a lot do not lapse, with the reason: they stay, and are not proposed again."""
    one_at_a_time(session, one.person_id)
    session.refresh(one, ["settled_at"])
    if one.settled_at is not None:
        raise Refused(SETTLED)
    if one.person_id == viewer.person_id:
        raise Refused(OWN_LAPSE)
    if not reason.strip():
        raise Refused(KEEP_REASON)
    if len(reason) > REASON_LIMIT:
        raise Refused(REASON_TOO_LONG)
    one.settled_at, one.settled_by_id, one.kept_because = at, viewer.person_id, " ".join(reason.split())


def waiting_in(session: Session, municipality_id: int) -> Sequence[LeaveLapse]:
    """All proposals of a municipality that wait."""
    return session.scalars(
        select(LeaveLapse)
        .where(LeaveLapse.municipality_id == municipality_id, LeaveLapse.settled_at.is_(None))
        .options(joinedload(LeaveLapse.lot))
        .order_by(LeaveLapse.person_id, LeaveLapse.id)
    ).all()
