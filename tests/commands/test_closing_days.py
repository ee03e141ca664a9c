"""Closing days of a municipality's own."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from portal.commands import closing_days as commands
from portal.commands.changes import Author
from portal.models.changes import Change
from portal.models.people import Municipality
from portal.queries.people import calendar_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused

TODAY = date(2026, 11, 24)
EVE = date(2026, 12, 24)


def test_a_day_is_added_counts_and_is_taken_away(world: World, cast: Cast) -> None:
    now, hanna = world.clock.now(), Author(cast.people["hanna"], None)
    with world.db.session() as session:
        place = session.get_one(Municipality, cast.municipalities["waterveen"])
        place.closing_days = {}
        commands.add_closing_day(session, hanna, place, EVE, "Kerstavond", now, TODAY)
        assert not calendar_of(place).is_working_day(EVE)
        assert calendar_of(place).add_working_days(date(2026, 12, 23), 1) == date(2026, 12, 28)
        other = session.get_one(Municipality, cast.municipalities["duinrade"])
        assert calendar_of(other).is_working_day(EVE) is (EVE.isoformat() not in other.closing_days)
        again = refused(lambda: commands.add_closing_day(session, hanna, place, EVE, "Nog eens", now, TODAY))
        assert again == {"closing_day_closed"}
        gone = commands.remove_closing_day
        assert refused(lambda: gone(session, hanna, place, EVE, " ", now, TODAY)) == {"change_reason_missing"}
        gone(session, hanna, place, EVE, "Toch open", now, TODAY)
        assert calendar_of(place).is_working_day(EVE)
        assert refused(lambda: gone(session, hanna, place, EVE, "x", now, TODAY)) == {"closing_day_unknown"}
        session.flush()
        assert [row.what for row in session.scalars(select(Change).order_by(Change.id))] == [
            "closing_day.added", "closing_day.removed",
        ]  # fmt: skip


def test_what_is_wrong_is_told_together(world: World, cast: Cast) -> None:
    now, hanna = world.clock.now(), Author(cast.people["hanna"], None)
    with world.db.session() as session:
        place = session.get_one(Municipality, cast.municipalities["waterveen"])
        before = dict(place.closing_days)
        for day, codes in (
            (None, {"closing_day_missing"}), (TODAY, {"closing_day_past"}), (date(2036, 1, 2), {"closing_day_far"}),
            (date(2026, 12, 25), {"closing_day_closed"}), (date(2026, 12, 26), {"closing_day_closed"}),
        ):  # fmt: skip
            found = refused(lambda day=day: commands.add_closing_day(session, hanna, place, day, "", now, TODAY))
            assert found == codes | {"name_missing"}
        only = Author(hanna.person_id, frozenset({cast.municipalities["duinrade"]}))
        assert refused(lambda: commands.add_closing_day(session, only, place, EVE, "x", now, TODAY)) == {
            "outside_your_work"
        }
        place.closing_days = {"2026-11-24": "Vandaag"}
        assert refused(lambda: commands.remove_closing_day(session, hanna, place, TODAY, "x", now, TODAY)) == {
            "closing_day_past"
        }
        assert place.closing_days != before
