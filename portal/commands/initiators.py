"""Whose case it is: handing it to the employee whom it is about, and moving it to another municipality.

Who is told of cases that begin without an employee is agreed for each municipality, by personnel number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.models.cases import Case
from portal.models.people import Employment, Municipality
from portal.queries.cases import WHOLE
from portal.queries.known_by import employed_as, municipality_of
from portal.queries.people import calendar_of, policies_of
from portal.searching import folded
from workflows import CASE_TYPES
from workflows.effects import Effect, HandTo, MoveTo
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

WORDS_LIMIT = 300
"""How much of a case can be searched: it is kept in an index, whose rows are short."""

CONTACT = "invoice_contact"
"""The policy that says who in a municipality is told of a case of which nobody knows yet whose it is."""

COLLEAGUE_UNKNOWN = Refusal(
    "colleague_unknown",
    N_("Nobody who works for %(municipality)s has this mail address or personnel number: %(typed)s."),
)
NO_CONTACT = Refusal(
    "no_invoice_contact",
    N_("For %(municipality)s nobody is named who is told of such cases. The functional manager agrees on somebody."),
)
MUNICIPALITY_UNKNOWN = Refusal("municipality_unknown", N_("Choose another municipality of the partnership."))


def words_of(case: Case) -> str:
    """What the queue is searched by."""
    return folded(f"{case.number or ''} {case.title} {case.initiator.name}")[:WORDS_LIMIT]


def contact_of(session: Session, municipality: Municipality, at: datetime) -> Employment:
    """Who is told of a case that begins without an employee. Raises Refused where nobody was named, or who was left."""
    today = local_date(at)
    agreed = policies_of(session, municipality.id).at(CONTACT, today)
    found = employed_as(session, municipality.id, (agreed.value,), today) if agreed else {}
    for employment in found.values():
        return employment
    raise Refused(Refusal(NO_CONTACT.code, NO_CONTACT.sentence, {"municipality": municipality.name}))


def expect_known(
    session: Session, case: Case, effects: Iterable[Effect], given: Mapping[str, Any], at: datetime
) -> None:
    """Refuse a step that hands the case to nobody or moves it nowhere, before anything is written."""
    content = given or case.content
    for effect in effects:
        match effect:
            case HandTo(named):
                _colleague(session, case, named(content), at)
            case MoveTo(code):
                _elsewhere(session, case, code(content), at)
            case _:
                pass


def carry_out(session: Session, case: Case, effect: HandTo | MoveTo, at: datetime) -> None:
    """Hand the case to whoever is named in its content, or move it to the municipality that stands there."""
    if isinstance(effect, MoveTo):
        there = _elsewhere(session, case, effect.code(case.content), at)
        # Its terms count from the same moment, by the closing days of the other.
        case_type, calendar = CASE_TYPES[case.type], calendar_of(there.unit.municipality)
        since = case.received_at or at
        case.municipality_id = there.unit.municipality_id
        case.target_due = calendar.due(since, case_type.norm)
        case.legal_due = calendar.due(since, case_type.legal) if case_type.legal else None
        case.assignee_id = case.assigned_at = None
        _hand(session, case, there, at)
    elif found := _colleague(session, case, effect.named(case.content), at):
        _hand(session, case, found, at)


def _hand(session: Session, case: Case, to: Employment, at: datetime) -> None:
    """The case is of this employee from now on; whoever had it is asked no longer."""
    if to.id != case.employment_id:
        case.initiator_id, case.employment_id = to.person_id, to.id
        case.state_since, case.reminded_at, case.escalated_at = at, None, None
    if not CASE_TYPES[case.type].facts(case.content).cost_centre:
        case.cost_centre = to.unit.cost_centre
    # Before anybody is asked: a link is for the version in which the case is theirs.
    session.flush()
    session.get_one(Case, case.id, options=WHOLE, populate_existing=True)
    case.words = words_of(case)
    session.flush()


def _colleague(session: Session, case: Case, typed: str, at: datetime) -> Employment | None:
    if not typed:
        return None
    found = employed_as(session, case.municipality_id, (typed,), local_date(at))
    for employment in found.values():
        return employment
    values = {"typed": typed, "municipality": case.municipality.name}
    raise Refused(Refusal(COLLEAGUE_UNKNOWN.code, COLLEAGUE_UNKNOWN.sentence, values))


def _elsewhere(session: Session, case: Case, code: str, at: datetime) -> Employment:
    there = municipality_of(session, code)
    if there is None or there.id == case.municipality_id:
        raise Refused(MUNICIPALITY_UNKNOWN)
    return contact_of(session, there, at)
