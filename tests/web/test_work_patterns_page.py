"""The page of somebody's work pattern: what is typed is saved and shown, or refused beside its field."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select, update

from portal.models.people import Employment, RoleGrant
from portal.models.work_patterns import EmploymentPattern
from portal.worlds import World
from tests.cast import Cast


def employment_of(world: World, person: int) -> int:
    with world.db.session(writes=False) as session:
        return session.scalars(select(Employment.id).where(Employment.person_id == person)).one()


def patterns(world: World) -> list[EmploymentPattern]:
    with world.db.session(writes=False) as session:
        return list(session.scalars(select(EmploymentPattern).order_by(EmploymentPattern.valid_from)))


def test_a_pattern_is_seen_set_and_taken_back(world: World, cast: Cast, browse: Any) -> None:
    hanna, anna = browse("hanna"), cast.people["anna"]
    employment = employment_of(world, anna)
    page = f"/beheer/mensen/{anna}/werktijden"
    assert page in hanna.get(f"/beheer/mensen/{anna}").text
    shown = hanna.get(page).text
    assert "Zoals voor iedereen is afgesproken" in shown
    assert re.search(rf'id="pattern{employment}-ma"[^>]*value="7,2"', shown)
    form = {"form": f"pattern{employment}", "first": "2026-12-01", "ma": "8", "di": "8:00", "do": "4,5",
            "wo2": "7:13", "reason": "Ouderschap"}  # fmt: skip
    assert hanna.post(f"{page}/{employment}", form).status_code == 302
    assert [(one.valid_from.isoformat(), one.weeks) for one in patterns(world)] == [("2026-12-01", 2)]
    shown = hanna.get(page).text
    assert "7:13" in shown
    assert "20,5" in shown
    assert "Werkpatroon ingesteld" in hanna.get(f"/beheer/mensen/{anna}").text
    back = f"{page}/{employment}/terugnemen/2026-12-01"
    answer = hanna.post(back, {"form": f"back{employment}-2026-12-01", "reason": ""})
    assert answer.status_code == 422
    assert re.search(rf'id="back{employment}-2026-12-01-reason"[^>]*aria-invalid="true"', answer.text)
    assert hanna.post(back, {"form": f"back{employment}-2026-12-01", "reason": "Toch niet"}).status_code == 302
    assert patterns(world) == []
    assert hanna.post(f"{page}/{employment}/terugnemen/morgen", {}).status_code == 404


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(world: World, cast: Cast, browse: Any) -> None:
    hanna, anna = browse("hanna"), cast.people["anna"]
    employment = employment_of(world, anna)
    page, key = f"/beheer/mensen/{anna}/werktijden", f"pattern{employment}"
    form = {"form": key, "first": "2026-12-01", "ma": "acht", "vr2": "9", "reason": "Omdat"}
    answer = hanna.post(f"{page}/{employment}", form)
    assert answer.status_code == 422
    assert re.search(rf'id="{key}-ma"[^>]*value="acht"[^>]*aria-invalid="true"', answer.text)
    assert re.search(rf'id="{key}-vr2"[^>]*value="9"', answer.text)
    for wrong, field in (({"ma": ""}, "ma"), ({"ma": "25"}, "ma"), ({"ma": "8", "first": "x"}, "first"),
                         ({"ma": "8", "first": "2019-01-01"}, "first"),
                         ({"ma": "8", "reason": ""}, "reason")):  # fmt: skip
        answer = hanna.post(f"{page}/{employment}", form | {"vr2": ""} | wrong)
        assert answer.status_code == 422, wrong
        assert re.search(rf'id="{key}-{field}"[^>]*aria-invalid="true"', answer.text), wrong
    assert patterns(world) == []


def test_ones_own_pattern_and_that_of_another_municipality_are_not_set(world: World, cast: Cast, browse: Any) -> None:
    hanna, own, olga = browse("hanna"), cast.people["hanna"], cast.people["olga"]
    shown = hanna.get(f"/beheer/mensen/{own}/werktijden").text
    assert "Een ander werkpatroon instellen" not in shown
    employment = employment_of(world, own)
    form = {"form": f"pattern{employment}", "first": "2026-12-01", "ma": "8", "reason": "Omdat"}
    answer = hanna.post(f"/beheer/mensen/{own}/werktijden/{employment}", form)
    assert answer.status_code == 422
    assert hanna.post(f"/beheer/mensen/{own}/werktijden/{employment_of(world, olga)}", form).status_code == 404
    with world.db.transaction() as session:
        session.execute(
            update(RoleGrant).where(RoleGrant.person_id == own).values(municipality_id=cast.municipalities["waterveen"])
        )
    there = f"/beheer/mensen/{olga}/werktijden"
    assert hanna.get(there).status_code == 404
    assert hanna.post(f"{there}/{employment_of(world, olga)}", form).status_code == 404
    assert patterns(world) == []
