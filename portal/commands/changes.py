"""Writing the log of administration, and who may change what: every command of administration goes through here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.models.changes import Change
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

WHAT: Mapping[str, str] = {
    "municipality.added": N_("Municipality added"),
    "municipality.changed": N_("Municipality changed"),
    "unit.added": N_("Unit added"),
    "unit.changed": N_("Unit changed"),
    "unit.closed": N_("Unit closed"),
    "leader.named": N_("Leader of a unit named"),
    "mandate.given": N_("Mandate given"),
    "mandate.ended": N_("Mandate ended"),
    "substitution.named": N_("Substitute named"),
    "substitution.ended": N_("Substitution ended"),
    "person.added": N_("Person added"),
    "person.changed": N_("Personal data changed"),
    "employment.added": N_("Employment added"),
    "employment.changed": N_("Employment changed"),
    "employment.ended": N_("Employment ended"),
    "employment.moved": N_("Moved to another unit"),
    "pattern.set": N_("Work pattern set"),
    "pattern.withdrawn": N_("Coming work pattern taken back"),
    "occupancy.set": N_("Minimum occupancy set"),
    "occupancy.withdrawn": N_("Coming minimum occupancy taken back"),
    "role.asked": N_("Role asked for"),
    "role.granted": N_("Role granted"),
    "role.refused": N_("Role not granted"),
    "role.ended": N_("Role ended"),
    "account.opened": N_("Account opened"),
    "account.linked": N_("Link for a new password sent"),
    "account.locked": N_("Account locked"),
    "account.unlocked": N_("Account unlocked"),
    "import.done": N_("File taken in"),
    "policy.added": N_("Agreement added"),
    "policy.withdrawn": N_("Coming agreement taken back"),
    "policy.ended": N_("Agreement ended"),
    "closing_day.added": N_("Closing day added"),
    "closing_day.removed": N_("Closing day removed"),
    "rates.imported": N_("Exchange rates taken in"),
    "business_case.entered": N_("Business case entered"),
    "business_case.real": N_("Real costs entered"),
    "business_case.goal": N_("Goal set"),
    "business_case.goal_withdrawn": N_("Goal withdrawn"),
    "business_case.evaluated": N_("Evaluation concluded"),
    "book.opened": N_("Journal begun"),
    "book.closed": N_("Month of the journal closed"),
    "chart.taken_in": N_("Chart of accounts taken in"),
    "event_log.taken": N_("Event log taken along"),
    "archive.taken_in": N_("Archive of a municipality taken in"),
    "archive.asked": N_("Archive asked for"),
    "archive.granted": N_("Archive granted"),
    "archive.refused": N_("Archive not granted"),
    "archive.fetched": N_("Archive taken along"),
    "passage.joining": N_("Joining begun"),
    "passage.joining_ended": N_("Municipality live"),
    "passage.leaving": N_("Leaving announced"),
    "passage.leaving_ended": N_("Municipality left"),
    "opening.taken_in": N_("File of a joining municipality taken in"),
    "service.added": N_("Service added to the catalogue"),
    "service.ended": N_("Service of the catalogue ended"),
    "service.terms": N_("Terms of a service changed"),
    "service.price": N_("Price of a service set"),
    "service.withdrawn": N_("Coming terms or price of a service taken back"),
    "cost.entered": N_("Cost of the SSC entered"),
    "cost.removed": N_("Cost of the SSC taken away"),
    "key.entered": N_("Value of a distribution key entered"),
    "weights.entered": N_("Weights of the mixed key entered"),
    "compensation.entered": N_("Compensation between municipalities entered"),
    "compensation.removed": N_("Compensation between municipalities taken away"),
    "advance.entered": N_("Advance on a quarter entered"),
    "advance.removed": N_("Advance on a quarter taken away"),
    "settlement.prepared": N_("Settlement of a quarter prepared"),
    "settlement.final": N_("Settlement of a quarter made final"),
    "task.divided": N_("Task divided"),
    "task.withdrawn": N_("Coming division of a task taken back"),
    "agreement.drafted": N_("Agreement with a municipality drafted"),
    "agreement.changed": N_("Draft of an agreement changed"),
    "agreement.signed": N_("Agreement signed"),
    "agreement.discarded": N_("Draft of an agreement thrown away"),
    "trial.begun": N_("Trial begun"),
    "trial.world": N_("Practice world of a trial opened"),
    "trial.accepted": N_("Trial accepted"),
    "supplier.new": N_("Supplier added"),
    "supplier.change": N_("Supplier changed"),
    "supplier.account": N_("Account of a supplier changed"),
    "supplier.block": N_("Supplier blocked"),
    "supplier.unblock": N_("Supplier no longer blocked"),
    "supplier.refused": N_("Request about a supplier not granted"),
    "supplier.released": N_("Hold on payments to a supplier ended"),
}
"""What can be changed. A change that is not in this table cannot be written down, and so not made."""

LONGEST = 500
CHANGE_REASON = Refusal("change_reason_missing", N_("Write down why this is changed."))
FIRST_DAY = Refusal("first_day_missing", N_("Fill in the first day."))
LAST_DAY = Refusal("last_day_missing", N_("Fill in the last day."))
OWN_RIGHTS = Refusal("own_rights", N_("You cannot change your own employment or rights. Ask a colleague."))
OUTSIDE = Refusal("outside_your_work", N_("This is of a municipality for which you do no administration."))


@dataclass(frozen=True)
class Author:
    """Who changes the organisation: a functional manager with the municipalities of that role, or the command line.

    `places` None is every municipality, and what holds for all of them.
    """

    person_id: int | None
    places: frozenset[int] | None

    @classmethod
    def of(cls, viewer: Viewer) -> Author:
        return cls(viewer.person_id, viewer.reach(Role.FUNCTIONAL_MANAGER))

    def reaches(self, municipality_id: int | None) -> None:
        """Refuse what is of a municipality outside of this work; None is of all together."""
        if self.places is not None and municipality_id not in self.places:
            raise Refused(OUTSIDE)


COMMAND_LINE = Author(None, None)


def because(reason: str) -> str:
    """The reason as it is kept. Raises Refused when there is none."""
    if not reason.strip():
        raise Refused(CHANGE_REASON)
    return " ".join(reason.split())[:LONGEST]


def write_down(session: Session, author: Author, at: datetime, what: str, about: str, *,
               person_id: int | None = None, municipality_id: int | None = None,
               old: Mapping[str, Any] | None = None, new: Mapping[str, Any] | None = None,
               reason: str = "") -> bool:  # fmt: skip
    """Add a change to the log, with only what differs. Nothing is written when nothing differs; tells whether it was.

    KeyError for a kind of change that is not in WHAT.
    """
    before, after = _plain(old), _plain(new)
    differs = {field for field in before.keys() | after.keys() if before.get(field, "") != after.get(field, "")}
    if (before or after) and not differs:
        return False
    session.add(
        Change(
            at=at,
            by_id=author.person_id,
            what=WHAT[what] and what,
            about=about,
            person_id=person_id,
            municipality_id=municipality_id,
            old={field: before[field] for field in sorted(differs & before.keys())},
            new={field: after[field] for field in sorted(differs & after.keys())},
            reason=reason,
        )
    )
    return True


def _plain(fields: Mapping[str, Any] | None) -> dict[str, str]:
    """Values as text: days in ISO form, nothing as an empty text."""
    return {
        name: "" if value is None else value.isoformat() if isinstance(value, date) else str(value)
        for name, value in (fields or {}).items()
    }
