"""Whatever people and the bank do, in whatever order: nobody is paid twice, or more than was granted."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Role
from portal.commands import bank, cases
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.payments import BatchLine, Payable, PaymentBatch
from portal.models.people import RoleGrant
from portal.queries import chain
from tests import bank_messages as xml
from tests.cast import OTHER_IBAN, OUR_IBAN, SINCE, Cast
from tests.commands.helpers import whole
from tests.commands.money import booked, credit, debit, paying, proposed, rejected, release, status
from tests.conftest import peopled, world_on
from tests.databases import own_sqlite
from workflows.kernel import Refused

EVERYBODY = ("anna", "aart", "bram", "diane", "carla", "els", "dirk", "hanna")
EXTRA = {"bram": (Role.CLERK, Role.TREASURER), "anna": (Role.CLERK, Role.TREASURER),
         "hanna": (Role.TREASURER,), "els": (Role.REOPENER,), "carla": (Role.TREASURER, Role.REOPENER)}  # fmt: skip
STEPS = ("reopen", "approve", "reject", "return", "send_back", "refuse", "pay_again", "withdraw", "adjust")
ENTRIES = (debit, debit, credit, lambda line: debit(line, line.cents + 1), lambda line: credit(line, ""))
WORDS = ("ACSP", "ACSC", "RJCT AC04", "RJCT DUPL", "RJCT AM05", "CANC CUST", "PDNG")
RIGHT = "whoever may"
"""Half of the time the one whose turn it is, so that claims get somewhere; else anybody."""
people = st.just(RIGHT) | st.sampled_from(EVERYBODY)
claimants = st.sampled_from(("anna", "aart", "carla", "bram"))
amounts, picks = st.integers(1, 150_000), st.integers(0, 30)


class Hands(RuleBasedStateMachine):
    """Everybody's hands, and a bank that says anything; others say about which cases."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.stand = own_sqlite()
        people, municipalities = peopled(self.stand)
        self.world = world_on(self.stand, self.folder)
        self.cast = Cast(self.world, people=dict(people), municipalities=dict(municipalities))
        self.files: list[bytes] = []
        self.not_paid: set[str] = set()
        """What the bank truly said it did not pay, or gave back: only that may be paid again."""
        with self.world.db.transaction() as session:
            for name, roles in EXTRA.items():
                session.add_all(
                    RoleGrant(person_id=self.cast.people[name], role=role.value, valid_from=SINCE) for role in roles
                )

    def teardown(self) -> None:
        self.stand.leave()
        shutil.rmtree(self.folder)

    def do(self, step: Callable[[Session], object]) -> None:
        """One transaction; what is refused changes nothing."""
        try:
            with self.world.db.transaction() as session:
                step(session)
        except Refused:
            pass

    def a_case(self, session: Session, pick: int, state: str = "") -> Case:
        """Any case, but one in this state when there is one."""
        ids = session.scalars(select(Case.id).where(Case.state == state).order_by(Case.id)).all()
        ids = ids or session.scalars(select(Case.id).order_by(Case.id)).all()
        return whole(session, ids[pick % len(ids)])

    def name_of(self, person_id: int | None) -> str:
        return next(name for name, person in self.cast.people.items() if person == person_id)

    def a_line(self, session: Session, pick: int) -> BatchLine | None:
        lines = session.scalars(select(BatchLine).options(*bank.LINE).order_by(BatchLine.id)).all()
        return lines[pick % len(lines)] if lines else None

    def take_step(self, pick: int, who: str, key: str, state: str = "") -> None:
        def take_step(session: Session) -> None:
            case = self.a_case(session, pick, state)
            name = self.whose_turn(case) if who == RIGHT else who
            if key in ("send_back", "refuse", "pay_again", "adjust"):
                cases.take(session, self.cast.viewer(session, name), case, self.world.clock.now())
            self.cast.act(session, name, case, key, "Omdat")

        self.do(take_step)

    def whose_turn(self, case: Case) -> str:
        if case.waits_for == "APPROVER":
            return self.name_of(case.approver_id)
        return self.name_of(case.assignee_id) if case.assignee_id else "els"

    @rule(pick=picks, who=people)
    def approve(self, pick: int, who: str) -> None:
        self.take_step(pick, who, "approve", "submitted")

    @rule(pick=picks)
    def pay_again(self, pick: int) -> None:
        self.take_step(pick, RIGHT, "pay_again", "unpaid")

    @rule(who=people, pick=picks)
    def release(self, who: str, pick: int) -> None:
        name = "dirk" if who == RIGHT else who

        def pay(session: Session) -> None:
            ids = [line.payable.case_id for line in proposed(session, self.cast, name)]
            release(session, self.cast, *(ids[: 1 + pick % 3] if ids else (0,)), who=name)

        self.do(pay)

    @rule(
        pick=picks,
        kind=st.sampled_from(("camt.053", "camt.054")),
        iban=st.sampled_from((OUR_IBAN, OUR_IBAN, OTHER_IBAN)),
        entry=st.sampled_from(ENTRIES),
    )
    def book(self, pick: int, kind: str, iban: str, entry: Callable[[BatchLine], str]) -> None:
        back = entry is credit and iban == OUR_IBAN
        self.answer(pick, lambda batch, line: booked(entry(line), kind=kind, iban=iban), not_paid=back)

    @rule(
        pick=picks, word=st.sampled_from(("ACSP", "ACSC", "RJCT AC04", "RJCT DUPL", "RJCT AM05", "CANC CUST", "PDNG"))
    )
    def report(self, pick: int, word: str) -> None:
        code, _, reason = word.partition(" ")
        refused = reason in ("AC04", "CUST")
        self.answer(
            pick, lambda batch, line: status(batch, xml.line(line.end_to_end_id, code, reason)), not_paid=refused
        )

    @rule(pick=picks, reason=st.sampled_from(("DUPL", "FF01")))
    def refuse_file(self, pick: int, reason: str) -> None:
        whole_batch = reason == "FF01"
        self.answer(pick, lambda batch, line: status(batch, group="RJCT", reason=reason), not_paid=whole_batch)

    @rule(pick=picks)
    def refuse_one(self, pick: int) -> None:
        self.answer(pick, lambda batch, line: status(batch, rejected(line)), not_paid=True)

    def answer(self, pick: int, write: Callable[[PaymentBatch, BatchLine], bytes], *, not_paid: bool) -> None:
        with self.world.db.session(writes=False) as session:
            line = self.a_line(session, pick)
            assert line is not None
            file = write(line.batch, line)
            self.files.append(file)
            if not_paid:
                whole_batch = BatchLine.batch_id == line.batch_id if b"<GrpSts>" in file else BatchLine.id == line.id
                self.not_paid |= set(session.scalars(select(BatchLine.end_to_end_id).where(whole_batch)))
        self.do(lambda session: bank.take_in(session, self.files[-1], "x.xml", self.world.clock.now()))

    @precondition(lambda self: self.files)
    @rule(pick=picks)
    def replay(self, pick: int) -> None:
        file = self.files[pick % len(self.files)]
        self.do(lambda session: bank.take_in(session, file, "again.xml", self.world.clock.now()))


