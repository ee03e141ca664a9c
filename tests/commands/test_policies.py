"""Which agreements hold for whom: a municipality's own before those of all, and only on the days they are for."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.models.people import Policy
from portal.queries.people import policies_of
from portal.worlds import World
from tests.cast import Cast
from tests.web.test_statements import counted


def test_policies_are_read_once_in_a_transaction_and_again_when_they_change(world: World, cast: Cast) -> None:
    ours, day = cast.municipalities["waterveen"], date(2026, 6, 1)
    limit: dict[str, Any] = {"key": "link_limit_cents", "municipality_id": ours, "valid_from": day, "source": "test"}
    with world.db.session() as session, counted(world) as found:
        policies_of(session, ours)
        assert policies_of(session, ours).number("link_limit_cents", day) == 50_000
        assert len(found) == 1
        mine = Policy(**limit, value="100")
        session.add(mine)
        session.flush()
        assert policies_of(session, ours).number("link_limit_cents", day) == 100
        mine.value = "200"
        session.flush()
        assert policies_of(session, ours).number("link_limit_cents", day) == 200
        session.delete(mine)
        session.flush()
        assert policies_of(session, ours).number("link_limit_cents", day) == 50_000
        session.add(Policy(**limit, value="300"))
        session.flush()
        session.rollback()
        assert policies_of(session, ours).number("link_limit_cents", day) == 50_000
        session.commit()
        with world.db.transaction() as other:
            other.add(Policy(**limit, value="400"))
        assert policies_of(session, ours).number("link_limit_cents", day) == 400


def test_an_own_policy_counts_for_its_municipality_on_its_days_only(world: World, cast: Cast) -> None:
    ours, theirs = cast.municipalities["waterveen"], cast.municipalities["duinrade"]
    with world.db.transaction() as session:
        own = {"key": "rate_km_cents", "value": "30", "valid_from": date(2026, 1, 1), "source": "Raadsbesluit"}
        session.add(Policy(**own, municipality_id=ours))
        session.flush()
        rates = {
            place: [
                policies_of(session, place).number("rate_km_cents", date(year, 6, 1)) for year in (2023, 2025, 2026)
            ]
            for place in (ours, theirs)
        }
        row = policies_of(session, ours).at("rate_km_cents", date(2026, 6, 1))
    assert rates == {ours: [21, 23, 30], theirs: [21, 23, 23]}
    assert row is not None
    assert (row.source, row.own) == ("Raadsbesluit", True)
