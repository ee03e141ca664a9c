"""Changing one value in a scenario's file: it comes in its place, and nothing else moves."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.workshop import reading
from portal.workshop.changing import changed, literal
from portal.workshop.places import places

TEXT = (reading.SHIPPED / "claim-from-paper-to-portal.toml").read_text()
SIMPLE = [path for path in places(TEXT) if path[-1] in ("title", "text", "title_en", "merchant", "hour", "key", "day")]


@settings(max_examples=25)
@given(
    path=st.sampled_from(SIMPLE),
    value=st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.integers(-9, 99) | st.booleans(),
)
def test_a_value_is_put_in_its_place_and_nothing_else_moves(path: Any, value: Any) -> None:
    assert tomllib.loads(f"x = {literal(value)}") == {"x": value}
    before, after = tomllib.loads(TEXT), tomllib.loads(changed(TEXT, path, value))
    where: Any = before
    for part in path[:-1]:
        where = where[part]
    where[path[-1]] = value
    assert after == before


def test_a_name_that_is_not_there_yet_comes_under_the_head_of_its_table() -> None:
    text = "# note\na = 1\n[b]\nc = [\n  1,\n  2,\n]\n[[d]]\ne = 1\n"
    assert changed(text, ("b", "c"), "x") == '# note\na = 1\n[b]\nc = "x"\n[[d]]\ne = 1\n'
    assert changed(text, ("d", 0, "f"), 2).endswith("[[d]]\nf = 2\ne = 1\n")
    assert tomllib.loads(changed(text, ("z",), 3))["z"] == 3
