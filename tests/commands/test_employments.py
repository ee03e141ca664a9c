"""People and their employments: added, changed, moved and ended, each refused where it should be, and written down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portal.commands import employments as commands
from portal.commands import organisation
from portal.commands.changes import Author
from portal.commands.employments import Details, Terms
from portal.models.changes import Change
from portal.models.people import Employment, Municipality, Person, RoleGrant, Unit
from portal.queries.people import employments_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused
from workflows.kernel import Refused

NEW = Details("Zoë", "Ünal", "zoe@example.org")
FIRST = date(2026, 12, 1)
TERMS = Terms("9001", "Jurist", FIRST, None)


@pytest.fixture
def session(world: World, cast: Cast) -> Iterator[Session]:
    with world.db.session() as session:
        yield session


@pytest.fixture
def hanna(cast: Cast) -> Author:
    return Author(cast.people["hanna"], None)


def unit(session: Session, place: str, name: str = "Team Vergunningen") -> int:
    return session.scalars(
        select(Unit.id).join(Municipality).where(Municipality.code == place, Unit.name == name)
    ).one()


def of(session: Session, cast: Cast, name: str) -> Employment:
    employment = employments_of(session, cast.people[name])[0]
    set_committed_value(employment, "person", session.get_one(Person, cast.people[name]))
    return employment


def log(session: Session) -> list[tuple[str, str]]:
    session.flush()
    return [(row.what, row.about) for row in session.scalars(select(Change).order_by(Change.id))]


def test_somebody_new_comes_with_an_employment(world: World, session: Session, hanna: Author) -> None:
    person = commands.add_person(session, hanna, NEW, unit(session, "waterveen"), TERMS, world.clock.now())
    assert [(e.personnel_number, e.valid_from, e.valid_to) for e in employments_of(session, person.id)] == [
        ("9001", FIRST, None)
    ]
    assert log(session) == [("employment.added", "Zoë Ünal"), ("person.added", "Zoë Ünal")]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"given_name": " "}, "given_name_missing"), ({"family_name": ""}, "name_missing"),
        ({"family_name": "x" * 101}, "name_too_long"), ({"email": "zoe"}, "email_wrong"),
        ({"email": "zoe@example.org\nx"}, "email_wrong"), ({"language": "de"}, "language_unknown"),
        ({"email": "ANNA@example.org"}, "email_taken"),
    ],
)  # fmt: skip
def test_wrong_details_are_refused(
    world: World, session: Session, hanna: Author, wrong: dict[str, str], code: str
) -> None:
    now, where = world.clock.now(), unit(session, "waterveen")
    typed = replace(NEW, **wrong)
    assert refused(lambda: commands.add_person(session, hanna, typed, where, TERMS, now)) == {code}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"number": " "}, "number_wrong"), ({"job_title": "x" * 101}, "title_too_long"),
        ({"valid_from": None}, "first_day_missing"), ({"valid_to": FIRST - timedelta(days=1)}, "last_before_first"),
    ],
)  # fmt: skip
def test_wrong_terms_are_refused(
    world: World, session: Session, hanna: Author, wrong: dict[str, object], code: str
) -> None:
    now, where = world.clock.now(), unit(session, "waterveen")
    typed = replace(TERMS, **wrong)  # type: ignore[arg-type]
    assert refused(lambda: commands.add_person(session, hanna, NEW, where, typed, now)) == {code}


def test_an_employment_is_refused_where_it_cannot_be(world: World, session: Session, cast: Cast, hanna: Author) -> None:
    now, here = world.clock.now(), unit(session, "waterveen")
    anna, aart = (session.get_one(Person, cast.people[name]) for name in ("anna", "aart"))
    number = of(session, cast, "aart").personnel_number
    add = commands.employ
    assert refused(lambda: add(session, hanna, anna, None, TERMS, now)) == {"unit_unknown"}
    assert refused(lambda: add(session, hanna, anna, here, TERMS, now)) == {"employment_overlaps"}
    assert refused(lambda: add(session, hanna, anna, here, replace(TERMS, number=number), now)) == {"number_taken"}
    only = Author(cast.people["hanna"], frozenset({cast.municipalities["duinrade"]}))
    assert refused(lambda: add(session, only, aart, here, TERMS, now)) == {"outside_your_work"}
    me = session.get_one(Person, cast.people["hanna"])
    assert refused(lambda: add(session, hanna, me, here, TERMS, now)) == {"own_rights"}
    closed = organisation.add_unit(session, hanna, cast.municipalities["waterveen"], "Oud", None, "1", now)
    organisation.close_unit(session, hanna, closed, FIRST, "Opgeheven", now)
    assert refused(lambda: add(session, hanna, anna, closed.id, TERMS, now)) == {"unit_closed"}


def test_a_leaver_ends_with_their_roles(world: World, session: Session, cast: Cast, hanna: Author) -> None:
    carla, now, last = of(session, cast, "carla"), world.clock.now(), date(2026, 12, 31)
    assert refused(lambda: commands.end_employment(session, hanna, carla, None, "Weg", now)) == {"last_day_missing"}
    assert refused(lambda: commands.end_employment(session, hanna, carla, last, " ", now)) == {"change_reason_missing"}
    early = carla.valid_from - timedelta(days=1)
    assert refused(lambda: commands.end_employment(session, hanna, carla, early, "Weg", now)) == {"last_before_first"}
    assert [role.role for role in commands.end_employment(session, hanna, carla, last, "Weg", now)] == ["clerk"]
    grants = session.scalars(select(RoleGrant).where(RoleGrant.person_id == carla.person_id)).all()
    assert [grant.valid_to for grant in grants] == [last] == [carla.valid_to]
    assert log(session) == [("employment.ended", "Carla de Wit"), ("role.ended", "Carla de Wit")]
    mine = of(session, cast, "hanna")
    assert refused(lambda: commands.end_employment(session, hanna, mine, last, "Weg", now)) == {"own_rights"}


def test_a_mover_works_on_elsewhere(world: World, session: Session, cast: Cast, hanna: Author) -> None:
    anna, now, there = of(session, cast, "anna"), world.clock.now(), unit(session, "duinrade")

    def move(to: int | None, first: date | None, why: str = "Reorganisatie") -> Employment:
        return commands.move(session, hanna, anna, to, "77", "Adviseur", first, why, now)

    assert refused(lambda: move(anna.unit_id, FIRST)) == {"move_same_unit"}
    assert refused(lambda: move(there, None)) == {"first_day_missing"}
    assert refused(lambda: move(there, anna.valid_from)) == {"move_too_early"}
    assert refused(lambda: move(there, FIRST, "")) == {"change_reason_missing"}
    new = move(there, FIRST)
    assert (anna.valid_to, new.valid_from, new.valid_to) == (date(2026, 11, 30), FIRST, None)
    assert (new.unit_id, new.personnel_number, new.job_title) == (there, "77", "Adviseur")
    assert refused(lambda: move(unit(session, "waterveen", "Directie Waterveen"), FIRST + timedelta(days=9))) == {
        "last_before_first"
    }


def test_only_what_changed_of_a_person_is_written_down(
    world: World, session: Session, cast: Cast, hanna: Author
) -> None:
    anna, now = session.get_one(Person, cast.people["anna"]), world.clock.now()
    same = commands.details_of(anna)
    assert not commands.change_person(session, hanna, anna, same, now)
    assert commands.change_person(session, hanna, anna, replace(same, phone="06 12345678"), now)
    session.flush()
    assert [row.new for row in session.scalars(select(Change))] == [{"phone": "06 12345678"}]
    only = Author(cast.people["hanna"], frozenset({cast.municipalities["duinrade"]}))
    assert refused(lambda: commands.change_person(session, only, anna, same, now)) == {"outside_your_work"}


DAYS = st.dates(date(2021, 1, 1), date(2030, 1, 1))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["move", "end", "employ"]), st.integers(0, 3), DAYS), max_size=6))
def test_whatever_is_done_nobody_works_twice_for_a_unit_at_once(
    world: World, cast: Cast, steps: list[tuple[str, int, date]]
) -> None:
    hanna, now = Author(cast.people["hanna"], None), world.clock.now()
    with world.db.session() as session:
        units = session.scalars(select(Unit.id).order_by(Unit.id)).all()
        anna = session.get_one(Person, cast.people["anna"])
        for what, which, day in steps:
            last = of(session, cast, "anna")
            begun = session.begin_nested()
            try:
                if what == "move":
                    commands.move(session, hanna, last, units[which], "88", "", day, "x", now)
                elif what == "end":
                    commands.end_employment(session, hanna, last, day, "x", now)
                else:
                    commands.employ(session, hanna, anna, units[which], Terms("88", "", day, None), now)
            except Refused:
                begun.rollback()
            else:
                begun.commit()
        spells = sorted((e.unit_id, e.valid_from, e.valid_to or date.max) for e in employments_of(session, anna.id))
        assert all(first <= until for _, first, until in spells)
        pairs = pairwise(spells)
        assert all(one[0] != other[0] or one[2] < other[1] for one, other in pairs)
        session.rollback()
