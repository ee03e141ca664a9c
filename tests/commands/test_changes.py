"""The log of administration: what is written down, that it stays, and who may change what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

from portal.commands.changes import COMMAND_LINE, WHAT, Author, because, write_down
from portal.models.changes import Change
from portal.queries.changes import Wanted, all_changes, changes
from portal.web.admin.changes import KINDS, kinds
from portal.web.admin.words import FIELDS
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import pass_days, refused


def test_only_what_differs_is_written_down(world: World, cast: Cast) -> None:
    now, hanna = world.clock.now(), Author(cast.people["hanna"], None)
    with world.db.transaction() as session:
        assert not write_down(session, hanna, now, "unit.changed", "Team", old={"name": "A"}, new={"name": "A"})
        assert write_down(
            session, hanna, now, "unit.changed", "Team", old={"name": "A", "valid_to": None},
            new={"name": "A", "valid_to": date(2026, 12, 31)}, reason="Reorganisatie",
        )  # fmt: skip
        with pytest.raises(KeyError):
            write_down(session, hanna, now, "unit.exploded", "Team")
    with world.db.session(writes=False) as session:
        row = session.scalars(select(Change)).one()
        assert (row.by_id, row.at, row.about, row.reason) == (hanna.person_id, now, "Team", "Reorganisatie")
        assert (row.old, row.new) == ({"valid_to": ""}, {"valid_to": "2026-12-31"})


@pytest.mark.parametrize("change", [update(Change).values(about="x"), delete(Change)])
def test_what_is_written_down_stays(world: World, cast: Cast, change: object) -> None:
    with world.db.transaction() as session:
        write_down(session, COMMAND_LINE, world.clock.now(), "import.done", "mensen.csv")
    with pytest.raises(DatabaseError, match="append-only"), world.db.transaction() as session:
        session.execute(change)  # type: ignore[call-overload]


def test_a_reason_and_a_place_are_asked(cast: Cast) -> None:
    assert refused(lambda: because(" ")) == {"change_reason_missing"}
    assert because(" zij  vertrekt ") == "zij vertrekt"
    here = Author(1, frozenset({cast.municipalities["waterveen"]}))
    here.reaches(cast.municipalities["waterveen"])
    assert refused(lambda: here.reaches(cast.municipalities["duinrade"])) == {"outside_your_work"}
    assert refused(lambda: here.reaches(None)) == {"outside_your_work"}


def test_the_log_is_found_by_kind_text_person_and_day(world: World, cast: Cast) -> None:
    waterveen, anna, today = cast.municipalities["waterveen"], cast.people["anna"], date(2026, 11, 24)
    with world.db.transaction() as session:
        first = world.clock.now()
        write_down(session, COMMAND_LINE, first, "role.granted", "Anna", person_id=anna, municipality_id=waterveen)
        write_down(session, COMMAND_LINE, first, "unit.added", "100% zeker")
        write_down(session, COMMAND_LINE, pass_days(world, 1), "role.ended", "Bram")

    def found(**wanted: object) -> list[str]:
        with world.db.session(writes=False) as session:
            rows = list(all_changes(session, None, Wanted(**wanted)))  # type: ignore[arg-type]
            return [row.about for row in rows]

    assert found() == ["Bram", "100% zeker", "Anna"]
    assert found(kind="role") == ["Bram", "Anna"]
    assert found(text="0% Z") == ["100% zeker"]
    assert found(person_id=anna) == ["Anna"]
    assert found(first=today + timedelta(days=1)) == ["Bram"]
    assert found(last=today) == ["100% zeker", "Anna"]
    with world.db.session(writes=False) as session:
        assert [row.about for row in changes(session, frozenset({waterveen}), Wanted())[0]] == ["Anna"]
        page, after = changes(session, None, Wanted(), limit=2)
        assert [row.about for row in page] == ["Bram", "100% zeker"]
        assert [row.about for row in changes(session, None, Wanted(), after, limit=2)[0]] == ["Anna"]


def test_every_kind_of_change_is_in_the_filter() -> None:
    assert set(kinds()) == {what.partition(".")[0] for what in WHAT} == set(KINDS)
    assert all(label[0].isupper() for label in FIELDS.values())
