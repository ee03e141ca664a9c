"""How alike two invoices are, as a pure function of what each says: a score with the reasons it was given for.

No single key tells a duplicate: it comes by mail and on paper, is typed over, goes to two municipalities or is of two
records of one supplier. So each thing that is the same adds to a score.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

ENOUGH = 60
"""From this score on a clerk looks. A subscription of every month stays below it: another number, another day."""
WEIGHTS: Mapping[str, int] = {"supplier": 30, "number": 40, "date": 15, "amount": 15, "iban": 10}
PARTS: Mapping[str, int] = {"supplier": 15, "number": 25}
"""What it adds when it is only nearly the same."""

_RUNS = re.compile(r"[0-9]+|[A-Z]+")
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "S": "5", "B": "8"})
SHORTEST = 4
"""A shorter number is no part of another by anything but chance."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What an invoice is known by. `suppliers` are the records of its supplier, `name` their name as it is compared;
    `credit` tells a credit note from an invoice."""

    number: str
    issued: date | None
    cents: int
    iban: str = ""
    name: str = ""
    suppliers: frozenset[int] = frozenset()
    credit: bool = False


def plain_number(number: str) -> str:
    """The number of an invoice as it is compared: without signs between, leading zeros and what is easily misread."""
    runs = _RUNS.findall(number.upper())
    return "".join(run.lstrip("0") or "0" if run.isdigit() else run for run in runs).translate(_MISREAD)


def _numbers(one: str, other: str) -> int:
    if not one or not other:
        return 0
    if one == other:
        return WEIGHTS["number"]
    short, long = sorted((one, other), key=len)
    near = len(short) >= SHORTEST and (long.endswith(short) or long.startswith(short))
    return PARTS["number"] if near else 0


def score(one: Bill, other: Bill) -> tuple[int, tuple[str, ...]]:
    """How alike they are, from 0 to 100, and in what. The order does not matter; a credit note is no invoice."""
    if one.credit != other.credit:
        return 0, ()
    same = {
        "supplier": WEIGHTS["supplier"] if one.suppliers & other.suppliers
        else PARTS["supplier"] if one.name and one.name == other.name else 0,
        "number": _numbers(plain_number(one.number), plain_number(other.number)),
        "date": WEIGHTS["date"] if one.issued is not None and one.issued == other.issued else 0,
        "amount": WEIGHTS["amount"] if one.cents == other.cents else 0,
        "iban": WEIGHTS["iban"] if one.iban and one.iban == other.iban else 0,
    }  # fmt: skip
    return min(100, sum(same.values())), tuple(name for name, points in same.items() if points)


def no_bill(content: Mapping[str, Any]) -> Bill | None:
    """By what a case is held against all invoices: nothing, for a kind of case that pays none."""
    return None
