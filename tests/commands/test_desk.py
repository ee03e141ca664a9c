"""A clerk's desk in numbers: each is exactly what the list behind it shows."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.models.cases import Case
from portal.models.contact import CALL_BACK, Contact, ContactQuestion
from portal.queries.desk import LATE, MINE, SOON, STILL, desk_of
from portal.queries.facets import facets
from portal.queries.queue import QueueFilter, queue
from portal.worlds import World
from tests.cast import Cast
from tests.commands.test_queue import in_queue

COUNT = 8
fates = st.lists(
    st.tuples(st.sampled_from((None, "carla", "els")), st.booleans(), st.integers(-3, 6)),
    min_size=COUNT,
    max_size=COUNT,
)


def test_each_number_is_what_the_list_behind_it_shows(world: World, cast: Cast) -> None:
    now = world.clock.now()
    with world.db.transaction() as session:
        in_queue(session, cast, COUNT)
        in_queue(session, cast, 2, "olga")

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(fates)
    def check(chosen: list[tuple[str | None, bool, int]]) -> None:
        with world.db.session() as session:
            cases = session.scalars(select(Case).where(Case.number.like("DEC-2025-anna%")).order_by(Case.id)).all()
            for case, (holder, still, days) in zip(cases, chosen, strict=True):
                case.assignee_id = cast.people[holder] if holder else None
                case.suspended_since = now if still and holder else None
                case.step_due = case.act_by = now + timedelta(days=days)
            session.flush()
            carla = cast.viewer(session, "carla")
            desk = desk_of(session, carla, now)
            shown = [
                len(queue(session, carla, wanted, now).cases) for wanted in (QueueFilter(), MINE, STILL, LATE, SOON)
            ]
            assert [desk.queue, desk.mine, desk.suspended, desk.late, desk.soon] == shown
            assert [facets(session, carla, wanted, now).size for wanted in (MINE, STILL, LATE, SOON)] == shown[1:]
            assert desk.mine == sum(holder == "carla" for holder, _, _ in chosen)
            assert desk.suspended == sum(holder == "carla" and still for holder, still, _ in chosen)
            session.rollback()

    check()


def test_calls_that_were_promised_are_counted(world: World, cast: Cast) -> None:
    now = world.clock.now()
    with world.db.transaction() as session:
        contact = Contact(person_id=cast.people["anna"], at=now, channel="telephone", line=1)
        session.add(contact)
        session.flush()
        for state, due in ((CALL_BACK, now), (CALL_BACK, now + timedelta(days=1)), ("open", now), ("answered", None)):
            session.add(
                ContactQuestion(
                    contact_id=contact.id, subject="other", asked="Wanneer?", state=state, line=1, due=due
                )
            )  # fmt: skip
    with world.db.session(writes=False) as session:
        assert desk_of(session, cast.viewer(session, "carla"), now).calls == 2
