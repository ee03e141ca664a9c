"""A claim that the bank returned after its sample was drawn: nothing is asked back of money that nobody has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import bank, cases
from portal.models.cases import Case
from portal.models.outstanding import Outstanding
from portal.models.payments import BatchLine, Payable
from portal.queries import chain
from portal.queries.cases import offers_to
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import at_once, events, letters, refused, whole
from tests.commands.money import booked, credit, debit, lines_in, release
from tests.commands.sampling import judged, sampled, small
from tests.commands.test_recovery import WRONG, act, owed, recovered
from workflows.bookings import Happening
from workflows.kernel import Given, Refused
from workflows.recovery.books import journal


def claim_of(session: Session) -> Case:
    """The claim that was paid without approval."""
    return whole(session, session.scalars(select(Case.id).where(Case.number == "DEC-2026-000001")).one())


def bounced(session: Session, cast: Cast) -> None:
    """The bank returns the payment of the claim."""
    line = session.scalars(
        select(BatchLine).join(Payable).where(Payable.case_id == claim_of(session).id, BatchLine.returned_at.is_(None))
    ).one()
    bank.take_in(session, booked(credit(line)), "terug.xml", cast.world.clock.now())
    session.flush()


def taken(session: Session, cast: Cast, who: str = "els") -> Case:
    case = claim_of(session)
    cases.take(session, cast.viewer(session, who), case, cast.world.clock.now())
    return case


def paid_again(session: Session, cast: Cast) -> None:
    """A clerk puts it up for payment again; the bank pays."""
    case = taken(session, cast)
    cast.act(session, "els", case, "pay_again", "Ander rekeningnummer")
    batch = release(session, cast, case.id)
    bank.take_in(session, booked(*(debit(line) for line in lines_in(session, batch))), "weer.xml",
                 cast.world.clock.now())  # fmt: skip
    session.flush()


def test_it_cannot_be_judged_as_wrong_until_it_was_paid_again(world: World, cast: Cast) -> None:
    sample = sampled(world, cast)
    with world.db.transaction() as session:
        bounced(session, cast)
        case = whole(session, sample)
        assert refused(lambda: act(session, cast, "bram", case, "wrong", judged(case, WRONG))) == {"source_open"}
        offered = {o.action.key: o.refusals for o in offers_to(session, cast.viewer(session, "bram"), case,
                                                               world.clock.now())}  # fmt: skip
        assert offered["right"] == ()
        assert [(r.code, r.values) for r in offered["wrong"]] == [("source_open", {"number": "DEC-2026-000001"})]
        paid_again(session, cast)
        act(session, cast, "bram", whole(session, sample), "wrong", judged(case, WRONG))
        assert session.scalars(select(Case.state).where(Case.type == "recovery")).all() == ["proposed"]


def test_of_a_claim_that_is_rejected_after_all_nothing_is_judged(world: World, cast: Cast) -> None:
    sample = sampled(world, cast)
    with world.db.transaction() as session:
        bounced(session, cast)
        cast.act(session, "els", taken(session, cast), "refuse", "De rekening bestaat niet")
        session.flush()
        case = whole(session, sample)
        assert (case.state, case.result, case.destroy_on is not None) == ("lapsed", "aborted", True)
        assert "not_now" in refused(lambda: act(session, cast, "bram", case, "wrong", judged(case, WRONG)))
    with world.db.session(writes=False) as session:
        assert [event.action for event in events(session, sample)] == ["open", "lapse"]
        assert chain.verify(session).broken is None


def test_what_was_proposed_waits_and_falls_with_the_claim(world: World, cast: Cast) -> None:
    recovery = recovered(world, cast)
    with world.db.transaction() as session:
        bounced(session, cast)
        case = whole(session, recovery)
        assert refused(lambda: act(session, cast, "anna", case, "agree")) == {"source_open"}
        assert refused(lambda: act(session, cast, "els", case, "hand_over", Given("Zij zwijgt"))) == {"source_open"}
        cast.act(session, "els", taken(session, cast), "refuse", "De rekening bestaat niet")
        session.flush()
        assert (whole(session, recovery).state, owed(session)) == ("dropped", [])
        assert letters(session, recovery)[1:] == [("lapsed", "anna")]


def test_what_was_agreed_is_held_meanwhile_and_owed_again_when_it_is_paid_again(world: World, cast: Cast) -> None:
    recovery = recovered(world, cast)
    with world.db.transaction() as session:
        act(session, cast, "anna", whole(session, recovery), "agree")
        bounced(session, cast)
        debt = session.scalars(select(Outstanding)).one()
        assert debt.held_at == world.clock.now()
        following = small(session, cast, cents=4000, key="next")
        cast.checked(session, following)
        assert session.scalars(select(Payable.cents).where(Payable.case_id == following.id)).one() == 4000
        paid_again(session, cast)
        assert debt.held_at is None
        last = small(session, cast, cents=4000, key="last")
        cast.checked(session, last)
        session.flush()
        assert session.scalars(select(Payable.cents).where(Payable.case_id == last.id)).one() == 4000 - WRONG
        assert whole(session, recovery).state == "settled"


def test_what_was_agreed_falls_with_the_claim_and_leaves_the_books(world: World, cast: Cast) -> None:
    recovery = recovered(world, cast)
    with world.db.transaction() as session:
        act(session, cast, "anna", whole(session, recovery), "agree")
        bounced(session, cast)
        cast.act(session, "els", taken(session, cast), "refuse", "De rekening bestaat niet")
        session.flush()
        debt = session.scalars(select(Outstanding)).one()
        assert (debt.voided_at, debt.open_cents) == (world.clock.now(), 0)
        assert whole(session, recovery).state == "dropped"
    with world.db.session(writes=False) as session:
        content = whole(session, recovery).content
        history = tuple(
            Happening(e.action, e.from_state, e.to_state, e.at.date(), e.data, content, "1100")
            for e in events(session, recovery)
        )
        agreed, lapsed = (journal(history[:place]) for place in (2, 3))
        assert sum(one.cents for one in agreed if one.key == "recoveries") == WRONG
        assert [one.undone() for one in agreed] == list(lapsed)


def test_what_something_was_settled_with_must_be_paid_again(world: World, cast: Cast) -> None:
    recovery = recovered(world, cast)
    with world.db.transaction() as session:
        act(session, cast, "anna", whole(session, recovery), "agree")
        following = small(session, cast, cents=4000, key="next")
        cast.checked(session, following)
        session.flush()
        assert whole(session, recovery).state == "settled"
        bounced(session, cast)
        case = taken(session, cast)
        assert refused(lambda: cast.act(session, "els", case, "refuse", "Nee")) == {"accounted_already"}
        cast.act(session, "els", case, "pay_again", "Ander rekeningnummer")
        assert refused(lambda: cast.act(session, "anna", case, "withdraw")) == {"accounted_already"}


def test_agreeing_while_the_bank_returns_it_leaves_nothing_owed_that_was_not_paid(world: World, cast: Cast) -> None:
    recovery = recovered(world, cast)

    def agree() -> None:
        with world.db.transaction() as session:
            act(session, cast, "anna", whole(session, recovery), "agree")

    def bounce() -> None:
        with world.db.transaction() as session:
            bounced(session, cast)

    outcomes = at_once(agree, bounce)
    assert outcomes[1] is None
    assert outcomes[0] is None or isinstance(outcomes[0], Refused)
    with world.db.session(writes=False) as session:
        expect_only_what_was_paid_is_owed(session)


def expect_only_what_was_paid_is_owed(session: Session) -> None:
    paid = claim_of(session).state == "paid"
    for debt in session.scalars(select(Outstanding)):
        assert paid or debt.held_at is not None or debt.voided_at is not None


STEPS = ("wrong", "right", "agree", "object", "drop", "uphold", "bounce", "pay again", "refuse", "claim")


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(STEPS), min_size=4, max_size=14))
def test_whatever_happens_in_whatever_order_nothing_is_owed_of_what_was_not_paid(
    world: World, cast: Cast, tried: list[str]
) -> None:
    with world.db.session(writes=False) as session:
        mine = session.scalars(select(Case.id).where(Case.type == "sample")).first()
    sample = mine or sampled(world, cast)
    session = world.db.session()
    try:
        for number, key in enumerate(["wrong", *tried]):
            world.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
            attempt(session, cast, sample, key, f"try {number}")
            session.flush()
            session.expire_all()
            expect_only_what_was_paid_is_owed(session)
            ended = claim_of(session).result == "refused"
            running = session.scalars(
                select(Case.state).where(Case.type.in_(("sample", "recovery")), Case.closed_at.is_(None))
            ).all()
            assert not (ended and running), "what followed from a rejected claim still runs"
    finally:
        session.rollback()
        session.close()


def attempt(session: Session, cast: Cast, sample: int, key: str, name: str) -> None:
    recovery = session.scalars(select(Case.id).where(Case.type == "recovery")).first()
    case = whole(session, recovery or sample)
    steps: dict[str, Any] = {
        "bounce": lambda: bounced(session, cast),
        "pay again": lambda: paid_again(session, cast),
        "refuse": lambda: cast.act(session, "els", taken(session, cast), "refuse", "Nee"),
        "claim": lambda: cast.checked(session, small(session, cast, cents=600, key=name)),
        "wrong": lambda: act(session, cast, "bram", case, "wrong", judged(case, WRONG)),
        "right": lambda: act(session, cast, "bram", case, "right"),
    }
    if key in ("drop", "uphold") and case.state == "objected" and case.assignee_id is None:
        cases.take(session, cast.viewer(session, "els"), case, cast.world.clock.now())
    who = "els" if key in ("drop", "uphold") else "anna"
    try:
        steps.get(key, lambda: act(session, cast, who, case, key, Given("Omdat")))()
    except Refused:
        return
    except Exception as error:
        if type(error).__name__ != "NoResultFound":
            raise
