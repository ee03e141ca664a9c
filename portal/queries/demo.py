"""Who plays in a demo: the named people with what they do, and some others to sign in as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.db import overlaps
from portal.models.people import Account, Employment, ManagerRelation, Person, RoleGrant, Unit


@dataclass(frozen=True)
class Player:
    """Somebody to sign in as."""

    account: Account
    person: Person
    work: str
    municipality: str
    roles: Sequence[str]
    leads: Sequence[str]


def cast(session: Session, on: date, limit: int = 60) -> Sequence[Player]:
    """Everybody with an account, in the order the accounts were made: the named people come first."""
    accounts = session.scalars(
        select(Account).options(joinedload(Account.person)).order_by(Account.id).limit(limit)
    ).all()
    persons = [account.person_id for account in accounts]
    employments = session.scalars(
        select(Employment)
        .where(Employment.person_id.in_(persons), overlaps(on, Employment.valid_from, Employment.valid_to))
        .options(joinedload(Employment.unit).joinedload(Unit.municipality))
    ).all()
    work = {e.person_id: e for e in employments}
    roles: dict[int, list[str]] = {}
    for grant in session.scalars(
        select(RoleGrant).where(
            RoleGrant.person_id.in_(persons), overlaps(on, RoleGrant.valid_from, RoleGrant.valid_to)
        )
    ):
        roles.setdefault(grant.person_id, []).append(grant.role)
    leads: dict[int, list[str]] = {}
    for manager, name in session.execute(
        select(ManagerRelation.manager_id, Unit.name)
        .join(Unit, Unit.id == ManagerRelation.unit_id)
        .where(overlaps(on, ManagerRelation.valid_from, ManagerRelation.valid_to))
    ):
        leads.setdefault(manager, []).append(name)
    return [
        Player(
            account=account,
            person=account.person,
            work=work[account.person_id].job_title if account.person_id in work else "",
            municipality=work[account.person_id].unit.municipality.name if account.person_id in work else "",
            roles=sorted(set(roles.get(account.person_id, ()))),
            leads=leads.get(account.person_id, ()),
        )
        for account in accounts
    ]
