"""The page of jobs: when each runs, how it went, how far it is; and the runs of one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal.i18n import reading_in
from portal.jobs import runner, timetable
from portal.jobs.rhythm import Every, Monthly
from portal.models.jobs import JobLook, JobRun
from portal.web.admin.timetable import duration_said, rhythm_said
from portal.worlds import World


def test_the_page_says_of_each_job_when_it_looked_how_it_went_and_when_it_is_next(world: World, browse: Any) -> None:
    hanna, now = browse("hanna"), world.clock.now()
    page = hanna.get("/beheer/taken").text
    assert "Er heeft nog geen taak gekeken" in page
    runner.run(world, timetable.job("verify_chain"))
    runner.run(world, timetable.job("deliver_mail"))
    with world.db.transaction() as session:
        session.merge(JobLook(job="journal", at=now, milliseconds=12_345, told=[], error="OSError: no space left"))
        far = {"started_at": now - timedelta(minutes=5), "done": 30, "of": 120, "alive_at": now}
        session.add(JobRun(job="grant_leave", due=now, **far))
        session.add(JobRun(job="tidy", due=now, started_at=now - timedelta(hours=30)))
    page = hanna.get("/beheer/taken").text
    assert page.count("<tr role") == 1 + len(timetable.JOBS)
    said = ("Gecontroleerde gebeurtenissen: 0", "Niets te doen", "no space left", "30 van 120", "Geen teken van leven")
    for words in (*said, "12 s", "Elke 5 seconden", "25 nov"):
        assert words in page, words
    assert '<progress max="120" value="30"' in page
    assert "Nu bezig" in page


def test_when_nothing_looked_for_a_while_the_page_says_so(world: World, browse: Any) -> None:
    hanna = browse("hanna")
    runner.run(world, timetable.job("deliver_mail"))
    assert "Draait de planner" not in hanna.get("/beheer/taken").text
    world.clock.advance(timedelta(minutes=11))
    assert "Draait de planner" in hanna.get("/beheer/taken").text


def test_the_runs_of_a_job_by_key_with_what_failed(world: World, browse: Any) -> None:
    hanna, now = browse("hanna"), world.clock.now()
    with world.db.transaction() as session:
        for day in range(45):
            ended = now - timedelta(days=day)
            session.add(
                JobRun(job="tidy", due=ended, started_at=ended, finished_at=ended, milliseconds=900, tries=2,
                       told=[{"code": "removed", "drafts": day, "files": 1}], error="" if day != 3 else "OSError: weg")
            )  # fmt: skip
        session.add(JobRun(job="journal", due=now, started_at=now, finished_at=now, error="ander werk"))
    page = hanna.get("/beheer/taken/tidy").text
    assert page.count("<tr role") == 41
    assert "OSError: weg" in page
    assert "poging 2" in page
    assert "ander werk" not in page
    assert "Verwijderd: concepten 44" not in page
    after = page.split("after=")[1].split('"')[0]
    assert "Verwijderd: concepten 44" in hanna.get(f"/beheer/taken/tidy?after={after}").text
    assert hanna.get("/beheer/taken/onbekend").status_code == 404
    assert "ander werk" in hanna.get("/beheer/").text


def test_rhythms_and_durations_in_words() -> None:
    with reading_in("en"):
        said = [rhythm_said(Every(timedelta(seconds=s))) for s in (1, 5, 60, 900, 3600, 86_400)]
        assert said == [
            "Every second",
            "Every 5 seconds",
            "Every minute",
            "Every 15 minutes",
            "Every hour",
            "Every day",
        ]
        assert rhythm_said(Monthly(1, 6)) == "Each month, on day 1 at 06:00"
        assert [duration_said(ms) for ms in (None, 40, 1_250, 61_000)] == ["", "40 ms", "1.2 s", "1 min 1 s"]
