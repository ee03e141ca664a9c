"""Putting on record that somebody read a dossier."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case as sql_case
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.clock import local_date
from portal.models.cases import Case
from portal.models.reads import DossierRead
from portal.queries.reads import capacity_of, is_ones_own, is_own_work
from workflows.kernel import REASON_LIMIT, REASON_TOO_LONG, Refusal, Refused
from workflows.parties import N_

READING_REASON = Refusal("reading_reason", N_("Write down why you need to see this dossier: the employee can read it."))


def record_read(
    session: Session, viewer: Viewer, case: Case, at: datetime, *, channel: str = "portal", reason: str = ""
) -> None:
    """Record it: once a day, which the database guards. Outside one's own work there must be a reason."""
    own_work, reason = is_own_work(viewer, case), reason.strip()
    if not own_work and not reason:
        raise Refused(READING_REASON)
    if len(reason) > REASON_LIMIT:
        raise Refused(REASON_TOO_LONG)
    session.add(
        DossierRead(
            case_id=case.id, person_id=viewer.person_id, day=local_date(at), at=at, channel=channel,
            capacity=capacity_of(viewer, case), own_work=own_work, reason=reason,
        )
    )  # fmt: skip


def record_copy(session: Session, viewer: Viewer, case: Case, at: datetime, form: str) -> None:
    """Record that somebody took a copy of a dossier with them; a copy of one's own leaves no trace, as reading it."""
    if is_ones_own(viewer, case):
        return
    asked = DossierRead.copied_as.contains(form)
    forms = sql_case((DossierRead.copied_as == "", form), (asked, DossierRead.copied_as),
                     else_=DossierRead.copied_as + " " + form)  # fmt: skip
    taken = (
        update(DossierRead)
        .where(DossierRead.case_id == case.id, DossierRead.person_id == viewer.person_id,
               DossierRead.day == local_date(at))
        .values(copied_at=at, copied_as=forms)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if session.execute(taken).rowcount == 0:  # type: ignore[attr-defined]
        record_read(session, viewer, case, at)
        session.flush()
        session.execute(taken)
