"""Setting a minimum occupancy: from a day on, refused where it cannot be, and written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands import occupancy as commands
from portal.commands.changes import Author
from portal.models.changes import Change
from portal.models.occupancy import MinimumOccupancy
from portal.models.people import Employment, Unit
from portal.queries.occupancy import minimums_of, titles_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused

FIRST = date(2026, 12, 1)


@pytest.fixture
def session(world: World, cast: Cast) -> Iterator[Session]:
    with world.db.session() as session:
        session.execute(
            update(Employment).where(Employment.person_id == cast.people["anna"]).values(job_title="Vergunningverlener")
        )
        session.execute(
            update(Employment).where(Employment.person_id == cast.people["aart"]).values(job_title="vergunningverlener")
        )
        yield session


@pytest.fixture
def team(session: Session, cast: Cast) -> Unit:
    return session.scalars(
        select(Unit).where(Unit.municipality_id == cast.municipalities["waterveen"], Unit.parent_id.is_not(None))
    ).one()


@pytest.fixture
def hanna(cast: Cast) -> Author:
    return Author(cast.people["hanna"], None)


def put(world: World, session: Session, author: Author, team: Unit, **changed: Any) -> None:
    now = world.clock.now()
    typed: dict[str, Any] = {"title": "", "people": 2, "first": FIRST, "reason": "Balie open"}
    commands.set_minimum(session, author, team, **(typed | changed), at=now, today=local_date(now))


def known(session: Session, team: Unit) -> list[tuple[str, int, date, date | None]]:
    return [(one.title, one.people, one.valid_from, one.valid_to) for one in minimums_of(session, team.id)]


def test_a_minimum_holds_until_the_next_of_the_same_title(
    world: World, session: Session, hanna: Author, team: Unit
) -> None:
    title, later = titles_of(session, team.id, FIRST)[0], date(2027, 1, 1)
    put(world, session, hanna, team)
    put(world, session, hanna, team, title=title, people=1)
    put(world, session, hanna, team, people=0, first=later)
    assert known(session, team) == [("", 2, FIRST, date(2026, 12, 31)), ("", 0, later, None), (title, 1, FIRST, None)]
    put(world, session, hanna, team, people=3)
    assert known(session, team)[0] == ("", 3, FIRST, date(2026, 12, 31))
    now = world.clock.now()
    today = local_date(now)
    commands.take_back_minimum(session, hanna, team, "", later, "Toch niet", now, today)
    assert known(session, team) == [("", 3, FIRST, None), (title, 1, FIRST, None)]
    back = lambda **more: commands.take_back_minimum(session, hanna, team, **more)  # noqa: E731
    gone = {"title": "", "first": later, "reason": "Nog eens", "at": now, "today": today}
    assert refused(lambda: back(**gone)) == {"occupancy_not_coming"}
    assert refused(lambda: back(**(gone | {"first": FIRST, "today": FIRST}))) == {"occupancy_not_coming"}
    assert refused(lambda: back(**(gone | {"first": FIRST, "reason": ""}))) == {"change_reason_missing"}
    whats = [(one.what, one.about) for one in session.scalars(select(Change).order_by(Change.id))]
    assert whats == [("occupancy.set", team.name)] * 4 + [("occupancy.withdrawn", team.name)]


def test_titles_are_offered_once_however_they_were_typed(session: Session, team: Unit) -> None:
    assert [title.lower() for title in titles_of(session, team.id, FIRST)] == ["vergunningverlener"]


@pytest.mark.parametrize(
    ("wrong", "codes"),
    [
        ({"people": None}, {"occupancy_people"}), ({"people": 1000}, {"occupancy_people"}),
        ({"people": 0}, {"occupancy_same"}), ({"title": "Duikbootkapitein"}, {"occupancy_title"}),
        ({"first": None}, {"first_day_missing"}), ({"first": date(2026, 11, 23)}, {"occupancy_past"}),
        ({"reason": "", "first": None}, {"first_day_missing", "change_reason_missing"}),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    world: World, session: Session, hanna: Author, team: Unit, wrong: dict[str, Any], codes: set[str]
) -> None:
    assert refused(lambda: put(world, session, hanna, team, **wrong)) == codes
    assert known(session, team) == []


def test_it_is_for_who_does_administration_there(world: World, session: Session, cast: Cast, team: Unit) -> None:
    elsewhere = Author(cast.people["hanna"], frozenset({cast.municipalities["duinrade"]}))
    assert refused(lambda: put(world, session, elsewhere, team)) == {"outside_your_work"}
    now = world.clock.now()
    assert refused(
        lambda: commands.take_back_minimum(session, elsewhere, team, "", FIRST, "x", now, local_date(now))
    ) == {"outside_your_work"}


def test_the_database_refuses_two_on_a_day_and_a_number_that_cannot_be(
    world: World, session: Session, team: Unit
) -> None:
    def row(people: int, first: date) -> MinimumOccupancy:
        return MinimumOccupancy(
            unit_id=team.id, job_title="", people=people, valid_from=first, set_at=world.clock.now()
        )

    session.add(row(1, FIRST))
    session.flush()
    for wrong in (row(2, FIRST), row(-1, FIRST + timedelta(days=1)), row(1000, FIRST + timedelta(days=1))):
        nested = session.begin_nested()
        session.add(wrong)
        with pytest.raises(IntegrityError):
            session.flush()
        nested.rollback()
