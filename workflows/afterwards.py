"""What can still be done with a case that has ended: adding to its dossier, and reopening it by who has that right."""

from __future__ import annotations

from workflows.effects import Effect
from workflows.kernel import STAY, Action, Branch, at
from workflows.parties import CLERK, N_, REOPENER
from workflows.rules import NOT_OWN, other_than

ADD_LATER, REOPEN = "add_later", "reopen"

NOT_WHO_ENDED_IT = other_than(
    "refuse", "reject",
    code="reopener_refused",
    sentence=N_("You rejected this request, so somebody else must reopen it."),
)  # fmt: skip


def added_later(*ends: str) -> Action:
    """A note or a document is added to a closed dossier: it stays closed, and shows what came later."""
    return Action(
        ADD_LATER, N_("Add to this closed dossier"), CLERK, at(*ends), STAY, N_("Added after closing"),
        needs=(NOT_OWN,), reason=True,
    )  # fmt: skip


def reopened(end: str, to: str | Branch, *then: Effect) -> Action:
    """A case that ended this way goes on: never one that was granted, which may have been paid."""
    return Action(
        REOPEN, N_("Reopen this case"), REOPENER, at(end), to, N_("Reopened"), needs=(NOT_OWN, NOT_WHO_ENDED_IT),
        then=then, reason=True,
    )  # fmt: skip
