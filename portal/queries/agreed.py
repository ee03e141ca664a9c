"""What was agreed with a municipality about an indicator: the targets of its agreement in force."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.queries.agreements import all_in_force
from portal.queries.figures import Target
from workflows.agreements import DVO, target_in


def agreed_targets(session: Session, day: date) -> Target:
    """The targets that hold on a day. Of all municipalities together: what every agreement says alike."""
    content = {row.municipality_id: row.content for row in all_in_force(session, DVO, day)}

    def target(key: str, municipality_id: int | None, _day: date) -> Decimal | None:
        if municipality_id is not None:
            return target_in(content.get(municipality_id, {}), key)
        every = {target_in(one, key) for one in content.values()}
        return every.pop() if len(every) == 1 else None

    return target
