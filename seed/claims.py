"""What people spend: claims with a purpose, lines that belong together, and the receipts that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import Any

from portal.calendar import OfficeCalendar
from seed.evidence import Receipt, drawn, shared
from seed.sources import source
from workflows.expense_claim.categories import CATEGORIES
from workflows.money import plain

MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
    "december",
)  # fmt: skip
RAIL_CENTS_A_KM = 19


@dataclass
class Line:
    """One expense as it is typed in. `receipt` is what is added to it."""

    key: str
    category: str
    day: date
    fields: dict[str, str]
    receipt: Receipt | None = None
    original: str = ""
    """Which file it is, where it is one that was used before; else it is this line's own."""


@dataclass
class Claim:
    """What somebody claims."""

    purpose: str
    lines: list[Line] = field(default_factory=list)
    late: str = ""
    """Why it is claimed only now, if it turns out to be late."""

    def repeat(self, line: Line, key: str) -> None:
        """Claim a line of another claim once more, with the same receipt."""
        self.lines.append(replace(line, key=key, fields=dict(line.fields), original=line.original or line.key))

    def typed(self, cost_centre: str) -> dict[str, str]:
        """The form as it is filled in."""
        form = {"purpose": self.purpose, "cost_centre": cost_centre}
        for number, line in enumerate(self.lines):
            form |= {
                f"lines-{number}-key": line.key,
                f"lines-{number}-category": line.category,
                f"lines-{number}-date": line.day.isoformat(),
                f"lines-{number}-late_reason": self.late,
                **{f"lines-{number}-{name}": value for name, value in line.fields.items()},
            }
        return form


@dataclass(frozen=True)
class Setting:
    """Where and when somebody spends: the town, its working days, the days that count, and whether it is long ago.

    Receipts of long ago are taken from a pool; of late each is drawn for its own line.
    """

    town: str
    traveller: str
    office: OfficeCalendar
    day: date
    earliest: date
    recent: bool


def draw(rng: Random, setting: Setting) -> Claim:
    """Something that somebody could claim on the day of the setting."""
    theme = _weighted(rng, source("claims")["theme"])
    near = bool(theme.get("near"))
    city, far = rng.choice(source("claims")["places"]["cities"])
    day = _spent_on(rng, setting)
    if theme.get("monthly"):
        day = _end_of_month(setting, day)
    words = {
        "city": city,
        "town": setting.town,
        "topic": rng.choice(theme.get("topics", [""])),
        "street": rng.choice(source("claims")["places"]["streets"]),
        "month": MONTHS[day.month - 1],
        "week": day.isocalendar().week,
    }
    claim = Claim(rng.choice(theme["purposes"]).format_map(words))
    for category in rng.choice(theme["lines"]):
        trip = _Trip(rng, setting, words, _other_day(rng, setting, day) if near else day, far, near)
        claim.lines.append(trip.line(category))
    return claim


def _weighted(rng: Random, themes: list[dict[str, Any]]) -> dict[str, Any]:
    (theme,) = rng.choices(themes, [theme["weight"] for theme in themes])
    return theme


def _spent_on(rng: Random, setting: Setting) -> date:
    """A working day in the weeks before; sooner is likelier."""
    day = setting.office.add_working_days(setting.day, -1 - min(int(rng.expovariate(1 / 6)), 40))
    return max(day, setting.earliest)


def _other_day(rng: Random, setting: Setting, day: date) -> date:
    return max(setting.office.add_working_days(day, -rng.randrange(5)), setting.earliest)


def _end_of_month(setting: Setting, day: date) -> date:
    """The last working day of the month before this one."""
    last = setting.office.add_working_days(setting.day.replace(day=1), -1)
    return last if last >= setting.earliest else day


@dataclass
class _Trip:
    """One occasion on which money is spent."""

    rng: Random
    setting: Setting
    words: Mapping[str, Any]
    day: date
    far: int
    near: bool

    def line(self, category: str) -> Line:
        rng = self.rng
        line = Line(f"{rng.getrandbits(40):010x}", category, self.day, {"description": self._description(category)})
        needed = CATEGORIES[category].fields
        if "origin" in needed:
            line.fields |= {"origin": self.setting.town, "destination": self._destination()}
        if "persons" in needed:
            line.fields["persons"] = str(rng.choice((1, 1, 1, 2, 4)))
        if "km" in needed:
            line.fields["km"] = self._km()
        if "days" in needed:
            line.fields["days"] = str(rng.randrange(3, 11))
        if "amount" in needed:
            line.receipt = self._receipt(category)
            line.fields |= {"amount": plain(line.receipt.cents), "vat": rng.choice(("", "", CATEGORIES[category].vat))}
        return line

    def _description(self, category: str) -> str:
        texts = source("claims")["category"][category]
        choice: str = self.rng.choice(texts["near"] if self.near and "near" in texts else texts["descriptions"])
        street = self.rng.choice(source("claims")["places"]["streets"])
        return choice.format_map({**self.words, "street": street})

    def _destination(self) -> str:
        return self.setting.town if self.near else str(self.words["city"])

    def _km(self) -> str:
        if self.near:
            return str(self.rng.randrange(4, 32))
        return str(2 * self.far + self.rng.randrange(-6, 9))

    def _receipt(self, category: str) -> Receipt:
        if category == "public_transport":
            cents = 2 * self.far * RAIL_CENTS_A_KM + self.rng.randrange(20, 400, 10)
            route = (self.setting.town, str(self.words["city"]))
            merchant, number = source("claims")["category"][category]["merchants"][0], self.rng.getrandbits(30)
            return Receipt(category, merchant, self.day, cents, number, self.setting.traveller, route)
        return (drawn if self.setting.recent else shared)(self.rng, category, self.day)
