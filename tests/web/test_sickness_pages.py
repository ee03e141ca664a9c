"""Reporting ill on the screen, for oneself or by the SSC, and saying when one works again."""

from __future__ import annotations

import re
from typing import Any

from portal.worlds import World
from tests.cast import Cast
from tests.leave import agreed


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_somebody_reports_ill_works_a_part_again_and_recovers(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        agreed(session, cast)
    anna = browse("anna")
    draft = anna.post("/zaken/nieuw/sickness", {"client_key": "k" * 32}).headers["Location"]
    form = anna.get(draft).get_data(as_text=True)
    assert "Wat u hebt, vragen we niet" in form
    assert "textarea" not in form
    wrong = anna.get(anna.get(anna.post(draft, {"first": "2026-12-24", "do": "review"}).headers["Location"]
                              ).headers["Location"])  # fmt: skip
    assert "Deze datum ligt in de toekomst" in text(wrong)
    anna.get(anna.post(draft, {"first": "2026-11-20", "do": "review"}).headers["Location"])
    page = anna.post(f"{draft}/indienen", {}).headers["Location"]
    assert "vrijdag 20 november 2026" in text(anna.get(page))
    half = anna.post(f"{page}/partly", {"partly-day": "2026-11-23", "partly-percent": "half"})
    assert half.status_code == 422
    assert 'value="half"' in half.get_data(as_text=True)
    assert anna.post(f"{page}/partly", {"partly-day": "2026-11-23", "partly-percent": "50"}).status_code == 302
    assert "werkt 50 % van de uren" in text(anna.get(page)).replace("\u00a0", " ")
    bram = browse("bram")
    ahead = bram.post(f"{page}/recover", {"recover-day": "2026-12-01"})
    assert ahead.status_code == 422
    assert "Deze dag is te ver vooruit" in text(ahead)
    assert bram.post(f"{page}/recover", {"recover-day": "2026-11-24"}).status_code == 302
    assert "dinsdag 24 november 2026" in text(bram.get(page))
    for name in ("aart", "dirk", "hanna", "farid"):
        assert browse(name).get(page).status_code == 404


def test_a_clerk_reports_somebody_ill_who_calls(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        agreed(session, cast)
    carla = browse("carla")
    begun = carla.post(f"/namens/{cast.people['anna']}/sickness", {"client_key": "k" * 32})
    draft = begun.headers["Location"]
    assert "U meldt Anna" in text(carla.get(draft))
    carla.get(carla.post(draft, {"first": "2026-11-24", "do": "review"}).headers["Location"])
    page = carla.post(f"{draft}/indienen", {}).headers["Location"]
    assert "Ziek" in text(browse("anna").get(page))
    assert "Ziek" in text(carla.get(page))
