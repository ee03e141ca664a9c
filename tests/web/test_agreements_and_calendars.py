"""The pages where agreements and closing days are kept."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select, update

from portal.models.people import Municipality, Policy, RoleGrant
from portal.worlds import World
from tests.cast import Cast

NEW = {
    "form": "policy", "place": "all", "value": "0,25", "first": "2027-01-01", "last": "",
    "source": "Belastingplan 2027, art. 3", "reason": "Nieuw jaar",
}  # fmt: skip
PAGE = "/beheer/afspraken/nieuw/rate_km_cents"


def rates(world: World) -> list[tuple[str, str, str]]:
    with world.db.session(writes=False) as session:
        rows = session.scalars(select(Policy).where(Policy.key == "rate_km_cents").order_by(Policy.valid_from))
        return [(row.value, row.valid_from.isoformat(), str(row.valid_to or "")) for row in rows]


def test_an_agreement_is_added_shown_and_taken_back(world: World, browse: Any) -> None:
    hanna, before = browse("hanna"), rates(world)
    assert "Eigen auto" in hanna.get("/beheer/afspraken/nieuw").text
    assert hanna.post(PAGE, NEW).location == "/beheer/afspraken"
    listed = hanna.get("/beheer/afspraken").text
    assert re.search(r"€\s0,25 per kilometer", listed)
    assert "Belastingplan 2027, art. 3" in listed
    assert rates(world)[-1] == ("25", "2027-01-01", "")
    with world.db.session(writes=False) as session:
        (new,) = session.scalars(select(Policy.id).where(Policy.source == NEW["source"]))
    page = hanna.get(f"/beheer/afspraken/{new}/einde").text
    assert "1 januari 2027" in page
    assert hanna.post(f"/beheer/afspraken/{new}/einde", {"form": "end", "reason": ""}).status_code == 422
    assert hanna.post(f"/beheer/afspraken/{new}/einde", {"form": "end", "reason": "Ging niet door"}).status_code == 302
    assert rates(world) == before


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(world: World, browse: Any) -> None:
    hanna, before = browse("hanna"), rates(world)
    answer = hanna.post(PAGE, NEW | {"value": "veel", "place": "", "source": ""})
    assert answer.status_code == 422
    for name in ("value", "place", "source"):
        assert re.search(rf'id="policy-{name}"[^>]*aria-invalid="true"', answer.text), name
    assert 'value="veel"' in answer.text
    assert hanna.post(PAGE, NEW | {"first": "morgen"}).status_code == 422
    assert hanna.get("/beheer/afspraken/nieuw/bestaat-niet").status_code == 404
    assert hanna.get("/beheer/afspraken/999999/einde").status_code == 404
    assert rates(world) == before


def test_a_change_begins_with_what_holds(world: World, browse: Any) -> None:
    with world.db.session(writes=False) as session:
        (now,) = session.scalars(select(Policy.id).where(Policy.key == "rate_km_cents", Policy.valid_to.is_(None)))
    page = browse("hanna").get(f"{PAGE}?gemeente=all&na={now}").text
    assert re.search(r'id="policy-value"[^>]*value="0,23"', page)
    assert re.search(r'<option value="all" selected', page)


def test_closing_days_are_added_and_taken_away(world: World, cast: Cast, browse: Any) -> None:
    hanna, place = browse("hanna"), cast.municipalities["waterveen"]
    with world.db.transaction() as session:
        session.execute(update(Municipality).values(closing_days={}))
    typed = {"form": "day", "place": str(place), "day": "2027-05-07", "name": "Brugdag"}
    wrong = hanna.post("/beheer/agenda", typed | {"day": "2027-04-27", "name": ""})
    assert wrong.status_code == 422
    assert re.search(r'id="day-day"[^>]*aria-invalid="true"', wrong.text)
    assert hanna.post("/beheer/agenda", typed | {"place": ""}).status_code == 422
    assert hanna.post("/beheer/agenda", typed).location == "/beheer/agenda?jaar=2027"
    page = hanna.get("/beheer/agenda?jaar=2027").text
    assert "Brugdag" in page
    assert "Koningsdag" in page
    away = f"/beheer/agenda/{place}/2027-05-07/weg"
    refused = hanna.post(away, {"form": f"away-{place}-2027-05-07", "reason": ""}, follow_redirects=True)
    assert "Brugdag" in refused.text
    gone = hanna.post(away, {"form": f"away-{place}-2027-05-07", "reason": "Toch open"}, follow_redirects=True)
    assert "Brugdag" not in gone.text
    assert hanna.post(f"/beheer/agenda/{place}/onzin/weg", {}).status_code == 404
    assert hanna.get("/beheer/agenda?jaar=1800").status_code == 200


def test_a_manager_of_one_municipality_changes_no_other(world: World, cast: Cast, browse: Any) -> None:
    hanna, mine = browse("hanna"), cast.municipalities["waterveen"]
    with world.db.transaction() as session:
        session.execute(
            update(RoleGrant).where(RoleGrant.person_id == cast.people["hanna"]).values(municipality_id=mine)
        )
    form = hanna.get(PAGE).text
    assert 'value="all"' not in form
    assert "Duinrade" not in form
    assert hanna.post(PAGE, NEW).status_code == 422
    theirs = {"form": "day", "place": str(cast.municipalities["duinrade"]), "day": "2027-05-07", "name": "Brugdag"}
    assert hanna.post("/beheer/agenda", theirs).status_code == 404
    with world.db.session(writes=False) as session:
        of_all = session.scalars(select(Policy.id).where(Policy.municipality_id.is_(None)).limit(1)).one()
    assert hanna.get(f"/beheer/afspraken/{of_all}/einde").status_code == 404
