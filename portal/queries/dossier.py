"""The dossier as one thing to take along: what the page of a case shows to this person, and not more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.outstanding import Settlement
from portal.models.reads import DossierRead
from portal.queries.bank_accounts import Paid
from portal.queries.cases import Dossier, dossier_of
from portal.queries.outstanding import settlements_about
from portal.queries.paying import paid_in
from portal.queries.reads import reads_of
from portal.queries.related import kin_of
from workflows import CASE_TYPES

ALL_READS = 500
OPEN_TO_ALL = frozenset({"claimed_cents", "sanctioned_cents", "code"})
"""What of an event's data everybody in the case sees on its page, whatever their part in it."""


@dataclass(frozen=True)
class Seen:
    """A dossier as one person sees it. `personal`: they see what is of the employee alone: it is theirs, or they work
    on it as a clerk. `reader_id` None is nobody: it is written for a whole municipality."""

    case: Case
    dossier: Dossier
    clerk: bool
    mine: bool
    reads: Sequence[DossierRead]
    kin: Sequence[Case]
    paid: Paid
    settlements: Sequence[Settlement] = ()
    reader_id: int | None = None

    def is_theirs(self, case: Case) -> bool:
        """Whether the reader is whoever a case is of, or filled it in."""
        return self.reader_id is not None and self.reader_id in (case.initiator_id, case.preparer_id)

    @property
    def personal(self) -> bool:
        return self.clerk or self.mine

    def sees_all_of(self, event: CaseEvent) -> bool:
        """Whether the page shows this person all that was said in an event.

        What somebody typed before is shown to the employee and to clerks; what is masked on the page, and what a clerk
        ticked while checking, to whom the page shows it.
        """
        case_type = CASE_TYPES[self.case.type]
        hidden = set(case_type.masked) | (set() if self.clerk else {"ticks", *case_type.for_clerks})
        shown = self.personal or set(event.data) <= OPEN_TO_ALL
        return shown and event.salt is not None and not hidden & _names_in(event.data)


def _names_in(value: Any) -> set[str]:
    """Every name at any depth under which something stands."""
    if isinstance(value, Mapping):
        return {name for name, each in value.items() if each} | {n for each in value.values() for n in _names_in(each)}
    return {name for each in value for name in _names_in(each)} if isinstance(value, list) else set()


def seen_by(session: Session, viewer: Viewer, case: Case, at: datetime) -> Seen:
    """The whole dossier as this person sees it. A handful of queries, whatever its size."""
    mine, dossier = case.initiator_id == viewer.person_id, dossier_of(session, case.id)
    return Seen(
        case=case,
        dossier=dossier,
        clerk=viewer.has(Role.CLERK, case.municipality_id),
        mine=mine,
        reads=reads_of(session, case.id, ALL_READS) if mine else (),
        kin=kin_of(session, viewer, case),
        paid=paid_in(session, case, at),
        settlements=settlements_about(session, case, dossier.events),
        reader_id=viewer.person_id,
    )
