"""What people still owe, and with what their cases were settled: as the dossier, lists and payments show it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.outstanding import Outstanding, Settlement
from portal.models.payments import BankEntry

OF_CASES = (
    select(Settlement)
    .where(Settlement.case_id.in_(bindparam("cases", expanding=True)), Settlement.undone_at.is_(None))
    .options(joinedload(Settlement.outstanding).joinedload(Outstanding.case))
    .order_by(Settlement.id)
)
TO = aliased(Outstanding)
ABOUT = (
    select(Settlement)
    .join(TO, TO.id == Settlement.outstanding_id)
    .where(or_(Settlement.case_id == bindparam("case"), TO.case_id == bindparam("case")))
    .options(
        joinedload(Settlement.outstanding).joinedload(Outstanding.case),
        joinedload(Settlement.case), joinedload(Settlement.bank_entry),
    )
    .order_by(Settlement.id)
)  # fmt: skip


def settled_with(session: Session, cases: Collection[Case]) -> Mapping[int, Sequence[Settlement]]:
    """Per case the amounts that were kept back from what it pays; a case without any is left out. One query or none."""
    ids = sorted(case.id for case in cases if case.number is not None and case.sanctioned_cents)
    found: dict[int, list[Settlement]] = {}
    for one in session.scalars(OF_CASES, {"cases": ids}) if ids else ():
        found.setdefault(one.case_id or 0, []).append(one)
    return found


def still_needed() -> ColumnElement[bool]:
    """The SQL condition that a case holds what is owed still, or what another case was settled with."""
    by_another = exists().where(Settlement.outstanding_id == Outstanding.id, Settlement.case_id.is_not(None))
    unsettled = (Outstanding.settled_cents < Outstanding.cents) & Outstanding.voided_at.is_(None)
    return exists().where(Outstanding.case_id == Case.id, unsettled | by_another)


TELLING = frozenset({"settled", "undone", "owed_cents"})
"""What the events of a case tell when something was settled by it, or is owed because of it."""


def settlements_about(session: Session, case: Case, events: Sequence[CaseEvent]) -> Sequence[Settlement]:
    """Every settlement by this case, or of what is owed because of it; also those that were undone. The first first.

    Not asked for where the events of the case tell of none: most dossiers have nothing of the kind.
    """
    if not any(TELLING & event.data.keys() for event in events):
        return ()
    return session.scalars(ABOUT, {"case": case.id}).all()


def booked_back(session: Session, places: frozenset[int] | None, limit: int = 20) -> Sequence[Settlement]:
    """Money that came in and is booked as paid back, with the case and who booked it; the last first. One query."""
    query = (
        select(Settlement)
        .join(TO, TO.id == Settlement.outstanding_id)
        .where(Settlement.bank_entry_id.is_not(None), Settlement.undone_at.is_(None))
        .options(
            joinedload(Settlement.outstanding).joinedload(Outstanding.case),
            joinedload(Settlement.bank_entry).joinedload(BankEntry.resolved_by),
        )
        .order_by(Settlement.id.desc())
        .limit(limit)
    )  # fmt: skip
    return session.scalars(query if places is None else query.where(TO.municipality_id.in_(places))).all()


def outstanding_of(session: Session, case_id: int) -> Outstanding | None:
    """What is owed because of this case; None when nothing was ever."""
    return session.scalars(select(Outstanding).where(Outstanding.case_id == case_id)).first()


def owed_by(session: Session, person_id: int, municipality_id: int) -> Sequence[Outstanding]:
    """What this person still owes this municipality, with the case of each; the oldest first."""
    return session.scalars(
        select(Outstanding)
        .where(
            Outstanding.person_id == person_id, Outstanding.municipality_id == municipality_id,
            Outstanding.voided_at.is_(None), Outstanding.settled_cents < Outstanding.cents,
        )
        .options(joinedload(Outstanding.case))
        .order_by(Outstanding.id)
    ).all()  # fmt: skip
