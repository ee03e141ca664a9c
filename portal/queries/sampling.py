"""Samples as they are looked at: what waits to be drawn, and who failed lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from portal.models.cases import Case
from portal.models.sampling import SampleDraw
from workflows.parties import GRANTED, REFUSED

LATELY = timedelta(days=365)
"""How long a failed sample counts."""

RECOVERY = aliased(Case)
FAILED = (
    select(Case.id)
    .where(
        Case.initiator_id == bindparam("who"), Case.type == "sample", Case.result == REFUSED.value,
        Case.closed_at > bindparam("since"),
        # A judgement that the SSC set aside does not count.
        ~exists().where(RECOVERY.parent_id == Case.id, RECOVERY.result == REFUSED.value),
    )
    .limit(1)
)  # fmt: skip
TO_DRAW = (
    select(SampleDraw.id)
    .join(Case, Case.id == SampleDraw.case_id)
    .where(SampleDraw.drawn.is_(None), Case.result == GRANTED.value, Case.bound.is_(None))
    .order_by(SampleDraw.id)
)


def failed_lately(session: Session, person_id: int, at: datetime) -> bool:
    """Whether a sample of this person's was not right in the last twelve months."""
    return session.scalars(FAILED, {"who": person_id, "since": at - LATELY}).first() is not None


def to_draw(session: Session) -> Sequence[int]:
    """The draws of cases that were paid without approval beforehand, and not drawn yet."""
    return session.scalars(TO_DRAW).all()
