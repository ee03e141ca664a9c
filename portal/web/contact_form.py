"""The form of a contact as it is typed, kept and read: any number of questions, each with a number in its names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.commands.contact import MOST_QUESTIONS, Asked, Spoken
from portal.web.sent import whole

PARTS = ("subject", "asked", "answer", "outcome", "call_on", "case")
SHARED = ("channel", "line", "caller", "client_key")
_FIELD = re.compile(rf"({'|'.join(PARTS)})-(\d{{1,2}})")


def kept(sent: Mapping[str, str]) -> dict[str, str]:
    """What belongs to the form, as typed; without signs that no database keeps."""
    return {
        name: value.replace("\x00", "")
        for name, value in sent.items()
        if name in SHARED or ((match := _FIELD.fullmatch(name)) and int(match[2]) < MOST_QUESTIONS)
    }


def numbers(typed: Mapping[str, str]) -> list[int]:
    """The numbers of the questions on the form; there is always a first one."""
    return sorted({0} | {int(match[2]) for match in map(_FIELD.fullmatch, typed) if match})


def renumbered(typed: Mapping[str, str], without: int | None = None) -> dict[str, str]:
    """The same form with its questions numbered from 0 on, one of them left out."""
    new = {name: typed[name] for name in SHARED if name in typed}
    for to, number in enumerate(n for n in numbers(typed) if n != without):
        new |= {f"{part}-{to}": typed[f"{part}-{number}"] for part in PARTS if f"{part}-{number}" in typed}
    return new


def with_one_more(typed: Mapping[str, str]) -> dict[str, str]:
    """The form with an empty question behind the others, as long as there may be one."""
    new = renumbered(typed)
    count = len(numbers(new))
    return new if count >= MOST_QUESTIONS else {**new, f"asked-{count}": "", f"outcome-{count}": "answered"}


def read(typed: Mapping[str, str], person_id: int | None, cases: Mapping[str, int]) -> Spoken:
    """What was taken down. `cases` are the numbers that may be chosen, with their keys; another is as if none."""
    questions = tuple(
        Asked(
            subject=typed.get(f"subject-{n}", ""),
            asked=typed.get(f"asked-{n}", ""),
            answer=typed.get(f"answer-{n}", ""),
            outcome=typed.get(f"outcome-{n}", ""),
            case_id=cases.get(typed.get(f"case-{n}", "")),
            call_on=day_in(typed.get(f"call_on-{n}", "")),
        )
        for n in numbers(typed)
    )
    return Spoken(
        channel=typed.get("channel", ""), line=whole(typed.get("line", "")) or 0, questions=questions,
        person_id=person_id, caller=typed.get("caller", ""), client_key=typed.get("client_key", "")[:64] or None,
    )  # fmt: skip


def day_in(text: str) -> date | None:
    """The day in this text, as a browser sends it; nothing is no day, and what is none is one long past."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return date.min


@dataclass(frozen=True)
class Fields:
    """The form for its template: what was typed, and what is wrong beside it."""

    typed: Mapping[str, str]
    wrong: Mapping[str, str]

    @property
    def questions(self) -> list[int]:
        """The numbers of the questions."""
        return numbers(self.typed)

    def of(self, name: str, number: int | None = None) -> dict[str, Any]:
        """One field as the macros of forms want it."""
        key = name if number is None else f"{name}-{number}"
        errors = [self.wrong[key]] if key in self.wrong else []
        return {"id": key, "name": key, "data": self.typed.get(key, ""), "errors": errors}

    @property
    def all_wrong(self) -> list[dict[str, Any]]:
        """Every field with something wrong, in the order of the form."""
        order = ["channel", "line", "caller", *(f"{part}-{n}" for n in self.questions for part in PARTS)]
        return [self.of(key) for key in order if key in self.wrong]
