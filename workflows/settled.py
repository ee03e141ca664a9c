"""A settlement as plain data: its sums, finding things in it, putting a line right, and what differs from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


def summed(said: dict[str, Any]) -> dict[str, Any]:
    """The same with its sums: what each owes, less the advance, is what is still due, or comes back."""
    for account in said["accounts"]:
        account["owed_cents"] = sum(line["cents"] for line in account["lines"])
        account["due_cents"] = account["owed_cents"] - account["advance_cents"]
    for name in ("owed", "advance", "due"):
        said[f"{name}_cents"] = sum(account[f"{name}_cents"] for account in said["accounts"])
    # What is charged above the costs, or below: for the account of the SSC.
    said["over_cents"] = said["owed_cents"] - said["costs_cents"]
    return said


@dataclass(frozen=True, slots=True)
class Correction:
    """What one line of one municipality must be, why, and in which case that was decided."""

    place: str
    line: str
    cents: int
    quantity: int | None
    reason: str
    number: str = ""


def corrected(said: Mapping[str, Any], correction: Correction) -> dict[str, Any]:
    """The figures with one line put right, that says what it was. Nobody else pays for it: it is the SSC's.

    KeyError where there is no such line.
    """
    accounts, hit = [], False
    for account in said["accounts"]:
        held = []
        for line in account["lines"]:
            if (account["code"], line["key"]) == (correction.place, correction.line):
                hit = True
                line = line | {  # noqa: PLW2901 - the same line, put right
                    "cents": correction.cents, "quantity": correction.quantity, "was_cents": line["cents"],
                    "was_quantity": line["quantity"], "reason": correction.reason, "dispute": correction.number,
                }  # fmt: skip
            held.append(dict(line))
        accounts.append({**account, "lines": held})
    if not hit:
        raise KeyError(correction.line)
    return summed({**said, "accounts": accounts})


def account_of(said: Mapping[str, Any], code: str) -> Mapping[str, Any] | None:
    """What one municipality owes; None where it took no part."""
    return next((account for account in said["accounts"] if account["code"] == code), None)


def line_of(said: Mapping[str, Any], code: str, key: str) -> Mapping[str, Any] | None:
    """One line of one municipality; None where there is none."""
    account = account_of(said, code)
    return next((line for line in account["lines"] if line["key"] == key), None) if account else None


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What differs between two statements of the same quarter, for each municipality."""
    old = {account["code"]: account for account in before["accounts"]}
    return [
        {"code": account["code"], "name": account["name"],
         "was_cents": old[account["code"]]["owed_cents"] if account["code"] in old else 0,
         "cents": account["owed_cents"],
         "differs_cents": account["owed_cents"] - (old[account["code"]]["owed_cents"] if account["code"] in old else 0)}
        for account in after["accounts"]
    ]  # fmt: skip
