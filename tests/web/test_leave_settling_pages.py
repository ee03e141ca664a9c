"""The SSC settles leave on its pages: what lapses, with proof beside it, and corrections by two clerks."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.jobs import deliver, leave_settling
from portal.models.leave_settling import LeaveCorrection, LeaveLapse
from portal.models.people import Municipality, Policy, RoleGrant
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import here
from tests.leave import STATUTORY_2026, entries, given, granted, left, lots


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


@pytest.fixture
def ended(world: World, cast: Cast) -> World:
    """A world in which people were told in time, and the year after that has ended."""
    with world.db.transaction() as session:
        given(session, cast)
        session.add_all(
            Policy(key=key, value=value, valid_from=date(2026, 1, 1), source="test")
            for key, value in (("leave_notice_days", "183"), ("leave_notice_least_days", "60"))
        )
    for at in (here("2027-07-10 02:00"), here("2028-01-02 02:00")):
        world.clock.advance(at - world.clock.now())  # type: ignore[attr-defined]
        leave_settling.lapse(world, at)
        deliver.run(world, at)
    return world


def of(world: World, cast: Cast, name: str) -> LeaveLapse:
    with world.db.session(writes=False) as session:
        return session.scalars(
            select(LeaveLapse).where(LeaveLapse.person_id == cast.people[name], LeaveLapse.ends_as == "lapses")
        ).one()


def test_a_clerk_sees_the_proof_and_lets_it_lapse_or_keeps_it(ended: World, cast: Cast, browse: Any) -> None:
    carla = browse("carla")
    page = text(carla.get("/verlof/vervallen"))
    assert "Bericht op 10 jul" in page
    assert "Alles met bewijs goedkeuren: Waterveen" in page
    one, other = of(ended, cast, "anna"), of(ended, cast, "bram")
    empty = carla.post(f"/verlof/vervallen/{other.id}/bewaren", {"reason": " "})
    assert empty.status_code == 422
    assert "Schrijf op waarom deze uren niet vervallen." in text(empty)
    assert carla.post(f"/verlof/vervallen/{other.id}/bewaren", {"reason": "Kon niet"}).status_code == 302
    assert carla.post(f"/verlof/vervallen/{one.id}/laten").status_code == 302
    assert carla.post(f"/verlof/vervallen/{one.id}/laten").status_code == 422
    with ended.db.session(writes=False) as session:
        assert left(session, cast)["statutory", 2026] == 0
        assert left(session, cast, "bram")["statutory", 2026] == STATUTORY_2026
    assert carla.post("/verlof/vervallen/waterveen/goedkeuren").status_code == 302
    assert carla.post("/verlof/vervallen/waterveen/goedkeuren").status_code == 422
    assert carla.post("/verlof/vervallen/nergens/goedkeuren").status_code == 404
    assert carla.post("/verlof/vervallen/999999/laten").status_code == 404


def test_a_clerk_of_another_municipality_has_nothing_to_settle(ended: World, cast: Cast, browse: Any) -> None:
    one = of(ended, cast, "anna")
    with ended.db.transaction() as session:
        session.execute(
            update(RoleGrant)
            .where(RoleGrant.person_id == cast.people["carla"])
            .values(municipality_id=cast.municipalities["duinrade"])
        )
    carla = browse("carla")
    assert "Anna" not in text(carla.get("/verlof/vervallen"))
    assert carla.post(f"/verlof/vervallen/{one.id}/laten").status_code == 404
    assert carla.post("/verlof/vervallen/waterveen/goedkeuren").status_code == 404
    assert carla.get(f"/mensen/{cast.people['anna']}/verlof/corrigeren").status_code == 404
    for name in ("anna", "bram"):
        assert browse(name).post(f"/verlof/vervallen/{one.id}/laten").status_code == 404


def test_one_clerk_asks_for_a_correction_and_another_confirms(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        given(session, cast)
        lot = next(one.id for one in lots(session, cast) if one.kind == "statutory")
    carla, els, page = browse("carla"), browse("els"), f"/mensen/{cast.people['anna']}/verlof/corrigeren"
    assert "Saldo corrigeren" in text(carla.get(f"/mensen/{cast.people['anna']}/verlof"))
    typed = {"form": "correct", "lot": str(lot), "how": "take", "hours": "x", "reason": "Dubbel"}
    wrong = carla.post(page, typed)
    assert wrong.status_code == 422
    assert "Dubbel" in wrong.get_data(as_text=True)
    assert carla.post(page, {"form": "correct"}).status_code == 422
    assert carla.post(page, {**typed, "hours": "1:30"}).status_code == 302
    waiting = carla.get("/verlof/correcties")
    assert "-1,5" in text(waiting).replace("−", "-")
    assert "U hebt dit gevraagd" in text(waiting)
    with world.db.session(writes=False) as session:
        key = session.scalars(select(LeaveCorrection.id)).one()
    own = carla.post(f"/verlof/correcties/{key}/bevestigen")
    assert own.status_code == 422
    assert els.post(f"/verlof/correcties/{key}/bevestigen").status_code == 302
    assert els.post(f"/verlof/correcties/{key}/afwijzen").status_code == 422
    assert els.post(f"/verlof/correcties/{key}/weggooien").status_code == 404
    with world.db.session(writes=False) as session:
        assert left(session, cast)["statutory", 2026] == STATUTORY_2026 - 90
        assert entries(session, cast)[-1].reason == "Dubbel"
    assert "Dubbel" in text(browse("anna").get("/verlof"))


def test_the_functional_manager_hears_who_is_on_leave_on_a_closing_day(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        place = session.get_one(Municipality, cast.municipalities["waterveen"])
        place.closing_days = {}
        session.flush()
        session.expire_all()
        given(session, cast)
        granted(session, cast, "2026-12-24")
    hanna = browse("hanna")
    day = {"form": "day", "place": str(cast.municipalities["waterveen"]), "day": "2026-12-24", "name": "Kerstavond"}
    said = text(hanna.get(hanna.post("/beheer/agenda", day).headers["Location"]))
    assert "1 persoon heeft verlof op deze dag" in said
    leave_settling.free_days(world, world.clock.now())
    key = f"{cast.municipalities['waterveen']}/2026-12-24"
    gone = hanna.post(f"/beheer/agenda/{key}/weg",
                      {"form": f"away-{key.replace('/', '-')}", "reason": "Toch open"})  # fmt: skip
    assert "1 persoon had verlofuren terug" in text(hanna.get(gone.headers["Location"]))


def test_a_clerk_books_hours_that_somebody_buys(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        given(session, cast)
    carla, els, page = browse("carla"), browse("els"), f"/mensen/{cast.people['anna']}/verlof/corrigeren"
    assert "Gekocht verlof van 2027, nog niets gekocht" in text(carla.get(page))
    key = f"bought-{cast.municipalities['waterveen']}-2027"
    typed = {"form": "correct", "lot": key, "how": "add", "hours": "200", "reason": "Verlofaanvraag 2027"}
    wrong = carla.post(page, typed)
    assert wrong.status_code == 422
    assert "ten hoogste 144 uur" in text(wrong)
    assert f'<option value="{key}" selected' in wrong.get_data(as_text=True)
    assert carla.post(page, {**typed, "hours": "36"}).status_code == 302
    anna = browse("anna")
    assert "Gekocht verlof" not in text(anna.get("/verlof"))
    with world.db.session(writes=False) as session:
        one = session.scalars(select(LeaveCorrection.id)).one()
    assert els.post(f"/verlof/correcties/{one}/bevestigen").status_code == 302
    shown = text(anna.get("/verlof"))
    assert "Gekocht verlof 2027" in shown
    assert "Gekocht voor 2027 Verlofaanvraag 2027" in shown
