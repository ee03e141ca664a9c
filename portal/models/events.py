"""The event chain: every step of every case as one append-only row that holds the hash of the row before it.

Events get their place in the chain when the transaction commits: one writer at a time takes the end of the chain,
numbers its events, hashes them and lets go with the commit. So the chain has no gaps and no forks.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, event, insert, select, text
from sqlalchemy.orm import Mapped, Mapper, Session, foreign, mapped_column, relationship

from portal.db import Base, at_commit, refers
from portal.models.cases import Case
from portal.models.people import Person
from portal.sealing import GENESIS, digest_of_said, digest_of_step

REGISTER = 0
"""The case of an event that is about no case but about the register as a whole: a certificate of destruction."""
NOTES = frozenset({"post_added", "return_undone"})
"""Actions of events that are no step of a case: something was added to it, and it stays where it is."""
CHAIN_LOCK = 7_013_001
"""Any fixed number: the key of the advisory lock on the end of the chain (PostgreSQL)."""

EVENTS = "events"
"""What waits for the commit to get its place in the chain."""


class ChainBroken(Exception):
    """Somebody tried to change or delete an event through the application."""


class CaseEvent(Base):
    """One step. `enabled_at`: from when it could be taken; `started_at`: when work on it began; `at`: when done.

    The chain holds `said`, a salted digest of what is somebody's own in it: persons, reason and data. When the case is
    destroyed these are emptied, salt and all, so that nobody can find out by trying; the chain still holds.
    """

    __tablename__ = "case_event"
    __table_args__ = (Index("ix_case_event_case", "case_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_id: Mapped[int]
    """No reference: events outlive their case."""
    action: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    enabled_at: Mapped[datetime]
    started_at: Mapped[datetime]
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    channel: Mapped[str]
    reason: Mapped[str]
    data: Mapped[dict[str, Any]]
    salt: Mapped[str | None]
    said: Mapped[str]
    previous_hash: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)

    actor: Mapped[Person | None] = refers(actor_id)
    on_behalf_of: Mapped[Person | None] = refers(on_behalf_of_id)
    case: Mapped[Case] = relationship(
        primaryjoin=lambda: foreign(CaseEvent.case_id) == Case.id, lazy="raise", viewonly=True
    )

    def digest_of_said(self) -> str:
        """The digest of what is somebody's own in the event, with its salt."""
        return digest_of_said(self.salt, [self.actor_id, self.on_behalf_of_id], self.reason, self.data)

    def digest(self) -> str:
        """The digest of the step, what was said, its place and the hash before."""
        return digest_of_step(
            self.id, self.case_id, self.action, (self.from_state, self.to_state),
            (self.enabled_at, self.started_at, self.at), self.channel, self.said, self.previous_hash,
        )  # fmt: skip


def record(session: Session, new: CaseEvent) -> None:
    """Put an event on the chain when this transaction commits."""
    at_commit(session, EVENTS).append(new)


LAST = select(CaseEvent.id, CaseEvent.hash).order_by(CaseEvent.id.desc()).limit(1)


@event.listens_for(Session, "before_commit")
def _seal(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint is no commit
    unsealed: list[CaseEvent] = at_commit(session, EVENTS)
    if not unsealed:
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
    last = session.execute(LAST).first()
    place, previous = (last.id, last.hash) if last else (0, GENESIS)
    for new in unsealed:
        place += 1
        new.id, new.previous_hash = place, previous
        new.salt = secrets.token_hex(16)
        new.said = new.digest_of_said()
        new.hash = previous = new.digest()
    # Past the session, which would keep track of rows that never change again.
    table = Base.metadata.tables["case_event"]
    rows = [{column.name: getattr(new, column.name) for column in table.columns} for new in unsealed]
    session.connection().execute(insert(table), rows)
    unsealed.clear()


@event.listens_for(CaseEvent, "before_update")
@event.listens_for(CaseEvent, "before_delete")
def _refuse(_mapper: Mapper[CaseEvent], _connection: Any, target: CaseEvent) -> None:
    raise ChainBroken(f"event {target.id} cannot be changed or deleted")
