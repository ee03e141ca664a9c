"""Loading: the same again for the same arguments, at any moment, on both databases, and never over what is there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from portal.models.cases import Case, Document
from portal.models.people import Person
from portal.queries.chain import verify
from portal.worlds import World
from seed.loader import AlreadySeeded, load
from tests.seed.conftest import Make
from tests.seed.test_seeded_world import STATES, STATES_OF_CASES


def quiet(_: str) -> None:
    """Nobody reads it."""


def story(world: World) -> list[Any]:
    """What can be compared of two worlds: all but what is drawn anew for safety, such as links in mails."""
    columns = (Case.number, Case.state, Case.title, Case.claimed_cents, Case.sanctioned_cents, Case.initiator_id)
    times = (Case.received_at, Case.closed_at, Case.content, Case.trail, Case.version)
    with world.db.session(writes=False) as session:
        cases = session.execute(select(*columns, *times).order_by(Case.id)).all()
        documents = session.execute(
            select(Document.case_id, Document.sha256, Document.name).order_by(Document.id)
        ).all()
        people = session.execute(select(Person.email, Person.language).order_by(Person.id)).all()
        return [tuple(row) for row in (*cases, *documents, *people)]


def test_the_same_again_and_another_by_another_number(make: Make) -> None:
    one, same, other = (story(make(employees=40, months=1, random_seed=number)) for number in (1, 1, 2))
    assert one == same
    assert one != other


def test_never_over_what_is_there(seeded: World) -> None:
    with pytest.raises(AlreadySeeded):
        load(seeded, report=quiet)


@pytest.mark.parametrize("months", [0, 49])
def test_only_as_far_back_as_rates_are_known(make: Make, months: int) -> None:
    with pytest.raises(ValueError, match="months"):
        load(make(), months=months, report=quiet)


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 29, 22, 30, tzinfo=UTC),  # a Sunday, late
        datetime(2026, 1, 2, 6, 0, tzinfo=UTC),  # before work, after the holidays
        datetime(2027, 5, 17, 12, 0, tzinfo=UTC),  # Whit Monday, after Ascension Day and a bridge day
        datetime(2028, 2, 29, 9, 0, tzinfo=UTC),
    ],
    ids=str,
)
def test_whenever_it_is(make: Make, now: datetime) -> None:
    with make(now, employees=40, months=1).db.session(writes=False) as session:
        assert set(session.execute(STATES_OF_CASES).all()) >= STATES
        assert verify(session).broken is None


def test_on_both_databases(world: World) -> None:
    said: list[str] = []
    load(world, employees=40, months=1, report=said.append)
    with world.db.session(writes=False) as session:
        assert set(session.execute(STATES_OF_CASES).all()) >= STATES
        assert verify(session).broken is None
    assert "40 people" in said[0]
    assert {"  October 2026", "  November 2026"} <= set(said)
    assert "events a second" in said[-1]
