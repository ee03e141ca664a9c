"""Who is asked to approve: up the line, within mandate, never the claimant; and who decides while somebody is away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.commands import cases, substitutes
from portal.models.cases import Case
from portal.models.people import Employment, ManagerRelation, Mandate, RoleGrant, Substitution, Unit
from portal.queries.cases import standing, to_approve
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import events, letters, refused, whole
from workflows.parties import CLERK, INITIATOR, NOBODY, TREASURER


def asked(cast: Cast, session: Session, claimant: str, cents: int = 1250) -> str | None:
    """The first name, in lower case, of who is asked about a claim of this amount."""
    case = cast.submitted(session, claimant, cents=cents, key=f"{claimant}{cents}")
    return next((name for name, person in cast.people.items() if person == case.approver_id), None)


def designate(cast: Cast, session: Session, name: str, cents: int) -> None:
    """Let somebody decide, in the first municipality, for those above whom nobody stands."""
    session.add(
        Mandate(
            person_id=cast.people[name], municipality_id=cast.municipalities["waterveen"], kind="expense_claim",
            maximum_cents=cents, designated=True, valid_from=SINCE,
        )
    )  # fmt: skip
    session.flush()


def leave(cast: Cast, session: Session, name: str) -> None:
    """Yesterday was the last day of all employments of this person."""
    yesterday = local_date(cast.world.clock.now()) - timedelta(days=1)
    session.execute(update(Employment).where(Employment.person_id == cast.people[name]).values(valid_to=yesterday))


def away(cast: Cast, session: Session, absent: str, substitute: str) -> Substitution:
    today = local_date(cast.world.clock.now())
    pair = cast.people[absent], cast.people[substitute]
    found = substitutes.stand_in(session, *pair, today, today + timedelta(days=7), today)
    session.flush()
    return found


def test_ones_own_manager_is_asked_first_whatever_the_amount(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        for cents in (100_000, 100_001, 1_000_001):
            assert asked(cast, session, "anna", cents) == "bram"


def test_a_manager_is_not_asked_about_their_own_claim(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        assert asked(cast, session, "bram") == "diane"
        case = session.scalars(select(Case).where(Case.initiator_id == cast.people["bram"])).one()
        assert "not_yours" in refused(lambda: cast.act(session, "bram", case, "approve"))


def test_who_is_at_the_top_is_not_decided_on_by_anybody_below_and_the_ssc_is_told(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session, "diane")
        assert (case.state, case.approver_id, case.number) == ("submitted", None, "DEC-2026-000001")
        assert letters(session, case.id) == [("no_approver", "SSC"), ("received", "diane")]


def test_for_who_is_at_the_top_somebody_is_designated_also_of_another_municipality(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        designate(cast, session, "otto", 5_000)
        assert asked(cast, session, "diane", 4_000) == "otto"
        assert asked(cast, session, "diane", 6_000) == "otto"
        designate(cast, session, "olga", 10_000)
        assert asked(cast, session, "diane", 6_001) == "olga"


def test_a_unit_without_a_leader_goes_to_the_one_above(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        session.execute(delete(ManagerRelation).where(ManagerRelation.manager_id == cast.people["bram"]))
        assert asked(cast, session, "anna") == "diane"


def test_a_leader_or_mandate_that_has_ended_does_not_count(world: World, cast: Cast) -> None:
    yesterday = local_date(world.clock.now()) - timedelta(days=1)
    with world.db.transaction() as session:
        session.execute(update(Mandate).where(Mandate.person_id == cast.people["bram"]).values(valid_to=yesterday))
        assert asked(cast, session, "anna") == "diane"


def test_without_a_line_only_who_was_designated_is_asked(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        session.execute(delete(ManagerRelation))
        assert asked(cast, session, "anna", 100_000) is None
        designate(cast, session, "diane", 1_000_000)
        assert asked(cast, session, "anna", 100_001) == "diane"


def test_who_has_left_is_not_asked(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        leave(cast, session, "bram")
        assert asked(cast, session, "anna") == "diane"


def test_a_circle_of_units_is_walked_once(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        session.execute(delete(ManagerRelation))
        designate(cast, session, "bram", 100_000)
        team = session.scalars(select(Unit).where(Unit.name == "Team Vergunningen").order_by(Unit.id)).first()
        assert team is not None
        session.execute(update(Unit).where(Unit.id == team.parent_id).values(parent_id=team.id))
        assert asked(cast, session, "anna") == "bram"


def test_a_mandate_that_was_lowered_since_asks_for_a_second(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session, cents=50_000)
        mandate = session.scalars(select(Mandate).where(Mandate.person_id == cast.people["bram"])).one()
        mandate.maximum_cents = 49_999
        session.flush()
        cast.act(session, "bram", case, "approve")
        assert (case.state, case.approver_id, case.bound) == ("countersign", cast.people["diane"], None)


def test_a_substitute_gets_the_mail_and_decides_on_behalf_and_both_are_in_the_trail(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        away(cast, session, "bram", "diane")
        case = cast.submitted(session)
        assert letters(session, case.id)[0] == ("ask", "diane")
        assert [c.id for c in to_approve(session, cast.viewer(session, "diane"))] == [case.id]
        cast.act(session, "diane", case, "approve")
        assert case.trail[-1] == ["approve", cast.people["diane"], cast.people["bram"]]
        case_id = case.id
    with world.db.session(writes=False) as session:
        event = events(session, case_id)[-1]
        assert (event.actor_id, event.on_behalf_of_id) == (cast.people["diane"], cast.people["bram"])


def test_who_stands_in_for_the_approver_checks_as_themselves(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        cast.act(session, "bram", case, "approve")
        away(cast, session, "bram", "carla")
        cast.checked(session, case, "carla")
        case_id = case.id
    with world.db.session(writes=False) as session:
        assert whole(session, case_id).trail[-1] == ["check", cast.people["carla"], None]
        event = events(session, case_id)[-1]
        assert (event.actor_id, event.on_behalf_of_id) == (cast.people["carla"], None)


def test_a_substitute_decides_within_the_mandate_of_who_is_away(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        away(cast, session, "bram", "aart")
        case = cast.submitted(session, cents=100_000)
        actor = cast.viewer(session, "aart").actor(standing(case))
        assert (actor.mandate_cents, actor.on_behalf_of) == (100_000, cast.people["bram"])
        cast.act(session, "aart", case, "approve")
        assert case.state == "approved"


def test_who_is_away_can_still_decide(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        away(cast, session, "bram", "aart")
        case = cast.submitted(session)
        cast.act(session, "bram", case, "approve")
        assert case.trail[-1] == ["approve", cast.people["bram"], None]


def test_a_claimant_never_decides_as_a_substitute(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        away(cast, session, "bram", "anna")
        case = cast.submitted(session)
        assert letters(session, case.id)[0] == ("ask", "bram")
        assert refused(lambda: cast.act(session, "anna", case, "approve")) == {"not_yours"}
        assert to_approve(session, cast.viewer(session, "anna")) == []


def test_whoever_prepared_a_claim_never_decides_as_a_substitute(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        away(cast, session, "bram", "aart")
        case = cast.draft(session, "anna")
        case.preparer_id = cast.people["aart"]
        cast.act(session, "aart", case, "submit", content=cast.content(case))
        cast.act(session, "anna", case, "confirm")
        assert [who for letter, who in letters(session, case.id) if letter == "ask"] == ["bram"]
        assert refused(lambda: cast.act(session, "aart", case, "approve")) == {"not_yours"}


def test_of_two_substitutes_the_one_who_may_is_asked(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        away(cast, session, "bram", "diane")
        away(cast, session, "bram", "anna")
        assert letters(session, cast.submitted(session).id)[0] == ("ask", "diane")


def test_a_substitution_that_is_over_gives_nothing(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        away(cast, session, "bram", "diane")
        case = cast.submitted(session)
        world.clock.advance(timedelta(days=8))
        assert refused(lambda: cast.act(session, "diane", case, "approve")) == {"not_yours"}


def test_a_clerk_does_not_handle_their_own_claim(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session, "carla")
        cast.act(session, "diane", case, "approve")
        carla = cast.viewer(session, "carla")
        assert refused(lambda: cases.take(session, carla, case, world.clock.now())) == {"own_from_queue"}
        cast.checked(session, case, "els")
        assert case.state == "payable"


def test_in_what_capacity_somebody_takes_part(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        place = standing(cast.submitted(session))
        parties: dict[str, Any] = {name: cast.viewer(session, name).parties(place) for name in cast.people}
        assert parties["anna"] is INITIATOR
        assert (parties["carla"], parties["dirk"]) == (CLERK, TREASURER)
        assert [name for name in ("aart", "farid", "greet", "hanna", "olga", "otto", "diane") if parties[name]] == []


def test_a_role_of_one_municipality_is_nothing_in_another(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        session.execute(
            update(RoleGrant)
            .where(RoleGrant.person_id == cast.people["els"])
            .values(municipality_id=cast.municipalities["duinrade"])
        )
        els = cast.viewer(session, "els")
        assert els.parties(standing(cast.submitted(session, "anna"))) is NOBODY
        assert els.parties(standing(cast.submitted(session, "olga"))) is CLERK


def test_a_refused_submission_leaves_the_draft_as_it_was(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.draft(session, "otto")
        nothing = {**cast.content(case), "lines": []}
        assert refused(lambda: cast.act(session, "otto", case, "submit", content=nothing)) == {"incomplete"}
        case_id = case.id
    with world.db.session(writes=False) as session:
        stored = session.get_one(Case, case_id)
        assert (stored.state, stored.number, stored.content, stored.trail) == ("draft", None, {}, [])
        assert letters(session, case_id) == []
