"""Two people at the same moment on the same case: one wins, the other is told, and nothing happens twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.exc import StaleDataError

from portal.clock import local_date
from portal.commands import cases, costs, passages, substitutes
from portal.models.cases import Case
from portal.models.costs import QuarterAdvance
from portal.models.mail import OutboxMail
from portal.models.passages import ArchiveRequest, Passage
from portal.models.people import Municipality
from portal.queries import chain
from portal.queries.people import employments_of
from portal.worlds import World
from tests.cast import Cast
from tests.catalogue import BEGIN, drafted, services, signed
from tests.commands.helpers import at_once, events, whole
from workflows.kernel import Refused

ROUNDS = 4


def decide(world: World, cast: Cast, who: str, case_id: int, key: str, reason: str = "") -> str:
    with world.db.transaction() as session:
        cast.act(session, who, whole(session, case_id), key, reason)
        return who


def test_of_two_approvers_at_once_one_wins(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        today = local_date(world.clock.now())
        substitutes.stand_in(session, cast.people["bram"], cast.people["aart"], today, today + timedelta(1), today)
        ids = [cast.submitted(session, key=f"k{i}").id for i in range(ROUNDS)]
    for case_id in ids:
        outcomes = at_once(
            lambda case_id=case_id: decide(world, cast, "bram", case_id, "approve"),
            lambda case_id=case_id: decide(world, cast, "aart", case_id, "reject", "Dubbel"),
        )
        lost = [each for each in outcomes if isinstance(each, Exception)]
        assert len(lost) == 1
        assert isinstance(lost[0], Refused | StaleDataError), lost
        with world.db.session(writes=False) as session:
            case = whole(session, case_id)
            assert [e.action for e in events(session, case_id)] == ["submit", case.trail[-1][0]]
            assert case.state == {"approve": "approved", "reject": "rejected"}[case.trail[-1][0]]
    with world.db.session(writes=False) as session:
        assert chain.verify(session).broken is None


def test_who_read_before_the_other_wrote_loses(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case_id = cast.submitted(session).id
    # The second reads in a session that does not wait for the writer, as every request on PostgreSQL does.
    with world.db.session(writes=False) as slow:
        case = whole(slow, case_id)
        if world.db.is_sqlite:
            slow.commit()
        decide(world, cast, "bram", case_id, "approve")
        with pytest.raises((StaleDataError, Refused)):
            cast.act(slow, "bram", case, "reject", "Toch niet")
        slow.rollback()
    with world.db.session(writes=False) as session:
        assert whole(session, case_id).state == "approved"
        assert session.scalar(select(func.count()).select_from(OutboxMail)) == 4


def test_pressing_submit_twice_at_once_makes_one_case(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        draft = cast.draft(session, "anna")
        case_id, content = draft.id, cast.content(draft)

    def submit() -> str:
        with world.db.transaction() as session:
            case = whole(session, case_id)
            cast.act(session, "anna", case, "submit", content=content)
            return str(case.number)

    outcomes = at_once(*[submit] * 3)
    assert [each for each in outcomes if isinstance(each, str)] == ["DEC-2026-000001"]
    with world.db.session(writes=False) as session:
        assert len(events(session, case_id)) == 1
        assert session.scalar(select(func.count()).select_from(OutboxMail)) == 2


def test_starting_twice_at_once_makes_one_draft(world: World, cast: Cast) -> None:
    def start() -> int:
        with world.db.transaction() as session:
            employment = employments_of(session, cast.people["anna"])[0]
            return cases.start(session, "expense_claim", employment, "same", world.clock.now()).id

    outcomes = at_once(*[start] * 4)
    assert len(set(outcomes)) == 1
    assert isinstance(outcomes[0], int), outcomes
    with world.db.session(writes=False) as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1


def test_two_clerks_who_take_the_same_case_at_once(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        cast.act(session, "bram", case, "approve")
        case_id = case.id

    def take(who: str) -> str:
        with world.db.transaction() as session:
            cases.take(session, cast.viewer(session, who), whole(session, case_id), world.clock.now())
            return who

    outcomes = at_once(lambda: take("carla"), lambda: take("els"))
    won = [each for each in outcomes if isinstance(each, str)]
    assert len(won) == 1
    with world.db.session(writes=False) as session:
        assert whole(session, case_id).assignee_id == cast.people[won[0]]


def test_of_two_who_ask_for_an_archive_at_once_one_is_told(world: World, cast: Cast) -> None:
    now = world.clock.now()
    with world.db.transaction() as session:
        place = session.get_one(Municipality, cast.municipalities["duinrade"])
        day = local_date(now)
        begun = passages.begin(session, cast.viewer(session, "ilse"), "leaving", place, day, "Besluit", now, day)
        passage_id = begun.id

    def ask(who: str) -> None:
        with world.db.transaction() as session:
            passage = session.get_one(Passage, passage_id)
            passages.ask_archive(session, cast.viewer(session, who), passage, "Overdracht", now)

    lost = [one for one in at_once(lambda: ask("hanna"), lambda: ask("ilse")) if one is not None]
    assert [refusal.code for error in lost for refusal in error.refusals] == ["archive_asked"]  # type: ignore[attr-defined]
    with world.db.session(writes=False) as session:
        assert session.scalar(select(func.count()).select_from(ArchiveRequest)) == 1


def test_the_advance_that_was_agreed_is_entered_once_by_two_at_once(world: World, cast: Cast) -> None:
    now = world.clock.now()
    with world.db.transaction() as session:
        services(session, cast)
        prices = {"expense_claims": {"cents": 1000, "volume": 120}}
        for kind, more in (("dvo", {}), ("dfa", {"prices": prices})):
            signed(session, cast, drafted(session, cast, kind, BEGIN, **more))

    def enter(who: str) -> None:
        with world.db.transaction() as session:
            costs.enter_agreed(session, cast.viewer(session, who), "2026Q4", now)

    lost = [one for one in at_once(lambda: enter("dirk"), lambda: enter("ilse")) if one is not None]
    assert [refusal.code for error in lost for refusal in error.refusals] == ["advance_nothing_agreed"]  # type: ignore[attr-defined]
    with world.db.session(writes=False) as session:
        assert session.scalars(select(QuarterAdvance.cents)).all() == [30_000]
