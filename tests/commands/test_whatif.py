"""Asking what happens when: what is refused, what was worked out before, and letting go."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.access import Role
from portal.commands import whatif
from portal.models.whatif import WhatIfModel, WhatIfRun
from portal.queries.whatif import ahead_of, fresh_model, last_trial, places_in, run_within, runs, scope_of, under_way
from portal.worlds import World
from tests.cast import Cast
from workflows.kernel import Refused

ONE: dict[str, Any] = {"question": "clerk_more", "name": "", "changes": [{"what": "more", "value": 1, "key": "clerk"}]}
OTHER: dict[str, Any] = {"question": "", "name": "Drukker", "changes": [{"what": "volume", "value": 1.2, "key": ""}]}


def model(world: World, sha256: str = "m1", scope: str = "*") -> WhatIfModel:
    return WhatIfModel(
        scope=scope, first=date(2026, 1, 1), last=date(2026, 11, 23), measured_at=world.clock.now(), cases=400,
        sha256=sha256, model={"name": "x"},
    )  # fmt: skip


def test_what_cannot_be_asked_is_refused_with_every_reason(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        greet, now = cast.viewer(session, "greet"), world.clock.now()
        for question, scenarios, codes in (
            ("", [], {"whatif_nothing"}),
            ("", [ONE] * 5, {"whatif_most"}),
            ("x" * 201, [ONE] * 5, {"whatif_most", "whatif_name_long"}),
        ):
            with pytest.raises(Refused) as refused:
                whatif.ask(session, greet, question, scenarios, now)
            assert refused.value.codes == codes
        assert session.scalar(select(func.count()).select_from(WhatIfRun)) == 0
        # When will what is open be done, is a question without any change.
        assert whatif.ask(session, greet, "", [], now, begins="forecast").begins == "forecast"


def test_so_many_wait_and_no_more_and_what_is_stopped_waits_no_longer(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        greet, now = cast.viewer(session, "greet"), world.clock.now()
        asked = [whatif.ask(session, greet, f"Vraag {nth}", [ONE], now) for nth in range(whatif.MOST_WAITING)]
        with pytest.raises(Refused) as refused:
            whatif.ask(session, greet, "Nog een", [ONE], now)
        assert refused.value.codes == {"whatif_busy"}
        near = replace(greet, roles=frozenset({(Role.TRAINER, cast.municipalities["waterveen"])}))
        assert whatif.ask(session, near, "Over ons", [ONE], now).scope != asked[0].scope  # others hold nobody up
        assert ahead_of(session, asked[2]) == 2
        whatif.stop(session, asked[0], now)
        assert asked[0].finished_at == now  # nobody had begun on it
        with pytest.raises(Refused) as refused:
            whatif.stop(session, asked[0], now)
        assert refused.value.codes == {"whatif_ended"}
        asked[1].begun_at = now
        whatif.stop(session, asked[1], now)
        assert asked[1].finished_at is None  # whoever works on it ends it
        session.flush()
        assert [one.id for one in under_way(session, "*")] == [one.id for one in asked[1:]]
        whatif.ask(session, greet, "Nog een", [ONE], now)


def test_what_was_worked_out_before_is_found_again_by_what_it_is_and_not_by_who_asks(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        now = world.clock.now()
        kept = whatif.keep_model(session, model(world))
        first = whatif.ask(session, cast.viewer(session, "greet"), "", [ONE, OTHER], now)
        first.finished_at, first.result, first.model_id = now, {"comparison": {}}, kept
        session.flush()
        ilse = cast.viewer(session, "ilse")
        assert whatif.ask(session, ilse, "", [ONE, OTHER], now).id == first.id
        named = {**OTHER, "name": "Heel druk"}
        differs: list[tuple[Any, Any]] = [
            ([OTHER, ONE], {}), ([ONE, named], {}), ([ONE, OTHER], {"seed": 2}),
            ([ONE, OTHER], {"changes": ONE["changes"]}),
        ]  # fmt: skip
        for scenarios, others in differs:
            again = whatif.ask(session, ilse, "", scenarios, now, **others)
            assert again.id != first.id
            assert again.result is None
        for one in under_way(session, "*"):
            whatif.stop(session, one, now)
        # What was measured yesterday is measured anew first, so what comes of it is not known.
        later = whatif.ask(session, ilse, "", [ONE, OTHER], now + timedelta(days=1))
        assert later.id != first.id
        assert later.key == ""


def test_measuring_is_under_way_once_and_gives_the_same_model_once(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        greet, now = cast.viewer(session, "greet"), world.clock.now()
        trial = whatif.measure(session, greet, now)
        assert whatif.measure(session, greet, now).id == trial.id
        found = last_trial(session, "*")
        assert found is not None
        assert found.id == trial.id
        kept = whatif.keep_model(session, model(world))
        again = model(world)
        again.measured_at, again.cases = now + timedelta(hours=1), 401
        assert whatif.keep_model(session, again) == kept
        fresh = fresh_model(session, "*", now)
        assert fresh is not None
        assert fresh.cases == 401
        assert whatif.keep_model(session, model(world, "m2")) != kept
        assert fresh_model(session, "*", now + timedelta(days=1)) is None


def test_who_looks_after_one_municipality_sees_what_was_asked_of_it_alone(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        now = world.clock.now()
        of_all = whatif.ask(session, cast.viewer(session, "greet"), "", [ONE], now)
        mine = scope_of({cast.municipalities["duinrade"]})
        assert run_within(session, mine, of_all.id) is None
        assert run_within(session, "*", of_all.id) is not None
        assert runs(session, mine) == ([], None)
        assert len(runs(session, "*")[0]) == 1
        assert places_in(mine) == {cast.municipalities["duinrade"]}
        assert places_in(scope_of(None)) is None
        of_all.scope = mine
        session.flush()
        assert run_within(session, mine, of_all.id) is not None


def test_the_list_of_what_was_asked_goes_on_where_it_stopped(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        greet, now = cast.viewer(session, "greet"), world.clock.now()
        for nth in range(3):
            whatif.stop(session, whatif.ask(session, greet, f"Vraag {nth}", [ONE], now), now)
        page, after = runs(session, "*", limit=2)
        assert [one.question for one in page] == ["Vraag 2", "Vraag 1"]
        rest, end = runs(session, "*", before=after, limit=2)
        assert [one.question for one in rest] == ["Vraag 0"]
        assert end is None
