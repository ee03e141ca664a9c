"""Which agreements hold for whom: a municipality's own before those of all, and only on the days they are for."""

from __future__ import annotations

from datetime import date

from portal.models.people import Policy
from portal.queries.people import policies_of
from portal.worlds import World
from tests.cast import Cast


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
