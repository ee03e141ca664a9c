"""From what was typed to what is claimed: reading the form into lines with amounts, and the facts others need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from workflows.expense_claim import foreign, statements
from workflows.expense_claim.categories import CATEGORIES, VAT_RATES, Category
from workflows.expense_claim.form import MOST_LINES
from workflows.expense_claim.judging import judged
from workflows.expense_claim.statements import Statements
from workflows.fields import Reader
from workflows.filling import Facts, FillingIn, LineFacts, Problem
from workflows.money import times, vat_from_gross
from workflows.parties import N_

BY_POST = "receipts_by_post"
"""The policy by which receipts may come after the claim was handed in, on paper."""
UNITS: Mapping[str, tuple[str, int, bool, str]] = {
    #          field, most, whole number, when empty
    "own_car": ("km", 2000, False, N_("Fill in the kilometres.")),
    "commuting": ("km", 400, False, N_("Fill in the kilometres.")),
    "home_working": ("days", 31, True, N_("Fill in the number of days.")),
}


def _employed(on: date, spells: tuple[tuple[date, date | None], ...]) -> bool:
    return any(start <= on and (end is None or on <= end) for start, end in spells)


def _not_here(reader: Reader, field: str, day: date, filling: FillingIn) -> None:
    """Say that the expense is not of this employer, and whose it is."""
    others = [name for name, start, end in filling.elsewhere if _employed(day, ((start, end),))]
    if others:
        reader.wrong(
            field, "employed_elsewhere",
            N_("On this day you worked for %(employer)s. Put this expense on a claim for that employer."),
            employer=", ".join(others),
        )  # fmt: skip
    else:
        reader.wrong(field, "not_employed", N_("You were not employed here on this day."))


def _priced(
    reader: Reader, at: str, entry: Any, category: Category, day: date | None, filling: FillingIn
) -> dict[str, Any]:
    """A line that is paid by a rate: quantity times the rate in force on the day itself."""
    field, most, whole, empty = UNITS[category.key]
    quantity = reader.quantity(f"{at}-{field}", entry[field].data, most=most, whole=whole, empty=empty)
    if quantity is None or day is None:
        return {}
    row = filling.policies.at(category.rate or "", day)
    if row is None:
        reader.wrong(f"{at}-date", "no_rate", N_("No rate was agreed for this day. Ask the SSC."))
        return {}
    return {
        field: str(quantity),
        "claimed_cents": times(quantity, row.number),
        "rate": row.value,
        "rate_from": row.valid_from.isoformat(),
        "rate_source": row.source,
    }


def _spent(reader: Reader, at: str, entry: Any, category: Category) -> dict[str, Any]:
    """A line that is paid by its receipt: the gross amount, with the VAT that is in it."""
    cents = reader.cents(f"{at}-amount", entry["amount"].data)
    vat = entry["vat"].data or category.vat
    if vat not in VAT_RATES:
        reader.wrong(f"{at}-vat", "vat_unknown", N_("Choose a VAT rate from the list."))
        vat = category.vat
    if cents is None:
        return {}
    return {"claimed_cents": cents, "vat_percent": vat, "vat_cents": vat_from_gross(cents, Decimal(vat))}


def _texts(reader: Reader, at: str, entry: Any, category: Category) -> dict[str, Any]:
    found = {
        "description": reader.text(
            f"{at}-description", entry["description"].data, required=N_("Say in a few words what it was for.")
        )
    }
    if "origin" in category.fields:
        found["origin"] = reader.text(f"{at}-origin", entry["origin"].data, required=N_("Fill in where you left from."))
        found["destination"] = reader.text(
            f"{at}-destination", entry["destination"].data, required=N_("Fill in where you went to.")
        )
    if "persons" in category.fields:
        empty = N_("Fill in for how many people it was.")
        persons = reader.quantity(f"{at}-persons", entry["persons"].data, most=200, whole=True, empty=empty)
        found["persons"] = str(persons or "")
    return found


def _line(reader: Reader, at: str, entry: Any, filling: FillingIn, signing: Statements) -> dict[str, Any]:
    category = CATEGORIES.get(entry["category"].data or "")
    key = entry["key"].data or ""
    day = reader.day(f"{at}-date", entry["date"].data, today=filling.today)
    if day is not None and not _employed(day, filling.employed):
        _not_here(reader, f"{at}-date", day, filling)
    if category is None:
        reader.wrong(f"{at}-category", "category_empty", N_("Choose what you spent it on."))
        return {}
    found = _texts(reader, at, entry, category)
    if category.rate:
        found |= _priced(reader, at, entry, category, day, filling)
    elif entry["currency"].data:
        found |= foreign.spent(reader, at, entry, day, filling)
    else:
        found |= _spent(reader, at, entry, category)
    documents = filling.documents.get(key, ())
    bare = category.receipt and len(documents) == len(foreign.proofs(documents))
    if bare and statements.is_typed(entry):
        found |= signing.read(at, entry, day)
    elif bare and filling.policies.number(BY_POST, filling.today):
        found["by_post"] = True
    elif bare:
        reader.wrong(f"{at}-receipt", "receipt_missing", N_("Add the receipt: a photo or a PDF."))
    return {
        "key": key,
        "category": category.key,
        "date": day.isoformat() if day else "",
        "sanctioned_cents": found.get("claimed_cents", 0),
        "documents": [dict(document) for document in documents],
        **found,
    }


def read(form: Any, filling: FillingIn) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """Understand a filled-in claim. Returns its content (as far as it can be read) and everything wrong with it."""
    reader = Reader(filling.language)
    purpose = reader.text("purpose", form.purpose.data, required=N_("Say in a few words what this claim is about."))
    cost_centre = reader.text("cost_centre", form.cost_centre.data, limit=20)
    entries = list(form.lines)
    if len(entries) > MOST_LINES:
        reader.wrong("lines", "too_many_lines", N_("Put at most %(most)s lines on one claim."), most=MOST_LINES)
    signing = Statements(reader, filling)
    lines = [
        _line(reader, f"lines-{index}", entry.form, filling, signing)
        for index, entry in enumerate(entries[:MOST_LINES])
    ]
    lines = judged(reader, lines, [entry.form["late_reason"].data for entry in entries], filling)
    keys = [line["key"] for line in lines if line]
    if not entries or not all(keys) or len(set(keys)) != len(keys):
        reader.wrong("lines", "lines_missing", N_("Add at least one expense."))
    content = {"purpose": purpose, "cost_centre": cost_centre, "lines": [line for line in lines if line]}
    return content, tuple(reader.problems)


def claimed(content: Mapping[str, Any]) -> int:
    """The sum that is claimed, in cents."""
    return sum(line.get("claimed_cents", 0) for line in content.get("lines", ()))


def sanctioned(content: Mapping[str, Any]) -> int:
    """The sum that will be paid, in cents."""
    return sum(line.get("sanctioned_cents", 0) for line in content.get("lines", ()))


def facts_of(content: Mapping[str, Any]) -> Facts:
    """What the queue, the payments and the reports read of a claim."""
    days = sorted(line["date"] for line in content.get("lines", ()) if line.get("date"))
    return Facts(
        title=content.get("purpose", ""),
        claimed_cents=claimed(content),
        sanctioned_cents=sanctioned(content),
        cost_centre=content.get("cost_centre", ""),
        period_from=date.fromisoformat(days[0]) if days else None,
        period_to=date.fromisoformat(days[-1]) if days else None,
    )


def lines_of(content: Mapping[str, Any]) -> tuple[LineFacts, ...]:
    """The lines as others know them."""
    return tuple(
        LineFacts(
            line["key"],
            line["category"],
            date.fromisoformat(line["date"]),
            line["claimed_cents"],
            line["sanctioned_cents"],
            days=int(line.get("days", 1)),
            text=line["description"] if CATEGORIES[line["category"]].receipt else "",
            stands=not line.get("outcome"),
            apart=CATEGORIES[line["category"]].apart if int(line.get("days", 1)) == 1 else "",
        )
        for line in content.get("lines", ())
    )
