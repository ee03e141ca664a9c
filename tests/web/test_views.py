"""The queue by view and as a file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from portal.models.cases import Case, CaseFlag
from portal.models.views import QueueView
from portal.web import queue_csv
from portal.worlds import World
from tests.cast import Cast
from tests.commands.test_queue import in_queue
from tests.web.said import says

VIEWS = "/werkvoorraad/weergaven"


def view_id(world: World, name: str) -> int:
    with world.db.session(writes=False) as session:
        return session.scalars(select(QueueView.id).where(QueueView.name == name)).one()


def test_a_filter_is_kept_shared_and_begun_with(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        in_queue(session, cast, 3)
    carla, els = browse("carla"), browse("els")
    assert f"{VIEWS}?zoek=cursus" in carla.get("/werkvoorraad?zoek=cursus").text
    assert "cursus" in carla.get(f"{VIEWS}?zoek=cursus").text
    assert says(carla.post(VIEWS, {"zoek": "cursus", "name": " "}), "view_name")
    assert says(carla.post(VIEWS, {"name": "Alles"}), "view_of_all")
    kept = carla.post(VIEWS, {"zoek": "cursus", "name": "Cursus<sen>", "shared": "1", "first": "1"})
    assert kept.headers["Location"] == "/werkvoorraad?zoek=cursus"
    page = carla.get("/werkvoorraad").text
    assert 'value="cursus"' in page, "she begins with it"
    assert page.count('scope="row"') == 1
    assert "Cursus&lt;sen&gt;" in page
    assert carla.get("/werkvoorraad?alles=1").text.count('scope="row"') == 3
    assert els.get("/werkvoorraad").text.count('scope="row"') == 3
    number = view_id(world, "Cursus<sen>")
    assert els.post(f"{VIEWS}/{number}", {"do": "first"}).headers["Location"] == VIEWS
    assert els.get("/werkvoorraad").text.count('scope="row"') == 1
    assert says(els.post(f"{VIEWS}/{number}", {"do": "drop"}), "view_not_yours")
    assert els.post(f"{VIEWS}/{number}", {"do": "not_first"}).status_code == 302
    assert els.get("/werkvoorraad").text.count('scope="row"') == 3


def test_ones_own_views_are_looked_after(world: World, cast: Cast, browse: Any) -> None:
    carla, els = browse("carla"), browse("els")
    for name in ("Een", "Twee"):
        carla.post(VIEWS, {"leeftijd": "late", "name": name})
    one = view_id(world, "Een")
    refused = carla.post(f"{VIEWS}/{one}", {"name": "twee"})
    assert says(refused, "view_name_taken")
    assert 'value="twee"' in refused.text, "what was typed is kept"
    assert carla.post(f"{VIEWS}/{one}", {"name": "Drie", "shared": "1"}).status_code == 302
    assert "Drie" in els.get(VIEWS).text
    assert "Twee" not in els.get(VIEWS).text
    assert els.post(f"{VIEWS}/{view_id(world, 'Twee')}", {"do": "first"}).status_code == 404
    assert carla.post(f"{VIEWS}/{one}", {"do": "drop"}).status_code == 302
    assert "Drie" not in els.get(VIEWS).text
    assert browse("anna").get(VIEWS).status_code == 404


def rows_of(answer: Any) -> list[list[str]]:
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert "werkvoorraad.csv" in answer.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def test_the_file_holds_what_the_filter_finds_in_its_order(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        cases = in_queue(session, cast, 6)
        cases[1].title, cases[1].claimed_cents = "=HYPERLINK(1) cursus", 123456
        session.add(CaseFlag(case_id=cases[1].id, code="duplicate_file", raised_at=world.clock.now()))
        session.execute(update(Case).values(target_due=world.clock.now() + timedelta(days=30)))
    carla = browse("carla")
    header, *rows = rows_of(carla.get("/werkvoorraad/lijst.csv?zoek=cursus"))
    assert (len(header), header[0], header[5]) == (11, "Nummer", "Bedrag")
    assert [row[0] for row in rows] == ["DEC-2025-anna00004", "DEC-2025-anna00001"]
    assert rows[1][2:6] == ["'=HYPERLINK(1) cursus", "Anna de Wit", "Waterveen", "1234,56"]
    assert rows[1][10] == "Dezelfde bon"
    assert len(rows_of(carla.get("/werkvoorraad/lijst.csv"))) == 7
    assert browse("anna").get("/werkvoorraad/lijst.csv").status_code == 404


def test_a_file_that_is_cut_says_so(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        in_queue(session, cast, queue_csv.MOST_ROWS + 1)
    rows = rows_of(browse("carla").get("/werkvoorraad/lijst.csv"))
    assert len(rows) == queue_csv.MOST_ROWS + 2
    assert "5.000" in rows[-1][0]
