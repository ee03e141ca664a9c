"""A filled-in request for leave: what it takes, what is wrong with it beside its field, whatever is typed."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from workflows import CASE_TYPES
from workflows.filling import FillingIn, Problem
from workflows.leave.content import days_of, documents_of, facts_of, takes
from workflows.leave_kinds import KINDS, policy_of
from workflows.lots import Absent, Hours, Lot
from workflows.policies import PolicyBook, PolicyRow
from workflows.work_patterns import Part

LEAVE = CASE_TYPES["leave"]
TODAY = date(2026, 11, 24)
LOTS = (
    Lot(1, "statutory", date(2026, 1, 1), date(2026, 12, 18), 600),
    Lot(2, "extra", date(2026, 1, 1), date(2031, 12, 31), 900),
)
BOOK = PolicyBook(
    tuple(
        PolicyRow(policy_of(kind), value, date(2026, 1, 1), None, "Wazo", article="art. 4:2")
        for kind, value in (
            ("birth", '{"weeks": 1, "per": "occasion", "within_months": 1}'), ("moving", '{"minutes": 400}'),
            ("adoption", '{"document": true}'),
        )
    )
)  # fmt: skip


def worked(day: date, part: Part = Part.WHOLE) -> int:
    """Monday to Thursday, nine hours but for Thursday, which is seven and a minute."""
    return part.of({0: 540, 1: 540, 2: 540, 3: 421}.get(day.weekday(), 0))


def read(absences: tuple[Absent, ...] = (), documents: Any = None, **typed: str) -> tuple[Any, list[tuple[str, str]]]:
    hours = Hours(worked, lambda day: Fraction(2041), LOTS, absences)
    filling = FillingIn(today=TODAY, policies=BOOK, employed=(), documents=documents or {}, hours=hours)
    content, problems = LEAVE.read(LEAVE.form(MultiDict(typed)), filling)
    return content, [(problem.field, problem.code) for problem in problems]


def test_a_week_takes_the_hours_of_its_days_from_what_lapses_first() -> None:
    content, problems = read(first="2026-12-14", last="2026-12-20", last_part="morning")
    assert problems == [("last", "leave_too_little")]
    content, problems = read(first="2026-12-15", last="2026-12-17", first_part="afternoon", last_part="morning")
    assert problems == []
    assert [minutes for _, minutes, _ in days_of(content)] == [270, 540, 211]
    assert content["minutes"] == 1021
    assert [(one["kind"], one["minutes"], one["left"]) for one in content["burns"]] == [
        ("statutory", 600, 0), ("extra", 421, 479),
    ]  # fmt: skip
    assert content["left"] == 479
    assert facts_of(content).title == "15-12-2026 – 17-12-2026"
    assert (facts_of(content).period_from, facts_of(content).period_to) == (date(2026, 12, 15), date(2026, 12, 17))
    assert takes(content, worked).minutes == 1021


def test_what_lapses_before_the_leave_is_not_left_then() -> None:
    assert read(first="2026-12-17")[0]["left"] == 600 + 900 - 421
    assert read(first="2026-12-21")[0]["left"] == 900 - 540


def test_one_day_is_a_whole_day_or_half_of_that_day() -> None:
    for part, minutes in (("whole", 421), ("morning", 211), ("afternoon", 210)):
        content, problems = read(first="2026-12-17", first_part=part)
        assert (problems, content["minutes"], content["to"]) == ([], minutes, "2026-12-17")
        assert facts_of(content).title == "17-12-2026"


@pytest.mark.parametrize(
    ("typed", "field", "code"),
    [
        ({}, "first", "date_empty"), ({"first": "morgen"}, "first", "date_format"),
        ({"first": "2026-12-17", "last": "2026-12-16"}, "last", "period_backwards"),
        ({"first": "2026-12-01", "last": "2027-12-02"}, "last", "period_too_long"),
        ({"first": "2026-10-01"}, "first", "leave_long_ago"), ({"first": "2029-01-08"}, "last", "date_too_far"),
        ({"first": "2026-12-18"}, "first", "leave_no_hours"),
        ({"first": "2026-12-21", "last": "2026-12-22"}, "last", "leave_too_little"),
        ({"first": "2026-12-15", "kind": "parental"}, "kind", "leave_kind"),
        ({"first": "2026-12-15", "kind": "birth"}, "occasion", "date_empty"),
        ({"first": "2026-12-15", "kind": "birth", "occasion": "2026-10-15"}, "occasion", "leave_after_term"),
        ({"first": "2026-12-15", "kind": "moving"}, "last", "leave_beyond_limit"),
        ({"first": "2026-12-15", "kind": "adoption"}, "lines-0-receipt", "leave_document"),
        ({"first": "2026-12-15", "note": "x" * 201}, "note", "text_too_long"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field(typed: dict[str, str], field: str, code: str) -> None:
    if "last" not in typed and code == "leave_too_little":
        typed = {**typed, "last": typed["first"]}
    assert (field, code) in read(**typed)[1]


def test_one_day_that_is_wrong_is_said_once() -> None:
    assert read()[1] == [("first", "date_empty")]
    assert read(first="morgen")[1] == [("first", "date_format")]
    assert read(last="2026-12-16")[1] == [("first", "date_empty")]


def test_a_day_that_was_asked_for_already_is_refused_unless_it_is_the_other_half() -> None:
    away = (Absent(date(2026, 12, 15), 270, Part.MORNING, "", "VRL-2026-000007"),)
    assert read(away, first="2026-12-14", last="2026-12-16")[1] == [("first", "leave_overlaps")]
    assert read(away, first="2026-12-15", first_part="morning")[1] == [("first", "leave_overlaps")]
    assert read(away, first="2026-12-15", first_part="afternoon")[1] == []


def test_what_was_agreed_about_a_kind_is_frozen_on_the_request() -> None:
    content, problems = read(first="2026-12-15", kind="birth", occasion="2026-12-01")
    assert problems == []
    assert content["limit"] == {"minutes": 2041, "kinds": ["birth"], "months": 0, "occasion": True}
    assert (content["paid"], content["source"], content["left"], content["burns"]) == (100, "art. 4:2, Wazo", None, [])
    content, problems = read(documents={"leave": ({"id": 1},)}, first="2026-12-15", kind="adoption")
    assert problems == []
    assert list(documents_of(content)) == ["leave"]
    assert documents_of({}) == {}


TYPED = st.one_of(st.text(max_size=12), st.sampled_from(["2026-12-15", "2026-12-17", "2027-01-05", "9999-12-31"]))


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "kind": st.one_of(st.sampled_from([*KINDS]), st.text(max_size=8)), "first": TYPED, "last": TYPED,
            "first_part": st.one_of(st.sampled_from(["whole", "morning", "afternoon"]), st.text(max_size=4)),
            "last_part": st.text(max_size=4), "occasion": TYPED, "note": st.text(max_size=300),
        },
    )
)  # fmt: skip
def test_whatever_is_typed_is_read_and_what_is_not_wrong_can_be_handed_in(typed: dict[str, str]) -> None:
    content, problems = read(**typed)
    form_fields = {field.name for field in LEAVE.form()} | {"lines-0-receipt"}
    assert {field for field, _ in problems} <= form_fields
    facts_of(content)
    if not problems:
        assert content["minutes"] == sum(minutes for _, minutes, _ in days_of(content)) > 0
        assert content["kind"] in KINDS
        taking = takes(content, worked)
        assert taking.minutes == content["minutes"]
        if taking.burns:
            assert sum(one["minutes"] for one in content["burns"]) == taking.minutes


def test_a_problem_names_what_can_be_used() -> None:
    hours = Hours(worked, lambda day: Fraction(2041), LOTS, ())
    filling = FillingIn(today=TODAY, policies=BOOK, employed=(), documents={}, hours=hours)
    form = LEAVE.form(MultiDict({"first": "2026-12-21", "last": "2026-12-24"}))
    _, problems = LEAVE.read(form, filling)
    assert problems == (
        Problem(
            "last", "leave_too_little", "This takes %(asked)s hours, but %(usable)s hours can be used on these days.",
            {"asked_minutes": 2041, "usable_minutes": 900},
        ),
    )  # fmt: skip
    assert LOTS[0].last_day + timedelta(days=3) == date(2026, 12, 21)
