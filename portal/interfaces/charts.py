"""Small charts as SVG: a line of months against a target, and columns of years. The same drawing serves page and paper.

Readable without colour: what is measured is a line with dots and numbers, the target is dashed and says what it is.
A chart is never alone: whoever shows it puts the table with the same numbers beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 220
FEW, NARROW = 6, 400
"""So few points need less room, so that they can be read on a phone as well."""
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 22, 30
SAID = 60
"""Room beside the last point of a line for what it is."""
INK, LINE, FAINT = "#1b2a3a", "#14507a", "#767676"
FONT = 'font-family="system-ui, \'Libertinus Serif\', sans-serif" font-size="13"'
STEPS = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Point:
    """One value with its name under it and the words for the value; no value leaves a gap."""

    label: str
    value: Decimal | None
    said: str = ""


@dataclass(frozen=True, slots=True)
class _Scale:
    """From values to places on paper, with the values at which there is a line."""

    low: Decimal
    high: Decimal
    ticks: tuple[Decimal, ...]

    def y(self, value: Decimal) -> float:
        """How far from the top."""
        part = (value - self.low) / (self.high - self.low)
        return round(TOP + float(1 - part) * (HEIGHT - TOP - BOTTOM), 1)


def _scale(values: Sequence[Decimal], *, most: Decimal | None) -> _Scale:
    """Lines at round values around all of them, not above `most`."""
    ticks = steps_between(min(values), max(values), most=most)
    return _Scale(ticks[0], ticks[-1], tuple(ticks))


def steps_between(low: Decimal, high: Decimal, *, most: Decimal | None = None) -> list[Decimal]:
    """Round values from at most `low` to at least `high`, at equal distances; two at least."""
    spread = (high - low) or max(abs(high), Decimal(1))
    unit = Decimal(10) ** (Decimal(spread / 4).adjusted())
    step = next(unit * size for size in STEPS if unit * size * 4 >= spread)
    first = low // step * step if low >= 0 or low % step == 0 else (low // step - 1) * step
    ticks = [first]
    while ticks[-1] < high:
        ticks.append(ticks[-1] + step)
    if most is not None and ticks[-1] > most:
        ticks[-1] = most
    if len(ticks) == 1:
        ticks.insert(0, first - step)
    return ticks


def _text(x: float, y: float, said: str, anchor: str = "middle", fill: str = INK) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{fill}" {FONT}>{escape(said)}</text>'


def _wide(points: Sequence[Point]) -> int:
    return NARROW if len(points) <= FEW else WIDTH


def _across(y: float, wide: int, look: str) -> str:
    return f'<line x1="{LEFT}" x2="{wide - RIGHT}" y1="{y}" y2="{y}" {look}/>'


def _frame(scale: _Scale, unit: str, wide: int) -> list[str]:
    drawn = []
    for tick in scale.ticks:
        y, said = scale.y(tick), f"{tick.normalize():f}".replace(".", ",")
        drawn.append(_across(y, wide, 'stroke="#d5d9dd"'))
        drawn.append(_text(LEFT - 8, y + 4, f"{said}{unit}", "end", FAINT))
    return drawn


def _whole(drawn: Sequence[str], wide: int) -> str:
    size = f'viewBox="0 0 {wide} {HEIGHT}" width="{wide}" height="{HEIGHT}"'
    look = "ssc-chart" if wide == WIDTH else "ssc-chart ssc-chart--few"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} class="{look}">{"".join(drawn)}</svg>'


def _room(points: Sequence[Point], target: Decimal) -> Decimal:
    """How far these values stay away from the target, so that words beside it are not written over."""
    away = [abs(point.value - target) for point in points if point.value is not None]
    return min(away, default=Decimal("Infinity"))


def trend(points: Sequence[Point], *, target: Decimal | None = None, target_said: str = "", unit: str = "",
          most: Decimal | None = None) -> str:  # fmt: skip
    """A line through the values, broken where one is missing, with a number at the last one and the target dashed."""
    known = [point.value for point in points if point.value is not None]
    if not known:
        return ""
    scale = _scale([*known, *([target] if target is not None else [])], most=most)
    wide = _wide(points)
    width = (wide - LEFT - RIGHT - SAID) / max(len(points), 1)
    places = [round(LEFT + width * (at + 0.5), 1) for at in range(len(points))]
    drawn = _frame(scale, unit, wide)
    if target is not None:
        y = scale.y(target)
        drawn.append(f'<line x1="{LEFT}" x2="{wide - RIGHT}" y1="{y}" y2="{y}" stroke="{INK}" stroke-dasharray="6 4"/>')
        left = _room(points[: len(points) // 2], target) >= _room(points[len(points) // 2 :], target)
        drawn.append(_text(LEFT + 4 if left else wide - RIGHT, y - 5, target_said, "start" if left else "end"))
    path, down = "", False
    for x, point in zip(places, points, strict=True):
        if point.value is not None:
            path += f"{'L' if down else 'M'}{x} {scale.y(point.value)}"
        down = point.value is not None
    drawn.append(f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="2.5"/>')
    last = max(at for at, point in enumerate(points) if point.value is not None)
    for at, (x, point) in enumerate(zip(places, points, strict=True)):
        if at % 2 == (len(points) - 1) % 2:
            drawn.append(_text(x, HEIGHT - 8, point.label, fill=FAINT))
        if point.value is None:
            continue
        drawn.append(f'<circle cx="{x}" cy="{scale.y(point.value)}" r="4" fill="{LINE}"/>')
        if at == last:
            drawn.append(_text(x + 9, scale.y(point.value) + 5, point.said, "start"))
    return _whole(drawn, wide)


def columns(points: Sequence[Point], *, unit: str = "") -> str:
    """A column for each value, above or below nothing, with its number."""
    known = [point.value for point in points if point.value is not None]
    if not known:
        return ""
    scale = _scale([*known, Decimal(0)], most=None)
    wide = _wide(points)
    width = (wide - LEFT - RIGHT) / len(points)
    drawn, zero = _frame(scale, unit, wide), scale.y(Decimal(0))
    for at, point in enumerate(points):
        middle = round(LEFT + width * (at + 0.5), 1)
        drawn.append(_text(middle, HEIGHT - 8, point.label, fill=FAINT))
        if point.value is None:
            continue
        y = scale.y(point.value)
        top, tall = min(y, zero), round(abs(zero - y), 1)
        drawn.append(f'<rect x="{round(middle - width * 0.3, 1)}" y="{top}" width="{round(width * 0.6, 1)}" '
                     f'height="{tall}" fill="{LINE if point.value >= 0 else "#ffffff"}" stroke="{LINE}"/>')  # fmt: skip
        below = top + tall + 14
        # A column that reaches the names under it has its number inside: it is hollow.
        inside = below > HEIGHT - BOTTOM + 4 and tall > 16
        drawn.append(_text(middle, top - 5 if point.value >= 0 else below - 20 if inside else below, point.said))
    drawn.append(_across(zero, wide, f'stroke="{INK}"'))
    return _whole(drawn, wide)
