"""Giving and ending roles. Nobody changes their own; roles that move money or give rights take a second person.

A role counts from its first day; ending one counts from the day after its last.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Role
from portal.commands.changes import FIRST_DAY, LAST_DAY, OWN_RIGHTS, Author, because, write_down
from portal.commands.employments import REVERSED
from portal.models.people import Person, RoleGrant, RoleRequest
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

WEIGHTY = frozenset({Role.TREASURER, Role.FUNCTIONAL_MANAGER, Role.REOPENER})
"""Roles that take two functional managers: one who asks, another who grants."""

ROLE_UNKNOWN = Refusal("role_unknown", N_("Choose a role from the list."))
ROLE_HELD = Refusal("role_held", N_("This person has this role in that time already."))
ROLE_ASKED = Refusal("role_asked", N_("This role was asked for already. A second functional manager must grant it."))
ROLE_PAST = Refusal("role_past", N_("A role cannot begin before today."))
NO_REQUEST = Refusal("role_request_gone", N_("This request was decided already."))
SECOND_PERSON = Refusal("second_person_needed", N_("You asked for this role, so a second person must grant it."))
ROLE_OVER = Refusal("role_over", N_("This role has ended already."))


def give_role(session: Session, author: Author, person: Person, role: Role | None, municipality_id: int | None,
              first: date | None, last: date | None, reason: str, at: datetime,
              today: date) -> RoleRequest | None:  # fmt: skip
    """Give somebody a role, for one municipality or for all. A weighty one waits for a second person: its request."""
    _not_oneself(author, person)
    if role is None:
        raise Refused(ROLE_UNKNOWN)
    author.reaches(municipality_id)
    if first is None:
        raise Refused(FIRST_DAY)
    if first < today:
        raise Refused(ROLE_PAST)
    if last is not None and last < first:
        raise Refused(REVERSED)
    why = because(reason)
    if _held(session, person.id, role, municipality_id, first, last):
        raise Refused(ROLE_HELD)
    if role not in WEIGHTY or author.person_id is None:
        _grant(session, author, person, role, municipality_id, first, last, why, at)
        return None
    asked = select(RoleRequest.id).where(
        RoleRequest.person_id == person.id, RoleRequest.role == role.value, RoleRequest.decided_at.is_(None)
    )
    if session.scalars(asked).first() is not None:
        raise Refused(ROLE_ASKED)
    request = RoleRequest(
        person_id=person.id, role=role.value, municipality_id=municipality_id, valid_from=first, valid_to=last,
        reason=why, asked_at=at, asked_by_id=author.person_id,
    )  # fmt: skip
    session.add(request)
    session.flush()
    _log(session, author, person, "role.asked", role.value, municipality_id, first, last, why, at)
    return request


def decide_role(session: Session, author: Author, request: RoleRequest, granted: bool, at: datetime,
                today: date) -> None:  # fmt: skip
    """A second functional manager grants what another asked, or does not. It begins today at the earliest."""
    person, role = session.get_one(Person, request.person_id), Role(request.role)
    _not_oneself(author, person)
    author.reaches(request.municipality_id)
    if request.decided_at is not None:
        raise Refused(NO_REQUEST)
    if author.person_id == request.asked_by_id and granted:
        raise Refused(SECOND_PERSON)
    first = max(request.valid_from, today)
    if granted and request.valid_to is not None and request.valid_to < first:
        raise Refused(ROLE_OVER)
    if granted and _held(session, person.id, role, request.municipality_id, first, request.valid_to):
        raise Refused(ROLE_HELD)
    if author.person_id == request.asked_by_id:
        # Who asked may take it back; the database keeps that nobody decides on what they asked.
        session.delete(request)
    else:
        request.decided_at, request.decided_by_id, request.granted = at, author.person_id, granted
    if granted:
        _grant(session, author, person, role, request.municipality_id, first, request.valid_to, request.reason, at)
    else:
        _log(session, author, person, "role.refused", role.value, request.municipality_id, request.valid_from,
             request.valid_to, request.reason, at)  # fmt: skip


def end_role(session: Session, author: Author, grant: RoleGrant, last: date | None, reason: str, at: datetime,
             today: date) -> None:  # fmt: skip
    """End a role after this last day, today at the earliest; one that has not begun is taken back altogether."""
    person = session.get_one(Person, grant.person_id)
    _not_oneself(author, person)
    author.reaches(grant.municipality_id)
    why = because(reason)
    if grant.valid_to is not None and grant.valid_to < today:
        raise Refused(ROLE_OVER)
    if last is None:
        raise Refused(LAST_DAY)
    if last < today or (grant.valid_to is not None and last > grant.valid_to):
        raise Refused(REVERSED)
    old = grant.valid_to
    if grant.valid_from > last:
        session.delete(grant)
    else:
        grant.valid_to = last
    write_down(
        session, author, at, "role.ended", person.name, person_id=person.id, municipality_id=grant.municipality_id,
        old={"role": "", "valid_to": old}, new={"role": grant.role, "valid_to": last}, reason=why,
    )  # fmt: skip


def _not_oneself(author: Author, person: Person) -> None:
    if author.person_id == person.id:
        raise Refused(OWN_RIGHTS)


def _held(session: Session, person_id: int, role: Role, municipality_id: int | None, first: date,
          last: date | None) -> bool:  # fmt: skip
    grants = session.scalars(select(RoleGrant).where(RoleGrant.person_id == person_id, RoleGrant.role == role.value))
    return any(
        grant.municipality_id == municipality_id
        and (grant.valid_to is None or first <= grant.valid_to)
        and (last is None or grant.valid_from <= last)
        for grant in grants
    )


def _grant(session: Session, author: Author, person: Person, role: Role, municipality_id: int | None, first: date,
           last: date | None, why: str, at: datetime) -> None:  # fmt: skip
    session.add(
        RoleGrant(
            person_id=person.id, role=role.value, municipality_id=municipality_id, valid_from=first, valid_to=last
        )
    )
    _log(session, author, person, "role.granted", role.value, municipality_id, first, last, why, at)


def _log(session: Session, author: Author, person: Person, what: str, role: str, municipality_id: int | None,
         first: date, last: date | None, why: str, at: datetime) -> None:  # fmt: skip
    write_down(
        session, author, at, what, person.name, person_id=person.id, municipality_id=municipality_id,
        new={"role": role, "valid_from": first, "valid_to": last}, reason=why,
    )  # fmt: skip
