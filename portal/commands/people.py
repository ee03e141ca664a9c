"""What can be changed about people: their language, and who stands in for them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.people import Person, Substitution
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

SUBSTITUTE_SELF = Refusal("substitute_self", N_("You cannot stand in for yourself. Choose somebody else."))
SUBSTITUTE_UNKNOWN = Refusal("substitute_unknown", N_("Choose a colleague from the list."))
SUBSTITUTE_PERIOD = Refusal("substitute_period", N_("The last day must be on or after the first day."))
SUBSTITUTE_PAST = Refusal("substitute_past", N_("This period is already over."))
SUBSTITUTE_CIRCLE = Refusal(
    "substitute_circle",
    N_("This colleague is away too then, and you stand in for them. Choose somebody else."),
)


def set_language(session: Session, person_id: int, code: str) -> None:
    """In which language somebody reads their mail and screens."""
    session.get_one(Person, person_id).language = code


def stand_in(session: Session, absent: int, substitute: int, first: date, last: date, today: date) -> Substitution:
    """Let somebody decide in one's place for a time. Raises Refused on circles and impossible periods."""
    if absent == substitute:
        raise Refused(SUBSTITUTE_SELF)
    if session.get(Person, substitute) is None:
        raise Refused(SUBSTITUTE_UNKNOWN)
    if last < first:
        raise Refused(SUBSTITUTE_PERIOD)
    if last < today:
        raise Refused(SUBSTITUTE_PAST)
    if _leads_to(session, substitute, absent, first, last):
        raise Refused(SUBSTITUTE_CIRCLE)
    new = Substitution(absent_id=absent, substitute_id=substitute, valid_from=first, valid_to=last)
    session.add(new)
    return new


def _leads_to(session: Session, start: int, goal: int, first: date, last: date) -> bool:
    """Whether substitutions in this period lead from one person, step by step, to another."""
    rows = session.execute(
        select(Substitution.absent_id, Substitution.substitute_id).where(
            Substitution.valid_from <= last, Substitution.valid_to >= first
        )
    ).all()
    reached, front = {start}, {start}
    while front:
        front = {who for absent, who in rows if absent in front} - reached
        reached |= front
    return goal in reached


def end_substitution(session: Session, absent: int, substitution_id: int) -> None:
    """Take back a substitution of one's own."""
    found = session.get(Substitution, substitution_id)
    if found is not None and found.absent_id == absent:
        session.delete(found)
