"""The page of exchange rates: taking in a file, what is refused beside the field, and what differs."""

from __future__ import annotations

import html
import io
from typing import Any

from sqlalchemy import update

from portal.models.people import RoleGrant
from portal.models.rates import PublishedRate
from portal.worlds import World
from tests.cast import Cast
from tests.commands.test_rates import stored
from tests.rate_files import MONDAY, as_csv

PAGE = "/beheer/koersen"


def said(answer: Any) -> str:
    """What stands on a page, as people read it."""
    return html.unescape(answer.text)


def sent(browser: Any, content: bytes, name: str = "eurofxref-hist.csv") -> Any:
    return browser.post(PAGE, {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def test_a_file_is_taken_in_and_shown(world: World, browse: Any) -> None:
    hanna = browse("hanna")
    assert "nog geen koersen bekend" in said(hanna.get(PAGE))
    assert sent(hanna, as_csv()).status_code == 302
    page = said(hanna.get(PAGE))
    assert "7 nieuwe koersen" in page
    assert "1,0961" in page
    assert "Amerikaanse dollar" in page
    assert len(stored(world)) == 7
    sent(hanna, as_csv())
    assert "al bekend" in said(hanna.get(PAGE))
    assert "Wisselkoersen" in said(hanna.get("/beheer/wijzigingen"))


def test_what_is_refused_stands_beside_the_field_in_both_languages(world: World, browse: Any) -> None:
    hanna = browse("hanna")
    for content, dutch, english in (
        (b"<html>", "geen bestand met koersen", "no file with rates"),
        (as_csv({MONDAY: {"USD": "0"}}), "niet meer dan nul", "not more than zero"),
        (b"PK\x03\x04", "ZIP-bestand", "ZIP file"),
    ):
        for language, sentence in (("nl", dutch), ("en", english)):
            hanna.post(f"/taal/{language}")
            answer = sent(hanna, content)
            assert answer.status_code == 422
            assert sentence in said(answer)
    assert stored(world) == {}


def test_without_a_file_the_page_says_so(browse: Any) -> None:
    assert browse("hanna").post(PAGE).status_code == 422


def test_what_differs_is_shown_and_the_rest_is_kept(world: World, browse: Any) -> None:
    hanna = browse("hanna")
    sent(hanna, as_csv())
    answer = sent(hanna, as_csv({MONDAY: {"USD": "1.2", "CHF": "0.93"}}))
    assert answer.status_code == 200
    assert "onze 1,0961 (ECB), in het bestand 1,2" in said(answer)
    assert stored(world)["USD", MONDAY] == "1.0961"
    assert stored(world)["CHF", MONDAY] == "0.93"


def test_old_rates_are_pointed_out(world: World, browse: Any) -> None:
    with world.db.transaction() as session:
        session.add(
            PublishedRate(currency="USD", day=MONDAY.replace(day=2), rate="1.09", source="ECB",
                          imported_at=world.clock.now())
        )  # fmt: skip
    assert "De laatste koersen zijn van 2 november 2026" in said(browse("hanna").get(PAGE))


def test_who_does_one_municipality_sees_the_rates_but_adds_none(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        session.execute(
            update(RoleGrant)
            .where(RoleGrant.person_id == cast.people["hanna"])
            .values(municipality_id=cast.municipalities["waterveen"])
        )
    hanna = browse("hanna")
    assert 'type="file"' not in hanna.get(PAGE).text
    assert sent(hanna, as_csv()).status_code == 422
    assert stored(world) == {}
