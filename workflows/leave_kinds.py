"""The kinds of leave. One burns hours from lots; the others are counted, each within what was agreed about it.

What was agreed about a kind is a dated policy: a record with a source, so that law and collective agreement can change
and a municipality can agree more. A kind about which nothing was agreed is not offered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

from workflows.lots import LOT_KINDS, Limit
from workflows.parties import N_
from workflows.policies import PolicyBook

BALANCE = "leave"
KINDS: Mapping[str, str] = {
    BALANCE: N_("Leave from my balance"),
    "calamity": N_("Emergency leave"),
    "care_short": N_("Short-term care leave"),
    "care_long": N_("Long-term care leave"),
    "birth": N_("Birth leave of a partner"),
    "birth_extra": N_("Additional birth leave"),
    "adoption": N_("Adoption or foster care leave"),
    "parental_paid": N_("Parental leave, paid in part"),
    "parental": N_("Parental leave, unpaid"),
    "marriage": N_("Leave for your marriage or partnership"),
    "bereavement": N_("Leave for a death in the family"),
    "moving": N_("Leave for moving house"),
}
"""Permanent keys, with what people call them."""

COUNTED = tuple(kind for kind in KINDS if kind != BALANCE)


def policy_of(kind: str) -> str:
    """The key of the policy that says what was agreed about a kind."""
    return f"leave_kind_{kind}"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What holds for a kind of leave on a day: how much is paid, whether a document is asked for, and its limit.

    The limit is `weeks` times what is worked in a week, or `minutes`; for each occasion, in any so many `months`, or in
    a calendar year. `within` is how many months after the occasion it must be taken, `along` which kinds count with it.
    """

    kind: str
    source: str
    paid: int = 100
    document: bool = False
    weeks: Fraction | None = None
    minutes: int | None = None
    occasion: bool = False
    months: int = 0
    within: int = 0
    along: tuple[str, ...] = ()

    def limit(self, weekly: Fraction) -> Limit | None:
        """The limit for whoever works so many minutes a week; rounded up to whole minutes, once. None without one."""
        most = self.minutes if self.weeks is None else ceil(self.weeks * weekly)
        return None if most is None else Limit(most, (self.kind, *self.along), self.months, self.occasion)


def agreed(policies: PolicyBook, kind: str, day: date) -> Agreed | None:
    """What was agreed about a kind on a day; None when it is not offered then."""
    row = policies.at(policy_of(kind), day)
    if row is None:
        return None
    said: Mapping[str, Any] = row.record
    weeks = said.get("weeks")
    return Agreed(
        kind=kind,
        source=", ".join(filter(None, (row.article, row.source))),
        paid=said.get("paid", 100),
        document=said.get("document", False),
        weeks=None if weeks is None else Fraction(weeks),
        minutes=said.get("minutes"),
        occasion=said.get("per") == "occasion",
        months=said.get("months", 0),
        within=said.get("within_months", 0),
        along=tuple(said.get("along", ())),
    )


def offered(policies: PolicyBook, day: date) -> tuple[str, ...]:
    """The kinds that can be asked for on a day."""
    return (BALANCE, *(kind for kind in COUNTED if policies.at(policy_of(kind), day)))


def asking(policies: PolicyBook, day: date) -> Mapping[str, tuple[str, ...]]:
    """Of which kinds the day of the event is asked for, and of which a document."""
    rules = [rule for kind in COUNTED if (rule := agreed(policies, kind, day))]
    return {
        "occasion": tuple(rule.kind for rule in rules if rule.occasion),
        "document": tuple(rule.kind for rule in rules if rule.document),
    }


def label_of(kind: str) -> str:
    """What people call a kind of leave, or a kind of lot; marked for translation."""
    return KINDS.get(kind) or LOT_KINDS.get(kind) or kind


_WHOLE: Mapping[str, int] = {"paid": 100, "weeks": 260, "minutes": 200_000, "months": 120, "within_months": 240}
NOT_A_KIND = N_('Write what was agreed as {"paid": 70, "weeks": 2, "per": "months", "months": 12}.')
UNKNOWN_WORD = N_("The record holds a word that says nothing about leave.")
WRONG_NUMBER = N_("A number in the record is not whole, below zero, or too large.")
WRONG_PER = N_('"per" is "occasion", "months" or "year"; with "months" say how many.')
UNKNOWN_ALONG = N_('"along" is a list of kinds of leave that count together.')


def shape(said: Any) -> Iterator[str]:
    """What is wrong with a record about a kind of leave, in sentences marked for translation."""
    if not isinstance(said, dict):
        yield NOT_A_KIND
        return
    if set(said) - {*_WHOLE, "document", "per", "along"} or not isinstance(said.get("document", False), bool):
        yield UNKNOWN_WORD
    if any(type(said[word]) is not int or not 0 <= said[word] <= most for word, most in _WHOLE.items() if word in said):
        yield WRONG_NUMBER
    if str(said.get("per", "year")) not in ("occasion", "months", "year") or (
        (said.get("per") == "months") != bool(said.get("months"))
    ):
        yield WRONG_PER
    along = said.get("along", [])
    if not isinstance(along, list) or not all(isinstance(one, str) and one in COUNTED for one in along):
        yield UNKNOWN_ALONG
