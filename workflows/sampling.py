"""Drawing a sample by lot: a pure function of a secret seed and a case's number, so anybody can draw it again.

The seed is chosen before the numbers are known, so nobody can choose who is drawn; it is secret until then, so nobody
can know. Whoever is drawn at some percentage is drawn at any higher one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from workflows.kernel import Rule, Situation, Verdict
from workflows.parties import N_
from workflows.policies import PolicyBook

LIMIT, PERCENT, PERCENT_FAILED = "sampling_limit_cents", "sampling_percent", "sampling_percent_failed"
"""The policies: below which amount nobody is asked beforehand, how many are drawn, and of those who failed lately."""

WHOLE = 10_000
"""A threshold is in hundredths of a percent."""
_LOTS = 1 << 64


def commitment(seed: str) -> str:
    """What is written down of a seed when it is chosen: proof of which it was, that gives nothing away."""
    return hashlib.sha256(seed.encode()).hexdigest()


def lot(seed: str, number: str) -> int:
    """The lot of this case number: from zero up to 2 to the 64th, each as likely as another."""
    return int.from_bytes(hmac.digest(seed.encode(), number.encode(), "sha256")[:8], "big")


def is_drawn(seed: str, number: str, threshold: int) -> bool:
    """Whether the case of this number is in the sample."""
    return lot(seed, number) * WHOLE < threshold * _LOTS


def threshold(policies: PolicyBook, day: date, *, failed: bool) -> int:
    """How many are drawn on this day; never fewer of those who failed than of others."""
    usual = policies.number(PERCENT, day)
    percent = max(usual, policies.number(PERCENT_FAILED, day)) if failed else usual
    return min(WHOLE, int(percent * Decimal(WHOLE // 100)))


def below_limit(policies: PolicyBook, day: date, cents: int) -> bool:
    """Whether an amount is so small that nobody need approve it beforehand."""
    return cents < policies.number(LIMIT, day)


def everybody_in(content: Mapping[str, Any]) -> frozenset[int]:
    """Who took part in what came before: kept in the content of a case that followed."""
    return frozenset(content.get("apart", ()))


def _took_part(s: Situation) -> Verdict:
    before = everybody_in(s.case.content)
    return s.actor.person_id in before or s.actor.on_behalf_of in before


NOT_INVOLVED = Rule(
    "took_part_before",
    N_("You took part in what came before this case, so somebody else must decide on it."),
    _took_part,
)
