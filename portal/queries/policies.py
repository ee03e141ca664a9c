"""Policies as administration looks at them: every dated row, whoever it is for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.people import Municipality, Policy


def policies(session: Session) -> Sequence[tuple[Policy, Municipality | None]]:
    """Every dated policy, with the municipality it is of."""
    rows = session.execute(
        select(Policy, Municipality)
        .outerjoin(Municipality, Municipality.id == Policy.municipality_id)
        .order_by(Policy.key, Municipality.name, Policy.valid_from)
    )
    return [(row[0], row[1]) for row in rows]
