"""Joining and leaving on their pages: each point judged, the archive by two people, and nothing without all of it."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.jobs import archives
from portal.jobs.telling import in_words
from portal.models.changes import Change
from portal.models.jobs import JobRun
from portal.models.passages import ArchiveRequest, Passage
from portal.worlds import World
from tests.cast import Cast
from tests.web.said import says, sentence
from tests.web.test_statements import MOST, counted
from workflows.passages import POINTS

OUT = "/uittreden/duinrade"


@pytest.fixture
def two(cast: Cast, browse: Any) -> tuple[Any, Any]:
    """The functional manager, and the director."""
    return browse("hanna"), browse("ilse")


def announced(cast: Cast, browser: Any, way: str = "uittreden", day: str = "2026-11-24") -> Any:
    place = cast.municipalities["duinrade"]
    return browser.post(f"/{way}", {"form": "begin", "place": place, "day": day, "reason": "Besluit van de raad"})


def test_a_leaving_is_announced_once_and_what_is_wrong_stands_beside_its_field(cast: Cast, two: Any) -> None:
    hanna, ilse = two
    assert "Er treedt geen gemeente uit" in hanna.get("/uittreden").text
    assert says(announced(cast, hanna, day=""), "passage_day_missing")
    assert says(announced(cast, hanna, day="2026-11-23"), "passage_day_past")
    assert "Kies een gemeente." in hanna.post("/uittreden", {"form": "begin", "day": "2026-12-01"}).text
    assert announced(cast, hanna).location == OUT
    assert says(announced(cast, ilse), "passage_already")
    page = ilse.get(OUT).text
    assert "Besluit van de raad" in page
    assert ilse.get("/uittreden").text.count("Duinrade") == 1


def test_the_archive_takes_two_people_is_made_by_the_job_and_taken_along(
    world: World, cast: Cast, two: Any, browse: Any
) -> None:
    hanna, ilse = two
    announced(cast, hanna)
    assert says(hanna.post(f"{OUT}/archief", {"form": "archive", "reason": ""}), "change_reason_missing")
    hanna.post(f"{OUT}/archief", {"form": "archive", "reason": "Overdracht"})
    assert says(ilse.post(f"{OUT}/archief", {"form": "archive", "reason": "Nog een"}), "archive_asked")
    assert says(hanna.post(f"{OUT}/archief/1/ja"), "archive_second_person")
    assert archives.run(world, world.clock.now()) == []
    assert hanna.get(f"{OUT}/archief/1.zip").status_code == 404
    assert ilse.post(f"{OUT}/archief/1/ja").status_code == 302
    assert says(ilse.post(f"{OUT}/archief/1/nee"), "archive_decided")
    with world.db.transaction() as session:
        now = world.clock.now()
        session.add(JobRun(job="make_archives", due=now, started_at=now, done=3, of=8, alive_at=now))
        session.get_one(ArchiveRequest, 1).begun_at = now
    assert "3 van 8" in ilse.get(OUT).text
    # Whoever began it is not heard of any more.
    told = archives.run(world, world.clock.now() + timedelta(hours=13))
    assert "Duinrade: archief gemaakt" in in_words(told)
    assert archives.run(world, world.clock.now() + timedelta(hours=14)) == []
    page = ilse.get(OUT).text
    assert f"{OUT}/archief/1.zip" in page
    answer = ilse.get(f"{OUT}/archief/1.zip")
    assert answer.status_code == 200
    assert hashlib.sha256(answer.data).hexdigest() in page
    assert "archief-duinrade-2026-11-24.zip" in answer.headers["Content-Disposition"]
    assert browse("farid").get(f"{OUT}/archief/1.zip").status_code == 404
    told = archives.run(world, world.clock.now() + timedelta(days=91))
    assert "Archieven opgeruimd: 1" in in_words(told)
    assert ilse.get(f"{OUT}/archief/1.zip").status_code == 404
    with world.db.session(writes=False) as session:
        written = [(change.what, change.by_id) for change in session.scalars(select(Change).order_by(Change.id))]
    hers, ilses = cast.people["hanna"], cast.people["ilse"]
    assert written == [("passage.leaving", hers), ("archive.asked", hers), ("archive.granted", ilses),
                       ("archive.fetched", ilses)]  # fmt: skip


def test_an_archive_that_cannot_be_made_says_so_and_can_be_asked_for_again(world: World, cast: Cast, two: Any) -> None:
    hanna, ilse = two
    announced(cast, hanna)
    ilse.post(f"{OUT}/archief", {"form": "archive", "reason": "Overdracht"})
    hanna.post(f"{OUT}/archief/1/ja")
    blocked = world.settings.instance / "archives"
    blocked.write_text("geen map")
    assert "er kon geen archief worden gemaakt" in in_words(archives.run(world, world.clock.now()))
    assert "FileExistsError" in hanna.get(OUT).text
    assert ilse.post(f"{OUT}/archief", {"form": "archive", "reason": "Opnieuw"}).status_code == 302
    assert ilse.post(f"{OUT}/archief/2/nee").status_code == 302
    with world.db.session(writes=False) as session:
        assert session.scalars(select(ArchiveRequest.id)).all() == [1]


def test_a_municipality_has_left_when_every_point_is_arranged_and_not_before(
    world: World, cast: Cast, two: Any, browse: Any
) -> None:
    hanna, _ilse = two
    announced(cast, hanna, day="2026-11-25")
    first, *others = [point.key for point in POINTS["leaving"]]

    def judge(key: str, verdict: str = "done", reason: str = "Afgesproken in het DVO-overleg") -> Any:
        form = {"form": key, "verdict": verdict, "reason": reason, "owner": "Ilse", "due": "2026-12-01"}
        return hanna.post(f"{OUT}/punt", form)

    assert says(judge(first, "met"), "passage_point_unknown")
    assert says(judge(first, reason=""), "change_reason_missing")
    assert says(judge("iets"), "passage_point_unknown")
    for key in others:
        assert judge(key).status_code == 302
    refused = hanna.post(f"{OUT}/klaar")
    assert refused.status_code == 422
    assert "Nog niet geregeld: Afspraken beëindigd" in refused.text
    assert "De afgesproken dag is nog niet gekomen: 25 november 2026" in refused.text
    assert judge(first, "open").status_code == 302
    assert judge(first).status_code == 302
    world.clock.advance(timedelta(days=1))
    browser = browse("hanna")
    with counted(world) as statements:
        page = browser.get(OUT).text
    assert len(statements) <= MOST
    assert "Wat er eerder van is gezegd" in page
    assert browser.post(f"{OUT}/klaar").status_code == 302
    assert says(browser.post(f"{OUT}/klaar"), "passage_ended")
    assert says(browser.post(f"{OUT}/punt", {"form": first, "verdict": "done", "reason": "x"}), "passage_ended")
    with world.db.session(writes=False) as session:
        passage = session.scalars(select(Passage)).one()
    assert passage.ended_by_id == cast.people["hanna"]
    assert sentence("passage_too_early") not in browser.get(OUT).text
