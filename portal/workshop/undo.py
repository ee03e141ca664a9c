"""Taking back the last step that somebody took in a story, with everything that the portal did because of it.

Triggers write down, for each row that changes, the statement that puts it back; each transaction is one step of that
log, marked when it commits. Undone are the last step of a case and whatever time did since: jobs and timers do their
work again by themselves. It is refused when a person went on with any of it, or when it left the portal. The chain of
events ends where it ended before, so it still holds. Only practice worlds have such a log, and only of late.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, event, inspect, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from portal.db import Database
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.queries import chain
from portal.queries.people import national_calendar
from portal.words.timeline import what_of, who_of
from portal.workshop.tables import Diary, Ticked, Timer
from portal.worlds import World
from workflows import CASE_TYPES
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

NOTHING = Refusal("undo_nothing", N_("There is nothing to undo."))
WENT_ON = Refusal("undo_went_on", N_("Somebody went on with this since, so it cannot be undone any more."))
BY_PORTAL = Refusal("undo_by_portal", N_("The last step was taken by the portal itself. It cannot be undone."))
AT_THE_BANK = Refusal("undo_at_the_bank", N_("This went to the bank, so it cannot be undone any more."))
TOO_LONG_AGO = Refusal("undo_too_long_ago", N_("This was too long ago to be undone."))

KEPT = 400
"""So many transactions are kept, the last ones."""
THINKS = timedelta(hours=2)
"""So long in the story a bot leaves alone what it did and what was undone: time for somebody else to do it."""

UNWATCHED = frozenset(
    {
        "alembic_version", "account", "dossier_read", "first_view", "job_look", "job_run", "leave_read", "sign_in",
        "sign_in_failure", "whatif_model", "whatif_run", "workshop_diary", "workshop_finding", "workshop_message",
        "workshop_pin_try", "workshop_seat", "workshop_segment", "workshop_ticked", "workshop_undo",
    }
)  # fmt: skip
"""What is no part of the story: who sits where and what was said stays as it is, whatever is undone."""

TABLE = (
    "CREATE TABLE IF NOT EXISTS workshop_undo (seq INTEGER PRIMARY KEY, step INTEGER, by_time INTEGER, "
    "tbl TEXT NOT NULL, row INTEGER NOT NULL, sql TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS ix_workshop_undo_open ON workshop_undo (seq) WHERE step IS NULL",
    "CREATE INDEX IF NOT EXISTS ix_workshop_undo_step ON workshop_undo (step)",
    "CREATE INDEX IF NOT EXISTS ix_workshop_undo_event ON workshop_undo (row) WHERE tbl = 'case_event'",
)
NEXT = "SELECT coalesce(max(step), 0) + 1 FROM workshop_undo"
MARK = f"UPDATE workshop_undo SET step = ({NEXT}), by_time = ? WHERE step IS NULL"  # noqa: S608 - all our own
FORGET = "DELETE FROM workshop_undo WHERE step <= (SELECT max(step) FROM workshop_undo) - ?"

_by_time: ContextVar[bool] = ContextVar("by_time", default=False)


@contextmanager
def by_time() -> Iterator[None]:
    """What is committed in this block happens because time passes: it would happen again by itself."""
    before = _by_time.set(True)
    try:
        yield
    finally:
        _by_time.reset(before)


def keep_log(db: Database) -> None:
    """Let the database of a practice world write down how to undo what is done in it from now on."""
    with db.transaction() as session:
        connection = session.connection()
        for statement in TABLE:
            connection.exec_driver_sql(statement)
        found = inspect(connection)
        for table in found.get_table_names():
            if table not in UNWATCHED:
                for statement in _triggers(table, [column["name"] for column in found.get_columns(table)]):
                    connection.exec_driver_sql(statement)


def _triggers(table: str, columns: Sequence[str]) -> Iterator[str]:
    named = [f'"{name}"' for name in columns]
    # A key that is the row's number says it itself.
    numbered, number = ("", "") if "id" in columns else ("rowid, ", "OLD.rowid || ', ' || ")
    changed = " || ".join(f"iif(OLD.{one} IS NEW.{one}, '', ', {one} = ' || quote(OLD.{one}))" for one in named)
    values = " || ', ' || ".join(f"quote(OLD.{one})" for one in named)
    place = f'"{table}"'
    back = {
        "INSERT": f"NEW.rowid, 'DELETE FROM {place} WHERE rowid = ' || NEW.rowid",  # noqa: S608 - names of our own
        "UPDATE": (
            f"OLD.rowid, 'UPDATE {place} SET rowid = ' || OLD.rowid || {changed} "  # noqa: S608 - as above
            "|| ' WHERE rowid = ' || NEW.rowid"
        ),
        "DELETE": (
            f"OLD.rowid, 'INSERT INTO {place} ({numbered}{', '.join(named)}) VALUES (' "  # noqa: S608 - as above
            f"|| {number}{values} || ')'"
        ),
    }
    for what, row in back.items():
        trigger = f"workshop_undo_{table}_{what.lower()}"
        written = f"INSERT INTO workshop_undo (tbl, row, sql) VALUES ('{table}', {row})"  # noqa: S608 - as above
        yield f"CREATE TRIGGER IF NOT EXISTS {trigger} AFTER {what} ON {place} BEGIN {written}; END"


def watch(db: Database) -> None:
    """Mark in this process which changes were made in one transaction, and by whom."""

    @event.listens_for(db.engine, "commit")
    def mark(connection: Any) -> None:
        if connection.get_execution_options().get("writes"):
            driver = connection.connection.driver_connection
            if driver.execute("SELECT 1 FROM sqlite_master WHERE name = 'workshop_undo'").fetchone():
                marked = driver.execute(MARK, (int(_by_time.get()),)).rowcount
                if marked:
                    driver.execute(FORGET, (KEPT,))


@dataclass(frozen=True)
class Last:
    """The last step that can be undone, in words."""

    event_id: int
    said: str


def last(world: World) -> Last | None:
    """What would be undone; None when nothing can be."""
    with world.db.session(writes=False) as session:
        try:
            found, _ = _last(session)
        except Refused:
            return None
        return Last(found.id, _said(session, found))


def _last(session: Session) -> tuple[CaseEvent, int]:
    """The last event and its step in the log. Refused when it cannot be undone whatever came after it."""
    query = select(CaseEvent).order_by(CaseEvent.id.desc()).limit(1)
    found = session.scalars(query.options(joinedload(CaseEvent.actor), joinedload(CaseEvent.on_behalf_of))).first()
    if found is None:
        raise Refused(NOTHING)
    if found.actor_id is None:
        raise Refused(BY_PORTAL)
    of_event = text("SELECT step FROM workshop_undo WHERE tbl = 'case_event' AND row = :id ORDER BY seq DESC LIMIT 1")
    step = session.scalar(of_event, {"id": found.id})
    if step is None:
        raise Refused(TOO_LONG_AGO)
    batch = text("SELECT 1 FROM workshop_undo WHERE step = :step AND tbl = 'payment_batch' LIMIT 1")
    if session.scalar(batch, {"step": step}):
        raise Refused(AT_THE_BANK)
    return found, step


def _said(session: Session, found: CaseEvent) -> str:
    case = session.get(Case, found.case_id)
    number = f"{case.number or ''} " if case else ""
    what = what_of(CASE_TYPES[case.type], found) if case else found.action
    return f"{number}{what} ({who_of(found)})"


def undo(world: World, event_id: int | None = None) -> str:
    """Undo the last step. Returns what it was, in words. Refused when it cannot be, and then nothing is changed.

    With `event_id` it is refused when another step is the last by now: somebody else undid it, or went on.
    """
    with world.db.session() as session:
        found, step = _last(session)
        if event_id not in (None, found.id):
            raise Refused(WENT_ON)
        said, begun = _said(session, found), found.at
        log = session.execute(
            text("SELECT seq, step, by_time, tbl, row, sql FROM workshop_undo WHERE step >= :step ORDER BY seq DESC"),
            {"step": step},
        ).all()
        undone = _undone(log, step)
        session.expunge_all()
        try:
            _put_back(session, undone)
            own = [one.row for one in undone if one.tbl == "workshop_timer" and one.step == step]
            session.execute(
                update(Timer)
                .where(Timer.id.in_(own), Timer.done.is_(False))
                .values(at=national_calendar().worked_off(world.clock.now(), THINKS))
            )
            ticked = session.get(Ticked, 1)
            if ticked is not None:
                ticked.at = min(ticked.at, begun)
            session.add(Diary(wall=world.wall.now(), at=world.clock.now(), kind="undone", data={"what": said}))
            if chain.verify(session).broken is not None:
                raise Refused(WENT_ON)
            session.commit()
        except IntegrityError as error:
            session.rollback()
            raise Refused(WENT_ON) from error
    return said


def _undone(log: Sequence[Row[Any]], step: int) -> list[Row[Any]]:
    """What is to be put back, newest first: the step and what time did since. Refused when a person went on with it."""
    undone = [one for one in log if one.step == step or one.by_time]
    touched = {(one.tbl, one.row) for one in undone}
    if any((one.tbl, one.row) in touched for one in log if one.step != step and not one.by_time):
        raise Refused(WENT_ON)
    return undone


def _put_back(session: Session, undone: Sequence[Row[Any]]) -> None:
    connection = session.connection()
    triggers = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    # None may refuse what puts things back, nor write down how that is undone. They come back in this transaction.
    for name, _ in triggers:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    for one in undone:
        connection.exec_driver_sql(one.sql)
    for _, statement in triggers:
        connection.exec_driver_sql(statement)
    for number in sorted({one.step for one in undone}):
        connection.exec_driver_sql("DELETE FROM workshop_undo WHERE step = ?", (number,))
