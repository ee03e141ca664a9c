"""The life of a claim by commands: sent back and handed in again, approved anew, rejected, withdrawn, taken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.commands import cases
from portal.commands.handing import hand
from portal.i18n import reading_in
from portal.models.cases import Case, Document
from portal.models.mail import MailLink
from portal.models.payments import Payable
from portal.queries.cases import documents_of
from portal.queries.people import employments_of
from portal.words.differences import changes_between
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import events, letters, refused, whole
from workflows import CASE_TYPES


def content(cast: Cast, case: Case, cents: int = 1250, **head: Any) -> dict[str, Any]:
    return {**cast.content(case, cents), **head}


def sent_back(cast: Cast, session: Session, cents: int = 1250) -> Case:
    """A claim that the manager approved and the SSC sent back."""
    case = cast.submitted(session, cents=cents)
    cast.act(session, "bram", case, "approve")
    cases.take(session, cast.viewer(session, "carla"), case, cast.world.clock.now())
    cast.act(session, "carla", case, "send_back", "Het bonnetje is onleesbaar")
    return case


def test_a_claim_sent_back_keeps_its_number_and_shows_what_changed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        cast.act(session, "bram", case, "return", "Welke rechtbank?")
        assert (case.state, case.waits_for, case.number) == ("returned", "INITIATOR", "DEC-2026-000001")
        again = content(cast, case, 1000)
        again["lines"][0]["description"] = "Parkeren bij de rechtbank in Utrecht"
        cast.act(session, "anna", case, "submit", content=again)
        assert (case.state, case.number, case.claimed_cents) == ("submitted", "DEC-2026-000001", 1000)
        case_id = case.id
    with world.db.session(writes=False) as session:
        rounds = [e.data["content"] for e in events(session, case_id) if "content" in e.data]
        with reading_in("en"):
            said = changes_between(*rounds, CASE_TYPES["expense_claim"])
    assert said == [
        "Parkeren bij de rechtbank in Utrecht: claimed was €12.50, is now €10.00",
        "Parkeren bij de rechtbank in Utrecht: description was Parkeren bij de rechtbank, "
        "is now Parkeren bij de rechtbank in Utrecht",
    ]


def test_the_mails_of_one_life(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = sent_back(cast, session)
        session.flush()
        assert letters(session, case.id) == [
            ("ask", "bram"), ("received", "anna"), ("approved", "anna"), ("to_check", "SSC"), ("returned", "anna"),
        ]  # fmt: skip


@pytest.mark.parametrize(("cents", "state"), [(1250, "approved"), (1249, "approved"), (1251, "submitted")])
def test_only_more_money_goes_to_the_manager_again(world: World, cast: Cast, cents: int, state: str) -> None:
    with world.db.transaction() as session:
        case = sent_back(cast, session)
        cast.act(session, "anna", case, "submit", content=content(cast, case, cents))
        assert case.state == state
        assert (letters(session, case.id)[-2] == ("ask", "bram")) is (state == "submitted")


def test_another_cost_centre_goes_to_the_manager_again(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = sent_back(cast, session)
        cast.act(session, "anna", case, "submit", content=content(cast, case, cost_centre="9999"))
        assert (case.state, case.cost_centre) == ("submitted", "9999")


def test_an_approval_that_fell_does_not_come_back_with_a_lower_amount(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = sent_back(cast, session)
        cast.act(session, "anna", case, "submit", content=content(cast, case, 9900))
        cast.act(session, "bram", case, "return", "Dit kan niet")
        cast.act(session, "anna", case, "submit", content=content(cast, case, 1000))
        assert case.state == "submitted"


def test_rejecting_grants_nothing_and_keeps_what_was_claimed(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        by_manager, by_clerk = cast.submitted(session, key="1"), cast.submitted(session, key="2")
        cast.act(session, "bram", by_manager, "reject", "Geen werk")
        cast.act(session, "bram", by_clerk, "approve")
        cases.take(session, cast.viewer(session, "carla"), by_clerk, world.clock.now())
        cast.act(session, "carla", by_clerk, "refuse", "Al betaald in maart")
        for case in (by_manager, by_clerk):
            assert (case.state, case.result, case.waits_for) == ("rejected", "refused", "")
            assert (case.claimed_cents, case.sanctioned_cents) == (1250, 0)
            assert case.closed_at == world.clock.now()
        assert letters(session, by_clerk.id)[-2:] == [("rejected", "anna"), ("rejected", "bram")]
    with world.db.session(writes=False) as session:
        for case in (by_manager, by_clerk):
            told = events(session, case.id)[-1].data
            assert (told["claimed_cents"], told["sanctioned_cents"]) == (1250, 0)


def test_a_closed_claim_takes_no_more_steps(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        cast.act(session, "anna", case, "withdraw")
        assert (case.state, case.result, case.sanctioned_cents) == ("withdrawn", "aborted", 0)
        for who, step in (("anna", "withdraw"), ("anna", "submit"), ("bram", "approve")):
            assert "not_now" in refused(lambda who=who, step=step: cast.act(session, who, case, step))


def test_withdrawing_takes_the_money_out_of_the_proposal(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.payable(session)
        payable = session.query(Payable).filter_by(case_id=case.id).one()
        assert (payable.cents, payable.closed_at) == (1250, None)
        cast.act(session, "anna", case, "withdraw")
        assert payable.closed_at == world.clock.now()


def test_a_submitted_claim_cannot_be_typed_in_and_a_returned_one_can(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.draft(session, "anna")
        cases.save_draft(session, case, {"purpose": "Zit"}, world.clock.now())
        assert (case.draft, case.drafted_at) == ({"purpose": "Zit"}, world.clock.now())
        cast.act(session, "anna", case, "submit", content=cast.content(case))
        assert refused(lambda: cases.save_draft(session, case, {}, world.clock.now())) == {"not_editable"}
        cast.act(session, "bram", case, "return", "Nog eens")
        assert case.draft == {"purpose": "Zit"}
        cases.save_draft(session, case, {"purpose": "Zitting"}, world.clock.now())


def test_submitting_freezes_the_receipts(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        (document,) = documents_of(session, case.id)
        session.refresh(document)
        assert document.frozen_at == world.clock.now()


def test_starting_twice_with_the_key_of_one_page_makes_one_draft(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        employment = employments_of(session, cast.people["anna"])[0]
        first, again, other = (
            cases.start(session, "expense_claim", employment, key, world.clock.now()).id for key in "aab"
        )
        assert first == again != other
        employment = employments_of(session, cast.people["aart"])[0]
        assert cases.start(session, "expense_claim", employment, "a", world.clock.now()).id not in (first, other)


def test_submitting_twice_is_one_case_with_one_number(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        same = content(cast, case)
        assert refused(lambda: cast.act(session, "anna", case, "submit", content=same)) == {"not_now"}
        assert len(events(session, case.id)) == 0, "events are on the chain from the commit on"
    with world.db.session(writes=False) as session:
        assert [e.action for e in events(session, case.id)] == ["submit"]


def test_a_page_that_is_behind_is_refused(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        shown = case.version
        cast.act(session, "bram", case, "approve")
        assert refused(lambda: cases.expect_version(case, shown)) == {"just_before_you"}
        cases.expect_version(case, case.version)
        cases.expect_version(case, None)


def test_a_clerk_takes_ticks_and_gives_back(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case, now = cast.submitted(session), world.clock.now()
        carla, els, dirk = (cast.viewer(session, name) for name in ("carla", "els", "dirk"))
        assert refused(lambda: cases.take(session, carla, case, now)) == {"not_in_queue"}
        cast.act(session, "bram", case, "approve")
        assert refused(lambda: cases.take(session, dirk, case, now)) == {"not_in_queue"}
        assert refused(lambda: cases.tick(case, carla, "a", "legible", True, now)) == {"taken"}
        cases.take(session, carla, case, now)
        cases.take(session, carla, case, now)
        assert refused(lambda: cases.take(session, els, case, now)) == {"taken"}
        assert refused(lambda: hand(session, els, case, None, now)) == {"held_by_colleague"}
        assert refused(lambda: cases.tick(case, carla, "a", "distance", True, now)) == {"not_in_queue"}
        cases.tick(case, carla, "a", "legible", True, now)
        cases.tick(case, carla, "a", "amount", True, now)
        cases.tick(case, carla, "a", "amount", False, now)
        assert case.ticks == {"a": {"legible": {"by": carla.person_id, "name": carla.name, "at": now.isoformat()}}}
        hand(session, carla, case, None, world.clock.now())
        cases.take(session, els, case, now)
        assert case.assignee_id == els.person_id


def test_a_tick_keeps_who_set_it_first(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case, now = cast.submitted(session), world.clock.now()
        cast.act(session, "bram", case, "approve")
        for name in ("carla", "els"):
            clerk = cast.viewer(session, name)
            cases.take(session, clerk, case, now)
            cases.tick(case, clerk, "a", "legible", True, now)
            hand(session, clerk, case, None, world.clock.now())
        assert case.ticks["a"]["legible"]["by"] == cast.people["carla"]


def test_a_new_round_is_checked_anew(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = sent_back(cast, session)
        case.ticks = {"a": {"legible": {}}}
        cast.act(session, "anna", case, "submit", content=content(cast, case))
        assert (case.ticks, case.assignee_id) == ({}, None)


def test_every_step_kills_the_links_of_the_version_before(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        (link,) = session.query(MailLink).all()
        assert (link.person_id, link.case_version, link.ended) == (cast.people["bram"], case.version, None)
        cast.act(session, "anna", case, "withdraw")
        session.refresh(link)
        assert (link.ended, link.ended_at) == ("superseded", world.clock.now())


def test_an_event_tells_when_it_could_be_taken_when_work_began_and_when_it_was_done(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case, submitted = cast.submitted(session), world.clock.now()
        approved = world.clock.advance(timedelta(hours=2))
        cast.act(session, "bram", case, "approve")
        taken = world.clock.advance(timedelta(hours=1))
        cases.take(session, cast.viewer(session, "carla"), case, taken)
        done = world.clock.advance(timedelta(hours=1))
        cast.checked(session, case)
    with world.db.session(writes=False) as session:
        _, approve, check = events(session, case.id)
        assert (approve.enabled_at, approve.started_at, approve.at) == (submitted, approved, approved)
        assert (check.enabled_at, check.started_at, check.at) == (approved, taken, done)
        assert set(check.data["ticks"]["a"]) == {"legible", "amount", "date", "for_work"}
        assert whole(session, case.id).sanctioned_cents == check.data["sanctioned_cents"] == 1250
        assert session.query(Document).count() == 1
