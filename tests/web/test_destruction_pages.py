"""The functional manager judges a destruction list on its page; nobody else can."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from portal.access import Role
from portal.jobs import destroy
from portal.models.cases import Case
from portal.models.destruction import DestructionContact, DestructionList
from portal.models.people import RoleGrant
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import pass_days
from tests.commands.test_contact_destruction import agree, spoke


@pytest.fixture
def listed(world: World, cast: Cast) -> int:
    with world.db.transaction() as session:
        for key in ("1", "2"):
            cast.act(session, "anna", cast.submitted(session, key=key), "withdraw")
    pass_days(world, 366)
    destroy.run(world, world.clock.now())
    with world.db.session(writes=False) as session:
        return session.scalars(select(DestructionList.id)).one()


def test_a_list_is_judged_and_carried_out(world: World, cast: Cast, browse: Any, listed: int) -> None:
    hanna, page = browse("hanna"), f"/beheer/vernietiging/{listed}"
    assert "Te beoordelen" in hanna.get("/beheer/vernietiging").text
    assert "18.5 Afgebroken" in hanna.get(page).text
    without = hanna.post(f"{page}/bewaren/1", {"reason": ""})
    assert without.status_code == 422
    assert "Schrijf op waarom" in without.text
    assert hanna.post(f"{page}/bewaren/1", {"reason": "Er loopt een bezwaar"}).status_code == 302
    assert "Er loopt een bezwaar" in hanna.get(page).text
    assert hanna.post(f"{page}/goedkeuren").status_code == 302
    assert hanna.post(f"{page}/goedkeuren").status_code == 422
    assert hanna.post(f"{page}/terugnemen").status_code == 302
    assert hanna.post(f"{page}/goedkeuren").status_code == 302
    pass_days(world, 1)
    destroy.run(world, world.clock.now())
    hanna = browse("hanna")
    assert "deze zaken zijn vernietigd" in hanna.get(page).text.lower()
    assert hanna.post(f"{page}/terugnemen").status_code == 422
    with world.db.session(writes=False) as session:
        assert [case.number for case in session.scalars(select(Case))] == ["DEC-2026-000001"]


def test_others_and_other_municipalities_have_no_list(world: World, cast: Cast, browse: Any, listed: int) -> None:
    with world.db.transaction() as session:
        session.execute(
            update(RoleGrant)
            .where(RoleGrant.role == Role.FUNCTIONAL_MANAGER.value)
            .values(municipality_id=cast.municipalities["duinrade"])
        )
    for name in ("hanna", "carla", "anna"):
        browser = browse(name)
        assert browser.get(f"/beheer/vernietiging/{listed}").status_code == 404
        for deed in ("goedkeuren", "terugnemen", "bewaren/1"):
            assert browser.post(f"/beheer/vernietiging/{listed}/{deed}", {"reason": "x"}).status_code == 404


def test_contacts_without_a_case_stand_on_the_list_too(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        agree(session, 12)
        spoke(session, cast)
        spoke(session, cast, "aart")
    pass_days(world, 400)
    destroy.run(world, world.clock.now())
    with world.db.session(writes=False) as session:
        page = f"/beheer/vernietiging/{session.scalars(select(DestructionList.id)).one()}"
        first, second = session.scalars(select(DestructionContact.id).order_by(DestructionContact.id)).all()
    hanna = browse("hanna")
    shown = hanna.get(page).text
    assert "Contacten zonder zaak op deze lijst" in shown
    assert "Zaken op deze lijst" not in shown
    without = hanna.post(f"{page}/bewaren/contact/{first}", {"reason": ""})
    assert without.status_code == 422
    assert f'id="reason--{first}-error"' in without.text
    assert hanna.post(f"{page}/bewaren/contact/{first}", {"reason": "Er loopt een klacht"}).status_code == 302
    assert "Er loopt een klacht" in hanna.get(page).text
    assert browse("carla").post(f"{page}/bewaren/contact/{second}", {"reason": "x"}).status_code == 404
    assert hanna.post(f"{page}/goedkeuren").status_code == 302
