"""Disputing a line of a settlement: begun by a contract manager of the municipality, put right by a restatement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.commands import settlements
from portal.commands.beginning import begin
from portal.models.cases import Case
from portal.models.costs import FINAL, QuarterSettlement
from portal.models.events import CaseEvent
from portal.models.people import Municipality
from portal.queries.people import employments_of
from portal.queries.settlements import DISPUTE, disputes_of, last_final, running
from workflows import CASE_TYPES
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.settled import Correction, line_of
from workflows.settlement import COMPENSATION

NOT_YOURS = Refusal("dispute_not_yours", N_("Only a contract manager of this municipality disputes a line of it."))
NOT_FINAL = Refusal("dispute_not_final", N_("This is not what holds of this quarter: look at the last version."))
AGREED = Refusal("dispute_agreed", N_("This amount was agreed between municipalities: the SSC cannot change it."))
NO_EMPLOYMENT = Refusal("dispute_no_employment", N_("Only who works for a municipality can begin a dispute here."))
MOVED = Refusal(
    "dispute_line_moved",
    N_("This line says something else by now. Reject this with that as the reason: the line as it is can be disputed."),
)
RUNS = "dispute_runs"
SAME = ("cents", "quantity", "unit_cents")
"""What a line still says, when it is put right as it was disputed."""
RUNS_SENTENCE = N_("This line is disputed already, in %(number)s.")


def dispute(session: Session, viewer: Viewer, settlement: QuarterSettlement, place: Municipality, key: str,
            at: datetime) -> Case:  # fmt: skip
    """Begin a dispute about a line, as a draft of who asks. One's own draft about it is gone on with."""
    if not viewer.has(Role.CONTRACT_MANAGER, place.id):
        raise Refused(NOT_YOURS)
    line, last = line_of(settlement.figures, place.code, key), last_final(session, settlement.quarter)
    if settlement.state != FINAL or last is None or last.id != settlement.id or line is None:
        raise Refused(NOT_FINAL)
    if line["kind"] == COMPENSATION:
        raise Refused(AGREED)
    asked = [one for one in disputes_of(session, place.id) if _about(one.content) == (settlement.quarter, key)]
    for one in asked:
        if one.closed_at is None and one.number is None and one.initiator_id == viewer.person_id:
            return one
        if one.closed_at is None and one.number is not None:
            raise Refused(Refusal(RUNS, RUNS_SENTENCE, {"number": one.number}))
    employments = employments_of(session, viewer.person_id)
    if not employments:
        raise Refused(NO_EMPLOYMENT)
    mine = sum(one.initiator_id == viewer.person_id for one in asked)
    return begin(
        session, CASE_TYPES[DISPUTE], employments[0], f"{settlement.id}-{place.code}-{key}-{mine}", at,
        municipality_id=place.id, cost_centre="", content=_content(settlement, place, line),
    )  # fmt: skip


def _content(settlement: QuarterSettlement, place: Municipality, line: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of the line, and who may not judge what is said of it."""
    return {
        "settlement": settlement.id, "revision": settlement.revision, "quarter": settlement.quarter,
        "code": place.code, "place": place.name, "line": line["key"], "label": line["label"], "cents": line["cents"],
        "quantity": line["quantity"], "unit_cents": line["unit_cents"], "unit": line["unit"],
        "apart": [one for one in (settlement.prepared_by_id, settlement.final_by_id) if one is not None],
    }  # fmt: skip


def _about(content: Mapping[str, Any]) -> tuple[str, str]:
    return content.get("quarter", ""), content.get("line", "")


def restate(session: Session, case: Case, event: CaseEvent, at: datetime) -> None:
    """Restate the settlement with the line as the case put it right. Refused where that says something else by now."""
    said = case.content
    held = running(session, said["quarter"]) or last_final(session, said["quarter"])
    line = line_of(held.figures, said["code"], said["line"]) if held else None
    if line is None or any(line[name] != said[name] for name in SAME):
        raise Refused(MOVED)
    right = Correction(said["code"], said["line"], said["corrected_cents"], said["corrected_quantity"], event.reason,
                       case.number or "")  # fmt: skip
    if event.actor_id is not None:
        settlements.correct(session, said["quarter"], right, event.actor_id, at)
