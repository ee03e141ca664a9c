"""How well the imitation fits, for people: distances beside the noise of the log, and curves with tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal import i18n
from portal.interfaces.curves import Curve, curves
from portal.models.whatif import WhatIfRun
from portal.web.whatif_words import note_said, number, type_label
from portal.whatif.inputs import Basis, Input
from portal.whatif.model import Model
from portal.whatif.plain import from_plain
from portal.whatif.saying import WEEKDAYS
from workflows import CASE_TYPES
from workflows.parties import N_

REAL, PLAYED = N_("Really"), N_("Imitated")
MEASURED: Mapping[str, tuple[str, str, str]] = {
    "lead": (N_("Lead times"), N_("So long a lead time must be moved on average to fit."), "days"),
    "hours": (N_("Hours of the week"), N_("So long a step must be moved within the week on average to fit."), "hours"),
    "steps": (N_("Order of steps"), N_("So many runs of three steps are not there on the other side."), "share"),
}
CLOSE = 1.5
"""Up to so many times the noise of the log itself, an imitation cannot be told from what happened."""


@dataclass(frozen=True)
class Distance:
    """One distance: what it is of, how large, what the noise of the log is, and what that means."""

    label: str
    told: str
    value: str
    floor: str
    verdict: str
    tone: str


class Fit:
    """The last trial of how well the model fits."""

    def __init__(self, run: WhatIfRun) -> None:
        self.run, self.found = run, run.result or {}

    @property
    def distances(self) -> list[Distance]:
        """How far the imitation is from what happened."""
        return [_distance(one) for one in self.found["distances"]]

    @property
    def sentence(self) -> str:
        """The outcome in one sentence."""
        if not self.distances:
            return i18n.gettext(N_("Too few requests have ended to say how well the imitation fits."))
        good = sum(one.tone == "success" for one in self.distances)
        return i18n.gettext(
            N_("On %(good)s of %(all)s points the imitation cannot be told from what really happened."), good=good,
            all=len(self.distances),
        )  # fmt: skip

    @property
    def names(self) -> tuple[str, str]:
        """What the two sides are called."""
        return i18n.gettext(REAL), i18n.gettext(PLAYED)

    @property
    def lead(self) -> tuple[str, list[tuple[str, str, str]]]:
        """Lead times: which share is done within how many days, as a chart and as rows."""
        real, played = (self.found["lead"][side] for side in ("real", "played"))
        lines = [
            Curve(name, [(days, share * 100) for days, share in rows])
            for name, rows in zip(self.names, (real, played), strict=True)
        ]
        table = [
            (f"{number(one[1] * 100, 0)}%", number(one[0]), number(other[0]))
            for one, other in zip(real, played, strict=False)
        ]
        return curves(lines, along=i18n.gettext(N_("days")), up=i18n.gettext(N_("percentage done")), most=100.0), table

    @property
    def hours(self) -> tuple[str, list[tuple[str, str, str]]]:
        """When in the week steps are taken: as a chart by hour, and as rows by day and by hour of the day."""
        sides = [self.found["hours"][side] for side in ("real", "played")]
        lines = [
            Curve(name, [(float(hour), share * 100) for hour, share in enumerate(row)])
            for name, row in zip(self.names, sides, strict=True)
        ]
        table = [_shares(i18n.gettext(WEEKDAYS[day]), *(sum(row[day * 24 : day * 24 + 24]) for row in sides))
                 for day in range(7)]  # fmt: skip
        table += [_shares(f"{hour}:00", *(sum(row[hour::24]) for row in sides)) for hour in range(24)]
        along, up = i18n.gettext(N_("hour of the week, from Monday")), i18n.gettext(N_("percentage of the steps"))
        return curves(lines, along=along, up=up), table

    @property
    def ways(self) -> list[tuple[str, str, str]]:
        """The ways that cases take most, with how many really did and how many when imitated."""
        return [
            _shares(f"{type_label(one['kind'])}: {_way(one)}", one["real"], one["played"]) for one in self.found["ways"]
        ]

    @property
    def notes(self) -> tuple[list[str], list[str]]:
        """What was made simpler or measured on little, and what cannot be known."""
        return [note_said(one) for one in self.found["warnings"]], [note_said(one) for one in self.found["unknown"]]

    @property
    def known(self) -> tuple[int, int, int]:
        """How many inputs were measured, of how many of these on few observations, and how many are assumed."""
        model = from_plain(Model, self.run.model.model) if self.run.model else None
        inputs = list(_inputs(model)) if model else []
        measured = [one for one in inputs if one.basis is Basis.MEASURED]
        return len(measured), sum(one.few for one in measured), len(inputs) - len(measured)


def _inputs(model: Model) -> Sequence[Input[Any]]:
    found: list[Input[Any]] = [model.runs.weekdays, model.runs.cut_off, model.runs.at, model.priority]
    for flow in model.flows:
        found += [flow.mix, flow.arrivals.per_week, flow.arrivals.week, flow.arrivals.season, flow.arrivals.burst]
        found += [*flow.touch.values(), *flow.reaction.values(), *flow.outcomes.values()]
    for one in model.resources:
        found += [one.opens, one.closes, one.absence, one.share, one.cost_cents]
    return found


def _distance(one: Mapping[str, Any]) -> Distance:
    label, told, unit = MEASURED[one["key"]]
    value, floor = (_value(one[key], unit) for key in ("value", "floor"))
    close = one["value"] <= CLOSE * one["floor"]
    near = one["value"] <= 3 * one["floor"]
    verdict = N_("cannot be told apart") if close else N_("close") if near else N_("differs")
    tone = "success" if close else "info" if near else "warning"
    return Distance(i18n.gettext(label), i18n.gettext(told), value, floor, i18n.gettext(verdict), tone)


def _value(value: float, unit: str) -> str:
    match unit:
        case "share":
            return f"{number(value * 100)}%"
        case "days":
            return i18n.gettext(N_("%(number)s days"), number=number(value / 24))
    return i18n.gettext(N_("%(number)s hours"), number=number(value))


def _shares(name: str, real: float, played: float) -> tuple[str, str, str]:
    return name, f"{number(real * 100)}%", f"{number(played * 100)}%"


def _way(one: Mapping[str, Any]) -> str:
    """The steps of a way in words; at most the first six."""
    case_type = CASE_TYPES.get(one["kind"])
    known = {action.key: i18n.gettext(action.label) for action in case_type.actions} if case_type else {}
    said = [known.get(step, step) for step in one["steps"]]
    return " → ".join(said[:6]) + (" → …" if len(said) > 6 else "")
