"""The pages of administration: what is typed is saved and shown, or refused beside its field with nothing changed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.i18n import reading_in, say
from portal.models.changes import Change
from portal.models.mail import OutboxMail
from portal.models.people import Employment, Municipality, Person, RoleGrant, RoleRequest, Unit
from portal.web.admin.forms import DAY_WRONG
from portal.worlds import World
from tests.cast import SINCE, Cast
from workflows.kernel import Refusal

NEW = {
    "form": "new", "given_name": "Zoë", "family_name": "Ünal", "email": "zoe@example.org", "language": "nl",
    "unit": "2", "number": "9001", "job_title": "Jurist", "first": "2026-12-01",
}  # fmt: skip


def rows(world: World, what: Any) -> list[Any]:
    with world.db.session(writes=False) as session:
        return list(session.scalars(select(what)).all())


def say_in_dutch(refusal: Refusal) -> str:
    with reading_in("nl"):
        return say(refusal.sentence, refusal.values)


def test_somebody_is_added_and_found(world: World, browse: Any) -> None:
    hanna = browse("hanna")
    answer = hanna.post("/beheer/mensen/nieuw", NEW)
    assert answer.status_code == 302
    page = hanna.get(answer.location).text
    assert "Zoë Ünal" in page
    assert "9001" in page
    listed = hanna.get("/beheer/mensen?zoek=9001").text
    assert "Zoë Ünal" in listed
    assert "Aart" not in listed
    assert "Geen account" in listed


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(world: World, browse: Any) -> None:
    hanna, before = browse("hanna"), len(rows(world, Person))
    answer = hanna.post("/beheer/mensen/nieuw", NEW | {"email": "zoe", "given_name": "", "job_title": "Jurist x"})
    assert answer.status_code == 422
    assert re.search(r'id="new-email"[^>]*aria-invalid="true"', answer.text)
    assert 'href="#new-given_name"' in answer.text
    assert 'value="Jurist x"' in answer.text
    assert DAY_WRONG.code == "day_wrong"
    for day in ("morgen", "9999-12-31"):
        answer = hanna.post("/beheer/mensen/nieuw", NEW | {"first": day})
        assert answer.text.count(say_in_dutch(DAY_WRONG)) == 2, DAY_WRONG.code
    assert len(rows(world, Person)) == before
    assert rows(world, Change) == []


def test_an_employment_is_ended_and_moved(world: World, cast: Cast, browse: Any) -> None:
    hanna, anna = browse("hanna"), cast.people["anna"]
    (employment,) = (e for e in rows(world, Employment) if e.person_id == anna)
    where = f"/beheer/mensen/{anna}/dienstverband/{employment.id}"
    there = next(unit.id for unit in rows(world, Unit) if unit.municipality_id == cast.municipalities["duinrade"])
    form = {"form": f"move{employment.id}", "unit": there, "first": "2027-01-01", "number": "55", "reason": "Reorg"}
    refused = hanna.post(f"{where}/overplaatsen", form | {"reason": ""})
    assert refused.status_code == 422
    assert re.search(rf'id="move{employment.id}-reason"[^>]*aria-invalid', refused.text)
    assert hanna.post(f"{where}/overplaatsen", form).status_code == 302
    page = hanna.get(f"/beheer/mensen/{anna}").text
    assert "Overgeplaatst" in page
    assert "1 jan 2027" in page
    carla = cast.people["carla"]
    (employment,) = (e for e in rows(world, Employment) if e.person_id == carla)
    ended = hanna.post(
        f"/beheer/mensen/{carla}/dienstverband/{employment.id}/einde",
        {"form": f"end{employment.id}", "last": "2026-12-31", "reason": "Vertrekt"},
        follow_redirects=True,
    )
    assert "De rollen van Carla de Wit eindigen op dezelfde dag" in ended.text
    assert hanna.post(f"/beheer/mensen/{anna}/dienstverband/{employment.id}/einde", {}).status_code == 404


def test_a_weighty_role_waits_for_a_second_person(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        session.add(RoleGrant(person_id=cast.people["greet"], role="functional_manager", valid_from=SINCE))
    hanna, greet, anna = browse("hanna"), browse("greet"), cast.people["anna"]
    form = {"form": "role", "role": "treasurer", "municipality": "", "first": "2026-11-24", "reason": "Vervangt Dirk"}
    page = hanna.post(f"/beheer/mensen/{anna}/rol", form, follow_redirects=True).text
    assert "Een rol wacht op een tweede persoon" in page
    (asked,) = rows(world, RoleRequest)
    decide = f"/beheer/mensen/{anna}/rol/aanvraag/{asked.id}"
    own = hanna.post(f"{decide}/ja", {"form": "requests"})
    assert own.status_code == 422
    assert "tweede persoon" in own.text
    assert "Vervangt Dirk" in greet.get("/beheer/mensen").text
    assert greet.post(f"{decide}/ja", {"form": "requests"}).status_code == 302
    (grant,) = (grant for grant in rows(world, RoleGrant) if grant.person_id == anna)
    assert hanna.post(f"/beheer/mensen/{cast.people['hanna']}/rol", form).status_code == 422
    end = {"form": f"role{grant.id}", "last": "2026-11-24", "reason": "Klaar"}
    assert hanna.post(f"/beheer/mensen/{anna}/rol/{grant.id}/einde", end).status_code == 302


def test_an_account_is_made_linked_locked_and_unlocked(world: World, cast: Cast, browse: Any) -> None:
    hanna = browse("hanna")
    person = hanna.post("/beheer/mensen/nieuw", NEW).location
    assert hanna.post(f"{person}/account", {"form": "account", "username": "Z"}).status_code == 422
    assert hanna.post(f"{person}/account", {"form": "account", "username": "zoe"}).status_code == 302
    assert "Nog geen wachtwoord gekozen" in hanna.get(person).text
    assert hanna.post(f"{person}/account/link", {"form": "link"}).status_code == 302
    assert hanna.post(f"{person}/account/blokkeren", {"form": "lock", "reason": ""}).status_code == 422
    assert hanna.post(f"{person}/account/blokkeren", {"form": "lock", "reason": "Weg"}).status_code == 302
    assert "Geblokkeerd sinds" in hanna.get(person).text
    assert "Zoë" in hanna.get("/beheer/mensen?soort=locked").text
    assert hanna.post(f"{person}/account/link", {"form": "link"}).status_code == 422
    assert hanna.post(f"{person}/account/vrijgeven", {"form": "lock", "reason": "Terug"}).status_code == 302
    what = [row.what for row in sorted(rows(world, Change), key=lambda row: row.id)]
    assert what == ["employment.added", "person.added", "account.opened", "account.linked", "account.locked",
                    "account.unlocked"]  # fmt: skip


def test_a_password_is_chosen_by_the_link_once(world: World, cast: Cast, browse: Any) -> None:
    browse("hanna").post(f"/beheer/mensen/{cast.people['anna']}/account/link", {"form": "link"})
    nonce = next(iter(re.findall(r"\[\[account:([\w-]+)\]\]", mails(world)[-1])))
    page, nobody = f"/wachtwoord/{world.account_token(nonce)}", browse()
    assert "anna" in nobody.get(page).text
    assert nobody.post(page, {"new": "kort"}).status_code == 422
    assert nobody.post(page, {"new": "een heel nieuwe zin"}).status_code == 302
    assert nobody.get(page).status_code == 410
    assert nobody.post(page, {"new": "een heel nieuwe zin"}).status_code == 410
    assert nobody.get(f"/wachtwoord/{nonce}.{'0' * 40}").status_code == 404
    signed_in = nobody.post("/aanmelden", {"username": "anna", "password": "een heel nieuwe zin"})
    assert signed_in.status_code == 302


def mails(world: World) -> list[str]:
    return [mail.text for mail in rows(world, OutboxMail)]


def test_municipalities_and_units(world: World, cast: Cast, browse: Any) -> None:
    hanna = browse("hanna")
    pays = {"name": "Lindehoven", "account_name": "Gemeente Lindehoven", "iban": "NL91ABNA0417164300",
            "bic": "ABNANL2A"}  # fmt: skip
    wrong = hanna.post("/beheer/organisatie", {"form": "municipality", "code": "lindehoven", **pays, "iban": "NL00"})
    assert wrong.status_code == 422
    assert re.search(r'id="municipality-iban"[^>]*aria-invalid', wrong.text)
    made = hanna.post("/beheer/organisatie", {"form": "municipality", "code": "lindehoven", **pays})
    assert made.location == "/beheer/organisatie/lindehoven"
    unit = {"form": "unit", "name": "Team Wonen", "parent": "", "cost_centre": "1200"}
    assert hanna.post(f"{made.location}/afdeling", unit).status_code == 302
    assert hanna.post(f"{made.location}/afdeling", unit).status_code == 422
    (row,) = (row for row in rows(world, Unit) if row.name == "Team Wonen")
    change = {"form": "change", "name": "Team Water", "parent": "", "cost_centre": "1200", "reason": "Nieuwe naam"}
    assert hanna.post(f"/beheer/afdeling/{row.id}", change).status_code == 302
    assert hanna.post("/beheer/afdeling/2/sluiten", {"form": "close", "last": "2026-12-31", "reason": "x"}
                      ).status_code == 422  # fmt: skip
    close = {"form": "close", "last": "2026-12-31", "reason": "Opgeheven"}
    assert hanna.post(f"/beheer/afdeling/{row.id}/sluiten", close).status_code == 302
    assert "Vervalt na 31 dec 2026" in hanna.get(made.location).text
    assert hanna.post(f"/beheer/afdeling/{row.id}/openen", {"form": "close", "reason": "Toch"}).status_code == 302
    assert hanna.post(made.location, {"form": "pays", **pays, "bic": "INGBNL2A", "reason": "Bank"}).status_code == 302
    assert [m.bic for m in rows(world, Municipality) if m.code == "lindehoven"] == ["INGBNL2A"]


@pytest.mark.parametrize("page", ["/beheer/mensen/{olga}", "/beheer/organisatie/duinrade", "/beheer/afdeling/4"])
def test_a_manager_of_one_municipality_sees_no_other(world: World, cast: Cast, browse: Any, page: str) -> None:
    address = page.format(**cast.people)
    hanna = browse("hanna")
    assert hanna.get(address).status_code == 200
    with world.db.transaction() as session:
        session.execute(
            update(RoleGrant)
            .where(RoleGrant.person_id == cast.people["hanna"])
            .values(municipality_id=cast.municipalities["waterveen"])
        )
    assert hanna.get(address).status_code == 404
    listed = hanna.get("/beheer/mensen").text
    assert "Olga" not in listed
    assert "Anna" in listed
    assert "Gemeente toevoegen" not in hanna.get("/beheer/organisatie").text


def test_the_log_is_shown_and_given_as_a_file(world: World, browse: Any) -> None:
    hanna = browse("hanna")
    person = hanna.post("/beheer/mensen/nieuw", NEW | {"given_name": "=cmd()"}).location
    hanna.post(f"{person}/gegevens", NEW | {"form": "details", "phone": "06 1"})
    page = hanna.get("/beheer/wijzigingen?soort=person").text
    assert "Persoonsgegevens gewijzigd" in page
    assert "Dienstverband toegevoegd" not in page
    answer = hanna.get("/beheer/wijzigingen?csv=1")
    assert answer.headers["Content-Disposition"] == "attachment; filename=wijzigingen.csv"
    text = answer.data.decode("utf-8-sig")
    assert text.startswith("Wanneer;Wie;Wat;Over;Veld;Eerst;Daarna;Waarom\r\n")
    assert "'=cmd()" in text
    assert ";=cmd()" not in text
    assert hanna.get("/beheer/mensen?csv=1").data.decode("utf-8-sig").count("\r\n") == len(rows(world, Person)) + 1


def test_the_screens_stand_under_few_headings_and_those_of_the_current_one_are_shown(browse: Any) -> None:
    hanna = browse("hanna")
    reached: set[str] = set()
    headings = re.findall(r'<li><a href="([^"]+)"', _navs(hanna.get("/beheer/").text)[0])
    assert len(headings) == 4
    for address in headings:
        above, below = _navs(hanna.get(address).text)
        assert above.count('aria-current="true"') == 1
        assert below.count('aria-current="page"') == 1
        under = re.findall(r'<li><a href="([^"]+)"', below)
        assert address == under[0]
        assert 2 <= len(under) <= 6
        reached |= set(under)
    assert len(reached) >= 13
    for address in reached:
        assert _navs(hanna.get(address).text)[1].count('aria-current="page"') == 1, address


def _navs(page: str) -> list[str]:
    return re.findall(r'<nav class="ssc-tabs[^"]*".*?</nav>', page, re.DOTALL)
