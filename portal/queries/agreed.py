"""What was agreed about the indicators, for a report: targets, and what is done when one is missed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.queries.agreements import all_in_force
from portal.queries.figures import Agreed
from workflows.agreements import DVO, steps_of, target_in


def agreed_on(session: Session, municipality_id: int | None, day: date) -> Agreed:
    """What holds on a day for a municipality; of all together (None) the targets that every agreement says alike."""
    contents = {row.municipality_id: row.content for row in all_in_force(session, DVO, day)}
    if municipality_id is not None:
        contents = {place: content for place, content in contents.items() if place == municipality_id}
    found: dict[str, Decimal] = {}
    for key in {key for content in contents.values() for key in content["targets"]}:
        every = {target_in(content, key) for content in contents.values()}
        if len(every) == 1 and (target := every.pop()) is not None:
            found[key] = target
    steps = steps_of(contents[municipality_id]) if municipality_id in contents else ()
    return Agreed(found, [asdict(step) for step in steps])
