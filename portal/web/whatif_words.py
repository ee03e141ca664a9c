"""What was simulated in words: figures with their units and intervals, differences, and the answer itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal import i18n
from portal.models.whatif import WhatIfRun
from portal.whatif.questions import QUESTIONS, TOGETHER
from workflows import CASE_TYPES
from workflows.parties import N_, PARTY_LABELS, Party
from workflows.policy_keys import POLICY_KEYS

Figure = Mapping[str, Any]
OFFICE_HOURS = 9.0
"""Hours in a working day of the office."""
HARDLY = OFFICE_HOURS / 20
"""A difference of less than this many hours is demonstrable and yet nothing that anybody notices."""
DAYS, SHARE, CENTS, COUNT, MINUTES, POINTS = "days", "share", "cents", "count", "minutes", "points"
SHOWN: Mapping[str, tuple[str, str]] = {
    "lead_mean": (N_("Lead time, mean"), DAYS),
    "lead_median": (N_("Half is done within"), DAYS),
    "lead_p80": (N_("8 of 10 are done within"), DAYS),
    "lead_p90": (N_("9 of 10 are done within"), DAYS),
    "within_norm": (N_("Done within the norm"), SHARE),
    "first_time_right": (N_("Right the first time"), SHARE),
    "cost_case": (N_("Costs of a case"), CENTS),
    "cases_year": (N_("Cases in a year"), COUNT),
}
NONE = N_("no demonstrable difference")
PEOPLE: Mapping[str, str] = {"clerk": N_("Clerks"), "treasurer": N_("Treasurers")}
PARTIES = {party.name.lower(): PARTY_LABELS[party] for party in Party if party.name and party in PARTY_LABELS}


def number(value: float, places: int = 1) -> str:
    """A number with so many decimals at most, in the reader's notation."""
    return i18n.number(round(Decimal(str(value)), places).normalize() + 0)


def said(value: float, unit: str, places: int = 1) -> str:
    """A value in its unit, for people."""
    match unit:
        case "days":
            return number(value / OFFICE_HOURS, places)
        case "share":
            return f"{number(value * 100, places)}%"
        case "cents":
            return i18n.euro(round(value))
        case "minutes":
            return number(value * 60, places)
        case "points":
            return number(value * 100, places)
    return number(value, 0)


def with_unit(value: float, unit: str) -> str:
    """The same with what it is counted in."""
    if unit == DAYS:
        return i18n.gettext(N_("%(number)s working days"), number=said(value, unit))
    return said(value, unit)


def between(figure: Figure, unit: str) -> str:
    """The interval in words; with as many decimals as it takes to see that it has a width."""
    low, high = ends_of(figure, unit)
    return i18n.gettext(N_("between %(low)s and %(high)s"), low=low, high=high) if low != high else ""


def ends_of(figure: Figure, unit: str) -> tuple[str, str]:
    """The ends of an interval, for people."""
    ends = [(said(figure["low"], unit, places), said(figure["high"], unit, places)) for places in (1, 2)]
    return ends[0] if ends[0][0] != ends[0][1] else ends[1]


def type_label(key: str) -> str:
    """What people call a kind of case; empty for all together; of a process that is not declared its own name."""
    if not key:
        return i18n.gettext(N_("All requests together"))
    return i18n.gettext(CASE_TYPES[key].label) if key in CASE_TYPES else key


def state_label(case_type: str, state: str) -> str:
    """What people call a state."""
    if case_type not in CASE_TYPES:
        return state
    try:
        return i18n.gettext(CASE_TYPES[case_type].state(state).label)
    except KeyError:
        return state


def people(key: str) -> str:
    """Who works, in words."""
    return i18n.gettext(PEOPLE[key]) if key in PEOPLE else key


