"""Trial running on screen: begun, tried, findings resolved, accepted by the director, and printed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from portal.models.trials import TrialFinding
from portal.workshop import folders
from portal.worlds import World
from tests.cast import Cast
from tests.conftest import peopled
from workflows.trials import ACTIVITIES


@pytest.fixture
def database_url(sqlite_stand: Any) -> Iterator[str]:
    """What is tried here is the pages; what they do is tried on both databases."""
    peopled(sqlite_stand)
    yield sqlite_stand.url
    sqlite_stand.leave()


NEW = {"form": "begin", "title": "Duinrade begint", "place": "", "first": "2026-11-24", "last": "2027-01-31"}
FOUND = {"form": "finding", "element": "systems", "severity": "blocking", "said": "Geen bank", "owner": "Dirk",
         "due": "2026-12-01"}  # fmt: skip


def test_a_trial_from_beginning_to_acceptance(world: World, cast: Cast, browse: Any) -> None:
    greet, ilse = browse("greet"), browse("ilse")
    assert "Er wordt nog niets geprobeerd" in greet.get("/proefdraaien").text
    page = greet.post("/proefdraaien", NEW).headers["Location"]
    assert greet.post(f"{page}/bevinding", FOUND).status_code == 302
    refused = ilse.post(f"{page}/besluit", {"form": "accept", "said": "Goed"})
    assert refused.status_code == 422
    assert "blokkerende bevindingen (open: 1)" in refused.text
    assert "Goed</textarea>" in refused.text
    for key in ACTIVITIES:
        told = {"form": key, "verdict": "works", "note": "Uitgeprobeerd"}
        assert greet.post(f"{page}/punt/{key}", told).status_code == 302
    with world.db.session(writes=False) as session:
        finding = session.scalars(select(TrialFinding.id)).one()
    done = {"form": f"f{finding}", "done": "Bank gekoppeld"}
    assert greet.post(f"{page}/bevinding/{finding}", done).status_code == 302
    assert greet.post(f"{page}/besluit", {"form": "accept", "said": "Goed"}).status_code == 404
    assert ilse.post(f"{page}/besluit", {"form": "accept", "said": "Alles werkt"}).status_code == 302
    text = greet.get(page).text
    assert "Geaccepteerd door Ilse" in text
    assert "<form" not in text.partition("<main")[2].partition("</main>")[0]
    paper = "".join(one.extract_text() for one in PdfReader(io.BytesIO(greet.get(f"{page}/verslag.pdf").data)).pages)
    for said in ("Duinrade begint", "Alles werkt", "Geen bank", "Bank gekoppeld", "Huisvesting", "Ilse"):
        assert said in paper


def test_it_is_tried_in_a_world_made_of_the_real_one(world: World, cast: Cast, browse: Any) -> None:
    greet, place = browse("greet"), cast.municipalities["waterveen"]
    with world.db.transaction() as session:
        cast.submitted(session)
    page = greet.post("/proefdraaien", {**NEW, "place": str(place)}).headers["Location"]
    asked = {"form": "world", "most": "50"}
    wrong = greet.post(f"{page}/oefenwereld", {**asked, "most": "veel"})
    assert wrong.status_code == 422
    assert "Vul een aantal zaken in" in wrong.text
    assert greet.post(f"{page}/oefenwereld", asked).status_code == 302
    (opened,) = folders.workshops(world.settings)
    assert f'href="/oefening/{opened.code}/"' in greet.get(page).text
    desk = f"/oefeningen/{opened.code}/regie"
    assert f'href="{desk}"' in greet.get(page).text
    assert greet.get(desk).status_code == 302
    assert f'href="{desk}"' not in browse("hanna").get(page).text
    assert "al een oefenwereld" in greet.post(f"{page}/oefenwereld", asked).text
    together = greet.post("/proefdraaien", NEW).headers["Location"]
    assert "van één gemeente" in greet.post(f"{together}/oefenwereld", asked).text


def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_is_kept(cast: Cast, browse: Any) -> None:
    greet = browse("greet")
    answer = greet.post("/proefdraaien", {**NEW, "title": "", "last": "morgen"})
    assert answer.status_code == 422
    assert "Dit is geen datum" in answer.text
    assert "morgen" in answer.text
    page = greet.post("/proefdraaien", NEW).headers["Location"]
    answer = greet.post(f"{page}/bevinding", {**FOUND, "owner": "", "severity": ""})
    assert answer.status_code == 422
    assert "Schrijf op wie ervoor zorgt" in answer.text
    assert "Geen bank</textarea>" in answer.text
    answer = greet.post(f"{page}/punt/people_trained", {"form": "people_trained", "note": "Half"})
    assert "Kies wat u van dit punt zag" in answer.text
    assert "Half</textarea>" in answer.text
    assert greet.post(f"{page}/bevinding/99", {"form": "f99", "done": "x"}).status_code == 404
    for name in ("anna", "carla", "farid", "dirk"):
        assert browse(name).get(page).status_code == 404
