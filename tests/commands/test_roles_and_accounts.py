"""Roles and accounts: who may give them, when two people are needed, and that a mailed link works once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.access import Role
from portal.commands import accounts, employments, roles
from portal.commands.changes import COMMAND_LINE, Author
from portal.commands.sign_in import sign_in
from portal.jobs import deliver
from portal.models.changes import Change
from portal.models.people import Account, AccountLink, Person, RoleGrant, RoleRequest, SignIn
from portal.worlds import ACCOUNT, World
from tests.cast import PASSWORD, Cast
from tests.commands.helpers import pass_days, refused

TODAY = date(2026, 11, 24)


@pytest.fixture
def session(world: World, cast: Cast) -> Iterator[Session]:
    with world.db.session() as session:
        yield session


def by(cast: Cast, name: str) -> Author:
    return Author(cast.people[name], None)


def who(session: Session, cast: Cast, name: str) -> Person:
    return session.get_one(Person, cast.people[name])


def give(session: Session, cast: Cast, name: str = "anna", **other: Any) -> RoleRequest | None:
    asked: dict[str, Any] = {"author": by(cast, "hanna"), "role": Role.CLERK, "place": None, "first": TODAY,
                             "last": None, "reason": "Nieuwe taak", **other}  # fmt: skip
    return roles.give_role(
        session, asked["author"], who(session, cast, name), asked["role"], asked["place"], asked["first"],
        asked["last"], asked["reason"], cast.world.clock.now(), TODAY,
    )  # fmt: skip


def held(session: Session, cast: Cast, name: str) -> list[str]:
    session.flush()
    return sorted(session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == cast.people[name])))


def test_a_role_is_given_with_a_reason_and_never_to_oneself(session: Session, cast: Cast) -> None:
    assert refused(lambda: give(session, cast, "hanna")) == {"own_rights"}
    assert refused(lambda: give(session, cast, role=None)) == {"role_unknown"}
    assert refused(lambda: give(session, cast, first=None)) == {"first_day_missing"}
    assert refused(lambda: give(session, cast, first=TODAY - timedelta(days=1))) == {"role_past"}
    assert refused(lambda: give(session, cast, last=TODAY - timedelta(days=1))) == {"last_before_first"}
    assert refused(lambda: give(session, cast, reason=" ")) == {"change_reason_missing"}
    here = Author(cast.people["hanna"], frozenset({cast.municipalities["waterveen"]}))
    assert refused(lambda: give(session, cast, author=here)) == {"outside_your_work"}
    assert give(session, cast) is None
    assert held(session, cast, "anna") == ["clerk"]
    assert refused(lambda: give(session, cast)) == {"role_held"}
    assert give(session, cast, place=cast.municipalities["waterveen"]) is None


@pytest.mark.parametrize("role", sorted(roles.WEIGHTY, key=lambda role: role.value))
def test_a_weighty_role_takes_two_people(session: Session, cast: Cast, role: Role) -> None:
    now = cast.world.clock.now()
    session.add(RoleGrant(person_id=cast.people["els"], role="functional_manager", valid_from=TODAY))
    request = give(session, cast, role=role)
    assert request is not None
    assert held(session, cast, "anna") == []
    assert refused(lambda: give(session, cast, role=role)) == {"role_asked"}
    decide = roles.decide_role
    assert refused(lambda: decide(session, by(cast, "hanna"), request, True, now, TODAY)) == {"second_person_needed"}
    assert refused(lambda: decide(session, by(cast, "anna"), request, True, now, TODAY)) == {"own_rights"}
    decide(session, by(cast, "els"), request, True, now, TODAY)
    assert held(session, cast, "anna") == [role.value]
    assert refused(lambda: decide(session, by(cast, "els"), request, True, now, TODAY)) == {"role_request_gone"}
    assert [row.what for row in session.scalars(select(Change).order_by(Change.id))] == ["role.asked", "role.granted"]


def test_what_was_asked_can_be_refused_or_taken_back(session: Session, cast: Cast) -> None:
    now = cast.world.clock.now()
    for name in ("els", "hanna"):
        request = give(session, cast, role=Role.TREASURER)
        assert request is not None
        roles.decide_role(session, by(cast, name), request, False, now, TODAY)
        session.flush()
    assert held(session, cast, "anna") == []
    late = give(session, cast, role=Role.TREASURER, last=TODAY)
    assert late is not None
    tomorrow = TODAY + timedelta(days=1)
    assert refused(lambda: roles.decide_role(session, by(cast, "els"), late, True, now, tomorrow)) == {"role_over"}


def test_the_database_keeps_four_eyes_on_roles(world: World, cast: Cast) -> None:
    now, hanna = world.clock.now(), cast.people["hanna"]
    with pytest.raises(IntegrityError, match=r"four_eyes|CHECK"), world.db.transaction() as session:
        session.add(
            RoleRequest(
                person_id=cast.people["anna"], role="treasurer", valid_from=TODAY, reason="x", asked_at=now,
                asked_by_id=hanna, decided_at=now, decided_by_id=hanna, granted=True,
            )
        )  # fmt: skip


def test_the_command_line_makes_the_first_functional_manager(session: Session, cast: Cast) -> None:
    assert give(session, cast, author=COMMAND_LINE, role=Role.FUNCTIONAL_MANAGER) is None
    assert held(session, cast, "anna") == ["functional_manager"]


def test_a_role_ends_and_one_to_come_is_taken_back(session: Session, cast: Cast) -> None:
    now, grant = cast.world.clock.now(), session.scalars(
        select(RoleGrant).where(RoleGrant.person_id == cast.people["carla"])
    ).one()  # fmt: skip

    def end(last: date | None, name: str = "hanna", why: str = "Andere taak") -> None:
        roles.end_role(session, by(cast, name), grant, last, why, now, TODAY)

    assert refused(lambda: end(TODAY, "carla")) == {"own_rights"}
    assert refused(lambda: end(None)) == {"last_day_missing"}
    assert refused(lambda: end(TODAY - timedelta(days=1))) == {"last_before_first"}
    assert refused(lambda: end(TODAY, why="")) == {"change_reason_missing"}
    end(TODAY)
    assert grant.valid_to == TODAY
    grant.valid_to = TODAY - timedelta(days=1)
    assert refused(lambda: end(TODAY)) == {"role_over"}
    give(session, cast, "anna", first=TODAY + timedelta(days=9))
    session.flush()
    grant = session.scalars(select(RoleGrant).where(RoleGrant.person_id == cast.people["anna"])).one()
    end(TODAY)
    assert held(session, cast, "anna") == []


def newcomer(world: World, cast: Cast, session: Session) -> Person:
    unit = session.scalars(select(employments.Unit.id)).first()
    terms = employments.Terms("9001", "", TODAY, None)
    details = employments.Details("Zoë", "Ünal", "zoe@example.org")
    return employments.add_person(session, by(cast, "hanna"), details, unit, terms, world.clock.now())


def test_an_account_is_opened_and_its_owner_chooses_the_password(world: World, cast: Cast) -> None:
    hanna, now, place = by(cast, "hanna"), world.clock.now(), cast.municipalities["waterveen"]
    with world.db.transaction() as session:
        zoe = newcomer(world, cast, session)
        for name in ("", "Zoë", "-x", "a"):
            assert refused(lambda name=name: accounts.open_account(session, hanna, zoe, place, name, now)) == {
                "username_wrong"
            }
        assert refused(lambda: accounts.open_account(session, hanna, zoe, place, "anna", now)) == {"username_taken"}
        account = accounts.open_account(session, hanna, zoe, place, " Zoe ", now)
        assert refused(lambda: accounts.open_account(session, hanna, zoe, place, "zoe2", now)) == {"has_account"}
        assert refused(lambda: sign_in(session, "zoe", "", "1.1.1.1", now)) == {"wrong_password"}
        assert account.username == "zoe"
    deliver.run(world, now)
    body = world.transport.sent[-1].get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    token = re.search(r"/wachtwoord/(\S+)", body)
    assert token is not None
    nonce = world.nonce_of(token[1], ACCOUNT)
    assert nonce is not None
    assert world.nonce_of(token[1]) is None
    with world.db.transaction() as session:
        assert refused(lambda: accounts.choose_password(session, nonce, "kort", now)) == {"password_too_short"}
        accounts.choose_password(session, nonce, "een lange zin", now)
        assert refused(lambda: accounts.choose_password(session, nonce, "een lange zin", now)) == {"account_link_dead"}
        signed_in = sign_in(session, "zoe", "een lange zin", "1.1.1.1", now)
        assert signed_in.last_sign_in_at == now


def test_a_link_grows_old_and_a_newer_one_ends_it(world: World, session: Session, cast: Cast) -> None:
    anna, hanna, place = who(session, cast, "anna"), by(cast, "hanna"), cast.municipalities["waterveen"]
    account = session.scalars(select(Account).where(Account.person_id == anna.id)).one()
    for _ in range(2):
        accounts.send_link(session, hanna, anna, place, account, world.clock.now())
        session.flush()
    old, new = session.scalars(select(AccountLink).order_by(AccountLink.id)).all()
    assert accounts.living_link(session, old.nonce, world.clock.now()) is None
    assert accounts.living_link(session, new.nonce, world.clock.now()) is new
    later = pass_days(world, accounts.LINK_DAYS)
    assert refused(lambda: accounts.choose_password(session, new.nonce, "een lange zin", later)) == {
        "account_link_dead"
    }


def test_a_locked_account_opens_nothing(world: World, session: Session, cast: Cast) -> None:
    anna, hanna, place, now = who(session, cast, "anna"), by(cast, "hanna"), None, world.clock.now()
    account = session.scalars(select(Account).where(Account.person_id == anna.id)).one()
    assert refused(lambda: accounts.unlock(session, hanna, anna, place, account, "x", now)) == {"not_locked"}
    assert refused(lambda: accounts.lock(session, by(cast, "anna"), anna, place, account, "x", now)) == {"own_rights"}
    accounts.send_link(session, hanna, anna, place, account, now)
    session.flush()
    session.add(SignIn(account_id=account.id, nonce="n", begun_at=now))
    accounts.lock(session, hanna, anna, place, account, "Misbruik", now)
    nonce = session.scalars(select(AccountLink.nonce)).one()
    assert session.scalars(select(SignIn)).all() == []
    assert accounts.living_link(session, nonce, now) is None
    assert refused(lambda: sign_in(session, "anna", PASSWORD, "1.1.1.1", now)) == {"wrong_password"}
    assert refused(lambda: accounts.send_link(session, hanna, anna, place, account, now)) == {"account_locked"}
    assert refused(lambda: accounts.lock(session, hanna, anna, place, account, "x", now)) == {"locked_already"}
    accounts.unlock(session, hanna, anna, place, account, "Opgelost", now)
    assert sign_in(session, "anna", PASSWORD, "1.1.1.1", now) is account
