"""Signing in and out: passwords by argon2, throttling per account name and per address, and sessions that can end."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import cache

from pwdlib import PasswordHash
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from portal.models.people import Account, SignIn, SignInFailure
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

WINDOW = timedelta(minutes=15)
MOST_PER_ACCOUNT = 5
MOST_PER_ADDRESS = 30
"""Failures within WINDOW after which signing in must wait; many people may share one office's address."""
SHORTEST, LONGEST = 12, 200
SESSION_LIFE = timedelta(hours=10)
"""A working day: after it a session is over, however busy it is."""

THROTTLED = Refusal("throttled", N_("Too many attempts. Wait a quarter of an hour and try again."))
WRONG = Refusal("wrong_password", N_("This user name and password do not belong together."))
WRONG_CURRENT = Refusal("wrong_current_password", N_("This is not your present password."))
TOO_SHORT = Refusal("password_too_short", N_("Use at least 12 characters. A short sentence works well."))
TOO_LONG = Refusal("password_too_long", N_("Use at most 200 characters."))

_hasher = PasswordHash.recommended()


@cache
def hash_of_nobody() -> str:
    """Verified against when the account does not exist, so that both take the same time.

    Made when first asked for: a process in which nobody signs in starts sooner without.
    """
    return _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The argon2id hash to store. Raises Refused when the password is too short or too long."""
    if len(password) < SHORTEST:
        raise Refused(TOO_SHORT)
    if len(password) > LONGEST:
        raise Refused(TOO_LONG)
    return _hasher.hash(password)


def sign_in(session: Session, username: str, password: str, address: str, at: datetime) -> Account:
    """The account of this name and password; a failure is counted and raised as Refused."""
    name = username.strip().lower()[:100]
    if _throttled(session, name, address, at):
        raise Refused(THROTTLED)
    account = session.scalars(
        select(Account).where(Account.username == name).options(joinedload(Account.person))
    ).first()
    # An account without a password yet, or a locked one, answers as one that does not exist.
    open_now = account is not None and account.password_hash != "" and account.locked_at is None
    known = account.password_hash if account is not None and open_now else hash_of_nobody()
    right = len(password) <= LONGEST and _hasher.verify(password, known)
    if account is None or not open_now or not right:
        session.add(SignInFailure(username=name, address=address, at=at))
        raise Refused(WRONG)
    session.execute(delete(SignInFailure).where(SignInFailure.username == name))
    account.last_sign_in_at = at
    return account


def _throttled(session: Session, name: str, address: str, at: datetime) -> bool:
    session.execute(delete(SignInFailure).where(SignInFailure.at < at - timedelta(days=1)))

    def failures(*which: object) -> int:
        recent = select(func.count()).select_from(SignInFailure).where(SignInFailure.at > at - WINDOW, *which)  # type: ignore[arg-type]
        return session.scalar(recent) or 0

    return (
        failures(SignInFailure.username == name) >= MOST_PER_ACCOUNT
        or failures(SignInFailure.address == address) >= MOST_PER_ADDRESS
    )


def begin(session: Session, account: Account, at: datetime) -> SignIn:
    """Begin a session of this account."""
    new = SignIn(account_id=account.id, account=account, nonce=secrets.token_urlsafe(24), begun_at=at)
    session.add(new)
    return new


def end(session: Session, sign_in_id: int) -> None:
    """End one session: a copy of its cookie is worth nothing any more."""
    session.execute(delete(SignIn).where(SignIn.id == sign_in_id))


def sign_out_everywhere(session: Session, account_id: int) -> None:
    """End every session of this account."""
    session.execute(delete(SignIn).where(SignIn.account_id == account_id))


def change_password(session: Session, account: Account, current: str, new: str) -> None:
    """Change the password and end every session; whoever goes on begins a new one."""
    if not _hasher.verify(current[:LONGEST], account.password_hash):
        raise Refused(WRONG_CURRENT)
    account.password_hash = hash_password(new)
    sign_out_everywhere(session, account.id)
