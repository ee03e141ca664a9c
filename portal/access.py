"""Who may open what: the roles, the mark every page must carry, and a person's standing today.

A page that declares nothing is closed: the check is in one place (`web/doors.py`) and denies what has no mark.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from workflows.kernel import Actor
from workflows.parties import N_, NOBODY, Channel, Party

View = TypeVar("View", bound=Callable[..., Any])


class Role(Enum):
    """What somebody may be besides an employee. Granted per municipality or for all, with dates."""

    CLERK = "clerk"
    TREASURER = "treasurer"
    CONTRACT_MANAGER = "contract_manager"
    DIRECTOR = "director"
    """Leads the SSC: answers to the municipalities for what it delivers and costs."""
    TRAINER = "trainer"
    FUNCTIONAL_MANAGER = "functional_manager"
    REOPENER = "reopener"
    """Beside being a clerk: a right of its own, as a case that ended is not easily begun again."""


ROLE_LABELS = {
    Role.CLERK: N_("SSC clerk"),
    Role.TREASURER: N_("SSC treasurer"),
    Role.CONTRACT_MANAGER: N_("Contract manager"),
    Role.DIRECTOR: N_("SSC director"),
    Role.TRAINER: N_("Trainer"),
    Role.FUNCTIONAL_MANAGER: N_("Functional manager"),
    Role.REOPENER: N_("May reopen closed cases (beside SSC clerk)"),
}

ANYONE = "anyone"
"""The mark of a page that needs no sign-in."""
EMPLOYEE = "employee"
"""The mark of a page for everybody who is signed in."""
PRACTICE = "practice"
"""The mark of a page that practice worlds alone have, there for anybody."""
TRAINER_DESK = "trainer desk"
"""The mark of a page that practice worlds alone have, for whoever came by the link of the trainer."""


def open_to(*who: Role | str) -> Callable[[View], View]:
    """Mark a page with whom it is open to: roles, EMPLOYEE, ANYONE, or in practice worlds PRACTICE or TRAINER_DESK."""

    def mark(view: View) -> View:
        view.open_to = frozenset(who)  # type: ignore[attr-defined]
        return view

    return mark


@dataclass(frozen=True)
class Power:
    """Up to which amount in cents somebody may decide, and on which cost centres (`1100`, `12*`); none is on all."""

    cents: int
    cost_centres: tuple[str, ...] = ()

    def holds_for(self, cost_centre: str) -> bool:
        """Whether costs of this cost centre are within it."""
        return not self.cost_centres or any(
            cost_centre.startswith(one[:-1]) if one.endswith("*") else cost_centre == one for one in self.cost_centres
        )


def highest(powers: tuple[Power, ...], cost_centre: str) -> int | None:
    """The highest amount in cents for this cost centre; None without any power over it."""
    return max((power.cents for power in powers if power.holds_for(cost_centre)), default=None)


@dataclass(frozen=True)
class CaseStanding:
    """The columns of a case that decide who somebody is in it."""

    initiator_id: int
    preparer_id: int | None
    approver_id: int | None
    municipality_id: int
    mandate_kind: str
    cost_centre: str = ""


@dataclass(frozen=True)
class Viewer:
    """A signed-in person with everything that today gives them: roles, mandates, and for whom they stand in."""

    person_id: int
    name: str
    language: str
    roles: frozenset[tuple[Role, int | None]] = frozenset()
    stands_in_for: frozenset[int] = frozenset()
    mandates: dict[tuple[int, int, str], tuple[Power, ...]] = field(default_factory=dict)
    """By mandate holder, municipality and kind of case."""

    def has(self, role: Role, municipality_id: int | None = None) -> bool:
        """Whether the role is held at all, or for this municipality."""
        if municipality_id is None:
            return any(held is role for held, _ in self.roles)
        return (role, None) in self.roles or (role, municipality_id) in self.roles

    def municipalities(self, role: Role) -> frozenset[int] | None:
        """For which municipalities a role is held; None means all of them."""
        held = {municipality for kind, municipality in self.roles if kind is role}
        return None if None in held else frozenset(m for m in held if m is not None)

    def reach(self, *roles: Role) -> frozenset[int] | None:
        """In which municipalities any of these roles is held; None means in all of them."""
        held = [self.municipalities(role) for role in roles if self.has(role)]
        return None if None in held else frozenset().union(*(places for places in held if places is not None))

    def asked(self, case: CaseStanding) -> int | None:
        """For whom this person would decide: themselves, somebody they stand in for, or nobody."""
        if case.approver_id == self.person_id:
            return self.person_id
        # A substitute never decides on a request of their own, nor of one they prepared, nor on what they pay.
        if (
            case.approver_id in self.stands_in_for
            and self.person_id not in (case.initiator_id, case.preparer_id)
            and not self.has(Role.TREASURER, case.municipality_id)
        ):
            return case.approver_id
        return None

    def parties(self, case: CaseStanding) -> Party:
        """In what capacities this person takes part in the case."""
        parties = NOBODY
        if self.person_id in (case.initiator_id, case.preparer_id):
            parties |= Party.INITIATOR
        if self.asked(case):
            parties |= Party.APPROVER
        if self.has(Role.CLERK, case.municipality_id):
            parties |= Party.CLERK
            if self.has(Role.REOPENER, case.municipality_id):
                parties |= Party.REOPENER
        if self.has(Role.TREASURER, case.municipality_id):
            parties |= Party.TREASURER
        return parties

    def actor(self, case: CaseStanding, *, channel: Channel = Channel.PORTAL, signed_in: bool = True) -> Actor:
        """This person as the rules see them in this case. A substitute decides within the absent one's mandate."""
        asked = self.asked(case) or self.person_id
        return Actor(
            person_id=self.person_id,
            parties=self.parties(case),
            on_behalf_of=None if asked == self.person_id else asked,
            mandate_cents=highest(
                self.mandates.get((asked, case.municipality_id, case.mandate_kind), ()), case.cost_centre
            ),
            channel=channel,
            signed_in=signed_in,
        )
