"""Indicators (KPI) as versioned data: what is counted, from when to when, what is left out, and what is aimed at.

Belongs here: the words of a definition and the reading of one. What is made of it is in `judging.py`. A definition says
of each thing it counts whether it was as agreed: `yes`, `no`, or why it is left out. A thing is counted in the month in
which that is certain: when it was done in time, or else when its term ended. So a month never changes because of what
comes after it, and what is still open past its term counts as late. Source: the partnership's handbook (management
information), and the norms that municipalities agree with a shared service center.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from workflows.norms import CalendarDays, Norm, WorkingDays
from workflows.parties import N_


class Measure(Enum):
    """What kind of thing is counted."""

    LEAD = "lead"
    """A case: from its receipt until it first comes in one of the states."""
    SPELL = "spell"
    """Each time a case is in one of the states: how long it lies there."""
    SHARE = "share"
    """A case that ended: whether it was ever in one of the states."""
    PARTY = "party"
    """A case that ended: how long it was with one party."""
    ANSWER = "answer"
    """A question to the SSC: until its answer."""
    CALL = "call"
    """A promise to call: until the call."""
    SCORE = "score"
    """A score that somebody gave."""
    OVERDUE = "overdue"
    """How many of another indicator are open past their term at the end of the period."""


YES, NO = "yes", "no"
CREDIT, REFUSED, WITHDRAWN, ANEW = "credit", "refused", "withdrawn", "anew"
LEFT_OUT: Mapping[str, str] = {
    CREDIT: N_("Credit note"), REFUSED: N_("Rejected within the term"), WITHDRAWN: N_("Withdrawn within the term"),
    ANEW: N_("Agreed anew before the moment came"),
}  # fmt: skip
OWN = "own"
"""In place of a norm: that of the kind of case itself."""
EMPLOYEE, MANAGER, SSC, SUPPLIER = "employee", "manager", "ssc", "supplier"
PARTIES = (EMPLOYEE, MANAGER, SSC, SUPPLIER)
PERCENT, DAYS, SCORE, NUMBER = "percent", "days", "score", "number"
UNITS = (PERCENT, DAYS, SCORE, NUMBER)
SMALL = 5
"""Fewer than this are not shown where they would point at a person."""


class BadDefinition(ValueError):
    """A definition that cannot be read; says of which indicator and why."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One version of a definition. `more` tells whether more is better; `personal` whether small numbers are masked."""

    key: str
    measure: Measure
    label: str
    label_en: str
    explained: str
    explained_en: str
    unit: str = PERCENT
    types: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    """States, of all its kinds of case or, as `kind.state`, of one."""
    ends: bool = False
    """Whether an end (granted or refused) is what it is counted to, besides the states."""
    never: bool = False
    """Of a share: whether `yes` is never having been in one of the states."""
    norm: Norm | None = None
    own_norm: bool = False
    stands_still: bool = False
    """Whether the time in which a case is suspended does not count."""
    party: str = ""
    of: str = ""
    target: Decimal | None = None
    more: bool = True
    personal: bool = False
    source: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def names(self, kind: str, state: str) -> bool:
        """Whether a state of a kind of case is one of its states."""
        return state in self.states or f"{kind}.{state}" in self.states

    def named(self, language: str) -> str:
        """What people call it, in their language."""
        return self.label_en if language == "en" else self.label

    def told(self, language: str) -> str:
        """How it is counted, in words."""
        return self.explained_en if language == "en" else self.explained

    def met(self, value: Decimal | None, target: Decimal | None) -> bool | None:
        """Whether the value reaches the target; None where there is no value or nothing is aimed at."""
        if value is None or target is None:
            return None
        return value >= target if self.more else value <= target


WORDS = ("key", "label", "label_en", "explained", "explained_en")
LISTS = ("types", "states")
FLAGS = ("ends", "never", "stands_still", "more", "personal")
KNOWN = frozenset((*WORDS, *LISTS, *FLAGS, "measure", "unit", "norm", "party", "of", "target", "source"))


def read(said: Mapping[str, Any], types: Mapping[str, Iterable[str]]) -> Indicator:
    """A definition as it is written down; `types` names each kind of case with its states. Raises BadDefinition."""
    key = str(said.get("key", "?"))

    def bad(why: str) -> BadDefinition:
        return BadDefinition(f"indicator {key}: {why}")

    if unknown := sorted(set(said) - KNOWN):
        raise bad(f"unknown: {', '.join(unknown)}")
    if missing := [word for word in WORDS if not isinstance(said.get(word), str) or not said[word].strip()]:
        raise bad(f"missing: {', '.join(missing)}")
    try:
        measure = Measure(said.get("measure"))
    except ValueError:
        raise bad(f"measure is one of {', '.join(one.value for one in Measure)}") from None
    unit = said.get("unit", PERCENT)
    if unit not in UNITS:
        raise bad(f"unit is one of {', '.join(UNITS)}")
    lists = {name: tuple(map(str, said.get(name, ()))) for name in LISTS}
    if strange := [one for one in lists["types"] if one not in types]:
        raise bad(f"no such kind of case: {', '.join(strange)}")
    states = {name for one in lists["types"] for state in types[one] for name in (state, f"{one}.{state}")}
    if strange := [one for one in lists["states"] if one not in states]:
        raise bad(f"no such state: {', '.join(strange)}")
    norm = _norm(said.get("norm"))
    if norm is None and said.get("norm") not in (None, OWN):
        raise bad("norm is `own`, or days with working or calendar")
    if measure in (Measure.LEAD, Measure.SPELL, Measure.ANSWER) and said.get("norm") is None:
        raise bad("a norm is needed")
    if measure is Measure.PARTY and said.get("party") not in PARTIES:
        raise bad(f"party is one of {', '.join(PARTIES)}")
    if measure in (Measure.LEAD, Measure.SPELL, Measure.SHARE, Measure.PARTY) and not lists["types"]:
        raise bad("types are needed")
    words = {word: said[word].strip() for word in WORDS}
    more = {word: str(said.get(word, "")) for word in ("party", "of", "source")}
    flags = {flag: bool(said[flag]) for flag in FLAGS if flag in said}
    return Indicator(**{**words, **lists, **more, **flags}, measure=measure, unit=unit, norm=norm,
                     own_norm=said.get("norm") == OWN, target=_target(said.get("target"), bad),
                     raw=dict(said))  # fmt: skip


def _norm(said: Any) -> Norm | None:
    match said:
        case {"days": int(days), "count": "working"} if days >= 0:
            return WorkingDays(days)
        case {"days": int(days), "count": "calendar"} if days >= 0:
            return CalendarDays(days)
    return None


def _target(said: Any, bad: Any) -> Decimal | None:
    if said is None:
        return None
    try:
        value = Decimal(str(said))
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0:
        raise bad("target is a number")
    return value
