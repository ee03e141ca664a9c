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

from workflows.effects import MayBeDrawn
from workflows.kernel import CaseType, Rule, Situation, Verdict
from workflows.parties import N_
from workflows.policies import PolicyBook

LIMIT, PERCENT, PERCENT_FAILED = "sampling_limit_cents", "sampling_percent", "sampling_percent_failed"
"""The policies: below which amount nobody is asked beforehand, how many are drawn, and of those who failed lately."""
PERIOD, TOGETHER = "sampling_period_days", "sampling_period_cents"
"""The policies: over how many days the small cases of one person count together, and below which sum they pass."""

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


def drawn_from(case_type: CaseType) -> frozenset[str]:
    """The states from which a case of this type may go on without approval, to be drawn afterwards."""
    return frozenset(
        state
        for action in case_type.actions
        if any(isinstance(effect, MayBeDrawn) for effect in action.then)
        for state in action.at
    )


def period(policies: PolicyBook, day: date) -> int:
    """Over how many days the small cases of one person count together; zero where each counts by itself."""
    return int(policies.number(PERIOD, day)) if policies.number(LIMIT, day) > 0 else 0


def below_limit(policies: PolicyBook, day: date, cents: int, lately: int = 0) -> bool:
    """Whether an amount is so small that nobody need approve it beforehand.

    Also together with what the same person was let pass lately: cutting a large amount in pieces must gain nothing.
    """
    limit = policies.number(LIMIT, day)
    if cents >= limit:
        return False
    return not period(policies, day) or lately + cents < policies.number(TOGETHER, day, default=int(limit))


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
