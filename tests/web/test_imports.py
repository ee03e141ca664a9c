"""Handing in a file with people, looking at what it would change, and taking it in."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from sqlalchemy import select, update

from portal.interfaces.csv_files import written
from portal.models.imports import PeopleImport
from portal.models.people import Person, RoleGrant
from portal.worlds import World
from tests.cast import Cast

HEADER = ("Personeelsnummer", "Voornaam", "Achternaam", "E-mailadres", "Afdeling", "Kostenplaats", "Van", "Salaris")
ROW = ("9001", "Zoë", "<b>Ünal</b>", "zoe@example.org", "Team Wonen", "1200", "1-12-2026", "veel")


def handed_in(place: int, *rows: tuple[str, ...]) -> dict[str, Any]:
    return {
        "form": "import", "place": str(place), "as_of": "2026-12-01",
        "file": (BytesIO(written(HEADER, rows)), "december.csv"),
    }  # fmt: skip


def zoe(world: World) -> Person | None:
    with world.db.session(writes=False) as session:
        return session.scalars(select(Person).where(Person.email == "zoe@example.org")).first()


def test_a_file_is_looked_at_and_taken_in(world: World, cast: Cast, browse: Any) -> None:
    hanna = browse("hanna")
    assert "personeelsnummer" in hanna.get("/beheer/inlezen").text
    where = hanna.post("/beheer/inlezen", handed_in(cast.municipalities["waterveen"], ROW)).location
    page = hanna.get(where).text
    assert "&lt;b&gt;Ünal&lt;/b&gt;" in page
    assert "Deze afdelingen komen erbij: Team Wonen" in page
    assert "Deze kolommen worden niet gebruikt: Salaris" in page
    assert zoe(world) is None
    assert hanna.post(where, {"digest": "iets anders"}).status_code == 422
    assert zoe(world) is None
    digest = re.search(r'name="digest" value="(\w+)"', page)
    assert digest
    done = hanna.post(where, {"digest": digest[1]}, follow_redirects=True).text
    assert "Het bestand is ingelezen: 1 personen" in done
    assert zoe(world) is not None
    assert "Ingelezen" in hanna.get("/beheer/inlezen").text


def test_what_is_wrong_in_the_file_is_shown_by_line(world: World, cast: Cast, browse: Any) -> None:
    hanna = browse("hanna")
    bad = ("9001", "", "Ünal", "geen adres", "Team Wonen", "1200", "morgen", "")
    where = hanna.post("/beheer/inlezen", handed_in(cast.municipalities["waterveen"], ROW, bad)).location
    page = hanna.get(where).text
    assert "Dit is geen datum" in page
    assert "Bestand inlezen" not in page
    assert hanna.post(f"{where}/weg", {}).location == "/beheer/inlezen"
    assert hanna.get(where).status_code == 404
    assert zoe(world) is None


def test_what_is_wrong_with_the_form_stands_beside_its_field(world: World, cast: Cast, browse: Any) -> None:
    hanna = browse("hanna")
    answer = hanna.post("/beheer/inlezen", {"form": "import", "place": "", "as_of": ""})
    assert answer.status_code == 422
    assert re.search(r'id="import-place"[^>]*aria-invalid="true"', answer.text)
    assert re.search(r'id="import-file"[^>]*aria-invalid="true"', answer.text)
    sent = handed_in(cast.municipalities["waterveen"], ROW) | {"file": (BytesIO(b"x;y\r\n1;2"), "x.csv")}
    answer = hanna.post("/beheer/inlezen", sent)
    assert answer.status_code == 422
    assert "ontbreekt een kolom" in answer.text
    with world.db.session(writes=False) as session:
        assert session.scalars(select(PeopleImport.id)).all() == []


def test_a_file_of_another_municipality_does_not_exist(world: World, cast: Cast, browse: Any) -> None:
    hanna = browse("hanna")
    where = hanna.post("/beheer/inlezen", handed_in(cast.municipalities["duinrade"], ROW)).location
    with world.db.transaction() as session:
        session.execute(
            update(RoleGrant)
            .where(RoleGrant.person_id == cast.people["hanna"])
            .values(municipality_id=cast.municipalities["waterveen"])
        )
    assert hanna.get(where).status_code == 404
    assert hanna.post(where, {"digest": ""}).status_code == 404
    assert hanna.post(f"{where}/weg", {}).status_code == 404
    assert hanna.post("/beheer/inlezen", handed_in(cast.municipalities["duinrade"], ROW)).status_code == 422
    assert "december.csv" not in hanna.get("/beheer/inlezen").text
