"""Agreements: added, ended and taken back, so that on each day at most one of a kind holds for a municipality."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands import policies as commands
from portal.commands.changes import Author
from portal.models.changes import Change
from portal.models.people import Policy
from portal.queries.people import policies_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused
from workflows.kernel import Refused

TODAY = date(2026, 11, 24)
KM = commands.Agreement("rate_km_cents", "0,25", None, date(2027, 1, 1), None, "Belastingplan 2027, art. 3")


@pytest.fixture
def session(world: World, cast: Cast) -> Iterator[Session]:
    with world.db.session() as session:
        yield session


@pytest.fixture
def hanna(cast: Cast) -> Author:
    return Author(cast.people["hanna"], None)


def held(session: Session, place: int, *days: date) -> list[int]:
    return [int(policies_of(session, place).number("rate_km_cents", day)) for day in days]


def test_what_held_ends_when_the_next_begins(world: World, session: Session, cast: Cast, hanna: Author) -> None:
    place = cast.municipalities["waterveen"]
    commands.agree(session, hanna, KM, "Nieuw jaar", world.clock.now(), TODAY)
    assert held(session, place, date(2026, 12, 31), date(2027, 1, 1)) == [23, 25]
    change = session.scalars(select(Change)).one()
    assert (change.what, change.old["value"], change.new["value"]) == ("policy.added", "23", "25")
    assert change.new["valid_from"] == "2027-01-01"


def test_something_for_a_while_gives_way_again(world: World, session: Session, cast: Cast, hanna: Author) -> None:
    place = cast.municipalities["waterveen"]
    proof = replace(KM, first=date(2027, 1, 1), last=date(2027, 3, 31))
    commands.agree(session, hanna, proof, "Proef", world.clock.now(), TODAY)
    assert held(session, place, date(2026, 12, 31), date(2027, 2, 1), date(2027, 4, 1)) == [23, 25, 23]
    rows = session.scalars(select(Policy).where(Policy.key == "rate_km_cents", Policy.valid_from > TODAY)).all()
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"key": "nonsense"}, "policy_key_unknown"), ({"value": "veel"}, "policy_not_rate"),
        ({"value": ""}, "policy_value_empty"), ({"municipality_id": 999_999}, "policy_place_unknown"),
        ({"source": " "}, "policy_source_missing"), ({"first": None}, "policy_first_missing"),
        ({"first": date(2024, 1, 1)}, "policy_long_ago"), ({"last": date(2026, 12, 31)}, "policy_ends_early"),
    ],
)  # fmt: skip
def test_what_is_wrong_changes_nothing(
    world: World, session: Session, hanna: Author, changed: dict[str, Any], code: str
) -> None:
    before = session.scalars(select(Policy.id)).all()
    assert refused(
        lambda: commands.agree(session, hanna, replace(KM, **changed), "Omdat", world.clock.now(), TODAY)
    ) == {code}
    assert session.scalars(select(Policy.id)).all() == before


def test_a_reason_and_all_else_that_is_wrong_are_told_together(world: World, session: Session, hanna: Author) -> None:
    wrong = replace(KM, value="x", source="", first=None)
    assert refused(lambda: commands.agree(session, hanna, wrong, "", world.clock.now(), TODAY)) == {
        "policy_not_rate", "policy_source_missing", "policy_first_missing", "change_reason_missing",
    }  # fmt: skip


def test_agreements_about_the_same_do_not_meet(world: World, session: Session, cast: Cast, hanna: Author) -> None:
    now, own = world.clock.now(), cast.municipalities["waterveen"]
    commands.agree(session, hanna, KM, "Nieuw jaar", now, TODAY)
    assert refused(lambda: commands.agree(session, hanna, KM, "Nog eens", now, TODAY)) == {"policy_same_day"}
    december = replace(KM, value="0,30", first=date(2026, 12, 1), last=date(2027, 2, 1))
    assert refused(lambda: commands.agree(session, hanna, december, "x", now, TODAY)) == {"policy_before_next"}
    commands.agree(session, hanna, replace(december, last=None), "x", now, TODAY)
    assert held(session, own, date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 1)) == [23, 30, 25]
    # A municipality's own is another row of dates.
    commands.agree(session, hanna, replace(KM, value="0,40", municipality_id=own), "Eigen", now, TODAY)
    assert held(session, own, date(2027, 1, 1)) == [40]
    assert held(session, cast.municipalities["duinrade"], date(2027, 1, 1)) == [25]


def test_what_is_to_come_can_be_taken_back_and_what_holds_only_ended(
    world: World, session: Session, cast: Cast, hanna: Author
) -> None:
    now, place = world.clock.now(), cast.municipalities["waterveen"]
    coming = commands.agree(session, hanna, KM, "Nieuw jaar", now, TODAY)
    assert refused(lambda: commands.take_back(session, hanna, coming, " ", now, TODAY)) == {"change_reason_missing"}
    commands.take_back(session, hanna, coming, "Ging niet door", now, TODAY)
    assert held(session, place, date(2026, 12, 31), date(2027, 1, 1)) == [23, 23]
    holding = session.scalars(select(Policy).where(Policy.key == "rate_km_cents", Policy.valid_to.is_(None))).one()
    assert refused(lambda: commands.take_back(session, hanna, holding, "x", now, TODAY)) == {"policy_not_coming"}
    assert refused(lambda: commands.end(session, hanna, holding, date(2026, 1, 5), "x", now, TODAY)) == {
        "policy_past_end"
    }
    assert refused(lambda: commands.end(session, hanna, holding, None, "x", now, TODAY)) == {"policy_past_end"}
    commands.end(session, hanna, holding, TODAY, "Afgeschaft", now, TODAY)
    session.flush()
    assert held(session, place, TODAY, TODAY + timedelta(days=1)) == [23, 0]
    later = TODAY + timedelta(days=9)
    assert refused(lambda: commands.end(session, hanna, holding, later, "x", now, later)) == {"policy_over"}


def test_a_manager_of_one_municipality_agrees_for_it_alone(
    world: World, session: Session, cast: Cast, hanna: Author
) -> None:
    now = world.clock.now()
    only = Author(hanna.person_id, frozenset({cast.municipalities["waterveen"]}))
    theirs = replace(KM, municipality_id=cast.municipalities["duinrade"])
    for agreement in (KM, theirs):
        assert refused(lambda it=agreement: commands.agree(session, only, it, "x", now, TODAY)) == {"outside_your_work"}
    commands.agree(session, only, replace(KM, municipality_id=cast.municipalities["waterveen"]), "x", now, TODAY)


DAYS = st.integers(0, 60).map(lambda number: TODAY + timedelta(days=number))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("agree"), DAYS, st.none() | DAYS),
        st.tuples(st.just("take_back"), st.integers(0, 9), st.none()),
        st.tuples(st.just("end"), st.integers(0, 9), DAYS),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_on_no_day_do_two_hold(world: World, cast: Cast, steps: list[Any]) -> None:
    now, place = world.clock.now(), cast.municipalities["duinrade"]
    author = Author(cast.people["hanna"], None)
    assert local_date(now) == TODAY
    with world.db.session() as session:
        for what, one, other in steps:
            rows = session.scalars(select(Policy).where(Policy.municipality_id == place).order_by(Policy.id)).all()
            try:
                with session.begin_nested():
                    if what == "agree":
                        typed = replace(KM, municipality_id=place, first=one, last=other)
                        commands.agree(session, author, typed, "x", now, TODAY)
                    elif rows and what == "take_back":
                        commands.take_back(session, author, rows[one % len(rows)], "x", now, TODAY)
                    elif rows:
                        commands.end(session, author, rows[one % len(rows)], other, "x", now, TODAY)
            except Refused:
                continue
        kept = session.scalars(
            select(Policy).where(Policy.municipality_id == place, Policy.key == KM.key).order_by(Policy.valid_from)
        ).all()
        for row, following in itertools.pairwise(kept):
            assert row.valid_to is not None
            assert row.valid_from <= row.valid_to < following.valid_from
        session.rollback()
