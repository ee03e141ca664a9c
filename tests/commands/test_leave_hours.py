"""Leave that was booked before a work pattern changed: listed and told, and left alone until it is asked for again."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import given as over
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portal.clock import local_date
from portal.commands import work_patterns
from portal.commands.changes import Author
from portal.models.mail import OutboxMail
from portal.models.people import Employment, Person
from portal.queries.leave import booked_of, schedule_of
from portal.queries.leave_hours import other_hours_from
from portal.queries.people import employments_of
from portal.worlds import World
from tests.cast import Cast
from tests.leave import entries, given, granted, withdrawn
from workflows.work_patterns import Part

TODAY = date(2026, 11, 24)
LESS = ((480, 480, 0, 0, 0, 0, 0),)


def _of_anna(session: Session, cast: Cast) -> Employment:
    employment = employments_of(session, cast.people["anna"])[0]
    set_committed_value(employment, "person", session.get_one(Person, cast.people["anna"]))
    return employment


def _works(world: World, session: Session, cast: Cast, weeks: tuple[tuple[int, ...], ...], first: date) -> None:
    now = world.clock.now()
    hanna = Author(cast.people["hanna"], None)
    work_patterns.set_pattern(
        session, hanna, _of_anna(session, cast), weeks, None, first, "Minder werken", now, local_date(now)
    )
    session.flush()


def test_the_employee_is_told_which_days_cost_other_hours_now(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        anna = cast.people["anna"]
        granted(session, cast, "2026-11-30", "2026-11-30", key="before")
        leave = granted(session, cast, "2026-12-07", "2026-12-10", last_part="morning")
        assert other_hours_from(session, anna, TODAY) == []
        before = len(entries(session, cast))
        _works(world, session, cast, LESS, date(2026, 12, 1))
        found = [(one.day.day, one.part, one.booked, one.worked) for one in other_hours_from(session, anna, TODAY)]
        assert found == [
            (7, Part.WHOLE, 432, 480), (8, Part.WHOLE, 432, 480), (9, Part.WHOLE, 432, 0), (10, Part.MORNING, 216, 0),
        ]  # fmt: skip
        assert len(entries(session, cast)) == before
        letters = select(OutboxMail).where(OutboxMail.letter == "leave_other_hours")
        mail = session.scalars(letters).one()
        assert mail.person_id == anna
        assert "geboekt 7,2 uur, nu werkt u 8 uur" in mail.text
        # A change that leaves these days as they were says nothing again.
        _works(world, session, cast, ((480, 480, 0, 0, 60, 0, 0),), date(2026, 12, 14))
        assert len(session.scalars(letters).all()) == 1
        withdrawn(session, cast, leave, "2026-12-09", "2026-12-10")
        assert [one.day.day for one in other_hours_from(session, anna, TODAY)] == [7, 8]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@over(
    week=st.lists(st.integers(0, 10).map(lambda hours: hours * 60), min_size=5, max_size=5).filter(any),
    first=st.integers(0, 20),
)
def test_what_is_listed_is_what_a_recount_day_by_day_finds(
    world: World, cast: Cast, week: list[int], first: int
) -> None:
    with world.db.session() as session:
        given(session, cast)
        leave = granted(session, cast, "2026-12-01", "2026-12-18")
        _works(world, session, cast, ((*week, 0, 0),), TODAY + timedelta(days=first))
        worked = schedule_of(
            session, cast.people["anna"], cast.municipalities["waterveen"], TODAY, TODAY.replace(year=2027)
        )
        booked: dict[date, int] = {}
        for one in booked_of(session, leave.id):
            booked[one.day] = booked.get(one.day, 0) + one.minutes
        wrong = {day: (minutes, worked(day)) for day, minutes in booked.items() if minutes != worked(day)}
        listed = other_hours_from(session, cast.people["anna"], TODAY)
        assert {one.day: (one.booked, one.worked) for one in listed} == wrong
        session.rollback()
