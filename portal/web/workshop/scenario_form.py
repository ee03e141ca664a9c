"""The simple form of a scenario: its commonest values, each at its place in the file, and what is wrong beside it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request

from portal import i18n
from portal.web.admin.forms import Box
from portal.workshop.changing import changed
from portal.workshop.places import Path
from portal.workshop.reading import read_text
from portal.workshop.scenario import Scenario
from portal.workshop.typed import BadScenario, Wrong
from workflows.parties import N_

TEXT, LONG, NUMBER, DATE = "text", "long", "number", "date"


@dataclass
class Spot:
    """One value of the file that the form can change. `about` says of what, where that is not plain."""

    path: Path
    label: str
    kind: str
    present: Any
    box: Box
    about: str = ""

    @property
    def typed(self) -> str | int | float | date:
        """What was typed, as the file has it; what is no number stays text, and reading says so."""
        text = self.box.data.replace("\r\n", "\n").strip()
        if self.kind == NUMBER and re.fullmatch(r"-?\d{1,6}([.,]\d{1,4})?", text):
            number = text.replace(",", ".")
            return float(number) if "." in number else int(number)
        if self.kind == DATE:
            try:
                return date.fromisoformat(text)
            except ValueError:
                return text
        return text


WHOLE = (
    (("title",), N_("Title in Dutch"), TEXT), (("title_en",), N_("Title in English"), TEXT),
    (("about",), N_("What it is about, in Dutch"), LONG), (("about_en",), N_("What it is about, in English"), LONG),
    (("start",), N_("First day of the story, a Monday"), DATE), (("days",), N_("Working days in a round"), NUMBER),
    (("minutes_a_day",), N_("Minutes on the wall for a working day"), NUMBER),
    (("people",), N_("How many people usually play"), NUMBER),
)  # fmt: skip
HABITS = (
    ("reaction_hours", N_("Hours until they look at something"), NUMBER),
    ("handling_minutes", N_("Minutes that they work on it"), NUMBER),
    ("error_rate", N_("Part that they do wrong, from 0 to 1"), NUMBER),
)
INJECT = (("day", N_("Day (0: when you want)"), NUMBER), ("hour", N_("Hour"), TEXT))
CARD = (
    ("title", N_("Title in Dutch"), TEXT), ("title_en", N_("Title in English"), TEXT),
    ("text", N_("What stands on it, in Dutch"), LONG), ("text_en", N_("What stands on it, in English"), LONG),
    ("day", N_("Day (0: only with an inject)"), NUMBER), ("hour", N_("Hour"), TEXT),
)  # fmt: skip
ASKED = (
    ("purpose", N_("What the claim is about"), TEXT), ("asked", N_("The question"), LONG),
    ("answer", N_("The answer"), LONG),
    ("number", N_("Number of the invoice"), TEXT), ("description", N_("Description"), TEXT),
    ("amount", N_("Amount that is typed"), TEXT), ("km", N_("Kilometres, there and back"), NUMBER),
    ("merchant", N_("Shop on the receipt"), TEXT),
)  # fmt: skip
AMOUNT_ON_IT = N_("Amount on the receipt")


def spots_of(text: str) -> list[Spot]:
    """What of the whole can be changed in the simple form."""
    found = tomllib.loads(text)
    spots = [_spot(path, label, kind, found.get(path[0])) for path, label, kind in WHOLE]
    for key, role in found.get("roles", {}).items():
        spots += [_spot(("roles", key, name), label, kind, role.get(name), _said(role, "name", key))
                  for name, label, kind in HABITS if name in role]  # fmt: skip
    for place, inject in enumerate(found.get("injects", [])):
        spots += [_spot(("injects", place, name), label, kind, inject.get(name, 0 if name == "day" else "9:00"),
                        _said(inject, "title")) for name, label, kind in INJECT]  # fmt: skip
    return spots


def spots_of_card(text: str, key: str) -> list[Spot]:
    """What of one card can be changed in the simple form; empty when there is no such card."""
    for place, card in enumerate(tomllib.loads(text).get("cards", [])):
        if card.get("key") == key:
            spots = [_spot(("cards", place, name), label, kind, card.get(name, "")) for name, label, kind in CARD]
            return [*spots, *_asked(("cards", place, "form"), card.get("form", {}), "")]
    return []


def _asked(path: Path, form: Mapping[str, Any], about: str) -> Iterator[Spot]:
    for name, label, kind in ASKED:
        if name in form:
            at_receipt = path[-1] == "receipt" and name == "amount"
            yield _spot((*path, name), AMOUNT_ON_IT if at_receipt else label, kind, form[name], about)
    for place, line in enumerate(form.get("lines", [])):
        number = i18n.gettext(N_("Line %(number)s"), number=place + 1)
        yield from _asked((*path, "lines", place), line, number)
        yield from _asked((*path, "lines", place, "receipt"), line.get("receipt", {}), number)


def _said(table: Mapping[str, Any], name: str, otherwise: str = "") -> str:
    other = table.get(f"{name}_en") if i18n.language() == "en" else None
    return str(other or table.get(name) or otherwise)


def _spot(path: Path, label: str, kind: str, present: Any, about: str = "") -> Spot:
    name = ".".join(map(str, path))
    data = request.form.get(name, "") if request.method == "POST" else _shown(present)
    return Spot(path, label, kind, present, Box(name, data, name), about)


def _shown(present: Any) -> str:
    if isinstance(present, float):
        return f"{present:g}".replace(".", "," if i18n.language() == "nl" else ".")
    return "" if present is None else str(present)


def with_changes(text: str, spots: list[Spot]) -> str:
    """The text with everything that was typed otherwise than it stood."""
    for spot in spots:
        typed = spot.typed
        if typed != ("" if spot.present is None else spot.present):
            text = changed(text, spot.path, typed)
    return text


def judged(text: str, key: str, spots: list[Spot]) -> tuple[Scenario | None, list[Wrong]]:
    """The scenario in the text; else what is wrong with it: beside the field where it has one, the rest is returned."""
    try:
        return read_text(text, key), []
    except BadScenario as refused:
        boxes = {spot.path: spot.box for spot in spots}
        others = []
        for one in refused.wrongs:
            if one.path in boxes:
                boxes[one.path].errors.append(i18n.say(one.sentence, one.values))
            else:
                others.append(one)
        return None, others
