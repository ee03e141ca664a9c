"""Contacts over HTTP: taking down a call, keeping what is typed, doing what was promised, and asking oneself."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from portal.models.cases import Case
from portal.models.contact import Contact, ContactDraft, ContactEntry, ContactQuestion
from portal.worlds import World
from tests.cast import Cast
from tests.web.said import says, sentence

CALL = {
    "channel": "telephone", "line": "1", "subject-0": "payment", "asked-0": "Waar blijft <mijn> geld?",
    "outcome-0": "call_back", "answer-0": "", "subject-1": "rules", "asked-1": "Mag een deelauto?",
    "outcome-1": "answered", "answer-1": "Ja, als Overig",
}  # fmt: skip


@pytest.fixture
def number(world: World, cast: Cast) -> str:
    """A claim of Anna's."""
    with world.db.transaction() as session:
        return cast.submitted(session).number or ""


def questions(world: World) -> list[ContactQuestion]:
    with world.db.session(writes=False) as session:
        return list(session.scalars(select(ContactQuestion).order_by(ContactQuestion.id)))


def test_one_box_leads_straight_to_who_or_what_was_meant(cast: Cast, browse: Any, number: str) -> None:
    carla, anna = browse("carla"), cast.people["anna"]
    to_anna = f"/contact/{anna}"
    assert carla.get(f"/contact?zoek={1000 + anna}").headers["Location"] == to_anna
    assert carla.get("/contact?zoek=dec 1").headers["Location"] == f"{to_anna}?zaak={number}"
    assert f'value="{number}" selected' in carla.get(f"{to_anna}?zaak={number}").text
    page = carla.get("/contact?zoek=anna").text
    assert page.index(">Anna de Wit<") < page.index(">Hanna de Wit<")
    assert "/contact/onbekend" in carla.get("/contact?zoek=niemand").text


def test_a_call_with_two_questions_and_all_that_follows(world: World, cast: Cast, browse: Any, number: str) -> None:
    carla, els, anna = browse("carla"), browse("els"), browse("anna")
    address = f"/contact/{cast.people['anna']}"
    assert carla.post(address, CALL).headers["Location"] == address
    call, _ = questions(world)
    page = f"/contact/vraag/{call.id}"
    assert "Waar blijft &lt;mijn&gt; geld?" in els.get("/contact/open?soort=bellen").text
    assert page in els.get("/contact").text
    assert page not in els.get("/contact/open?soort=vragen").text
    assert els.get("/contact/open?after=x").status_code == 404

    version = str(call.version)
    assert els.post(f"{page}/niet-bereikt", {"text": "Voicemail", "version": version}).status_code == 302
    late = carla.post(f"{page}/antwoord", {"text": "Morgen", "version": version})
    assert says(late, "question_changed", 409)
    assert els.post(f"{page}/onzin").status_code == 404
    assert says(els.post(f"{page}/antwoord", {"text": " "}), "answer_missing")
    assert says(els.post(f"{page}/aanvullen", {"text": ""}), "addition_missing")
    assert says(els.post(f"{page}/bellen", {"call_on": "2026-11-28"}), "call_back_closed")
    assert says(els.post(f"{page}/bellen", {"call_on": "morgen"}), "call_back_past")
    assert says(els.post(f"{page}/doorgeven", {"line": "1"}), "line_unknown")
    assert says(els.post(f"{page}/zaak", {"number": "DEC-2026-999999"}), "no_such_case")
    assert says(els.post(f"{page}/los"), "not_tied")
    assert els.post(f"{page}/zaak", {"number": number.lower()}).headers["Location"] == page
    assert "Waar blijft &lt;mijn&gt; geld?" in anna.get(f"/zaken/{number}").text
    assert els.post(f"{page}/doorgeven", {"line": "2", "text": "Zoek uit"}).status_code == 302
    assert els.post(f"{page}/antwoord", {"text": "Vrijdag op uw rekening"}).status_code == 302
    assert says(els.post(f"{page}/antwoord", {"text": "Nee"}), "question_answered")
    assert els.post(f"{page}/los").status_code == 302

    mine = anna.get("/vragen").text
    assert "Vrijdag op uw rekening" in mine
    assert "Ja, als Overig" in mine
    assert "Zoek uit" not in mine, "what colleagues tell each other is not for her"
    assert "Vrijdag" not in browse("aart").get("/vragen").text
    assert "Vrijdag" not in browse("bram").get(f"/zaken/{number}").text


def test_what_is_wrong_stands_beside_its_field_and_typing_is_kept(world: World, cast: Cast, browse: Any) -> None:
    carla, address = browse("carla"), f"/contact/{cast.people['anna']}"
    wrong = {**CALL, "answer-1": "", "subject-1": "", "call_on-0": "2026-11-29"}
    page = carla.post(address, wrong)
    for code in ("answer_missing", "subject_unknown", "call_back_closed"):
        assert says(page, code)
    for field in ("answer-1", "subject-1", "call_on-0"):
        assert f'href="#{field}"' in page.text
        assert f'id="{field}-error"' in page.text
    assert "Waar blijft &lt;mijn&gt; geld?" in page.text
    assert questions(world) == []


