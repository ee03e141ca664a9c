"""The event chain: nobody changes what was said, neither in the application nor in the database, unseen."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import Executable, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from portal.commands import cases
from portal.jobs import chain as chain_job
from portal.models.cases import Case
from portal.models.events import CaseEvent, ChainBroken
from portal.queries.chain import Found, verify
from portal.sealing import GENESIS
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import at_once, whole


@pytest.fixture
def six(world: World, cast: Cast) -> World:
    """A world with six events: two claims, the second of them adjusted last."""
    with world.db.transaction() as session:
        first, second = cast.submitted(session, key="1"), cast.submitted(session, "aart", key="2")
        cast.act(session, "bram", first, "approve")
        cast.act(session, "bram", second, "approve")
        cast.checked(session, first)
        cases.take(session, cast.viewer(session, "els"), second, world.clock.now())
        cast.act(session, "els", second, "adjust")
    return world


def found(world: World) -> Found:
    with world.db.session(writes=False) as session:
        return verify(session)


TRIGGERS = {
    "sqlite": ("DROP TRIGGER case_event_no_update", "DROP TRIGGER case_event_no_delete"),
    "postgresql": ("DROP TRIGGER case_event_no_change ON case_event",),
}


def tamper(world: World, *statements: str | Executable) -> None:
    """What somebody with all rights on the database could do."""
    with world.db.engine.begin() as connection:
        for statement in (*TRIGGERS[connection.dialect.name], *statements):
            connection.execute(text(statement) if isinstance(statement, str) else statement)


def test_every_event_follows_the_one_before_it(six: World) -> None:
    with six.db.session(writes=False) as session:
        events = session.scalars(select(CaseEvent).order_by(CaseEvent.id)).all()
        assert [event.id for event in events] == [1, 2, 3, 4, 5, 6]
        assert [event.previous_hash for event in events] == [GENESIS, *(event.hash for event in events[:-1])]
        assert all(event.hash == event.digest() for event in events)
    assert found(six) == Found(6)


def test_the_application_neither_changes_nor_deletes_an_event(six: World) -> None:
    with six.db.session() as session:
        event = session.get_one(CaseEvent, 3)
        event.reason = "Toch anders"
        with pytest.raises(ChainBroken):
            session.flush()
    with six.db.session() as session:
        session.delete(session.get_one(CaseEvent, 3))
        with pytest.raises(ChainBroken):
            session.flush()
    assert found(six) == Found(6)


@pytest.mark.parametrize("statement", [update(CaseEvent).values(reason="x"), delete(CaseEvent)])
def test_the_database_refuses_what_goes_past_the_application(six: World, statement: Executable) -> None:
    with six.db.session() as session, pytest.raises(DBAPIError, match="append-only"):
        session.execute(statement)


PLAIN_SQL = {
    "sqlite": ("REPLACE INTO case_event SELECT * FROM case_event WHERE id = 3",),
    "postgresql": ("TRUNCATE case_event",),
}


def test_plain_sql_is_refused_as_well(six: World) -> None:
    both = ("UPDATE case_event SET reason = 'x' WHERE id = 3", "DELETE FROM case_event WHERE id = 6")
    for statement in both + PLAIN_SQL[six.db.engine.dialect.name]:
        with pytest.raises(DBAPIError, match="append-only"), six.db.engine.begin() as connection:
            connection.execute(text(statement))
    assert found(six) == Found(6)


def test_an_event_that_was_changed_is_named(six: World) -> None:
    tamper(six, "UPDATE case_event SET reason = 'Mag van mij' WHERE id = 3")
    assert found(six) == Found(2, 3, "it was changed")


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CHANGES: dict[str, object] = {
    "case_id": 1, "action": "reject", "from_state": "draft", "to_state": "paid", "enabled_at": LONG_AGO,
    "started_at": LONG_AGO, "at": LONG_AGO, "actor_id": 1, "on_behalf_of_id": 1, "channel": "job", "reason": "x",
    "data": {}, "hash": "0" * 64,
}  # fmt: skip


@pytest.mark.parametrize("column", CHANGES)
def test_whatever_is_changed_in_an_event_shows(six: World, column: str) -> None:
    tamper(six, update(CaseEvent.__table__).where(CaseEvent.id == 4).values({column: CHANGES[column]}))
    assert found(six) == Found(3, 4, "it was changed")


def test_an_event_that_was_taken_out_of_the_middle_is_named(six: World) -> None:
    tamper(six, "DELETE FROM case_event WHERE id = 3")
    assert found(six) == Found(2, 3, "an event is missing")


def test_a_hole_that_was_closed_again_is_named(six: World) -> None:
    tamper(six, "DELETE FROM case_event WHERE id = 3", "UPDATE case_event SET id = id - 1 WHERE id > 3")
    assert found(six) == Found(2, 3, "it does not follow the event before it")


def test_events_that_changed_places_are_named(six: World) -> None:
    tamper(
        six,
        "UPDATE case_event SET id = 99 WHERE id = 2",
        "UPDATE case_event SET id = 2 WHERE id = 3",
        "UPDATE case_event SET id = 3 WHERE id = 99",
    )
    assert found(six).broken == 2


def test_events_cut_off_at_the_end_are_missed_by_their_cases(six: World) -> None:
    tamper(six, "DELETE FROM case_event WHERE id >= 5")
    assert found(six).count == 4
    assert found(six).broken in (3, 4)


def test_also_a_last_event_that_left_the_state_as_it_was(six: World) -> None:
    tamper(six, "DELETE FROM case_event WHERE id = 6")
    assert (found(six).count, found(six).broken) == (5, 4)
    assert "not where its last event left it" in found(six).why


def test_a_case_without_any_event_is_missed(six: World) -> None:
    tamper(six, "DELETE FROM case_event")
    assert (found(six).count, found(six).broken) == (0, 1)


def test_a_state_changed_by_hand_shows(six: World) -> None:
    with six.db.engine.begin() as connection:
        connection.execute(update(Case).where(Case.id == 1).values(state="paid"))
    assert found(six).broken == 5


def test_the_night_job_says_so(six: World) -> None:
    assert chain_job.run(six, six.clock.now()) == [{"code": "chain", "count": 6}]
    tamper(six, "UPDATE case_event SET channel = 'job' WHERE id = 2")
    with pytest.raises(chain_job.ChainIsBroken, match="first broken event: 2"):
        chain_job.run(six, six.clock.now())


def audit(world: World, *options: str) -> tuple[int, str]:
    """`ssc-portal audit verify` as whoever runs the portal runs it: its exit code and what it says."""
    settings = world.settings
    env = {key: value for key, value in os.environ.items() if not key.startswith("SSC_")} | {
        "SSC_INSTANCE": str(settings.instance), "SSC_DATABASE_URL": settings.database_url,
        "SSC_SECRET_KEY": settings.secret_key,
    }  # fmt: skip
    command = [sys.executable, "-m", "portal.cli", "audit", "verify", *options]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_the_command_exits_with_one_when_the_chain_does_not_hold(six: World) -> None:
    assert audit(six) == (0, "6 events verified, the chain holds\n")
    tamper(six, "UPDATE case_event SET reason = 'x' WHERE id = 4")
    assert audit(six) == (1, "BROKEN at event 4: it was changed\n")


def test_an_empty_chain_holds(world: World) -> None:
    assert found(world) == Found(0)


def test_a_rolled_back_step_leaves_no_hole(six: World, cast: Cast) -> None:
    with six.db.session() as session:
        cast.act(session, "anna", whole(session, 1), "withdraw")
        session.flush()
        session.rollback()
        cast.act(session, "anna", whole(session, 1), "withdraw")
        session.commit()
    assert found(six) == Found(7)


def test_many_at_once_make_one_chain(world: World, cast: Cast) -> None:
    """By steps that share nothing but the chain: submitting would queue for the series of numbers."""

    def approve(case_id: int) -> None:
        with world.db.transaction() as session:
            cast.act(session, "bram", whole(session, case_id), "approve")

    with world.db.transaction() as session:
        ids = [cast.submitted(session, key=str(key)).id for key in range(8)]
    assert at_once(*(lambda i=case_id: approve(i) for case_id in ids)) == [None] * 8
    assert found(world) == Found(16)
