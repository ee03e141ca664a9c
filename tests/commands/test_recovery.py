"""Recovery: what was not due is asked back; agreed on it is owed, and without that nothing is settled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.commands import cases
from portal.commands.cases import NOTHING
from portal.jobs import remind
from portal.models.cases import Case
from portal.models.outstanding import Outstanding
from portal.models.payments import Payable
from portal.queries import chain
from portal.queries.cases import offers_to
from portal.queries.sampling import failed_lately
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import events, here, letters, refused, whole
from tests.commands.sampling import judged, sampled, small
from workflows import CASE_TYPES
from workflows.kernel import Given, Refused

WRONG = 900


def recovered(world: World, cast: Cast, name: str = "anna", judge: str = "bram") -> int:
    """A recovery that waits for the employee, of € 9 of a sample that this manager judged."""
    sample = sampled(world, cast, name)
    with world.db.transaction() as session:
        case = whole(session, sample)
        act(session, cast, judge, case, "wrong", judged(case, WRONG))
        return session.scalars(select(Case.id).where(Case.parent_id == sample)).one()


def act(session: Session, cast: Cast, who: str, case: Case, key: str, given: Given = NOTHING) -> None:
    cases.act_as(session, cast.viewer(session, who), case, key, given, cast.world.clock.now())
    session.flush()


def objected(session: Session, cast: Cast, recovery: int, clerk: str = "els") -> Case:
    """An objection that this clerk has taken."""
    case = whole(session, recovery)
    act(session, cast, "anna", case, "object", Given("Het was wel voor het werk"))
    cases.take(session, cast.viewer(session, clerk), case, cast.world.clock.now())
    return case


def owed(session: Session) -> list[tuple[int, int]]:
    return [(row.cents, row.settled_cents) for row in session.scalars(select(Outstanding).order_by(Outstanding.id))]


def test_the_employee_is_told_what_and_why(world: World, cast: Cast) -> None:
    recovery = recovered(world, cast)
    with world.db.transaction() as session:
        case = whole(session, recovery)
        assert (case.number, case.state, case.waits_for) == ("TVR-2026-000001", "proposed", "INITIATOR")
        assert (case.claimed_cents, case.sanctioned_cents) == (WRONG, WRONG)
        assert case.content["lines"][0]["not_due_reason"] == "Dit was een priverit"
        assert letters(session, recovery) == [("proposed", "anna")]
        assert set(case.content["apart"]) == {cast.people[name] for name in ("anna", "carla", "dirk", "bram")}
        assert owed(session) == []
    with world.db.session(writes=False) as session:
        assert chain.verify(session).broken is None


def test_agreed_it_is_settled_with_the_next_claim(world: World, cast: Cast) -> None:
    recovery = recovered(world, cast)
    with world.db.transaction() as session:
        act(session, cast, "anna", whole(session, recovery), "agree")
        assert owed(session) == [(WRONG, 0)]
        assert letters(session, recovery)[1:] == [("agreed", "anna")]
        following = small(session, cast, cents=4000, key="next")
        cast.checked(session, following)
        session.flush()
        assert owed(session) == [(WRONG, WRONG)]
        payable = session.scalars(select(Payable).where(Payable.case_id == following.id)).one()
        assert payable.cents == 4000 - WRONG
        assert whole(session, recovery).state == "settled"
        assert letters(session, recovery)[2:] == [("settled", "anna")]
        cast.act(session, "anna", following, "withdraw")
        session.flush()
        assert whole(session, recovery).state == "outstanding"
        assert owed(session) == [(WRONG, 0)]
    with world.db.session(writes=False) as session:
        assert [e.action for e in events(session, recovery)] == ["open", "agree", "account", "reopen"]
        assert chain.verify(session).broken is None


def test_without_agreement_nothing_is_settled(world: World, cast: Cast) -> None:
    recovery = recovered(world, cast)
    with world.db.transaction() as session:
        case = objected(session, cast, recovery)
        act(session, cast, "els", case, "uphold", Given("De bon zegt iets anders"))
        assert (case.state, case.waits_for) == ("upheld", "INITIATOR")
        following = small(session, cast, cents=4000, key="next")
        cast.checked(session, following)
        assert session.scalars(select(Payable.cents).where(Payable.case_id == following.id)).one() == 4000
        act(session, cast, "els", case, "hand_over", Given("Zij antwoordt niet"))
        assert (case.state, case.result, case.sanctioned_cents) == ("handed_over", "aborted", 0)
        assert owed(session) == []
        assert [letter for letter, _ in letters(session, recovery)] == ["proposed", "objected", "upheld", "handed_over"]
        assert failed_lately(session, cast.people["anna"], world.clock.now())


def test_after_an_objection_one_can_still_agree(world: World, cast: Cast) -> None:
    recovery = recovered(world, cast)
    with world.db.transaction() as session:
        case = objected(session, cast, recovery)
        act(session, cast, "els", case, "uphold", Given("De bon zegt iets anders"))
        assert "not_now" in refused(lambda: act(session, cast, "anna", case, "object", Given("Nog eens")))
        act(session, cast, "anna", case, "agree")
        assert owed(session) == [(WRONG, 0)]


def test_an_objection_that_is_accepted_ends_it_and_the_sample_does_not_count(world: World, cast: Cast) -> None:
    recovery = recovered(world, cast)
    with world.db.transaction() as session:
        assert failed_lately(session, cast.people["anna"], world.clock.now())
        case = objected(session, cast, recovery)
        act(session, cast, "els", case, "drop", Given("Zij heeft gelijk"))
        assert (case.state, case.result) == ("dropped", "refused")
        assert letters(session, recovery)[-1] == ("dropped", "anna")
        assert owed(session) == []
        assert not failed_lately(session, cast.people["anna"], world.clock.now())


def test_who_checked_or_judged_does_not_decide_on_the_objection(world: World, cast: Cast) -> None:
    recovery = recovered(world, cast)
    with world.db.transaction() as session:
        case = objected(session, cast, recovery, clerk="carla")
        for key in ("uphold", "drop"):
            assert refused(lambda key=key: act(session, cast, "carla", case, key, Given("Ja"))) == {"took_part_before"}
        assert refused(lambda: act(session, cast, "els", case, "drop", Given("Ja"))) == {"not_held"}
        assert refused(lambda: act(session, cast, "els", case, "drop")) == {"not_held", "reason_missing"}
        assert "not_yours" in refused(lambda: act(session, cast, "bram", case, "drop", Given("Ja")))


def test_a_clerk_does_not_decide_on_a_recovery_of_their_own(world: World, cast: Cast) -> None:
    sample = sampled_of_els(world, cast)
    with world.db.transaction() as session:
        case = whole(session, sample)
        act(session, cast, "diane", case, "wrong", judged(case))
        case = whole(session, session.scalars(select(Case.id).where(Case.parent_id == sample)).one())
        act(session, cast, "els", case, "object", Given("Toch wel"))
        assert refused(lambda: cases.take(session, cast.viewer(session, "els"), case, world.clock.now())) == {
            "own_from_queue"
        }
        codes = refused(lambda: act(session, cast, "els", case, "drop", Given("Toch wel")))
        assert {"own_case", "took_part_before"} <= codes


def sampled_of_els(world: World, cast: Cast) -> int:
    return sampled(world, cast, "els")


@pytest.mark.parametrize("who", ["aart", "bram", "carla", "els", "dirk", "diane", "olga"])
def test_only_the_employee_answers(world: World, cast: Cast, who: str) -> None:
    recovery = recovered(world, cast)
    with world.db.transaction() as session:
        case = whole(session, recovery)
        keys = {offer.action.key for offer in offers_to(session, cast.viewer(session, who), case, world.clock.now())}
        assert keys <= {"hand_over"}
        for key in ("agree", "object"):
            assert "not_yours" in refused(lambda key=key: act(session, cast, who, case, key, Given("Ja")))


def test_the_employee_is_reminded_and_then_the_ssc_is_told(world: World, cast: Cast) -> None:
    recovery = recovered(world, cast)
    world.clock.set(here("2026-12-11 14:00"))  # type: ignore[attr-defined]
    remind.run(world, world.clock.now())
    with world.db.session(writes=False) as session:
        assert letters(session, recovery)[1:] == [("remind_you", "anna"), ("escalate", "SSC")]


STEPS = ("agree", "object", "uphold", "drop", "hand_over", "account", "reopen", "take", "claim", "withdraw")
PEOPLE = ("anna", "aart", "bram", "carla", "els", "dirk", "diane")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(PEOPLE)), min_size=4, max_size=14))
def test_whatever_people_try_only_what_was_agreed_on_is_owed_and_never_twice(
    world: World, cast: Cast, tried: list[tuple[str, str]]
) -> None:
    with world.db.session(writes=False) as session:
        mine = session.scalars(select(Case.id).where(Case.type == "recovery")).first()
    recovery = mine or recovered(world, cast)
    session = world.db.session()
    try:
        claim = None
        for number, (key, who) in enumerate(tried):
            case = whole(session, recovery)
            world.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
            claim = attempt(session, cast, case, key, who, f"try {number}") or claim
            session.flush()
            agreed_or_not(session, whole(session, recovery))
    finally:
        session.rollback()
        session.close()


def attempt(session: Session, cast: Cast, case: Case, key: str, who: str, name: str) -> Any:
    try:
        if key == "take":
            cases.take(session, cast.viewer(session, who), case, cast.world.clock.now())
        elif key == "claim":
            following = small(session, cast, cents=600, key=name)
            cast.checked(session, following)
        elif key == "withdraw":
            last = select(func.max(Case.id)).where(Case.state == "payable")
            cast.act(session, "anna", whole(session, session.scalar(last) or 0), "withdraw")
        else:
            act(session, cast, who, case, key, Given("Omdat"))
    except (Refused, LookupError):
        return None
    except Exception as error:
        if type(error).__name__ == "NoResultFound":
            return None
        raise
    return case


def agreed_or_not(session: Session, case: Case) -> None:
    agreed = "agree" in [step[0] for step in case.trail]
    rows = session.scalars(select(Outstanding).where(Outstanding.case_id == case.id)).all()
    assert len(rows) == int(agreed)
    assert {row.cents for row in rows} <= {WRONG}
    assert all(0 <= row.settled_cents <= row.cents for row in rows)
    assert (case.state == "settled") == any(row.settled_cents == row.cents for row in rows)
    waits = CASE_TYPES["recovery"].state(case.state).waits_for
    assert case.waits_for == (waits.name or "" if waits else "")


def test_a_note_is_added_to_a_recovery_that_has_ended(world: World, cast: Cast) -> None:
    recovery = recovered(world, cast)
    with world.db.transaction() as session:
        case = objected(session, cast, recovery)
        act(session, cast, "els", case, "drop", Given("Zij heeft gelijk"))
        act(session, cast, "carla", case, "add_later", Given("Brief van de werknemer"))
        session.commit()
        assert (events(session, recovery)[-1].action, case.state) == ("add_later", "dropped")
        assert "not_now" in refused(lambda: act(session, cast, "els", case, "uphold", Given("Toch niet")))
