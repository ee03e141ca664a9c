"""Scenarios in the portal: read as a trainer reads, copied, changed in a form and as text, taken in and given out."""

from __future__ import annotations

from html import unescape
from io import BytesIO
from re import findall
from typing import Any

import pytest

from portal.web.workshop.scenarios import NO_FILE, NO_MODEL, NOTHING_OF_ROLES
from portal.whatif import model
from portal.whatif.inputs import Law, Spread, measured
from portal.whatif.model_file import dumps
from portal.workshop import reading, shelf
from portal.worlds import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KEY = "claim-from-paper-to-portal"
SHIPPED = reading.SHIPPED / f"{KEY}.toml"
LIST = "/oefeningen/scenarios"
COPIED = (
    SHIPPED.read_text()
    .replace('title = "Declaratie van papier', 'title = "Kopie van Declaratie van papier', 1)
    .replace('title_en = "Claim from paper', 'title_en = "Copy of Claim from paper', 1)
)


@pytest.fixture
def greet(browse: Any) -> Any:
    return browse("greet")


@pytest.fixture
def own(greet: Any, world: World) -> str:
    """A copy of one's own, by its key."""
    answer = greet.post(f"{LIST}/{KEY}/kopie")
    assert answer.status_code == 302
    key = str(answer.headers["Location"].split("/")[3])
    assert (world.settings.instance / "scenarios" / f"{key}.toml").read_text() == COPIED
    return key


def fields(page: str) -> dict[str, str]:
    """What a form would send, untouched."""
    boxes = dict(findall(r'name="([\w.-]+)"[^>]*? value="([^"]*)"', page))
    boxes |= dict(findall(r'<textarea[^>]*? name="([\w.-]+)"[^>]*>([^<]*)</textarea>', page))
    return {name: unescape(value) for name, value in boxes.items()}


def test_a_trainer_reads_a_scenario_with_its_seats_its_deck_and_what_befalls_it(world: World, greet: Any) -> None:
    page = greet.get(LIST)
    for scenario in reading.scenarios(world.settings):
        assert scenario.title.nl in page.text
    page = greet.get(f"{LIST}/{KEY}")
    assert page.status_code == 200
    for said in ("Anna de Wit", "Met de trein naar Utrecht", "Els is ziek", "Iedereen declareert de bewonersavond",
                 "Dezelfde bon is al door Fatima gedeclareerd.", "Zoals het SSC het doet"):  # fmt: skip
        assert said in page.text
    assert "Willem Steenbergen" not in page.text
    assert "Willem Steenbergen" in greet.get(f"{LIST}/{KEY}?mensen=30").text
    assert greet.get(f"{LIST}/{KEY}?mensen=999").status_code == 200
    photo = greet.get(f"{LIST}/{KEY}/kaart/lunch-cliente/1")
    assert (photo.content_type, photo.data[:2]) == ("image/jpeg", b"\xff\xd8")
    ticket = greet.get(f"{LIST}/{KEY}/kaart/trein-utrecht/1")
    assert (ticket.content_type, ticket.data[:4]) == ("application/pdf", b"%PDF")
    invoice = greet.get(f"{LIST}/invoices-and-the-30-days/kaart/briefpapier/1")
    assert invoice.data.startswith(b"%PDF")
    for none in ("/kaart/lunch-cliente/2", "/kaart/nope/1", "/kaart/inspectie-dijk/1"):
        assert greet.get(f"{LIST}/{KEY}{none}").status_code == 404
    for none in ("nope", "..%2f..%2fsecret_key", "Claim-From", "a" * 99):
        assert greet.get(f"{LIST}/{none}").status_code == 404


def test_what_came_along_is_never_changed(world: World, greet: Any) -> None:
    before = SHIPPED.read_bytes()
    for page in ("tekst", "aanpassen", "aanpassen/trein-utrecht"):
        assert greet.get(f"{LIST}/{KEY}/{page}").headers["Location"] == f"{LIST}/{KEY}"
        assert greet.post(f"{LIST}/{KEY}/{page}", {"text": "title = 1", "title": "x"}).status_code == 404
    assert greet.post(f"{LIST}/{KEY}/verwijderen").status_code == 404
    assert SHIPPED.read_bytes() == before
    with pytest.raises(shelf.Refused) as refused:
        shelf.put(world.settings, KEY, "x", "y")
    assert refused.value.codes == {"scenario_came_along"}


