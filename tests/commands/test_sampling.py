"""Samples: who passes without approval, who is drawn by lot, who may judge, and what a failure leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.access import Role
from portal.commands import cases, sampling
from portal.commands.cases import NOTHING
from portal.commands.documents import add_document
from portal.models.cases import Case, Document
from portal.models.events import REGISTER, CaseEvent
from portal.models.people import Mandate, Policy, RoleGrant
from portal.models.sampling import SampleDraw, SampleSeed
from portal.queries import chain
from portal.queries.cases import offers_to, to_approve
from portal.queries.people import employments_of
from portal.queries.sampling import failed_lately, to_draw
from portal.worlds import World
from tests.cast import SINCE, Cast, sample_receipt
from tests.commands.helpers import at_once, events, letters, refused, whole
from tests.commands.sampling import BELOW, agree, draws, judged, night, paid, pay, sample_of, sampled, small
from tests.commands.test_approvers import away
from workflows.kernel import Given
from workflows.sampling import PERIOD, TOGETHER, commitment, is_drawn


def take(session: Session, cast: Cast, who: str, case: Case, key: str, given: Given = NOTHING) -> None:
    cases.act_as(session, cast.viewer(session, who), case, key, given, cast.world.clock.now())


def test_a_small_claim_goes_to_the_check_at_once_and_may_be_drawn(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agree(session, cast, percent="12.5")
        case = small(session, cast)
        assert (case.state, case.approver_id, case.bound) == ("approved", None, None)
        assert letters(session, case.id) == [("received", "anna")]
        (draw,) = draws(session)
        assert (draw.case_id, draw.number, draw.threshold, draw.drawn) == (case.id, case.number, 1250, None)
        assert to_draw(session) == [], "it was not paid yet"


def test_elsewhere_and_above_the_limit_the_manager_is_asked(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agree(session, cast, "duinrade")
        assert cast.submitted(session, cents=BELOW, key="1").state == "submitted"
        agree(session, cast)
        assert cast.submitted(session, cents=10_000, key="2").state == "submitted"
        assert draws(session) == []
        assert session.scalars(select(SampleSeed)).all() == []


def test_what_may_be_claimed_twice_does_not_pass(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agree(session, cast)
        first, second = (cast.submitted(session, cents=BELOW, key=key) for key in ("1", "2"))
        assert first.state == "approved"
        assert second.state == "submitted", "the same expense on the same day"
        assert [flag["asks"] for flag in second.flags] == [True]
        assert [draw.case_id for draw in draws(session)] == [first.id]


def test_what_was_raised_after_all_is_approved_and_not_drawn(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agree(session, cast)
        case = small(session, cast)
        first = draws(session)[0].id
        cases.take(session, cast.viewer(session, "carla"), case, world.clock.now())
        cast.act(session, "carla", case, "send_back", "De bon is onleesbaar")
        cast.act(session, "anna", case, "submit", content=cast.content(case, BELOW))
        assert case.state == "approved", "the clerk sent it back, no manager ever saw it"
        assert [draw.id for draw in draws(session)] == [first]
        cases.take(session, cast.viewer(session, "carla"), case, world.clock.now())
        cast.act(session, "carla", case, "send_back", "De bon is onleesbaar")
        cast.act(session, "anna", case, "submit", content=cast.content(case, 20_000))
        assert case.state == "submitted"
        assert draws(session) == []


def test_a_claim_cut_in_pieces_does_not_pass_as_a_whole(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agree(session, cast)
        for key, value in ((PERIOD, "30"), (TOGETHER, "12000")):
            where = cast.municipalities["waterveen"]
            session.add(Policy(key=key, value=value, municipality_id=where, valid_from=SINCE, source="test"))
        session.flush()
        cases_of = [small(session, cast, key=f"piece {n}", cents=4_000) for n in range(4)]
        assert [case.state for case in cases_of] == ["approved", "approved", "submitted", "submitted"]
        assert small(session, cast, "aart", key="another", cents=4_000).state == "approved", "another person"
        # What is withdrawn was nothing; what a manager was asked about does not count either.
        cast.act(session, "anna", cases_of[0], "withdraw")
        assert small(session, cast, key="instead", cents=4_000).state == "approved"
        assert small(session, cast, key="too much", cents=4_000).state == "submitted"
        world.clock.advance(timedelta(days=31))  # type: ignore[attr-defined]
        assert small(session, cast, key="later", cents=4_000).state == "approved"
        assert len(draws(session)) == 5


def test_two_pieces_confirmed_at_once_see_each_other(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agree(session, cast)
        where = cast.municipalities["waterveen"]
        session.add(Policy(key=PERIOD, value="30", municipality_id=where, valid_from=SINCE, source="test"))
        session.flush()
        first, second = (prepared(session, cast, f"piece {n}") for n in range(2))

    def confirm(case_id: int) -> str:
        with world.db.transaction() as session:
            case = whole(session, case_id)
            cast.act(session, "anna", case, "confirm")
            return case.state

    outcomes = at_once(partial(confirm, first), partial(confirm, second))
    assert sorted(map(str, outcomes)) == ["approved", "submitted"]


def prepared(session: Session, cast: Cast, key: str) -> int:
    """A small claim that a clerk filled in for Anna, like no other, which waits for her word."""
    employment = employments_of(session, cast.people["anna"])[0]
    now = cast.world.clock.now()
    case = cases.start(session, "expense_claim", employment, key, now, cast.people["els"])
    session.flush()
    add_document(session, cast.world.files, case, sample_receipt(), line_key="a", by=cast.people["els"], at=now)
    session.execute(update(Document).where(Document.case_id == case.id).values(original_sha256=f"{case.id:064d}"))
    case = whole(session, case.id)
    content = cast.content(case, 6_000)
    day = date(2026, 11, 20) - timedelta(days=case.id)
    content["lines"][0] |= {"date": day.isoformat(), "description": f"Parkeren, keer {case.id}"}
    cast.act(session, "els", case, "submit", content=content)
    assert case.state == "confirming"
    return case.id


def test_a_small_claim_without_its_receipt_goes_to_the_manager(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agree(session, cast)
        case = cast.draft(session, "anna")
        content = cast.content(case, BELOW)
        stated = {"statement_why": "De automaat gaf geen bon", "statement_count": 1, "documents": []}
        content["lines"][0] |= stated
        cast.act(session, "anna", case, "submit", content=content)
        assert (case.state, case.approver_id) == ("submitted", cast.people["bram"])
        assert draws(session) == []


def test_the_seed_is_stored_before_what_it_judges_and_the_chain_says_so(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agree(session, cast)
    assert night(world)[0]["seeds"] == 2
    with world.db.transaction() as session:
        seeds = session.scalars(select(SampleSeed).order_by(SampleSeed.month)).all()
        assert [seed.month for seed in seeds] == [date(2026, 11, 1), date(2026, 12, 1)]
        assert {seed.municipality_id for seed in seeds} == {cast.municipalities["waterveen"]}
        assert len({seed.seed for seed in seeds}) == 2
        world.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
        small(session, cast)
        (draw,) = draws(session)
        assert draw.seed_id == seeds[0].id
        assert seeds[0].chosen_at < draw.entered_at
        written = session.scalars(select(CaseEvent).where(CaseEvent.case_id == REGISTER).order_by(CaseEvent.id)).all()
        assert [event.data["digest"] for event in written] == [commitment(seed.seed) for seed in seeds]
        assert seeds[0].seed not in str([event.data for event in written])
    with world.db.session(writes=False) as session:
        assert chain.verify(session).broken is None


def test_a_seed_is_chosen_once_also_by_two_at_the_same_moment(world: World, cast: Cast) -> None:
    def choose() -> str:
        with world.db.transaction() as session:
            where = cast.municipalities["waterveen"]
            return sampling.seed_of(session, where, date(2026, 11, 1), world.clock.now()).seed

    first, second = at_once(choose, choose)
    assert isinstance(first, str)
    assert first == second
    with world.db.session(writes=False) as session:
        assert session.scalar(select(func.count()).select_from(SampleSeed)) == 1
        assert session.scalar(select(func.count()).where(CaseEvent.case_id == REGISTER)) == 1


def test_the_job_draws_what_the_seed_says_and_opens_the_sample(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agree(session, cast, percent="50")
        claims = [paid(session, cast, key=str(number)) for number in range(12)]
    done = night(world)[0]
    with world.db.session(writes=False) as session:
        found = draws(session)
        seed = session.scalars(select(SampleSeed).order_by(SampleSeed.month)).first()
        assert seed is not None
        assert [d.drawn for d in found] == [is_drawn(seed.seed, d.number, 5000) for d in found]
        opened = session.scalars(select(Case.parent_id).where(Case.type == "sample").order_by(Case.id)).all()
        assert list(opened) == [draw.case_id for draw in found if draw.drawn]
        assert (done["passed"], done["drawn"]) == (12, len(opened))
        for claim in claims:
            drawn = claim in opened
            assert ("sample" in [e.action for e in events(session, claim)]) is drawn
            assert whole(session, claim).state == "paid"
        assert chain.verify(session).broken is None


def test_running_it_twice_or_late_changes_nothing(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agree(session, cast, percent="40")
        for number in range(8):
            paid(session, cast, key=str(number))
    world.clock.advance(timedelta(days=40))  # type: ignore[attr-defined]
    with world.db.transaction() as session:
        agree(session, cast, percent="100", since=date(2026, 12, 20))
    night(world)
    with world.db.session(writes=False) as session:
        first = [(draw.number, draw.threshold, draw.drawn, draw.drawn_at) for draw in draws(session)]
        seeds = {seed.id: seed.seed for seed in session.scalars(select(SampleSeed))}
        assert [d.drawn for d in draws(session)] == [
            is_drawn(seeds[draw.seed_id], draw.number, 4000) for draw in draws(session)
        ]
        count = session.scalar(select(func.count()).select_from(Case))
    world.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    night(world)
    with world.db.session(writes=False) as session:
        assert [(draw.number, draw.threshold, draw.drawn, draw.drawn_at) for draw in draws(session)] == first
        assert session.scalar(select(func.count()).select_from(Case)) == count


def test_two_that_draw_at_the_same_moment_open_one_sample(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agree(session, cast)
        claim = paid(session, cast)
    outcomes = at_once(lambda: night(world), lambda: night(world))
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    with world.db.session(writes=False) as session:
        assert sample_of(session, claim).number == "STP-2026-000001"


def test_the_sample_waits_for_the_claimants_manager_who_sees_lines_and_receipts(world: World, cast: Cast) -> None:
    sample = sampled(world, cast)
    with world.db.transaction() as session:
        case = whole(session, sample)
        assert (case.state, case.number, case.approver_id) == ("judging", "STP-2026-000001", cast.people["bram"])
        assert (case.initiator_id, case.claimed_cents, case.title) == (
            cast.people["anna"], BELOW, "DEC-2026-000001: Zitting",
        )  # fmt: skip
        assert letters(session, sample) == [("ask", "bram")]
        assert [c.id for c in to_approve(session, cast.viewer(session, "bram"))] == [sample]
        documents = session.scalars(select(Document).where(Document.case_id == sample)).all()
        assert [document.line_key for document in documents] == ["a"]
        assert all(document.frozen_at for document in documents)
        assert events(session, sample)[0].actor_id is None


def test_all_right_ends_it(world: World, cast: Cast) -> None:
    sample = sampled(world, cast)
    with world.db.transaction() as session:
        case = whole(session, sample)
        take(session, cast, "bram", case, "right")
        assert (case.state, case.result, case.destroy_on) == ("right", "granted", date(2033, 11, 25))
        assert not failed_lately(session, cast.people["anna"], world.clock.now())


def test_not_right_needs_an_amount_within_what_was_paid_and_a_reason(world: World, cast: Cast) -> None:
    sample = sampled(world, cast)
    with world.db.transaction() as session:
        case = whole(session, sample)
        good = judged(case)

        def with_line(**changed: object) -> Given:
            (line,) = good.content["lines"]
            return replace(good, content={**good.content, "lines": [{**line, **changed}]})

        for given in (
            Given(), with_line(not_due_cents=0), with_line(not_due_cents=BELOW + 1), with_line(not_due_reason=" "),
            with_line(sanctioned_cents=BELOW * 2), with_line(not_due_cents=-1),
        ):  # fmt: skip
            assert refused(lambda given=given: take(session, cast, "bram", case, "wrong", given)) == {"nothing_wrong"}
        take(session, cast, "bram", case, "wrong", good)
        assert (case.state, case.result) == ("wrong", "refused")
        assert case.content["lines"][0]["not_due_cents"] == 900
        assert failed_lately(session, cast.people["anna"], world.clock.now())


def test_who_failed_is_drawn_more_often_for_a_year(world: World, cast: Cast) -> None:
    sample = sampled(world, cast)
    with world.db.transaction() as session:
        session.add(Policy(key="sampling_percent_failed", value="30", valid_from=SINCE, source="test"))
        low = session.scalars(select(Policy).where(Policy.key == "sampling_percent")).one()
        low.value = "5"
        session.flush()
        small(session, cast, key="before")
        case = whole(session, sample)
        take(session, cast, "bram", case, "wrong", judged(case))
        small(session, cast, key="after")
        small(session, cast, "aart", key="another")
    world.clock.advance(timedelta(days=366))  # type: ignore[attr-defined]
    with world.db.transaction() as session:
        small(session, cast, key="later")
        assert [draw.threshold for draw in draws(session)] == [10_000, 500, 3000, 500, 500]


@pytest.mark.parametrize("who", ["anna", "aart", "carla", "dirk", "olga", "diane"])
def test_nobody_else_judges_it(world: World, cast: Cast, who: str) -> None:
    sample = sampled(world, cast)
    with world.db.transaction() as session:
        case = whole(session, sample)
        assert offers_to(session, cast.viewer(session, who), case, world.clock.now()) == ()
        for key in ("right", "wrong"):
            assert "not_yours" in refused(lambda key=key: take(session, cast, who, case, key, judged(case)))


def test_a_managers_own_claim_is_judged_above_and_never_below(world: World, cast: Cast) -> None:
    sample = sampled(world, cast, "bram")
    with world.db.transaction() as session:
        case = whole(session, sample)
        assert case.approver_id == cast.people["diane"]
        for who in ("bram", "anna"):
            assert "not_yours" in refused(lambda who=who: take(session, cast, who, case, "right"))
        take(session, cast, "diane", case, "right")


def test_at_the_top_nobody_judges_and_the_ssc_is_told(world: World, cast: Cast) -> None:
    sample = sampled(world, cast, "diane")
    with world.db.transaction() as session:
        case = whole(session, sample)
        assert case.approver_id is None
        assert letters(session, sample) == [("no_approver", "SSC")]


def test_a_manager_who_checked_the_claim_does_not_judge_it(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        session.add(RoleGrant(person_id=cast.people["bram"], role=Role.CLERK.value, valid_from=SINCE))
        agree(session, cast)
        case = small(session, cast)
        cast.checked(session, case, "bram")
        pay(session, cast, case)
        claim = case.id
    night(world)
    with world.db.transaction() as session:
        case = sample_of(session, claim)
        assert case.approver_id == cast.people["diane"]
        case.approver_id = cast.people["bram"]
        assert refused(lambda: take(session, cast, "bram", case, "right")) == {"took_part_before"}


def test_a_substitute_judges_but_not_one_who_had_a_part_in_it(world: World, cast: Cast) -> None:
    sample = sampled(world, cast)
    with world.db.transaction() as session:
        away(cast, session, "bram", "carla")
        case = whole(session, sample)
        assert refused(lambda: take(session, cast, "carla", case, "right")) >= {"took_part_before"}
        away(cast, session, "bram", "olga")
        take(session, cast, "olga", case, "right")
        assert case.trail[-1] == ["right", cast.people["olga"], cast.people["bram"]]


def test_above_the_mandate_somebody_else_is_asked_at_once(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        bram = session.scalars(select(Mandate).where(Mandate.person_id == cast.people["bram"])).one()
        bram.maximum_cents = BELOW - 1
    sample = sampled(world, cast)
    with world.db.transaction() as session:
        case = whole(session, sample)
        assert case.approver_id == cast.people["diane"]
        case.approver_id = cast.people["bram"]
        assert refused(lambda: take(session, cast, "bram", case, "right")) == {"above_mandate"}


def test_the_database_refuses_half_a_draw_and_a_threshold_above_all(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        seed = sampling.seed_of(session, cast.municipalities["waterveen"], date(2026, 11, 1), world.clock.now())
        known = {"seed_id": seed.id, "entered_at": world.clock.now()}
        for number, wrong in (("1", {"threshold": 10_001}), ("2", {"threshold": 1, "drawn": True})):
            with pytest.raises(IntegrityError), session.begin_nested():
                session.execute(insert(SampleDraw).values(number=number, **known, **wrong))
