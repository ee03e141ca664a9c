"""How it goes with a claim: what its manager, the clerk and the bank will do, and how long they take."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

SLOW_FROM = 45.0
"""Office hours after which a manager has certainly been reminded."""


@dataclass
class Fate:
    """What will happen, unless the story ends first. Hours are office hours; None: somebody else says when.

    `manager` is approve, return, reject or withdraw (the employee thinks better of it); `clerk` is pass, lower, adjust,
    send_back, refuse or withdraw. `again` says that an employee whose claim came back submits it again. `bank` is
    the code with which the bank refuses, if it does.
    """

    manager: str = "approve"
    manager_hours: float | None = 4.0
    by_mail: bool = False
    clerk: str = "pass"
    again: bool = True
    again_hours: float = 9.0
    bank: str = ""
    fix: str = ""
    """What has to be mended when it comes back; empty leaves it to chance."""

    def after_return(self) -> Fate:
        """What happens the second time round: nothing odd any more."""
        return Fate(manager_hours=self.manager_hours, by_mail=self.by_mail, bank=self.bank)


def draw(rng: Random) -> Fate:
    """A fate by lot: mostly all goes well, within days."""
    slow = rng.random() < 0.05
    return Fate(
        manager=_one_of(rng, approve=935, **{"return": 35}, reject=22, withdraw=8),
        manager_hours=rng.uniform(SLOW_FROM, 75) if slow else min(rng.lognormvariate(1.3, 1.1), 40),
        by_mail=rng.random() < 0.35,
        clerk=_one_of(rng, **{"pass": 900}, lower=38, adjust=12, send_back=34, refuse=9, withdraw=7),
        again=rng.random() < 0.82,
        again_hours=min(rng.lognormvariate(2.6, 0.8), 70),
        bank=_one_of(rng, none=994, AC04=3, AC01=2, AC06=1).replace("none", ""),
    )


def _one_of(rng: Random, **weights: int) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]