def test_a_copy_is_changed_in_the_form_and_only_that_changes_in_the_file(world: World, greet: Any, own: str) -> None:
    page = greet.get(f"{LIST}/{own}/aanpassen")
    typed = fields(page.text)
    assert typed["title"] == "Kopie van Declaratie van papier naar portaal"
    typed |= {"title": 'Onze eigen "oefening"', "days": "7", "roles.clerk.error_rate": "0,3", "injects.0.hour": "10:15"}
    answer = greet.post(f"{LIST}/{own}/aanpassen", typed)
    assert answer.headers["Location"] == f"{LIST}/{own}"
    text = shelf.text_of(world.settings, own) or ""
    old, new = COPIED.splitlines(), text.splitlines()
    assert len(old) == len(new)
    assert [line for was, line in zip(old, new, strict=True) if was != line] == [
        'title = "Onze eigen \\"oefening\\""', "days = 7", "error_rate = 0.3", 'hour = "10:15"',
    ]  # fmt: skip
    scenario = reading.read_text(text, own)
    assert (scenario.title.nl, scenario.days, scenario.roles["clerk"].habits.error_rate) == (
        'Onze eigen "oefening"',
        7,
        0.3,
    )
    assert "Onze eigen &#34;oefening&#34;" in greet.get(LIST).text


def test_what_is_wrong_stands_beside_the_field_and_nothing_is_kept(world: World, greet: Any, own: str) -> None:
    typed = fields(greet.get(f"{LIST}/{own}/aanpassen").text)
    typed |= {"days": "honderd", "start": "2026-11-03", "roles.clerk.error_rate": "12", "injects.0.hour": "’s morgens"}
    answer = greet.post(f"{LIST}/{own}/aanpassen", typed)
    assert answer.status_code == 422
    for said in ("“days” moet een heel getal van 3 tot en met 30 zijn.", "Het verhaal begint op een maandag",
                 "“error_rate” moet een getal van 0 tot en met 1", "moet een uur in kantoortijd zijn"):  # fmt: skip
        assert answer.text.count(said) == 2, said
    assert 'value="honderd"' in answer.text
    assert 'id="days-error"' in answer.text
    assert shelf.text_of(world.settings, own) == COPIED


def test_a_card_is_changed_in_its_own_form(world: World, greet: Any, own: str) -> None:
    typed = fields(greet.get(f"{LIST}/{own}/aanpassen/parkeren-omgekeerd").text)
    spot = next(name for name in typed if name.endswith("lines.0.amount"))
    assert typed[spot] == "21,50"
    text = 'Regel een.\nRegel twee met een \\ en een ".'
    assert (
        greet.post(
            f"{LIST}/{own}/aanpassen/parkeren-omgekeerd", typed | {spot: "25,50", "cards.4.text": text}
        ).status_code
        == 302
    )
    scenario = reading.read_text(shelf.text_of(world.settings, own) or "", own)
    card = next(one for one in scenario.cards if one.key == "parkeren-omgekeerd")
    assert (card.typed["lines"][0]["amount"], card.text.nl) == ("25,50", text)
    assert greet.get(f"{LIST}/{own}/aanpassen/nope").status_code == 404
    assert greet.post(f"{LIST}/{own}/aanpassen/nope").status_code == 404
    wrong = greet.post(f"{LIST}/{own}/aanpassen/parkeren-omgekeerd", typed | {spot: "veel"})
    assert (wrong.status_code, "moet een bedrag tussen aanhalingstekens zijn" in wrong.text) == (422, True)


def test_text_is_judged_by_line_and_what_was_typed_stays(world: World, greet: Any, own: str) -> None:
    was = fields(greet.get(f"{LIST}/{own}/tekst").text)["was"]
    text = SHIPPED.read_text().replace('kind = "claim"', 'kind = "clame"', 1).replace("days = 9", "days = 90")
    answer = greet.post(f"{LIST}/{own}/tekst", {"text": text, "was": was})
    line = next(number for number, one in enumerate(text.splitlines(), start=1) if "clame" in one)
    assert answer.status_code == 422
    assert f'id="regel-{line}" class="ssc-lines__wrong"><span>{line}</span>' in answer.text
    assert "“clame” bestaat niet. Bedoelt u “claim”?" in answer.text
    assert "kind = &#34;clame&#34;" in answer.text
    assert shelf.text_of(world.settings, own) == COPIED
    right = SHIPPED.read_text().replace("people = 12", "people = 9").replace("\n", "\r\n")
    assert greet.post(f"{LIST}/{own}/tekst", {"text": right, "was": was}).status_code == 302
    assert (shelf.text_of(world.settings, own) or "").count("\npeople = 9\n") == 1
    again = greet.post(f"{LIST}/{own}/tekst", {"text": right, "was": was})
    assert (again.status_code, "Iemand anders heeft dit scenario intussen aangepast" in again.text) == (409, True)
    form = fields(greet.get(f"{LIST}/{own}/aanpassen").text)
    assert greet.post(f"{LIST}/{own}/aanpassen", form | {"was": was}).status_code == 409


