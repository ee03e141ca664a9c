"""Taking back the last step: everything is as it was before it, or nothing changes at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as of_hypothesis
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from portal.clock import FixedClock
from portal.db import Base
from portal.models.cases import Case
from portal.models.events import CaseEvent, record
from portal.models.mail import OutboxMail
from portal.queries import chain
from portal.workshop import pace, ticking, undo
from portal.workshop.tables import Diary, EventWall, Timer
from portal.workshop.worlds import world_of
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import whole
from tests.commands.money import release
from tests.conftest import TUESDAY
from tests.workshop.rooms import a_workshop
from workflows.kernel import Refused

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOBODY = ticking.Play({"say": lambda world, session, timer: "said"}, lambda world, session, at: None)


@pytest.fixture
def practice(world: World) -> Iterator[World]:
    found = world_of(world, a_workshop(world))
    yield found
    found.db.dispose()


@pytest.fixture
def people(practice: World, cast: Cast) -> Cast:
    return at(practice, cast, 0)


def at(world: World, cast: Cast, hours: float) -> Cast:
    """The people of the story, so many hours after it began."""
    then = replace(world, clock=FixedClock(TUESDAY + timedelta(hours=hours)))
    return Cast(then, people=cast.people, municipalities=cast.municipalities)


def everything(world: World) -> dict[str, list[Any]]:
    """Every row of the story."""
    with world.db.session(writes=False) as session:
        tables = [*Base.metadata.sorted_tables, EventWall.__table__, Timer.__table__]
        watched = [table for table in tables if table.name not in undo.UNWATCHED]
        return {table.name: sorted(map(repr, session.execute(select(table)))) for table in watched}


def refused(world: World) -> frozenset[str]:
    before = everything(world)
    with pytest.raises(Refused) as caught:
        undo.undo(world)
    assert everything(world) == before
    return frozenset(caught.value.codes)


def test_the_last_step_is_taken_back_and_then_the_one_before(practice: World, people: Cast) -> None:
    states = [everything(practice)]
    assert undo.last(practice) is None
    with practice.db.transaction() as session:
        case = people.submitted(session, key="k")
    states.append(everything(practice))
    with practice.db.transaction() as session:
        people.act(session, "bram", whole(session, case.id), "approve")
    ticking.tick(practice, NOBODY)
    last = undo.last(practice)
    assert last
    assert last.said.startswith(f"{case.number} ")
    assert last.said.endswith(")")
    assert undo.undo(practice) == last.said
    assert everything(practice) == states[1]
    with practice.db.session(writes=False) as session:
        found = chain.verify(session)
        assert (found.broken, found.count) == (None, 1)
        assert session.scalars(select(Diary.data).where(Diary.kind == "undone")).all() == [{"what": last.said}]
    undo.undo(practice)
    assert everything(practice) == states[0]
    assert refused(practice) == {"undo_nothing"}
    with practice.db.transaction() as session:
        again = people.submitted(session, key="again")
        assert again.number == case.number, "nothing was taken"
    with (
        pytest.raises(Exception, match="append-only"),
        practice.db.transaction() as session,
    ):
        session.execute(update(CaseEvent).values(reason="forged").execution_options(synchronize_session=False))


def test_what_time_did_with_it_since_is_taken_back_and_done_again(practice: World, people: Cast) -> None:
    with practice.db.transaction() as session:
        people.submitted(session, key="first")
        session.add(Timer(at=TUESDAY + timedelta(days=5), kind="say", about={}))
    pace.jump(practice, TUESDAY + timedelta(days=1))
    ticking.tick(practice, NOBODY, seconds=60)
    before = everything(practice)
    later = at(practice, people, 24)
    with practice.db.transaction() as session:
        later.submitted(session, key="second")
    pace.jump(practice, TUESDAY + timedelta(days=6))
    ticking.tick(practice, NOBODY, seconds=60)
    assert everything(practice)["outbox_mail"] != before["outbox_mail"]
    undo.undo(practice)
    assert everything(practice) == before
    ticking.tick(practice, NOBODY, seconds=60)
    with practice.db.session(writes=False) as session:
        assert session.scalars(select(Timer.told)).all() == ["said"]
        letters = session.scalars(select(OutboxMail.letter)).all()
        assert "remind" in letters, "what was due in the meantime came all the same"
        assert chain.verify(session).broken is None


def test_a_step_with_which_a_person_went_on_stays(practice: World, people: Cast) -> None:
    with practice.db.transaction() as session:
        case = people.submitted(session, key="k")
    with practice.db.transaction() as session:
        session.execute(update(Case).where(Case.id == case.id).values(draft={"purpose": "typed since"}))
    assert undo.last(practice)
    assert refused(practice) == {"undo_went_on"}


def test_what_others_did_elsewhere_meanwhile_stays(practice: World, people: Cast) -> None:
    with practice.db.transaction() as session:
        people.submitted(session, key="k")
    with practice.db.transaction() as session:
        draft = people.draft(session, "aart", "other")
    undo.undo(practice)
    with practice.db.session(writes=False) as session:
        assert session.scalars(select(Case.id).where(Case.id == draft.id)).all() == [draft.id]


def test_what_went_to_the_bank_stays(practice: World, people: Cast) -> None:
    with practice.db.transaction() as session:
        case = people.payable(session)
    with practice.db.transaction() as session:
        release(session, people, case.id)
    assert undo.last(practice) is None
    assert refused(practice) == {"undo_at_the_bank"}


def test_what_the_portal_did_by_itself_and_what_is_long_ago_stays(practice: World, people: Cast) -> None:
    with practice.db.transaction() as session:
        people.submitted(session, key="k")
    with practice.db.transaction() as session:
        session.execute(text("DELETE FROM workshop_undo"))
    assert refused(practice) == {"undo_too_long_ago"}
    with practice.db.transaction() as session:
        (step,) = session.scalars(select(CaseEvent))
        same = {name: getattr(step, name) for name in ("case_id", "from_state", "to_state", "enabled_at", "started_at")}
        record(session, CaseEvent(action="reroute", at=step.at, channel="system", reason="", data={}, **same))
    assert undo.last(practice) is None
    assert refused(practice) == {"undo_by_portal"}


def test_only_so_much_is_kept(practice: World, people: Cast) -> None:
    for number in range(undo.KEPT + 30):
        with practice.db.transaction() as session:
            session.add(Timer(at=TUESDAY, kind="say", about={"number": number}, done=True))
    with practice.db.session(writes=False) as session:
        assert session.scalar(text("SELECT count(DISTINCT step) FROM workshop_undo")) == undo.KEPT


def test_a_bot_leaves_alone_for_a_while_what_was_undone(practice: World, people: Cast) -> None:
    def submit(world: World, session: Any, timer: Timer) -> str:
        at(world, people, 1).submitted(session, key="by a bot")
        return "submitted"

    play = ticking.Play({"submit": submit}, NOBODY.look_around)
    with practice.db.transaction() as session:
        session.add(Timer(at=TUESDAY + timedelta(hours=1), kind="submit", about={}))
    pace.jump(practice, TUESDAY + timedelta(hours=2))
    ticking.tick(practice, play)
    undo.undo(practice)
    ticking.tick(practice, play)
    with practice.db.session(writes=False) as session:
        assert session.scalars(select(Case)).all() == []
    pace.jump(practice, practice.clock.now() + undo.THINKS)
    ticking.tick(practice, play)
    with practice.db.session(writes=False) as session:
        assert len(session.scalars(select(Case)).all()) == 1


def took(world: World, people: Cast, step: str, key: str) -> bool:
    """Whether somebody took such a step."""
    with world.db.transaction() as session:
        found = session.scalars(select(Case.id).where(Case.state == "submitted")).first()
        if step == "submit":
            people.submitted(session, key=key)
        elif found is not None:
            reason = {} if step == "approve" else {"reason": "Daarom niet."}
            people.act(session, "anna" if step == "withdraw" else "bram", whole(session, found), step, **reason)
        return step == "submit" or found is not None


@given(st.lists(st.sampled_from(["submit", "approve", "reject", "withdraw", "tick"]), max_size=6))
@of_hypothesis(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_undoing_all_that_was_done_leads_back_to_where_it_began(
    practice: World, people: Cast, steps: list[str]
) -> None:
    while undo.last(practice):
        undo.undo(practice)
    ticking.tick(practice, NOBODY)  # nothing that time does by itself is left to do
    before = [everything(practice)]
    for number, step in enumerate(steps):
        try:
            if step == "tick":
                ticking.tick(practice, NOBODY)
            elif not took(practice, people, step, f"{number}-{len(before)}"):
                continue
        except Refused:
            continue
        if step != "tick":
            before.append(everything(practice))
    while undo.last(practice):
        with practice.db.session(writes=False) as session:
            events = len(session.scalars(select(CaseEvent.id)).all())
        undo.undo(practice)
        with practice.db.session(writes=False) as session:
            assert chain.verify(session).broken is None
            assert len(session.scalars(select(CaseEvent.id)).all()) < events
    assert everything(practice) == before[0]
