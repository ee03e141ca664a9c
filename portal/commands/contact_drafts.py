"""Keeping what somebody is typing about a contact, so that a call that is cut off loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.models.contact import ContactDraft

UNKNOWN = 0
"""Stands for a person of whom nobody knows yet who it is."""


def draft_of(session: Session, writer_id: int, person_id: int | None) -> ContactDraft | None:
    """What this writer was typing about a contact with this person."""
    mine = select(ContactDraft).where(
        ContactDraft.writer_id == writer_id, ContactDraft.about == (person_id or UNKNOWN)
    )  # fmt: skip
    return session.scalars(mine).first()


def save_draft(session: Session, writer_id: int, person_id: int | None, typed: Mapping[str, Any], at: datetime) -> None:
    """Keep what is being typed, as typed."""
    draft = draft_of(session, writer_id, person_id)
    if draft is not None:
        draft.typed, draft.at = dict(typed), at
        return
    try:
        with session.begin_nested():
            session.add(ContactDraft(writer_id=writer_id, about=person_id or UNKNOWN, typed=dict(typed), at=at))
    except IntegrityError:
        # Saved twice at the same moment: the other is as fresh.
        return


def drop_draft(session: Session, writer_id: int, person_id: int | None) -> None:
    """Throw away what was being typed."""
    session.execute(
        delete(ContactDraft).where(ContactDraft.writer_id == writer_id, ContactDraft.about == (person_id or UNKNOWN))
    )
