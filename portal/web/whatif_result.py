"""An answered question as the page, the paper and the file show it: tables, drawings, and all figures in rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from portal import i18n
from portal.interfaces.curves import Curve, curves
from portal.models.whatif import WhatIfRun
from portal.web.whatif_words import (
    DAYS,
    MINUTES,
    SHARE,
    SHOWN,
    Figure,
    Scene,
    answer_of,
    between,
    forecast_said,
    midway,
    name_of,
    note_said,
    number,
    of_now,
    party_label,
    people,
    said,
    state_label,
    type_label,
    when_of,
    with_unit,
)
from portal.whatif.questions import changes_of
from portal.whatif.saying import change_said
from workflows import CASE_TYPES
from workflows.drawing import Said, drawn
from workflows.parties import GRANTED, N_, REFUSED

MOST_DRAWN = 4
"""So many kinds of case are shown step by step: those that come most."""
Cell = tuple[str, str]


@dataclass(frozen=True)
class Step:
    """A state in which cases wait, as the table shows it."""

    name: str
    party: str
    visits: str
    waiting: Cell
    touch: Cell


@dataclass(frozen=True)
class Forecast:
    """By when what is open of one kind will be done."""

    kind: str
    count: int
    half: datetime
    most: datetime
    last: datetime
    norm: str


class Shown:
    """An answered question."""

    def __init__(self, run: WhatIfRun) -> None:
        self.run = run
        self.result: Mapping[str, Any] = run.result or {}
        names = [i18n.gettext(N_("Now")), *(name_of(one) for one in run.scenarios)]
        self.scenes = [
            Scene(nth, names[nth], when_of(run, nth), answer)
            for nth, answer in enumerate(self.result["comparison"]["answers"])
        ]

    @property
    def comparison(self) -> Mapping[str, Any]:
        """What the simulation gave."""
        found: Mapping[str, Any] = self.result["comparison"]
        return found

    @property
    def now(self) -> Scene:
        """The scenario in which nothing is changed."""
        return self.scenes[0]

    @property
    def times(self) -> int:
        """How often each scenario was played."""
        return max(int(scene.found["replications"]) for scene in self.scenes)

    @property
    def settled(self) -> bool:
        """Whether the intervals became as narrow as was aimed at."""
        return bool(self.comparison.get("settled", True))

    @cached_property
    def sentences(self) -> list[tuple[str, str]]:
        """The answer: for each scenario a sentence or two, and its tone."""
        if self.result.get("forecasts"):
            told = zip(self.scenes, self.result["forecasts"], strict=True)
            return [(forecast_said(scene.when, found), "info") for scene, found in told if found]
        return [answer_of(self.now, scene) for scene in self.scenes[1:]] or [of_now(self.now)]

    @property
    def measures(self) -> list[tuple[str, str, str]]:
        """The figures that are shown: key, label and unit; of what was open already only when it is done says a lot."""
        if self.result.get("forecasts"):
            return []
        there = [key for key in SHOWN if any(scene.measure(key) for scene in self.scenes)]
        days = i18n.gettext(N_("in working days"))
        return [(key, i18n.gettext(SHOWN[key][0]), days if SHOWN[key][1] == DAYS else "") for key in there]

    @cached_property
    def types(self) -> list[str]:
        """The kinds of case, those that come most first."""
        found: Mapping[str, Any] = next(
            (scene.found["by_type"] for scene in self.scenes if scene.found.get("by_type")), {}
        )
        there = [kind for kind, figures in found.items() if "lead_mean" in figures]
        return sorted(there, key=lambda one: (-found[one]["cases_year"]["mean"], one))

    def bottlenecks(self, scene: Scene, most: int = 5) -> list[tuple[str, str, str]]:
        """Where a case waits longest: what, with whom, how long; the longest first."""
        by = {f"{one['type']}.{one['state']}": one for one in scene.found.get("steps", ())}
        return [
            (f"{type_label(by[key]['type'])}: {state_label(by[key]['type'], by[key]['state'])}",
             party_label(by[key]["party"]), with_unit(by[key]["waiting"]["mean"], DAYS))
            for key in scene.found.get("bottlenecks", ())[:most] if key in by
        ]  # fmt: skip

    def type_difference(self, scene: Scene, kind: str) -> str:
        """How much the lead time of one kind differs from now."""
        return scene.difference("lead_mean", kind)

    @staticmethod
    def type_label(key: str) -> str:
        """What people call a kind of case."""
        return type_label(key)

    @staticmethod
    def parties(scene: Scene) -> list[tuple[str, Cell]]:
        """Waiting by whom a case waits for, the longest first."""
        found = scene.found.get("parties", {})
        return [
            (party_label(key), _cell(found[key], DAYS)) for key in sorted(found, key=lambda one: -found[one]["mean"])
        ]

    def routes(self, scene: Scene) -> Iterator[tuple[str, str, list[Step]]]:
        """Each kind of case with its route drawn (empty where it is not declared) and its steps."""
        for kind in self.types[:MOST_DRAWN]:
            steps = [one for one in scene.found.get("steps", ()) if one["type"] == kind and one["visits"]["mean"] > 0]
            if steps:
                yield kind, _route(kind, steps), [_step(one) for one in steps]

    @property
    def used(self) -> list[tuple[str, list[Cell]]]:
        """How busy people are in each scenario; where too much is asked, that."""
        keys = dict.fromkeys(load["resource"] for scene in self.scenes for load in scene.found["loads"])
        return [(people(key), [_busy(scene, key) for scene in self.scenes]) for key in keys]

    @property
    def queues(self) -> list[tuple[str, str, list[list[str]]]]:
        """What waits for whom by week: a chart, and its numbers by week."""
        keys = dict.fromkeys(key for scene in self.scenes for key in scene.found.get("queue", {}))
        return [(midway(people(key)), *self._queue(key)) for key in keys]

    def _queue(self, key: str) -> tuple[str, list[list[str]]]:
        rows = [scene.found.get("queue", {}).get(key, ()) for scene in self.scenes]
        lines = [
            Curve(scene.name, [(float(week), waits) for week, waits in enumerate(row, 1)])
            for scene, row in zip(self.scenes, rows, strict=True) if row
        ]  # fmt: skip
        weeks = max(map(len, rows), default=0)
        table = [[number(row[week]) if week < len(row) else "–" for row in rows] for week in range(weeks)]
        return curves(lines, along=i18n.gettext(N_("week"))), table

    @property
    def forecasts(self) -> list[tuple[str, list[Forecast]]]:
        """By when what is open today will be done, by kind, in each scenario."""
        return [
            (scene.name, [_forecast(one) for one in found])
            for scene, found in zip(self.scenes, self.result.get("forecasts", ()), strict=False) if found
        ]  # fmt: skip

    @property
    def notes(self) -> list[str]:
        """What to mind about the model."""
        return [note_said(one) for one in (*self.result.get("warnings", ()), *self.result.get("unknown", ()))]

    @property
    def changes(self) -> list[tuple[str, list[str]]]:
        """What was changed, in every scenario and in each."""
        rows = [(i18n.gettext(N_("Everywhere")), self.run.changes)] if self.run.changes else []
        rows += [(name_of(one), one["changes"]) for one in self.run.scenarios]
        return [(name, [change_said(each) for each in changes_of(changes)]) for name, changes in rows]


def _forecast(one: Mapping[str, Any]) -> Forecast:
    half, most, last = (datetime.fromisoformat(one[key]) for key in ("half", "most", "last"))
    return Forecast(type_label(one["type"]), one["count"], half, most, last, said(one["within_norm"], SHARE))


def _cell(figure: Figure, unit: str) -> Cell:
    return said(figure["mean"], unit), between(figure, unit)


def _busy(scene: Scene, key: str) -> Cell:
    found = scene.found.get("used", {}).get(key)
    if found is not None:
        return _cell(found, SHARE)
    load = next((one for one in scene.found["loads"] if one["resource"] == key), None)
    return (said(load["offered"], SHARE), i18n.gettext(N_("of what they can do is asked"))) if load else ("–", "")


def _step(one: Mapping[str, Any]) -> Step:
    return Step(
        state_label(one["type"], one["state"]), party_label(one["party"]), said(one["visits"]["mean"], SHARE),
        _cell(one["waiting"], DAYS), _cell(one["touch"], MINUTES),
    )  # fmt: skip


def _route(kind: str, steps: Sequence[Mapping[str, Any]]) -> str:
    """The route with, in each step, how long a case that comes there waits."""
    if kind not in CASE_TYPES:
        return ""
    there = {one["state"]: one["waiting"]["mean"] / one["visits"]["mean"] for one in steps}
    most = max(there.values()) or 1.0
    words = {
        state: Said(i18n.gettext(N_("waits %(days)s working days"), days=said(waits, DAYS)), waits / most)
        for state, waits in there.items()
    }
    ends = {state.key: Said("") for state in CASE_TYPES[kind].states if state.result in (GRANTED, REFUSED)}
    return drawn(CASE_TYPES[kind], {**ends, **words}, i18n.gettext)


def rows_of(shown: Shown) -> Iterator[Sequence[object]]:
    """All figures one under the other, for the file: what, of which scenario, its value, interval and difference."""
    for name, found in shown.forecasts:
        for one in found:
            yield (
                name,
                "forecast",
                one.kind,
                *(moment.date() for moment in (one.half, one.most, one.last)),
                "",
                "",
                "",
                "",
            )
    for scene in () if shown.forecasts else shown.scenes:
        differences = scene.found.get("differences", {})
        for key, figure in scene.found.get("measures", {}).items():
            yield _row(scene, key, "", figure, differences.get(key))
        for kind, figures in scene.found.get("by_type", {}).items():
            for key, figure in figures.items():
                yield _row(scene, key, type_label(kind), figure, differences.get(f"{kind}.{key}"))
        for one in scene.found.get("steps", ()):
            where = f"{type_label(one['type'])}: {state_label(one['type'], one['state'])}"
            for key in ("visits", "waiting", "touch"):
                yield _row(scene, key, where, one[key], None)
        for key, figure in scene.found.get("parties", {}).items():
            yield _row(scene, "waiting", party_label(key), figure, None)
        for key, figure in scene.found.get("used", {}).items():
            yield _row(scene, "used", people(key), figure, None)


def _row(scene: Scene, key: str, of: str, figure: Figure, found: Figure | None) -> Sequence[object]:
    exact = [round(figure[name], 4) for name in ("mean", "low", "high")]
    differs = [round(found[name], 4) for name in ("mean", "low", "high")] if found else ["", "", ""]
    shown = "" if found is None else i18n.gettext(N_("yes") if found["demonstrable"] else N_("no"))
    return scene.name, key, of, *exact, *differs, shown