def test_questions_are_added_and_removed_without_a_script_and_nothing_typed_is_lost(
    world: World, cast: Cast, browse: Any
) -> None:
    carla, address = browse("carla"), f"/contact/{cast.people['anna']}"
    assert carla.post(address, {**CALL, "do": "add"}).headers["Location"] == address
    page = carla.get(address).text
    assert len(re.findall(r'name="asked-\d"', page)) == 3
    assert "Mag een deelauto?" in page
    assert carla.post(address, {**CALL, "do": "remove:0"}).headers["Location"] == address
    page = carla.get(address).text
    assert 'id="asked-0"' in page
    assert 'id="asked-1"' not in page
    assert "Mag een deelauto?" in page
    assert carla.post(f"{address}/bewaren", {**CALL, "asked-0": "Half get"}).status_code == 201
    assert "Half get" in carla.get(address).text
    assert "Half get" not in browse("els").get(address).text
    carla.post(address, {**CALL, "do": "drop"})
    assert "Half get" not in carla.get(address).text
    assert questions(world) == []
    for _ in range(12):
        carla.post(address, {**CALL, **{f"asked-{n}": "" for n in range(12)}, "do": "add"})
    assert len(re.findall(r'name="asked-\d"', carla.get(address).text)) == 10


def test_somebody_unknown_is_found_later(world: World, cast: Cast, browse: Any, number: str) -> None:
    carla = browse("carla")
    assert says(carla.post("/contact/onbekend", CALL), "caller_missing")
    assert carla.post("/contact/onbekend/bewaren", {"caller": "Een meneer"}).status_code == 201
    assert "Een meneer" in carla.get("/contact/onbekend").text
    page = carla.post("/contact/onbekend", {**CALL, "caller": "Een meneer, 06 1"}).headers["Location"]
    first, second = questions(world)
    assert page == f"/contact/vraag/{first.id}"
    found = carla.get(f"{page}?wie=aart").text
    assert f'name="person" value="{cast.people["aart"]}"' in found
    assert says(carla.post(f"{page}/persoon", {"person": "99999"}), "person_unknown")
    assert says(carla.post(f"{page}/persoon", {"person": str(cast.people["carla"])}), "own_contact")
    assert carla.post(f"/contact/vraag/{second.id}/zaak", {"number": number}).status_code == 302
    assert says(carla.post(f"{page}/persoon", {"person": str(cast.people["aart"])}), "contact_has_cases")
    with world.db.session(writes=False) as session:
        contact = session.scalars(select(Contact)).one()
        assert (contact.person_id, contact.caller) == (cast.people["anna"], "Een meneer, 06 1")


def test_a_clerk_records_and_answers_nothing_of_their_own(world: World, cast: Cast, browse: Any) -> None:
    carla = browse("carla")
    assert says(carla.post(f"/contact/{cast.people['carla']}", CALL), "own_contact")
    assert carla.post("/vragen", {"asked": "Mag dit?", "subject": "rules", "client_key": "k"}).status_code == 302
    page = f"/contact/vraag/{questions(world)[0].id}"
    assert sentence("own_contact") in carla.get(page).text
    assert f"{page}/antwoord" not in carla.get(page).text
    assert says(carla.post(f"{page}/antwoord", {"text": "Ja"}), "own_contact")
    assert browse("els").post(f"{page}/antwoord", {"text": "Ja"}).status_code == 302


def test_an_employee_asks_and_reads_by_when_there_is_an_answer(
    world: World, cast: Cast, browse: Any, number: str
) -> None:
    anna = browse("anna")
    wrong = anna.post("/vragen", {"asked": "", "subject": "", "client_key": "k"})
    assert says(wrong, "question_missing")
    assert says(wrong, "subject_unknown")
    assert says(anna.post("/vragen", {"asked": "x" * 4001, "subject": "rules"}), "contact_too_long")
    asked = {"asked": "Hoe ver is dit?", "subject": "progress", "client_key": "k", "case": number}
    for _ in range(2):
        assert anna.post("/vragen", asked).headers["Location"] == "/vragen"
    assert "1 december 2026" in anna.get("/vragen").text
    (question,) = questions(world)
    with world.db.session(writes=False) as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        assert (question.state, question.case_id) == ("open", case.id)
        assert session.scalars(select(ContactEntry.kind)).all() == ["asked"]
    assert "Hoe ver is dit?" in browse("carla").get("/contact/open").text


def test_a_question_is_kept_as_it_is_typed_until_it_is_sent(world: World, cast: Cast, browse: Any, number: str) -> None:
    anna = browse("anna")
    assert 'data-autosave="/vragen/bewaren"' in anna.get("/vragen").text
    half = {"asked": "Hoe ver is <dit>?\x00", "subject": "progress", "case": number, "client_key": "mine"}
    answer = anna.post("/vragen/bewaren", half)
    assert (answer.status_code, answer.json) == (201, {"saved_at": "10:00"})
    page = anna.get("/vragen").text
    assert "Hoe ver is &lt;dit&gt;?" in page
    assert 'value="progress" selected' in page
    assert f'value="{number}" selected' in page
    assert 'name="client_key" value="mine"' in page
    assert "Hoe ver is" not in browse("aart").get("/vragen").text
    assert questions(world) == []
    assert says(anna.post("/vragen", {**half, "subject": ""}), "subject_unknown")
    assert anna.post("/vragen", half).status_code == 302
    assert [question.asked for question in questions(world)] == ["Hoe ver is <dit>?"]
    assert 'id="asked" name="asked" rows="4"' in (page := anna.get("/vragen").text)
    assert 'value="mine"' not in page, "the next question is another"
    with world.db.session(writes=False) as session:
        assert session.scalars(select(ContactDraft)).all() == []
    assert browse().post("/vragen/bewaren", half).status_code in (302, 401)
