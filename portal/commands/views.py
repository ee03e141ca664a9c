"""What clerks do with views of the queue: keep one, change or drop their own, begin with one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.models.views import FirstView, QueueView
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

LONGEST_NAME = 60
MOST_OWN = 30
VIEW_NAME = Refusal("view_name", N_("Give the view a name of 60 characters at most."))
VIEW_NAME_TAKEN = Refusal("view_name_taken", N_("You have a view of this name already. Choose another name."))
VIEW_OF_ALL = Refusal("view_of_all", N_("Choose a filter first: without one a view would show all cases."))
VIEWS_FULL = Refusal("views_full", N_("You have 30 views. Remove one before you keep another."))
VIEW_NOT_YOURS = Refusal("view_not_yours", N_("This view is a colleague's: only they can change it."))


def keep(session: Session, person_id: int, name: str, wanted: Mapping[str, Any], *, shared: bool, at: datetime,
         ) -> QueueView:  # fmt: skip
    """Keep this filter under this name."""
    if not wanted:
        raise Refused(VIEW_OF_ALL)
    own = session.scalar(select(func.count()).select_from(QueueView).where(QueueView.owner_id == person_id)) or 0
    if own >= MOST_OWN:
        raise Refused(VIEWS_FULL)
    view = QueueView(
        owner_id=person_id, name=_fit(session, person_id, name), wanted=dict(wanted), shared=shared, created_at=at
    )
    session.add(view)
    session.flush()
    return view


def change(session: Session, person_id: int, view: QueueView, name: str, *, shared: bool) -> None:
    """Give one's own view another name, and share it or not. Whoever cannot see it any more does not begin with it."""
    _expect_own(person_id, view)
    view.name = _fit(session, person_id, name, view.id)
    if view.shared and not shared:
        session.execute(delete(FirstView).where(FirstView.view_id == view.id, FirstView.person_id != person_id))
    view.shared = shared


def drop(session: Session, person_id: int, view: QueueView) -> None:
    """Remove one's own view; whoever began with it begins with all cases."""
    _expect_own(person_id, view)
    session.execute(delete(FirstView).where(FirstView.view_id == view.id))
    session.delete(view)


def begin_with(session: Session, person_id: int, view: QueueView | None) -> None:
    """Begin the queue with this view; None is with all cases."""
    session.execute(delete(FirstView).where(FirstView.person_id == person_id))
    if view is not None:
        session.add(FirstView(person_id=person_id, view_id=view.id))


def _expect_own(person_id: int, view: QueueView) -> None:
    if view.owner_id != person_id:
        raise Refused(VIEW_NOT_YOURS)


def _fit(session: Session, person_id: int, name: str, view_id: int | None = None) -> str:
    """The name without spaces around it, when it can be one and no other view of this clerk has it."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Refused(VIEW_NAME)
    own = session.execute(select(QueueView.id, QueueView.name).where(QueueView.owner_id == person_id))
    if any(row.name.casefold() == name.casefold() and row.id != view_id for row in own):
        raise Refused(VIEW_NAME_TAKEN)
    return name
