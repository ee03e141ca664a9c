"""Several curves in one SVG, on numbers along both sides: queues over time, and what was simulated against what was.

Readable without colour: each curve has its own dashes and its name at its end. A chart is never alone: whoever shows it
puts the table with the same numbers beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape

from portal.interfaces.charts import FAINT, FONT, INK, steps_between

WIDTH, HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 16, 48
KEY = 20
"""Height of a line in the list of names under the chart."""
LOOKS = (("#14507a", ""), ("#a13d00", "8 4"), ("#2f6b2f", "2 3"), ("#6a2c91", "10 3 2 3"), ("#5a5a5a", "4 6"))


@dataclass(frozen=True, slots=True)
class Curve:
    """A name, and the points along it from left to right."""

    name: str
    points: Sequence[tuple[float, float]]


def curves(found: Sequence[Curve], *, along: str, up: str = "", most: float | None = None,
           named: Callable[[float], str] | None = None) -> str:  # fmt: skip
    """The curves over each other. `along` says what runs to the right, `named` writes a number of it in words."""
    points = [point for curve in found for point in curve.points]
    if not points:
        return ""
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top = max([y for _, y in points] + ([most] if most is not None else []))
    ticks = steps_between(Decimal(0), Decimal(str(round(top, 6))) or Decimal(1))
    high = float(ticks[-1])

    def place(x: float, y: float) -> tuple[float, float]:
        part = (x - left) / (right - left) if right > left else 0.5
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1), round(TOP + (1 - y / high) * (HEIGHT - TOP - BOTTOM), 1)

    drawn = []
    for tick in ticks:
        _, y = place(left, float(tick))
        drawn.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#d5d9dd"/>')
        drawn.append(_text(LEFT - 8, y + 4, f"{tick.normalize():f}".replace(".", ","), "end", FAINT))
    for x in _along(left, right):
        at, _ = place(x, 0)
        drawn.append(
            _text(at, HEIGHT - BOTTOM + 18, named(x) if named else f"{x:g}".replace(".", ","), "middle", FAINT)
        )
    drawn.append(_text(WIDTH - RIGHT, HEIGHT - 10, along, "end", INK))
    if up:
        drawn.append(_text(LEFT, HEIGHT - 10, up, "start", INK))
    for nth, curve in enumerate(found):
        colour, dashes = LOOKS[nth % len(LOOKS)]
        way = "L".join("{} {}".format(*place(x, y)) for x, y in curve.points)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        drawn.append(f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="2.2"{dashed}/>')
        y = HEIGHT + KEY * nth + 8
        drawn.append(
            f'<line x1="{LEFT}" x2="{LEFT + 36}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2.6"{dashed}/>'
        )
        drawn.append(_text(LEFT + 46, y + 4, curve.name, "start", INK))
    tall = HEIGHT + KEY * len(found) + 4
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" width="{WIDTH}" height="{tall}" '
            f'class="ssc-chart">{"".join(drawn)}</svg>')  # fmt: skip


def _along(left: float, right: float) -> list[float]:
    ticks = [float(one) for one in steps_between(Decimal(str(round(left, 6))), Decimal(str(round(right, 6))))]
    return [one for one in ticks if left <= one <= right]


def _text(x: float, y: float, said: str, anchor: str, fill: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{fill}" {FONT}>{escape(said)}</text>'
