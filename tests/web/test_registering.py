"""Invoices over HTTP: a clerk types one in, who ordered it confirms by the link, the supplier sees how far it is."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from portal.jobs import deliver, remind
from portal.models.cases import Case
from portal.models.mail import OutboxMail
from portal.worlds import World
from tests import invoices
from tests.cast import Cast
from tests.commands.helpers import here, whole
from tests.sample_files import pdf

TYPED = {
    "supplier": "11223344", "number": "2026-17", "issued": "2026-11-18", "received_on": "2026-11-20", "proof": "mail",
    "ordered_by": "anna@example.org", "total": "121,00", "lines-0-key": "a", "lines-0-description": "Snoeien",
    "lines-0-net": "100,00", "lines-0-vat": "S 21",
}  # fmt: skip
NUMBER = "INK-2026-000001"


@pytest.fixture(autouse=True)
def prepared(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        invoices.prepare(session, cast)


def begun(carla: Any) -> str:
    answer = carla.post("/registreren/purchase_invoice", {"municipality": "waterveen", "client_key": "abc"})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def with_file(carla: Any, draft: str) -> None:
    data = {"file": (BytesIO(pdf()), "factuur.pdf")}
    answer = carla.post(f"{draft}/bijlagen?line=", data, content_type="multipart/form-data")
    assert answer.status_code == 201, answer.text


def handed_in(carla: Any) -> None:
    draft = begun(carla)
    with_file(carla, draft)
    carla.post(draft, {**TYPED, "do": "review"})
    assert carla.post(f"{draft}/indienen").headers["Location"] == f"/zaken/{NUMBER}"


def registered(carla: Any) -> None:
    handed_in(carla)
    ticks = {f"tick-registration-{check}": "1" for check in ("file", "receipt", "supplier")}
    answer = carla.post(f"/werkvoorraad/{NUMBER}", {"do": "register", "checklist": "1", **ticks})
    assert answer.status_code == 302, answer.text


def link(world: World, letter: str) -> str:
    """The last address in a letter of this kind, as its reader gets it."""
    deliver.run(world, world.clock.now())
    with world.db.session(writes=False) as session:
        wanted = select(OutboxMail.message_id).where(OutboxMail.letter == letter).order_by(OutboxMail.id.desc())
        message_id = session.scalars(wanted).first()
    (mail,) = [m for m in world.transport.sent if str(message_id) in m["Message-ID"]]  # type: ignore[attr-defined]
    return re.findall(r"http://localhost(/\S+)", mail.get_body(("plain",)).get_content())[-1]


def test_a_clerk_types_in_what_came_on_paper(world: World, cast: Cast, browse: Any) -> None:
    carla = browse("carla")
    assert "Waterveen" in carla.get("/registreren/purchase_invoice").text
    draft = begun(carla)
    assert begun(carla) == draft, "pressing twice begins one"
    page = carla.get(draft).text
    assert 'name="supplier"' in page
    assert 'name="lines-0-net"' in page
    answer = carla.post(draft, {**TYPED, "total": "1.000,00", "do": "review"})
    page = carla.get(carla.get(answer.headers["Location"]).headers["Location"]).text
    assert 'value="1.000,00"' in page
    assert 'href="#total"' in page
    assert "121,00" in page
    assert 'href="#file"' in page
    with_file(carla, draft)
    answer = carla.post(draft, {**TYPED, "do": "review"})
    page = carla.get(answer.headers["Location"]).text
    assert "Groenbeheer Waterveen B.V." in page
    assert carla.post(f"{draft}/indienen").headers["Location"] == f"/zaken/{NUMBER}"
    with world.db.session(writes=False) as session:
        case = session.scalars(select(Case)).one()
        assert (case.state, case.initiator_id) == ("received", cast.people["anna"])


def test_a_draft_of_a_clerk_is_theirs_alone(world: World, browse: Any) -> None:
    carla = browse("carla")
    draft = begun(carla)
    carla.post(draft, {**TYPED, "do": "close"})
    assert "11223344" in carla.get("/registreren/purchase_invoice").text
    for other in ("els", "aart", "anna"):
        assert browse(other).get(draft).status_code == 404, other
        assert draft not in browse(other).get("/zaken").text
    assert "/zaken/None" not in carla.get("/").text
    assert carla.get("/werkvoorraad").text.count("INK-") == 0
    assert carla.post(f"{draft}/weggooien").status_code == 302
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Case)).one().state == "withdrawn"


def test_a_clerk_may_begin_one_only_for_a_municipality_they_serve(browse: Any) -> None:
    assert browse("anna").get("/registreren/purchase_invoice").status_code == 404
    carla = browse("carla")
    assert carla.post("/registreren/purchase_invoice", {"municipality": "nergens"}).status_code == 404
    assert carla.get("/registreren/expense_claim").status_code == 404
    assert carla.post("/zaken/nieuw/purchase_invoice").status_code == 404, "it is no choice of employees"


def test_it_is_registered_on_the_bench(browse: Any) -> None:
    carla = browse("carla")
    handed_in(carla)
    page = carla.get(f"/werkvoorraad/{NUMBER}").text
    assert 'name="tick-registration-receipt"' in page
    assert 'name="tick-check-mandate"' not in page, "that is for later"
    assert 'value="register"' in page
    assert 'value="submit"' not in page
    answer = carla.post(f"/werkvoorraad/{NUMBER}", {"do": "register", "checklist": "1"})
    assert answer.status_code == 422
    assert carla.post(f"/werkvoorraad/{NUMBER}", {"do": "submit"}).status_code == 404
    assert carla.post(f"/werkvoorraad/{NUMBER}", {"do": "move"}).status_code == 404


def test_who_ordered_it_confirms_by_the_link_alone(world: World, browse: Any) -> None:
    registered(browse("carla"))
    nobody, address = browse(), link(world, "delivery")
    page = nobody.get(address).text
    assert all(said in page for said in ("Snoeien", "factuur.pdf", "Groenbeheer", 'value="deliver"'))
    assert 'value="approve"' not in page
    assert nobody.post(address, {"decision": "approve"}).status_code == 422
    assert nobody.post(address, {}).status_code == 422
    assert nobody.post(address, {"decision": "deliver"}).status_code == 302
    assert nobody.get(address).status_code == 410
    page = browse().get(link(world, "ask")).text
    assert "Snoeien" in page


def test_by_the_link_it_is_passed_on_to_a_colleague(world: World, cast: Cast, browse: Any) -> None:
    registered(browse("carla"))
    nobody, address = browse(), link(world, "delivery")
    answer = nobody.post(address, {"decision": "forward", "ordered_by": "niemand"})
    assert answer.status_code == 422
    assert "niemand" in answer.text
    assert nobody.get(address).status_code == 200, "nothing was changed"
    assert nobody.post(address, {"decision": "forward", "ordered_by": "aart@example.org"}).status_code == 302
    assert nobody.get(address).status_code == 410
    assert nobody.post(link(world, "delivery"), {"decision": "deliver"}).status_code == 302
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Case)).one().initiator_id == cast.people["aart"]


def test_a_reminder_brings_a_link_and_the_first_stays_good(world: World, browse: Any) -> None:
    registered(browse("carla"))
    first = link(world, "delivery")
    world.clock.set(here("2026-12-01 09:00"))  # type: ignore[attr-defined]
    remind.run(world, world.clock.now())
    again = link(world, "remind_you")
    assert first != again
    assert browse().get(first).status_code == browse().get(again).status_code == 200


def test_it_waits_on_the_home_page_of_who_ordered_it(browse: Any) -> None:
    registered(browse("carla"))
    anna = browse("anna")
    assert f"/zaken/{NUMBER}" in anna.get("/").text
    page = anna.get(f"/zaken/{NUMBER}").text
    assert "NL30MOCK" not in page
    assert f'action="/zaken/{NUMBER}/deliver"' in page
    assert f'action="/zaken/{NUMBER}/forward"' in page


def test_the_supplier_sees_how_far_it_is_and_nobodys_name(world: World, cast: Cast, browse: Any) -> None:
    registered(browse("carla"))
    address, nobody = link(world, "supplier_received"), browse()
    page = nobody.get(address)
    assert page.status_code == 200
    assert "2026-17" in page.text
    assert not [name for name in cast.people if f"{name.capitalize()} de Wit" in page.text]
    assert "snoeien" not in page.text.lower()
    assert nobody.post(address, {}).status_code == 405
    assert nobody.get(address[:-1] + ("0" if address[-1] != "0" else "1")).status_code == 404
    assert nobody.get("/stand/INK-2026-000001").status_code == 404
    with world.db.transaction() as session:
        case = session.scalars(select(Case)).one()
        cast.act(session, "anna", whole(session, case.id), "decline", "Nooit gekregen")
    assert "Nooit gekregen" not in nobody.get(address).text


def test_a_clerk_moves_it_to_another_municipality(world: World, cast: Cast, browse: Any) -> None:
    carla = browse("carla")
    handed_in(carla)
    page = carla.get(f"/zaken/{NUMBER}").text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    assert '<option value="duinrade"' in page
    sent = {"version": version[1], "municipality": ""}
    assert carla.post(f"/zaken/{NUMBER}/move", sent).status_code == 422
    assert carla.post(f"/zaken/{NUMBER}/move", {**sent, "municipality": "duinrade"}).status_code == 302
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Case)).one().municipality_id == cast.municipalities["duinrade"]


def test_a_copy_of_the_dossier_holds_the_lines(browse: Any) -> None:
    carla = browse("carla")
    registered(carla)
    told = carla.get(f"/zaken/{NUMBER}/dossier.json")
    assert told.status_code == 200
    assert "Snoeien" in told.text
    assert invoices.SUPPLIER_IBAN not in told.text
    paper = carla.get(f"/zaken/{NUMBER}/dossier.pdf")
    assert paper.status_code == 200
    assert paper.data.startswith(b"%PDF")


def test_changing_a_line_before_it_is_registered_shows_what_changed(browse: Any) -> None:
    carla = browse("carla")
    handed_in(carla)
    page = carla.get(f"/werkvoorraad/{NUMBER}").text
    draft = re.search(r'href="(/concept/\d+)"', page)
    assert draft
    more = {"lines-1-key": "b", "lines-1-description": "Voorrijden", "lines-1-net": "10", "lines-1-vat": "S 21",
            "total": "133,10"}  # fmt: skip
    carla.post(draft[1], {**TYPED, **more, "do": "review"})
    assert carla.post(f"{draft[1]}/indienen").headers["Location"] == f"/zaken/{NUMBER}"
    assert "Voorrijden" in carla.get(f"/werkvoorraad/{NUMBER}").text
