"""What a dispute is about, and what a clerk makes of the line: by how many it should count, or at which amount."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.fields import Reader
from workflows.filling import Facts, FillingIn, Problem
from workflows.parties import N_
from workflows.quarters import first_day, is_quarter, last_day
from workflows.services import CASE

LONGEST = 2000
MOST = 10_000_000
Content = Mapping[str, Any]
ABOUT = (
    "settlement", "revision", "quarter", "code", "place", "line", "label", "cents", "quantity", "unit_cents", "unit",
    "apart",
)  # fmt: skip
"""What of the settlement is kept with the dispute, from when it was begun; nobody types it."""


def counted(content: Content) -> bool:
    """Whether the line is a count at a price, so that it is put right by its count."""
    return content.get("unit") == CASE and content.get("unit_cents") is not None


def read(form: Any, filling: FillingIn) -> tuple[Content, tuple[Problem, ...]]:
    """Understand a dispute. Returns its content (as far as it can be read) and everything wrong with it."""
    reader = Reader(filling.language)
    content: dict[str, Any] = {name: filling.content[name] for name in ABOUT if name in filling.content}
    if not content:
        reader.wrong("objection", "dispute_no_line", N_("Begin from the line of the settlement that you dispute."))
    objection = reader.text(
        "objection", form.objection.data, required=N_("Write what is not right: the SSC looks into it."), limit=LONGEST
    )
    typed, should_be = (form.should_be.data or "").strip(), None
    if typed:
        should_be = reader.cents("should_be", typed, zero=True)
    return {**content, "objection": objection, "should_be_cents": should_be}, tuple(reader.problems)


def facts_of(content: Content) -> Facts:
    """In lists a dispute is known by quarter, municipality and line."""
    quarter = content.get("quarter", "")
    if not is_quarter(quarter):
        return Facts()
    return Facts(
        title=f"{quarter} {content.get('place', '')}: {content.get('label', '')}",
        period_from=first_day(quarter), period_to=last_day(quarter),
    )  # fmt: skip


def correct(content: Content, typed: Mapping[str, str], language: str) -> tuple[Content, tuple[Problem, ...]]:
    """What the line must be: a count where it has a price for each, else an amount."""
    reader = Reader(language)
    if counted(content):
        field, text = "correct-quantity", "".join((typed.get("correct-quantity") or "").split())
        if not text:
            reader.wrong(field, "number_empty", N_("Fill in how many it should be."))
        elif not (text.isascii() and text.isdigit() and int(text[:12]) <= MOST):
            reader.wrong(field, "number_format", N_("Write a whole number."))
        else:
            return _changed(reader, field, content, int(text) * content["unit_cents"], int(text))
        return content, tuple(reader.problems)
    field = "correct-amount"
    cents = reader.cents(field, typed.get(field), zero=True)
    if cents is None:
        return content, tuple(reader.problems)
    return _changed(reader, field, content, cents, content.get("quantity"))


def _changed(
    reader: Reader, field: str, content: Content, cents: int, quantity: int | None
) -> tuple[Content, tuple[Problem, ...]]:  # fmt: skip
    if cents == content.get("cents"):
        reader.wrong(
            field, "dispute_same", N_("This is what the line says already. Reject the dispute if it is right.")
        )
    return {**content, "corrected_cents": cents, "corrected_quantity": quantity}, tuple(reader.problems)
