"""Naming a standing substitute on the page of one's own data."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from portal.models.people import Substitution
from portal.models.standing_substitutes import StandingSubstitute
from portal.worlds import World
from tests import leave
from tests.cast import Cast
from tests.web.test_statements import MOST, counted

PAGE = "/mijn-gegevens"


def standing(world: World) -> list[tuple[int, int]]:
    with world.db.session(writes=False) as session:
        return [(one.person_id, one.substitute_id) for one in session.scalars(select(StandingSubstitute))]


def test_a_standing_substitute_is_named_seen_and_let_go(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        leave.given(session, cast)
        case = leave.asked(session, cast, "2026-12-14", "2026-12-15", name="bram")
        cast.act(session, "diane", case, "approve")
    bram, diane = browse("bram"), cast.people["diane"]
    assert "Tijdens dit verlof beslist niemand voor u: 14 dec – 15 dec" in bram.get(PAGE).text
    assert bram.post(f"{PAGE}/vervanging/vast", {"standing": str(diane)}).status_code == 302
    assert standing(world) == [(cast.people["bram"], diane)]
    with counted(world) as found:
        page = bram.get(PAGE).text
    assert len(found) <= MOST, found
    assert "vanwege uw verlof" in page
    assert "beslist niemand voor u:" not in page
    assert re.search(rf'<option value="{diane}" selected>', page)
    assert bram.post(f"{PAGE}/vervanging/vast", {"standing": ""}).status_code == 302
    assert standing(world) == []
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Substitution)).all() == []


def test_only_a_colleague_can_be_named(world: World, cast: Cast, browse: Any) -> None:
    bram = browse("bram")
    for wrong in (cast.people["bram"], cast.people["olga"], "x", 10**9):
        answer = bram.post(f"{PAGE}/vervanging/vast", {"standing": str(wrong)})
        assert answer.status_code == 422, wrong
        assert re.search(r'id="standing"[^>]*aria-invalid="true"', answer.text)
    assert standing(world) == []
    assert "Uw vaste vervanger" not in browse("anna").get(PAGE).text, "who decides on nothing needs none"
