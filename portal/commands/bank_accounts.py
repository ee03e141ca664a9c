"""Bank accounts: a case brings one in use, after which payments to it are held until a second person ends that."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.people import PersonAccount


def use(session: Session, case: Case, event: CaseEvent, at: datetime) -> None:
    """From now on the initiator is paid on the account that the case asked for."""
    session.add(
        PersonAccount(
            person_id=case.initiator_id,
            iban=case.content["iban"],
            changed_at=at,
            changed_by_id=case.preparer_id or case.initiator_id,
            checked_by_id=event.actor_id,
            case_id=case.id,
        )
    )


def lift_hold(session: Session, case: Case, event: CaseEvent, at: datetime) -> None:
    """Payments to the account of this case wait no longer: `event` says who decided that."""
    account = session.scalars(select(PersonAccount).where(PersonAccount.case_id == case.id)).one()
    account.released_at, account.released_by_id = at, event.actor_id
