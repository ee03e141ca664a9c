"""Whatever people and the bank do with invoices and credit notes: nothing is paid twice, nobody gets more than is owed,
and a credit note is used once, with its own supplier and municipality."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from sqlalchemy import select

from portal.models.cases import Case
from portal.models.outstanding import Outstanding, Settlement
from portal.models.payments import BatchLine, Payable
from portal.models.suppliers import Supplier
from portal.queries import chain
from tests import invoices
from tests.commands.money import release
from tests.commands.test_money_machine import RIGHT, Hands, people, picks
from tests.commands.test_money_walk import check_debt

DUE = "2026-11-24"
ALL_OF_IT = ("payable", "paying", "paid")
"""In which states what an invoice asks is paid, set off, or still to be paid."""
amounts = st.integers(100, 90_000)


class Bills(Hands):
    """Invoices and credit notes of two suppliers for two municipalities, of which the bank answers for one."""

    @initialize()
    def suppliers_are_known(self) -> None:
        with self.world.db.transaction() as session:
            first = invoices.prepare(session, self.cast)
            other = invoices.supplier(session, self.cast, "Andere B.V.", "87654321", "NL91ABNA0417164300")
            self.suppliers = (first.id, other.id)
        self.made = 0
        self.comes_in(0, 5_000, credit=True, elsewhere=False)
        self.comes_in(0, 12_000, credit=False, elsewhere=False)
        with self.world.db.transaction() as session:
            release(session, self.cast)

    @rule(
        pick=picks,
        cents=amounts,
        credit=st.sampled_from((True, False, False)),
        elsewhere=st.sampled_from((False, False, True)),
    )
    def comes_in(self, pick: int, cents: int, *, credit: bool, elsewhere: bool) -> None:
        """An invoice or a credit note that is registered, received, approved and checked."""
        self.made += 1
        self.do(
            lambda session: invoices.payable(
                session, self.cast, cents, key=f"w{self.made}", credit=credit, preceding="F-0" if credit else "",
                by=session.get_one(Supplier, self.suppliers[pick % 2]), due=DUE,
                **({"place": "duinrade", "ordered_by": ""} if elsewhere else {}),
            )
        )  # fmt: skip

    @rule(pick=picks, who=people)
    def refuse_what_came_back(self, pick: int, who: str) -> None:
        self.take_step(pick, who, "refuse", "unpaid")

    @rule(pick=picks, state=st.sampled_from(("payable", "paying", "paid", "credit", "netted")))
    def nobody_takes_it_back(self, pick: int, state: str) -> None:
        self.take_step(pick, RIGHT, "refuse", state)

    @rule(hours=st.integers(1, 120))
    def wait(self, hours: int) -> None:
        self.world.clock.advance(timedelta(hours=hours))  # type: ignore[attr-defined]

    @invariant()
    def what_must_always_hold(self) -> None:
        with self.world.db.session(writes=False) as session:
            cases = {case.id: case for case in session.scalars(select(Case))}
            lines = session.scalars(select(BatchLine)).all()
            payables = {payable.case_id: payable for payable in session.scalars(select(Payable))}
            settlements = session.scalars(select(Settlement)).all()
            debts = {debt.id: debt for debt in session.scalars(select(Outstanding))}
            for debt in debts.values():
                check_debt(debt, settlements)
                check_note(cases[debt.case_id], debt)
            for one in settlements:
                check_settlement(one, debts[one.outstanding_id], cases)
            for case in cases.values():
                payable = payables.get(case.id)
                own = [line for line in lines if payable and line.payable_id == payable.id]
                kept = sum(one.cents for one in settlements if one.case_id == case.id and one.undone_at is None)
                check_invoice(case, payable, own, kept, self.not_paid)
            for line in lines:
                assert len({line.released_by_id, line.preparer_id, line.approver_id} - {None}) == 3
            assert sum_of(cases.values(), lines, settlements)
            assert chain.verify(session).broken is None


def check_note(case: Case, debt: Outstanding) -> None:
    """A credit note is worth what it says, until that is set off in full."""
    assert case.content["credit"]
    assert debt.cents == case.sanctioned_cents == case.content["payable_cents"]
    assert case.state == ("credit" if debt.open_cents else "netted")
    assert (debt.supplier_id, debt.municipality_id) == (case.content["supplier_id"], case.municipality_id)


def check_settlement(one: Settlement, debt: Outstanding, cases: dict[int, Case]) -> None:
    """Set off only with an invoice of the same supplier, for the same municipality."""
    assert one.case_id is not None
    invoice = cases[one.case_id]
    assert not invoice.content["credit"]
    assert (debt.supplier_id, debt.municipality_id) == (invoice.content["supplier_id"], invoice.municipality_id)


def check_invoice(
    case: Case, payable: Payable | None, lines: list[BatchLine], kept: int, not_paid: Collection[str]
) -> None:
    """What it asks is paid, set off, or still to be paid: never twice, and nothing of what was refused."""
    standing = [line for line in lines if line.returned_at is None]
    assert len(standing) <= 1
    assert len([line for line in lines if line.end_to_end_id not in not_paid]) <= 1
    gone = sum(line.cents for line in standing if line.settled_at is not None)
    assert gone + kept <= case.sanctioned_cents
    assert (case.state == "payable") == (payable is not None and payable.closed_at is None)
    assert (case.state == "paying") == (len(standing) == 1 and standing[0].settled_at is None)
    assert (case.state == "paid") == (gone + kept == case.sanctioned_cents > 0 and not case.content["credit"])
    if case.content["credit"]:
        assert payable is None
        assert kept == 0
    elif case.state in ("payable", "paying"):
        assert payable is not None
        assert payable.cents + kept == case.sanctioned_cents
    elif case.state not in ALL_OF_IT:
        assert gone == kept == 0


def sum_of(cases: Iterable[Case], lines: Iterable[BatchLine], settlements: Iterable[Settlement]) -> bool:
    """Over all together: what was invoiced and stands is what was paid, set off, and still is to be paid."""
    standing = [case for case in cases if case.state in ALL_OF_IT]
    waits = {case.id: case.sanctioned_cents for case in standing if case.state != "paid"}
    kept = {case.id: 0 for case in standing}
    for one in settlements:
        if one.undone_at is None and one.case_id is not None:
            kept[one.case_id] += one.cents
    paid = sum(line.cents for line in lines if line.settled_at is not None and line.returned_at is None)
    to_come = sum(cents - kept[key] for key, cents in waits.items())
    return sum(case.sanctioned_cents for case in standing) == paid + sum(kept.values()) + to_come


TestBills = Bills.TestCase
TestBills.settings = settings(
    max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
