"""The evaluation of a year as plain data, as it is kept with a conclusion: aimed at against reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal import i18n
from portal.clock import local_date
from portal.models.goals import Goal
from portal.models.people import Municipality
from portal.queries.business_case import Held
from portal.queries.goals import Real, Settled
from workflows.business_case import consolidated
from workflows.goals import reached
from workflows.parties import N_

UNITS: Mapping[str, str] = {"percent": "%(value)s%%", "days": N_("%(value)s working days"), "score": "%(value)s",
                            "number": "%(value)s"}  # fmt: skip
VERDICTS: Mapping[bool | None, tuple[str, str]] = {
    True: (N_("Reached"), "success"),
    False: (N_("Not reached"), "danger"),
    None: (N_("No figure"), "neutral"),
}

NOT_YET = (N_("Not yet"), "warning")


def valued(value: object, unit: str) -> str:
    """A value of an indicator in words; a dash where there is none."""
    if value is None:
        return "–"
    form = UNITS.get(unit, "%(value)s")
    return (i18n.gettext(form) if unit == "days" else form) % {"value": i18n.number(Decimal(str(value)).normalize())}


def goal_data(goal: Goal, figure: Mapping[str, Any] | None) -> dict[str, Any]:
    """A goal with what was reached of it."""
    value = figure["value"] if figure else None
    more = figure is None or figure["better"] == "more"
    exact = None if value is None else Decimal(str(value))
    return {
        "id": goal.id, "said": goal.said, "of": goal.municipality.name if goal.municipality else "",
        "indicator": goal.indicator, "label": figure["label"] if figure else {},
        "unit": figure["unit"] if figure else "",
        "aimed": goal.aimed, "more": more, "value": value, "masked": bool(figure and figure["masked"]),
        "numerator": figure["numerator"] if figure else None, "denominator": figure["denominator"] if figure else None,
        "reached": reached(Decimal(goal.aimed), exact, more=more), "due": goal.due.isoformat(),
        "agreed_by": goal.agreed_by, "agreed_on": goal.agreed_on.isoformat(), "realistic": goal.realistic,
        "instrument": goal.instrument, "monitoring": goal.monitoring,
    }  # fmt: skip


def costs_data(held: Mapping[int, Held], real: Mapping[int, Real], settled: Settled, year: int) -> dict[str, Any]:
    """What a year was to cost and what it did: as entered where it was of all, and as settled so far."""
    cases = [one.case for one in held.values()]
    whole = consolidated(cases)
    aimed = whole.cost_of(year) if any(one.year == year for one in whole.years) else None
    known = [real[place] for place in held if place in real]
    return {
        "aimed": None if aimed is None else {"running": aimed.running_cents, "investment": aimed.investment_cents},
        "real": {
            "running": sum(one.running_cents for one in known),
            "investment": sum(one.investment_cents for one in known),
            "source": "; ".join(dict.fromkeys(one.source for one in known)),
        } if known and len(known) == len(held) else None,
        "entered": len(known), "of": len(held),
        "settled": {"quarters": list(settled.quarters), "cents": settled.cents} if settled.quarters else None,
    }  # fmt: skip


@dataclass(frozen=True)
class Evaluated:
    """An evaluation to show, from its plain data."""

    place: Municipality | None
    year: int
    data: Mapping[str, Any]

    @property
    def goals(self) -> Sequence[Mapping[str, Any]]:
        """The goals, each with its words for what was aimed at and reached."""
        return [
            {**one, "named": one["label"].get(i18n.language()) or one["indicator"],
             "aimed_said": self._aimed(one), "value_said": self._value(one),
             "verdict": i18n.gettext(self._verdict(one)[0]), "tone": self._verdict(one)[1]}
            for one in self.data["goals"]
        ]  # fmt: skip

    def _verdict(self, one: Mapping[str, Any]) -> tuple[str, str]:
        """In words and colour; what is not due yet is not missed yet."""
        early = one["reached"] is False and date.fromisoformat(one["due"]) >= local_date(self.as_of)
        return NOT_YET if early else VERDICTS[one["reached"]]

    @staticmethod
    def _aimed(one: Mapping[str, Any]) -> str:
        form = N_("at least %(value)s") if one["more"] else N_("at most %(value)s")
        return i18n.gettext(form) % {"value": valued(one["aimed"], one["unit"])}

    @staticmethod
    def _value(one: Mapping[str, Any]) -> str:
        if one["masked"]:
            return i18n.gettext(N_("too few to show"))
        said = valued(one["value"], one["unit"])
        if one["denominator"] and one["unit"] == "percent":
            counts = {"good": i18n.number(one["numerator"]), "all": i18n.number(one["denominator"])}
            said += " " + i18n.gettext(N_("(%(good)s of %(all)s)")) % counts
        return said

    @property
    def counts(self) -> tuple[int, int]:
        """How many goals were reached, of how many."""
        return sum(one["reached"] is True for one in self.data["goals"]), len(self.data["goals"])

    @property
    def costs(self) -> Sequence[tuple[str, int | None, int | None]]:
        """What was aimed at and what came of it: running cost and investment."""
        aimed, real = self.data["costs"]["aimed"] or {}, self.data["costs"]["real"] or {}
        return [(i18n.gettext(label), aimed.get(key), real.get(key))
                for label, key in ((N_("Running cost"), "running"), (N_("Investment"), "investment"))]  # fmt: skip

    @property
    def as_of(self) -> datetime:
        """As known when."""
        return datetime.fromisoformat(self.data["as_of"])
