"""How many working days are left is counted by the calendar of the municipality, for who decides as for the queue."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from portal.models.people import Municipality
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import pass_days


def test_a_closing_day_of_the_municipality_is_no_working_day_left(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        session.execute(update(Municipality).values(closing_days={"2026-11-30": "Brugdag"}))
        cast.submitted(session)
    # Handed in on Tuesday the 24th; five working days later is the 2nd, past the weekend and the closing day.
    bram = browse("bram")
    for page in ("/", "/akkoord"):
        assert "5 werkdagen" in bram.get(page).text, page
    pass_days(world, 3)
    bram = browse("bram")
    for page in ("/", "/akkoord"):
        assert "2 werkdagen" in bram.get(page).text, page


def test_the_bench_of_what_has_no_documents_keeps_no_room_for_them(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        number = cast.asks_account(session).number
        claim = cast.submitted(session)
        cast.act(session, "bram", claim, "approve")
        other = claim.number
    carla = browse("carla")
    page = carla.get(carla.post(f"/zaken/{number}/nemen").headers["Location"]).text
    assert "ssc-bench--alone" in page
    assert "ssc-viewer" not in page
    assert "Er zijn geen documenten" not in page
    page = carla.get(carla.post(f"/zaken/{other}/nemen").headers["Location"]).text
    assert "ssc-bench--alone" not in page
    assert "ssc-viewer" in page
