"""What can still be done with a case that has ended: adding to its dossier, and reopening it by who has that right."""

from __future__ import annotations

from workflows.effects import Effect
from workflows.kernel import STAY, Action, Branch, Rule, at
from workflows.parties import CLERK, N_, REOPENER
from workflows.rules import NOT_OWN, other_than

ADD_LATER, REOPEN, TAKE_UP = "add_later", "reopen", "take_up"
"""The second is called TAKE_UP in a type of which the portal itself opens cases again by a step of that name."""

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


def reopened(
    end: str, to: str | Branch, *then: Effect, key: str = REOPEN, needs: tuple[Rule, ...] = ()
) -> Action:  # fmt: skip
    """A case that ended this way goes on: never one that was granted, which may have been paid."""
    return Action(
        key, N_("Reopen this case"), REOPENER, at(end), to, N_("Reopened"), needs=(NOT_OWN, NOT_WHO_ENDED_IT, *needs),
        then=then, reason=True,
    )  # fmt: skip
