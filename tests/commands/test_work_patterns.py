"""Setting work patterns: from a day on, refused where they cannot be, taken along when somebody moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portal.clock import local_date
from portal.commands import employments, policies
from portal.commands import work_patterns as commands
from portal.commands.changes import Author
from portal.commands.closing_days import add_closing_day
from portal.models.changes import Change
from portal.models.people import Employment, Municipality, Person, Unit
from portal.models.work_patterns import EmploymentPattern, PatternDay
from portal.queries.people import employments_of
from portal.queries.work_patterns import hours_of, own_patterns
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import refused
from tests.web.test_statements import counted
from workflows.kernel import Refused
from workflows.work_patterns import FULL_TIME, POLICY, Part, WorkPattern

THREE = ((480, 480, 0, 480, 0, 0, 0),)
TURNS = ((480,) * 5 + (0, 0), (480, 480, 480, 480, 0, 0, 0))
FIRST = date(2026, 12, 1)


@pytest.fixture
def session(world: World, cast: Cast) -> Iterator[Session]:
    with world.db.session() as session:
        yield session


@pytest.fixture
def hanna(cast: Cast) -> Author:
    return Author(cast.people["hanna"], None)


def of(session: Session, cast: Cast, name: str = "anna") -> Employment:
    employment = employments_of(session, cast.people[name])[0]
    set_committed_value(employment, "person", session.get_one(Person, cast.people[name]))
    return employment


def put(world: World, session: Session, author: Author, employment: Employment, weeks: Any = THREE,
        first: date | None = FIRST, anchor: date | None = None, reason: str = "Minder werken") -> None:  # fmt: skip
    now = world.clock.now()
    commands.set_pattern(session, author, employment, weeks, anchor, first, reason, now, local_date(now))


def known(session: Session, employment: Employment) -> list[tuple[date, date | None]]:
    return [(one.valid_from, one.valid_to) for one in own_patterns(session, {employment.id}).get(employment.id, ())]


def test_a_pattern_holds_from_its_day_on_and_before_it_what_was_agreed(
    world: World, session: Session, cast: Cast, hanna: Author
) -> None:
    anna = of(session, cast)
    put(world, session, hanna, anna)
    (hours,) = hours_of(session, anna.person_id, date(2026, 11, 23), date(2026, 12, 6))
    worked = [hours.minutes(date(2026, 11, 23) + timedelta(days=day)) for day in range(14)]
    assert worked == [432] * 5 + [0, 0, 432, 480, 0, 480, 0, 0, 0]
    assert [(one.first, one.weekly) for one in hours.spells] == [(date(2026, 11, 23), 2160), (FIRST, 1440)]
    (change,) = session.scalars(select(Change).order_by(Change.id))
    assert (change.what, change.person_id, change.reason) == ("pattern.set", anna.person_id, "Minder werken")
    assert change.new["hours"] == "ma 8 di 8 do 8"


def test_days_on_which_the_municipality_is_closed_cost_nothing(
    world: World, session: Session, cast: Cast, hanna: Author
) -> None:
    day, now = date(2026, 12, 11), world.clock.now()
    place = session.get_one(Municipality, cast.municipalities["waterveen"])
    add_closing_day(session, hanna, place, day, "Kerstmarkt", now, local_date(now))
    (anna,) = hours_of(session, cast.people["anna"], day, date(2026, 12, 31))
    (olga,) = hours_of(session, cast.people["olga"], day, date(2026, 12, 31))
    assert (anna.minutes(day), olga.minutes(day), anna.planned(day)) == (0, 432, 432)
    assert olga.minutes(day, Part.MORNING) == 216
    assert anna.minutes(date(2026, 12, 25)) == olga.minutes(date(2026, 12, 25)) == 0


def test_what_a_municipality_agreed_counts_for_who_has_no_pattern(
    world: World, session: Session, cast: Cast, hanna: Author
) -> None:
    now, ours = world.clock.now(), cast.municipalities["waterveen"]
    agreement = policies.Agreement(POLICY, "[[480, 480, 480, 480, 0, 0, 0]]", ours, FIRST, None, "Besluit")
    policies.agree(session, hanna, agreement, "Vierdaagse week", now, local_date(now))
    anna, olga = (hours_of(session, cast.people[name], date(2026, 11, 1), date(2026, 12, 31))[0]
                  for name in ("anna", "olga"))  # fmt: skip
    assert [one.weekly for one in anna.spells] == [2160, 1920]
    assert [one.weekly for one in olga.spells] == [2160]
    wrong = policies.Agreement(POLICY, "[[480]]", ours, date(2027, 1, 1), None, "Besluit")
    assert refused(lambda: policies.agree(session, hanna, wrong, "x", now, local_date(now))) == {"policy_wrong_shape"}


def test_a_pattern_in_between_ends_where_the_next_begins_and_one_that_comes_is_taken_back(
    world: World, session: Session, cast: Cast, hanna: Author
) -> None:
    anna, later, now = of(session, cast), date(2027, 6, 1), world.clock.now()
    put(world, session, hanna, anna, first=later)
    put(world, session, hanna, anna, TURNS, first=FIRST)
    assert known(session, anna) == [(FIRST, date(2027, 5, 31)), (later, None)]
    put(world, session, hanna, anna, FULL_TIME, first=later)
    assert known(session, anna) == [(FIRST, date(2027, 5, 31)), (later, None)]
    commands.take_back_pattern(session, hanna, anna, later, "Blijft zo", now, local_date(now))
    assert known(session, anna) == [(FIRST, None)]
    assert refused(
        lambda: commands.take_back_pattern(session, hanna, anna, later, "Nog eens", now, local_date(now))
    ) == {"pattern_not_coming"}
    assert refused(lambda: commands.take_back_pattern(session, hanna, anna, FIRST, " ", now, local_date(now))) == {
        "change_reason_missing"
    }
    assert refused(lambda: commands.take_back_pattern(session, hanna, anna, FIRST, "Te laat", now, FIRST)) == {
        "pattern_not_coming"
    }
    whats = [one.what for one in session.scalars(select(Change).order_by(Change.id))]
    assert whats == ["pattern.set"] * 3 + ["pattern.withdrawn"]


@pytest.mark.parametrize(
    ("wrong", "codes"),
    [
        ({"weeks": ((0,) * 7,)}, {"pattern_weeks_wrong"}), ({"weeks": ()}, {"pattern_weeks_wrong"}),
        ({"weeks": ((1441,) * 7,)}, {"pattern_weeks_wrong"}), ({"first": None}, {"first_day_missing"}),
        ({"first": SINCE - timedelta(days=1)}, {"pattern_outside_employment", "pattern_long_ago"}),
        ({"first": date(2025, 1, 1)}, {"pattern_long_ago"}), ({"reason": " "}, {"change_reason_missing"}),
        ({"weeks": (), "first": None, "reason": ""},
         {"pattern_weeks_wrong", "first_day_missing", "change_reason_missing"}),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_all_that_is_wrong(
    world: World, session: Session, cast: Cast, hanna: Author, wrong: dict[str, Any], codes: set[str]
) -> None:
    anna = of(session, cast)
    assert refused(lambda: put(world, session, hanna, anna, **wrong)) == codes
    assert known(session, anna) == []
    assert session.scalar(select(func.count()).select_from(Change)) == 0


def test_nobody_sets_their_own_pattern_or_one_outside_their_work(
    world: World, session: Session, cast: Cast, hanna: Author
) -> None:
    own = of(session, cast, "hanna")
    assert refused(lambda: put(world, session, hanna, own)) == {"own_rights"}
    elsewhere = Author(cast.people["hanna"], frozenset({cast.municipalities["duinrade"]}))
    assert refused(lambda: put(world, session, elsewhere, of(session, cast))) == {"outside_your_work"}


def test_the_same_pattern_again_is_refused_also_when_said_in_two_weeks(
    world: World, session: Session, cast: Cast, hanna: Author
) -> None:
    anna = of(session, cast)
    put(world, session, hanna, anna)
    assert refused(lambda: put(world, session, hanna, anna, THREE * 2, first=date(2027, 1, 1))) == {"pattern_same"}
    put(world, session, hanna, anna, TURNS, first=date(2027, 1, 1), anchor=date(2027, 1, 6))
    assert refused(
        lambda: put(world, session, hanna, anna, TURNS[::-1], first=date(2027, 2, 1), anchor=date(2027, 1, 13))
    ) == {"pattern_same"}
    put(world, session, hanna, anna, TURNS, first=date(2027, 2, 1), anchor=date(2027, 1, 13))
    assert len(known(session, anna)) == 3


def test_who_moves_works_the_same_days_there(world: World, session: Session, cast: Cast, hanna: Author) -> None:
    anna, there, now = of(session, cast), date(2027, 3, 4), world.clock.now()
    put(world, session, hanna, anna, TURNS)
    put(world, session, hanna, anna, THREE, first=date(2027, 9, 1))
    unit = session.scalars(
        select(Unit.id).where(Unit.municipality_id == cast.municipalities["duinrade"], Unit.parent_id.is_not(None))
    ).one()
    before = hours_of(session, anna.person_id, FIRST, date(2027, 12, 31))[0].patterns
    new = employments.move(session, hanna, anna, unit, "77", "Jurist", there, "Reorganisatie", now)
    assert known(session, new) == [(there, date(2027, 8, 31)), (date(2027, 9, 1), None)]
    moved = hours_of(session, anna.person_id, there, date(2027, 12, 31))
    assert [one.employment.id for one in moved] == [new.id]
    for offset in range(300):
        day = there + timedelta(days=offset)
        assert moved[0].planned(day) == next(one for one in before if one.holds(day)).minutes(day)


def test_several_employments_have_hours_of_their_own(world: World, session: Session, cast: Cast, hanna: Author) -> None:
    anna, now = of(session, cast), world.clock.now()
    put(world, session, hanna, anna)
    unit = session.scalars(select(Unit.id).where(Unit.municipality_id == cast.municipalities["duinrade"])).first()
    terms = employments.Terms("78", "Adviseur", date(2027, 1, 1), date(2027, 6, 30))
    second = employments.employ(session, hanna, anna.person, unit, terms, now)
    put(world, session, hanna, second, ((0, 0, 480, 0, 0, 0, 0),), first=date(2027, 1, 1))
    assert refused(lambda: put(world, session, hanna, second, first=date(2027, 7, 1))) == {"pattern_outside_employment"}
    session.flush()
    wednesday = date(2027, 1, 6)
    with counted(world) as found:
        hours = hours_of(session, anna.person_id, date(2027, 1, 1), date(2027, 12, 31))
    assert len(found) == 2, "employments and patterns: what was agreed was read when these were set"
    assert [(one.employment.id, one.last, one.minutes(wednesday)) for one in hours] == [
        (second.id, date(2027, 6, 30), 480), (anna.id, date(2027, 12, 31), 0),
    ]  # fmt: skip
    assert hours_of(session, anna.person_id, date(2019, 1, 1), date(2019, 12, 31)) == []


def test_the_database_refuses_a_second_pattern_on_a_day_and_minutes_that_cannot_be(
    world: World, session: Session, cast: Cast
) -> None:
    anna, now = of(session, cast).id, world.clock.now()

    def row(**changed: Any) -> EmploymentPattern:
        given_now = {"employment_id": anna, "valid_from": FIRST, "weeks": 1, "anchor": FIRST, "set_at": now}
        return EmploymentPattern(**(given_now | changed))

    one = row()
    session.add(one)
    session.flush()
    pattern = one.id
    for wrong in (row(), row(valid_from=date(2027, 1, 1), weeks=3), PatternDay(pattern_id=pattern, day=14, minutes=1),
                  PatternDay(pattern_id=pattern, day=1, minutes=0),
                  PatternDay(pattern_id=pattern, day=1, minutes=1441)):  # fmt: skip
        nested = session.begin_nested()
        session.add(wrong)
        with pytest.raises(IntegrityError):
            session.flush()
        nested.rollback()


week = st.lists(st.sampled_from((0, 240, 432, 480)), min_size=7, max_size=7).map(tuple)
steps = st.lists(
    st.tuples(st.integers(-360, 700), st.lists(week, min_size=1, max_size=2).map(tuple), st.integers(0, 13)),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_is_set_the_last_word_about_each_day_holds(world: World, cast: Cast, steps: Any) -> None:
    """Counted again by a list of days: what is set holds up to where something later was set before."""
    now = world.clock.now()
    today = local_date(now)
    begin, end = today - timedelta(days=366), today + timedelta(days=730)
    days = [begin + timedelta(days=offset) for offset in range((end - begin).days + 1)]
    told: dict[date, WorkPattern] = {}
    with world.db.session() as session:
        anna = of(session, cast)
        for offset, weeks, anchor in steps:
            first = today + timedelta(days=offset)
            try:
                put(world, session, Author(None, None), anna, weeks, first, first + timedelta(days=anchor))
            except Refused as refusal:
                if not refusal.codes <= {"pattern_weeks_wrong", "pattern_same"}:
                    raise
                continue
            told[first] = WorkPattern(weeks, first, None, first + timedelta(days=anchor))
        (hours,) = hours_of(session, anna.person_id, begin, end)
        for day in days:
            begun = [first for first in told if first <= day]
            expected = told[max(begun)] if begun else WorkPattern(FULL_TIME, begin, None)
            assert hours.planned(day) == expected.minutes(day)
        session.rollback()
