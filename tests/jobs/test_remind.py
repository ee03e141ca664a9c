"""Reminders and escalations: in office hours, once in each state, and without spoiling the first mail's link."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.clock import local_date
from portal.commands import substitutes
from portal.jobs import deliver, remind
from portal.jobs.telling import Told, told
from portal.models.cases import Case
from portal.models.mail import MailLink
from portal.models.people import Municipality
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import here, letters
from tests.commands.test_queue import in_queue

SUBMITTED = "2026-11-24 10:00"
REMINDED, ESCALATED = "2026-11-30 08:00", "2026-12-02 08:00"
"""Three working days end on Friday at closing time, five on Tuesday: the office opens on the day after."""


def submit(world: World, cast: Cast, name: str = "anna") -> int:
    with world.db.transaction() as session:
        return cast.submitted(session, name).id


def at(world: World, moment: str) -> Told:
    world.clock.set(here(moment))  # type: ignore[attr-defined]
    return remind.run(world, world.clock.now())


def mails(world: World, case_id: int) -> list[tuple[str, str]]:
    with world.db.session(writes=False) as session:
        return letters(session, case_id)


def hourly(first: str, last: str) -> list[str]:
    moment, moments = datetime.fromisoformat(first), []
    while moment <= datetime.fromisoformat(last):
        moments.append(moment.strftime("%Y-%m-%d %H:%M"))
        moment += timedelta(hours=1)
    return moments


def test_each_goes_out_once_when_the_office_is_open(world: World, cast: Cast) -> None:
    case_id = submit(world, cast)
    said = {moment: summary for moment in hourly(SUBMITTED, "2026-12-04 10:00") if (summary := at(world, moment))}
    assert said == {
        REMINDED: told("reminded", reminded=1, escalated=0),
        ESCALATED: told("reminded", reminded=0, escalated=1),
    }
    assert mails(world, case_id)[2:] == [("remind", "bram"), ("escalate", "diane")]


@pytest.mark.parametrize("closed", ["2026-11-27 17:00", "2026-11-27 20:00", "2026-11-28 11:00", "2026-11-30 07:59"])
def test_nothing_goes_out_while_the_office_is_closed(world: World, cast: Cast, closed: str) -> None:
    submit(world, cast)
    assert at(world, closed) == []
    assert at(world, REMINDED) == told("reminded", reminded=1, escalated=0)


def test_a_closing_day_of_the_municipality_counts(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        session.execute(update(Municipality).values(closing_days={"2026-11-27": "Brugdag"}))
    submit(world, cast)
    assert at(world, REMINDED) == []
    assert at(world, "2026-12-01 08:00") == told("reminded", reminded=1, escalated=0)


def test_a_job_that_was_down_makes_up_for_both_at_once(world: World, cast: Cast) -> None:
    submit(world, cast)
    assert at(world, "2026-12-10 14:37") == told("reminded", reminded=1, escalated=1)
    assert at(world, "2026-12-10 15:00") == []


def test_a_new_round_is_reminded_of_anew(world: World, cast: Cast) -> None:
    case_id = submit(world, cast)
    at(world, REMINDED)
    with world.db.transaction() as session:
        case = session.get_one(Case, case_id, options=remind.WHOLE)
        cast.act(session, "bram", case, "return", "Nog eens")
    assert at(world, "2026-12-07 17:30") == []
    assert at(world, "2026-12-08 08:00") == told("reminded", reminded=1, escalated=0)
    assert mails(world, case_id)[-1] == ("remind_you", "anna")
    with world.db.transaction() as session:
        case = session.get_one(Case, case_id, options=remind.WHOLE)
        assert case.reminded_at == here("2026-12-08 08:00")
        cast.act(session, "anna", case, "submit", content=cast.content(case))
        assert case.reminded_at is None
    assert at(world, "2026-12-14 09:00") == told("reminded", reminded=1, escalated=0)
    assert mails(world, case_id)[-1] == ("remind", "bram")


def test_without_anybody_above_the_ssc_is_written_to(world: World, cast: Cast) -> None:
    case_id = submit(world, cast, "olga")
    at(world, ESCALATED)
    assert mails(world, case_id)[-1] == ("escalate", "SSC")


def test_whoever_stands_in_by_now_is_reminded(world: World, cast: Cast) -> None:
    case_id = submit(world, cast)
    today = local_date(world.clock.now())
    with world.db.transaction() as session:
        substitutes.stand_in(session, cast.people["bram"], cast.people["aart"], today, today + timedelta(14), today)
    at(world, REMINDED)
    assert mails(world, case_id)[-1] == ("remind", "aart")


def test_what_is_decided_closed_or_a_draft_is_left_in_peace(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.draft(session, "anna", "draft")
        cast.act(session, "anna", cast.submitted(session, key="withdrawn"), "withdraw")
        cast.act(session, "bram", cast.submitted(session, key="approved"), "approve")
    assert at(world, ESCALATED) == []


def test_the_first_link_still_works_after_a_reminder_and_the_second_dies_with_it(
    world: World, cast: Cast, browse: Any
) -> None:
    submit(world, cast)
    at(world, REMINDED)
    deliver.run(world, world.clock.now())
    texts = [m.get_body(("plain",)).get_content() for m in world.transport.sent]  # type: ignore[attr-defined]
    first, second = [match[1] for text in texts for match in re.finditer(r"http://localhost(/akkoord/\S+)", text)]
    nobody = browse()
    assert [nobody.get(link).status_code for link in (first, second)] == [200, 200]
    assert nobody.post(first, {"decision": "approve"}).status_code == 302
    assert [nobody.get(link).status_code for link in (first, second)] == [410, 410]
    with world.db.session(writes=False) as session:
        assert set(session.scalars(select(MailLink.ended))) == {"used"}


def test_many_that_were_reminded_long_ago_do_not_crowd_out_the_one_that_is_due(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        for case in in_queue(session, cast, remind.MOST, "aart"):
            case.state, case.waits_for = "returned", "INITIATOR"
            case.reminded_at = case.state_since = here("2026-01-05 09:00")
    case_id = submit(world, cast)
    assert at(world, REMINDED) == told("reminded", reminded=1, escalated=0)
    assert mails(world, case_id)[-1] == ("remind", "bram")
