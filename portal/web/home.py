"""Home: what waits for me, what I can start, where my cases stand."""

from __future__ import annotations

from secrets import token_hex

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal.access import EMPLOYEE, Role, open_to
from portal.models.cases import Case
from portal.queries.agreements import to_sign
from portal.queries.cases import my_cases, to_approve, waiting_of
from portal.queries.desk import desk_of
from portal.queries.leave_statement import in_use
from portal.queries.payments import open_totals
from portal.queries.people import employments_of
from portal.queries.queue import COUNT_CAP, held_by
from portal.web import unit_of_work as uow
from portal.web.authority import ALL as LOOK_UP_SIGNERS
from workflows import CASE_TYPES
from workflows.parties import CLERK, Party

bp = Blueprint("home", __name__)


def _to_pay() -> int:
    """How many payments are proposed in the municipalities this treasurer pays for."""
    allowed = uow.viewer().municipalities(Role.TREASURER)
    totals = open_totals(uow.session(), uow.today())
    return sum(count for municipality, (count, _) in totals.items() if allowed is None or municipality in allowed)


def waits_for_me(case: Case) -> bool:
    """Whether a case waits for its employee to type, sign or answer; an advance that is out is no work of today."""
    case_type = CASE_TYPES[case.type]
    asked = (
        not case_type.asked_for
        or case_type.state(case.state).linked
        or any(case.state in action.at for action in case_type.actions if action.takes_content or action.signs)
    )
    return case.waits_for == Party.INITIATOR.name and asked


@bp.get("/")
@open_to(EMPLOYEE)
def home() -> ResponseReturnValue:
    """The first page after signing in."""
    session, viewer = uow.session(), uow.viewer()
    mine = my_cases(session, viewer, limit=12).cases
    clerk = viewer.has(Role.CLERK)
    return render_template(
        "home/home.html",
        waiting=[case for case in waiting_of(session, viewer) if waits_for_me(case)],
        approvals=to_approve(session, viewer),
        to_sign=to_sign(session, viewer),
        held=held_by(session, viewer) if clerk else [],
        desk=desk_of(session, viewer, uow.now()) if clerk else None,
        queue_cap=COUNT_CAP,
        to_pay=_to_pay() if viewer.has(Role.TREASURER) else 0,
        may_look_up_signers=any(viewer.has(role) for role in LOOK_UP_SIGNERS),
        case_types=[t for t in CASE_TYPES.values() if t.for_employees]
        if employments_of(session, viewer.person_id)
        else (),
        leave=in_use(session, viewer.person_id, uow.today()),
        registers=[t for t in CASE_TYPES.values() if t.begun_by is CLERK] if clerk else (),
        client_key=token_hex(16),
        cases=[case for case in mine if not waits_for_me(case)][:6],
    )
