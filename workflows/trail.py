"""What the rules see of what happened in a case: the steps that were taken, and what was flagged.

Belongs here: plain values of a case that rules compare. The case itself, as rules see it, is in `kernel.py`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step somebody took in a case: what four eyes are counted by."""

    action: str
    person_id: int | None
    on_behalf_of: int | None = None


@dataclass(frozen=True, slots=True)
class Flagged:
    """What was flagged about a case or one of its lines; `settled_as` is how, empty while it is open."""

    code: str
    line: str = ""
    asks: bool = False
    settled_as: str = ""
