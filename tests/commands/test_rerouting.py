"""Open requests follow whoever decides: one who has the link, who may decide; else the SSC was told."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.access import Role
from portal.clock import local_date
from portal.commands import substitutes
from portal.commands.rerouting import Rerouted, reroute
from portal.db import at_commit
from portal.jobs import route
from portal.jobs.telling import told
from portal.models.cases import Case
from portal.models.mail import MAILS, MailLink, OutboxMail
from portal.models.people import Employment, ManagerRelation, Mandate, Person, RoleGrant, Substitution
from portal.queries.cases import WHOLE, standing
from portal.queries.line import line_of
from portal.queries.people import viewer_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import events, letters, pass_days, refused, whole
from tests.commands.test_approvers import away, leave
from tests.commands.test_second_approver import ABOVE
from workflows.kernel import Refused
from workflows.parties import Party


def today(world: World) -> date:
    return local_date(world.clock.now())


def follow(world: World, session: Session) -> Rerouted:
    session.flush()
    return reroute(session, world.clock.now())


def holders(cast: Cast, session: Session, case: Case) -> list[str]:
    """Who holds a living link to this version, by first name."""
    names = {person: name for name, person in cast.people.items()}
    session.flush()
    living = select(MailLink.person_id).where(
        MailLink.case_id == case.id, MailLink.ended.is_(None), MailLink.case_version == case.version,
        MailLink.expires_at > cast.world.clock.now(),
    )  # fmt: skip
    return [names[who] for who in session.scalars(living.order_by(MailLink.id))]


def test_a_substitution_that_begins_and_ends_takes_open_requests_along(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        due, version = case.step_due, case.version
        assert follow(world, session) == Rerouted()
        found = away(cast, session, "bram", "aart")
        assert follow(world, session) == Rerouted(moved=1)
        assert (holders(cast, session, case), case.approver_id) == (["aart"], cast.people["bram"])
        assert (case.step_due, case.version) == (due, version + 1)
        assert letters(session, case.id)[-1] == ("ask", "aart")
        mail = session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc())).first()
        assert mail is not None
        assert "in de plaats van Bram de Wit" in mail.text
        assert follow(world, session) == Rerouted()
        substitutes.end_substitution(session, cast.people["bram"], found.id, today(world))
        assert follow(world, session) == Rerouted(moved=1)
        assert holders(cast, session, case) == ["bram"]
        session.commit()
        assert [e.action for e in events(session, case.id)] == ["submit", "reroute", "reroute"]
        assert events(session, case.id)[1].data["in_place_of"] == "Bram de Wit"
        cast.act(session, "bram", case, "approve")


def test_a_substitute_who_may_not_is_passed_over_and_the_mail_says_so(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        away(cast, session, "bram", "anna")
        case = cast.submitted(session)
        assert letters(session, case.id)[0] == ("ask", "bram")
        mail = session.scalars(select(OutboxMail).where(OutboxMail.letter == "ask")).one()
        assert "Anna de Wit vervangt, maar dit is een aanvraag van deze persoon zelf." in mail.text
        assert follow(world, session) == Rerouted()


def test_who_became_treasurer_or_left_meanwhile_is_passed_over(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        away(cast, session, "bram", "aart")
        away(cast, session, "bram", "els")
        case = cast.submitted(session)
        assert holders(cast, session, case) == ["els"]
        session.add(RoleGrant(person_id=cast.people["els"], role=Role.TREASURER.value, valid_from=today(world)))
        assert follow(world, session) == Rerouted(moved=1)
        assert holders(cast, session, case) == ["aart"]
        leave(cast, session, "aart")
        assert follow(world, session) == Rerouted(moved=1)
        assert holders(cast, session, case) == ["bram"]
        session.commit()
        mail = session.scalars(select(OutboxMail).where(OutboxMail.letter == "ask").order_by(OutboxMail.id)).all()
        assert "Els de Wit vervangt, maar betaalt" in mail[-1].text
        assert "Aart de Wit vervangt, maar werkt hier nu niet." in mail[-1].text


def test_what_the_approver_leaves_goes_up_and_what_nobody_may_decide_on_to_the_ssc(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        session.commit()
        leave(cast, session, "bram")
        session.commit()
        assert route.run(world, world.clock.now()) == told("rerouted", moved=1, asked=0, stranded=0)
        case = whole(session, case.id)
        assert (case.approver_id, holders(cast, session, case)) == (cast.people["diane"], ["diane"])
        leave(cast, session, "diane")
        session.commit()
        assert route.run(world, world.clock.now()) == told("rerouted", moved=1, asked=0, stranded=1)
        case = whole(session, case.id)
        assert (case.approver_id, holders(cast, session, case)) == (None, [])
        assert letters(session, case.id)[-1] == ("no_approver", "SSC")
        session.commit()
        assert route.run(world, world.clock.now()) == []


def test_a_day_that_comes_is_enough(world: World, cast: Cast) -> None:
    bram, aart = cast.people["bram"], cast.people["aart"]
    with world.db.transaction() as session:
        case_id = cast.submitted(session).id
        first = today(world) + timedelta(2)
        substitutes.stand_in(session, bram, aart, first, first, today(world))
        ends = Mandate.person_id == bram
        session.execute(update(Mandate).where(ends).values(valid_to=today(world) + timedelta(4)))
        relation = ManagerRelation.manager_id == cast.people["diane"]
        session.execute(update(ManagerRelation).where(relation).values(valid_to=today(world) + timedelta(9)))
    seen = []
    for _ in range(12):
        route.run(world, world.clock.now())
        with world.db.session(writes=False) as session:
            case = whole(session, case_id)
            seen.append("".join(holders(cast, session, case)) or "SSC")
        pass_days(world, 1)
    assert seen == ["bram"] * 2 + ["aart"] + ["bram"] * 2 + ["diane"] * 5 + ["SSC"] * 2


def test_the_second_signature_follows_as_well(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session, cents=ABOVE)
        cast.act(session, "bram", case, "approve")
        away(cast, session, "diane", "els")
        assert follow(world, session) == Rerouted(moved=1)
        assert (case.state, holders(cast, session, case)) == ("countersign", ["els"])
        assert case.trail[-1] == ["reroute_second", None, None]
        cast.act(session, "els", case, "countersign")
        assert case.trail[-1] == ["countersign", cast.people["els"], cast.people["diane"]]


def test_a_link_that_ran_out_is_renewed_and_nothing_else_changes(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        version = case.version
        pass_days(world, 31)
        assert holders(cast, session, case) == []
        assert follow(world, session) == Rerouted(asked=1)
        assert follow(world, session) == Rerouted()
        assert (holders(cast, session, case), case.version) == (["bram"], version)
        assert letters(session, case.id)[-1] == ("remind", "bram")


def test_only_the_requests_of_these_approvers_or_places_are_looked_at(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.submitted(session)
        away(cast, session, "bram", "aart")
        now = world.clock.now()
        assert reroute(session, now, of={cast.people["diane"]}) == Rerouted()
        assert reroute(session, now, within={cast.municipalities["duinrade"]}) == Rerouted()
        assert reroute(session, now, within={cast.municipalities["waterveen"]}) == Rerouted(moved=1)


names = st.sampled_from(("anna", "aart", "carla", "els", "dirk", "farid", "bram", "diane"))
arrangements = st.lists(st.tuples(names, names, st.integers(0, 2), st.integers(0, 2)), max_size=10)
departures = st.lists(st.tuples(names, st.integers(0, 3)), max_size=2)


def test_whatever_is_arranged_each_request_is_with_one_who_may_or_with_the_ssc(world: World, cast: Cast) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(arrangements, departures)
    def check(wanted: list[tuple[str, str, int, int]], gone: list[tuple[str, int]]) -> None:
        start = today(world)
        with world.db.session() as session:
            claims = [
                cast.submitted(session, who, cents=cents, key=f"{who}{cents}")
                for who, cents in (("anna", 1250), ("bram", 1250), ("carla", ABOVE), ("diane", 900))
            ]
            cast.act(session, "diane", claims[2], "approve")
            for absent, substitute, first, length in wanted:
                days = start + timedelta(first), start + timedelta(first + length)
                try:
                    substitutes.stand_in(session, cast.people[absent], cast.people[substitute], *days, start)
                except Refused:
                    continue
                session.flush()
            for who, after in gone:
                ends = Employment.person_id == cast.people[who]
                session.execute(update(Employment).where(ends).values(valid_to=start + timedelta(after)))
            for number in range(5):
                on, at = start + timedelta(number), world.clock.now() + timedelta(number)
                reroute(session, at)
                for case in claims:
                    expect_one_decider(cast, session, case, on)
                assert reroute(session, at) == Rerouted()
            session.rollback()

    check()


def expect_one_decider(cast: Cast, session: Session, case: Case, on: date) -> None:
    session.flush()
    if case.waits_for != Party.APPROVER.name:
        return
    living = select(MailLink.person_id).where(MailLink.case_id == case.id, MailLink.ended.is_(None))
    have = list(session.scalars(living))
    line = line_of(session, case.municipality_id, case.type, on)
    if case.approver_id is None:
        told_ssc = [mail for mail in at_commit(session, MAILS) if mail["case_id"] == case.id]
        assert have == []
        assert any(mail["letter"] == "no_approver" for mail in told_ssc)
        return
    (holder,) = have
    assert holder != case.initiator_id
    assert holder not in line.below(case.initiator_id)
    viewer = viewer_of(session, session.get_one(Person, holder), on)
    assert not viewer.has(Role.TREASURER, case.municipality_id) or holder == case.approver_id
    assert Party.APPROVER in viewer.parties(standing(case))


def test_a_withdrawn_substitution_leaves_nobody_with_two_links(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = session.get_one(Case, cast.submitted(session).id, options=WHOLE)
        found = away(cast, session, "bram", "aart")
        follow(world, session)
        session.execute(delete(Substitution).where(Substitution.id == found.id))
        assert follow(world, session) == Rerouted(moved=1)
        assert holders(cast, session, case) == ["bram"]
        assert refused(lambda: cast.act(session, "aart", case, "approve")) == {"not_yours"}
