"""Signing in: the right password, attempts that are counted by the clock, and passwords that are good enough."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import sign_in as signing
from portal.models.people import Account, SignIn, SignInFailure
from portal.worlds import World
from tests.cast import PASSWORD, Cast
from tests.commands.helpers import refused


def enter(
    session: Session, world: World, name: str = "anna", password: str = PASSWORD, address: str = "10.0.0.1"
) -> Account:
    return signing.sign_in(session, name, password, address, world.clock.now())


def failures(session: Session, world: World, count: int, name: str, address: str) -> None:
    session.add_all(SignInFailure(username=name, address=address, at=world.clock.now()) for _ in range(count))
    session.flush()


def test_the_right_password_opens_and_the_name_may_be_sloppy(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        assert enter(session, world, "  ANNA ").person.given_name == "Anna"


def test_a_wrong_password_and_an_unknown_name_are_told_the_same(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        for name, password in (("anna", "wrong"), ("nobody", PASSWORD), ("", ""), ("anna", PASSWORD + "x" * 200)):
            assert refused(lambda n=name, p=password: enter(session, world, n, p)) == {"wrong_password"}
        assert session.query(SignInFailure).count() == 4


def test_after_five_failures_the_name_waits_a_quarter_of_an_hour(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        failures(session, world, 4, "anna", "10.0.0.9")
        assert refused(lambda: enter(session, world, password="wrong")) == {"wrong_password"}
        session.flush()
        assert refused(lambda: enter(session, world)) == {"throttled"}
        assert enter(session, world, "aart"), "another name is not held up"
        world.clock.advance(timedelta(minutes=15) - timedelta(seconds=1))
        assert refused(lambda: enter(session, world)) == {"throttled"}
        world.clock.advance(timedelta(seconds=1))
        assert enter(session, world)


def test_a_name_nobody_has_is_held_up_just_the_same(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        failures(session, world, 5, "nobody", "10.0.0.9")
        assert refused(lambda: enter(session, world, "nobody")) == {"throttled"}


def test_after_thirty_failures_the_address_waits(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        for number in range(29):
            failures(session, world, 1, f"name{number}", "10.0.0.1")
        assert enter(session, world)
        failures(session, world, 1, "name30", "10.0.0.1")
        assert refused(lambda: enter(session, world)) == {"throttled"}
        assert enter(session, world, address="10.0.0.2")


def test_signing_in_forgets_the_failures_of_that_name_only(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        failures(session, world, 4, "anna", "10.0.0.1")
        failures(session, world, 2, "aart", "10.0.0.1")
        enter(session, world)
        assert session.scalars(select(SignInFailure.username)).all() == ["aart", "aart"]


def test_failures_are_kept_for_a_day(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        failures(session, world, 3, "anna", "10.0.0.1")
        world.clock.advance(timedelta(days=1, seconds=1))
        enter(session, world, "aart")
        assert session.query(SignInFailure).count() == 0


@pytest.mark.parametrize(("length", "codes"), [(11, {"password_too_short"}), (201, {"password_too_long"})])
def test_a_password_is_neither_short_nor_endless(length: int, codes: set[str]) -> None:
    assert refused(lambda: signing.hash_password("é" * length)) == codes


def test_a_password_is_stored_as_argon2id_and_never_the_same_way_twice() -> None:
    for password in ("een zin van twaalf", "x" * 12, "x" * 200):
        first, second = signing.hash_password(password), signing.hash_password(password)
        assert first != second
        assert first.startswith("$argon2id$")
        assert password not in first


def sessions(session: Session, account: Account) -> list[int]:
    return list(session.scalars(select(SignIn.id).where(SignIn.account_id == account.id).order_by(SignIn.id)))


def test_changing_ones_password_asks_for_the_old_one_and_ends_every_session(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        account, new = enter(session, world), "een heel nieuwe zin"
        begun = signing.begin(session, account, world.clock.now())
        assert refused(lambda: signing.change_password(session, account, "wrong", new)) == {"wrong_current_password"}
        assert refused(lambda: signing.change_password(session, account, PASSWORD, "kort")) == {"password_too_short"}
        assert sessions(session, account) == [begun.id]
        signing.change_password(session, account, PASSWORD, new)
        assert sessions(session, account) == []
        session.flush()
        assert refused(lambda: enter(session, world)) == {"wrong_password"}
        assert enter(session, world, password=new)


def test_one_session_ends_or_all_of_an_account(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        anna, aart = enter(session, world), enter(session, world, "aart")
        first, second, third = (signing.begin(session, who, world.clock.now()) for who in (anna, anna, aart))
        session.flush()
        signing.end(session, first.id)
        assert (sessions(session, anna), sessions(session, aart)) == ([second.id], [third.id])
        signing.sign_out_everywhere(session, anna.id)
        assert (sessions(session, anna), sessions(session, aart)) == ([], [third.id])
