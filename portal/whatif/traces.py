"""What happened in cases, as the simulation sees it: from the portal's own events or from the log of another system."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay of a case in a state, and the step that ended it.

    `enabled` is when the step could first be taken; `started` when somebody began on it, where that is known;
    `completed` when it was taken, None while the case is still there. In a log of activities of which nobody said
    what state they belong to, the activity is both state and action.
    """

    state: str
    action: str
    enabled: datetime
    started: datetime | None
    completed: datetime | None
    resource: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """One case as the list of its steps, in order. `open` while it has not ended."""

    case: str
    type: str
    municipality: str
    amount_cents: int
    visits: tuple[Visit, ...]
    open: bool = False
    priority: int = 0

    @property
    def begun(self) -> datetime:
        """When it came in."""
        return self.visits[0].enabled

    @property
    def ended(self) -> datetime | None:
        """When its last step was taken; None while it is open."""
        return None if self.open else self.visits[-1].completed
