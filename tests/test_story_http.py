"""The story over HTTP, without a browser: each role walks its part, and each mail is read as its reader would."""

from __future__ import annotations

import io
import re
from typing import Any

from portal.jobs import deliver
from portal.worlds import World
from tests.cast import Cast
from tests.sample_files import jpeg


def _link(world: World) -> str:
    """The deciding link in the last mail that has one."""
    found = [m for m in world.transport.sent if "/akkoord/" in m.get_body(("plain",)).get_content()]
    match = re.search(r"http://localhost(/akkoord/\S+)", found[-1].get_body(("plain",)).get_content())
    assert match
    return match[1]


def _fill_in(browser: Any) -> str:
    """Start a claim of one train journey and 84 km by car. Returns the address of the draft."""
    answer = browser.post("/zaken/nieuw/expense_claim", {"client_key": "abc"})
    draft = answer.headers["Location"]
    browser.post(f"{draft}", {"purpose": "Zitting", "lines-0-key": "one", "do": "add"})
    page = browser.get(draft)
    keys = re.findall(r'name="lines-\d-key"[^>]*value="(\w+)"', page.text)
    assert len(keys) == 2, page.text
    typed = {
        "purpose": "Zitting in Utrecht", "cost_centre": "1100",
        "lines-0-key": keys[0], "lines-0-category": "public_transport", "lines-0-date": "2026-11-19",
        "lines-0-description": "Trein", "lines-0-origin": "Waterveen", "lines-0-destination": "Utrecht",
        "lines-0-amount": "18,40", "lines-1-key": keys[1], "lines-1-category": "own_car",
        "lines-1-date": "2026-11-20", "lines-1-description": "Bezoek", "lines-1-origin": "Waterveen",
        "lines-1-destination": "Duinrade", "lines-1-km": "84", "do": "review",
    }  # fmt: skip
    answer = browser.post(draft, typed)
    assert browser.get(answer.headers["Location"]).headers["Location"].endswith("controle=1")
    page = browser.get(f"{draft}?controle=1")
    assert "lines-0-receipt" in page.text
    answer = browser.post(
        f"{draft}/bijlagen?line={keys[0]}",
        {"lines-0-receipt": (io.BytesIO(jpeg()), "bon.jpg")},
        content_type="multipart/form-data",
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 201, answer.text
    return str(draft)


def test_the_story(world: World, cast: Cast, browse: Any) -> None:
    anna = browse("anna")
    draft = _fill_in(anna)
    page = anna.get(f"{draft}/controleren")
    assert "37,72" in page.text
    answer = anna.post(f"{draft}/indienen")
    assert answer.headers["Location"] == "/zaken/DEC-2026-000001"
    again = anna.post(f"{draft}/indienen")
    assert again.headers["Location"] == answer.headers["Location"]
    assert "37,72" in anna.get("/zaken/DEC-2026-000001").text

    deliver.run(world, world.clock.now())
    link = _link(world)
    nobody = browse()
    page = nobody.get(link)
    assert page.status_code == 200
    assert "Zitting in Utrecht" in page.text
    assert nobody.get(re.search(rf'src="({link}/bijlage/\d+)', page.text)[1]).status_code == 200
    assert nobody.post(link, {"decision": "return"}).status_code == 422
    answer = nobody.post(link, {"decision": "approve"})
    assert answer.status_code == 302, answer.text
    assert nobody.get(answer.headers["Location"]).status_code == 200
    assert nobody.get(link).status_code == 410
    assert nobody.post(link, {"decision": "approve"}).status_code == 410

    carla = browse("carla")
    assert "DEC-2026-000001" in carla.get("/werkvoorraad").text
    answer = carla.post("/werkvoorraad/volgende")
    bench = answer.headers["Location"]
    page = carla.get(bench)
    ticks = dict.fromkeys(re.findall(r'name="(tick-[^"]+)"', page.text), "1")
    assert len(ticks) == 6
    key = re.findall(r'name="granted-([^"]+)"', page.text)[1]
    wrong = carla.post(bench, {**ticks, "checklist": "1", f"granted-{key}": "10,00", "do": "check"})
    assert wrong.status_code == 422
    done = carla.post(
        bench, {**ticks, "checklist": "1", f"granted-{key}": "10,00", f"reason-{key}": "Kortere route", "do": "check"}
    )
    assert done.status_code == 302, done.text

    dirk = browse("dirk")
    page = dirk.get("/betalingen/waterveen")
    payable = re.search(r'name="payable" value="(\d+)"', page.text)[1]
    answer = dirk.post("/betalingen/waterveen", {"payable": payable})
    assert answer.status_code == 302, answer.text
    batch = answer.headers["Location"]
    first, second = dirk.get(f"{batch}/bestand").data, dirk.get(f"{batch}/bestand").data
    assert first == second
    assert b"28.40" in first
    page = anna.get("/zaken/DEC-2026-000001")
    assert "28,40" in page.text
    deliver.run(world, world.clock.now())
    assert [m["Subject"] for m in world.transport.sent if m["To"].startswith("Anna")]
    for browser, url in ((anna, "/"), (anna, "/zaken"), (carla, "/"), (dirk, "/betalingen"), (dirk, "/bank")):
        assert browser.get(url).status_code == 200, url


def test_two_browsers_are_two_people(browse: Any) -> None:
    anna, carla = browse("anna"), browse("carla")
    assert "Anna" in anna.get("/").text
    assert "Carla" in carla.get("/").text
    assert anna.get("/werkvoorraad").status_code == 404
