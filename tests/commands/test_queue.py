"""The clerks' queue: the most urgent first, each case to one clerk, and every page of every filter exactly once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.clock import local_date
from portal.commands import cases, substitutes
from portal.commands.handing import hand
from portal.models.cases import Case, CaseFlag
from portal.models.people import Person, RoleGrant
from portal.queries.cases import PAGE
from portal.queries.desk import desk_of
from portal.queries.facets import facets
from portal.queries.people import employments_of, viewer_of
from portal.queries.queue import COUNT_CAP, QueueFilter, held_by, queue
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import at_once, whole

CLERKS = 20


def in_queue(session: Session, cast: Cast, count: int, claimant: str = "anna") -> list[Case]:
    """Approved claims, the first the least urgent."""
    employment = employments_of(session, cast.people[claimant])[0]
    now = cast.world.clock.now()
    new = [
        Case(
            type="expense_claim", number=f"DEC-2025-{claimant}{i:05d}", state="approved", waits_for="CLERK",
            municipality_id=employment.unit.municipality_id, employment_id=employment.id,
            initiator_id=employment.person_id, client_key=f"q{i}", created_at=now, state_since=now,
            step_due=now + timedelta(hours=count // 2 - i // 3), act_by=now + timedelta(hours=count // 2 - i // 3),
            received_at=now - timedelta(days=i % 40), title=(title := ("Zitting", "Cursus", "Trein")[i % 3]),
            words=f"dec-2025-{claimant}{i:05d} {title} {claimant} de wit".lower(),
        )
        for i in range(count)
    ]  # fmt: skip
    session.add_all(new)
    session.flush()
    return new


def clerks(session: Session, cast: Cast) -> list[Viewer]:
    found = []
    for number in range(CLERKS):
        person = Person(given_name=f"Clerk {number}", family_name="Jansen", email=f"clerk{number}@example.org")
        session.add(person)
        session.flush()
        session.add(RoleGrant(person_id=person.id, role=Role.CLERK.value, valid_from=SINCE))
        session.flush()
        found.append(viewer_of(session, person, local_date(cast.world.clock.now())))
    return found


def next_for(session: Session, viewer: Viewer, cast: Cast, wanted: QueueFilter = cases.EVERYTHING) -> str | None:
    case = cases.take_next(session, viewer, cast.world.clock.now(), wanted)
    session.flush()
    return case.number if case else None


def test_twenty_clerks_at_once_get_twenty_cases(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        numbers = {case.number for case in in_queue(session, cast, CLERKS)}
        many = clerks(session, cast)

    def take(viewer: Viewer) -> str | None:
        with world.db.transaction() as session:
            return next_for(session, viewer, cast)

    outcomes = at_once(*(lambda viewer=viewer: take(viewer) for viewer in many))
    assert sorted(map(str, outcomes)) == sorted(map(str, numbers))
    with world.db.session(writes=False) as session:
        assert len(set(session.scalars(select(Case.assignee_id)))) == CLERKS
        assert take(many[0]) is None


def test_the_most_urgent_comes_first_and_of_those_the_oldest(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        new = in_queue(session, cast, 7)
        carla = cast.viewer(session, "carla")
        order = [case.number for case in sorted(new, key=lambda case: (case.act_by, case.id))]
        assert [next_for(session, carla, cast) for _ in range(8)] == [*order, None]
        assert [case.number for case in held_by(session, carla)] == order


def test_what_was_given_back_is_handed_out_again(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        in_queue(session, cast, 2)
        carla = cast.viewer(session, "carla")
        first = next_for(session, carla, cast)
        case = whole(session, session.query(Case.id).filter_by(number=first).scalar())
        hand(session, carla, case, None, world.clock.now())
        session.flush()
        assert (case.assignee_id, case.assigned_at) == (None, None)
        assert next_for(session, cast.viewer(session, "els"), cast) == first


def test_ones_own_and_what_one_prepared_is_passed_over(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        in_queue(session, cast, 1, "carla")
        (prepared,) = in_queue(session, cast, 1, "anna")
        prepared.preparer_id = cast.people["carla"]
        session.flush()
        assert next_for(session, cast.viewer(session, "carla"), cast) is None
        els = cast.viewer(session, "els")
        assert {next_for(session, els, cast), next_for(session, els, cast)} == {
            "DEC-2025-carla00000", "DEC-2025-anna00000",
        }  # fmt: skip


def test_what_one_approved_oneself_or_had_approved_is_passed_over(world: World, cast: Cast) -> None:
    today = local_date(world.clock.now())
    with world.db.transaction() as session:
        for name in ("bram", "diane"):
            session.add(RoleGrant(person_id=cast.people[name], role=Role.CLERK.value, valid_from=SINCE))
        cast.act(session, "bram", cast.submitted(session), "approve")
        substitutes.stand_in(session, cast.people["bram"], cast.people["diane"], today, today, today)
        session.flush()
        cast.act(session, "diane", cast.submitted(session, key="for Bram"), "approve")
    with world.db.transaction() as session:
        assert next_for(session, cast.viewer(session, "bram"), cast) is None
        assert next_for(session, cast.viewer(session, "diane"), cast) == "DEC-2026-000001"
        assert next_for(session, cast.viewer(session, "els"), cast) == "DEC-2026-000002"


def test_a_clerk_of_one_municipality_gets_only_its_cases(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        in_queue(session, cast, 2, "anna")
        in_queue(session, cast, 1, "olga")
        session.execute(
            update(RoleGrant)
            .where(RoleGrant.person_id == cast.people["els"])
            .values(municipality_id=cast.municipalities["duinrade"])
        )
        els, carla = cast.viewer(session, "els"), cast.viewer(session, "carla")
        assert [desk_of(session, who, world.clock.now()).queue for who in (els, carla)] == [1, 3]
        assert [next_for(session, els, cast), next_for(session, els, cast)] == ["DEC-2025-olga00000", None]


def test_the_next_case_keeps_to_the_filter(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        in_queue(session, cast, 6)
        carla = cast.viewer(session, "carla")
        taken = [next_for(session, carla, cast, QueueFilter(text="cursus")) for _ in range(3)]
        assert taken == ["DEC-2025-anna00004", "DEC-2025-anna00001", None]


def test_a_long_queue_is_counted_up_to_the_cap(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        in_queue(session, cast, COUNT_CAP + 5)
        assert desk_of(session, cast.viewer(session, "carla"), world.clock.now()).queue == COUNT_CAP + 1


TEXTS = (
    "", "zitting", "ANNA DE", "wit  Anna", "ölga", "DEC-2025-anna0000", "00001", "%", "_", "a%w", "\\", "'", "nobody",
    "e w", "anna zitting 00",
)  # fmt: skip
filters = st.builds(
    QueueFilter, municipality_id=st.none() | st.sampled_from((1, 2, 999)),
    type=st.none() | st.sampled_from(("expense_claim", "leave_request")),
    assignee=st.sampled_from(("any", "free", "me", "taken", "1", "4")),
    age=st.sampled_from(("", "late", "soon", "week", "month", "suspended")),
    flag=st.sampled_from(("", "any", "none", "duplicate_file", "unheard_of")), text=st.sampled_from(TEXTS),
)  # fmt: skip


def fits(case: Case, wanted: QueueFilter, viewer: Viewer, world: World, flags: dict[int, set[str]]) -> bool:
    """The filter said again in plain Python."""
    now, here = world.clock.now(), flags.get(case.id, set())
    said = f"{case.number} {case.title} {case.initiator.name}".lower()
    whose = {
        "any": True, "free": case.assignee_id is None, "me": case.assignee_id == viewer.person_id,
        "taken": case.assignee_id is not None,
    }  # fmt: skip
    assert case.received_at is not None
    assert case.step_due is not None
    ages = {
        "": True, "late": case.step_due < now, "soon": case.step_due <= datetime(2026, 11, 25, 16, tzinfo=UTC),
        "week": case.received_at < now - timedelta(days=7), "month": case.received_at < now - timedelta(days=30),
        "suspended": case.suspended_since is not None,
    }  # fmt: skip
    return (
        wanted.municipality_id in (None, case.municipality_id)
        and wanted.type in (None, case.type)
        and whose.get(wanted.assignee, str(case.assignee_id) == wanted.assignee)
        and ages[wanted.age]
        and {"": True, "any": bool(here), "none": not here}.get(wanted.flag, wanted.flag in here)
        and all(word in said for word in wanted.text.lower().replace("ö", "o").split())
    )


@pytest.fixture
def stocked(world: World, cast: Cast) -> World:
    """More than two pages of two municipalities, some of them taken, many due at the same moment."""
    with world.db.transaction() as session:
        new = in_queue(session, cast, 2 * PAGE + 20) + in_queue(session, cast, 15, "olga")
        for case in new[::4]:
            case.assignee_id = cast.people["carla" if case.id % 3 else "els"]
        for case in new[::8]:
            case.suspended_since = world.clock.now()
        for case in new[::5]:
            settled = world.clock.now() if case.id % 3 == 0 else None
            session.add(
                CaseFlag(case_id=case.id, code="duplicate_file", raised_at=world.clock.now(), settled_at=settled)
            )
        for case in new[::7]:
            session.add(CaseFlag(case_id=case.id, code="late", raised_at=world.clock.now()))
    return world


def standing_flags(session: Session) -> dict[int, set[str]]:
    flags: dict[int, set[str]] = {}
    for flag in session.scalars(select(CaseFlag).where(CaseFlag.settled_at.is_(None))):
        flags.setdefault(flag.case_id, set()).add(flag.code)
    return flags


def test_every_page_of_every_filter_gives_each_case_once_and_is_counted_right(stocked: World, cast: Cast) -> None:
    with stocked.db.session(writes=False) as session:
        carla, now = cast.viewer(session, "carla"), stocked.clock.now()
        everything = [whole(session, case_id) for case_id in session.scalars(select(Case.id))]
        flags = standing_flags(session)

        def counted(wanted: QueueFilter) -> int:
            return sum(fits(case, wanted, carla, stocked, flags) for case in everything)

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(filters)
        def check(wanted: QueueFilter) -> None:
            expected = sorted(
                (case for case in everything if fits(case, wanted, carla, stocked, flags)),
                key=lambda case: (case.act_by, case.id),
            )
            found, after = [], None
            while True:
                page = queue(session, carla, wanted, now, after)
                found += [case.id for case in page.cases]
                assert len(page.cases) == PAGE or page.after is None
                if (after := page.after) is None:
                    break
            assert found == [case.id for case in expected]
            facet = facets(session, carla, wanted, now)
            assert (facet.size, facet.more) == (len(expected), False)
            for key, choices, counts in (
                ("municipality_id", (1, 2), facet.municipality),
                ("age", ("late", "soon", "week", "month") if wanted.age != "suspended" else (), facet.age),
                ("assignee", ("free", "me", "taken", str(cast.people["els"])), facet.assignee),
                ("type", ("expense_claim", "leave_request"), facet.type),
                ("flag", ("duplicate_file", "late"), facet.flag),
            ):  # fmt: skip
                for choice in choices:
                    assert counts.get(choice, 0) == counted(replace(wanted, **{key: choice})), (key, choice)

        check()


def test_the_next_case_is_the_first_free_one_of_the_filter(stocked: World, cast: Cast) -> None:
    with stocked.db.transaction() as session:
        carla, now = cast.viewer(session, "carla"), stocked.clock.now()
        for wanted in (
            QueueFilter(text="anna zitting", age="soon"), QueueFilter(flag="duplicate_file"),
            QueueFilter(assignee="me"), QueueFilter(municipality_id=2), QueueFilter(flag="none", age="week"),
        ):  # fmt: skip
            first = queue(session, carla, replace(wanted, assignee="free"), now).cases[0]
            assert next_for(session, carla, cast, wanted) == first.number


def test_twenty_clerks_with_a_filter_get_cases_of_it_and_never_the_same(stocked: World, cast: Cast) -> None:
    wanted = QueueFilter(text="zitting", flag="none")
    with stocked.db.transaction() as session:
        many = clerks(session, cast)
        fitting = queue(session, many[0], replace(wanted, assignee="free"), stocked.clock.now(), limit=200)
        numbers = [case.number for case in fitting.cases]

    def take(viewer: Viewer) -> str | None:
        with stocked.db.transaction() as session:
            return next_for(session, viewer, cast, wanted)

    outcomes = at_once(*(lambda viewer=viewer: take(viewer) for viewer in many))
    assert sorted(map(str, outcomes)) == sorted(map(str, numbers[:CLERKS]))


def test_the_words_of_a_case_follow_its_content_and_its_person(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        assert case.words == "dec-2026-000001 zitting anna de wit"
        case.initiator.family_name = "Yılmaz-Çelik"
        cast.act(session, "bram", case, "approve")
        found = queue(session, cast.viewer(session, "carla"), QueueFilter(text="celik ZITT"), world.clock.now())
        assert [one.id for one in found.cases] == [case.id]
