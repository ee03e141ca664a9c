"""Leave lapses only with proof that the employee was told, by a person, once, and no more than was not used."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.commands import leave_lapse as commands
from portal.jobs import deliver, leave_settling
from portal.models.leave import LeaveEntry
from portal.models.leave_settling import LeaveLapse, LeaveNotice
from portal.models.mail import OutboxMail
from portal.models.people import Policy, RoleGrant
from portal.queries.leave_settling import proofs_of, proposals
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import at_once, here, refused, whole
from tests.leave import STATUTORY_2026, asked, given, granted, left

TOLD, LATE, ENDED = here("2027-07-10 02:00"), here("2027-12-20 02:00"), here("2028-01-02 02:00")
"""The lot of 2026 can be used up to and including 31 December 2027."""


def told_by(session: Session, days: int = 183, least: int = 60) -> None:
    session.add_all(
        Policy(key=key, value=str(value), valid_from=date(2026, 1, 1), source="test")
        for key, value in (("leave_notice_days", days), ("leave_notice_least_days", least))
    )
    session.flush()


def move(world: World, at: datetime) -> datetime:
    world.clock.advance(at - world.clock.now())  # type: ignore[attr-defined]
    return at


@pytest.fixture
def stocked(world: World, cast: Cast) -> World:
    with world.db.transaction() as session:
        given(session, cast)
        told_by(session)
        granted(session, cast, "2026-12-14", "2026-12-18")
    return world


def run(world: World, at: datetime, *, send: bool = True) -> None:
    leave_settling.lapse(world, move(world, at))
    if send:
        deliver.run(world, at)


def of_anna(session: Session, cast: Cast) -> list[LeaveLapse]:
    query = select(LeaveLapse).where(LeaveLapse.person_id == cast.people["anna"]).order_by(LeaveLapse.id)
    return [one for one in session.scalars(query) if one.lot_id in lots_2026(session, cast)]


def lots_2026(session: Session, cast: Cast) -> set[int]:
    rows = session.execute(
        text("SELECT id FROM leave_lot WHERE person_id = :who AND kind = 'statutory' AND valid_from = '2026-01-01'"),
        {"who": cast.people["anna"]},
    )
    return {row[0] for row in rows}


def test_people_are_told_once_in_time_with_hours_and_day(stocked: World, cast: Cast) -> None:
    for _ in range(2):
        run(stocked, TOLD)
    with stocked.db.session(writes=False) as session:
        mails = session.scalars(
            select(OutboxMail).where(OutboxMail.letter == "leave_ends", OutboxMail.person_id == cast.people["anna"])
        ).all()
        assert len(mails) == 1
        assert "108 uur, op te nemen tot en met" in mails[0].text
        assert "2027" in mails[0].text
        notice = session.scalars(select(LeaveNotice).where(LeaveNotice.message_id == mails[0].message_id)).one()
        assert notice.minutes == STATUTORY_2026 - 5 * 432
        proof = proofs_of(session, [notice.lot_id])[notice.lot_id]
        assert proof.holds
        assert proof.sent_at == TOLD


def test_what_is_left_is_proposed_approved_by_another_and_lapses_once(stocked: World, cast: Cast) -> None:
    run(stocked, TOLD)
    for _ in range(2):
        run(stocked, ENDED)
    with stocked.db.transaction() as session:
        before = left(session, cast)["statutory", 2026]
        (one,) = of_anna(session, cast)
        assert one.minutes == before == STATUTORY_2026 - 5 * 432
        done = commands.approve(session, cast.viewer(session, "carla"), [one], ENDED)
        assert (done.minutes, done.lots) == (before, 1)
        assert left(session, cast)["statutory", 2026] == 0
        assert left(session, cast)["statutory", 2027] == STATUTORY_2026
        entry = session.scalars(select(LeaveEntry).where(LeaveEntry.what == "lapse")).one()
        assert (entry.day, entry.by_id) == (date(2028, 1, 1), cast.people["carla"])
        assert one.told_at == TOLD
        again = refused(lambda: commands.approve(session, cast.viewer(session, "els"), [one], ENDED))
        assert again == {"lapse_settled"}
        assert refused(lambda: commands.keep(session, cast.viewer(session, "els"), one, "x", ENDED)) == {
            "lapse_settled"
        }
    run(stocked, here("2028-03-01 02:00"))
    with stocked.db.session(writes=False) as session:
        assert len(of_anna(session, cast)) == 1
        mails = session.scalars(select(OutboxMail.address).where(OutboxMail.letter == "leave_lapsed")).all()
        assert [address.partition("@")[0] for address in mails] == ["anna"]


@pytest.mark.parametrize("how", ["never", "not_sent", "late"])
def test_without_proof_nobody_lets_it_lapse(stocked: World, cast: Cast, how: str) -> None:
    if how != "never":
        run(stocked, TOLD if how == "not_sent" else LATE, send=how == "late")
    move(stocked, ENDED)
    leave_settling.lapse(stocked, ENDED)
    with stocked.db.transaction() as session:
        (one,) = of_anna(session, cast)
        carla, before = cast.viewer(session, "carla"), left(session, cast)
        assert refused(lambda: commands.approve(session, carla, [one], ENDED)) == {"lapse_no_proof"}
        everything = commands.waiting_in(session, one.municipality_id)
        assert "lapse_no_proof" in refused(lambda: commands.approve(session, carla, everything, ENDED))
        assert refused(lambda: commands.approve(session, carla, [], ENDED)) == {"lapse_nothing"}
        assert left(session, cast) == before
        found, _ = proposals(session, None)
        (shown,) = [each for each in found if each.lapse.id == one.id]
        assert not shown.may_lapse
    with stocked.db.session() as session, pytest.raises(DBAPIError):
        session.execute(
            text("UPDATE leave_lapse SET posted = 1, settled_at = proposed_at, settled_by_id = :who"),
            {"who": cast.people["carla"]},
        )


def test_nobody_lets_their_own_lapse(stocked: World, cast: Cast) -> None:
    with stocked.db.transaction() as session:
        session.add(RoleGrant(person_id=cast.people["anna"], role="clerk", valid_from=date(2026, 1, 1)))
    run(stocked, TOLD)
    run(stocked, ENDED)
    with stocked.db.transaction() as session:
        (one,) = of_anna(session, cast)
        anna = cast.viewer(session, "anna")
        assert refused(lambda: commands.approve(session, anna, [one], ENDED)) == {"lapse_own"}
        assert refused(lambda: commands.keep(session, anna, one, "Van mij", ENDED)) == {"lapse_own"}
        done = commands.approve(session, anna, commands.waiting_in(session, one.municipality_id), ENDED)
        assert done.lots > 0
        assert one.settled_at is None
    with stocked.db.session() as session, pytest.raises(DBAPIError):
        session.execute(
            text("UPDATE leave_lapse SET settled_at = proposed_at, settled_by_id = person_id WHERE settled_at IS NULL")
        )


def test_hours_that_are_kept_are_not_proposed_again(stocked: World, cast: Cast) -> None:
    run(stocked, TOLD)
    run(stocked, ENDED)
    with stocked.db.transaction() as session:
        (one,) = of_anna(session, cast)
        carla = cast.viewer(session, "carla")
        assert refused(lambda: commands.keep(session, carla, one, "  ", ENDED)) == {"lapse_keep_reason"}
        assert refused(lambda: commands.keep(session, carla, one, "x" * 2001, ENDED)) == {"reason_too_long"}
        commands.keep(session, carla, one, "Kon het niet opnemen", ENDED)
        before = left(session, cast)
    run(stocked, here("2028-03-01 02:00"))
    with stocked.db.session(writes=False) as session:
        assert len(of_anna(session, cast)) == 1
        assert left(session, cast) == before


def test_what_is_reserved_does_not_lapse_and_what_comes_free_later_is_proposed_then(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        told_by(session)
    run(world, TOLD)
    move(world, here("2027-12-30 09:00"))
    with world.db.transaction() as session:
        case = asked(session, cast, "2027-12-31")
        case_id = case.id
    run(world, ENDED)
    with world.db.transaction() as session:
        (one,) = of_anna(session, cast)
        assert one.minutes == STATUTORY_2026 - 432
        commands.approve(session, cast.viewer(session, "carla"), [one], ENDED)
        assert left(session, cast)["statutory", 2026] == 0
    with world.db.transaction() as session:
        cast.act(session, "bram", whole(session, case_id), "reject", reason="Te laat")
        assert left(session, cast)["statutory", 2026] == 432
    run(world, here("2028-01-05 02:00"))
    with world.db.session(writes=False) as session:
        assert [one.minutes for one in of_anna(session, cast)] == [STATUTORY_2026 - 432, 432]


def test_approved_twice_at_once_lapses_once(stocked: World, cast: Cast) -> None:
    run(stocked, TOLD)
    run(stocked, ENDED)
    with stocked.db.session(writes=False) as session:
        (lapse_id,) = [one.id for one in of_anna(session, cast)]

    def approve(name: str) -> int:
        with stocked.db.transaction() as session:
            one = session.get_one(LeaveLapse, lapse_id)
            return commands.approve(session, cast.viewer(session, name), [one], ENDED).minutes

    outcomes = at_once(lambda: approve("carla"), lambda: approve("els"))
    assert sorted(type(one).__name__ for one in outcomes) == ["Refused", "int"]
    with stocked.db.session(writes=False) as session:
        assert len(session.scalars(select(LeaveEntry).where(LeaveEntry.what == "lapse")).all()) == 1


def test_what_prescribes_needs_no_notice(stocked: World, cast: Cast) -> None:
    at = here("2032-01-02 02:00")
    run(stocked, at)
    with stocked.db.transaction() as session:
        waiting = commands.waiting_in(session, cast.municipalities["waterveen"])
        ours = [one for one in waiting if one.ends_as == "prescribes" and one.person_id == cast.people["anna"]]
        done = commands.approve(session, cast.viewer(session, "carla"), ours, at)
        assert done.minutes == sum(one.minutes for one in ours) > 0


def test_a_notice_is_kept_as_it_is(stocked: World, cast: Cast) -> None:
    run(stocked, TOLD)
    for statement in ("UPDATE leave_notice SET minutes = 1", "DELETE FROM leave_notice"):
        with stocked.db.session() as session, pytest.raises(DBAPIError):
            session.execute(text(statement))


def test_where_nothing_was_agreed_nobody_is_told(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
    run(world, TOLD)
    with world.db.session(writes=False) as session:
        found: Any = session.scalars(select(LeaveNotice)).all()
        assert found == []
