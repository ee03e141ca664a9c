"""Ready-made questions in plain words, for who wants an answer at one press; and scenarios as plain data and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.whatif.model import CLERK, Model
from portal.whatif.scenarios import Change, Scenario, What, applied
from workflows.parties import N_


@dataclass(frozen=True, slots=True)
class Question:
    """A question: as it is asked, what it changes in words, and what the answer begins with."""

    key: str
    ask: str
    more: str
    when: str
    """The answer begins with it: such as "With one clerk more"."""
    changes: tuple[Change, ...]


QUESTIONS: Mapping[str, Question] = {
    one.key: one
    for one in (
        Question("clerk_more", N_("What if we had one clerk more?"),
                 N_("One colleague is added to those who check requests and invoices at the SSC."),
                 N_("With one clerk more"), (Change(What.MORE, 1, CLERK),)),
        Question("two_runs", N_("What if we had two payment runs a week?"),
                 N_("Everything is paid on Tuesday and on Thursday, and on no other day."),
                 N_("With two payment runs a week"), (Change(What.RUNS, [1, 3]),)),
        Question("sampling", N_("What if we sampled under € 100?"),
                 N_("Claims below € 100 need no approval beforehand; 5% of them is judged afterwards."),
                 N_("With a sample under € 100"),
                 (Change(What.POLICY, "10000", "sampling_limit_cents"), Change(What.POLICY, "5", "sampling_percent"))),
        Question("clerk_less", N_("What if one clerk left and nobody came?"),
                 N_("One colleague fewer checks requests and invoices at the SSC."),
                 N_("With one clerk fewer"), (Change(What.MORE, -1, CLERK),)),
        Question("busier", N_("What if a fifth more came in?"),
                 N_("Of every kind of request 20% more comes in; nobody is added."),
                 N_("With a fifth more requests"), (Change(What.VOLUME, 1.2),)),
        Question("daily_runs", N_("What if we paid every working day?"),
                 N_("There is a payment run from Monday to Friday."),
                 N_("With a payment run every working day"), (Change(What.RUNS, [0, 1, 2, 3, 4]),)),
    )
}  # fmt: skip
TOGETHER = "together"
"""The scenario in which all that was chosen is changed at once."""


def asked(keys: Sequence[str], *, together: bool = False) -> list[dict[str, Any]]:
    """The scenarios of these questions, as they are kept; with `together` one more in which all of it is changed."""
    chosen = [QUESTIONS[key] for key in keys]
    found = [as_kept(one.key, "", one.changes) for one in chosen]
    if together and len(chosen) > 1:
        found.append(as_kept(TOGETHER, "", tuple(change for one in chosen for change in one.changes)))
    return found


def as_kept(question: str, name: str, changes: Sequence[Change]) -> dict[str, Any]:
    """A scenario as it is kept: which question it is, or what its asker calls it, and its changes."""
    told = [{"what": change.what.value, "value": change.value, "key": change.key} for change in changes]
    return {"question": question, "name": name, "changes": told}


def changes_of(kept: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
    """Changes as they were kept."""
    return tuple(Change(What(one["what"]), one["value"], one.get("key", "")) for one in kept)


def scenarios_of(kept: Sequence[Mapping[str, Any]]) -> tuple[Scenario, ...]:
    """The scenarios that were kept, each under a name of its own: its number, as people may call two alike."""
    return tuple(Scenario(str(nth), changes_of(one["changes"])) for nth, one in enumerate(kept, 1))


def corrected(model: Model, kept: Sequence[Mapping[str, Any]]) -> Model:
    """The model with what its asker knows better."""
    return applied(model, Scenario("", changes_of(kept)))
