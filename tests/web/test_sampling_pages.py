"""A claim below the limit, and the sample of it, as the employee, the clerk and the manager see them."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from portal.commands import cases
from portal.jobs import deliver
from portal.models.cases import Case
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import whole
from tests.commands.sampling import agree, judged, sampled

TYPED = {
    "purpose": "Zitting", "cost_centre": "1100", "lines-0-key": "a", "lines-0-category": "parking",
    "lines-0-date": "2026-11-20", "lines-0-description": "Parkeren bij de rechtbank", "lines-0-vat": "",
}  # fmt: skip
WRONG = {"decision": "wrong", "wrong-a": "9,00", "why-a": "Dit was een privérit"}


def review(anna: Any, draft: int, amount: str) -> str:
    anna.post(f"/concept/{draft}", {**TYPED, "lines-0-amount": amount, "do": "review"})
    return str(anna.get(f"/concept/{draft}/controleren").text)


def link(world: World) -> str:
    deliver.run(world, world.clock.now())
    texts = [m.get_body(("plain",)).get_content() for m in world.transport.sent]  # type: ignore[attr-defined]
    return [match[1] for text in texts for match in re.finditer(r"http://localhost(/akkoord/\S+)", text)][-1]


def state(world: World, case_id: int) -> str:
    with world.db.session(writes=False) as session:
        return whole(session, case_id).state


def test_the_review_page_says_who_comes_next(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        agree(session, cast)
        draft = cast.draft(session, "anna").id
    anna = browse("anna")
    beforehand = "Voor dit bedrag is vooraf geen akkoord nodig"
    assert beforehand in review(anna, draft, "99,99")
    page = review(anna, draft, "100,00")
    assert beforehand not in page
    assert "Wij vragen uw leidinggevende om akkoord" in page
    review(anna, draft, "49,00")
    anna.post(f"/concept/{draft}/indienen")
    assert state(world, draft) == "approved"


def test_nobody_starts_a_sample(cast: Cast, browse: Any) -> None:
    anna = browse("anna")
    assert "/zaken/nieuw/sample" not in anna.get("/").text
    assert anna.post("/zaken/nieuw/sample", {"client_key": "x"}).status_code == 404


def test_a_manager_judges_on_the_dossier_and_mistakes_stand_beside_the_field(
    world: World, cast: Cast, browse: Any
) -> None:
    sample = sampled(world, cast)
    bram, number = browse("bram"), "STP-2026-000001"
    assert "Steekproef bij Anna de Wit: € 49,00" in bram.get("/").text.replace("\xa0", " ")
    inbox = bram.get("/akkoord").text
    assert number in inbox
    assert f'value="{number}:' not in inbox, "a sample is not approved unseen with others"
    page = bram.get(f"/zaken/{number}").text
    assert 'name="wrong-a"' in page
    receipt = re.search(r'href="(/bijlagen/\d+)"', page)
    assert receipt
    assert bram.get(receipt[1]).status_code == 200
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    for typed, field in (
        ({}, "wrong-a"), ({"wrong-a": "50", "why-a": "Te veel"}, "wrong-a"), ({"wrong-a": "9,00"}, "why-a"),
        ({"wrong-a": "veel", "why-a": "Te veel"}, "wrong-a"), ({"why-a": "Te veel"}, "wrong-a"),
    ):  # fmt: skip
        answer = bram.post(f"/zaken/{number}/wrong", {**typed, "version": version[1]})
        assert answer.status_code == 422, typed
        assert f'id="{field}-error"' in answer.text
        assert all(f'value="{value}"' in answer.text for value in typed.values())
    assert state(world, sample) == "judging"
    answer = bram.post(f"/zaken/{number}/wrong", {**WRONG, "version": version[1]})
    assert answer.status_code == 302
    assert state(world, sample) == "wrong"
    assert "Dit was een privérit" in bram.get(f"/zaken/{number}").text


def test_a_manager_judges_by_the_link_in_the_mail(world: World, cast: Cast, browse: Any) -> None:
    sample = sampled(world, cast)
    nobody, address = browse(), link(world)
    page = nobody.get(address).text
    assert "Wilt u beoordelen of alles klopte?" in page
    receipt = re.search(r'href="(/akkoord/[^"]+/bijlage/\d+)"', page)
    assert receipt
    assert nobody.get(receipt[1]).status_code == 200
    assert nobody.post(address, {"decision": "wrong"}).status_code == 422
    assert nobody.post(address, {"decision": "approve"}).status_code == 422
    assert state(world, sample) == "judging"
    assert nobody.post(address, WRONG).status_code == 302
    assert state(world, sample) == "wrong"
    assert nobody.get(address).status_code == 410


def test_the_dossiers_name_each_other_as_far_as_one_may_see_them(world: World, cast: Cast, browse: Any) -> None:
    sampled(world, cast)
    for name in ("anna", "carla"):
        browser = browse(name)
        assert "/zaken/STP-2026-000001" in browser.get("/zaken/DEC-2026-000001").text
        assert "/zaken/DEC-2026-000001" in browser.get("/zaken/STP-2026-000001").text
    bram = browse("bram")
    assert bram.get("/zaken/DEC-2026-000001").status_code == 404, "he judges the sample, which holds all he needs"
    assert "/zaken/DEC-2026-000001" not in bram.get("/zaken/STP-2026-000001").text
    assert browse("aart").get("/zaken/STP-2026-000001").status_code == 404


def test_a_post_by_somebody_else_changes_nothing(world: World, cast: Cast, browse: Any) -> None:
    sample = sampled(world, cast)
    for name in ("anna", "carla", "dirk", "aart", "olga"):
        answer = browse(name).post("/zaken/STP-2026-000001/wrong", {**WRONG, "version": "2"})
        assert answer.status_code in (404, 409, 422), name
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Case.state).where(Case.id == sample)).one() == "judging"


def test_the_employee_answers_from_home_and_an_objection_goes_to_the_queue(
    world: World, cast: Cast, browse: Any
) -> None:
    sample = sampled(world, cast)
    with world.db.transaction() as session:
        case = whole(session, sample)
        cases.act_as(session, cast.viewer(session, "bram"), case, "wrong", judged(case), world.clock.now())
    anna, number = browse("anna"), "TVR-2026-000001"
    page = anna.get("/").text
    assert "wij vragen uw antwoord" in page
    assert f'href="/zaken/{number}"' in page
    page = anna.get(f"/zaken/{number}").text
    assert all(said in page for said in ("Dit was een priverit", "Akkoord gaan", "Bezwaar maken", "Het SSC leest dit."))
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    empty = anna.post(f"/zaken/{number}/object", {"version": version[1], "reason": " "})
    assert empty.status_code == 422
    answer = anna.post(f"/zaken/{number}/object", {"version": version[1], "reason": "Het was voor het werk"})
    assert answer.status_code == 302
    els = browse("els")
    assert number in els.get("/werkvoorraad").text
    els.post(f"/zaken/{number}/nemen")
    page = els.get(f"/zaken/{number}").text
    assert "Terugvordering handhaven" in page
    assert "Het was voor het werk" in page
    assert browse("bram").get(f"/zaken/{number}").status_code == 404
    assert browse("aart").get(f"/zaken/{number}").status_code == 404