def midway(text: str) -> str:
    """A label within a sentence; one that begins with an abbreviation stays as it is."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


@dataclass(frozen=True)
class Scene:
    """One scenario of a run, the one of now included: what it is called and what was found."""

    nth: int
    name: str
    when: str
    """How a sentence about it begins."""
    found: Mapping[str, Any]

    @property
    def overload(self) -> str:
        """That more comes in than can be done, in a sentence; empty where it can."""
        over = [load for load in self.found["loads"] if load["offered"] >= 1]
        if not over:
            return ""
        who = i18n.gettext(N_(" and ")).join(
            f"{midway(people(one['resource']))} ({said(one['offered'], SHARE)})" for one in over
        )
        return i18n.gettext(
            N_("%(when)s more work comes in than can be done by %(who)s: the queue grows without end, so no lead "
               "time can be given."), when=self.when, who=who,
        )  # fmt: skip

    def measure(self, key: str) -> Figure | None:
        """A figure of all cases together."""
        found: Figure | None = self.found.get("measures", {}).get(key)
        return found

    def cell(self, key: str) -> tuple[str, str]:
        """A figure and its interval, as a table shows them."""
        figure, unit = self.measure(key), SHOWN[key][1]
        return ("–", "") if figure is None else (said(figure["mean"], unit), between(figure, unit))

    def difference(self, key: str, of: str = "") -> str:
        """How much it differs from now, of all cases or one kind, in words; empty for what is not known."""
        found = self.found.get("differences", {}).get(f"{of}.{key}" if of else key)
        if found is None:
            return ""
        if not found["demonstrable"]:
            return i18n.gettext(NONE)
        unit = SHOWN[key][1]
        told = i18n.gettext(N_("%(mean)s more") if found["mean"] > 0 else N_("%(mean)s less"),
                            mean=_points(abs(found["mean"]), unit))  # fmt: skip
        around = between(_size(found), POINTS if unit == SHARE else unit)
        return f"{told} ({around})" if around else told

    def of_type(self, kind: str) -> str:
        """The lead time of one kind, and how much of it is done within the norm."""
        found = self.found.get("by_type", {}).get(kind, {})
        lead, norm = found.get("lead_mean"), found.get("within_norm")
        parts = [said(lead["mean"], DAYS)] if lead else []
        return ", ".join([*parts, said(norm["mean"], SHARE)] if norm else parts) or "–"


def _points(value: float, unit: str) -> str:
    """A difference of percentages is in points."""
    if unit == SHARE:
        return i18n.gettext(N_("%(number)s points"), number=_seen(value, POINTS))
    return i18n.gettext(N_("%(number)s working days"), number=_seen(value, unit)) if unit == DAYS else said(value, unit)


def _seen(value: float, unit: str) -> str:
    """With as many decimals as it takes to see that it is not nothing."""
    once, twice = (said(value, unit, places) for places in (1, 2))
    return twice if once == said(0.0, unit) else once


def _size(found: Figure) -> dict[str, float]:
    """The interval of how large a difference is, whichever way it goes."""
    ends = sorted((abs(found["low"]), abs(found["high"])))
    return {"low": ends[0], "high": ends[1]}


def party_label(key: str) -> str:
    """With whom a case is, in words."""
    return i18n.gettext(PARTIES[key]) if key in PARTIES else people(key)


def name_of(scenario: Mapping[str, Any]) -> str:
    """What a scenario is called, in the reader's language."""
    question = QUESTIONS.get(scenario["question"])
    if question is not None:
        return i18n.gettext(question.when)
    return i18n.gettext(N_("All of that together")) if scenario["question"] == TOGETHER else str(scenario["name"])


def when_of(run: WhatIfRun, nth: int) -> str:
    """How a sentence about a scenario begins; the first is that of now."""
    if nth == 0:
        return i18n.gettext(N_("As it is now"))
    scenario = run.scenarios[nth - 1]
    if scenario["question"] in QUESTIONS:
        return name_of(scenario)
    if scenario["question"] == TOGETHER:
        return i18n.gettext(N_("With all of that together"))
    return i18n.gettext(N_("With “%(name)s”"), name=scenario["name"])


def answer_of(now: Scene, scene: Scene) -> tuple[str, str]:
    """The answer to one question in plain words, and its tone."""
    if scene.overload:
        return scene.overload, "warning"
    new, old = scene.measure("lead_mean"), now.measure("lead_mean")
    if new is None:
        return i18n.gettext(N_("%(when)s nothing was found."), when=scene.when), "warning"
    values = {"when": scene.when, "new": said(new["mean"], DAYS)}
    if old is None:
        return i18n.gettext(N_("%(when)s a case takes %(new)s working days; as it is now more comes in than can be "
                               "done."), **values), "info"  # fmt: skip
    values["old"] = said(old["mean"], DAYS)
    first = _differing(scene, values)
    return " ".join((first, *_kind(now, scene), *_second(now, scene))), "info"


