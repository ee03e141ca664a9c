"""Changing who works here: people and their employments. Every change is dated and written down.

A rate, a manager and a municipality follow from the employment on a day, so an employment is never rewritten: it ends,
and another begins. `valid_from` and `valid_to` are its first and last day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from portal.commands import addresses
from portal.commands.changes import FIRST_DAY, LAST_DAY, OWN_RIGHTS, Author, because, write_down
from portal.commands.organisation import named
from portal.commands.pattern_rows import carry_over
from portal.i18n import LANGUAGES
from portal.models.people import Employment, Person, RoleGrant, Unit
from portal.queries.people import employments_of
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

GIVEN_NAME = Refusal("given_name_missing", N_("Fill in the first name."))
EMAIL_WRONG = Refusal("email_wrong", N_("This is no mail address."))
EMAIL_TAKEN = Refusal("email_taken", N_("Somebody else has this mail address already."))
LANGUAGE_UNKNOWN = Refusal("language_unknown", N_("Choose Dutch (nl) or English (en)."))
NUMBER_WRONG = Refusal("number_wrong", N_("Fill in the personnel number, 20 characters at most."))
NUMBER_TAKEN = Refusal("number_taken", N_("Somebody else of this municipality has this personnel number."))
TITLE_TOO_LONG = Refusal("title_too_long", N_("Use 100 characters at most for the job title."))
UNIT_UNKNOWN = Refusal("unit_unknown", N_("Choose a unit from the list."))
UNIT_CLOSED = Refusal("unit_closed", N_("This unit is closed then. Choose another."))
REVERSED = Refusal("last_before_first", N_("The last day cannot be before the first day."))
OVERLAPS = Refusal("employment_overlaps", N_("This person works for this unit in that time already."))
SAME_UNIT = Refusal("move_same_unit", N_("This person works for this unit already. Choose another."))
MOVE_TOO_EARLY = Refusal("move_too_early", N_("The move must be after the first day of the present employment."))

MAIL = re.compile(r"[^\s@<>\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class Details:
    """What somebody is called and how they are reached. `language` is that of their mails."""

    given_name: str
    family_name: str
    email: str
    language: str = "nl"
    phone: str = ""


@dataclass(frozen=True)
class Terms:
    """What an employment says besides its unit."""

    number: str
    job_title: str
    valid_from: date | None
    valid_to: date | None


def judged(typed: Details) -> Details:
    """The details as they are kept. Raises Refused with all that is wrong."""
    given, email = " ".join(typed.given_name.split()), typed.email.strip()
    wrong = [
        refusal
        for bad, refusal in (
            (not given or len(given) > 100, GIVEN_NAME),
            (not MAIL.fullmatch(email) or len(email) > 200, EMAIL_WRONG),
            (typed.language not in LANGUAGES, LANGUAGE_UNKNOWN),
        )
        if bad
    ]
    try:
        family = named(typed.family_name)
    except Refused as refused:
        wrong += refused.refusals
        family = ""
    if wrong:
        raise Refused(*wrong)
    return Details(given, family, email, typed.language, " ".join(typed.phone.split())[:40])


def judged_terms(typed: Terms) -> Terms:
    """The terms as they are kept. Raises Refused with all that is wrong."""
    number, title = typed.number.strip(), " ".join(typed.job_title.split())
    first, last = typed.valid_from, typed.valid_to
    wrong = [
        refusal
        for bad, refusal in (
            (not number or len(number) > 20 or not number.isprintable(), NUMBER_WRONG),
            (len(title) > 100, TITLE_TOO_LONG),
            (first is None, FIRST_DAY),
            (first is not None and last is not None and last < first, REVERSED),
        )
        if bad
    ]
    if wrong:
        raise Refused(*wrong)
    return Terms(number, title, first, last)


def details_of(person: Person) -> Details:
    """What is known of somebody now."""
    return Details(person.given_name, person.family_name, person.email, person.language, person.phone)


def add_person(session: Session, author: Author, typed: Details, unit_id: int | None, terms: Terms,
               at: datetime) -> Person:  # fmt: skip
    """Somebody new, with the employment that brings them here."""
    details = judged(typed)
    _free_address(session, details.email, None)
    person = Person(**asdict(details))
    session.add(person)
    session.flush()
    employment = employ(session, author, person, unit_id, terms, at)
    write_down(
        session, author, at, "person.added", person.name, person_id=person.id,
        municipality_id=employment.unit.municipality_id, new=asdict(details),
    )  # fmt: skip
    return person


def change_person(session: Session, author: Author, person: Person, typed: Details, at: datetime) -> bool:
    """Correct names, address, telephone number or language. Tells whether anything changed."""
    place = _reach_of(session, author, person)
    new, old = judged(typed), details_of(person)
    _free_address(session, new.email, person.id)
    person.given_name, person.family_name, person.email = new.given_name, new.family_name, new.email
    person.language, person.phone = new.language, new.phone
    addresses.moved(session, person, old.email, author.person_id, at)
    return write_down(
        session, author, at, "person.changed", person.name, person_id=person.id, municipality_id=place,
        old=asdict(old), new=asdict(new),
    )  # fmt: skip


def employ(session: Session, author: Author, person: Person, unit_id: int | None, typed: Terms,
           at: datetime) -> Employment:  # fmt: skip
    """Let somebody work for a unit, from a first day on."""
    _not_oneself(author, person)
    terms, unit = judged_terms(typed), unit_for(session, author, unit_id)
    first = terms.valid_from or date.min
    _open_on(unit, terms.valid_to)
    _free_number(session, unit.municipality_id, terms.number, person.id)
    for other in employments_of(session, person.id):
        if other.unit_id == unit.id and _meet(first, terms.valid_to, other.valid_from, other.valid_to):
            raise Refused(OVERLAPS)
    employment = Employment(
        person_id=person.id, unit_id=unit.id, personnel_number=terms.number, job_title=terms.job_title,
        valid_from=first, valid_to=terms.valid_to,
    )  # fmt: skip
    set_committed_value(employment, "unit", unit)
    set_committed_value(employment, "person", person)
    session.add(employment)
    session.flush()
    write_down(
        session, author, at, "employment.added", person.name, person_id=person.id,
        municipality_id=unit.municipality_id,
        new={"unit": unit.name, "number": terms.number, "job_title": terms.job_title, "valid_from": first,
             "valid_to": terms.valid_to},
    )  # fmt: skip
    return employment


def retitle(session: Session, author: Author, employment: Employment, title: str, at: datetime) -> None:
    """Call the same work by another name."""
    _not_oneself(author, employment.person)
    author.reaches(employment.unit.municipality_id)
    title = " ".join(title.split())
    if len(title) > 100:
        raise Refused(TITLE_TOO_LONG)
    old, employment.job_title = employment.job_title, title
    write_down(
        session, author, at, "employment.changed", employment.person.name, person_id=employment.person_id,
        municipality_id=employment.unit.municipality_id, old={"job_title": old}, new={"job_title": title},
    )  # fmt: skip


def end_employment(session: Session, author: Author, employment: Employment, last: date | None, reason: str,
                   at: datetime) -> Sequence[RoleGrant]:  # fmt: skip
    """End an employment after this last day, or put another last day. Claims up to that day can still be made.

    With the last employment the roles end as well. Gives the roles that do.
    """
    person, unit = employment.person, employment.unit
    _not_oneself(author, person)
    author.reaches(unit.municipality_id)
    if last is None:
        raise Refused(LAST_DAY)
    if last < employment.valid_from:
        raise Refused(REVERSED)
    _open_on(unit, last)
    why, old = because(reason), employment.valid_to
    employment.valid_to = last
    write_down(
        session, author, at, "employment.ended", person.name, person_id=person.id,
        municipality_id=unit.municipality_id, old={"unit": "", "valid_to": old},
        new={"unit": unit.name, "valid_to": last}, reason=why,
    )  # fmt: skip
    return _end_roles(session, author, person, last, why, at)


def _end_roles(session: Session, author: Author, person: Person, last: date, why: str,
               at: datetime) -> Sequence[RoleGrant]:  # fmt: skip
    if any(e.valid_to is None or e.valid_to > last for e in employments_of(session, person.id)):
        return ()
    later = or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > last)
    grants = session.scalars(select(RoleGrant).where(RoleGrant.person_id == person.id, later)).all()
    for grant in grants:
        old, grant.valid_to = grant.valid_to, max(last, grant.valid_from)
        write_down(
            session, author, at, "role.ended", person.name, person_id=person.id,
            municipality_id=grant.municipality_id, old={"role": "", "valid_to": old},
            new={"role": grant.role, "valid_to": grant.valid_to}, reason=why,
        )  # fmt: skip
    return grants


def move(session: Session, author: Author, employment: Employment, unit_id: int | None, number: str, title: str,
         first: date | None, reason: str, at: datetime) -> Employment:  # fmt: skip
    """Move somebody to another unit, also of another municipality, from this day on.

    The employment ends the day before; the new one runs as long as the old one would have, with the same work pattern.
    """
    person, unit, last = employment.person, employment.unit, employment.valid_to
    _not_oneself(author, person)
    author.reaches(unit.municipality_id)
    to, why = unit_for(session, author, unit_id), because(reason)
    if to.id == unit.id:
        raise Refused(SAME_UNIT)
    if first is None:
        raise Refused(FIRST_DAY)
    if first <= employment.valid_from or (last is not None and first > last):
        raise Refused(MOVE_TOO_EARLY if first <= employment.valid_from else REVERSED)
    terms = judged_terms(Terms(number, title, first, last))
    employment.valid_to = first - timedelta(days=1)
    session.flush()
    new = employ(session, author, person, to.id, terms, at)
    carry_over(session, employment, new, at)
    write_down(
        session, author, at, "employment.moved", person.name, person_id=person.id,
        municipality_id=unit.municipality_id, old={"unit": unit.name, "valid_to": last},
        new={"unit": to.name, "valid_to": employment.valid_to}, reason=why,
    )  # fmt: skip
    return new


def unit_for(session: Session, author: Author, unit_id: int | None) -> Unit:
    """The unit with its municipality, when the author may put people there."""
    found = session.scalars(select(Unit).where(Unit.id == unit_id).options(joinedload(Unit.municipality))).first()
    if found is None:
        raise Refused(UNIT_UNKNOWN)
    author.reaches(found.municipality_id)
    return found


def _not_oneself(author: Author, person: Person) -> None:
    if author.person_id == person.id:
        raise Refused(OWN_RIGHTS)


def _reach_of(session: Session, author: Author, person: Person) -> int | None:
    """The municipality somebody works for, the latest first, when it is within the author's work."""
    places = [e.unit.municipality_id for e in employments_of(session, person.id)]
    within = [place for place in places if author.places is None or place in author.places]
    author.reaches(within[0] if within else None)
    return within[0] if within else None


def _open_on(unit: Unit, last: date | None) -> None:
    if unit.valid_to is not None and (last is None or unit.valid_to < last):
        raise Refused(UNIT_CLOSED)


def _meet(first: date, last: date | None, begins: date, ends: date | None) -> bool:
    return (ends is None or first <= ends) and (last is None or begins <= last)


def _free_address(session: Session, email: str, but: int | None) -> None:
    same = select(Person.id).where(func.lower(Person.email) == email.lower())
    if any(found != but for found in session.scalars(same)):
        raise Refused(EMAIL_TAKEN)


def _free_number(session: Session, municipality_id: int, number: str, person_id: int) -> None:
    taken = (
        select(Employment.id)
        .join(Unit, Unit.id == Employment.unit_id)
        .where(
            Unit.municipality_id == municipality_id,
            Employment.personnel_number == number,
            Employment.person_id != person_id,
        )
    )
    if session.scalars(taken.limit(1)).first() is not None:
        raise Refused(NUMBER_TAKEN)
