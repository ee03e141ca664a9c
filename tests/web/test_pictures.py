"""Receipts on the bench: a PDF page by page as pictures, and a sentence where that cannot be."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from portal.commands.documents import add_document
from portal.interfaces.files import Drawn, take_in
from portal.jobs import pictures
from portal.jobs.telling import told
from portal.models.cases import Case, Document
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import whole
from tests.sample_files import pdf
from tests.web.stage import Stage


def test_a_page_is_a_picture_that_browsers_keep(browse: Any, stage: Stage) -> None:
    anna, page = browse("anna"), f"/bijlagen/{stage.pdf}/pagina/1"
    answer = anna.get(page)
    assert (answer.status_code, answer.content_type, answer.data[:2]) == (200, "image/jpeg", b"\xff\xd8")
    assert "immutable" in answer.headers["Cache-Control"]
    assert anna.get(page, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    for other in (f"/bijlagen/{stage.pdf}/pagina/0", f"/bijlagen/{stage.pdf}/pagina/3",
                  f"/bijlagen/{stage.document}/pagina/1", "/bijlagen/999/pagina/1"):  # fmt: skip
        assert anna.get(other).status_code == 404, other


def test_a_page_that_cannot_be_drawn_is_said(world: World, browse: Any, stage: Stage) -> None:
    with world.db.transaction() as session:
        session.get_one(Document, stage.pdf).sha256 = world.files.put(b"%PDF-1.7 spoilt since")
    answer = browse("anna").get(f"/bijlagen/{stage.pdf}/pagina/1")
    assert answer.status_code == 422
    assert "niet als plaatje" in answer.text


def test_the_bench_shows_every_page_and_a_way_to_the_file(world: World, cast: Cast, browse: Any, stage: Stage) -> None:
    with world.db.transaction() as session:
        case = session.scalars(select(Case).where(Case.number == stage.number)).one()
        cast.act(session, "bram", whole(session, case.id), "approve")
    carla = browse("carla")
    assert carla.post(f"/zaken/{stage.number}/nemen").status_code == 302
    page = carla.get(f"/werkvoorraad/{stage.number}").text
    shown = re.findall(r'<img src="(/bijlagen/[^"]+)" alt="([^"]+)"', page)
    assert [address for address, _ in shown] == [
        f"/bijlagen/{stage.document}", f"/bijlagen/{stage.pdf}/pagina/1", f"/bijlagen/{stage.pdf}/pagina/2",
    ]  # fmt: skip
    assert shown[2][1] == "Bon ticket.pdf, pagina 2 van 2"
    assert page.count(f'<a href="/bijlagen/{stage.pdf}" target="_blank"') == 2
    assert "<iframe" not in page


def test_the_next_receipts_are_drawn_before_anybody_asks(world: World, cast: Cast, stage: Stage) -> None:
    at = world.clock.now()
    assert pictures.run(world, at) == [], "it waits for its manager"
    with world.db.transaction() as session:
        case = whole(session, session.scalars(select(Case.id).where(Case.number == stage.number)).one())
        add_document(session, world.files, case, take_in(pdf(pages=3), "b.pdf"), line_key="a", by=1, at=at)
        cast.act(session, "bram", case, "approve")
    assert pictures.run(world, at) == told("pages_drawn", count=5)
    with world.db.session(writes=False) as session:
        sha256 = session.get_one(Document, stage.pdf).sha256
        assert session.scalars(select(Case.assignee_id).where(Case.number == stage.number)).one() is None
    assert Drawn(world.files).ready(sha256, 2)
    assert pictures.run(world, at) == []


def test_a_number_that_is_none_is_no_page(browse: Any, stage: Stage) -> None:
    anna = browse("anna")
    for page in ("x", "-1", "9" * 40, "1/2"):
        assert anna.get(f"/bijlagen/{stage.pdf}/pagina/{page}").status_code == 404