def _differing(scene: Scene, values: Mapping[str, str]) -> str:
    """How long a case takes in a scenario beside now, in a sentence."""
    found = scene.found.get("differences", {}).get("lead_mean")
    if found is None or not found["demonstrable"]:
        low, high = ends_of(found, DAYS) if found else ("", "")
        if low == high:
            return i18n.gettext(N_("%(when)s there is no demonstrable difference in how long a case takes: %(new)s "
                                   "against %(old)s working days."), **values)  # fmt: skip
        return i18n.gettext(
            N_("%(when)s there is no demonstrable difference in how long a case takes: %(new)s against %(old)s working "
               "days; the difference is between %(low)s and %(high)s days."), **values, low=low, high=high,
        )  # fmt: skip
    if _size(found)["high"] < HARDLY:
        return i18n.gettext(N_("%(when)s a case takes hardly longer or shorter: %(new)s against %(old)s working "
                               "days."), **values)  # fmt: skip
    low, high = ends_of(_size(found), DAYS)
    return i18n.gettext(
        N_("%(when)s a case takes %(new)s instead of %(old)s working days; the difference is between %(low)s and "
           "%(high)s days."), **values, low=low, high=high,
    )  # fmt: skip


def _kind(now: Scene, scene: Scene) -> Iterator[str]:
    """Of which kind most of the difference is, where there are several."""
    kinds, differences = scene.found.get("by_type", {}), scene.found.get("differences", {})
    there = {
        kind: abs(found["mean"]) * kinds[kind]["cases_year"]["mean"]
        for kind in kinds
        if (found := differences.get(f"{kind}.lead_mean")) and found["demonstrable"] and _size(found)["high"] >= HARDLY
    }
    if len(kinds) < 2 or not there:
        return
    kind = max(sorted(there), key=lambda one: there[one])
    new, old = (one.found["by_type"][kind]["lead_mean"]["mean"] for one in (scene, now))
    yield i18n.gettext(N_("Most of that is in %(kind)s: %(new)s instead of %(old)s working days."),
                       kind=midway(type_label(kind)), new=said(new, DAYS), old=said(old, DAYS))  # fmt: skip


def _second(now: Scene, scene: Scene) -> Iterator[str]:
    """What else demonstrably changes: how much is done in time, or else what a case costs."""
    differences = scene.found.get("differences", {})
    for key, sentence in (
        ("within_norm", N_("Done within the norm is %(new)s instead of %(old)s.")),
        ("cost_case", N_("A case costs %(new)s instead of %(old)s.")),
    ):
        new, old, found = scene.measure(key), now.measure(key), differences.get(key)
        if new and old and found and found["demonstrable"]:
            unit = SHOWN[key][1]
            yield i18n.gettext(sentence, new=said(new["mean"], unit), old=said(old["mean"], unit))
            return


def of_now(now: Scene) -> tuple[str, str]:
    """How it goes when nothing is changed, and its tone."""
    if now.overload:
        return now.overload, "warning"
    lead, norm = now.measure("lead_mean"), now.measure("within_norm")
    if lead is None:
        return i18n.gettext(N_("%(when)s nothing was found."), when=now.when), "warning"
    return i18n.gettext(
        N_("%(when)s a case takes %(lead)s working days (%(between)s), and %(share)s is done within the norm."),
        when=now.when, lead=said(lead["mean"], DAYS), between=between(lead, DAYS),
        share=said(norm["mean"], SHARE) if norm else "–",
    ), "info"  # fmt: skip


def forecast_said(when: str, found: Sequence[Mapping[str, Any]]) -> str:
    """By when all that is open is done, in a sentence; what comes first is all of it together."""
    together = found[0]
    days = [i18n.day(datetime.fromisoformat(together[key])) for key in ("half", "most", "last")]
    count = together["count"]
    return i18n.gettext(
        N_("%(when)s half of the %(count)s open requests is done by %(half)s, 9 of 10 by %(most)s, and the last likely "
           "by %(last)s."), when=when, count=i18n.number(count), half=days[0], most=days[1], last=days[2],
    )  # fmt: skip


def note_said(note: Mapping[str, Any]) -> str:
    """A remark about the model, in the reader's language; labels in it as well."""
    values = {key: _label_said(str(value)) for key, value in note.get("values", {}).items()}
    sentence = note["sentence"]
    return i18n.gettext(sentence, **values)


def _label_said(value: str) -> str:
    """A policy by its label; other labels, with a dash between two of them, in the reader's language."""
    if re.fullmatch(r"[0-9]+[.][0-9]+", value):
        return number(float(value))
    if value in POLICY_KEYS:
        return midway(i18n.gettext(POLICY_KEYS[value].label))
    return " – ".join(i18n.gettext(part) for part in value.split(" – "))
