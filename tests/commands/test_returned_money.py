"""Money booked as paid back on the wrong case is taken off again: by somebody else, with a reason, and visibly."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.commands import returned_money
from portal.models.events import CaseEvent
from portal.models.outstanding import Settlement
from portal.models.payments import BankEntry
from portal.models.people import RoleGrant
from portal.queries import chain
from portal.queries.outstanding import booked_back
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import at_once, events, letters, refused, whole
from tests.commands.test_advances import an_entry, give_back, number_of, paid_out, state
from tests.commands.test_outstanding import ledger
from workflows.kernel import Refused


def take_back(world: World, cast: Cast, entry_id: int, who: str = "els", reason: str = "Was van een ander") -> None:
    with world.db.transaction() as session:
        entry = session.get_one(BankEntry, entry_id)
        returned_money.undo(session, cast.viewer(session, who), entry, reason, world.clock.now())


@pytest.mark.parametrize(("cents", "after"), [(10_000, "settled"), (4_000, "outstanding")])
def test_it_is_owed_again_and_the_entry_waits_again(world: World, cast: Cast, cents: int, after: str) -> None:
    case_id, _ = paid_out(world, cast)
    number, entry_id = number_of(world, case_id), an_entry(world, cents)
    give_back(world, cast, entry_id, number)
    assert state(world, case_id) == after
    take_back(world, cast, entry_id)
    with world.db.transaction() as session:
        assert (whole(session, case_id).state, ledger(session)) == ("outstanding", [(10_000, 0)])
        entry = session.get_one(BankEntry, entry_id)
        assert (entry.resolved_at, entry.resolved_by_id, entry.resolution) == (None, None, "")
        (settlement,) = session.scalars(select(Settlement)).all()
        assert settlement.undone_at == world.clock.now()
        assert booked_back(session, None) == []
        (note,) = [event for event in events(session, case_id) if event.action == "return_undone"]
        assert (note.actor_id, note.reason) == (cast.people["els"], "Was van een ander")
        assert (note.data["booked_by"], note.data["cents"]) == (cast.people["carla"], cents)
        assert ("return_undone", "anna") in letters(session, case_id)
        assert chain.verify(session).broken is None
    # On the right number it is booked after all, and so it goes on.
    give_back(world, cast, entry_id, number, "els")
    assert state(world, case_id) == after
    take_back(world, cast, entry_id, "carla")


def test_who_booked_it_does_not_take_it_back_nor_does_who_owes_it(world: World, cast: Cast) -> None:
    case_id, _ = paid_out(world, cast)
    number, entry_id = number_of(world, case_id), an_entry(world, 4_000)
    with world.db.transaction() as session:
        session.add(RoleGrant(person_id=cast.people["anna"], role="clerk", valid_from=SINCE))
        session.add(
            RoleGrant(
                person_id=cast.people["aart"], role="clerk", valid_from=SINCE,
                municipality_id=cast.municipalities["duinrade"],
            )
        )  # fmt: skip

    def codes(who: str, reason: str = "Was van een ander") -> frozenset[str]:
        return refused(lambda: take_back(world, cast, entry_id, who, reason))

    assert codes("els") == {"return_not_booked"}
    give_back(world, cast, entry_id, number)
    assert codes("carla") == {"return_undo_second"}
    assert codes("anna") == {"return_own"}
    assert codes("bram") == codes("aart") == {"return_not_booked"}, "not theirs to see"
    assert codes("els", " ") == {"reason_missing"}
    assert codes("els", "x" * 2001) == {"reason_too_long"}
    with world.db.session(writes=False) as session:
        assert ledger(session) == [(10_000, 4_000)]
        assert session.scalars(select(CaseEvent).where(CaseEvent.action == "return_undone")).all() == []
    take_back(world, cast, entry_id)
    assert codes("els") == {"return_not_booked"}


def test_of_two_who_take_it_back_at_once_one_does(world: World, cast: Cast) -> None:
    case_id, _ = paid_out(world, cast)
    entry_id = an_entry(world, 4_000)
    give_back(world, cast, entry_id, number_of(world, case_id))
    outcomes = at_once(lambda: take_back(world, cast, entry_id), lambda: take_back(world, cast, entry_id, "dirk"))
    assert sorted(isinstance(outcome, Exception) for outcome in outcomes) == [False, True]
    assert all(outcome is None or isinstance(outcome, Refused) for outcome in outcomes), outcomes
    with world.db.session(writes=False) as session:
        assert ledger(session) == [(10_000, 0)]
