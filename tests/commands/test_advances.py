"""An advance from asking to accounted for: paid, owed, settled with claims or paid back, reminded, returned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from portal.clock import local_date
from portal.commands import cases, returned_money
from portal.jobs import remind
from portal.models.cases import Case
from portal.models.outstanding import Settlement
from portal.models.payments import BankEntry, BankFile, BatchLine, PaymentBatch
from portal.models.people import RoleGrant
from portal.queries import chain
from portal.queries.outstanding import outstanding_of, settlements_about
from portal.queries.payments import open_entries, open_entry
from portal.worlds import World
from tests import bank_messages as xml
from tests.cast import SINCE, Cast
from tests.commands.helpers import events, letters, pass_days, refused, whole
from tests.commands.money import booked, credit, debit, lines_in, payable_of, release, status, take_in
from tests.commands.test_outstanding import ledger
from workflows.kernel import Refused


def paid_out(world: World, cast: Cast, cents: int = 10_000, name: str = "anna") -> tuple[int, BatchLine]:
    """An advance that was paid, and its payment."""
    with world.db.transaction() as session:
        case_id = cast.payable_advance(session, name, cents=cents).id
        (line,) = lines_in(session, release(session, cast, case_id))
    take_in(world, booked(debit(line)))
    return case_id, line


def state(world: World, case_id: int) -> str:
    with world.db.session(writes=False) as session:
        return whole(session, case_id).state


def an_entry(world: World, cents: int, why: str = "not_ours") -> int:
    """An entry of the bank that matched nothing."""
    amount = f"{cents // 100}.{cents % 100:02}"
    if cents < 0:
        amount = f"{-cents // 100}.{-cents % 100:02}"
    side = "CRDT" if cents > 0 else "DBIT"
    take_in(world, booked(xml.entry(amount, side=side, details=f"<NtryDtls>{xml.detail('TERUG', amount)}</NtryDtls>")))
    with world.db.session(writes=False) as session:
        entry = session.scalars(select(BankEntry).order_by(BankEntry.id.desc())).first()
        assert entry is not None
        assert (entry.cents, entry.resolved_at) == (cents, None)
        return entry.id


def give_back(world: World, cast: Cast, entry_id: int, number: str, who: str = "carla") -> None:
    with world.db.transaction() as session:
        entry = session.get_one(BankEntry, entry_id)
        returned_money.give_back(session, cast.viewer(session, who), entry, number, world.clock.now())


def number_of(world: World, case_id: int) -> str:
    with world.db.session(writes=False) as session:
        return whole(session, case_id).number or ""


def test_an_advance_is_paid_out_whole_and_owed_from_then_on(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.payable_advance(session)
        assert outstanding_of(session, case.id) is None
        batch = release(session, cast)
        (line,) = lines_in(session, batch)
        file = session.get_one(PaymentBatch, batch.id, options=[undefer(PaymentBatch.file)]).file
        assert f"Voorschot {case.number}".encode() in file
        case_id = case.id
    take_in(world, booked(debit(line)))
    with world.db.transaction() as session:
        case = whole(session, case_id)
        assert (case.number, case.state, case.result) == ("VOO-2026-000001", "outstanding", None)
        assert case.step_due is not None
        assert local_date(case.step_due) == local_date(world.clock.now()) + timedelta(days=90)
        assert ledger(session) == [(10_000, 0)]
        assert letters(session, case_id)[-1] == ("paid_out", "anna")
        # A second one is not settled with the first: only what was spent accounts for money.
        assert cast.payable_advance(session, cents=500, key="second").state == "payable"


def test_claims_and_money_paid_back_account_for_it_and_end_it(world: World, cast: Cast) -> None:
    case_id, _ = paid_out(world, cast)
    with world.db.transaction() as session:
        claim = cast.payable(session, cents=6000)
        assert claim.state == "paid"
    number, entry_id = number_of(world, case_id), an_entry(world, 4000)
    assert state(world, case_id) == "outstanding"
    give_back(world, cast, entry_id, f" {number.lower()} ")
    with world.db.transaction() as session:
        case = whole(session, case_id)
        assert (case.state, case.result, ledger(session)) == ("settled", "granted", [(10_000, 10_000)])
        assert letters(session, case_id)[-1] == ("accounted", "anna")
        entry = session.get_one(BankEntry, entry_id)
        assert (entry.resolution, entry.resolved_by_id) == (number, cast.people["carla"])
        found = settlements_about(session, case, events(session, case_id))
        assert [(one.case_id is None, one.cents) for one in found] == [(False, 6000), (True, 4000)]
        assert chain.verify(session).broken is None


def test_what_the_bank_says_of_a_payment_of_ours_is_no_money_that_somebody_paid_back(world: World, cast: Cast) -> None:
    """A status report names an amount, and brings nothing; nor is a payment that came back paid by an employee."""
    case_id, line = paid_out(world, cast)
    number = number_of(world, case_id)
    with world.db.session(writes=False) as session:
        batch = session.get_one(PaymentBatch, line.batch_id)
    take_in(world, status(batch, xml.line(line.end_to_end_id, "RJCT", "AC04")))
    take_in(world, status(batch, xml.line("ONBEKEND", "RJCT", "AC04", amount="100.00")))
    take_in(world, booked(debit(line)))
    take_in(world, booked(credit(line, reason="")))
    with world.db.session(writes=False) as session:
        rows = session.execute(select(BankEntry, BankFile.kind).join(BankEntry.bank_file).where(BankEntry.cents > 0))
        found = {(kind, entry.why): entry.id for entry, kind in rows}
    assert found.keys() == {("pain.002", "already_settled"), ("pain.002", "unknown_reference"),
                            ("camt.053", "not_ours")}  # fmt: skip
    ids = [entry_id for (kind, _), entry_id in found.items() if kind == "pain.002"]
    for entry_id in ids:
        assert refused(lambda entry_id=entry_id: give_back(world, cast, entry_id, number)) == {"return_not_in"}
    with world.db.session(writes=False) as session:
        assert ledger(session) == [(10_000, 0)]


def test_the_same_money_in_a_notification_and_a_statement_is_booked_once(world: World, cast: Cast) -> None:
    case_id, _ = paid_out(world, cast)
    details = f"<NtryDtls>{xml.detail('TERUG', '40.00')}</NtryDtls>"
    for kind in ("camt.054", "camt.053"):
        take_in(world, booked(xml.entry("40.00", side="CRDT", details=details), kind=kind))
    with world.db.session(writes=False) as session:
        first, second = session.scalars(select(BankEntry.id).order_by(BankEntry.id)).all()
    number = number_of(world, case_id)
    give_back(world, cast, first, number)
    assert refused(lambda: give_back(world, cast, second, number)) == {"return_twice"}
    with world.db.session(writes=False) as session:
        assert ledger(session) == [(10_000, 4000)]


def test_money_is_booked_back_only_where_it_is_owed_and_never_by_who_owes_it(world: World, cast: Cast) -> None:
    case_id, _ = paid_out(world, cast)
    number, good, much, out = number_of(world, case_id), an_entry(world, 100), an_entry(world, 10_001), an_entry(
        world, -300)  # fmt: skip
    with world.db.transaction() as session:
        session.add(RoleGrant(person_id=cast.people["anna"], role="clerk", valid_from=SINCE))

    def codes(entry_id: int, number: str, who: str = "carla") -> frozenset[str]:
        return refused(lambda: give_back(world, cast, entry_id, number, who))

    assert codes(good, "VOO-2026-999999") == codes(good, "") == codes(good, number, "bram") == {"return_unknown"}
    assert codes(good, number, "anna") == {"return_own"}
    assert codes(much, number) == {"return_too_much"}
    assert codes(out, number) == {"return_not_in"}
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Settlement)).all() == []
        assert all(entry.resolved_at is None for entry in session.scalars(select(BankEntry)))


def test_undoing_what_accounted_for_it_opens_it_again(world: World, cast: Cast) -> None:
    case_id, _ = paid_out(world, cast)
    with world.db.transaction() as session:
        claim_id = cast.payable(session, cents=12_000).id
        assert payable_of(session, claim_id).cents == 2000
        (line,) = lines_in(session, release(session, cast))
    assert state(world, case_id) == "settled"
    take_in(world, booked(debit(line)), booked(credit(line)))
    assert state(world, claim_id) == "unpaid"
    with world.db.transaction() as session:
        case = whole(session, case_id)
        assert (case.state, case.closed_at, case.destroy_on) == ("outstanding", None, None)
        assert letters(session, case_id)[-1] == ("reopened", "anna")
        claim = whole(session, claim_id)
        cases.take(session, cast.viewer(session, "els"), claim, world.clock.now())
        cast.act(session, "els", claim, "pay_again", "Rekening klopt")
        assert whole(session, case_id).state == "settled"


def test_a_reminder_comes_when_the_term_is_over_and_then_the_ssc_hears(world: World, cast: Cast) -> None:
    case_id, _ = paid_out(world, cast)

    def told() -> list[tuple[str, str]]:
        with world.db.transaction() as session:
            return [one for one in letters(session, case_id) if one[0] in ("remind_you", "escalate")]

    pass_days(world, 88)
    remind.run(world, world.clock.now())
    assert told() == []
    for _ in range(6):
        pass_days(world, 1)
        remind.run(world, world.clock.now())
    assert told() == [("remind_you", "anna")]
    for _ in range(16):
        pass_days(world, 1)
        remind.run(world, world.clock.now())
    assert told() == [("remind_you", "anna"), ("escalate", "SSC")]


class TestTheBankReturnsAnAdvance:
    """Its money never arrived: nothing more is settled with it until it is paid again, and nothing is lost."""

    @pytest.fixture
    def returned(self, world: World, cast: Cast) -> tuple[int, int]:
        """An advance of € 100 with which € 60 was settled before the bank returned it; and the claim."""
        case_id, line = paid_out(world, cast)
        with world.db.transaction() as session:
            claim_id = cast.payable(session, cents=6000).id
        take_in(world, booked(credit(line)))
        assert state(world, case_id) == "unpaid"
        return case_id, claim_id

    def step(self, world: World, cast: Cast, case_id: int, key: str) -> None:
        with world.db.transaction() as session:
            case = whole(session, case_id)
            cases.take(session, cast.viewer(session, "els"), case, world.clock.now())
            cast.act(session, "els", case, key, "Omdat")

    def test_nothing_more_is_settled_with_it(self, world: World, cast: Cast, returned: Any) -> None:
        with world.db.transaction() as session:
            assert cast.payable(session, cents=3000, key="k2").state == "payable"
            assert ledger(session) == [(10_000, 6000)]
        assert refused(lambda: give_back(world, cast, an_entry(world, 100), number_of(world, returned[0]))) == {
            "return_unknown"
        }

    def test_it_must_be_paid_again_and_cannot_be_refused(self, world: World, cast: Cast, returned: Any) -> None:
        case_id, _ = returned
        with pytest.raises(Refused) as caught:
            self.step(world, cast, case_id, "refuse")
        assert caught.value.codes == {"accounted_already"}
        self.step(world, cast, case_id, "pay_again")
        with pytest.raises(Refused), world.db.transaction() as session:
            cast.act(session, "anna", whole(session, case_id), "withdraw")
        with world.db.transaction() as session:
            (line,) = lines_in(session, release(session, cast))
            assert line.cents == 10_000
        take_in(world, booked(debit(line)))
        assert state(world, case_id) == "outstanding"
        with world.db.transaction() as session:
            assert cast.payable(session, cents=4000, key="k3").state == "paid"
        assert state(world, case_id) == "settled"

    def test_without_anything_settled_it_can_be_refused(self, world: World, cast: Cast) -> None:
        case_id, line = paid_out(world, cast)
        take_in(world, booked(credit(line)))
        self.step(world, cast, case_id, "refuse")
        with world.db.session(writes=False) as session:
            assert whole(session, case_id).state == "rejected"
            owed = outstanding_of(session, case_id)
            assert owed is not None
            assert owed.voided_at is not None
            assert owed.open_cents == 0

    def test_one_that_was_accounted_for_comes_back_as_well(self, world: World, cast: Cast) -> None:
        case_id, line = paid_out(world, cast)
        with world.db.transaction() as session:
            assert cast.payable(session, cents=10_000).state == "paid"
        assert state(world, case_id) == "settled"
        take_in(world, booked(credit(line)))
        assert state(world, case_id) == "unpaid"
        self.step(world, cast, case_id, "pay_again")
        with world.db.transaction() as session:
            (again,) = lines_in(session, release(session, cast))
        take_in(world, booked(debit(again)))
        # Paid again what was settled already: there is nothing left to account for.
        assert state(world, case_id) == "settled"


def test_above_the_mandate_a_second_person_signs(world: World, cast: Cast) -> None:
    def asked(session: Session) -> Case:
        case = cast.asks_advance(session, cents=200_000)
        cast.act(session, "bram", case, "approve")
        return case

    with world.db.transaction() as session:
        case = asked(session)
        assert (case.state, case.approver_id) == ("countersign", cast.people["diane"])
        assert refused(lambda: cast.act(session, "bram", case, "countersign")) == {"not_yours"}
        cast.act(session, "diane", case, "countersign")
        assert case.state == "approved"


def test_money_is_booked_for_the_municipality_on_whose_account_it_came_in(world: World, cast: Cast) -> None:
    case_id, _ = paid_out(world, cast)
    number, entry_id = number_of(world, case_id), an_entry(world, 4000)
    with world.db.transaction() as session:
        entry = session.get_one(BankEntry, entry_id)
        assert entry.municipality_id == cast.municipalities["waterveen"]
        entry.municipality_id = cast.municipalities["duinrade"]
    assert refused(lambda: give_back(world, cast, entry_id, number)) == {"return_elsewhere"}
    with world.db.session(writes=False) as session:
        mine, theirs = (frozenset({cast.municipalities[place]}) for place in ("waterveen", "duinrade"))
        assert open_entry(session, entry_id, mine) is None
        assert open_entry(session, entry_id, theirs) is not None
        assert open_entry(session, entry_id, None) is not None
        assert entry_id not in [entry.id for entry in open_entries(session, mine)]
        assert entry_id in [entry.id for entry in open_entries(session, theirs)]
    with world.db.transaction() as session:
        session.get_one(BankEntry, entry_id).municipality_id = None
    give_back(world, cast, entry_id, number)
