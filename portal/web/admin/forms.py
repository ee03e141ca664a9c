"""Forms of administration: what was typed, kept beside what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from flask import request

from portal import i18n
from portal.web.sent import whole
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

DAY_WRONG = Refusal("day_wrong", N_("This is not a date. Write it as 2026-03-31."))

Choices = Iterable[tuple[object, str]]


@dataclass
class Box:
    """One field, in the shape that the macros of forms draw."""

    name: str
    data: str = ""
    id: str = ""
    errors: list[str] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)

    def iter_choices(self) -> Iterable[tuple[str, str, bool]]:
        """The choices with which one is made."""
        return [(value, label, value == self.data) for value, label in self.choices]


class Form:
    """One form on a page, known by its `key`: filled with what was typed when it was the one sent, else with what is.

    Several forms stand on a page: the hidden field `form` says which was sent. A box has the name of its field and an
    id that is its own on the page.
    """

    def __init__(self, key: str, **present: object) -> None:
        self.key = key
        self.sent = request.method == "POST" and request.form.get("form") == key
        self._present = {name: "" if value is None else str(value) for name, value in present.items()}
        self._boxes: dict[str, Box] = {}
        self.others: list[str] = []

    def __getitem__(self, name: str) -> Box:
        if name not in self._boxes:
            data = request.form.get(name, "") if self.sent else self._present.get(name, "")
            self._boxes[name] = Box(name, data, f"{self.key}-{name}")
        return self._boxes[name]

    def offer(self, name: str, choices: Choices) -> Form:
        """Give a field its choices."""
        self[name].choices = [(str(value), label) for value, label in choices]
        return self

    def text(self, name: str) -> str:
        """What was typed in a field."""
        return self[name].data

    def number(self, name: str) -> int | None:
        """The key that was chosen; None when nothing was."""
        return whole(self[name].data)

    def day(self, name: str) -> date | None:
        """The day that was typed; None when nothing was. Raises Refused when it is none."""
        text = self[name].data.strip()
        if not text:
            return None
        try:
            found = date.fromisoformat(text)
        except ValueError:
            found = date.min
        if not 1900 < found.year < 2200:
            self[name].errors.append(i18n.gettext(DAY_WRONG.sentence))
            raise Refused(DAY_WRONG)
        return found

    def blame(self, refused: Refused, where: Mapping[str, str], otherwise: str = "") -> None:
        """Put each refusal beside its field; one that has none goes to `otherwise`, or above the form."""
        for refusal in refused.refusals:
            sentence = i18n.say(refusal.sentence, refusal.values)
            place = where.get(refusal.code, otherwise)
            if refusal is DAY_WRONG:
                continue
            if place:
                self[place].errors.append(sentence)
            else:
                self.others.append(sentence)

    @property
    def wrong(self) -> list[Box]:
        """The fields with which something is wrong, as the summary wants them."""
        return [box for box in self._boxes.values() if box.errors]
