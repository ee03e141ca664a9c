"""What was agreed with a municipality about an indicator: the targets of its agreement in force."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from portal.queries.figures import Target, nothing_agreed


def agreed_targets(session: Session, day: date) -> Target:
    """The targets that hold on a day."""
    return nothing_agreed
