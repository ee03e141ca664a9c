"""The named people are there, can sign in, and have something to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.clock import local_date
from portal.commands.sign_in import sign_in
from portal.models.cases import Case
from portal.models.people import Account, Municipality, Person
from portal.queries.cases import my_cases, to_approve
from portal.queries.demo import cast
from portal.queries.payments import proposal
from portal.queries.people import viewer_of
from portal.queries.queue import held_by
from portal.worlds import World
from seed.careers import PASSWORD

NAMED = ["anna", "bram", "carla", "dirk", "els", "farid", "greet", "hanna"]


@pytest.fixture
def session(seeded: World) -> Iterator[Session]:
    with seeded.db.session(writes=False) as session:
        yield session


class Named:
    """The named people of a seeded world."""

    def __init__(self, world: World, session: Session) -> None:
        self.world, self.session = world, session

    def person(self, name: str) -> Person:
        found = select(Person).join(Account, Account.person_id == Person.id).where(Account.username == name)
        return self.session.scalars(found).one()

    def viewer(self, name: str) -> Viewer:
        return viewer_of(self.session, self.person(name), local_date(self.world.clock.now()))


@pytest.fixture
def named(seeded: World, session: Session) -> Named:
    return Named(seeded, session)


def test_they_come_first_and_the_password_is_theirs(seeded: World, session: Session) -> None:
    players = cast(session, local_date(seeded.clock.now()))
    assert [player.account.username for player in players][:8] == NAMED
    assert len(players) > 20
    with seeded.db.session() as writing:
        assert sign_in(writing, "anna", PASSWORD, "127.0.0.1", seeded.clock.now()).username == "anna"


def test_their_roles(named: Named) -> None:
    for name, role in (
        ("carla", Role.CLERK), ("els", Role.CLERK), ("dirk", Role.TREASURER), ("farid", Role.CONTRACT_MANAGER),
        ("greet", Role.TRAINER), ("hanna", Role.FUNCTIONAL_MANAGER),
    ):  # fmt: skip
        assert {held for held, _ in named.viewer(name).roles} == {role}
    assert named.viewer("anna").roles == named.viewer("bram").roles == frozenset()
    assert named.viewer("farid").municipalities(Role.CONTRACT_MANAGER) == {1}


def test_anna_has_claims_of_every_kind(named: Named) -> None:
    cases = my_cases(named.session, named.viewer("anna")).cases
    assert {case.state for case in cases} >= {"paid", "approved", "submitted", "returned", "draft"}
    bram = named.person("bram").id
    assert {case.approver_id for case in cases if case.state not in ("draft", "confirming", "delivery")} == {bram}


def test_bram_is_asked(named: Named) -> None:
    cases = to_approve(named.session, named.viewer("bram"))
    assert len(cases) >= 4
    assert max(case.claimed_cents for case in cases) > 50_000
    assert named.person("anna").id in {case.initiator_id for case in cases}


def test_carla_is_at_work(named: Named) -> None:
    held = [case.id for case in held_by(named.session, named.viewer("carla"))]
    assert 1 <= len(held) <= 3
    assert any(named.session.scalars(select(Case.ticks).where(Case.id.in_(held))))


def test_dirk_has_something_to_release_everywhere(named: Named, session: Session) -> None:
    codes = set()
    for municipality in session.scalars(select(Municipality)):
        proposed = proposal(session, named.viewer("dirk"), municipality, named.world.clock.now())
        assert any(one.payable_now for one in proposed), municipality.name
        codes |= {refusal.code for one in proposed for refusal in one.refusals}
    assert codes == {"account_held", "account_pending", "own_payment"}


def test_clerks_have_a_queue(session: Session) -> None:
    waiting = session.scalars(select(Case).where(Case.waits_for == "CLERK", Case.closed_at.is_(None))).all()
    assert {(case.type, case.state) for case in waiting} == {
        ("expense_claim", "approved"), ("expense_claim", "on_hold"), ("expense_claim", "unpaid"),
        ("account_change", "submitted"), ("purchase_invoice", "received"), ("settlement_dispute", "submitted"),
    }  # fmt: skip
