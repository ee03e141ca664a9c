"""Sickness: days alone, one at a time, the same one within four weeks; and when somebody is wholly absent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from workflows import CASE_TYPES
from workflows.deciding import decide
from workflows.filling import FillingIn
from workflows.kernel import Actor, CaseView, Given, Refused, Situation
from workflows.lots import Hours, Spell
from workflows.parties import INITIATOR
from workflows.policies import PolicyBook, PolicyRow
from workflows.sickness.content import absent, facts_of, last_said, partly, recover

SICKNESS = CASE_TYPES["sickness"]
TODAY = date(2026, 11, 24)
ILL = {"first": "2026-11-16", "since": "2026-11-16", "again_of": "", "parts": [], "recovered": ""}


def read(first: str, before: Spell | None = None, joined: str = "") -> tuple[Any, list[str]]:
    rows = (PolicyRow("sickness_joined_days", joined, date(2026, 1, 1), None, "Cao"),) if joined else ()
    filling = FillingIn(
        today=TODAY, policies=PolicyBook(rows), employed=(), documents={}, hours=Hours(ill=before),
    )  # fmt: skip
    content, problems = SICKNESS.read(SICKNESS.form(MultiDict({"first": first})), filling)
    return content, [problem.code for problem in problems]


def before(last: date | None) -> Spell:
    return Spell(date(2026, 10, 1), last, since=date(2026, 9, 1), number="ZKM-2026-000001")


def test_there_is_no_field_for_a_cause() -> None:
    assert [field.name for field in SICKNESS.form()] == ["first"]
    assert set(read("2026-11-23")[0]) == {"first", "since", "again_of", "parts", "recovered"}


@pytest.mark.parametrize(
    ("first", "known", "codes"),
    [
        ("2026-11-23", None, []), ("", None, ["date_empty"]), ("morgen", None, ["date_format"]),
        ("2026-11-25", None, ["date_future"]), ("2026-10-23", None, ["sickness_long_ago"]),
        ("2026-11-23", before(None), ["sickness_runs"]),
        ("2026-11-20", before(date(2026, 11, 20)), ["sickness_overlaps"]),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_the_day(first: str, known: Spell | None, codes: list[str]) -> None:
    assert read(first, known)[1] == codes


@pytest.mark.parametrize(
    ("last", "joined", "same"),
    [
        # Recovered on the day after the last one: the 27th day after that still counts, the 28th does not.
        (date(2026, 10, 27), "", True), (date(2026, 10, 26), "", False), (date(2026, 11, 22), "", True),
        (date(2026, 11, 12), "10", False), (date(2026, 11, 13), "11", True),
    ],
)  # fmt: skip
def test_ill_again_within_four_weeks_is_the_same_sickness(last: date, joined: str, same: bool) -> None:
    content, problems = read("2026-11-24", before(last), joined)
    assert problems == []
    expected = ("ZKM-2026-000001", "2026-09-01") if same else ("", "2026-11-24")
    assert (content["again_of"], content["since"]) == expected


def test_somebody_is_wholly_absent_until_they_work_a_part_again() -> None:
    assert absent(ILL) == Spell(date(2026, 11, 16), None, since=date(2026, 11, 16))
    content, problems = partly(ILL, {"partly-day": "2026-11-19", "partly-percent": "50"}, "nl")
    assert problems == ()
    assert absent(content) == Spell(date(2026, 11, 16), date(2026, 11, 18), since=date(2026, 11, 16))
    content, problems = recover(content, {"recover-day": "2026-11-24"}, "nl")
    assert problems == ()
    assert absent(content) == Spell(date(2026, 11, 16), date(2026, 11, 18), since=date(2026, 11, 16))
    facts = facts_of(content)
    assert (facts.title, facts.period_to) == ("16-11-2026 – 23-11-2026", date(2026, 11, 23))
    assert last_said(content) == date(2026, 11, 24)
    assert absent({}) is None
    assert facts_of({}).title == ""


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ({"partly-day": "", "partly-percent": ""}, ["date_empty", "number_empty"]),
        ({"partly-day": "x", "partly-percent": "100"}, ["date_format", "number_range"]),
        ({"partly-day": "2026-11-16", "partly-percent": "0"}, ["sickness_before", "number_range"]),
    ],
)
def test_a_part_must_come_after_and_be_a_part(typed: dict[str, str], codes: list[str]) -> None:
    content, problems = partly(ILL, typed, "nl")
    assert [problem.code for problem in problems] == codes
    assert content == ILL
    content, problems = recover(ILL, {"recover-day": typed["partly-day"]}, "nl")
    assert [problem.code for problem in problems] == codes[:1]


def test_nothing_is_said_of_days_far_ahead_nor_without_a_day() -> None:
    def codes(key: str, state: str, content: Any) -> frozenset[str]:
        at = datetime(2026, 11, 24, 12, tzinfo=UTC)
        case = CaseView(state=state, initiator_id=1, content=ILL)
        try:
            decide(SICKNESS, key, Situation(case, Actor(1, INITIATOR), Given(content=content), at, TODAY))
        except Refused as refused:
            return refused.codes
        return frozenset()

    assert codes("recover", "ill", {**ILL, "recovered": "2026-11-26"}) == {"sickness_day_ahead"}
    assert codes("recover", "ill", {**ILL, "recovered": "2026-11-25"}) == frozenset()
    assert codes("partly", "ill", {**ILL, "parts": [["2026-12-24", 50]]}) == {"sickness_day_ahead"}
    assert codes("submit", "draft", {**ILL, "first": ""}) == {"sickness_no_day"}


@given(st.text(max_size=12), st.dictionaries(st.sampled_from(["partly-day", "partly-percent", "recover-day"]),
                                             st.text(max_size=12)))  # fmt: skip
def test_whatever_is_typed_days_stay_in_order(first: str, typed: dict[str, str]) -> None:
    content, problems = read(first)
    if problems:
        return
    for step in (partly, partly, recover):
        content, _ = step(content, typed, "nl")
    spell = absent(content)
    assert spell is not None
    assert spell.last is None or spell.last >= spell.first - timedelta(days=0)
