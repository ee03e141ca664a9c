"""A declaration drawn as SVG, for page and paper: the way of a case from top to bottom, the rest to its right.

Each state carries the lines that are said of it, such as how long cases wait there; how dark its bar is only helps.
Only states that are said something of are drawn, with the steps between them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from workflows.deciding import route
from workflows.kernel import CaseType

WIDE, TALL, APART, BETWEEN, LANES, MARGIN = 270, 62, 30, 70, 46, 8
INK, LINE, BAR = "#1b2a3a", "#4a5a68", "#14507a"
FONT = "font-family=\"system-ui, 'Libertinus Serif', sans-serif\""
LONGEST = 32
"""Signs of a line that fit in a box."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a state: a line under its name, and what part of the most it is (0 to 1), for the bar."""

    line: str
    part: float = 0.0


@dataclass(frozen=True, slots=True)
class _Place:
    column: int
    row: int

    @property
    def left(self) -> float:
        return MARGIN + LANES + self.column * (WIDE + BETWEEN)

    @property
    def top(self) -> float:
        return MARGIN + self.row * (TALL + APART)

    @property
    def middle(self) -> float:
        return self.top + TALL / 2


def drawn(case_type: CaseType, said: Mapping[str, Said], name: Callable[[str], str]) -> str:
    """The way of this type with what is said of its states; `name` puts a label in the reader's language."""
    places = _placed(case_type, set(said))
    parts = list(_edges(case_type, places))
    for key, place in places.items():
        parts += _box(place, name(case_type.state(key).label), said[key])
    columns = max((place.column for place in places.values()), default=0) + 1
    rows = max((place.row for place in places.values()), default=0) + 1
    width = 2 * MARGIN + LANES + columns * WIDE + (columns - 1) * BETWEEN
    height = 2 * MARGIN + rows * TALL + (rows - 1) * APART
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'class="ssc-chart ssc-chart--route">{"".join(parts)}</svg>'
    )


def _placed(case_type: CaseType, shown: Collection[str]) -> dict[str, _Place]:
    """The straight way under each other; every other state beside the first state from which a step leads to it."""
    way = [state.key for state in route(case_type) if state.key in shown]
    places = {key: _Place(0, row) for row, key in enumerate(way)}
    taken = {0: set(range(len(way)))}
    left = [state.key for state in case_type.states if state.key in shown and state.key not in places]
    while left:
        key = next((one for one in left if _sources(case_type, one) & set(places)), left[0])
        rows = [places[one].row for one in _sources(case_type, key) if one in places]
        places[key] = _free(taken, min(rows, default=len(way)))
        left.remove(key)
    return places


def _free(taken: dict[int, set[int]], row: int) -> _Place:
    """The nearest row beside the way from this one on that nothing stands in."""
    beside = taken.setdefault(1, set())
    while row in beside:
        row += 1
    beside.add(row)
    return _Place(1, row)


def _sources(case_type: CaseType, key: str) -> set[str]:
    return {state for action in case_type.actions if key in action.targets for state in action.at}


def _steps(case_type: CaseType, shown: Collection[str]) -> Iterator[tuple[str, str]]:
    """From where to where a step leads, each way once."""
    seen = set()
    for action in case_type.actions:
        for before in action.at:
            for after in action.targets:
                way = (before, after)
                if before != after and way not in seen and before in shown and after in shown:
                    seen.add(way)
                    yield way


def _edges(case_type: CaseType, places: Mapping[str, _Place]) -> Iterator[str]:
    lanes, mids = 0, 0
    for before, after in _steps(case_type, places):
        one, other = places[before], places[after]
        if one.column == other.column == 0:
            if other.row == one.row + 1:
                x = one.left + WIDE / 2
                yield _path(f"M{x} {one.top + TALL}V{other.top - 7}", (x, other.top, "down"))
                continue
            lanes += 1
            x = one.left - 8 - 7 * ((lanes - 1) % 5)
            yield _path(f"M{one.left} {one.middle + 8}H{x}V{other.middle - 8}H{other.left - 7}",
                        (other.left, other.middle - 8, "right"), back=other.row < one.row)  # fmt: skip
        elif one.column < other.column:
            mids += 1
            x = other.left - 12 - 6 * (mids % 8)
            yield _path(f"M{one.left + WIDE} {one.middle}H{x}V{other.middle}H{other.left - 7}",
                        (other.left, other.middle, "right"))  # fmt: skip
        elif one.column > other.column:
            mids += 1
            x = one.left - 12 - 6 * (mids % 8)
            yield _path(f"M{one.left} {one.middle + 14}H{x}V{other.middle + 14}H{other.left + WIDE + 7}",
                        (other.left + WIDE, other.middle + 14, "left"), back=True)  # fmt: skip
        elif abs(one.row - other.row) == 1:
            x = one.left + WIDE / 2 + (0 if other.row > one.row else 20)
            down = other.row > one.row
            start, end = (one.top + TALL, other.top - 7) if down else (one.top, other.top + TALL + 7)
            yield _path(f"M{x} {start}V{end}", (x, other.top if down else other.top + TALL, "down" if down else "up"),
                        back=not down)  # fmt: skip


def _path(way: str, head: tuple[float, float, str], *, back: bool = False) -> str:
    """A line with its point; ways back are dashed."""
    x, y, to = head
    tip = {"down": f"M{x - 5} {y - 8}h10l-5 8z", "up": f"M{x - 5} {y + 8}h10l-5 -8z",
           "right": f"M{x - 8} {y - 5}v10l8 -5z", "left": f"M{x + 8} {y - 5}v10l-8 -5z"}[to]  # fmt: skip
    dashed = ' stroke-dasharray="5 4"' if back else ""
    return (f'<path d="{way}" fill="none" stroke="{LINE}" stroke-width="1.4"{dashed}/>'
            f'<path d="{tip}" fill="{LINE}"/>')  # fmt: skip


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _box(place: _Place, name: str, said: Said) -> Iterator[str]:
    x, y = place.left, place.top
    yield f'<rect x="{x}" y="{y}" width="{WIDE}" height="{TALL}" rx="6" fill="#ffffff" stroke="{INK}"/>'
    part = min(max(said.part, 0.0), 1.0)
    if part > 0:
        yield f'<rect x="{x + 8}" y="{y + TALL - 10}" width="{round((WIDE - 16) * part, 1)}" height="5" fill="{BAR}"/>'
    look = f'fill="{INK}" font-size="13" {FONT}'
    yield f'<text x="{x + 10}" y="{y + 21}" font-weight="600" {look}>{escape(_cut(name))}</text>'
    yield f'<text x="{x + 10}" y="{y + 41}" {look}>{escape(_cut(said.line))}</text>'
