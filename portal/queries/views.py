"""The views of the queue that a clerk can choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, bindparam, or_, select, true
from sqlalchemy.orm import Session, joinedload

from portal.models.views import FirstView, QueueView

MOST_VIEWS = 100
"""How many views stand above the queue at most; the clerk's own go before those of others."""

ME: BindParameter[int] = bindparam("me")
# Put together once: that takes longer than running it.
VIEWS = (
    select(QueueView, FirstView.view_id)
    .outerjoin(FirstView, (FirstView.view_id == QueueView.id) & (FirstView.person_id == ME))
    .where(or_(QueueView.owner_id == ME, QueueView.shared == true()))
    .options(joinedload(QueueView.owner, innerjoin=True))
    .order_by(QueueView.owner_id != ME, QueueView.name, QueueView.id)
    .limit(MOST_VIEWS)
)


@dataclass(frozen=True)
class Views:
    """What a clerk can choose from, and which of it their queue begins with."""

    all: Sequence[QueueView]
    first: QueueView | None

    def own(self, person_id: int) -> list[QueueView]:
        """The clerk's own."""
        return [view for view in self.all if view.owner_id == person_id]


def views_for(session: Session, person_id: int) -> Views:
    """The clerk's own views by name, then those that others share."""
    rows = session.execute(VIEWS, {"me": person_id}).all()
    return Views([row[0] for row in rows], next((row[0] for row in rows if row[1] is not None), None))


def view_for(session: Session, person_id: int, view_id: int) -> QueueView | None:
    """One of the views this clerk can choose from."""
    may = or_(QueueView.owner_id == person_id, QueueView.shared == true())
    return session.scalars(select(QueueView).where(QueueView.id == view_id, may)).first()
