"""The organisation: municipalities and their policies, units, people, employments, roles, mandates, accounts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session

from portal.db import Base, refers
from portal.searching import folded


class Municipality(Base):
    """A member of the partnership. `iban` is the account from which the SSC pays in its name."""

    __tablename__ = "municipality"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    account_name: Mapped[str]
    iban: Mapped[str]
    bic: Mapped[str]
    closing_days: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Closing days of its own: ISO date to name."""


class Policy(Base):
    """One dated policy. `municipality_id` NULL holds for all; a municipality's own row goes before it."""

    __tablename__ = "policy"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"), index=True)
    key: Mapped[str] = mapped_column(index=True)
    value: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    article: Mapped[str] = mapped_column(default="")
    source: Mapped[str]


def policy_books(session: Session) -> dict[int, Any]:
    """Memory for the policies read in this transaction, by municipality: every step of a case asks for them."""
    return session.info.setdefault("policy_books", {})  # type: ignore[no-any-return]


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    if not session.in_nested_transaction():  # a savepoint is no commit
        _forget(session)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop("policy_books", None)


@event.listens_for(Policy, "after_insert")
@event.listens_for(Policy, "after_update")
@event.listens_for(Policy, "after_delete")
def _changed(_mapper: Any, _connection: Any, changed: Policy) -> None:
    if session := object_session(changed):
        _forget(session)


class Unit(Base):
    """A part of a municipality's organisation; units form a tree. Nobody works there after `valid_to`."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str]
    cost_centre: Mapped[str]
    valid_to: Mapped[date | None]

    municipality: Mapped[Municipality] = refers()


class Person(Base):
    """A human being, whatever they do here. `language` is that of their mails: nl or en."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    given_name: Mapped[str]
    family_name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    email_changed_at: Mapped[datetime | None]
    """Since when they are mailed at another address than before; None when that never changed."""
    language: Mapped[str] = mapped_column(default="nl")
    phone: Mapped[str] = mapped_column(default="")
    daily_hour: Mapped[int | None]
    """At which hour they get one mail a day with all that waits for their decision; None is a mail for each at once."""
    words: Mapped[str] = mapped_column(default=lambda row: _words(**row.get_current_parameters()))
    """What somebody is searched by: name and mail address, folded."""

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


def _words(given_name: str, family_name: str, email: str, **_: Any) -> str:
    return folded(f"{given_name} {family_name} {email}")


@event.listens_for(Person, "before_update")
def _keep_words(_mapper: Any, _connection: Any, person: Person) -> None:
    person.words = _words(person.given_name, person.family_name, person.email)


class PersonAccount(Base):
    """A person's bank account from a day on. The last one begun is the one paid to.

    `case_id` NULL means it came with the employment; else it is the case in which `changed_by_id` asked for it and
    `checked_by_id` checked it. Payments to a changed account are held for a while, unless `released_by_id`, who is
    neither of those two, ends the hold.
    """

    __tablename__ = "person_account"
    __table_args__ = (
        CheckConstraint("(changed_by_id IS NULL) = (checked_by_id IS NULL)", name="checked"),
        CheckConstraint("checked_by_id <> changed_by_id AND checked_by_id <> person_id", name="checked_by_another"),
        CheckConstraint(
            "released_by_id <> changed_by_id AND released_by_id <> checked_by_id AND released_by_id <> person_id",
            name="released_by_another",
        ),
        Index("ix_person_account_latest", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    iban: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), unique=True)
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)


class Employment(Base):
    """Who works where, from when to when (last day included)."""

    __tablename__ = "employment"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        UniqueConstraint("unit_id", "personnel_number", "valid_from"),
        Index("ix_employment_personnel_number", "personnel_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    personnel_number: Mapped[str]
    job_title: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    person: Mapped[Person] = refers()
    unit: Mapped[Unit] = refers()


class ManagerRelation(Base):
    """Who leads a unit from when to when. The manager of an employee is the one who leads the employee's unit."""

    __tablename__ = "manager_relation"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    manager_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class RoleGrant(Base):
    """A role somebody has from when to when; for one municipality, or for all when NULL."""

    __tablename__ = "role_grant"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str]
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class RoleRequest(Base):
    """A role that moves money or gives rights, asked for by one functional manager and granted by another."""

    __tablename__ = "role_request"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        CheckConstraint("asked_by_id <> person_id", name="asked_by_another"),
        CheckConstraint(
            "decided_by_id IS NULL OR (decided_by_id <> asked_by_id AND decided_by_id <> person_id)", name="four_eyes"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str]
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipality.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    granted: Mapped[bool | None]

    person: Mapped[Person] = refers(person_id)
    asked_by: Mapped[Person] = refers(asked_by_id)


class Mandate(Base):
    """The power to decide on one kind of case up to an amount, within one municipality, from when to when.

    `cost_centres` binds it to some (`1100 12*`, with a star for all that begin so); empty is all. `designated` is
    for those above whom nobody stands: their requests go to who holds such a mandate, from wherever that person is.
    """

    __tablename__ = "mandate"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        CheckConstraint("maximum_cents >= 0", name="maximum"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    kind: Mapped[str]
    maximum_cents: Mapped[int]
    cost_centres: Mapped[str] = mapped_column(default="")
    designated: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Substitution(Base):
    """`substitute_id` decides in place of `absent_id`, from when to when (last day included).

    `from_leave` is one that was opened with approved leave, and ends when that is not taken.
    """

    __tablename__ = "substitution"
    __table_args__ = (
        CheckConstraint("absent_id <> substitute_id", name="other"),
        CheckConstraint("valid_to >= valid_from", name="period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    absent_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    substitute_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    from_leave: Mapped[bool] = mapped_column(default=False)


class Account(Base):
    """How a person signs in.

    `password_hash` is empty until the person chose a password. `locked_at`: nobody signs in with it since.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    username: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    last_sign_in_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]

    person: Mapped[Person] = refers()


class SignIn(Base):
    """A session that was begun and not ended. Its cookie carries the nonce, and is worth nothing without the row."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    nonce: Mapped[str] = mapped_column(unique=True)
    begun_at: Mapped[datetime] = mapped_column(index=True)

    account: Mapped[Account] = refers()


class AccountLink(Base):
    """A link by which somebody chooses a password, once. As with deciding links the token is not in the database."""

    __tablename__ = "account_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    account: Mapped[Account] = refers()


class SignInFailure(Base):
    """A failed sign-in, kept for a day: what throttling counts, per account name and per address."""

    __tablename__ = "sign_in_failure"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
