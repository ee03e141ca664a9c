"""The ledger of leave: reserving what is asked for, booking what is approved, letting go, and giving hours each year.

Whoever takes or gives holds the person's row until the transaction ends, so of two at once one sees the other. Entries
are added, never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.clock import local_date
from portal.commands.leave_back import expect_to_give_back, give_back_for, told
from portal.commands.lines import one_at_a_time
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.leave import LeaveEntry, LeaveRead
from portal.queries.leave import absences_of, held_by, lots_of, schedule_of
from workflows import CASE_TYPES
from workflows.effects import BookHours, Effect, GiveBackHours, HoursEffect, LetGoOfHours, ReserveHours
from workflows.kernel import Refusal, Refused
from workflows.lots import Burned, Lot, Share, Taking, burn, clashes, usable, within
from workflows.parties import N_

NOTHING_WORKED = Refusal("leave_no_hours", N_("On these days you do not work, so they cost no leave."))
OVERLAPS = Refusal("leave_overlaps", N_("On %(day)s leave was asked for already, in %(number)s."))
TOO_LITTLE = Refusal(
    "leave_too_little", N_("This takes %(asked)s hours, but %(usable)s hours can be used on these days.")
)
BEYOND_LIMIT = Refusal("leave_beyond_limit", N_("This is %(over)s hours more than this kind of leave allows."))

LOOKS_BACK = timedelta(days=800)
"""How long before the first day other leave is looked at; longer ago none can be asked for."""


def plan(session: Session, case: Case, taking: Taking, *, keep: bool = False) -> Sequence[Share]:
    """From which lots this comes, or Refused: nothing worked, asked for already, too little left, beyond the limit.

    With `keep` what the case holds in reserve stands, if it is for the same days and no lot was overdrawn meanwhile.
    """
    if not taking.costs:
        raise Refused(NOTHING_WORKED)
    one_at_a_time(session, case.initiator_id)
    others = absences_of(session, case.initiator_id, taking.costs[0].day - LOOKS_BACK, case.id)
    if found := next(clashes(taking.costs, others), None):
        raise Refused(_with(OVERLAPS, day=found.day, number=found.number))
    if not taking.burns:
        over = within(taking.limit, taking, others) if taking.limit else 0
        if over:
            raise Refused(_with(BEYOND_LIMIT, over_minutes=over))
        return [Share(cost.day, cost.minutes, cost.part) for cost in taking.costs]
    if keep and (held := _still_good(session, case, taking)):
        return held
    lots = lots_of(session, case.initiator_id, case.municipality_id, case.id)
    done: Burned = burn(taking.costs, lots, taking.burns)
    if done.short:
        free = usable(lots, taking.costs[0].day, taking.costs[-1].day, taking.burns)
        raise Refused(_with(TOO_LITTLE, asked_minutes=taking.minutes, usable_minutes=free))
    return done.shares


def _still_good(session: Session, case: Case, taking: Taking) -> Sequence[Share]:
    held = held_by(session, case.id)
    by_day: dict[Any, int] = {}
    for share in held:
        by_day[share.day, share.part] = by_day.get((share.day, share.part), 0) + share.minutes
    if by_day != {(cost.day, cost.part): cost.minutes for cost in taking.costs}:
        return ()
    left = {lot.id: lot.left for lot in lots_of(session, case.initiator_id, case.municipality_id)}
    return held if all(left[share.lot] >= 0 for share in held if share.lot is not None) else ()


def _with(refusal: Refusal, **values: Any) -> Refusal:
    return Refusal(refusal.code, refusal.sentence, values)


def taken_by(session: Session, case: Case, content: Any) -> Taking | None:
    """What a case with this content takes, by the hours that are worked as they are known now; an empty one nothing."""
    takes = CASE_TYPES[case.type].takes
    if takes is None:
        return None
    period = CASE_TYPES[case.type].facts(content)
    if period.period_from is None or period.period_to is None:
        return None
    worked = schedule_of(session, case.initiator_id, case.municipality_id, period.period_from, period.period_to)
    return takes(content, worked)


def post(session: Session, case: Case, what: str, taking: Taking, shares: Iterable[Share], lots: Mapping[int, Lot],
         at: datetime) -> None:  # fmt: skip
    """Write entries: minutes given for `release` and `give_back`, taken for the others. One statement."""
    sign = 1 if what in ("release", "give_back") else -1
    known = {
        "person_id": case.initiator_id, "municipality_id": case.municipality_id, "what": what, "case_id": case.id,
        "occasion": taking.occasion, "recorded_at": at, "by_id": None, "second_id": None, "reason": "",
    }  # fmt: skip
    rows = [
        {
            **known, "lot_id": share.lot, "kind": taking.kind if share.lot is None else lots[share.lot].kind,
            "minutes": sign * share.minutes, "day": share.day, "part": share.part.value,
        }
        for share in shares
    ]  # fmt: skip
    if rows:
        session.execute(insert(LeaveEntry), rows)


def expect_hours(session: Session, case: Case, effects: Iterable[Effect], content: Any) -> None:
    """Refuse, before anything is written, what a step would take and is not there to be taken."""
    for effect in effects:
        if isinstance(effect, GiveBackHours):
            expect_to_give_back(session, case, content)
        if isinstance(effect, ReserveHours | BookHours) and (taking := taken_by(session, case, content)):
            plan(session, case, taking, keep=isinstance(effect, BookHours))


def move_hours(session: Session, case: Case, effect: HoursEffect, event: CaseEvent, at: datetime) -> None:
    """Reserve what a case asks for, book what is approved, let go of what it held, or give back what another took.

    The event tells the lots.
    """
    if isinstance(effect, GiveBackHours):
        give_back_for(session, case, event, at)
        return
    taking = taken_by(session, case, case.content)
    if taking is None:
        return
    wanted = () if isinstance(effect, LetGoOfHours) else plan(session, case, taking, keep=isinstance(effect, BookHours))
    lots = {lot.id: lot for lot in lots_of(session, case.initiator_id, case.municipality_id)} if taking.burns else {}
    what = "burn" if isinstance(effect, BookHours) else "reserve"
    post(session, case, "release", taking, held_by(session, case.id), lots, at)
    post(session, case, what, taking, wanted, lots, at)
    if wanted:
        event.data = {**event.data, "leave": {"what": what, "lots": told(wanted, lots)}}


def record_look(session: Session, viewer: Viewer, person_id: int, at: datetime) -> None:
    """Put on record that somebody looked at the leave of another; once a day, which the database guards."""
    session.add(LeaveRead(about_id=person_id, person_id=viewer.person_id, day=local_date(at), at=at))
