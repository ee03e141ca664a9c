"""Arranging who decides meanwhile: what is refused, and what of it stays on record."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.access import Role
from portal.commands import substitutes
from portal.commands.substitutes import Arrangement
from portal.models.people import Employment, RoleGrant, Substitution
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused

TODAY = date(2026, 11, 24)


def day(number: int) -> date:
    return TODAY + timedelta(number)


def arrange(cast: Cast, session: Session, absent: str, substitute: str, first: int = 0, last: int = 7) -> Substitution:
    pair = cast.people[absent], cast.people[substitute]
    found = substitutes.stand_in(session, *pair, day(first), day(last), TODAY)
    session.flush()
    return found


def pays(cast: Cast, session: Session, name: str, place: str, first: int, last: int | None) -> None:
    session.add(
        RoleGrant(
            person_id=cast.people[name], role=Role.TREASURER.value, municipality_id=cast.municipalities[place],
            valid_from=day(first), valid_to=None if last is None else day(last),
        )
    )  # fmt: skip
    session.flush()


def test_a_longer_ring_is_refused_on_the_days_it_would_be_one(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        arrange(cast, session, "bram", "aart", 0, 3)
        arrange(cast, session, "aart", "carla", 3, 9)
        assert refused(lambda: arrange(cast, session, "carla", "bram", 1, 5)) == {"substitute_circle"}
        # On each day apart there is no ring, however much the periods touch.
        arrange(cast, session, "carla", "bram", 4, 9)


def test_who_pays_does_not_stand_in_for_who_approves(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        assert refused(lambda: arrange(cast, session, "bram", "dirk")) == {"substitute_pays"}
        pays(cast, session, "aart", "waterveen", 5, 6)
        assert refused(lambda: arrange(cast, session, "bram", "aart", 6, 8)) == {"substitute_pays"}
        arrange(cast, session, "bram", "aart", 7, 8)
        pays(cast, session, "els", "duinrade", -5, None)
        arrange(cast, session, "bram", "els")


@pytest.mark.parametrize(("first", "last", "stands"), [(0, 3, True), (0, 4, False), (4, 9, False)])
def test_who_leaves_does_not_stand_in_after_that(world: World, cast: Cast, first: int, last: int, stands: bool) -> None:
    with world.db.transaction() as session:
        session.execute(update(Employment).where(Employment.person_id == cast.people["aart"]).values(valid_to=day(3)))
        if stands:
            arrange(cast, session, "bram", "aart", first, last)
        else:
            assert refused(lambda: arrange(cast, session, "bram", "aart", first, last)) == {"substitute_not_there"}


def test_a_chain_that_ends_nowhere_is_refused(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        arrange(cast, session, "aart", "carla", 2, 5)
        session.execute(update(Employment).where(Employment.person_id == cast.people["carla"]).values(valid_to=day(3)))
        assert refused(lambda: arrange(cast, session, "bram", "aart", 0, 4)) == {"substitute_nowhere"}
        arrange(cast, session, "bram", "aart", 0, 3)
        session.execute(delete(Substitution))
        arrange(cast, session, "aart", "els", 2, 5)
        pays(cast, session, "els", "waterveen", 0, None)
        assert refused(lambda: arrange(cast, session, "bram", "aart", 0, 2)) == {"substitute_nowhere"}


def rows(cast: Cast, session: Session) -> list[tuple[str, str, int, int]]:
    names = {person: name for name, person in cast.people.items()}
    session.flush()
    return [
        (names[s.absent_id], names[s.substitute_id], (s.valid_from - TODAY).days, (s.valid_to - TODAY).days)
        for s in session.scalars(select(Substitution).order_by(Substitution.id))
    ]


def change(
    cast: Cast, session: Session, found: Substitution, to: str, first: int, last: int, who: str = "bram"
) -> None:
    wanted = Arrangement(cast.people[who], cast.people[to], day(first), day(last))
    substitutes.change_substitution(session, found.id, wanted, TODAY)


def test_what_is_changed_keeps_on_record_what_was(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        begun = arrange(cast, session, "bram", "aart", -3, 7)
        change(cast, session, begun, "aart", -3, 2)
        assert rows(cast, session) == [("bram", "aart", -3, 2)]
        change(cast, session, begun, "carla", -3, 5)
        assert rows(cast, session) == [("bram", "aart", -3, -1), ("bram", "carla", 0, 5)]
        coming = arrange(cast, session, "bram", "els", 8, 9)
        change(cast, session, coming, "aart", 9, 12)
        assert rows(cast, session)[-1] == ("bram", "aart", 9, 12)
        assert refused(lambda: change(cast, session, begun, "aart", 0, 1)) == {"substitution_gone"}
        assert refused(lambda: change(cast, session, coming, "els", 0, 1, "aart")) == {"substitution_gone"}
        assert refused(lambda: change(cast, session, coming, "dirk", 9, 12)) == {"substitute_pays"}


def test_a_substitution_is_not_in_its_own_way_when_it_is_changed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        found = arrange(cast, session, "bram", "aart", 1, 7)
        arrange(cast, session, "aart", "carla", 9, 9)
        change(cast, session, found, "aart", 2, 9)
        assert rows(cast, session)[0] == ("bram", "aart", 2, 9)


def test_taking_back_what_has_begun_keeps_the_days_that_were(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        found = arrange(cast, session, "bram", "aart", -2, 7)
        substitutes.end_substitution(session, cast.people["bram"], found.id, TODAY)
        substitutes.end_substitution(session, cast.people["bram"], found.id, TODAY)
        assert rows(cast, session) == [("bram", "aart", -2, -1)]
