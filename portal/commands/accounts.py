"""Accounts as administration sees them: opening one, a link to choose a password, locking and unlocking.

Nobody but its owner ever knows a password: administration sends a link to the owner's own mail address.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from portal.commands.changes import OWN_RIGHTS, Author, because, write_down
from portal.commands.mail import invite
from portal.commands.sign_in import hash_password, sign_out_everywhere
from portal.models.people import Account, AccountLink, Person
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

LINK_DAYS = 3
USERNAME_WRONG = Refusal(
    "username_wrong", N_("Use 2 to 60 small letters, digits, points, hyphens, underscores or an @-sign.")
)
USERNAME_TAKEN = Refusal("username_taken", N_("Somebody else has this user name. Choose another."))
HAS_ACCOUNT = Refusal("has_account", N_("This person has an account already."))
LOCKED_ALREADY = Refusal("locked_already", N_("This account is locked already."))
NOT_LOCKED = Refusal("not_locked", N_("This account is not locked."))
ACCOUNT_LOCKED = Refusal("account_locked", N_("This account is locked. Unlock it first."))
LINK_DEAD = Refusal("account_link_dead", N_("This link is used or too old. Ask the SSC for a new one."))

USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,59}")


def open_account(session: Session, author: Author, person: Person, place: int | None, username: str,
                 at: datetime) -> Account:  # fmt: skip
    """Give somebody an account, and mail them a link to choose its password."""
    author.reaches(place)
    name = username.strip().lower()
    if not USERNAME.fullmatch(name):
        raise Refused(USERNAME_WRONG)
    for account in session.scalars(
        select(Account).where((Account.username == name) | (Account.person_id == person.id))
    ):
        raise Refused(HAS_ACCOUNT if account.person_id == person.id else USERNAME_TAKEN)
    new = Account(person_id=person.id, username=name, password_hash="")
    session.add(new)
    session.flush()
    write_down(session, author, at, "account.opened", person.name, person_id=person.id, municipality_id=place,
               new={"username": name})  # fmt: skip
    _mail_link(session, author, person, new, "account", at)
    return new


def send_link(session: Session, author: Author, person: Person, place: int | None, account: Account,
              at: datetime) -> None:  # fmt: skip
    """Mail the owner a link to choose a new password; the present one works until then, links sent before do not."""
    author.reaches(place)
    if account.locked_at is not None:
        raise Refused(ACCOUNT_LOCKED)
    write_down(session, author, at, "account.linked", person.name, person_id=person.id, municipality_id=place)
    _mail_link(session, author, person, account, "password", at)


def _mail_link(session: Session, author: Author, person: Person, account: Account, letter: str, at: datetime) -> None:
    session.execute(
        update(AccountLink)
        .where(AccountLink.account_id == account.id, AccountLink.used_at.is_(None))
        .values(used_at=at)
    )
    link = AccountLink(
        nonce=secrets.token_urlsafe(24), account_id=account.id, created_at=at, created_by_id=author.person_id,
        expires_at=at + timedelta(days=LINK_DAYS),
    )  # fmt: skip
    session.add(link)
    invite(session, person, letter, link.nonce, at, username=account.username, days=LINK_DAYS)


def lock(session: Session, author: Author, person: Person, place: int | None, account: Account, reason: str,
         at: datetime) -> None:  # fmt: skip
    """Nobody signs in with this account any more, and every session of it ends."""
    if author.person_id == person.id:
        raise Refused(OWN_RIGHTS)
    author.reaches(place)
    why = because(reason)
    if account.locked_at is not None:
        raise Refused(LOCKED_ALREADY)
    account.locked_at = at
    sign_out_everywhere(session, account.id)
    write_down(session, author, at, "account.locked", person.name, person_id=person.id, municipality_id=place,
               reason=why)  # fmt: skip


def unlock(session: Session, author: Author, person: Person, place: int | None, account: Account, reason: str,
           at: datetime) -> None:  # fmt: skip
    """Let the owner sign in again."""
    author.reaches(place)
    why = because(reason)
    if account.locked_at is None:
        raise Refused(NOT_LOCKED)
    account.locked_at = None
    write_down(session, author, at, "account.unlocked", person.name, person_id=person.id, municipality_id=place,
               reason=why)  # fmt: skip


def living_link(session: Session, nonce: str, at: datetime) -> AccountLink | None:
    """The link of this nonce with its account, while it can be used."""
    link = session.scalars(
        select(AccountLink).where(AccountLink.nonce == nonce).options(joinedload(AccountLink.account))
    ).first()
    alive = link is not None and link.used_at is None and at < link.expires_at and link.account.locked_at is None
    return link if alive else None


def choose_password(session: Session, nonce: str, password: str, at: datetime) -> Account:
    """Choose the password of one's account by a mailed link, once. Every session of before ends."""
    link = living_link(session, nonce, at)
    if link is None:
        raise Refused(LINK_DEAD)
    link.account.password_hash = hash_password(password)
    link.used_at = at
    sign_out_everywhere(session, link.account_id)
    return link.account
