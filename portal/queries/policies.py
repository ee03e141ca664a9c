"""Policies as administration looks at them: every dated row, whoever it is for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.people import Municipality, Policy


def policy_within(session: Session, policy_id: int, places: frozenset[int] | None) -> Policy | None:
    """One policy of a municipality of somebody's work; what holds for all is theirs who work for all."""
    found = session.get(Policy, policy_id)
    return found if found and (places is None or found.municipality_id in places) else None


def policies(session: Session) -> Sequence[tuple[Policy, Municipality | None]]:
    """Every dated policy, with the municipality it is of."""
    rows = session.execute(
        select(Policy, Municipality)
        .outerjoin(Municipality, Municipality.id == Policy.municipality_id)
        .order_by(Policy.key, Municipality.name, Policy.valid_from)
    )
    return [(row[0], row[1]) for row in rows]