class Money(Hands):
    """A few claims."""

    @initialize()
    def some_claims_are_on_their_way(self) -> None:
        with self.world.db.transaction() as session:
            paying(session, self.cast, 1250, 99_000)
            self.cast.payable(session, key="payable")
            self.cast.submitted(session, "bram", key="asked")

    @rule(name=claimants, cents=amounts)
    def submit(self, name: str, cents: int) -> None:
        self.do(lambda s: self.cast.submitted(s, name, cents=cents, key=str(s.query(Case).count())))

    @rule(pick=picks, cents=amounts)
    def submit_again(self, pick: int, cents: int) -> None:
        def again(session: Session) -> None:
            case = self.a_case(session, pick)
            self.cast.act(
                session, self.name_of(case.initiator_id), case, "submit", content=self.cast.content(case, cents)
            )

        self.do(again)

    @rule(pick=picks, who=people, key=st.sampled_from(STEPS))
    def step(self, pick: int, who: str, key: str) -> None:
        self.take_step(pick, who, key)

    @rule(pick=picks, who=people, granted=st.integers(0, 100))
    def check(self, pick: int, who: str, granted: int) -> None:
        def check(session: Session) -> None:
            case = self.a_case(session, pick, "approved")
            name = self.whose_turn(case) if who == RIGHT else who
            viewer = self.cast.viewer(session, name)
            cases.take(session, viewer, case, self.world.clock.now())
            for one in ("legible", "amount", "date", "for_work"):
                cases.tick(case, viewer, "a", one, True, self.world.clock.now())
            (line,) = case.content["lines"]
            lower = {"sanctioned_cents": line["claimed_cents"] * granted // 100, "reduction_reason": "Deels"}
            self.cast.act(session, name, case, "check", content={**case.content, "lines": [line | lower]})

        self.do(check)

    @invariant()
    def what_must_always_hold(self) -> None:
        with self.world.db.session(writes=False) as session:
            lines = session.scalars(select(BatchLine)).all()
            payables = {payable.case_id: payable for payable in session.scalars(select(Payable))}
            events = session.scalars(select(CaseEvent)).all()
            for case in session.scalars(select(Case)):
                payable = payables.get(case.id)
                own = [line for line in lines if payable and line.payable_id == payable.id]
                check_money(case, payable, own)
                assert len([line for line in own if line.end_to_end_id not in self.not_paid]) <= 1
                check_eyes(case, [event for event in events if event.case_id == case.id])
            assert chain.verify(session).broken is None


def check_money(case: Case, payable: Payable | None, lines: list[BatchLine]) -> None:
    assert 0 <= case.sanctioned_cents <= case.claimed_cents
    standing = [line for line in lines if line.returned_at is None]
    assert len(standing) <= 1
    gone = sum(line.cents for line in standing if line.settled_at is not None)
    assert gone <= case.sanctioned_cents
    assert (case.state == "paid") == (gone > 0)
    assert (case.state == "paying") == (len(standing) == 1 and standing[0].settled_at is None)
    assert (case.state == "payable") == (payable is not None and payable.closed_at is None)
    if payable is not None and payable.closed_at is None:
        assert payable.cents == case.sanctioned_cents


def check_eyes(case: Case, events: list[CaseEvent]) -> None:
    def persons(*keys: str) -> set[int]:
        pairs: Iterable[tuple[int | None, int | None]] = (
            (e.actor_id, e.on_behalf_of_id) for e in events if e.action in keys
        )
        return {person for pair in pairs for person in pair if person is not None}

    approved, checked, released = persons("approve"), persons("check", "adjust"), persons("release")
    assert not approved & checked
    assert not released & (approved | checked)
    assert case.initiator_id not in approved | checked | released


TestMoney = Money.TestCase
TestMoney.settings = settings(
    max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
