"""The page of the chart of accounts: looking at what a file would change, taking it in, and who may."""

from __future__ import annotations

import html
import io
import re
from typing import Any

from sqlalchemy import select

from portal.models.ledger import ChartEntry
from portal.models.people import RoleGrant
from portal.worlds import World
from tests.cast import Cast
from tests.ledger import account, chart_file, posting, task, whole_chart

PAGE = "/beheer/rekeningschema"


def said(answer: Any) -> str:
    return html.unescape(answer.text)


def look(browser: Any, content: bytes, place: str = "waterveen") -> Any:
    data = {"gemeente": place, "file": (io.BytesIO(content), "schema.csv")}
    return browser.post(f"{PAGE}/bekijken", data, content_type="multipart/form-data")


def confirmed(page: Any) -> dict[str, str]:
    """What the page of what would change sends along."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))


def stored(world: World) -> int:
    with world.db.session(writes=False) as session:
        return len(session.scalars(select(ChartEntry.id)).all())


def test_a_file_is_looked_at_and_then_taken_in(world: World, browse: Any) -> None:
    hanna = browse("hanna")
    assert "nog geen rekeningschema" in said(hanna.get(PAGE))
    page = look(hanna, chart_file(*whole_chart()))
    assert page.status_code == 200
    assert "Parkeren" not in said(page)
    assert "cost.parking" in said(page)
    assert stored(world) == 0
    done = hanna.post(PAGE, confirmed(page))
    assert done.status_code == 302
    shown = said(hanna.get(done.location))
    assert "is ingelezen" in shown
    assert "Parkeren" in shown
    assert stored(world) == len(whole_chart())
    back = hanna.get(f"{PAGE}.csv?gemeente=waterveen")
    assert "rekeningschema-waterveen.csv" in back.headers["Content-Disposition"]
    assert re.search(rf"Ongewijzigd</dt><dd>{len(whole_chart())}</dd>", look(hanna, back.data).text)
    assert "Rekeningschema" in said(hanna.get("/beheer/wijzigingen"))


def test_what_is_wrong_is_said_in_both_languages_and_changes_nothing(world: World, browse: Any) -> None:
    hanna = browse("hanna")
    wrong = chart_file(account("1100"), posting("bank", "1200"))
    for language, sentence in (("nl", "bestaat op de eerste dag niet"), ("en", "does not exist on the first day")):
        hanna.post(f"/taal/{language}")
        answer = look(hanna, wrong)
        assert answer.status_code == 422
        assert sentence in said(answer)
        assert 'name="digest"' not in answer.text
    hanna.post("/taal/nl")
    assert look(hanna, b"").status_code == 422
    assert "Kies eerst een bestand" in said(hanna.post(f"{PAGE}/bekijken", {"gemeente": "waterveen"}))
    assert stored(world) == 0


def test_what_changed_meanwhile_is_looked_at_again(world: World, browse: Any) -> None:
    hanna = browse("hanna")
    one, other = (confirmed(look(hanna, chart_file(task("0.4", name)))) for name in ("Overhead", "Bovenbouw"))
    hanna.post(PAGE, one)
    answer = hanna.post(PAGE, other)
    assert answer.status_code == 422
    assert "Kijk opnieuw" in said(answer)
    assert hanna.post(PAGE, {**other, "content": "%%"}).status_code == 400
    assert stored(world) == 1


def test_others_do_not_know_of_it(world: World, cast: Cast, browse: Any) -> None:
    for name in ("anna", "carla", "dirk", "farid"):
        browser = browse(name)
        assert browser.get(PAGE).status_code == 404
        assert look(browser, chart_file(task("0.4"))).status_code == 404
        assert browser.post(PAGE, {"gemeente": "waterveen"}).status_code == 404
    with world.db.transaction() as session:
        grant = session.scalars(select(RoleGrant).where(RoleGrant.person_id == cast.people["hanna"])).one()
        grant.municipality_id = cast.municipalities["duinrade"]
    hanna = browse("hanna")
    assert hanna.get(f"{PAGE}?gemeente=waterveen").status_code == 404
    assert look(hanna, chart_file(task("0.4"))).status_code == 404
    assert stored(world) == 0
