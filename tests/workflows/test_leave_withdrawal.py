"""A filled-in withdrawal of leave: days that stand booked, once each, whatever is ticked or typed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from workflows import CASE_TYPES
from workflows.deciding import leads_to
from workflows.filling import FillingIn
from workflows.kernel import Actor, Branch, CaseView, Given, Situation
from workflows.leave_withdrawal.content import begins, facts_of, gives_back, stretches
from workflows.leave_withdrawal.rules import ALL_TO_COME
from workflows.lots import Booked, Hours
from workflows.parties import INITIATOR
from workflows.policies import PolicyBook
from workflows.work_patterns import Part

WITHDRAWAL = CASE_TYPES["leave_withdrawal"]
TODAY = date(2026, 12, 15)
BOOKED = (
    Booked(date(2026, 12, 14), 432, lot=1), Booked(date(2026, 12, 15), 432, lot=1),
    Booked(date(2026, 12, 16), 300, lot=1), Booked(date(2026, 12, 16), 132, lot=2),
    Booked(date(2026, 12, 17), 216, Part.MORNING, 2),
)  # fmt: skip
HOURS = Hours(booked=BOOKED)


def read(**typed: str) -> tuple[Any, list[tuple[str, str]]]:
    filling = FillingIn(today=TODAY, policies=PolicyBook(()), employed=(), documents={}, hours=HOURS)
    content, problems = WITHDRAWAL.read(WITHDRAWAL.form(MultiDict(typed)), filling)
    return content, [(problem.field, problem.code) for problem in problems]


def test_it_begins_with_the_only_day_that_is_to_come_and_of_more_one_says_which() -> None:
    assert begins(HOURS, TODAY) == {}
    assert begins(HOURS, date(2026, 12, 16)) == {"day-2026-12-17": "y"}


def test_all_days_are_those_that_are_to_come_besides_what_is_ticked() -> None:
    content, problems = read(all="y")
    assert problems == []
    assert content["days"] == [["2026-12-16", 432, "whole"], ["2026-12-17", 216, "morning"]]
    assert content["minutes"] == 648
    more, _ = read(**{"all": "y", "day-2026-12-14": "y"})
    assert [day for day, _, _ in more["days"]] == ["2026-12-14", "2026-12-16", "2026-12-17"]


def test_days_must_be_chosen_and_stand_booked() -> None:
    assert read(note="Toch gewerkt")[1] == [("days", "leave_days_chosen")]
    assert read(**{"day-2026-12-18": "y", "day-2026-12-17": "y"})[1] == [("days", "leave_day_not_booked")]
    assert read(**{"day-2026-13-99": "y"})[1] == [("days", "leave_day_not_booked")]
    assert read(**{"day-2026-12-14": ""})[1] == [("days", "leave_days_chosen")]


def test_lists_name_it_by_its_stretches_over_a_weekend() -> None:
    days = [date(2026, 12, 10), date(2026, 12, 11), date(2026, 12, 14), date(2026, 12, 17)]
    assert stretches(days) == [(date(2026, 12, 10), date(2026, 12, 14)), (date(2026, 12, 17), date(2026, 12, 17))]
    facts = facts_of({"days": [[day.isoformat(), 432, "whole"] for day in days]})
    assert facts.title == "10-12-2026 – 14-12-2026, 17-12-2026"
    assert (facts.period_from, facts.period_to) == (days[0], days[-1])
    assert facts_of({}).title == ""


@given(st.dictionaries(st.sampled_from([f"day-2026-12-{n}" for n in range(10, 20)]) | st.text(max_size=20),
                       st.text(max_size=10), max_size=12))  # fmt: skip
def test_whatever_is_sent_it_gives_back_no_day_that_is_not_booked(typed: dict[str, str]) -> None:
    content, problems = read(**{"note": "", **{key: value for key, value in typed.items() if key.isprintable()}})
    assert gives_back(content) <= {one.day for one in BOOKED}
    assert content["minutes"] == sum(one.minutes for one in BOOKED if one.day in gives_back(content))
    assert problems or gives_back(content)


@given(st.sets(st.integers(0, 60)))
def test_stretches_hold_each_day_once(offsets: set[int]) -> None:
    days = {TODAY + timedelta(one) for one in offsets}
    found = stretches(days)
    held = {day for day in days if any(first <= day <= last for first, last in found)}
    assert held == days
    assert all(one[1] < other[0] for one, other in pairwise(found))


def test_only_days_that_are_all_to_come_are_free_at_once() -> None:
    (submit,) = [action for action in WITHDRAWAL.actions if action.takes_content]
    assert isinstance(submit.to, Branch)
    assert (ALL_TO_COME.code, submit.to.rule) == ("leave_begun", ALL_TO_COME)
    for day, ends in ((14, "submitted"), (15, "submitted"), (16, "granted")):
        content = read(**{f"day-2026-12-{day}": "y", "day-2026-12-17": "y"})[0]
        at = datetime(2026, 12, 15, 12, tzinfo=UTC)
        case = CaseView(state="draft", initiator_id=1, content={})
        situation = Situation(case, Actor(1, INITIATOR), Given(content=content), at, TODAY)
        assert leads_to(submit, situation) == ends
