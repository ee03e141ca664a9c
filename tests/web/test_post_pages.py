"""Post over HTTP: the sheet to print, the list of what waits, and putting pages where they belong."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import select

from portal.interfaces.cover_codes import code_for, number_in
from portal.jobs import scan_folder
from portal.models.cases import Document
from portal.models.people import RoleGrant
from portal.models.post import ScanPart
from portal.worlds import COVER, World
from tests.cast import SINCE, Cast
from tests.invoices import content, prepare, registered
from tests.scans import paper, pdf
from tests.web.said import says


@pytest.fixture
def number(world: World, cast: Cast) -> str:
    """A claim of Anna's."""
    with world.db.transaction() as session:
        return cast.submitted(session).number or ""


@pytest.fixture
def waiting(world: World) -> int:
    """Two pages that wait."""
    world.settings.scan_in.mkdir(parents=True)
    (world.settings.scan_in / "post-maandag.pdf").write_bytes(pdf([paper(1), paper(2)]))
    scan_folder.take_in(world, world.clock.now())
    with world.db.session(writes=False) as session:
        return session.scalars(select(ScanPart.id)).one()


def codes_in(page: str) -> list[str]:
    """What the pictures of codes in a page say, drawn from their SVG as a browser would."""
    found = []
    for drawing in re.findall(r"<svg[^>]*class=\"ssc-code\".*?</svg>", page, re.DOTALL):
        side = int(re.search(r'viewBox="0 0 (\d+)', drawing)[1])  # type: ignore[index]
        image = Image.new("L", (side, side), 255)
        x = y = 0
        for step, dx, dy in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", re.search(r' d="([^"]*)"', drawing)[1]):  # type: ignore[index]
            if step == "h":
                for cell in range(x, x + int(dx)):
                    image.putpixel((cell, y), 0)
                x += int(dx)
            else:
                x = int(float(dx)) + (x if step == "m" else 0)
                y = int(float(dy)) + (y if step == "m" else 0)
        large = image.resize((side * 6, side * 6), Image.Resampling.NEAREST)
        found += [code.text for code in zxingcpp.read_barcodes(large)]
    return found


def test_the_sheet_carries_the_code_of_its_case_or_line(world: World, cast: Cast, browse: Any, number: str) -> None:
    anna, key = browse("anna"), world.key(COVER)
    assert f"/zaken/{number}/voorblad" in anna.get(f"/zaken/{number}").text
    page = anna.get(f"/zaken/{number}/voorblad").text
    assert number in page
    assert codes_in(page) == [code_for(key, number)] * 2
    assert codes_in(anna.get(f"/zaken/{number}/voorblad?regel=a").text) == [code_for(key, number, "a")] * 2
    assert codes_in(anna.get(f"/zaken/{number}/voorblad?regel=zz").text) == [code_for(key, number)] * 2
    assert number_in(codes_in(page)[0]) == number
    assert browse("carla").get(f"/zaken/{number}/voorblad").status_code == 200
    for name in ("bram", "aart", "otto"):
        assert browse(name).get(f"/zaken/{number}/voorblad").status_code == 404


def test_an_invoice_of_several_lines_has_one_sheet(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        line = content(None)["lines"][0] | {"net_cents": 5_000}
        case = registered(session, cast, lines=[line, line | {"key": "b"}])
        assert case.number
    page = browse("carla").get(f"/zaken/{case.number}/voorblad")
    assert page.status_code == 200
    assert "regel=" not in page.text
    assert codes_in(page.text) == [code_for(world.key(COVER), case.number)] * 2


def test_a_closed_case_has_no_sheet(world: World, cast: Cast, browse: Any, number: str) -> None:
    anna = browse("anna")
    assert anna.post(f"/zaken/{number}/withdraw").status_code == 302
    assert anna.get(f"/zaken/{number}/voorblad").status_code == 404
    assert "voorblad" not in anna.get(f"/zaken/{number}").text


def test_a_clerk_sees_the_pages_and_puts_them_with_a_case(
    world: World, cast: Cast, browse: Any, number: str, waiting: int
) -> None:
    carla, page = browse("carla"), f"/post/{waiting}"
    assert page in carla.get("/post").text
    assert f"{page}/pagina/2" in carla.get(page).text
    picture = carla.get(f"{page}/pagina/2")
    assert Image.open(BytesIO(picture.data)).format == "JPEG"
    for wrong in ("0", "3"):
        assert carla.get(f"{page}/pagina/{wrong}").status_code == 404
    assert says(carla.post(f"{page}/zaak", {"number": "DEC-2026-999999"}), "no_such_case")
    assert carla.post(f"{page}/zaak", {"number": f" {number.lower()} "}).headers["Location"] == "/post"
    assert page not in carla.get("/post").text
    assert carla.get(page).status_code == 404
    assert carla.post(f"{page}/zaak", {"number": number}).status_code == 404
    with world.db.session(writes=False) as session:
        document = session.scalars(select(Document).where(Document.kind == "post")).one()
    dossier = browse("anna").get(f"/zaken/{number}").text
    assert document.name in dossier
    assert "per post" in dossier
    assert len(pypdfium2.PdfDocument(world.files.read(document.sha256))) == 2


def test_pages_are_set_aside_with_a_reason(world: World, browse: Any, waiting: int) -> None:
    carla, page = browse("carla"), f"/post/{waiting}"
    assert says(carla.post(f"{page}/opzij", {"reason": " "}), "aside_reason")
    assert carla.post(f"{page}/opzij", {"reason": "Reclame\x00"}).status_code == 302
    assert page not in carla.get("/post").text


def test_a_file_that_was_refused_waits_with_why_and_without_pages(world: World, cast: Cast, browse: Any) -> None:
    world.settings.scan_in.mkdir(parents=True)
    (world.settings.scan_in / "stuk.pdf").write_bytes(b"%PDF-1.7 half")
    scan_folder.take_in(world, world.clock.now())
    carla = browse("carla")
    page = carla.get("/post/1")
    assert "<img" not in page.text
    assert says(carla.post("/post/1/zaak", {"number": "DEC-2026-000001"}), "part_empty")
    assert carla.get("/post/1/pagina/1").status_code == 404


def test_pages_that_belong_with_a_case_wait_only_for_clerks_of_its_municipality(
    world: World, cast: Cast, browse: Any, number: str, waiting: int
) -> None:
    """The sheet said whose they are, but the case was closed: no other municipality's clerk has to see them."""
    there = cast.municipalities["duinrade"]
    with world.db.transaction() as session:
        session.add(RoleGrant(person_id=cast.people["otto"], role="clerk", municipality_id=there, valid_from=SINCE))
    otto, page = browse("otto"), f"/post/{waiting}"
    assert otto.get(page).status_code == 200
    with world.db.transaction() as session:
        session.get_one(ScanPart, waiting).number = number
    assert page not in otto.get("/post").text
    for address in (page, f"{page}/pagina/1"):
        assert otto.get(address).status_code == 404
    assert otto.post(f"{page}/opzij", {"reason": "Weg"}).status_code == 404
    assert browse("carla").get(page).status_code == 200


def test_an_invoice_on_paper_is_registered_with_its_pages_and_waits_again_when_that_is_thrown_away(
    world: World, cast: Cast, browse: Any, waiting: int
) -> None:
    carla, page = browse("carla"), f"/post/{waiting}"
    assert carla.post(f"{page}/factuur", {"municipality": "nergens"}).status_code == 404
    nobody = carla.post(f"{page}/factuur", {"municipality": "waterveen"})
    assert nobody.status_code == 422
    assert "Waterveen" in nobody.text
    assert page in carla.get("/post").text
    with world.db.transaction() as session:
        prepare(session, cast)
    for name in ("anna", "bram", "dirk"):
        assert browse(name).post(f"{page}/factuur", {"municipality": "waterveen"}).status_code == 404
    drafts = []
    for _ in range(2):
        begun = carla.post(f"{page}/factuur", {"municipality": "waterveen"})
        assert begun.status_code == 302
        form = carla.get(begun.location).text
        assert 'value="2026-11-24"' in form
        assert "post-post-maandag.pdf" in form
        assert page not in carla.get("/post").text
        assert carla.post(f"{page}/factuur", {"municipality": "waterveen"}).status_code == 404
        drafts.append(begun.location)
        world.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
        case_id = begun.location.split("/")[2]
        assert carla.post(f"/concept/{case_id}/weggooien").status_code == 302
        assert page in carla.get("/post").text
    assert len(set(drafts)) == 2
