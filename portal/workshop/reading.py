"""From the text of a file to a scenario: all that is wrong with it is told at once, in words for a trainer.

Belongs here: which tables and names there are, and what must fit together. Does not belong here: what a scenario is
(`scenario.py`), how a card is filled in (`filling.py`), and the judging of single values (`typed.py`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from portal.access import Role
from portal.interfaces import toml_text
from portal.settings import Settings
from portal.workshop.cards_read import CardReader
from portal.workshop.places import places
from portal.workshop.scenario import (
    CARD_KINDS,
    CLOSES,
    GHOST,
    ILL,
    INJECT_KINDS,
    LEAST,
    MESSAGE,
    MOST,
    OPENS,
    RUSH,
    SKIPPED,
    Arrivals,
    CardPlan,
    Habits,
    InjectPlan,
    RolePlan,
    Round,
    Scenario,
    SeatPlan,
    Words,
)
from portal.workshop.typed import BadScenario, Findings, Table, Wrong
from seed.organisation import units_of
from seed.sources import source
from workflows.kernel import Refused
from workflows.parties import N_
from workflows.policy_keys import POLICY_KEYS
from workflows.policy_keys import read as policy_read

SHIPPED = Path(__file__).parents[2] / "seed" / "scenarios"
LONGEST_FILE = 400_000
NORMS = {"claim": 10, "leave": 5, "invoice": 30, "question": 5}
MOST_DAYS, MOST_MUNICIPALITY = 30, 80
_SYNTAX = N_("This line cannot be read: check quotes, brackets and the sign “=”. (%(said)s)")
_LINE = " (at line "


def scenarios(settings: Settings) -> list[Scenario]:
    """All scenarios that can be played: those that came along, and those kept here; one that is wrong is left out."""
    found = []
    for file in files(settings).values():
        try:
            found.append(read(file))
        except BadScenario:
            continue
    return found


def files(settings: Settings) -> dict[str, Path]:
    """The files with scenarios by their key: what came along first, then what is kept in the installation."""
    own = settings.instance / "scenarios"
    shipped = {file.stem: file for file in sorted(SHIPPED.glob("*.toml"))}
    return shipped | {file.stem: file for file in sorted(own.glob("*.toml")) if file.stem not in shipped}


def read(path: Path) -> Scenario:
    """The scenario in a file. Raises BadScenario with all that is wrong."""
    return read_text(path.read_text(errors="replace"), path.stem)


def read_text(text: str, key: str) -> Scenario:
    """The scenario in a text, which is to have this key. Raises BadScenario with all that is wrong."""
    if len(text) > LONGEST_FILE:
        raise BadScenario([Wrong("", None, N_("This file is too long for a scenario."))])
    found = _parsed(text)
    findings = Findings(places(text))
    scenario = _Reading(Table(found, (), findings), key).scenario()
    if findings.wrongs:
        raise BadScenario(sorted(findings.wrongs, key=lambda one: one.line or 0))
    assert scenario is not None  # noqa: S101 - without a day to begin on something was found wrong
    return scenario


def _parsed(text: str) -> Mapping[str, Any]:
    """What stands in a text of TOML."""
    try:
        return toml_text.loads(text)
    except tomllib.TOMLDecodeError as error:
        said, _, rest = str(error).partition(_LINE)
        line = rest.partition(",")[0]
        raise BadScenario([Wrong("", int(line) if line.isdigit() else None, _SYNTAX, {"said": said})]) from error


class _Reading:
    """Reads the whole, part by part; what is named in one part must be there in another."""

    def __init__(self, table: Table, key: str) -> None:
        self.table, self.key = table, key

    def scenario(self) -> Scenario | None:
        table = self.table
        title, about = table.words("title"), table.words("about")
        start, days = self._start(), table.whole("days", 3, MOST_DAYS)
        minutes = table.number("minutes_a_day", 0.25, 60, 2)
        people, seed = table.whole("people", LEAST, MOST, 12), table.whole("seed", 0, 10**6, 1)
        places_ = self._municipalities()
        roles = {str(one.path[-1]): self._role(one) for one in self._named("roles")}
        seats = self._seats(roles, dict(places_))
        rounds = self._rounds(roles)
        cards = self._cards(start or date(2026, 1, 5), days, roles, seats)
        injects = self._injects(days, seats, cards)
        arrivals, norms = self._arrivals(), self._norms()
        table.rest()
        if start is None:
            return None
        return Scenario(self.key, title, about, start, days, minutes, people, seed, tuple(places_.items()), roles,
                        seats, rounds, cards, injects, arrivals, norms)  # fmt: skip

    def _start(self) -> date | None:
        start = self.table.date("start")
        if start and start.weekday() != 0:
            self.table.tell("start", N_("The story begins on a Monday, and this is none."))
        if start and not 2024 <= start.year <= 2030:
            self.table.tell("start", N_("Choose a day in the years 2024 to 2030: no rates are known of other years."))
            return None
        return start

    def _named(self, key: str) -> list[Table]:
        """The tables in a table, each with a name of its own."""
        held = self.table.table(key)
        found = [held.table(name) for name in list(held.found)]
        if not found:
            self.table.tell(key, N_("Say at least one here."))
        return found

    def _municipalities(self) -> dict[str, int]:
        known = [row["code"] for row in source("organisation")["municipality"]]
        found: dict[str, int] = {}
        for one in self.table.tables("municipalities", 1):
            code = one.choice("code", known)
            people = one.whole("people", 6, MOST_MUNICIPALITY, 16)
            if code in found:
                one.tell("code", N_("“%(value)s” stands here twice."), value=code)
            if code:
                found[code] = people
            one.rest()
        return found

    def _role(self, one: Table) -> RolePlan:
        role = RolePlan(
            str(one.path[-1]), one.words("name"), one.words("is"), one.words("wants"), one.words("minds"),
            one.choices("grants", [role.value for role in Role]), one.flag("leads"), _habits(one, Habits()),
        )  # fmt: skip
        one.rest()
        return role

    def _seats(self, roles: Mapping[str, RolePlan], places_: Mapping[str, int]) -> tuple[SeatPlan, ...]:
        first = next(iter(places_), "")
        found: dict[str, SeatPlan] = {}
        later: list[tuple[Table, SeatPlan]] = []
        names: set[str] = set()
        for one in self.table.tables("seats", LEAST):
            key = one.text("key", most=40)
            code = one.choice("municipality", places_, first)
            unit = one.choice("unit", units_of(code, places_[code], host=code == first)) if code else ""
            seat = SeatPlan(
                key, one.choice("role", roles), one.text("name", most=60), one.text("title", most=60), code, unit,
                one.whole("from_people", 0, MOST, 0), one.text("otherwise", ""),
            )  # fmt: skip
            one.rest()
            if key in found:
                one.tell("key", N_("“%(value)s” stands here twice."), value=key)
            if (seat.name and " " not in seat.name) or seat.name in names:
                one.tell("name", N_("Give everybody a first and a last name of their own."))
            names.add(seat.name)
            found[key] = seat
            later.append((one, seat))
        self._fall_back(later, found)
        self._leaders(later, roles)
        return tuple(found.values())

    def _fall_back(self, seats: list[tuple[Table, SeatPlan]], found: Mapping[str, SeatPlan]) -> None:
        """Whoever is not there when few play has somebody who takes over, who is there sooner."""
        for one, seat in seats:
            if seat.otherwise and seat.otherwise not in found:
                one.unknown("otherwise", seat.otherwise, [key for key in found if key != seat.key])
            elif seat.from_people > LEAST and not seat.otherwise:
                one.tell("otherwise", N_("Say on which seat this work falls when fewer people play."))
            elif seat.otherwise and found[seat.otherwise].from_people >= max(seat.from_people, 1):
                one.tell("otherwise", N_("Choose a seat that is there with fewer people than this one."))
        if not any(seat.from_people <= LEAST for _, seat in seats):
            self.table.tell("seats", N_("At least one seat must be there with three people."))

    def _leaders(self, seats: list[tuple[Table, SeatPlan]], roles: Mapping[str, RolePlan]) -> None:
        led: set[tuple[str, str]] = set()
        for one, seat in seats:
            if seat.role in roles and roles[seat.role].leads:
                if (seat.municipality, seat.unit) in led:
                    one.tell("unit", N_("Somebody else leads this unit already."))
                led.add((seat.municipality, seat.unit))

    def _rounds(self, roles: Mapping[str, RolePlan]) -> tuple[Round, ...]:
        found = []
        for number, one in enumerate(self.table.tables("rounds", 1), start=1):
            habits = one.table("habits", needed=False)
            for name in list(habits.found):
                if name not in roles:
                    habits.unknown(name, name, roles)
            own = {
                name: _habits(habits.table(name), roles[name].habits, whole=True)
                for name in habits.found
                if name in roles
            }
            found.append(
                Round(number, one.words("title"), one.words("about"), _policies(one.table("policies", needed=False)),
                      one.flag("by_post"), one.whole("post_days", 1, 10, 2), own)
            )  # fmt: skip
            one.rest()
        return tuple(found)

    def _cards(
        self, start: date, days: int, roles: Mapping[str, RolePlan], seats: tuple[SeatPlan, ...]
    ) -> tuple[CardPlan, ...]:
        reader = CardReader(start, days, roles, seats)
        found: dict[str, CardPlan] = {}
        for one in self.table.tables("cards", 1):
            card = reader.card(one)
            if card.key in found:
                one.tell("key", N_("“%(value)s” stands here twice."), value=card.key)
            found[card.key] = card
        reader.together(found)
        return tuple(found.values())

    def _injects(
        self, days: int, seats: tuple[SeatPlan, ...], cards: tuple[CardPlan, ...]
    ) -> tuple[InjectPlan, ...]:  # fmt: skip
        found: dict[str, InjectPlan] = {}
        held = [card.key for card in cards if not card.day]
        for one in self.table.tables("injects"):
            kind = one.choice("kind", INJECT_KINDS)
            inject = InjectPlan(
                one.text("key", most=40), kind, one.words("title"), one.whole("day", 0, days, 0),
                one.hour("hour", "9:00", OPENS, CLOSES),
            )  # fmt: skip
            if kind == ILL:
                seat = one.choice("seat", [seat.key for seat in seats])
                inject = replace(inject, seat=seat, days=one.whole("days", 1, days, 2))
            elif kind == SKIPPED:
                inject = replace(inject, days=one.whole("days", 1, days, 2))
            elif kind in (RUSH, GHOST):
                inject = replace(inject, cards=one.choices("cards", held))
                if not one.found.get("cards"):
                    one.tell("cards", N_("Name the cards that come then: cards of which the day is 0."))
            elif kind == MESSAGE:
                inject = replace(inject, seat=one.choice("seat", [seat.key for seat in seats], ""))
            inject = replace(inject, text=one.words("text", *(() if kind == MESSAGE else ("",))))
            one.rest()
            if inject.key in found:
                one.tell("key", N_("“%(value)s” stands here twice."), value=inject.key)
            found[inject.key] = inject
        return tuple(found.values())

    def _arrivals(self) -> Arrivals:
        one = self.table.table("arrivals", needed=False)
        a_day = one.number("a_day", 0, 10, 0)
        hours = one.table("hours", needed=False)
        found = []
        for name in hours.found:
            weight = hours.number(name, 0, 100)
            if not name.isdigit() or not OPENS <= int(name) < CLOSES:
                hours.tell(name, N_("Name hours from 8 to 16 here, such as 9 = 3."))
            else:
                found.append((int(name), weight))
        one.rest()
        if found and not any(weight for _, weight in found):
            one.tell("hours", N_("In at least one hour something must come in."))
        return Arrivals(a_day, tuple(found)) if found else Arrivals(a_day)

    def _norms(self) -> Mapping[str, int]:
        one = self.table.table("norms", needed=False)
        norms = {kind: one.whole(kind, 1, 365, NORMS[kind]) for kind in CARD_KINDS}
        one.rest()
        return norms


def _habits(one: Table, usual: Habits, *, whole: bool = False) -> Habits:
    found = Habits(
        one.number("reaction_hours", 0, 200, usual.reaction_hours),
        one.number("handling_minutes", 0, 480, usual.handling_minutes),
        one.number("error_rate", 0, 1, usual.error_rate),
    )
    if whole:
        one.rest()
    return found


def _policies(one: Table) -> Mapping[str, str]:
    """What is agreed in a round, typed as in the portal: amounts in euros between quotes, else numbers."""
    found = {}
    for name in one.found:
        if name not in POLICY_KEYS:
            one.unknown(name, name, POLICY_KEYS)
            continue
        value = one.found[name]
        text = "10"[not value] if isinstance(value, bool) else str(value)
        try:
            found[name] = policy_read(POLICY_KEYS[name], text, decimal_comma=isinstance(value, str))
        except Refused as refused:
            for why in refused.refusals:
                one.tell(name, why.sentence, **dict(why.values))
    return found


def english_missing(scenario: Scenario) -> list[str]:
    """What is said in Dutch alone, for those who want it in both languages."""
    said: list[tuple[str, Words]] = [("title", scenario.title), ("about", scenario.about)]
    for role in scenario.roles.values():
        said += [(f"{role.key} {name}", words) for name, words in
                 (("name", role.name), ("is", role.is_), ("wants", role.wants), ("minds", role.minds))]  # fmt: skip
    for one in scenario.rounds:
        said += [(f"round {one.number}", one.title), (f"round {one.number}", one.about)]
    for card in scenario.cards:
        said += [(card.key, card.title), (card.key, card.text)]
        said += [(card.key, card.planted.what)] if card.planted else []
    for inject in scenario.injects:
        said += [(inject.key, inject.title), (inject.key, inject.text)]
    return [where for where, words in said if words.nl and not words.en]
