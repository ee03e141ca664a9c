"""Bars beside each other as SVG: for each thing one bar a round, waiting hollow and working filled. For page and paper.

Readable without colour. Whoever shows it puts the table with the same numbers beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT = 640, 250, 56
BAR, APART, BETWEEN, TOP = 16, 4, 14, 30
INK, FULL, FAINT = "#1b2a3a", "#14507a", "#5c6b75"
FONT = "font-family=\"system-ui, 'Libertinus Serif', sans-serif\""
LONGEST = 30
"""Signs of a name that fit beside the bars."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is of, its two parts, and its number in words."""

    of: str
    waiting: float
    working: float
    said: str


@dataclass(frozen=True, slots=True)
class Group:
    """The bars of one thing."""

    label: str
    bars: Sequence[Bar]


def _text(x: float, y: float, said: str, anchor: str = "start", fill: str = INK, size: int = 13) -> str:
    return (f'<text x="{round(x, 1)}" y="{round(y, 1)}" text-anchor="{anchor}" fill="{fill}" font-size="{size}" '
            f"{FONT}>{escape(said)}</text>")  # fmt: skip


def _rect(x: float, y: float, width: float, fill: str) -> str:
    return (f'<rect x="{round(x, 1)}" y="{y}" width="{round(max(width, 0), 1)}" height="{BAR}" fill="{fill}" '
            f'stroke="{FULL}"/>')  # fmt: skip


def _key(waiting: str, working: str) -> list[str]:
    middle = LEFT + 14 + BAR + 8 * len(waiting) + 16
    return [
        _rect(LEFT, 4, BAR, "#ffffff"), _text(LEFT + BAR + 6, 17, waiting),
        _rect(middle, 4, BAR, FULL), _text(middle + BAR + 6, 17, working),
    ]  # fmt: skip


def stacked(groups: Sequence[Group], waiting: str, working: str) -> str:
    """All groups under each other on one scale; empty where there is nothing to draw."""
    most = max((bar.waiting + bar.working for group in groups for bar in group.bars), default=0.0)
    if not most:
        return ""
    scale, y = (WIDTH - LEFT - RIGHT) / most, TOP
    drawn = _key(waiting, working)
    for group in groups:
        label = group.label if len(group.label) <= LONGEST else group.label[: LONGEST - 1].rstrip() + "…"
        drawn.append(_text(LEFT - 34, y + 13, label, "end"))
        for bar in group.bars:
            wait, work = bar.waiting * scale, bar.working * scale
            drawn += [
                _text(LEFT - 8, y + 13, bar.of, "end", FAINT), _rect(LEFT, y, wait, "#ffffff"),
                _rect(LEFT + wait, y, work, FULL), _text(LEFT + wait + work + 6, y + 13, bar.said),
            ]  # fmt: skip
            y += BAR + APART
        y += BETWEEN
    size = f'viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} class="ssc-chart">{"".join(drawn)}</svg>'
