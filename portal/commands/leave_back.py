"""Giving back hours of leave that was booked, for days that are not taken: to the lots that they came from.

Whatever asks for it, a day of a leave is given back once: what stands of it is given back whole, with the person's row
held, and the database keeps a second entry out. Hours of a lot that has ended go back to it all the same: what is left
of it is then proposed to lapse, as the rest was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.commands.lines import one_at_a_time
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.leave import LeaveEntry
from portal.queries.leave import booked_of, lots_of
from workflows import CASE_TYPES
from workflows.kernel import Refusal, Refused
from workflows.lots import Booked, Lot, Share
from workflows.parties import N_

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
