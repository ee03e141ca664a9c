"""Curves over each other: all on paper, told apart without colour, with their names."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from portal.interfaces.curves import Curve, curves

SVG = "{http://www.w3.org/2000/svg}"
HEIGHTS = st.lists(st.floats(0, 1e5), min_size=1, max_size=20)


@given(st.lists(HEIGHTS, min_size=1, max_size=5))
def test_every_curve_is_whole_on_the_paper(rows: list[list[float]]) -> None:
    found = [Curve(f"<{nth}>", list(enumerate(row))) for nth, row in enumerate(rows)]
    picture = etree.fromstring(curves(found, along="week"))
    _, _, wide, tall = (float(one) for one in (picture.get("viewBox") or "").split())
    paths = list(picture.iter(f"{SVG}path"))
    assert len({one.get("stroke-dasharray") for one in paths}) == len(rows)  # told apart by dashes
    for path, row in zip(paths, rows, strict=True):
        points = [tuple(map(float, one.split())) for one in re.split("[ML]", path.get("d") or "") if one]
        assert len(points) == len(row)
        assert all(0 <= x <= wide and 0 <= y <= tall for x, y in points)
        assert [y for _, y in points] == [y for _, y in sorted(points)]
    names = {one.text for one in picture.iter(f"{SVG}text")}
    assert {f"<{nth}>" for nth in range(len(rows))} <= names


def test_nothing_is_no_drawing() -> None:
    assert curves([Curve("a", [])], along="week") == ""
