"""Trial running: everything is tried, findings are seen to, and it is accepted once nothing blocks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portal.commands import trials
from portal.models.changes import Change
from portal.models.people import Municipality, RoleGrant
from portal.models.trials import TrialRun
from portal.queries.trials import checks, findings, trial
from portal.queries.trials import trials as listed
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused
from workflows.trials import ACTIVITIES, BLOCKING, ELEMENTS, SEVERITIES, WORKS, gaps

FIRST, LAST = date(2026, 11, 24), date(2027, 1, 31)


def begun(session: Session, cast: Cast, who: str = "hanna", code: str | None = "waterveen") -> TrialRun:
    place = session.get_one(Municipality, cast.municipalities[code]) if code else None
    at = cast.world.clock.now()
    return trials.begin(session, cast.viewer(session, who), place, " Waterveen   gaat over ", FIRST, LAST, at)


def tried(session: Session, cast: Cast, run: TrialRun, keys: Iterable[str] = ACTIVITIES) -> None:
    for key in keys:
        trials.check(session, cast.viewer(session, "greet"), run, key, WORKS, "Uitgeprobeerd", cast.world.clock.now())


def test_a_trial_is_accepted_once_all_was_tried_and_nothing_blocks(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        at, run = world.clock.now(), begun(session, cast)
        assert run.title == "Waterveen gaat over"
        ilse, greet = cast.viewer(session, "ilse"), cast.viewer(session, "greet")
        blocking = trials.find(session, greet, run, "systems", BLOCKING, "Geen bank", "Dirk", LAST, at)
        trials.find(session, greet, run, "people", "awkward", "Lange titel", "Hanna", LAST, at)
        trials.find(session, greet, run, "people", "hindering", "Trage pagina", "Hanna", FIRST, at)
        assert [one.severity for one in findings(session, run)] == ["blocking", "hindering", "awkward"]
        assert refused(lambda: trials.accept(session, ilse, run, "Goed zo", at)) == {"trial_blocked", "trial_untried"}
        tried(session, cast, run)
        assert refused(lambda: trials.accept(session, ilse, run, "Goed zo", at)) == {"trial_blocked"}
        trials.resolve(session, greet, run, blocking, "Bank gekoppeld", at + timedelta(days=1))
        assert [one.said for one in findings(session, run)][-1] == "Geen bank"
        assert refused(lambda: trials.accept(session, ilse, run, " ", at)) == {"trial_decision_missing"}
        for name in ("greet", "hanna"):
            viewer = cast.viewer(session, name)
            assert refused(lambda viewer=viewer: trials.accept(session, viewer, run, "x", at)) == {"trial_not_director"}
        trials.accept(session, ilse, run, "Goed  zo", at)
        assert (run.accepted_by_id, run.acceptance) == (cast.people["ilse"], "Goed zo")
        steps = session.scalars(select(Change.what).where(Change.what.like("trial.%")).order_by(Change.id)).all()
        assert steps == ["trial.begun", "trial.accepted"]
        other = findings(session, run)[0]
        for step in (
            lambda: trials.check(session, greet, run, next(iter(ACTIVITIES)), WORKS, "x", at),
            lambda: trials.find(session, greet, run, "people", "awkward", "x", "y", LAST, at),
            lambda: trials.resolve(session, greet, run, other, "x", at),
            lambda: trials.accept(session, ilse, run, "x", at),
        ):
            assert refused(step) == {"trial_accepted"}


def test_what_is_said_of_a_point_again_counts_and_what_was_said_stays(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        run, key, at = begun(session, cast), "people_trained", world.clock.now()
        hanna = cast.viewer(session, "hanna")
        trials.check(session, hanna, run, key, "fails", "Nog niet", at)
        trials.check(session, hanna, run, key, WORKS, "Nu wel", at)
        assert [one.note for one in checks(session, run)[key]] == ["Nu wel", "Nog niet"]


def test_what_is_lacking_is_said_all_at_once(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        run, at, hanna = begun(session, cast), world.clock.now(), cast.viewer(session, "hanna")
        found = {
            "begin": refused(lambda: trials.begin(session, hanna, None, " ", LAST, FIRST, at)),
            "check": refused(lambda: trials.check(session, hanna, run, "no", "works", "", at)),
            "find": refused(lambda: trials.find(session, hanna, run, "", "", "", "", None, at)),
        }
        finding = trials.find(session, hanna, run, "people", "awkward", "x", "y", LAST, at)
        found["resolve"] = refused(lambda: trials.resolve(session, hanna, run, finding, " ", at))
        trials.resolve(session, hanna, run, finding, "gedaan", at)
        # Whoever resolves it from a page that was opened before, is told; however long ago their page read it.
        set_committed_value(finding, "resolved_at", None)
        found["again"] = refused(lambda: trials.resolve(session, hanna, run, finding, "gedaan", at))
        assert found == {
            "begin": {"trial_title_missing", "trial_days_missing"},
            "check": {"trial_point_unknown", "trial_note_missing"},
            "find": {"trial_class_missing", "trial_finding_missing", "trial_owner_missing", "trial_due_missing"},
            "resolve": {"trial_resolution_missing"},
            "again": {"trial_resolved"},
        }


def test_a_practice_world_is_of_one_municipality_and_made_once(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        at, hanna = world.clock.now(), cast.viewer(session, "hanna")
        run, together = begun(session, cast), begun(session, cast, code=None)
        assert refused(lambda: trials.world_wanted(session, hanna, together, 50)) == {"trial_world_place"}
        for wrong in (None, 0, 2001):
            assert refused(lambda wrong=wrong: trials.world_wanted(session, hanna, run, wrong)) == {"trial_world_cases"}
        assert trials.world_wanted(session, hanna, run, 50) == 50
        trials.world_opened(session, hanna, run, "AB2CD", at)
        assert refused(lambda: trials.world_opened(session, hanna, run, "XY3ZZ", at)) == {"trial_world_there"}
        assert refused(lambda: trials.world_wanted(session, hanna, run, 50)) == {"trial_world_there"}


def test_one_tries_for_ones_own_municipalities(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        ours, theirs, together = (begun(session, cast, code=code) for code in ("waterveen", "duinrade", None))
        grant = update(RoleGrant).where(RoleGrant.person_id == cast.people["greet"])
        session.execute(grant.values(municipality_id=cast.municipalities["waterveen"]))
        greet = cast.viewer(session, "greet")
        places = greet.reach(*trials.MAY)
        assert [one.run.id for one in listed(session, places)] == [ours.id]
        assert [one.run.id for one in listed(session, None)] == [together.id, theirs.id, ours.id]
        assert trial(session, theirs.id, places) is trial(session, together.id, places) is None
        assert refused(lambda: begun(session, cast, "greet", None)) == {"trial_of_all"}
        assert refused(lambda: begun(session, cast, "greet", "duinrade")) == {"outside_your_work"}
        at = world.clock.now()
        assert refused(lambda: trials.find(session, greet, theirs, "people", "awkward", "x", "y", LAST, at)) == {
            "outside_your_work"
        }


@pytest.mark.parametrize("wrong", [
    "UPDATE trial_run SET ends_on = '2000-01-01'", "UPDATE trial_run SET accepted_by_id = 1",
    "UPDATE trial_finding SET severity = 'mild'", "UPDATE trial_finding SET resolution = 'done'",
])  # fmt: skip
def test_the_database_refuses_what_cannot_be(world: World, cast: Cast, wrong: str) -> None:
    with world.db.transaction() as session:
        run = begun(session, cast)
        at, hanna = world.clock.now(), cast.viewer(session, "hanna")
        trials.find(session, hanna, run, "people", "awkward", "x", "y", LAST, at)
    with pytest.raises(IntegrityError), world.db.transaction() as session:
        session.execute(text(wrong))


@given(st.lists(st.sampled_from(list(SEVERITIES))), st.sets(st.sampled_from(list(ACTIVITIES))))
def test_it_is_accepted_just_when_nothing_blocks_and_all_was_tried(severities: list[str], said: set[str]) -> None:
    lacking = {one.code: one.values["count"] for one in gaps(severities, dict.fromkeys(said, WORKS))}
    expected = {"trial_blocked": severities.count(BLOCKING), "trial_untried": len(ACTIVITIES) - len(said)}
    assert lacking == {code: count for code, count in expected.items() if count}


def test_every_element_of_the_handbook_is_tried() -> None:
    assert [one.key for one in ELEMENTS] == [
        "services", "people", "organisation", "processes", "information", "systems", "housing",
    ]  # fmt: skip
    assert all(one.activities for one in ELEMENTS)
    assert len(ACTIVITIES) == sum(len(one.activities) for one in ELEMENTS)
