"""A random walk over claims and advances: never more settled than owed, and never a cent out of place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import bank, cases, returned_money
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.outstanding import Outstanding, Settlement
from portal.models.payments import BankEntry, BatchLine, Payable
from portal.queries import chain
from portal.queries.cases import offers_to
from tests import bank_messages as xml
from tests.commands.helpers import whole
from tests.commands.money import booked, debit, euros, lines_in, release
from tests.commands.test_money_machine import (
    EVERYBODY,
    RIGHT,
    Money,
    amounts,
    check_eyes,
    claimants,
    people,
    picks,
)

CHECKS = {"expense_claim": ("a", "legible", "amount", "date", "for_work"),
          "advance": ("advance", "for_work", "amount", "earlier")}  # fmt: skip
TO_BE_TAKEN = {"not_held"}
"""What only stands in the way until a clerk takes the case."""


class Walk(Money):
    """The same hands and the same bank, with advances that claims are settled with, and money that is paid back."""

    @initialize()
    def an_advance_is_out(self) -> None:
        with self.world.db.transaction() as session:
            case_id = self.cast.payable_advance(session, "anna", cents=40_000, key="out").id
            (line,) = lines_in(session, release(session, self.cast, case_id))
        self.do(lambda s: bank.take_in(s, booked(debit(line)), "x.xml", self.world.clock.now()))

    def content_of(self, case: Case, cents: int) -> dict[str, object]:
        return self.cast.advance_content(cents) if case.type == "advance" else self.cast.content(case, cents)

    @rule(name=claimants, cents=amounts)
    def ask_advance(self, name: str, cents: int) -> None:
        self.do(lambda s: self.cast.asks_advance(s, name, cents=cents, key=f"advance {s.query(Case).count()}"))

    @rule(pick=picks, cents=amounts)
    def submit_again(self, pick: int, cents: int) -> None:
        def again(session: Session) -> None:
            case = self.a_case(session, pick, "returned")
            name = self.name_of(case.initiator_id)
            self.cast.act(session, name, case, "submit", content=self.content_of(case, cents))

        self.do(again)

    @rule(pick=picks, who=people, granted=st.integers(0, 100))
    def check(self, pick: int, who: str, granted: int) -> None:
        def check(session: Session) -> None:
            case = self.a_case(session, pick, "approved")
            name = self.whose_turn(case) if who == RIGHT else who
            viewer, now = self.cast.viewer(session, name), self.world.clock.now()
            cases.take(session, viewer, case, now)
            line, *ticks = CHECKS[case.type]
            for one in ticks:
                cases.tick(case, viewer, line, one, True, now)
            content = None
            if case.type == "expense_claim":
                (old,) = case.content["lines"]
                lower = {"sanctioned_cents": old["claimed_cents"] * granted // 100, "reduction_reason": "Deels"}
                content = {**case.content, "lines": [old | lower]}
            self.cast.act(session, name, case, "check", content=content)

        self.do(check)

    @rule(pick=picks)
    def refuse_what_came_back(self, pick: int) -> None:
        self.take_step(pick, RIGHT, "refuse", "unpaid")

    @rule(pick=picks, state=st.sampled_from(("payable", "approved", "outstanding", "paid")))
    def withdraw(self, pick: int, state: str) -> None:
        def withdraw(session: Session) -> None:
            case = self.a_case(session, pick, state)
            self.cast.act(session, self.name_of(case.initiator_id), case, "withdraw", "Omdat")

        self.do(withdraw)

    @rule(pick=picks, who=people, cents=amounts, exactly=st.booleans())
    def pay_back(self, pick: int, who: str, cents: int, exactly: bool) -> None:
        def come_in(session: Session) -> None:
            debts = session.scalars(select(Outstanding).order_by(Outstanding.id)).all()
            debt = debts[pick % len(debts)]
            amount = euros(debt.open_cents if exactly and debt.open_cents else cents)
            details = f"<NtryDtls>{xml.detail('TERUG', amount)}</NtryDtls>"
            file = booked(xml.entry(amount, side="CRDT", code="ESCT", details=details))
            bank.take_in(session, file, "x.xml", self.world.clock.now())
            entry = session.scalars(select(BankEntry).order_by(BankEntry.id.desc())).first()
            number = session.get_one(Case, debt.case_id).number
            assert entry is not None
            viewer = self.cast.viewer(session, "carla" if who == RIGHT else who)
            returned_money.give_back(session, viewer, entry, number or "", self.world.clock.now())

        self.do(come_in)

    @rule(hours=st.integers(0, 120))
    def wait(self, hours: int) -> None:
        self.world.clock.advance(timedelta(hours=hours))  # type: ignore[attr-defined]

    @invariant()
    def what_must_always_hold(self) -> None:
        with self.world.db.session(writes=False) as session:
            lines = session.scalars(select(BatchLine)).all()
            payables = {payable.case_id: payable for payable in session.scalars(select(Payable))}
            events = session.scalars(select(CaseEvent).order_by(CaseEvent.id)).all()
            settlements = session.scalars(select(Settlement)).all()
            debts = {debt.case_id: debt for debt in session.scalars(select(Outstanding))}
            for debt in debts.values():
                check_debt(debt, settlements)
            for case in session.scalars(select(Case)):
                payable = payables.get(case.id)
                own = [line for line in lines if payable and line.payable_id == payable.id]
                kept = sum(one.cents for one in settlements if one.case_id == case.id and one.undone_at is None)
                check_sums(case, payable, own, kept)
                assert len([line for line in own if line.end_to_end_id not in self.not_paid]) <= 1
                told = [event for event in events if event.case_id == case.id]
                check_eyes(case, told)
                check_times(told)
                if case.type == "advance":
                    check_advance(case, debts.get(case.id), own)
            for line in lines:
                assert len({line.released_by_id, line.submitter_id, line.approver_id, line.checker_id} - {None}) == 4
            assert chain.verify(session).broken is None

    def teardown(self) -> None:
        try:
            self.nobody_is_stuck()
        finally:
            super().teardown()

    def nobody_is_stuck(self) -> None:
        """Of each open case somebody can take a step, or the bank or the portal will."""
        with self.world.db.session(writes=False) as session:
            viewers = [self.cast.viewer(session, name) for name in (*EVERYBODY, "aart")]
            for case_id in session.scalars(select(Case.id).where(Case.closed_at.is_(None))).all():
                case = whole(session, case_id)
                able = case.waits_for == "BANK" or any(
                    {refusal.code for refusal in offer.refusals} <= TO_BE_TAKEN
                    for viewer in viewers
                    for offer in offers_to(session, viewer, case, self.world.clock.now())
                )
                assert able, (case.number, case.state)


def check_debt(debt: Outstanding, settlements: Iterable[Settlement]) -> None:
    standing = sum(one.cents for one in settlements if one.outstanding_id == debt.id and one.undone_at is None)
    assert debt.settled_cents == standing <= debt.cents
    assert debt.voided_at is None or standing == 0


def check_sums(case: Case, payable: Payable | None, lines: list[BatchLine], kept: int) -> None:
    """What a case grants is paid, settled, or still to be paid; and nothing is paid of what was refused."""
    assert 0 <= case.sanctioned_cents <= case.claimed_cents
    standing = [line for line in lines if line.returned_at is None]
    assert len(standing) <= 1
    gone = sum(line.cents for line in standing if line.settled_at is not None)
    assert gone + kept <= case.sanctioned_cents
    assert (case.state == "paying") == (len(standing) == 1 and standing[0].settled_at is None)
    assert (case.state == "payable") == (payable is not None and payable.closed_at is None)
    if case.state in ("payable", "paying"):
        assert payable is not None
        assert payable.cents + kept == case.sanctioned_cents
    if case.type == "expense_claim":
        assert (case.state == "paid") == (gone + kept == case.sanctioned_cents > 0 and case.closed_at is not None)
        assert kept == 0 or case.state in ("payable", "paying", "paid")
    else:
        assert kept == 0
        assert (case.state in ("outstanding", "settled")) == (gone > 0)


def check_advance(case: Case, debt: Outstanding | None, lines: list[BatchLine]) -> None:
    """An advance is owed from when it was paid; held while its money is back, and void when it stays back."""
    assert (debt is not None) == any(line.settled_at is not None for line in lines)
    if debt is None:
        return
    assert (debt.held_at is None) == (case.state in ("outstanding", "settled"))
    assert (debt.voided_at is not None) == (case.state in ("rejected", "withdrawn"))
    if debt.held_at is None:
        assert (case.state == "settled") == (debt.open_cents == 0)


def check_times(events: list[CaseEvent]) -> None:
    for event in events:
        assert event.enabled_at <= event.started_at <= event.at
    for one, next_one in pairwise(events):
        assert one.at <= next_one.at


TestWalk = Walk.TestCase
TestWalk.settings = settings(
    max_examples=10, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
