"""Who could sign what on a day: as the portal itself would ask, for those whose work it is, and as a file."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from portal.models.people import Mandate, Person, RoleGrant
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import whole
from tests.commands.test_approvers import asked, away, designate, leave


def cells(answer: Any) -> list[list[str]]:
    """The rows of a file, its header first."""
    assert answer.status_code == 200, answer.text
    assert answer.content_type.startswith("text/csv")
    return [line.split(";") for line in answer.data.decode("utf-8-sig").strip().split("\r\n")]


def signers(browser: Any, **question: object) -> list[tuple[str, str, str]]:
    """Unit, signature and name of each row."""
    query = {"bedrag": "10", "csv": "1", **question}
    return [(row[0], row[2], row[3]) for row in cells(browser.get("/tekenbevoegdheid", query_string=query))[1:]]


def test_every_unit_shows_who_is_asked_first_and_who_signs_above(world: World, cast: Cast, browse: Any) -> None:
    carla = browse("carla")
    here = {"gemeente": cast.municipalities["waterveen"]}
    assert signers(carla, **here) == [
        ("Directie Waterveen", "eerste", "Diane de Wit"), ("Team Vergunningen", "eerste", "Bram de Wit"),
    ]  # fmt: skip
    above = signers(carla, **here, bedrag="1.000,01", kostenplaats="1100")
    assert above == [
        ("Team Vergunningen", "eerste", "Bram de Wit"), ("Team Vergunningen", "tweede", "Diane de Wit"),
    ]  # fmt: skip
    nobody = signers(carla, **here, medewerker="diane")
    assert nobody == [
        ("Directie Waterveen", "eerste", "Niemand, dus het SSC zoekt iemand"),
        ("Directie Waterveen", "tweede", "Niemand, dus het SSC zoekt iemand"),
    ]  # fmt: skip


def test_the_answer_is_whom_the_portal_asks(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        designate(cast, session, "otto", 5_000)
        for who in ("anna", "bram", "diane"):
            name = asked(cast, session, who)
            session.commit()
            shown = signers(
                browse("els"),
                gemeente=cast.municipalities["waterveen"],
                medewerker=f"{who}@example.org",
                bedrag="12,50",
            )
            assert shown[0][2] == f"{str(name).capitalize()} de Wit", who


def test_who_is_away_has_a_substitute_and_who_may_not_is_passed_over(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        away(cast, session, "bram", "els")
        away(cast, session, "bram", "aart")
    place = cast.municipalities["waterveen"]
    question = {"gemeente": place, "medewerker": "aart", "bedrag": "10", "csv": "1"}
    row = cells(browse("carla").get("/tekenbevoegdheid", query_string=question))[1]
    assert (row[3], row[6]) == ("Bram de Wit", "Els de Wit")
    assert row[7] == "Aart de Wit vervangt, maar dit is een aanvraag van deze persoon zelf."
    later = cells(browse("carla").get("/tekenbevoegdheid", query_string={**question, "dag": "2026-12-24"}))[1]
    assert later[6:] == ["", ""]


def test_what_held_on_another_day_is_told_as_it_was_then(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        leave(cast, session, "bram")
    place, carla = cast.municipalities["waterveen"], browse("carla")
    names = [
        signers(carla, gemeente=place, medewerker="anna@example.org", dag=day)[0][2]
        for day in ("2026-11-23", "2026-11-24")
    ]
    assert names == ["Bram de Wit", "Diane de Wit"]
    before = carla.get(f"/tekenbevoegdheid?gemeente={place}&bedrag=1&medewerker=anna@example.org&dag=1999-01-01")
    assert "werkt hier op deze dag niet" in before.text


def test_what_was_typed_wrong_is_said_beside_it(world: World, cast: Cast, browse: Any) -> None:
    carla, place = browse("carla"), cast.municipalities["waterveen"]
    page = carla.get(f"/tekenbevoegdheid?gemeente={place}&bedrag=veel&dag=morgen&medewerker=de+wit").text
    for said in (
        "Vul een bedrag in, zoals 250,00.",
        "Dit is geen datum.",
        "Er zijn meer mensen die passen. Kies er een.",
    ):
        assert said in page
    assert 'value="veel"' in page
    assert f'<option value="{cast.people["anna"]}"' in page
    chosen = signers(carla, gemeente=place, medewerker="de wit", wie=cast.people["anna"])
    assert chosen[0][2] == "Bram de Wit"
    assert "werkt niemand met deze naam" in carla.get(f"/tekenbevoegdheid?gemeente={place}&medewerker=zzz").text
    assert carla.get("/tekenbevoegdheid?gemeente=999").status_code == 404


def test_a_contract_manager_sees_their_own_municipality_alone(world: World, cast: Cast, browse: Any) -> None:
    duinrade = cast.municipalities["duinrade"]
    with world.db.transaction() as session:
        who = RoleGrant.person_id == cast.people["farid"]
        session.execute(update(RoleGrant).where(who).values(municipality_id=duinrade))
        cast.submitted(session, "diane")
    farid = browse("farid")
    assert farid.get(f"/tekenbevoegdheid?gemeente={cast.municipalities['waterveen']}").status_code == 404
    page = farid.get("/tekenbevoegdheid").text
    assert "Duinrade" in page
    assert "Waterveen" not in page
    assert "DEC-2026-000001" not in page
    assert {row[0] for row in cells(farid.get("/tekenbevoegdheid/mandaten"))[1:]} == {"Duinrade"}


def test_the_register_holds_what_was_in_force_and_no_formula(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        session.get_one(Person, cast.people["bram"]).given_name = "=1+1"
        session.add(
            Mandate(
                person_id=cast.people["bram"], municipality_id=cast.municipalities["waterveen"], kind="expense_claim",
                maximum_cents=100, cost_centres="12*", valid_from=SINCE, valid_to=SINCE,
            )
        )  # fmt: skip
    hanna = browse("hanna")
    rows = cells(hanna.get("/tekenbevoegdheid/mandaten?dag=2026-11-24"))
    assert [(row[0], row[2], row[3]) for row in rows[1:]] == [
        ("Duinrade", "Otto de Wit", "€\xa010.000,00"),
        ("Waterveen", "'=1+1 de Wit", "€\xa01.000,00"),
        ("Waterveen", "Diane de Wit", "€\xa010.000,00"),
    ]
    assert rows[2][8:] == ["ja", "Team Vergunningen"]
    assert len(cells(hanna.get(f"/tekenbevoegdheid/mandaten?dag={SINCE}"))) == 5
    assert hanna.get("/tekenbevoegdheid/mandaten?dag=x").status_code == 404


def test_what_nobody_may_decide_on_stands_on_the_page_for_the_ssc(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        number = whole(session, cast.submitted(session, "diane").id).number
    assert f"/zaken/{number}" in browse("carla").get("/tekenbevoegdheid").text
    page = browse("hanna").get("/tekenbevoegdheid").text
    assert str(number) in page
    assert f"/zaken/{number}" not in page
