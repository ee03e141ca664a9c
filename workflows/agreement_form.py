"""The form in which a draft of an agreement is changed: what was agreed as typed text, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from workflows.agreements import (
    BY_PRICE,
    DFA,
    DVO,
    LONGEST,
    LONGEST_LINE,
    MOST_PROCEDURES,
    MOST_STEPS,
    TEXTS,
    VARIANTS,
)
from workflows.kernel import Refusal, Refused
from workflows.money import MoneyError, parse_euro, plain
from workflows.parties import N_
from workflows.services import INDICATORS, plain_target, read_target

VOLUME = Refusal("agreement_volume_wrong", N_("Write how many a year as a whole number."))
AMOUNT = Refusal("agreement_amount_wrong", N_("Write an amount in euros, such as 12.50."))
STEP = Refusal("agreement_step_incomplete", N_("Fill in when, who and what of this step, or nothing of it."))
DAYS = Refusal("agreement_days_wrong", N_("Write within how many working days, from 1 to 99."))
PROCEDURE = Refusal("agreement_procedure_incomplete", N_("Fill in both the name and the procedure, or neither."))
TWICE = Refusal("agreement_procedure_twice", N_("Give each procedure a name of its own."))
TOO_LONG = Refusal("agreement_text_too_long", N_("Use 4,000 characters at most, and 200 on one line."))

Problems = list[tuple[str, Refusal]]
_WHOLE = re.compile(r"\d{1,7}")


def typed(kind: str, content: Mapping[str, Any], *, decimal_comma: bool = True) -> dict[str, str]:
    """What stands in the form, by field, for what was agreed."""
    return dict(_typed(kind, content, decimal_comma))


def _typed(kind: str, content: Mapping[str, Any], comma: bool) -> Iterator[tuple[str, str]]:
    for key, text in content["texts"].items():
        yield f"text-{key}", text
    if kind == DVO:
        for key, volume in content["services"].items():
            yield f"volume-{key}", str(volume)
        for key, target in content["targets"].items():
            yield f"target-{key}", target.replace(".", ",") if comma else target
        for place, step in enumerate(content["steps"]):
            yield from ((f"step-{place}-{name}", str(step[name])) for name in ("when", "who", "what", "days"))
    elif kind == DFA:
        yield "variant", content["variant"]
        for name in ("advance", "startup"):
            yield name, plain(content[f"{name}_cents"], comma)
        for key, row in content["prices"].items():
            yield from ((f"price-{key}", plain(row["cents"], comma)), (f"volume-{key}", str(row["volume"])))
    else:
        for place, row in enumerate(content["procedures"]):
            yield from ((f"title-{place}", row["title"]), (f"procedure-{place}", row["text"]))


def read(
    kind: str, field: Callable[[str], str], services: Sequence[str], *, decimal_comma: bool = True
) -> tuple[dict[str, Any], Problems]:
    """What was agreed, of what was typed in each field, and what is wrong with it, by field.

    `services` are those that can stand in a DVO, taken when a number is filled in, or that a DFA has prices of.
    """
    reader = _Reader(field, services, decimal_comma)
    content = {DVO: reader.dvo, DFA: reader.dfa}.get(kind, reader.dap)()
    content["texts"] = {key: reader.text(f"text-{key}", LONGEST) for key in TEXTS[kind]}
    return content, reader.problems


class _Reader:
    def __init__(self, field: Callable[[str], str], services: Sequence[str], comma: bool) -> None:
        self._field, self._services, self._comma = field, services, comma
        self.problems: Problems = []

    def dvo(self) -> dict[str, Any]:
        chosen = [key for key in self._services if self._field(f"volume-{key}").strip()]
        return {
            "services": {key: self._whole(f"volume-{key}") for key in chosen},
            "targets": dict(self._targets()),
            "steps": [step for place in range(MOST_STEPS) if (step := self._step(f"step-{place}"))],
        }

    def dfa(self) -> dict[str, Any]:
        variant = self._field("variant")
        return {
            "variant": variant if variant in VARIANTS else BY_PRICE,
            "prices": {
                key: {"cents": self._cents(f"price-{key}"), "volume": self._whole(f"volume-{key}")}
                for key in self._services
            },
            "advance_cents": self._cents("advance"),
            "startup_cents": self._cents("startup"),
        }

    def dap(self) -> dict[str, Any]:
        rows: list[dict[str, str]] = []
        for place in range(MOST_PROCEDURES):
            title, text = self.text(f"title-{place}", LONGEST_LINE), self.text(f"procedure-{place}", LONGEST)
            if bool(title) != bool(text):
                self.problems.append((f"procedure-{place}" if title else f"title-{place}", PROCEDURE))
            elif title in (row["title"] for row in rows):
                self.problems.append((f"title-{place}", TWICE))
            elif title:
                rows.append({"title": title, "text": text})
        return {"procedures": rows}

    def text(self, name: str, longest: int) -> str:
        found = self._field(name).replace("\r\n", "\n").replace("\x00", "").strip()
        if len(found) > longest:
            self.problems.append((name, TOO_LONG))
        return found

    def _step(self, name: str) -> dict[str, Any] | None:
        said = {part: self.text(f"{name}-{part}", LONGEST_LINE * 2) for part in ("when", "who", "what")}
        typed_days = self._field(f"{name}-days").strip()
        if not any(said.values()) and not typed_days:
            return None
        empty = next((part for part, text in said.items() if not text), None)
        if empty:
            self.problems.append((f"{name}-{empty}", STEP))
        days = int(typed_days) if _WHOLE.fullmatch(typed_days) else 0
        if not 1 <= days <= 99:
            self.problems.append((f"{name}-days", DAYS))
        return {**said, "days": days}

    def _targets(self) -> Iterator[tuple[str, str]]:
        for key in INDICATORS:
            text = self._field(f"target-{key}").strip()
            try:
                if text:
                    yield key, plain_target(read_target(key, text))
            except Refused as refused:
                self.problems += [(f"target-{key}", refusal) for refusal in refused.refusals]

    def _whole(self, name: str) -> int:
        text = self._field(name).strip().replace(".", "")
        if not _WHOLE.fullmatch(text):
            self.problems.append((name, VOLUME))
            return 0
        return int(text)

    def _cents(self, name: str) -> int:
        try:
            return parse_euro(self._field(name) or "0", decimal_comma=self._comma)
        except MoneyError:
            self.problems.append((name, AMOUNT))
            return 0
