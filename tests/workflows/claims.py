"""Filled-in claim forms to read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from workflows.expense_claim import EXPENSE_CLAIM
from workflows.expense_claim.form import ClaimForm
from workflows.filling import FillingIn, Problem
from workflows.policies import PolicyBook, PolicyRow

TODAY = date(2026, 11, 24)
RECEIPT = {"id": 1, "sha256": "0" * 64, "name": "bon.jpg"}
POLICIES = PolicyBook(
    (
        PolicyRow("rate_km_cents", "21", date(2023, 1, 1), date(2023, 12, 31), "Cao 2023"),
        PolicyRow("rate_km_cents", "23", date(2024, 1, 1), None, "Cao 2024"),
        PolicyRow("rate_home_cents", "240", date(2025, 1, 1), None, "Cao 2025"),
    )
)
ALWAYS = ((date(2010, 1, 1), None),)

PARKING = {"category": "parking", "date": "2026-11-20", "description": "Rechtbank", "amount": "12,50"}
TRAIN = {
    "category": "public_transport", "date": "2026-11-19", "description": "Trein", "origin": "Waterveen",
    "destination": "Utrecht", "amount": "18,40",
}  # fmt: skip
CAR = {
    "category": "own_car", "date": "2026-11-20", "description": "Bezoek", "origin": "Waterveen",
    "destination": "Duinrade", "km": "84",
}  # fmt: skip
HOME = {"category": "home_working", "date": "2026-11-20", "description": "Thuis", "days": "3"}
MEAL = {"category": "meal", "date": "2026-11-20", "description": "Lunch", "persons": "4", "amount": "48,60"}


def typed(*lines: Mapping[str, str], purpose: str = "Zitting", cost_centre: str = "1100") -> dict[str, str]:
    """The form's fields by name; a line without a key gets one."""
    fields = {"purpose": purpose, "cost_centre": cost_centre}
    for index, line in enumerate(lines):
        fields |= {f"lines-{index}-{name}": value for name, value in {"key": f"k{index}", **line}.items()}
    return fields


def filling(receipts: bool = True, **changed: Any) -> FillingIn:
    """What is known around the form; with a receipt at each of the first fifty lines unless told otherwise."""
    documents = {f"k{index}": (RECEIPT,) for index in range(50)} if receipts else {}
    return FillingIn(**{"today": TODAY, "policies": POLICIES, "employed": ALWAYS, "documents": documents} | changed)


def read(fields: Mapping[str, str], around: FillingIn | None = None) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """What the claim's own reader makes of these fields."""
    return EXPENSE_CLAIM.read(ClaimForm(MultiDict(fields)), around or filling())


def problems(*lines: Mapping[str, str], around: FillingIn | None = None, **head: str) -> set[tuple[str, str]]:
    """Which field has which problem."""
    return {(p.field, p.code) for p in read(typed(*lines, **head), around)[1]}
