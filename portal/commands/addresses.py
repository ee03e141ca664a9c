"""What a change of somebody's mail address brings about: the old address is told, and no link that went there decides.

Whoever changes an address could send somebody else's decisions to themselves. So what still waits is asked anew at the
new address, and by its links nobody decides without signing in for as long as was agreed (`address_hold_days`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.commands import mail
from portal.commands.rerouting import reroute
from portal.models.cases import Case
from portal.models.mail import MailLink
from portal.models.people import Account, AccountLink, Person

SUPERSEDED = "superseded"


def moved(session: Session, person: Person, old: str, by_id: int | None, at: datetime) -> None:
    """Somebody is mailed at another address from now on; `old` is where they were, `by_id` who changed it."""
    if old.lower() == person.email.lower():
        return
    person.email_changed_at = at
    by = session.get_one(Person, by_id).name if by_id else mail.SSC
    for address, letter in ((old, "address_left"), (person.email, "address_new")):
        mail.write_to(session, person, letter, at, address=address, by=by)
    _end_account_links(session, person, at)
    _ask_anew(session, person, at)


def _end_account_links(session: Session, person: Person, at: datetime) -> None:
    """By a link that went to the old address nobody chooses a password any more."""
    accounts = select(Account.id).where(Account.person_id == person.id)
    session.execute(
        update(AccountLink)
        .where(AccountLink.account_id.in_(accounts), AccountLink.used_at.is_(None))
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )


def _ask_anew(session: Session, person: Person, at: datetime) -> None:
    """Every living link of this person dies; whatever still waits is asked again by one of its own."""
    mine = (MailLink.person_id == person.id, MailLink.ended.is_(None))
    approvers = set(
        session.scalars(
            select(Case.approver_id)
            .join(MailLink, MailLink.case_id == Case.id)
            .where(*mine, MailLink.case_version == Case.version, Case.approver_id.is_not(None))
            .distinct()
        )
    )
    session.execute(
        update(MailLink)
        .where(*mine)
        .values(ended=SUPERSEDED, ended_at=at)
        .execution_options(synchronize_session="fetch")
    )
    if approvers:
        reroute(session, at, of={one for one in approvers if one is not None})
