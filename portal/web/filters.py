"""The filter of the queue as it stands in an address, in a form and in a saved view, and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal import i18n
from portal.models.people import Municipality, Person
from portal.queries.facets import Facets
from portal.queries.queue import ANY, FREE, ME, NONE, SUSPENDED, TAKEN, QueueFilter
from portal.web.sent import whole
from workflows import CASE_TYPES
from workflows.flags import FLAG_KINDS
from workflows.parties import N_

AGE_WORDS: Mapping[str, str] = {
    "late": N_("Over the norm"),
    "soon": N_("In danger today or tomorrow"),
    "week": N_("Came in over a week ago"),
    "month": N_("Came in over a month ago"),
    SUSPENDED: N_("Suspended"),
}
HOLDER_WORDS: Mapping[str, str] = {FREE: N_("Nobody yet"), ME: N_("Me"), TAKEN: N_("A clerk")}
FLAG_WORDS: Mapping[str, str] = {ANY: N_("With a signal"), NONE: N_("Without a signal")}


def read(sent: Mapping[str, str]) -> QueueFilter:
    """The filter in what was sent; what is no choice of ours is left out."""
    kind, age, holder = sent.get("soort", ""), sent.get("leeftijd", ""), sent.get("wie", ANY)
    return QueueFilter(
        municipality_id=whole(sent.get("gemeente", "")),
        type=kind if kind in CASE_TYPES else None,
        age=age if age in AGE_WORDS else "",
        flag=sent.get("signaal", "").strip()[:60],
        assignee=holder if holder in HOLDER_WORDS or whole(holder) is not None else ANY,
        text=sent.get("zoek", "").strip()[:100],
    )


def write(wanted: QueueFilter) -> dict[str, Any]:
    """The filter as it is sent: only what narrows. Reading this gives the same filter."""
    said = {
        "gemeente": "" if wanted.municipality_id is None else str(wanted.municipality_id),
        "soort": wanted.type or "",
        "leeftijd": wanted.age,
        "signaal": wanted.flag,
        "wie": "" if wanted.assignee == ANY else wanted.assignee,
        "zoek": wanted.text,
    }
    return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class Choice:
    """One choice of a filter; `count` is how many cases it would give, None where that is not counted."""

    value: str
    words: str
    count: int | None
    chosen: bool


@dataclass(frozen=True)
class Field:
    """One filter, as a list to choose from."""

    name: str
    label: str
    choices: list[Choice]


def fields(
    wanted: QueueFilter, counted: Facets, municipalities: Sequence[Municipality], clerks: Sequence[Person], me: int
) -> list[Field]:
    """Every filter with what each choice would give; what would give nothing is left out."""
    colleagues = {str(person.id): person.name for person in clerks if person.id != me}
    flags = {code: flag_label(code) for code in sorted(counted.flag, key=flag_label)}
    asked: list[tuple[str, str, Mapping[str, str], Mapping[str, int], str]] = [
        ("gemeente", N_("Municipality"), {str(place.id): place.name for place in municipalities},
         {str(key): count for key, count in counted.municipality.items()}, str(wanted.municipality_id or "")),
        ("soort", N_("Kind of case"), {key: i18n.gettext(kind.label) for key, kind in CASE_TYPES.items()},
         counted.type, wanted.type or ""),
        ("leeftijd", N_("How long"), _said(AGE_WORDS), counted.age, wanted.age),
        ("signaal", N_("Signals"), {**_said(FLAG_WORDS), **flags}, counted.flag, wanted.flag),
        ("wie", N_("With whom"), {**_said(HOLDER_WORDS), **colleagues}, counted.assignee, wanted.assignee),
    ]  # fmt: skip
    found = [
        Field(name, i18n.gettext(label), [
            Choice(value, words, counts.get(value), value == chosen)
            for value, words in choices.items()
            if counts.get(value) or value == chosen or value in FLAG_WORDS
        ])
        for name, label, choices, counts, chosen in asked
    ]  # fmt: skip
    return [field for field in found if len(field.choices) > 1 or any(choice.chosen for choice in field.choices)]


def _said(words: Mapping[str, str]) -> dict[str, str]:
    return {value: i18n.gettext(sentence) for value, sentence in words.items()}


def flag_label(code: str) -> str:
    """What people call a signal of this code; the code itself when nobody said."""
    kind = FLAG_KINDS.get(code)
    return i18n.gettext(kind.label) if kind else code
