"""Handing cases over: to oneself, to a colleague, or back to the queue. The case remembers by whom, to whom and why.

Who takes a free case or gives back their own says no more; who moves a case that a colleague works on says why. A
colleague who is given cases is told so by one mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.commands import mail
from portal.commands.cases import NOT_IN_QUEUE, OWN_FROM_QUEUE
from portal.models.cases import Case
from portal.models.people import Person
from portal.queries.cases import actions_that, standing
from workflows.kernel import REASON_LIMIT, REASON_TOO_LONG, Refusal, Refused
from workflows.parties import N_, Party

HELD_BY_COLLEAGUE = Refusal(
    "held_by_colleague", N_("A colleague is working on this case. Say why it goes to somebody else: they can read it.")
)
NOBODY_HAS_IT = Refusal("nobody_has_it", N_("Nobody has this case: it is in the queue already."))
HAS_IT_ALREADY = Refusal("has_it_already", N_("This case is with them already."))
NO_CLERK_THERE = Refusal("no_clerk_there", N_("This colleague does not work for the municipality of this case."))
THEIR_OWN = Refusal(
    "their_own", N_("This is your colleague's own request, or they approved it: somebody else must check it.")
)


def hand(session: Session, viewer: Viewer, case: Case, to: Viewer | None, at: datetime, reason: str = "") -> None:
    """Give a case to somebody who may work on it, or back to the queue. Raises Refused before anything is written."""
    _expect_clerk(viewer, case)
    if viewer.person_id in (case.initiator_id, case.preparer_id):
        raise Refused(OWN_FROM_QUEUE)
    if to is None and case.assignee_id is None:
        raise Refused(NOBODY_HAS_IT)
    if to is not None:
        _expect_fit(case, to)
    why = " ".join(reason.split())
    if case.assignee_id not in (None, viewer.person_id) and not why:
        raise Refused(HELD_BY_COLLEAGUE)
    if len(why) > REASON_LIMIT:
        raise Refused(REASON_TOO_LONG)
    case.assignee_id, case.assigned_at = (to.person_id, at) if to else (None, None)
    step = {"at": at.isoformat(), "by": viewer.name, "to": to.name if to else "", "why": why}
    case.handed = [*case.handed, step]


def _expect_clerk(viewer: Viewer, case: Case) -> None:
    if case.waits_for != Party.CLERK.name or Party.CLERK not in viewer.parties(standing(case)):
        raise Refused(NOT_IN_QUEUE)


def _expect_fit(case: Case, to: Viewer) -> None:
    """Whether this person may work on the case, and does not do so already."""
    if Party.CLERK not in to.parties(standing(case)):
        raise Refused(NO_CLERK_THERE)
    approving = actions_that(lambda action: action.binds)
    approved = {person for key, *persons in case.trail if key in approving for person in persons}
    if to.person_id in (case.initiator_id, case.preparer_id) or to.person_id in approved:
        raise Refused(THEIR_OWN)
    if case.assignee_id == to.person_id:
        raise Refused(HAS_IT_ALREADY)


def tell(session: Session, giver: Viewer, to: Person, cases: Sequence[Case], reason: str, at: datetime) -> None:
    """Tell a colleague which cases they were given, in one mail. It names numbers only: it belongs to no dossier."""
    if cases and to.id != giver.person_id:
        numbers = sorted(case.number or "" for case in cases)
        mail.write_to(session, to, "handed", at, giver=giver.name, numbers=numbers, reason=" ".join(reason.split()))
