"""A case ends well only when nothing is open in it; the refusal names what is. The bank's answer is never refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from portal.commands import cases
from portal.commands.beginning import begin
from portal.models.cases import Case, CaseFlag, Document
from portal.models.contact import ANSWERED, OPEN, Contact, ContactQuestion
from portal.queries.cases import offers_to
from portal.queries.people import employments_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused, whole
from tests.commands.money import booked, debit, paying, proposed, release, take_in
from tests.toy.parking_permit import PERMIT, registered
from tests.web.test_statements import counted
from workflows import CASE_TYPES
from workflows.kernel import CaseType
from workflows.parties import BANK, GRANTED, PERSONS

every_type = pytest.mark.parametrize("case_type", CASE_TYPES.values(), ids=CASE_TYPES.keys())


def flag(session: Session, cast: Cast, case: Case) -> CaseFlag:
    new = CaseFlag(case_id=case.id, code="duplicate_file", about="DEC-2026-000099", asks=True,
                   raised_at=cast.world.clock.now())  # fmt: skip
    session.add(new)
    session.flush()
    return new


def question(session: Session, cast: Cast, case: Case) -> ContactQuestion:
    now = cast.world.clock.now()
    contact = Contact(person_id=case.initiator_id, clerk_id=cast.people["carla"], at=now, channel="telephone", line=1)
    session.add(contact)
    session.flush()
    asked = ContactQuestion(contact_id=contact.id, case_id=case.id, subject="payment", asked="Wanneer?", state=OPEN,
                            line=1, due=now + timedelta(days=1))  # fmt: skip
    session.add(asked)
    session.flush()
    return asked


def to_check(session: Session, cast: Cast) -> Case:
    case = cast.submitted(session)
    cast.act(session, "bram", case, "approve")
    return case


def names(session: Session, cast: Cast, case: Case, key: str, who: str = "carla") -> dict[str, str]:
    """What stands in the way of a step as its page says it: names by code."""
    session.flush()
    offers = offers_to(session, cast.viewer(session, who), whole(session, case.id), cast.world.clock.now())
    (offer,) = (offer for offer in offers if offer.action.key == key)
    return {refusal.code: refusal.values["names"] for refusal in offer.refusals if "names" in refusal.values}


def test_the_check_of_a_claim_waits_for_what_is_open(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = to_check(session, cast)
        assert names(session, cast, case, "check") == {}
        flag(session, cast, case)
        asked = question(session, cast, case)
        session.execute(delete(Document).where(Document.case_id == case.id))
        assert names(session, cast, case, "check") == {
            "document_missing": "Parkeren bij de rechtbank", "question_open": "24 november 2026",
        }, "of signals the rule of the check speaks"  # fmt: skip
        assert {"document_missing", "question_open"} <= refused(lambda: cast.checked(session, case))
        assert names(session, cast, case, "refuse") == {}, "a claim can be rejected for lack of a receipt"
        asked.state, asked.due = ANSWERED, None
        assert set(names(session, cast, case, "check")) == {"document_missing"}
        content = cast.content(case)
        content["lines"][0] |= {"outcome": "refused", "sanctioned_cents": 0, "reduction_reason": "Geen bon"}
        assert "document_missing" not in refused(lambda: cast.act(session, "carla", case, "check", content=content))


def test_a_payment_is_not_released_while_something_is_open_and_never_lost_after_it(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.payable(session)
        asked = question(session, cast, case)
        (one,) = proposed(session, cast)
        assert {refusal.code for refusal in one.refusals} == {"question_open"}
        assert refused(lambda: release(session, cast, case.id)) == {"question_open"}
        asked.state, asked.due = ANSWERED, None
        raised = flag(session, cast, case)
        assert refused(lambda: release(session, cast, case.id)) == {"signal_open"}
        raised.settled_at = world.clock.now()
        batch, lines = paying(session, cast, 900)
        raised.settled_at = None
        question(session, cast, case)
        assert batch.count == 2
        mine = next(line for line in lines if line.cents == 1250)
        file = booked(debit(mine))
    (row,) = take_in(world, file)
    assert (row.settled, row.refused) == (1, "")
    with world.db.session(writes=False) as session:
        assert whole(session, case.id).state == "paid"


def test_a_case_waits_for_those_that_followed_unless_its_type_says_they_may_run(world: World, cast: Cast) -> None:
    with registered(), world.db.transaction() as session:
        employment = employments_of(session, cast.people["anna"])[0]
        permit = whole(session, cases.start(session, PERMIT.key, employment, "p", world.clock.now()).id)
        cast.act(session, "anna", permit, "ask", content={"plate": "XX"})
        permit.approver_id = cast.people["bram"]
        cast.act(session, "bram", permit, "agree")
        cases.take(session, cast.viewer(session, "carla"), permit, world.clock.now())
        child = cast.submitted(session, key="child")
        session.execute(update(Case).where(Case.id == child.id).values(parent_id=permit.id))
        assert names(session, cast, permit, "issue") == {"case_running": child.number}
        assert refused(lambda: cast.act(session, "carla", permit, "issue")) == {"case_running"}
        cast.act(session, "anna", whole(session, child.id), "withdraw")
        session.flush()
        draft = begin(session, PERMIT, employment, "later", world.clock.now(), parent_id=permit.id)
        assert refused(lambda: cast.act(session, "carla", permit, "issue")) == {"case_running"}
        draft.closed_at = world.clock.now()
        session.flush()
        cast.act(session, "carla", permit, "issue")
        claim = to_check(session, cast)
        begin(session, CASE_TYPES["expense_claim"], employment, "anew", world.clock.now(), parent_id=claim.id)
        assert CASE_TYPES["expense_claim"].children_may_run
        cast.checked(session, claim)
        assert claim.state == "payable"


def test_open_things_are_looked_up_together_and_only_where_a_case_may_end(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        few = [cast.payable(session, key=f"few{number}") for number in range(2)]
    with world.db.session(writes=False) as session, counted(world) as before:
        assert len(proposed(session, cast)) == len(few)
    with world.db.transaction() as session:
        for number in range(6):
            cast.payable(session, key=f"more{number}")
    with world.db.session(writes=False) as session, counted(world) as after:
        assert len(proposed(session, cast)) == 8
    assert len(before) == len(after)
    with world.db.transaction() as session:
        submitted = cast.submitted(session, key="submitted")
        with counted(world) as asked:
            offers_to(session, cast.viewer(session, "bram"), submitted, world.clock.now())
        assert not [statement for statement in asked if "case_flag" in statement]


@every_type
def test_every_good_end_has_a_last_step_of_a_person_and_no_machine_is_ever_refused(case_type: CaseType) -> None:
    last = {action.key: action for action in case_type.actions if action.key in case_type.last_steps}
    assert last
    assert all(action.who & PERSONS for action in last.values())
    ends = {state.key for state in case_type.states if state.result is GRANTED}
    reached, front = {case_type.initial.key}, [case_type.initial.key]
    while front:
        here = front.pop()
        for action in case_type.actions:
            if here in action.at and action.key not in last:
                front += set(action.targets) - reached
                reached |= set(action.targets)
    assert not reached & ends, "no case ends well without having been asked what is open"


def test_the_steps_that_ask_are_those_after_which_money_goes_by_itself() -> None:
    assert CASE_TYPES["account_change"].last_steps == {"check"}
    assert {"check", "release", "pay_again"} <= CASE_TYPES["expense_claim"].last_steps
    assert not {"approve", "submit", "settle", "refuse", "withdraw"} & CASE_TYPES["expense_claim"].last_steps
    assert CASE_TYPES["expense_claim"].action("settle").who is BANK


def test_what_is_open_is_said_only_to_who_may_take_the_step(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = to_check(session, cast)
        flag(session, cast, case)
        assert refused(lambda: cast.act(session, "bram", case, "check")) == {"not_yours"}
