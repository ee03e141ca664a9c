"""What people still owe is settled first, never for more than is owed, and undone when the payment is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.commands import cases, destruction, outstanding
from portal.commands.outstanding import ADVANCE, RECOVERY
from portal.jobs import destroy
from portal.models.cases import Case
from portal.models.destruction import DestructionList
from portal.models.mail import OutboxMail
from portal.models.outstanding import Outstanding, Settlement
from portal.models.payments import Payable
from portal.queries import chain
from portal.queries.destruction import due_cases
from portal.queries.outstanding import owed_by, settled_with, settlements_about
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import at_once, events, letters, pass_days, refused, whole
from tests.commands.money import booked, credit, debit, lines_in, payable_of, release, take_in


def owes(session: Session, cast: Cast, cents: int, key: str = "owed", name: str = "anna", kind: str = ADVANCE) -> Case:
    """A case of this person's because of which they owe this amount."""
    case = cast.submitted(session, name, cents=cents, key=key)
    outstanding.owe(session, case, cents, kind, cast.world.clock.now())
    return case


def ledger(session: Session) -> list[tuple[int, int]]:
    """Of each amount owed how much it is and how much of it is settled."""
    rows = session.scalars(select(Outstanding).order_by(Outstanding.id).execution_options(populate_existing=True))
    return [(row.cents, row.settled_cents) for row in rows]


def text_of(session: Session, case_id: int, letter: str) -> str:
    query = select(OutboxMail.text).where(OutboxMail.case_id == case_id, OutboxMail.letter == letter)
    return session.scalars(query.order_by(OutboxMail.id.desc())).first() or ""


