"""Giving back hours of leave that was booked, for days that are not taken: to the lots that they came from.

Whatever asks for it, a day of a leave is given back once: what stands of it is given back whole, with the person's row
held, and the database keeps a second entry out. Hours of a lot that has ended go back to it all the same: what is left
of it is then proposed to lapse, as the rest was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands.beginning import begin
from portal.commands.lines import one_at_a_time
from portal.commands.outstanding import Follows
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.leave import LeaveEntry
from portal.queries.cases import WHOLE
from portal.queries.leave import booked_of, lots_of
from workflows import CASE_TYPES
from workflows.kernel import Given, Refusal, Refused
from workflows.lots import Booked, Lot, Share
from workflows.parties import N_

ABSENCE = "absence"
"""Why the portal proposes something: of what kind it was is kept with the absence alone, and no longer than that."""
NO_REASON: Mapping[date, str] = {}
NOTHING_BOOKED = Refusal("leave_nothing_booked", N_("Of these days nothing is booked any more."))


def give_back(
    session: Session, of: Case, days: Collection[date], at: datetime, why: Mapping[date, str] = NO_REASON
) -> Sequence[Booked]:
    """Give back what stands of these days of a leave; answers with what that was. Twice gives back nothing more.

    `why` is what the statement says with a day, where nobody asked for it.
    """
    one_at_a_time(session, of.initiator_id)
    found = [one for one in booked_of(session, of.id) if one.day in days]
    rows = [
        {
            "person_id": of.initiator_id, "municipality_id": of.municipality_id, "lot_id": one.lot, "kind": one.kind,
            "what": "give_back", "minutes": one.minutes, "day": one.day, "part": one.part.value,
            "occasion": one.occasion, "recorded_at": at, "case_id": of.id, "by_id": None, "second_id": None,
            "reason": why.get(one.day, ""),
        }
        for one in found
    ]  # fmt: skip
    if rows:
        session.execute(insert(LeaveEntry), rows)
    return found


def expect_to_give_back(session: Session, case: Case, content: Any) -> None:
    """Refuse, before anything is written, a step that would give back nothing."""
    if not _stands(session, case, content):
        raise Refused(NOTHING_BOOKED)


def give_back_for(session: Session, case: Case, event: CaseEvent, at: datetime) -> None:
    """Give back the days that a case names of the one that it is about; the event tells the lots."""
    of = session.get(Case, case.parent_id) if case.parent_id else None
    about = CASE_TYPES[case.type].about
    if of is None or about is None or about.gives_back is None:
        return
    found = give_back(session, of, about.gives_back(case.content), at)
    lots = {lot.id: lot for lot in lots_of(session, of.initiator_id, of.municipality_id)}
    event.data = {**event.data, "leave": {"what": "give_back", "lots": told(found, lots)}}


def _stands(session: Session, case: Case, content: Any) -> bool:
    about = CASE_TYPES[case.type].about
    if about is None or about.gives_back is None or case.parent_id is None:
        return False
    days = about.gives_back(content)
    return any(one.day in days for one in booked_of(session, case.parent_id))


def told(shares: Iterable[Share | Booked], lots: Mapping[int, Lot]) -> list[dict[str, Any]]:
    """How many minutes come from which lot, as it is kept with an event."""
    found: dict[int | None, int] = {}
    for share in shares:
        found[share.lot] = found.get(share.lot, 0) + share.minutes
    return [
        {"kind": lots[lot].kind, "last_day": lots[lot].last_day.isoformat(), "minutes": minutes}
        for lot, minutes in found.items()
        if lot is not None
    ]


def propose_for_absence(session: Session, case: Case, type_key: str, at: datetime) -> Iterable[Follows]:
    """For each leave that was booked on days of an absence, a proposal to give these days back, about that leave.

    Days that somebody proposed before, or that wait to be decided on, are left out.
    """
    absent, about = CASE_TYPES[case.type].absent, CASE_TYPES[type_key].about
    spell = absent(case.content) if absent else None
    if spell is None or about is None or about.proposed is None:
        return
    one_at_a_time(session, case.initiator_id)
    last = min(spell.last or local_date(at), local_date(at))
    days = select(LeaveEntry.case_id).where(
        LeaveEntry.person_id == case.initiator_id, LeaveEntry.day.between(spell.first, last), LeaveEntry.what == "burn",
        LeaveEntry.lot_id.is_not(None),
    )  # fmt: skip
    for leave in session.scalars(select(Case).where(Case.id.in_(days)).options(*WHOLE).order_by(Case.id)).all():
        before = _asked_back(session, leave, type_key)
        found = [
            one
            for one in booked_of(session, leave.id)
            if one.lot is not None and spell.first <= one.day <= last and one.day not in before
        ]
        if found:
            new = begin(
                session, CASE_TYPES[type_key], leave.employment, token_hex(16), at, parent_id=leave.id,
                cost_centre=leave.cost_centre,
            )  # fmt: skip
            whole = session.get_one(Case, new.id, options=WHOLE, populate_existing=True)
            yield Follows(whole, "propose", given=Given(content=about.proposed(found, ABSENCE)))


def _asked_back(session: Session, leave: Case, type_key: str) -> frozenset[date]:
    """The days of a leave that wait to be given back, or that the portal proposed before, whatever came of it."""
    about = CASE_TYPES[type_key].about
    others = session.scalars(
        select(Case).where(Case.parent_id == leave.id, Case.type == type_key, Case.number.is_not(None))
    ).all()
    if about is None or about.gives_back is None:
        return frozenset()
    return frozenset(
        day
        for other in others
        if other.closed_at is None or other.content.get("because")
        for day in about.gives_back(other.content)
    )
