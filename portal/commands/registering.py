"""Cases that no employee asks for: a clerk registers what came in on paper, and the portal what came in by itself.

Until somebody says whose it is, such a case is of whoever its municipality named as its contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.commands import cases
from portal.commands.cases import SYSTEM_ACTOR, Step, act
from portal.commands.initiators import contact_of
from portal.models.cases import Case
from portal.models.people import Municipality
from portal.queries.cases import WHOLE
from workflows import CASE_TYPES
from workflows.kernel import Given, Refusal, Refused
from workflows.parties import N_

NOT_CLERK_HERE = Refusal("not_clerk_here", N_("You do not work for this municipality."))


def start_for(
    session: Session, viewer: Viewer, type_key: str, municipality: Municipality, client_key: str, at: datetime
) -> Case:
    """Begin a draft as a clerk; it is theirs alone until it is handed in. The same key gives the same draft."""
    if not viewer.has(Role.CLERK, municipality.id):
        raise Refused(NOT_CLERK_HERE)
    contact = contact_of(session, municipality, at)
    case = cases.start(session, type_key, contact, f"{viewer.person_id}-{client_key}", at)
    if case.number is None and case.assignee_id is None:
        case.assignee_id, case.assigned_at = viewer.person_id, at
        session.flush()
    return case


def begin_received(session: Session, type_key: str, municipality: Municipality, client_key: str, at: datetime) -> Case:
    """Begin a case for what came in by itself, to add its documents to; then `hand_in`. The same key, the same case."""
    return cases.start(session, type_key, contact_of(session, municipality, at), client_key, at)


def hand_in(session: Session, case: Case, content: Mapping[str, Any], at: datetime) -> Case:
    """Hand in what came in by itself. What of it a clerk can still say stands in the form."""
    case_type = CASE_TYPES[case.type]
    whole = session.get_one(Case, case.id, options=WHOLE, populate_existing=True)
    whole.draft = dict(case_type.typed(content))
    act(session, whole, Step(case_type.filling_in.key, SYSTEM_ACTOR, at, Given(content=content)))
    return whole
