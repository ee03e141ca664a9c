"""The order of the queue: by the chance of breaching a norm, with the reason that is shown."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal import i18n
from portal.commands.cases import set_urgency
from portal.models.cases import Case
from portal.models.people import Municipality
from portal.queries.queue import QueueFilter, arrivals, queue
from portal.web.urgency import urgency_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import here, pass_days, whole
from workflows import CASE_TYPES
from workflows.urgency import days_after

CLAIM = CASE_TYPES["expense_claim"]


def test_what_follows_a_state_takes_its_norms_together() -> None:
    found = {key: days_after(CLAIM, key) for key in ("paid", "rejected", "paying", "payable", "approved", "unpaid")}
    assert found == {"paid": 0, "rejected": 0, "paying": 0, "payable": 2, "approved": 4, "unpaid": 4}


def approved(world: World, cast: Cast, days_with_manager: float) -> Case:
    """A claim of Tuesday 24 November that lay with its manager so long, and then came to the SSC."""
    with world.db.transaction() as session:
        case_id = cast.submitted(session, key=f"after {days_with_manager}").id
    pass_days(world, days_with_manager)
    with world.db.transaction() as session:
        case = whole(session, case_id)
        cast.act(session, "bram", case, "approve")
    return case


def test_a_claim_that_lost_time_before_is_in_danger_sooner(world: World, cast: Cast) -> None:
    slow = approved(world, cast, 7)
    assert slow.target_due == here("2026-12-08 17:00")
    assert (slow.step_due, slow.act_by) == (here("2026-12-04 17:00"), here("2026-12-02 17:00"))
    quick = approved(world, cast, 0)
    assert (quick.step_due, quick.act_by) == (here("2026-12-04 17:00"), here("2026-12-04 17:00"))
    with world.db.session(writes=False) as session:
        page = queue(session, cast.viewer(session, "carla"), QueueFilter(), world.clock.now())
        assert [case.id for case in page.cases] == [slow.id, quick.id]
    with i18n.reading_in("en"):
        assert urgency_of(slow, world.clock.now()).words == (
            "hurry: the whole request has 5 working days left, and what follows takes 4"
        )


WEEK = [
    ("2026-11-24 10:00", "neutral", "3 working days left"), ("2026-11-25 10:00", "neutral", "2 working days left"),
    ("2026-11-26 10:00", "warning", "1 working day left"), ("2026-11-27 16:59", "warning", "today is the last day"),
    ("2026-11-27 17:01", "danger", "just over the norm"),
    ("2026-11-30 08:00", "danger", "1 working day over the norm"),
    ("2026-12-01 08:00", "danger", "2 working days over the norm"),
]  # fmt: skip


def test_the_reason_says_how_much_time_is_left(world: World, cast: Cast) -> None:
    case = approved(world, cast, 0)
    with i18n.reading_in("en"):
        found = [(at, *vars(urgency_of(case, here(at))).values()) for at, _, _ in WEEK]
    assert found == [(at, words, tone) for at, tone, words in WEEK]


def test_the_reason_says_how_long_a_case_waits_and_that_the_whole_is_late() -> None:
    place, since = Municipality(closing_days={}), here("2026-11-24 10:00")
    case = Case(
        type="expense_claim", state="submitted", municipality=place, state_since=since,
        step_due=here("2026-12-01 17:00"), act_by=here("2026-12-01 17:00"), target_due=here("2026-12-08 17:00"),
    )  # fmt: skip
    with i18n.reading_in("en"):
        assert urgency_of(case, here("2026-11-27 10:00")).words == "waits 3 of 5 working days"
        case.target_due = here("2026-11-26 17:00")
        assert urgency_of(case, here("2026-11-27 10:00")).words == "the whole request is over its norm"


def test_why_a_case_is_here_names_the_step_the_person_and_the_day(world: World, cast: Cast, browse: object) -> None:
    case = approved(world, cast, 0)
    with world.db.session(writes=False) as session:
        [event] = arrivals(session, [case]).values()
        assert event.actor is not None
        assert (event.action, event.actor.name, event.on_behalf_of) == ("approve", "Bram de Wit", None)
    page = browse("carla").get("/werkvoorraad").text  # type: ignore[operator]
    assert "Akkoord gegeven: Bram de Wit, 24 nov" in page
    assert "nog 3 werkdagen" in page


moments = st.integers(0, 20_000).map(lambda hours: here("2025-01-01 00:00") + timedelta(hours=hours))


@given(step=st.none() | moments, target=st.none() | moments, legal=st.none() | moments)
def test_a_case_is_never_in_danger_later_than_its_norms(
    step: datetime | None, target: datetime | None, legal: datetime | None
) -> None:
    case = Case(
        type="expense_claim", state="approved", municipality=Municipality(closing_days={"2026-03-03": "x"}),
        step_due=step, target_due=target, legal_due=legal,
    )  # fmt: skip
    set_urgency(case)
    ends = [end for end in (step, target, legal) if end is not None]
    assert (case.act_by is None) is (not ends)
    if case.act_by is not None:
        assert case.act_by <= min(ends)
        assert step is None or case.act_by == step or case.act_by < step
        others = [end for end in (target, legal) if end is not None]
        assert case.act_by == step or any(timedelta(days=4) <= end - case.act_by for end in others)
