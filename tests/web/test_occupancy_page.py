"""The page of a unit's minimum occupancy: what is typed is saved and shown, or refused beside its field."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select, update

from portal.models.occupancy import MinimumOccupancy
from portal.models.people import Employment, RoleGrant
from portal.worlds import World
from tests.cast import Cast

PAGE = "/beheer/afdeling/2/bezetting"


def rows(world: World) -> list[tuple[str, int]]:
    with world.db.session(writes=False) as session:
        found = session.scalars(select(MinimumOccupancy).order_by(MinimumOccupancy.id))
        return [(one.job_title, one.people) for one in found]


def test_a_minimum_is_set_seen_and_taken_back(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        session.execute(
            update(Employment).where(Employment.person_id == cast.people["anna"]).values(job_title="Jurist")
        )
    hanna = browse("hanna")
    assert PAGE in hanna.get("/beheer/afdeling/2").text
    assert "geen minimum ingesteld" in hanna.get(PAGE).text
    form = {"form": "set", "title": "Jurist", "people": "1", "first": "2026-12-01", "reason": "Spreekuur"}
    assert hanna.post(PAGE, form).status_code == 302
    assert rows(world) == [("Jurist", 1)]
    shown = hanna.get(PAGE).text
    assert "ten minste 1 persoon" in shown
    back = {"form": "back0", "title": "Jurist", "first": "2026-12-01", "reason": ""}
    answer = hanna.post(f"{PAGE}/terugnemen", back)
    assert answer.status_code == 422
    assert re.search(r'id="back0-reason"[^>]*aria-invalid="true"', answer.text)
    assert hanna.post(f"{PAGE}/terugnemen", back | {"title": "Bode"}).status_code == 404
    assert hanna.post(f"{PAGE}/terugnemen", back | {"first": "morgen"}).status_code == 404
    assert hanna.post(f"{PAGE}/terugnemen", back | {"reason": "Toch niet"}).status_code == 302
    assert rows(world) == []


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(world: World, browse: Any) -> None:
    hanna = browse("hanna")
    form = {"form": "set", "title": "", "people": "2", "first": "2026-12-01", "reason": "Omdat"}
    for wrong, field in (({"people": "twee"}, "people"), ({"people": "0"}, "people"), ({"first": ""}, "first"),
                         ({"first": "2026-01-01"}, "first"), ({"first": "x"}, "first"), ({"reason": " "}, "reason"),
                         ({"title": "Bode"}, "title")):  # fmt: skip
        answer = hanna.post(PAGE, form | wrong)
        assert answer.status_code == 422, wrong
        assert re.search(rf'id="set-{field}"[^>]*aria-invalid="true"', answer.text), wrong
        assert re.search(r'id="set-reason"[^>]*value="(Omdat| )"', answer.text), wrong
    assert rows(world) == []


def test_a_unit_of_another_municipality_does_not_exist(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        session.execute(
            update(RoleGrant)
            .where(RoleGrant.person_id == cast.people["hanna"])
            .values(municipality_id=cast.municipalities["duinrade"])
        )
    hanna = browse("hanna")
    form = {"form": "set", "title": "", "people": "2", "first": "2026-12-01", "reason": "Omdat"}
    assert hanna.get(PAGE).status_code == 404
    assert hanna.post(PAGE, form).status_code == 404
    assert hanna.post(f"{PAGE}/terugnemen", form).status_code == 404
    assert rows(world) == []
