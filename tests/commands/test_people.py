"""Languages, and substitutes without circles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import people, substitutes
from portal.models.people import Person, Substitution
from portal.queries.stand_ins import stand_ins
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused
from workflows.kernel import Refused

TODAY = date(2026, 11, 24)


def test_a_language_is_remembered(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        people.set_language(session, cast.people["anna"], "en")
    with world.db.session(writes=False) as session:
        assert session.get_one(Person, cast.people["anna"]).language == "en"


def stand_in(session: Session, pair: tuple[int, int], first: int = 0, last: int = 7) -> Substitution:
    days = TODAY + timedelta(first), TODAY + timedelta(last)
    found = substitutes.stand_in(session, *pair, *days, TODAY)
    session.flush()
    return found


def test_substitutions_that_make_no_sense_are_refused(world: World, cast: Cast) -> None:
    anna, bram = cast.people["anna"], cast.people["bram"]
    with world.db.transaction() as session:
        assert refused(lambda: stand_in(session, (anna, anna))) == {"substitute_self"}
        assert refused(lambda: stand_in(session, (anna, 9999))) == {"substitute_unknown"}
        assert refused(lambda: stand_in(session, (anna, bram), 3, 2)) == {"substitute_period"}
        assert refused(lambda: stand_in(session, (anna, bram), -5, -1)) == {"substitute_past"}
        stand_in(session, (anna, bram), -5, 0)
        assert refused(lambda: stand_in(session, (bram, anna), 0, 0)) == {"substitute_circle"}
        stand_in(session, (bram, anna), 1, 1)


def test_a_substitution_holds_from_its_first_up_to_and_with_its_last_day(world: World, cast: Cast) -> None:
    pair = (cast.people["bram"], cast.people["aart"])
    with world.db.transaction() as session:
        stand_in(session, pair, 1, 2)
        case = cast.submitted(session)
        asked = [stand_ins(session, case, TODAY + timedelta(day)) for day in range(4)]
        assert asked == [(), (pair[1],), (pair[1],), ()]


def test_only_who_is_away_takes_the_substitution_back(world: World, cast: Cast) -> None:
    bram, aart = cast.people["bram"], cast.people["aart"]
    with world.db.transaction() as session:
        found = stand_in(session, (bram, aart))
        for who, left in ((aart, 1), (bram, 0), (bram, 0)):
            substitutes.end_substitution(session, who, found.id, TODAY)
            session.flush()
            assert session.query(Substitution).count() == left


def has_circle(rows: Sequence[Substitution], day: date) -> bool:
    """Whether somebody, step by step, stands in for themselves on this day."""
    pairs = {(row.absent_id, row.substitute_id) for row in rows if row.valid_from <= day <= row.valid_to}
    reach = set(pairs)
    for _ in pairs:
        reach |= {(a, d) for a, b in reach for c, d in pairs if b == c}
    return any(a == b for a, b in reach)


wishes = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4), st.integers(0, 3)), max_size=12)


def test_however_people_arrange_it_no_circle_comes_of_it(world: World, cast: Cast) -> None:
    ids = list(cast.people.values())

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(wishes)
    def check(wanted: list[tuple[int, int, int, int]]) -> None:
        with world.db.session() as session:
            refusals: set[str] = set()
            for absent, substitute, first, length in wanted:
                try:
                    stand_in(session, (ids[absent], ids[substitute]), first, first + length)
                except Refused as refusal:
                    refusals |= refusal.codes
            assert refusals <= {"substitute_self", "substitute_circle", "substitute_pays", "substitute_nowhere"}
            rows = session.scalars(select(Substitution)).all()
            assert not any(has_circle(rows, TODAY + timedelta(day)) for day in range(9))
            session.rollback()

    check()
