"""Working through the queue: the next case comes with the decision for who wants that, of the filter they chose."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.models.cases import Case
from portal.worlds import World
from tests.cast import Cast
from tests.commands.test_duplicates import claim

CHECKS = ("legible", "amount", "date", "for_work")
PASSED = {"checklist": "1", "box": "1", "do": "check", "granted-a": "12,50"} | {f"tick-a-{c}": "1" for c in CHECKS}


@pytest.fixture
def waiting(world: World, cast: Cast) -> list[str]:
    """Three claims that wait for a check, the first the most urgent."""
    with world.db.transaction() as session:
        cases = [
            claim(session, cast, name, f"k{at}", file=at, text=f"Rit {at}", date=f"2026-11-1{at}")
            for at, name in enumerate(("anna", "aart", "anna"))
        ]
        for case in cases:
            cast.act(session, "bram", case, "approve")
        return [case.number or "" for case in cases]


def holder(world: World, number: str) -> int | None:
    with world.db.session(writes=False) as session:
        return session.scalars(select(Case.assignee_id).where(Case.number == number)).one()


def test_whoever_takes_the_next_case_is_given_the_next_with_each_decision(
    world: World, cast: Cast, browse: Any, waiting: list[str]
) -> None:
    carla = browse("carla")
    first, second, third = (f"/werkvoorraad/{number}" for number in waiting)
    assert carla.post("/werkvoorraad/volgende").headers["Location"] == first
    assert re.search(r'name="next" value="1" checked', carla.get(first).text)
    assert holder(world, waiting[1]) is None, "nobody works on it yet"
    assert carla.post(first, PASSED | {"next": "1"}).headers["Location"] == second
    assert holder(world, waiting[1]) == cast.people["carla"]
    assert carla.get(second).status_code == 200
    # The box was cleared: the decision brings nothing, and the next time it does not either.
    assert carla.post(second, PASSED).headers["Location"] == "/werkvoorraad"
    assert holder(world, waiting[2]) is None
    carla.post(f"/zaken/{waiting[2]}/nemen")
    assert not re.search(r'name="next" value="1" checked', carla.get(third).text)
    assert carla.post(third, PASSED | {"next": "1"}).headers["Location"] == "/werkvoorraad"
    assert "Er wacht niets" in carla.get("/werkvoorraad").text


def test_the_next_case_is_of_the_filter_it_was_taken_from(
    world: World, cast: Cast, browse: Any, waiting: list[str]
) -> None:
    carla = browse("carla")
    assert carla.post("/werkvoorraad/volgende", {"zoek": "anna"}).headers["Location"] == f"/werkvoorraad/{waiting[0]}"
    after = carla.post(f"/werkvoorraad/{waiting[0]}", PASSED | {"next": "1"})
    assert after.headers["Location"] == f"/werkvoorraad/{waiting[2]}", (
        "Aart's claim, which is more urgent, is none of it"
    )
    last = carla.post(f"/werkvoorraad/{waiting[2]}", PASSED | {"next": "1"})
    assert last.headers["Location"] == "/werkvoorraad?zoek=anna"
    assert holder(world, waiting[1]) is None


def test_a_decision_that_is_refused_takes_no_case(world: World, cast: Cast, browse: Any, waiting: list[str]) -> None:
    carla = browse("carla")
    carla.post("/werkvoorraad/volgende")
    refused = carla.post(f"/werkvoorraad/{waiting[0]}", {"checklist": "1", "box": "1", "do": "check", "next": "1"})
    assert refused.status_code == 422
    assert 'name="next" value="1" checked' in refused.text
    assert holder(world, waiting[1]) is None
    saved = carla.post(f"/werkvoorraad/{waiting[0]}", PASSED | {"do": "adjust", "next": "1"})
    assert saved.headers["Location"] == f"/werkvoorraad/{waiting[0]}", "saving is no decision"
    assert holder(world, waiting[1]) is None


def test_ones_own_case_is_never_the_next(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        numbers = []
        for at, name in enumerate(("anna", "carla")):
            case = cast.submitted(session, name, key=f"k{at}")
            cast.act(session, "bram" if name == "anna" else "diane", case, "approve")
            numbers.append(case.number)
    carla = browse("carla")
    carla.post("/werkvoorraad/volgende")
    assert carla.post(f"/werkvoorraad/{numbers[0]}", PASSED | {"next": "1"}).headers["Location"] == "/werkvoorraad"
    assert holder(world, numbers[1] or "") is None


def test_the_home_page_says_what_waits_and_leads_there(
    world: World, cast: Cast, browse: Any, waiting: list[str]
) -> None:
    carla = browse("carla")
    for number in waiting[:2]:
        carla.post(f"/zaken/{number}/nemen")
    carla.post(f"/zaken/{waiting[0]}/suspend", {"reason": "Wacht op de leverancier"})
    world.clock.advance(timedelta(days=20))
    home = browse("carla").get("/").text
    tiles = dict(re.findall(r'<a class="ssc-tile[^"]*" href="([^"]+)"><strong>(\d+)', home))
    assert {address.replace("&amp;", "&"): int(count) for address, count in tiles.items()} == {
        "/werkvoorraad?wie=me": 2, "/werkvoorraad?wie=me&leeftijd=suspended": 1,
        "/werkvoorraad?wie=free&leeftijd=late": 1, "/werkvoorraad?wie=free&leeftijd=soon": 1,
    }  # fmt: skip
    carla = browse("carla")
    for address, count in tiles.items():
        page = carla.get(address.replace("&amp;", "&")).text
        assert page.count('<th scope="row"') == int(count), address
    assert "ssc-tile" not in browse("anna").get("/").text
