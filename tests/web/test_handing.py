"""Handing out what is ticked in the queue: what can be is done, the rest is listed with why."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from portal.commands import cases
from portal.models.cases import Case
from portal.models.mail import OutboxMail
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import whole
from tests.web.said import says, sentence

DEAL = "/werkvoorraad/verdelen"


@pytest.fixture
def waiting(world: World, cast: Cast) -> list[str]:
    """The numbers of three claims that wait for a check; the last is Carla's own."""
    with world.db.transaction() as session:
        found = []
        for at, (name, manager) in enumerate((("anna", "bram"), ("aart", "bram"), ("carla", "diane"))):
            case = cast.submitted(session, name, key=f"k{at}")
            cast.act(session, manager, case, "approve")
            found.append(case.number or "")
        return found


def holders(world: World, numbers: list[str]) -> list[int | None]:
    with world.db.session(writes=False) as session:
        return [session.scalars(select(Case.assignee_id).where(Case.number == number)).one() for number in numbers]


def boxes(browser: Any) -> dict[str, str]:
    page = browser.get("/werkvoorraad").text
    return {value.partition(":")[0]: value for value in re.findall(r'name="case" value="([^"]+)"', page)}


def test_what_is_ticked_goes_to_a_colleague_who_is_told(
    world: World, cast: Cast, browse: Any, waiting: list[str]
) -> None:
    carla, els = browse("carla"), cast.people["els"]
    ticked = [boxes(carla)[number] for number in waiting[:2]]
    answer = carla.post(DEAL, {"case": ticked, "to": els, "reason": "Ik ga naar huis", "zoek": "de wit"})
    assert answer.headers["Location"] == "/werkvoorraad?zoek=de+wit"
    assert "2 zaken zijn gegeven aan Els de Wit" in carla.get(answer.headers["Location"]).text
    assert holders(world, waiting) == [els, els, None]
    with world.db.session(writes=False) as session:
        [mail] = session.scalars(select(OutboxMail).where(OutboxMail.letter == "handed"))
        assert mail.person_id == els
    dossier = carla.get(f"/zaken/{waiting[0]}").text
    assert "Gegeven aan Els de Wit" in dossier
    assert "Ik ga naar huis" in dossier
    assert "Gegeven aan" not in browse("anna").get(f"/zaken/{waiting[0]}").text, "that is the SSC's own affair"


def test_each_refusal_is_listed_and_the_rest_is_done(world: World, cast: Cast, browse: Any, waiting: list[str]) -> None:
    carla, els, me = browse("carla"), browse("els"), cast.people["carla"]
    ticked = boxes(carla)
    els.post(f"/zaken/{waiting[1]}/nemen")
    stale = ticked[waiting[1]]
    fresh = boxes(carla)[waiting[1]]
    page = carla.post(DEAL, {"case": [*ticked.values(), "DEC-2026-999999:1"], "to": "me"})
    assert page.status_code == 200
    for code in ("just_before_you", "own_from_queue", "not_in_queue"):
        assert sentence(code) in page.text, code
    assert holders(world, waiting) == [me, cast.people["els"], None]
    assert sentence("held_by_colleague") in carla.post(DEAL, {"case": fresh, "to": "me"}).text
    assert stale != fresh
    assert carla.post(DEAL, {"case": fresh, "to": "nobody", "reason": "Els is ziek"}).status_code == 302
    assert holders(world, waiting) == [me, None, None]


def test_who_ticks_nothing_or_names_nobody_is_told(world: World, cast: Cast, browse: Any, waiting: list[str]) -> None:
    carla = browse("carla")
    ticked = boxes(carla)[waiting[0]]
    assert says(carla.post(DEAL, {"to": "me"}), "no_cases_chosen")
    assert says(carla.post(DEAL, {"to": "me", "case": [f"X-{at}:1" for at in range(201)]}), "no_cases_chosen")
    for word in ("", "99999", str(cast.people["anna"]), "x"):
        assert says(carla.post(DEAL, {"case": ticked, "to": word}), "no_one_chosen"), word
    for value in ("", ":", "x", f"{waiting[0]}:", f"{waiting[0]}:x", f"{waiting[0]}:{'9' * 30}"):
        assert carla.post(DEAL, {"case": value, "to": "me"}).status_code == 200, value
    assert holders(world, waiting) == [None, None, None]
    assert browse("anna").post(DEAL, {"case": ticked, "to": "me"}).status_code == 404


def test_a_colleagues_case_is_put_back_from_the_dossier_with_a_reason(
    world: World, cast: Cast, browse: Any, waiting: list[str]
) -> None:
    with world.db.transaction() as session:
        case_id = session.scalars(select(Case.id).where(Case.number == waiting[0])).one()
        cases.take(session, cast.viewer(session, "els"), whole(session, case_id), world.clock.now())
    carla, address = browse("carla"), f"/zaken/{waiting[0]}/teruggeven"
    assert f'action="{address}"' in carla.get(f"/zaken/{waiting[0]}").text
    refused = carla.post(address, {"reason": " "})
    assert says(refused, "held_by_colleague")
    assert holders(world, waiting[:1]) == [cast.people["els"]]
    assert carla.post(address, {"reason": "Els is ziek"}).status_code == 302
    assert holders(world, waiting[:1]) == [None]
    assert "Els is ziek" in carla.get(f"/zaken/{waiting[0]}").text
