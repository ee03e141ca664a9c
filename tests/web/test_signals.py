"""What is flagged about a case on the pages: a link for who may follow it, no one else's data, and settling."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from portal.models.cases import Case, CaseFlag
from portal.models.mail import MailLink
from portal.models.people import RoleGrant
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import whole
from tests.commands.test_duplicates import claim, to_clerk
from tests.web.said import says


@pytest.fixture
def number(world: World, cast: Cast) -> str:
    """Anna's claim with a receipt that Olga, of another municipality, handed in before. It waits for Bram."""
    with world.db.transaction() as session:
        claim(session, cast, "olga", "1", file=1)
        return claim(session, cast, "anna", "2", file=1).number or ""


def on_the_bench(world: World, cast: Cast, number: str) -> None:
    with world.db.transaction() as session:
        case_id = session.scalars(select(Case.id).where(Case.number == number)).one()
        to_clerk(session, cast, whole(session, case_id))


def test_an_approver_learns_that_it_was_claimed_before_and_not_by_whom(
    world: World, cast: Cast, browse: Any, number: str
) -> None:
    with world.db.session(writes=False) as session:
        nonces = {link.person_id: link.nonce for link in session.scalars(select(MailLink))}
        token = world.link_token(nonces[cast.people["bram"]])
    for page in (browse().get(f"/akkoord/{token}").text, browse("bram").get(f"/zaken/{number}").text):
        assert "Dezelfde bon" in page
        assert "DEC-2026-000001" not in page
        assert "Olga" not in page


def test_the_employee_is_not_shown_what_the_ssc_looks_into(browse: Any, number: str) -> None:
    assert "Dezelfde bon" not in browse("anna").get(f"/zaken/{number}").text


def test_a_clerk_gets_a_link_where_they_may_see_the_other_case_and_else_its_number(
    world: World, cast: Cast, browse: Any, number: str
) -> None:
    on_the_bench(world, cast, number)
    page = browse("carla").get(f"/werkvoorraad/{number}").text
    assert 'href="/zaken/DEC-2026-000001"' in page
    with world.db.transaction() as session:
        grant = session.scalars(select(RoleGrant).where(RoleGrant.person_id == cast.people["carla"])).one()
        grant.municipality_id = cast.municipalities["waterveen"]
    page = browse("carla").get(f"/werkvoorraad/{number}").text
    assert "DEC-2026-000001" in page
    assert 'href="/zaken/DEC-2026-000001"' not in page


def test_a_clerk_settles_it_on_the_bench(world: World, cast: Cast, browse: Any, number: str) -> None:
    on_the_bench(world, cast, number)
    carla = browse("carla")
    page = carla.get(f"/werkvoorraad/{number}").text
    (address,) = re.findall(rf'action="(/werkvoorraad/{number}/signaal/\d+)"', page)
    assert "Handel eerst de signalen af; nog open: 1." in page
    assert says(carla.post(address, {"answer": "not_double"}), "reason_missing")
    answer = carla.post(address, {"answer": "maybe", "reason": "Twee auto's"})
    assert says(answer, "flag_answer")
    assert 'value="Twee auto&#39;s"' in answer.text, "what was typed is kept"
    assert browse("els").post(address, {"answer": "not_double", "reason": "x"}).status_code == 409
    assert carla.post(address, {"answer": "not_double", "reason": "Twee auto's"}).status_code == 302
    assert says(carla.post(address, {"answer": "double", "reason": "Toch"}), "flag_settled")
    page = carla.get(f"/werkvoorraad/{number}").text
    assert address not in page
    assert "Geen dubbele" in page
    assert carla.get(f"/zaken/{number}").text.count("Twee auto&#39;s") == 2, "in the signal and in the timeline"
    with world.db.session(writes=False) as session:
        assert session.scalars(select(CaseFlag.settled_as)).all() == ["not_double"]


def test_in_english_too(browse: Any, world: World, cast: Cast, number: str) -> None:
    on_the_bench(world, cast, number)
    carla = browse("carla")
    carla.post("/taal/en")
    page = carla.get(f"/werkvoorraad/{number}").text
    assert "The same file was handed in with DEC-2026-000001." in page
    assert "Settle the signals first; still open: 1." in page
