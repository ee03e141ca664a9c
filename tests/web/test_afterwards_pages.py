"""Adding to a closed dossier on its page, and the button to reopen for who has that right."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from sqlalchemy import select

from portal.access import Role
from portal.commands import cases
from portal.models.cases import Case, Document
from portal.models.people import RoleGrant
from portal.worlds import World
from tests import sample_files
from tests.cast import SINCE, Cast


def a_rejected_claim(world: World, cast: Cast) -> str:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        cast.act(session, "bram", case, "approve")
        session.flush()
        cases.take(session, cast.viewer(session, "carla"), case, world.clock.now())
        cast.act(session, "carla", case, "refuse", "Geen werk")
        return case.number or ""


def test_a_clerk_adds_a_note_and_a_document(world: World, cast: Cast, browse: Any) -> None:
    number = a_rejected_claim(world, cast)
    page, carla = f"/zaken/{number}/toevoegen", browse("carla")
    assert page in carla.get(f"/zaken/{number}").text
    assert carla.get(page).status_code == 200
    empty = carla.post(page, {"reason": ""})
    assert empty.status_code == 422
    assert 'href="#reason"' in empty.text
    wrong = carla.post(page, {"reason": "Brief <b>", "documents": (BytesIO(b"MZ program"), "brief.exe")},
                       content_type="multipart/form-data")  # fmt: skip
    assert wrong.status_code == 422
    assert "brief.exe: " in wrong.text
    assert "Brief &lt;b&gt;" in wrong.text, "what was typed is kept"
    files = [(BytesIO(sample_files.jpeg()), "brief.jpg"), (BytesIO(sample_files.pdf()), "bijlage.pdf")]
    done = carla.post(page, {"reason": "Brief ontvangen", "documents": files}, content_type="multipart/form-data")
    assert (done.status_code, done.headers["Location"]) == (302, f"/zaken/{number}")
    for name in ("anna", "carla"):
        text = browse(name).get(f"/zaken/{number}").text
        assert "Brief ontvangen" in text
        assert text.count("Toegevoegd na sluiting, op 24 november 2026") == 2
    with world.db.session(writes=False) as session:
        case = session.scalars(select(Case)).one()
        assert case.state == "rejected"
        later = session.scalars(select(Document).where(Document.kind == "later")).all()
        assert [document.frozen_at == world.clock.now() for document in later] == [True, True]


def test_others_and_open_cases_have_no_such_page(world: World, cast: Cast, browse: Any) -> None:
    number = a_rejected_claim(world, cast)
    for name in ("anna", "bram", "dirk", "hanna", "olga"):
        assert browse(name).get(f"/zaken/{number}/toevoegen").status_code == 404
        assert browse(name).post(f"/zaken/{number}/toevoegen", {"reason": "x"}).status_code == 404
    with world.db.transaction() as session:
        other = cast.submitted(session, "aart", key="open").number
    assert browse("carla").get(f"/zaken/{other}/toevoegen").status_code == 404
    els = browse("els")
    asked = els.get(f"/zaken/{number}/toevoegen")
    assert (asked.status_code, asked.headers["Location"]) == (302, f"/zaken/{number}"), "nor is the page shown"
    answer = els.post(f"/zaken/{number}/toevoegen", {"reason": "x"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/zaken/{number}"), "say why first"
    with world.db.session(writes=False) as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        assert "add_later" not in {step[0] for step in case.trail}


def test_the_button_to_reopen_is_there_for_who_has_the_right(world: World, cast: Cast, browse: Any) -> None:
    number = a_rejected_claim(world, cast)
    els = browse("els")
    els.post(f"/zaken/{number}/inzien", {"reason": "Bezwaar"})
    assert f'action="/zaken/{number}/reopen"' not in els.get(f"/zaken/{number}").text
    with world.db.transaction() as session:
        session.add(RoleGrant(person_id=cast.people["els"], role=Role.REOPENER.value, valid_from=SINCE))
    els = browse("els")
    assert f'action="/zaken/{number}/reopen"' in els.get(f"/zaken/{number}").text
    assert els.post(f"/zaken/{number}/reopen", {"reason": ""}).status_code == 422
    assert els.post(f"/zaken/{number}/reopen", {"reason": "Er kwam een bezwaar"}).status_code == 302
    text = browse("anna").get(f"/zaken/{number}").text
    assert "Heropend" in text
    assert "Er kwam een bezwaar" in text
    assert number in browse("carla").get("/werkvoorraad").text
