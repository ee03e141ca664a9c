"""Giving and ending mandates. What was in force stays on record: a mandate ends, and another begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands.changes import FIRST_DAY, LAST_DAY, OWN_RIGHTS, Author, because, write_down
from portal.commands.employments import REVERSED
from portal.db import overlaps
from portal.models.people import Employment, Mandate, Person
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

MANDATE_HOLDER = Refusal("mandate_holder", N_("This person does not work here on the first day. Choose somebody else."))
MANDATE_KIND = Refusal("mandate_kind", N_("Choose a kind of case from the list."))
MANDATE_CENTRES = Refusal(
    "mandate_centres", N_("Write cost centres with spaces between them, such as 1100 12*. A star stands for the rest.")
)
MANDATE_PAST = Refusal("mandate_past", N_("A mandate cannot begin before today."))
MANDATE_OVER = Refusal("mandate_over", N_("This mandate has ended already."))

ONE_DAY = timedelta(days=1)
CENTRES = re.compile(r"[0-9A-Za-z.-]{1,20}\*?")


@dataclass(frozen=True)
class Terms:
    """What a mandate says: for which kind of case, up to how much, on which cost centres, from when to when."""

    municipality_id: int | None
    kind: str
    cents: int
    cost_centres: str
    designated: bool
    first: date | None
    last: date | None


def give_mandate(session: Session, author: Author, holder: Person, terms: Terms, kinds: frozenset[str], reason: str,
                 at: datetime, today: date) -> Mandate:  # fmt: skip
    """Give somebody a mandate; `kinds` are those of which there is anything to sign."""
    if holder.id == author.person_id:
        raise Refused(OWN_RIGHTS)
    author.reaches(terms.municipality_id)
    centres = _judged(terms, kinds, today)
    works = select(Employment.id).where(
        Employment.person_id == holder.id, overlaps(terms.first or today, Employment.valid_from, Employment.valid_to)
    )
    if session.scalars(works).first() is None:
        raise Refused(MANDATE_HOLDER)
    why = because(reason)
    new = Mandate(
        person_id=holder.id, municipality_id=terms.municipality_id, kind=terms.kind, maximum_cents=terms.cents,
        cost_centres=centres, designated=terms.designated, valid_from=terms.first, valid_to=terms.last,
    )  # fmt: skip
    session.add(new)
    session.flush()
    write_down(
        session, author, at, "mandate.given", holder.name, person_id=holder.id, municipality_id=terms.municipality_id,
        new=_said(new), reason=why,
    )  # fmt: skip
    return new


def _judged(terms: Terms, kinds: frozenset[str], today: date) -> str:
    """The cost centres as they are kept. Raises Refused."""
    if terms.municipality_id is None or terms.kind not in kinds:
        raise Refused(MANDATE_KIND)
    centres = terms.cost_centres.split()
    if len(centres) > 20 or not all(CENTRES.fullmatch(one) for one in centres):
        raise Refused(MANDATE_CENTRES)
    if terms.first is None:
        raise Refused(FIRST_DAY)
    if terms.first < today:
        raise Refused(MANDATE_PAST)
    if terms.last is not None and terms.last < terms.first:
        raise Refused(REVERSED)
    return " ".join(centres)


def end_mandate(session: Session, author: Author, mandate: Mandate, last: date | None, reason: str, at: datetime,
                today: date) -> None:  # fmt: skip
    """End a mandate after this last day, today at the earliest; one that has not begun is taken back altogether."""
    if mandate.person_id == author.person_id:
        raise Refused(OWN_RIGHTS)
    author.reaches(mandate.municipality_id)
    if mandate.valid_to is not None and mandate.valid_to < today:
        raise Refused(MANDATE_OVER)
    if last is None:
        raise Refused(LAST_DAY)
    if last < today or (mandate.valid_to is not None and last > mandate.valid_to):
        raise Refused(REVERSED)
    why, old, holder = because(reason), _said(mandate), session.get_one(Person, mandate.person_id)
    place = mandate.municipality_id
    if mandate.valid_from > last:
        session.delete(mandate)
    else:
        mandate.valid_to = last
    write_down(
        session, author, at, "mandate.ended", holder.name, person_id=holder.id, municipality_id=place, old=old,
        new=old | {"valid_to": last}, reason=why,
    )  # fmt: skip


def _said(mandate: Mandate) -> dict[str, object]:
    """A mandate as the log of changes tells it."""
    return {
        "kind": mandate.kind, "maximum": f"{mandate.maximum_cents // 100}.{mandate.maximum_cents % 100:02}",
        "cost_centre": mandate.cost_centres,
        "designated": "yes" if mandate.designated else "", "valid_from": mandate.valid_from,
        "valid_to": mandate.valid_to,
    }  # fmt: skip
