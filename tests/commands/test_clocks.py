"""Target and legal dates, suspension while a claim waits for its claimant, and the series of numbers."""

from __future__ import annotations

from datetime import datetime, time

from portal.clock import local
from portal.models.cases import Case, NumberSeries
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import at_once, here, pass_days


def due(case: Case) -> tuple[datetime | None, datetime | None]:
    return case.target_due, case.legal_due


def end_of(day: str) -> datetime:
    return datetime.combine(here(day).date(), time.max, here(day).tzinfo)


def test_target_and_legal_dates_count_from_the_day_of_receipt(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        assert case.received_at == world.clock.now() == here("2026-11-24 10:00")
        # Ten working days after a Tuesday; fifty-six days later.
        assert due(case) == (here("2026-12-08 17:00"), end_of("2027-01-19"))
        assert case.step_due == here("2026-12-01 17:00")
        cast.act(session, "bram", case, "approve")
        assert case.step_due == here("2026-11-27 17:00")
        assert due(case) == (here("2026-12-08 17:00"), end_of("2027-01-19"))


def test_a_step_without_a_norm_is_due_with_the_case(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        cast.act(session, "bram", case, "return", "Nog eens")
        assert case.step_due == case.target_due


def test_the_clock_stands_still_while_the_claimant_is_waited_for(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        world.clock.set(here("2026-11-26 10:00"))
        cast.act(session, "bram", case, "return", "Nog eens")
        assert case.suspended_since == here("2026-11-26 10:00")
        # After the target had passed: what was in time when it stopped is in time when it goes on.
        world.clock.set(here("2026-12-10 10:00"))
        cast.act(session, "anna", case, "submit", content=cast.content(case))
        assert case.suspended_since is None
        assert due(case) == (here("2026-12-22 17:00"), end_of("2027-02-01"))
        assert case.step_due == here("2026-12-17 17:00")


def test_returned_twice_gives_both_times_back(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        for _ in range(2):
            cast.act(session, "bram", case, "return", "Nog eens")
            pass_days(world, 7)
            cast.act(session, "anna", case, "submit", content=cast.content(case))
        # Twice five working days: from 8 December over Christmas (25 December is closed).
        assert case.target_due == here("2026-12-22 17:00")
        assert local(case.state_since) == here("2026-12-08 10:00")


def test_a_withdrawn_claim_that_was_suspended_stops_its_clock(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        cast.act(session, "bram", case, "return", "Nog eens")
        cast.act(session, "anna", case, "withdraw")
        assert (case.suspended_since, case.closed_at) == (None, world.clock.now())


def test_a_draft_has_no_number_and_no_clock(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.draft(session, "anna")
        assert (case.number, case.received_at, case.target_due, case.step_due) == (None, None, None, None)
        cast.act(session, "anna", case, "withdraw")
        assert (case.number, case.state) == (None, "withdrawn")


def test_numbers_follow_each_other_and_begin_again_with_the_dutch_year(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        for key, moment in (
            ("1", "2026-12-31 23:58"), ("2", "2026-12-31 23:59"), ("3", "2027-01-01 00:00"), ("4", "2027-01-02 12:00"),
        ):  # fmt: skip
            world.clock.set(here(moment))
            cast.submitted(session, key=key)
        numbers = [number for (number,) in session.query(Case.number).order_by(Case.id)]
    assert numbers == ["DEC-2026-000001", "DEC-2026-000002", "DEC-2027-000001", "DEC-2027-000002"]


def test_what_is_rolled_back_uses_no_number(world: World, cast: Cast) -> None:
    with world.db.session() as session:
        assert cast.submitted(session).number == "DEC-2026-000001"
        session.rollback()
    with world.db.transaction() as session:
        assert cast.submitted(session).number == "DEC-2026-000001"


def test_many_at_once_get_numbers_without_gaps_or_doubles(world: World, cast: Cast) -> None:
    def submit(key: str, name: str) -> str:
        with world.db.transaction() as session:
            return str(cast.submitted(session, name, key=key).number)

    with world.db.transaction() as session:
        cast.submitted(session, key="first")
    keys = [(f"k{i}", name) for i in range(4) for name in ("anna", "aart")]
    outcomes = at_once(*(lambda k=key, n=name: submit(k, n) for key, name in keys))
    assert sorted(map(str, outcomes)) == [f"DEC-2026-{n:06d}" for n in range(2, 10)]
    with world.db.session(writes=False) as session:
        assert session.get_one(NumberSeries, ("DEC", 2026)).last == 9


def test_the_very_first_of_a_year_at_once_all_get_a_number_of_their_own(world: World, cast: Cast) -> None:
    def submit(key: str, name: str) -> str:
        with world.db.transaction() as session:
            return str(cast.submitted(session, name, key=key).number)

    keys = [(key, name) for key in ("1", "2") for name in ("anna", "aart")]
    outcomes = at_once(*(lambda k=key, n=name: submit(k, n) for key, name in keys))
    assert sorted(map(str, outcomes)) == [f"DEC-2026-{n:06d}" for n in range(1, 5)]
