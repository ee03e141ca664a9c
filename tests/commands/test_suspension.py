"""A case that waits for something outside the SSC: its clock stands still, with a reason, and gives the time back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.calendar import OfficeCalendar
from portal.clock import local_date
from portal.commands import cases
from portal.commands.handing import hand
from portal.jobs import remind
from portal.models.cases import Case
from portal.queries.people import calendar_of
from portal.queries.queue import QueueFilter, held_by, next_free
from portal.queries.timing import OUTSIDE, timing_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import events, here, letters, refused, whole
from workflows.parties import APPROVER, CLERK, INITIATOR


def held(world: World, cast: Cast, session: Any) -> Case:
    """Anna's claim, approved and on Carla's desk."""
    case = cast.submitted(session)
    cast.act(session, "bram", case, "approve")
    cases.take(session, cast.viewer(session, "carla"), case, world.clock.now())
    return case


def set_clock(world: World, moment: str) -> None:
    world.clock.set(here(moment))  # type: ignore[attr-defined]


def test_suspending_needs_a_reason_and_the_case_in_hand(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = held(world, cast, session)
        assert refused(lambda: cast.act(session, "carla", case, "suspend")) == {"reason_missing"}
        assert refused(lambda: cast.act(session, "els", case, "suspend", "Wacht op bank")) == {"not_held"}
        assert refused(lambda: cast.act(session, "bram", case, "suspend", "Wacht op bank")) == {"not_yours"}


def test_exactly_the_time_that_was_lost_is_given_back_also_to_the_step(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = held(world, cast, session)
        assert (case.target_due, case.step_due) == (here("2026-12-08 17:00"), here("2026-11-27 17:00"))
        set_clock(world, "2026-11-25 10:00")
        cast.act(session, "carla", case, "suspend", "Wacht op de leverancier")
        assert (case.state, case.suspended_since) == ("on_hold", here("2026-11-25 10:00"))
        assert case.assignee_id == cast.people["carla"]
        # Long after every date has passed: nothing is late the moment it goes on.
        set_clock(world, "2026-12-16 10:00")
        cast.act(session, "carla", case, "resume")
        assert (case.target_due, case.step_due) == (here("2026-12-30 17:00"), here("2026-12-18 17:00"))
        assert (case.state, case.suspended_since, case.assignee_id) == ("approved", None, cast.people["carla"])


def test_a_suspended_case_is_not_handed_out_but_a_colleague_can_go_on_with_it(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = held(world, cast, session)
        cast.act(session, "carla", case, "suspend", "Wacht op de leverancier")
        carla, els = cast.viewer(session, "carla"), cast.viewer(session, "els")
        assert [one.id for one in held_by(session, carla)] == [case.id]
        hand(session, carla, case, None, world.clock.now())
        session.flush()
        assert next_free(session, els, QueueFilter(), world.clock.now()) is None
        cast.act(session, "els", case, "resume")
        session.flush()
        found = next_free(session, els, QueueFilter(), world.clock.now())
        assert found is not None
        assert found.id == case.id


def test_time_waited_for_others_is_told_apart_from_that_of_the_ssc(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        set_clock(world, "2026-11-25 10:00")
        cast.act(session, "bram", case, "return", "Nog eens")
        set_clock(world, "2026-11-27 10:00")
        cast.act(session, "anna", case, "submit", content=cast.content(case))
        cast.act(session, "bram", case, "approve")
        set_clock(world, "2026-11-30 10:00")
        cases.take(session, cast.viewer(session, "carla"), case, world.clock.now())
        cast.act(session, "carla", case, "suspend", "Wacht op de leverancier")
        set_clock(world, "2026-12-03 14:30")
        cast.act(session, "carla", case, "resume")
        session.commit()
        timing = timing_of(case, events(session, case.id), calendar_of(case.municipality), here("2026-12-04 14:30"))
        assert {party: float(days) for party, days in timing.by_party} == {
            APPROVER: 1.0, INITIATOR: 2.0, CLERK: 2.0, OUTSIDE: 3.5,
        }  # fmt: skip
        assert [(s.state.key, s.opened.reason) for s in timing.suspensions] == [
            ("returned", "Nog eens"), ("on_hold", "Wacht op de leverancier"),
        ]  # fmt: skip


def test_the_clerk_is_reminded_and_when_nobody_has_it_the_ssc(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = held(world, cast, session)
        cast.act(session, "carla", case, "suspend", "Wacht op de leverancier")
        case_id = case.id
    set_clock(world, "2026-12-01 20:00")
    assert remind.run(world, world.clock.now()) == []
    set_clock(world, "2026-12-02 08:00")
    assert remind.run(world, world.clock.now())[0]["reminded"] == 1
    with world.db.transaction() as session:
        assert letters(session, case_id)[-1] == ("remind_ssc", "carla")
        case = whole(session, case_id)
        cast.act(session, "carla", case, "resume")
        cast.act(session, "carla", case, "suspend", "Nog niet")
        hand(session, cast.viewer(session, "carla"), case, None, world.clock.now())
    set_clock(world, "2026-12-10 08:00")
    assert remind.run(world, world.clock.now())[0]["reminded"] == 1
    with world.db.transaction() as session:
        assert letters(session, case_id)[-1] == ("remind_ssc", "SSC")


def test_the_dossier_shows_both_dates_and_why_the_clock_stands_still(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        case = held(world, cast, session)
        number = case.number
    carla = browse("carla")
    page = carla.get(f"/zaken/{number}").text
    assert "8 december 2026" in page
    assert "19 januari 2027" in page
    assert carla.post(f"/zaken/{number}/suspend", {"reason": ""}).status_code == 422
    assert carla.post(f"/zaken/{number}/suspend", {"reason": "Wacht op de <b>hotelrekening</b>"}).status_code == 302
    for name in ("carla", "anna"):
        page = browse(name).get(f"/zaken/{number}").text
        assert "Wacht op de &lt;b&gt;hotelrekening&lt;/b&gt;" in page
        assert "Stond stil" in page
    assert carla.post(f"/zaken/{number}/resume", {}).status_code == 302


PAUSES = st.lists(st.tuples(st.integers(1, 9000), st.integers(0, 30000)), max_size=4)
"""Minutes of work, then minutes suspended, some times."""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pauses=PAUSES)
def test_suspending_never_takes_time_away_nor_makes_late(
    world: World, cast: Cast, pauses: list[tuple[int, int]]
) -> None:
    set_clock(world, "2026-11-24 10:00")
    with world.db.session() as session:
        case = held(world, cast, session)
        calendar: OfficeCalendar = calendar_of(case.municipality)
        for work, pause in pauses:
            world.clock.advance(timedelta(minutes=work))  # type: ignore[attr-defined]
            before = {date: getattr(case, date) for date in ("target_due", "legal_due", "step_due")}
            since = world.clock.now()
            cast.act(session, "carla", case, "suspend", "Wacht")
            world.clock.advance(timedelta(minutes=pause))  # type: ignore[attr-defined]
            cast.act(session, "carla", case, "resume")
            for date, due in before.items():
                now_due: datetime = getattr(case, date)
                assert now_due >= due, date
                assert due < since or now_due >= world.clock.now(), date
            target, old = case.target_due, before["target_due"]
            given_back = calendar.working_days_between(local_date(old), local_date(target))
            lost = calendar.working_days_between(local_date(since), local_date(world.clock.now()))
            assert given_back - lost in {0, 1}, (old, target, since)
        session.rollback()
