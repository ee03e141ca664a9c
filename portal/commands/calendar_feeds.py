"""Making the secret address of a calendar, a new one in its place, and revoking it. Only its owner does."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.models.calendar_feeds import CalendarFeed


def make_feed(session: Session, person_id: int, team: bool, at: datetime) -> CalendarFeed:
    """A new address for one's own leave, or for that of one's team; the one before it dies at once."""
    revoke_feed(session, person_id, team, at)
    new = CalendarFeed(person_id=person_id, team=team, nonce=secrets.token_urlsafe(24), made_at=at)
    session.add(new)
    session.flush()
    return new


def revoke_feed(session: Session, person_id: int, team: bool, at: datetime) -> None:
    """Let an address work no more. Without any nothing happens."""
    session.execute(
        update(CalendarFeed)
        .where(CalendarFeed.person_id == person_id, CalendarFeed.team.is_(team), CalendarFeed.ended_at.is_(None))
        .values(ended_at=at)
    )
