"""Settling what was flagged about a case: with a reason, as a step of the case."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.commands.cases import Step, act
from portal.models.cases import Case, CaseFlag
from portal.queries.cases import standing
from portal.queries.suppliers import calls_since
from workflows import CASE_TYPES
from workflows.flags import FLAG_KINDS
from workflows.kernel import Given, Refusal, Refused
from workflows.parties import N_

SETTLE = "settle_flag"
SETTLED = (
    update(CaseFlag)
    .where(
        CaseFlag.case_id == bindparam("case"), CaseFlag.line_key == bindparam("line"),
        CaseFlag.code == bindparam("flag"), CaseFlag.about == bindparam("other"),
    )
    .values(
        settled_as=bindparam("answer"), settled_by_id=bindparam("who"), settled_at=bindparam("now"),
        reason=bindparam("why"),
    )
    .execution_options(synchronize_session=False)
)  # fmt: skip
NO_ANSWER = Refusal("flag_answer", N_("Choose what you decide about this signal."))
SETTLED_ALREADY = Refusal("flag_settled", N_("This signal was settled already."))

NOT_CALLED = Refusal(
    "flag_not_called",
    N_("Nobody called this supplier since the invoice came in. A colleague calls, and records it with the supplier."),
)
CALLED_YOURSELF = Refusal("flag_called_yourself", N_("You called the supplier, so somebody else must settle this."))


def expect_called(session: Session, viewer: Viewer, case: Case) -> None:
    """Refuse before a colleague called the supplier, since the case came in."""
    callers = calls_since(session, CASE_TYPES[case.type].payee(case.content), case.received_at or case.created_at)
    if not callers:
        raise Refused(NOT_CALLED)
    if callers == {viewer.person_id}:
        raise Refused(CALLED_YOURSELF)


def settle(session: Session, viewer: Viewer, case: Case, place: int, answer: str, reason: str, at: datetime) -> None:
    """Settle a flag, by its place among those of the case. Who, when, what and why stand in the event and with it."""
    flag = case.flags[place] if 0 <= place < len(case.flags) else None
    if flag is None or not flag["asks"] or flag["settled_as"]:
        raise Refused(SETTLED_ALREADY)
    if answer not in FLAG_KINDS[flag["code"]].answers:
        raise Refused(NO_ANSWER)
    if FLAG_KINDS[flag["code"]].after_call:
        expect_called(session, viewer, case)
    what = {"code": flag["code"], "line": flag["line"], "about": flag["about"], "answer": answer}
    given = Given(reason=reason, flag=flag["code"])
    act(session, case, Step(SETTLE, viewer.actor(standing(case)), at, given, data={"flag": what}))
    said = " ".join(reason.split())
    how = {"settled_as": answer, "by": viewer.person_id, "name": viewer.name, "at": at.isoformat(), "reason": said}
    case.flags = [one | how if number == place else one for number, one in enumerate(case.flags)]
    session.execute(
        SETTLED,
        {"case": case.id, "line": flag["line"], "flag": flag["code"], "other": flag["about"], "answer": answer,
         "who": viewer.person_id, "now": at, "why": said},
    )  # fmt: skip
    session.flush()
