"""What waits for the commit (events, mails), when a part of a transaction is undone and the rest goes on."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db import Database, at_commit
from portal.models.events import CaseEvent
from portal.models.mail import OutboxMail
from portal.queries.chain import verify
from portal.worlds import World
from tests.cast import Cast


class Undone(Exception):
    """A part of a transaction is taken back on purpose."""


def events(session: Session) -> list[tuple[int, str]]:
    return [(event.case_id, event.action) for event in session.scalars(select(CaseEvent).order_by(CaseEvent.id))]


def mails(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(OutboxMail)) or 0


def test_what_went_before_an_undone_part_keeps_its_event_and_its_mail(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        kept = cast.submitted(session)
    with world.db.session() as session:
        each = mails(session)
        assert each
    with world.db.transaction() as session:
        second = cast.submitted(session, key="k2")
        with suppress(Undone), session.begin_nested():
            cast.submitted(session, key="k3")
            raise Undone
        third = cast.submitted(session, key="k4")
    with world.db.session() as session:
        assert [case for case, _ in events(session)] == [kept.id, second.id, third.id]
        assert mails(session) == 3 * each
        assert verify(session).broken is None


def test_a_part_within_a_part_goes_with_it(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        first = cast.submitted(session)
        with suppress(Undone), session.begin_nested():
            with session.begin_nested():
                cast.submitted(session, key="k2")
            raise Undone
    with world.db.session() as session:
        assert [case for case, _ in events(session)] == [first.id]
        assert verify(session).broken is None


steps = st.recursive(
    st.integers(0, 99),
    lambda inner: st.tuples(st.lists(inner, max_size=4), st.booleans()),
    max_leaves=12,
)
"""Something that is done, or a part: what is done in it, and whether it stands."""


def carry_out(session: Session, what: object) -> list[int]:
    """Do it, and tell what of it stands."""
    if isinstance(what, int):
        at_commit(session, "numbers").append(what)
        return [what]
    assert isinstance(what, tuple)
    inner, stands = what
    found: list[int] = []
    with suppress(Undone), session.begin_nested():
        for one in inner:
            found += carry_out(session, one)
        if not stands:
            raise Undone
    return found if stands else []


@given(st.lists(steps, max_size=6))
def test_whatever_is_undone_what_stands_is_what_waits(plan: list[object]) -> None:
    db = Database("sqlite://")
    with db.session() as session:
        stands = [number for one in plan for number in carry_out(session, one)]
        assert at_commit(session, "numbers") == stands
        session.rollback()
        assert at_commit(session, "numbers") == []
    db.dispose()
