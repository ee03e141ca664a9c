"""The database: column types, engines for SQLite and PostgreSQL, sessions, and the one commit rule.

Commands and queries get a `Session`; none of them commits. A web request commits in one place (`web/unit_of_work.py`),
a job in `jobs/runner.py`, the command line where it calls a command.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    create_engine,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction, relationship
from sqlalchemy.pool import StaticPool
from sqlalchemy.types import TypeDecorator

BigId = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database. A naive moment is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every table. Constraint names are fixed, so that migrations can name them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigId,
        str: String(),
        datetime: UtcDateTime(),
        dict[str, Any]: Json,
        list[Any]: Json,
    }


def refers(*columns: Any) -> Any:
    """What a foreign key points at; with two keys to the same table, say by which column.

    Only for looking: loaded when a query asks for it, never behind its back, and written through the column alone.
    So the session need not work out, at each flush, what hangs together with what.
    """
    return relationship(foreign_keys=columns or None, lazy="raise", viewonly=True)


class Database:
    """One database with two ways in: reading, and writing.

    On SQLite a writer takes the write lock at once (`BEGIN IMMEDIATE`): a deferred transaction that reads and then
    writes fails under load however long it waits. Within one process writers queue on a lock of our own, which is
    fair; SQLite's own waiting is not.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = (
            _sqlite(url)
            if self.is_sqlite
            else create_engine(url, pool_pre_ping=True, pool_size=10, query_cache_size=SAID)
        )
        self._writing = self.engine.execution_options(writes=True)
        # A rollback, by which reading would end, makes psycopg forget every plan it had the server prepare. Without a
        # transaction each statement sees what is committed when it begins, as it does within one.
        options = {} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._reading = self.engine.execution_options(**options)

    def session(self, *, writes: bool = True) -> Session:
        """A session that the caller commits or closes."""
        return Session(self._writing if writes else self._reading, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits when the block ends well and rolls back when it does not."""
        with self.session() as session:
            yield session
            session.commit()

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A session to read with, in which everything is as it was at one moment, however long it takes."""
        how = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with Session(self.engine.execution_options(**how), expire_on_commit=False, autoflush=False) as session:
            yield session

    def dispose(self) -> None:
        self.engine.dispose()


def _sqlite(url: str) -> Engine:
    memory = url in ("sqlite://", "sqlite:///:memory:")
    # However many writers queue, each with its connection: the one whose turn it is may need another one.
    how: dict[str, Any] = {"poolclass": StaticPool} if memory else {"max_overflow": -1}
    engine = create_engine(url, query_cache_size=SAID, **how)
    gate = threading.Lock()

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        # Recursive triggers: without them REPLACE deletes rows past the trigger that guards the events.
        wanted = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON")
        for pragma in (*wanted, f"busy_timeout={PATIENCE}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        if not connection.get_execution_options().get("writes"):
            connection.exec_driver_sql("BEGIN")
            return
        gate.acquire()
        connection.info["gate"] = True
        _begin_writing(connection)

    @event.listens_for(engine, "checkin")
    def release(connection: Any, record: Any) -> None:
        # A commit that a deferred key refused leaves the transaction open.
        if connection is not None and connection.in_transaction:
            connection.rollback()
        # Not at SQLAlchemy's `commit`, which comes before the driver's: the next writer would meet a locked database.
        if record.info.pop("gate", False):
            gate.release()

    return engine


SAID = 2000
"""How many statements are kept as they were put into SQL: pages and jobs together say more than SQLAlchemy keeps."""

PATIENCE = 15_000
"""How many milliseconds a writer waits for those of other processes."""


def _begin_writing(connection: Any) -> None:
    """Take the write lock, asking every millisecond: SQLite itself, waiting, sleeps far too long at once."""
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        for _ in range(PATIENCE):
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                time.sleep(0.001)
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout={PATIENCE}")


def at_commit(session: Session, what: str) -> list[Any]:
    """What of one kind waits to be written when this transaction commits: add to it, or empty it when writing.

    A savepoint that is undone takes along what was added since it began, and nothing else.
    """
    if not session.in_transaction():
        session.begin()
    return session.info.setdefault("at_commit", {}).setdefault(what, [])  # type: ignore[no-any-return]


@event.listens_for(Session, "after_transaction_create")
def _mark(session: Session, begun: SessionTransaction) -> None:
    if begun.nested:
        waiting = session.info.get("at_commit", {})
        session.info.setdefault("marks", {})[begun] = {what: len(found) for what, found in waiting.items()}


@event.listens_for(Session, "after_soft_rollback")
def _undo(session: Session, undone: SessionTransaction) -> None:
    if undone.nested:
        mark = session.info["marks"].pop(undone)
        for what, found in session.info.get("at_commit", {}).items():
            del found[mark.get(what, 0) :]
    elif undone.parent is None:
        session.info.pop("at_commit", None)


@event.listens_for(Session, "after_transaction_end")
def _unmark(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop("marks", None)


def overlaps(day: date | BindParameter[date], start: Any, end: Any) -> Any:
    """The SQL condition that a dated row (first and last day, the last open when NULL) is in force on `day`."""
    return (start <= day) & ((end.is_(None)) | (end >= day))
