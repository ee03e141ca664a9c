"""Publishing the figures of a period, once; and correcting what was published by another edition beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.access import Role
from portal.clock import local_date
from portal.commands import mail
from portal.commands.changes import because
from portal.models.people import Municipality
from portal.models.reports import Report
from portal.queries.holders import holders
from portal.queries.reports import changes, counted, editions, scope_of, sealed
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.periods import Period

NOT_OVER = Refusal("period_not_over", N_("This period is not over yet: its figures can still change."))
NOT_PUBLISHED = Refusal(
    "report_not_published", N_("Nothing was published of this period, so there is nothing to correct.")
)
NOTHING_CHANGED = Refusal("report_unchanged", N_("Counted anew the figures are the same as those published."))


def publish(session: Session, place: Municipality | None, period: Period, at: datetime) -> Report | None:
    """Publish the figures of a period and mail who watches over them; None when that was done already."""
    if period.last >= local_date(at):
        raise Refused(NOT_OVER)
    if editions(session, place, period.name):
        return None
    return _edition(session, place, period, 1, counted(session, place, period, at), at)


def restate(session: Session, by: int, place: Municipality | None, period: Period, reason: str, at: datetime) -> Report:
    """Publish a period anew, as what was known of it has changed; what was published before stays beside it."""
    known = editions(session, place, period.name)
    if not known:
        raise Refused(NOT_PUBLISHED)
    why, figures = because(reason), counted(session, place, period, at)
    if not changes(known[-1].figures, figures):
        raise Refused(NOTHING_CHANGED)
    return _edition(session, place, period, known[-1].edition + 1, figures, at, by, why)


def _edition(session: Session, place: Municipality | None, period: Period, edition: int, figures: dict[str, Any],
             at: datetime, by: int | None = None, reason: str = "") -> Report:  # fmt: skip
    report = Report(
        scope=scope_of(place), municipality_id=place.id if place else None, period=period.name, edition=edition,
        figures=figures, sha256=sealed(figures), published_at=at, by_id=by, reason=reason,
    )  # fmt: skip
    session.add(report)
    session.flush()
    # The contract managers of the municipality; of all together the director of the SSC.
    role = Role.DIRECTOR if place is None else Role.CONTRACT_MANAGER
    for person in holders(session, role, place.id if place else None, local_date(at)):
        mail.write_to(session, person, "report", at, report=report, figures=figures, place=place, period=period)
    return report
