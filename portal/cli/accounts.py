"""Accounts to sign in with."""

from __future__ import annotations

import click
from sqlalchemy import select

from portal.cli.world import production
from portal.commands import sign_in
from portal.models.people import Account, Person
from workflows.kernel import Refused


@click.group()
def account() -> None:
    """Accounts to sign in with."""


@account.command("add")
@click.argument("email")
@click.argument("username")
@click.password_option()
def account_add(email: str, username: str, password: str) -> None:
    """Give the person with this mail address an account."""
    with production().db.transaction() as session:
        person = session.scalars(select(Person).where(Person.email == email)).first()
        if person is None:
            raise click.ClickException(f"nobody has the address {email}")
        name = username.strip().lower()
        taken = (Account.username == name) | (Account.person_id == person.id)
        if session.scalars(select(Account.id).where(taken)).first():
            raise click.ClickException("this user name is taken, or this person has an account")
        session.add(Account(person_id=person.id, username=name, password_hash=_hash(password)))


@account.command("reset")
@click.argument("username")
@click.password_option()
def account_reset(username: str, password: str) -> None:
    """Set a new password and end every session of the account."""
    with production().db.transaction() as session:
        found = session.scalars(select(Account).where(Account.username == username.strip().lower())).first()
        if found is None:
            raise click.ClickException("no such account")
        found.password_hash = _hash(password)
        sign_in.sign_out_everywhere(session, found.id)


def _hash(password: str) -> str:
    try:
        return sign_in.hash_password(password)
    except Refused as refused:
        raise click.ClickException(refused.refusals[0].sentence) from refused
