"""Charts say with numbers and words what they draw, and stay on their paper."""

from __future__ import annotations

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from portal.interfaces.charts import HEIGHT, WIDTH, Point, columns, trend

values = st.decimals(-10_000_000, 10_000_000, places=2)


@given(st.lists(values | st.none(), min_size=1, max_size=13), values | st.none())
def test_everything_is_drawn_on_the_paper(numbers: list[Decimal | None], target: Decimal | None) -> None:
    points = [Point(f"m{at}", value, f"<{value}>") for at, value in enumerate(numbers)]
    drawings = [trend(points, target=target, target_said="norm"), columns(points)]
    if all(value is None for value in numbers):
        assert drawings == ["", ""]
        return
    for drawing in drawings:
        root = etree.fromstring(drawing)
        places = [float(root_y) for node in root.iter() for name, root_y in node.items() if name in ("y", "cy", "y1")]
        assert all(0 <= y <= HEIGHT for y in places)
        across = [float(x) for node in root.iter() for name, x in node.items() if name in ("x", "cx", "x2")]
        assert all(0 <= x <= WIDTH for x in across)


def test_a_gap_breaks_the_line_and_the_last_value_is_said() -> None:
    points = [Point("a", Decimal(90), "90 %"), Point("b", None), Point("c", Decimal(96), "96 %")]
    drawn = trend(points, target=Decimal(95), target_said="norm 95 %", unit=" %", most=Decimal(100))
    assert len(re.findall(r"M\d", drawn)) == 2
    assert "96 %" in drawn
    assert "norm 95 %" in drawn
    assert drawn.count("<circle") == 2
