"""A route drawn: every state that something is said of is on it once, none covers another, and words are escaped."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from workflows import CASE_TYPES
from workflows.deciding import route
from workflows.drawing import Said, drawn

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("kind", CASE_TYPES)
def test_every_state_stands_on_it_and_none_covers_another(kind: str) -> None:
    case_type = CASE_TYPES[kind]
    said = {state.key: Said(f"<wacht> {nth}", nth / 10) for nth, state in enumerate(case_type.states)}
    picture = etree.fromstring(drawn(case_type, said, lambda label: label))
    boxes = {(one.get("x"), one.get("y")) for one in picture.iter(f"{SVG}rect") if one.get("rx")}
    assert len(boxes) == len(case_type.states)
    lines = [one.text or "" for one in picture.iter(f"{SVG}text")]
    assert {line for line in lines if line.startswith("<wacht>")} == {one.line for one in said.values()}
    size = [float(one) for one in (picture.get("viewBox") or "").split()]
    numbers = [
        float(one) for path in picture.iter(f"{SVG}path") for one in re.findall(r"-?[\d.]+", path.get("d") or "")
    ]
    assert numbers
    assert max(numbers) <= max(size)
    assert all(float(x or 0) < size[2] for x, _ in boxes)


def test_what_nothing_is_said_of_is_left_out_and_the_way_runs_down() -> None:
    case_type = CASE_TYPES["expense_claim"]
    way = [state.key for state in route(case_type)]
    picture = drawn(case_type, {key: Said(key) for key in way}, lambda label: label)
    tops = [float(one) for one in re.findall(r'<text x="[\d.]+" y="([\d.]+)"[^>]*font-weight', picture)]
    assert len(tops) == len(way)
    assert tops == sorted(tops)
    assert "Withdrawn" not in picture
