"""Cases that have to do with each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.models.cases import Case
from portal.queries.cases import HEADLINES, SEEN, eyes_of, visible
from portal.queries.leave import booked_of
from workflows import CASE_TYPES
from workflows.kernel import CaseType
from workflows.parties import GRANTED

# Put together once: that takes longer than running it.
KIN = (
    select(Case)
    .where(
        or_(
            Case.parent_id == bindparam("case"),
            Case.id == bindparam("parent"),
            Case.number.in_(bindparam("named", expanding=True)),
        ),
        SEEN,
    )
    .options(*HEADLINES)
    .order_by(Case.id)
)


def kin_of(session: Session, viewer: Viewer, case: Case) -> Sequence[Case]:
    """The case this one followed from, those that followed from it, and those its flags point at.

    As far as this person may see them.
    """
    asked: dict[str, Any] = {"case": case.id, "parent": case.parent_id, "named": sorted(flagged_by(case))}
    return session.scalars(KIN, asked | eyes_of(viewer)).all()


def flagged_by(case: Case) -> set[str]:
    """The numbers of the other cases that the flags of this one point at."""
    return {flag["about"] for flag in case.flags} - {"", case.number}


def visible_of(session: Session, viewer: Viewer, numbers: Collection[str]) -> frozenset[str]:
    """Which of these cases a person may see; asks nothing when there are none."""
    if not numbers:
        return frozenset()
    found = session.scalars(select(Case.number).where(Case.number.in_(numbers), visible(viewer)))
    return frozenset(number for number in found if number)


def to_ask_of(session: Session, case: Case, person_id: int) -> tuple[CaseType, ...]:
    """What this person can ask for of a case that was granted to them; nothing is asked of the database for others.

    What gives back leave only where something of it still stands booked.
    """
    if case.initiator_id != person_id or case.result != GRANTED.value:
        return ()
    found = [one for one in CASE_TYPES.values() if one.about and case.type in one.about.types]
    of_leave = [one for one in found if one.about and one.about.leave]
    gone = bool(of_leave) and not booked_of(session, case.id)
    return tuple(one for one in found if not gone or one not in of_leave)
