"""Who reads a dossier leaves a trace, which the employee sees; outside one's own work one says why first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.commands.reads import record_read
from portal.models.cases import Case, Document
from portal.models.reads import DossierRead
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import at_once, refused, whole
from tests.web.stage import Stage


def recorded(world: World) -> list[tuple[str, str, str, bool, str]]:
    with world.db.session(writes=False) as session:
        rows = session.execute(
            select(DossierRead, Case.number).join(Case, Case.id == DossierRead.case_id).order_by(DossierRead.id)
        )
        who = {id_: name for name, id_ in CAST[0].people.items()}
        return [(who[r.person_id], number, r.capacity, r.own_work, r.reason) for r, number in rows]


CAST: list[Cast] = []


@pytest.fixture(autouse=True)
def _names(cast: Cast) -> None:
    CAST[:] = [cast]


def test_a_read_is_recorded_once_a_day_for_each_reader(world: World, browse: Any, stage: Stage) -> None:
    carla, bram = browse("carla"), browse("bram")
    for _ in range(3):
        assert carla.get(f"/zaken/{stage.number}").status_code == 200
        assert bram.get(f"/zaken/{stage.number}").status_code == 200
    today = [("carla", stage.number, "CLERK", True, ""), ("bram", stage.number, "APPROVER", True, "")]
    assert recorded(world) == today
    world.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    carla = browse("carla")
    assert carla.get(f"/zaken/{stage.number}").status_code == 200
    assert recorded(world) == [*today, today[0]]


def test_ones_own_dossier_and_pages_that_fail_leave_nothing(world: World, browse: Any, stage: Stage) -> None:
    assert browse("anna").get(f"/zaken/{stage.number}").status_code == 200
    assert browse("aart").get(f"/zaken/{stage.number}").status_code == 404
    assert browse("hanna").get(f"/zaken/{stage.number}").status_code == 404
    assert browse("carla").post(f"/zaken/{stage.number}/approve", {}).status_code in (409, 422)
    assert recorded(world) == []


def test_a_receipt_and_the_bench_are_reading_too(world: World, cast: Cast, browse: Any, stage: Stage) -> None:
    assert browse("els").get(f"/bijlagen/{stage.document}?klein=1").status_code == 200
    with world.db.transaction() as session:
        case = session.scalars(select(Case).where(Case.number == stage.number)).one()
        case = whole(session, case.id)
        cast.act(session, "bram", case, "approve")
    carla = browse("carla")
    assert carla.post(f"/zaken/{stage.number}/nemen").status_code == 302
    assert carla.get(f"/werkvoorraad/{stage.number}").status_code == 200
    assert [row[0] for row in recorded(world)] == ["els", "carla"]


def test_a_closed_dossier_one_did_not_work_on_asks_why_first(world: World, browse: Any, stage: Stage) -> None:
    close(world, CAST[0], stage.number)
    els = browse("els")
    asked = els.get(f"/zaken/{stage.number}")
    assert asked.status_code == 200
    assert "Parkeren bij de rechtbank" not in asked.text
    assert els.get(f"/bijlagen/{stage.document}").headers["Location"] == f"/zaken/{stage.number}"
    empty = els.post(f"/zaken/{stage.number}/inzien", {"reason": "  "})
    assert empty.status_code == 422
    assert "waarom" in empty.text
    long = els.post(f"/zaken/{stage.number}/inzien", {"reason": "x" * 2001})
    assert (long.status_code, "x" * 2001 in long.text) == (422, True)
    assert recorded(world) == []
    assert els.post(f"/zaken/{stage.number}/inzien", {"reason": "Anna belde"}).status_code == 302
    assert "Parkeren bij de rechtbank" in els.get(f"/zaken/{stage.number}").text
    assert els.get(f"/bijlagen/{stage.document}").status_code == 200
    assert recorded(world) == [("els", stage.number, "CLERK", False, "Anna belde")]
    # Who worked on it looks back without a word.
    assert "Parkeren bij de rechtbank" in browse("bram").get(f"/zaken/{stage.number}").text


def test_a_step_that_is_refused_does_not_show_what_one_must_give_a_reason_for(
    world: World, browse: Any, stage: Stage
) -> None:
    close(world, CAST[0], stage.number)
    els = browse("els")
    for key in ("approve", "reopen", "refuse"):
        answer = els.post(f"/zaken/{stage.number}/{key}", {"reason": "x"})
        assert answer.status_code == 422
        assert "Parkeren bij de rechtbank" not in answer.text
    assert recorded(world) == []
    els.post(f"/zaken/{stage.number}/inzien", {"reason": "Anna belde"})
    assert "Parkeren bij de rechtbank" in els.post(f"/zaken/{stage.number}/approve").text


def close(world: World, cast: Cast, number: str) -> None:
    with world.db.transaction() as session:
        found = session.scalars(select(Case).where(Case.number == number)).one()
        cast.act(session, "bram", whole(session, found.id), "reject", "Geen werk")


def test_the_employee_sees_who_looked_and_the_functional_manager_what_was_outside_work(
    world: World, browse: Any, stage: Stage
) -> None:
    close(world, CAST[0], stage.number)
    els = browse("els")
    els.post(f"/zaken/{stage.number}/inzien", {"reason": "=Anna <b>belde</b>"})
    browse("bram").get(f"/zaken/{stage.number}")
    anna = browse("anna")
    for page in (f"/zaken/{stage.number}", "/mijn-gegevens/inzage"):
        text = anna.get(page).text
        assert "Els de Wit" in text
        assert "=Anna &lt;b&gt;belde&lt;/b&gt;" in text
        assert "Voor het eigen werk" in text
    assert "Els de Wit" not in browse("aart").get("/mijn-gegevens/inzage").text
    hanna = browse("hanna")
    page = hanna.get("/beheer/inzage").text
    assert "Els de Wit" in page
    assert "Bram de Wit" not in page
    file = hanna.get("/beheer/inzage?csv=1")
    assert file.content_type == "text/csv; charset=utf-8"
    assert "'=Anna" in file.text
    assert browse("carla").get("/beheer/inzage").status_code == 404


def test_without_a_reason_nothing_outside_ones_work_is_recorded(world: World, cast: Cast, stage: Stage) -> None:
    close(world, cast, stage.number)
    with world.db.transaction() as session:
        case = session.scalars(select(Case).where(Case.number == stage.number)).one()
        els = cast.viewer(session, "els")
        assert refused(lambda: record_read(session, els, case, world.clock.now())) == {"reading_reason"}


def test_two_tabs_at_once_make_one_row(world: World, browse: Any, stage: Stage) -> None:
    tabs = [browse("carla") for _ in range(4)]
    answers = at_once(*(lambda tab=tab: tab.get(f"/zaken/{stage.number}").status_code for tab in tabs))
    assert answers == [200] * 4
    assert len(recorded(world)) == 1


def test_a_case_with_many_readers_is_shown_page_by_page(world: World, cast: Cast, browse: Any, stage: Stage) -> None:
    with world.db.transaction() as session:
        case = session.scalars(select(Case).where(Case.number == stage.number)).one()
        assert session.scalars(select(Document).where(Document.case_id == case.id)).first()
        day = world.clock.now()
        for back in range(60):
            record_read(session, cast.viewer(session, "els"), case, day - timedelta(days=back))
            session.flush()
    anna = browse("anna")
    first = anna.get("/mijn-gegevens/inzage").text
    assert first.count("Els de Wit") == 50
    assert anna.get("/mijn-gegevens/inzage?after=11").text.count("Els de Wit") == 10
