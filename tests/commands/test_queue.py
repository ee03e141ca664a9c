"""The clerks' queue: the most urgent first, each case to one clerk, and every page of every filter exactly once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.clock import local_date
from portal.commands import cases, people
from portal.models.cases import Case
from portal.models.people import Person, RoleGrant
from portal.queries.cases import COUNT_CAP, PAGE, QueueFilter, held_by, queue, queue_size
from portal.queries.people import employments_of, viewer_of
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
            step_due=now + timedelta(hours=count // 2 - i // 3), title=("Zitting", "Cursus", "Trein")[i % 3],
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
        order = [case.number for case in sorted(new, key=lambda case: (case.step_due, case.id))]
        assert [next_for(session, carla, cast) for _ in range(8)] == [*order, None]
        assert [case.number for case in held_by(session, carla)] == order


def test_what_was_given_back_is_handed_out_again(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        in_queue(session, cast, 2)
        carla = cast.viewer(session, "carla")
        first = next_for(session, carla, cast)
        case = whole(session, session.query(Case.id).filter_by(number=first).scalar())
        cases.put_back(session, carla, case)
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
        people.stand_in(session, cast.people["bram"], cast.people["diane"], today, today, today)
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
        assert (queue_size(session, els), queue_size(session, carla)) == (1, 3)
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
        assert queue_size(session, cast.viewer(session, "carla")) == COUNT_CAP + 1


TEXTS = ("", "zitting", "ANNA DE", "olga", "DEC-2025-anna0000", "00001", "%", "_", "a%w", "\\", "'", "nobody", "e w")
filters = st.builds(
    QueueFilter, municipality_id=st.none() | st.sampled_from((1, 2, 999)),
    type=st.none() | st.sampled_from(("expense_claim", "leave_request")),
    assignee=st.sampled_from(("any", "free", "me", "taken")), late=st.booleans(), text=st.sampled_from(TEXTS),
)  # fmt: skip


def fits(case: Case, wanted: QueueFilter, viewer: Viewer, world: World) -> bool:
    """The filter said again in plain Python."""
    text = wanted.text.replace("%", "").replace("_", "").lower()
    whose = {
        "any": True, "free": case.assignee_id is None, "me": case.assignee_id == viewer.person_id,
        "taken": case.assignee_id is not None,
    }  # fmt: skip
    return (
        wanted.municipality_id in (None, case.municipality_id)
        and wanted.type in (None, case.type)
        and whose[wanted.assignee]
        and (not wanted.late or (case.step_due is not None and case.step_due < world.clock.now()))
        and any(text in said.lower() for said in (case.number or "", case.title, case.initiator.name))
    )


@pytest.fixture
def stocked(world: World, cast: Cast) -> World:
    """More than two pages of two municipalities, some of them taken, many due at the same moment."""
    with world.db.transaction() as session:
        new = in_queue(session, cast, 2 * PAGE + 20) + in_queue(session, cast, 15, "olga")
        for case in new[::4]:
            case.assignee_id = cast.people["carla" if case.id % 3 else "els"]
    return world


def test_every_page_of_every_filter_gives_each_case_once(stocked: World, cast: Cast) -> None:
    with stocked.db.session(writes=False) as session:
        carla = cast.viewer(session, "carla")
        everything = [whole(session, case_id) for case_id in session.scalars(select(Case.id))]

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(filters)
        def check(wanted: QueueFilter) -> None:
            expected = sorted(
                (case for case in everything if fits(case, wanted, carla, stocked)),
                key=lambda case: (case.step_due, case.id),
            )
            found, after = [], None
            while True:
                page = queue(session, carla, wanted, stocked.clock.now(), after)
                found += [case.id for case in page.cases]
                assert len(page.cases) == PAGE or page.after is None
                if (after := page.after) is None:
                    break
            assert found == [case.id for case in expected]

        check()