def test_one_that_is_broken_on_disk_can_be_mended_as_text(world: World, greet: Any, own: str) -> None:
    (world.settings.instance / "scenarios" / f"{own}.toml").write_text("title = \n")
    assert "kan nog niet gespeeld worden" in greet.get(LIST).text
    assert greet.get(f"{LIST}/{own}").headers["Location"] == f"{LIST}/{own}/tekst"
    assert greet.get(f"{LIST}/{own}/aanpassen").headers["Location"] == f"{LIST}/{own}/tekst"
    assert greet.get(f"{LIST}/{own}/tekst").status_code == 200


def test_files_go_out_and_come_in(world: World, greet: Any, own: str) -> None:
    out = greet.get(f"{LIST}/{own}/bestand")
    assert (out.data, out.headers["Content-Disposition"]) == (COPIED.encode(), f"attachment; filename={own}.toml")
    text = SHIPPED.read_text().replace("Declaratie van papier naar portaal", "Van een collega")
    answer = greet.client.post(f"{LIST}/inlezen", data={"file": (BytesIO(text.encode()), "x.toml")})
    assert answer.headers["Location"] == f"{LIST}/van-een-collega/aanpassen"
    assert shelf.text_of(world.settings, "van-een-collega") == text
    bad = greet.client.post(f"{LIST}/inlezen", data={"file": (BytesIO(b"\xff\x00title = 1"), "x.toml")})
    assert (bad.status_code, "Dit bestand is nog geen scenario" in bad.text) == (422, True)
    none = greet.post(f"{LIST}/inlezen")
    assert (none.status_code, "Kies eerst het bestand met het scenario." in none.text) == (422, True)
    assert NO_FILE.code == "scenario_no_file"
    assert greet.post(f"{LIST}/{own}/verwijderen").status_code == 302
    assert shelf.text_of(world.settings, own) is None


def test_bots_go_about_as_a_model_was_measured(world: World, greet: Any, own: str) -> None:
    claim = model.Flow(
        "expense_claim", model.Arrivals(measured(9.0, 40), measured((1 / 168,) * 168, 40)),
        measured((model.Like("waterveen", 2500),), 40),
        touch={"approved": measured(Spread(Law.TABLE, (2.0, 21.0, 300.0)), 40)},
        reaction={"submitted": measured(Spread(Law.FIXED, (330.0,)), 60)},
    )  # fmt: skip
    content = dumps(model.Model("Gemeten", (claim,), ()))
    answer = greet.client.post(f"{LIST}/{own}/gewoonten", data={"file": (BytesIO(content.encode()), "model.toml")})
    assert answer.headers["Location"] == f"{LIST}/{own}/aanpassen"
    roles = reading.read_text(shelf.text_of(world.settings, own) or "", own).roles
    before = reading.read(SHIPPED).roles
    assert (roles["manager"].habits.reaction_hours, roles["clerk"].habits.handling_minutes) == (5.5, 21)
    assert (roles["manager"].habits.handling_minutes, roles["employee"]) == (
        before["manager"].habits.handling_minutes, before["employee"],
    )  # fmt: skip
    bad = greet.client.post(f"{LIST}/{own}/gewoonten", data={"file": (BytesIO(b"x = 1"), "model.toml")})
    assert (bad.status_code, 'id="file-error"' in bad.text) == (422, True)
    nothing = dumps(model.Model("Leeg", (), ())).encode()
    empty = greet.client.post(f"{LIST}/{own}/gewoonten", data={"file": (BytesIO(nothing), "model.toml")})
    assert "Dit model zegt niets over de rollen van dit scenario." in empty.text
    assert "Kies eerst het bestand met het wat-als-model." in greet.post(f"{LIST}/{own}/gewoonten").text
    assert {NO_MODEL.code, NOTHING_OF_ROLES.code} == {"scenario_no_model", "scenario_model_empty"}
    assert greet.post(f"{LIST}/{KEY}/gewoonten").status_code == 404


def test_there_is_an_end_to_scenarios_of_ones_own(world: World, greet: Any) -> None:
    folder = world.settings.instance / "scenarios"
    folder.mkdir(parents=True)
    for number in range(shelf.MOST):
        (folder / f"x-{number}.toml").touch()
    with pytest.raises(shelf.Refused) as refused:
        shelf.add(world.settings, "Nog een", "")
    assert refused.value.codes == {"scenario_too_many"}


def test_the_codes_of_refusals_are_ours(world: World, greet: Any, own: str) -> None:
    with pytest.raises(shelf.Refused) as refused:
        shelf.put(world.settings, own, "", "0")
    assert refused.value.codes == {"scenario_meanwhile"}
    assert (shelf.key_for(world.settings, "Ångström & Co."), shelf.key_for(world.settings, "!!")) == (
        "angstrom-co",
        "scenario",
    )