def test_the_oldest_is_settled_first_and_the_difference_is_paid(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        first, second = owes(session, cast, 5000), owes(session, cast, 4000, "later", kind=RECOVERY)
        owes(session, cast, 9000, "other", "aart")
        claim = cast.payable(session, cents=7000)
        claim_id, numbers = claim.id, [first.number, second.number]
        assert (claim.state, claim.sanctioned_cents) == ("paid", 7000)
        later = cast.payable(session, cents=12_000, key="k2")
        assert (later.state, payable_of(session, later.id).cents) == ("payable", 10_000)
        later_id = later.id
    with world.db.transaction() as session:
        assert ledger(session) == [(5000, 5000), (4000, 4000), (9000, 0)]
        found = settled_with(session, [whole(session, claim_id), whole(session, later_id)])
        assert [(part.outstanding.case.number, part.cents) for part in found[claim_id]] == [
            (numbers[0], 5000), (numbers[1], 2000),
        ]  # fmt: skip
        assert [part.cents for part in found[later_id]] == [2000]
        assert session.scalars(select(Payable).where(Payable.case_id == claim_id)).all() == []
        assert owed_by(session, cast.people["anna"], cast.municipalities["waterveen"]) == []
        assert [case.case.initiator_id for case in owed_by(
            session, cast.people["aart"], cast.municipalities["waterveen"])] == [cast.people["aart"]]  # fmt: skip
        told = [event.data for event in events(session, later_id) if event.action == "check"]
        assert told[0]["settled"] == [{"number": numbers[1], "kind": "recovery", "cents": 2000}]
        assert told[0]["paid_cents"] == 10_000


def test_letters_say_what_was_granted_settled_and_paid(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        number = owes(session, cast, 5000).number
        claim_id = cast.payable(session, cents=12_000).id
        batch = release(session, cast)
        (line,) = lines_in(session, batch)
        assert line.cents == 7000
    take_in(world, booked(debit(line)))
    with world.db.transaction() as session:
        assert whole(session, claim_id).state == "paid"
        for letter in ("checked", "paid"):
            said = text_of(session, claim_id, letter)
            for words in ("Toegekend: €\xa0120,00", f"Verrekend met voorschot {number}: €\xa050,00",
                          "Betaald: €\xa070,00"):  # fmt: skip
                assert words in said, (letter, said)
        owes(session, cast, 4000, "more")
        covered = cast.payable(session, cents=4000, key="k3")
        assert letters(session, covered.id)[-2:] == [("covered", "anna"), ("covered", "bram")]
        assert "Betaald: €\xa00,00" in text_of(session, covered.id, "covered")
        assert not text_of(session, covered.id, "checked")


def test_withdrawing_before_it_is_paid_undoes_what_was_settled(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        owed_id = owes(session, cast, 5000).id
        claim = cast.payable(session, cents=6000)
        assert ledger(session) == [(5000, 5000)]
        cast.act(session, "anna", claim, "withdraw")
        assert ledger(session) == [(5000, 0)]
        claim_id = claim.id
    with world.db.session(writes=False) as session:
        owed, claim = whole(session, owed_id), whole(session, claim_id)
        (undone,) = settlements_about(session, claim, events(session, claim_id))
        assert (undone.cents, undone.undone_at) == (5000, world.clock.now())
        assert events(session, claim_id)[-1].data["undone"] == [
            {"number": owed.number, "kind": "advance", "cents": 5000}
        ]
        assert settled_with(session, [claim]) == {}


def test_a_payment_that_comes_back_undoes_it_and_paying_again_settles_anew(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        owes(session, cast, 5000)
        claim_id = cast.payable(session, cents=12_000).id
        (line,) = lines_in(session, release(session, cast))
    take_in(world, booked(debit(line)), booked(credit(line)))
    with world.db.transaction() as session:
        claim = whole(session, claim_id)
        assert (claim.state, ledger(session)) == ("unpaid", [(5000, 0)])
        assert "€\xa070,00" in text_of(session, claim_id, "bounced")
        # Meanwhile another claim settles most of it.
        cast.payable(session, cents=4500, key="between")
        cases.take(session, cast.viewer(session, "els"), claim, world.clock.now())
        cast.act(session, "els", claim, "pay_again", "Rekening klopt")
        assert (payable_of(session, claim_id).cents, ledger(session)) == (11_500, [(5000, 5000)])
        (again,) = lines_in(session, release(session, cast))
        assert again.cents == 11_500
    take_in(world, booked(debit(again)))
    with world.db.session(writes=False) as session:
        assert whole(session, claim_id).state == "paid"
        rows = [(one.cents, one.undone_at is None) for one in session.scalars(select(Settlement).order_by(
            Settlement.id))]  # fmt: skip
        assert rows == [(5000, False), (4500, True), (500, True)]
        assert chain.verify(session).broken is None


def test_refusing_what_the_bank_could_not_pay_leaves_all_that_was_owed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        owes(session, cast, 5000)
        claim_id = cast.payable(session, cents=12_000).id
        (line,) = lines_in(session, release(session, cast))
    take_in(world, booked(debit(line)), booked(credit(line)))
    with world.db.transaction() as session:
        claim = whole(session, claim_id)
        cases.take(session, cast.viewer(session, "els"), claim, world.clock.now())
        cast.act(session, "els", claim, "refuse", "Toch niet")
        assert (claim.state, ledger(session)) == ("rejected", [(5000, 0)])


def test_what_is_held_settles_nothing_and_void_is_for_good(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        owed, now = owes(session, cast, 5000), world.clock.now()
        outstanding.hold(session, owed, now)
        assert cast.payable(session, cents=1000).state == "payable"
        outstanding.owe(session, owed, 5000, ADVANCE, now)
        assert cast.payable(session, cents=1000, key="k2").state == "paid"
        assert refused(lambda: outstanding.void(session, owed, now)) == {"accounted_already"}
        other = owes(session, cast, 700, "other", "aart")
        outstanding.void(session, other, now)
        assert cast.payable(session, "aart", cents=700, key="k3").state == "payable"
    with pytest.raises(DBAPIError), world.db.transaction() as session:
        session.execute(text("UPDATE outstanding SET voided_at = NULL WHERE voided_at IS NOT NULL"))
    with pytest.raises(DBAPIError), world.db.transaction() as session:
        session.execute(text("UPDATE outstanding SET voided_at = created_at"))


CHANGES = (
    "UPDATE outstanding SET cents = cents + 1",
    "UPDATE outstanding SET settled_cents = 0",
    "UPDATE outstanding SET settled_cents = settled_cents + 1",
    "UPDATE outstanding SET person_id = person_id + 1",
    "DELETE FROM outstanding",
    "UPDATE settlement SET cents = 1",
    "UPDATE settlement SET case_id = NULL",
    "UPDATE settlement SET undone_at = NULL",
    "UPDATE settlement SET undone_at = at, cents = 1",
    "DELETE FROM settlement",
    "INSERT INTO settlement (outstanding_id, cents, at) "
    "SELECT id, cents - settled_cents + 1, created_at FROM outstanding",
    "INSERT INTO settlement (outstanding_id, cents, at) SELECT id, 0, created_at FROM outstanding",
    "INSERT INTO settlement (outstanding_id, cents, at) SELECT id, -1, created_at FROM outstanding",
    "INSERT INTO settlement (outstanding_id, cents, at, undone_at) "
    "SELECT id, 1, created_at, created_at FROM outstanding",
    "INSERT INTO settlement (outstanding_id, case_id, cents, at) SELECT outstanding_id, case_id, 1, at FROM settlement",
    "INSERT INTO outstanding (case_id, person_id, municipality_id, kind, cents, settled_cents, created_at) "
    "SELECT case_id, person_id, municipality_id, kind, 1, 0, created_at FROM outstanding",
    "INSERT INTO outstanding (case_id, person_id, municipality_id, kind, cents, settled_cents, created_at) "
    "SELECT id, initiator_id, municipality_id, 'advance', 10, 5, created_at FROM \"case\" WHERE state = 'paid'",
)


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_itself_keeps_the_books(world: World, cast: Cast, change: str) -> None:
    with world.db.transaction() as session:
        owes(session, cast, 5000)
        cast.payable(session, cents=3000)
    with world.db.session(writes=False) as session:
        before = ledger(session)
    if "undone_at = NULL" in change:
        with world.db.transaction() as session:
            session.execute(text("UPDATE settlement SET undone_at = at"))
        before = [(5000, 0)]
    with pytest.raises(DBAPIError), world.db.transaction() as session:
        session.execute(text(change))
    with world.db.session(writes=False) as session:
        assert ledger(session) == before


def test_two_claims_at_once_settle_no_more_than_is_owed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        owes(session, cast, 5000)
        ids = []
        for number in range(3):
            case = cast.submitted(session, cents=3000, key=f"k{number}")
            cast.act(session, "bram", case, "approve")
            ids.append(case.id)

    def check(case_id: int, clerk: str) -> str:
        with world.db.transaction() as session:
            case = whole(session, case_id)
            cast.checked(session, case, clerk)
            return case.state

    found = at_once(
        *(lambda i=i, who=who: check(i, who) for i, who in zip(ids, ("carla", "els", "carla"), strict=True))
    )
    assert sorted(map(str, found)) == ["paid", "payable", "payable"]
    with world.db.session(writes=False) as session:
        assert ledger(session) == [(5000, 5000)]
        assert sorted(payable.cents for payable in session.scalars(select(Payable))) == [1000, 3000]
        assert chain.verify(session).broken is None


def test_past_the_commands_two_at_once_settle_no_more_either(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        owes(session, cast, 5000)
        debt_id, entry = session.scalars(select(Outstanding.id)).one(), None

    def settle(cents: int) -> int:
        with world.db.transaction() as session:
            session.add(Settlement(outstanding_id=debt_id, bank_entry_id=entry, cents=cents, at=world.clock.now()))
            session.flush()
            return cents

    found = at_once(*(lambda: settle(3000) for _ in range(3)), lambda: settle(2000))
    done = [each for each in found if isinstance(each, int)]
    assert sum(done) <= 5000
    assert all(isinstance(each, int | DBAPIError) for each in found), found
    with world.db.session(writes=False) as session:
        assert ledger(session) == [(5000, sum(done))]


def test_what_is_owed_stays_until_what_was_settled_with_it_is_gone(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        owed = owes(session, cast, 3000)
        owed_id = owed.id
        claim_id = cast.payable(session, cents=3000).id
        cast.act(session, "bram", owed, "reject", "Dient nergens toe")
    pass_days(world, 7 * 365 + 3)
    with world.db.session(writes=False) as session:
        assert [case.id for case in due_cases(session, world.clock.now().date())] == [claim_id]
    for gone in (claim_id, owed_id):
        destroy.run(world, world.clock.now())
        with world.db.transaction() as session:
            (on,) = session.scalars(select(DestructionList).where(DestructionList.executed_at.is_(None)))
            destruction.approve(session, cast.viewer(session, "hanna"), on, world.clock.now())
        pass_days(world, 1)
        destroy.run(world, world.clock.now())
        with world.db.session(writes=False) as session:
            assert session.get(Case, gone) is None
            rest: list[Any] = [(one.case_id, one.cents) for one in session.scalars(select(Settlement))]
            assert rest == ([(None, 3000)] if gone == claim_id else [])
    with world.db.session(writes=False) as session:
        assert ledger(session) == []
        assert chain.verify(session).broken is None
