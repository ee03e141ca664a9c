"""Municipalities and units: added, changed and closed, each refused where it should be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import organisation as commands
from portal.commands.changes import Author
from portal.models.changes import Change
from portal.models.people import Municipality, Unit
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused

PAYS = commands.PaysFrom("Lindehoven", "Gemeente Lindehoven", "NL91 ABNA 0417 1643 00", "abna nl 2a")


@pytest.fixture
def session(world: World, cast: Cast) -> Iterator[Session]:
    with world.db.session() as session:
        yield session


@pytest.fixture
def hanna(cast: Cast) -> Author:
    return Author(cast.people["hanna"], None)


def test_a_municipality_joins_once(world: World, session: Session, cast: Cast, hanna: Author) -> None:
    now, add = world.clock.now(), commands.add_municipality
    new = add(session, hanna, "lindehoven", PAYS, now)
    assert (new.iban, new.bic) == ("NL91ABNA0417164300", "ABNANL2A")
    assert refused(lambda: add(session, hanna, "lindehoven", PAYS, now)) == {"code_taken"}
    assert refused(lambda: add(session, hanna, "Linde hoven", PAYS, now)) == {"code_wrong"}
    assert refused(lambda: add(session, hanna, "x1", replace(PAYS, iban="NL91 ABNA"), now)) == {"iban_length"}
    assert refused(lambda: add(session, hanna, "x1", replace(PAYS, bic="BNG"), now)) == {"bic_wrong"}
    assert refused(lambda: add(session, hanna, "x1", replace(PAYS, account_name=" "), now)) == {"account_name_missing"}
    assert refused(lambda: add(session, hanna, "x1", replace(PAYS, name=""), now)) == {"name_missing"}
    only = Author(cast.people["hanna"], frozenset({new.id}))
    assert refused(lambda: add(session, only, "x1", PAYS, now)) == {"outside_your_work"}


def test_another_account_needs_a_reason_and_shows_in_the_log(world: World, session: Session, hanna: Author) -> None:
    waterveen = session.scalars(select(Municipality).where(Municipality.code == "waterveen")).one()
    was, now = waterveen.iban, world.clock.now()
    typed = replace(PAYS, name="Waterveen")
    change = commands.change_municipality
    assert refused(lambda: change(session, hanna, waterveen, typed, " ", now)) == {"change_reason_missing"}
    change(session, hanna, waterveen, typed, "Andere bank", now)
    session.flush()
    row = session.scalars(select(Change)).one()
    assert (row.old["iban"], row.new["iban"], row.reason) == (was, "NL91ABNA0417164300", "Andere bank")
    assert "name" not in row.new


def test_units_form_a_tree(world: World, session: Session, cast: Cast, hanna: Author) -> None:
    now, place = world.clock.now(), cast.municipalities["waterveen"]
    top, team = session.scalars(select(Unit).where(Unit.municipality_id == place).order_by(Unit.id)).all()
    other = session.scalars(select(Unit).where(Unit.municipality_id != place)).first()
    assert other is not None

    def change(parent: int | None, name: str = "Team Groen", centre: str = "1300", why: str = "Zo besloten") -> None:
        commands.change_unit(session, hanna, top, name, parent, centre, why, now)

    assert refused(lambda: change(team.id)) == {"parent_circle"}
    assert refused(lambda: change(top.id)) == {"parent_circle"}
    assert refused(lambda: change(other.id)) == {"parent_unknown"}
    assert refused(lambda: change(None, name="team vergunningen")) == {"unit_name_taken"}
    assert refused(lambda: change(None, centre="")) == {"cost_centre_wrong"}
    assert refused(lambda: change(None, why="")) == {"change_reason_missing"}
    change(None)
    assert (top.name, top.cost_centre) == ("Team Groen", "1300")
    new = commands.add_unit(session, hanna, place, "Team Blauw", top.id, "1400", now)
    assert new.parent_id == top.id


def test_a_unit_closes_when_it_is_empty(world: World, session: Session, cast: Cast, hanna: Author) -> None:
    now, place, last = world.clock.now(), cast.municipalities["waterveen"], date(2026, 12, 31)
    _, team = session.scalars(select(Unit).where(Unit.municipality_id == place).order_by(Unit.id)).all()
    close = commands.close_unit
    assert refused(lambda: close(session, hanna, team, last, "Op", now)) == {"unit_has_people"}
    upper = commands.add_unit(session, hanna, place, "Boven", None, "1", now)
    under = commands.add_unit(session, hanna, place, "Onder", upper.id, "2", now)
    assert refused(lambda: close(session, hanna, upper, last, "Op", now)) == {"unit_has_units"}
    close(session, hanna, under, last, "Op", now)
    close(session, hanna, upper, last, "Op", now)
    assert refused(lambda: commands.add_unit(session, hanna, place, "Nieuw", upper.id, "3", now)) == {"parent_closed"}
    close(session, hanna, upper, None, "Toch niet", now)
    assert upper.valid_to is None
