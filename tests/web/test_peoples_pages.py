"""The pages of employees and managers over HTTP: receipts, deciding, substitutes, one's language, and the demo."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from portal import create_app
from portal.clock import local_date
from portal.commands import substitutes
from portal.models.cases import Case, Document
from portal.models.mail import MailLink
from portal.models.people import Person
from portal.web.decide import OWN_REQUEST
from portal.worlds import World
from tests.cast import Cast
from tests.conftest import Browser
from tests.jobs.helpers import free_port
from tests.sample_files import jpeg
from tests.web.said import says, sentence
from tests.web.stage import Stage


def start(browser: Any) -> str:
    return str(browser.post("/zaken/nieuw/expense_claim", {"client_key": "abc"}).headers["Location"])


def receipt(browser: Any, draft: str, content: bytes, name: str = "bon.jpg") -> Any:
    files = {"lines-0-receipt": (io.BytesIO(content), name)}
    json = {"Accept": "application/json"}
    return browser.post(f"{draft}/bijlagen?line=a", files, content_type="multipart/form-data", headers=json)


def test_a_receipt_is_added_seen_and_taken_away(world: World, browse: Any) -> None:
    anna = browse("anna")
    draft = start(anna)
    anna.post(draft, {"lines-0-key": "a", "lines-0-category": "parking"})
    added = receipt(anna, draft, jpeg())
    assert added.status_code == 201
    document = added.json["id"]
    assert f"/bijlagen/{document}" in anna.get(draft).text
    assert anna.get(f"/bijlagen/{document}?klein=1").headers["Content-Type"] == "image/jpeg"
    anna.post(draft, {"lines-0-key": "a", "do": f"unreceipt:{document}"})
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Document)).all() == []
    assert anna.get(f"/bijlagen/{document}").status_code == 404


def test_a_bad_file_is_refused_by_name_with_and_without_script(browse: Any) -> None:
    anna = browse("anna")
    draft = start(anna)
    refused = receipt(anna, draft, b"MZ\x90\x00 a program", "bon.jpg")
    assert (refused.status_code, refused.json["code"]) == (422, "file_type")
    assert refused.json["error"].startswith("bon.jpg: ")
    form = {"lines-0-key": "a", "do": "save", "lines-0-receipt": (io.BytesIO(b""), "leeg.pdf")}
    anna.post(draft, form, content_type="multipart/form-data")
    assert "leeg.pdf: " in anna.get(draft).text
    assert "leeg.pdf: " not in anna.get(draft).text, "it is said once"
    assert receipt(anna, draft, b"", "").status_code == 400


def test_without_its_scanner_no_file_is_taken_in(world: World, cast: Cast) -> None:
    away = replace(world, settings=replace(world.settings, clamd=f"127.0.0.1:{free_port()}"))
    app = create_app(away)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    anna = Browser(app.test_client())
    anna.post("/aanmelden", {"username": "anna", "password": cast.password})
    answer = receipt(anna, start(anna), jpeg())
    assert (answer.status_code, answer.json["code"]) == (422, "scanner_away")


def test_more_than_sixteen_megabytes_is_told_before_it_is_read(browse: Any) -> None:
    anna = browse("anna")
    much = b"x" * (16 * 1024 * 1024 + 1)
    answer = anna.post(f"{start(anna)}/bijlagen", much, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413


def test_removing_a_line_moves_the_others_up_and_takes_its_receipt_along(world: World, browse: Any) -> None:
    anna = browse("anna")
    draft = start(anna)
    typed = {f"lines-{i}-{name}": value for i, key in enumerate("abc") for name, value in
             (("key", key), ("description", f"Regel {key}"))}  # fmt: skip
    anna.post(draft, typed)
    receipt(anna, draft, jpeg())
    anna.post(draft, {**typed, "do": "remove:0"})
    with world.db.session(writes=False) as session:
        kept = session.scalars(select(Case)).one().draft
        assert session.scalars(select(Document)).all() == []
    assert kept == {
        "lines-0-key": "b", "lines-0-description": "Regel b", "lines-1-key": "c", "lines-1-description": "Regel c",
    }  # fmt: skip


def test_a_draft_can_be_thrown_away_and_a_numbered_case_cannot(browse: Any, stage: Stage) -> None:
    anna = browse("anna")
    assert anna.post(f"/concept/{stage.draft}/weggooien").status_code == 302
    assert anna.get(f"/concept/{stage.draft}").status_code == 404
    browse("bram").post(f"/zaken/{stage.number}/return", {"reason": "Nog eens"})
    returned = stage.draft - 1
    assert anna.get(f"/concept/{returned}").status_code == 200
    assert anna.post(f"/concept/{returned}/weggooien").status_code == 404


def menu(browser: Browser) -> list[str]:
    """The addresses in the main menu."""
    nav = re.search(r'<nav class="utrecht-nav-bar".*?</nav>', browser.get("/").text, re.DOTALL)
    assert nav
    return re.findall(r'href="([^"]+)"', nav[0])


def test_only_who_may_be_asked_has_approving_in_the_menu(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        today = local_date(world.clock.now())
        substitutes.stand_in(session, cast.people["bram"], cast.people["aart"], today, today, today)
    shown = {name: "/akkoord" in menu(browse(name)) for name in ("anna", "carla", "aart", "bram")}
    assert shown == {"anna": False, "carla": False, "aart": True, "bram": True}


def test_a_link_asks_for_a_choice_and_for_a_reason(browse: Any, stage: Stage) -> None:
    nobody, address = browse(), f"/akkoord/{stage.token}"
    assert says(nobody.post(address), "no_choice")
    assert says(nobody.post(address, {"decision": "release"}), "no_choice")
    assert says(nobody.post(address, {"decision": "reject", "reason": " "}), "reason_missing")
    answer = nobody.post(address, {"decision": "reject", "reason": "x" * 2001})
    assert says(answer, "reason_too_long")
    assert nobody.post(address, {"decision": "reject", "reason": "Geen werk"}).status_code == 302
    assert nobody.get(f"{address}/klaar").status_code == 200
    assert nobody.post(address, {"decision": "approve"}).status_code == 410


def test_a_link_that_was_passed_on_to_the_claimant_decides_nothing(browse: Any, stage: Stage) -> None:
    anna, address = browse("anna"), f"/akkoord/{stage.token}"
    for answer in (anna.get(address), anna.post(address, {"decision": "approve"})):
        assert answer.status_code == 403
        assert OWN_REQUEST.code == "link_own_case"
        assert (
            "Niemand beslist over een eigen aanvraag. De mail met deze link was bedoeld voor Bram de Wit" in answer.text
        )
    assert browse().get(address).status_code == 200, "the link itself still works for whom it was meant"
    assert browse("aart").get(address).status_code == 200


def test_above_the_limit_a_link_asks_to_sign_in_and_shows_no_receipts(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        cast.submitted(session, cents=50_001)
    with world.db.session(writes=False) as session:
        address = f"/akkoord/{world.link_token(session.scalars(select(MailLink)).one().nonce)}"
    nobody, bram = browse(), browse("bram")
    assert nobody.get(address).status_code == 200
    assert nobody.get(f"{address}/bijlage/1").status_code == 404
    assert nobody.post(address, {"decision": "approve"}).status_code == 422
    assert bram.get(f"{address}/bijlage/1").status_code == 200
    assert bram.post(address, {"decision": "approve"}).status_code == 302


def test_several_are_approved_at_once_and_each_stands_alone(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        good, stale = cast.submitted(session, key="1"), cast.submitted(session, key="2")
        ticked = [f"{good.number}:{good.version}", f"{stale.number}:{stale.version + 1}", "DEC-2026-999999:1"]
        ids = good.id, stale.id
    bram = browse("bram")
    assert bram.post("/akkoord", {"case": ticked}).status_code == 302
    page = bram.get("/akkoord").text
    assert sentence("just_before_you") in page
    with world.db.session(writes=False) as session:
        assert [session.get_one(Case, case_id).state for case_id in ids] == ["approved", "submitted"]


def test_a_step_from_an_old_page_is_refused(browse: Any, stage: Stage) -> None:
    bram = browse("bram")
    old = bram.post(f"/zaken/{stage.number}/approve", {"version": "1"})
    assert says(old, "just_before_you", 409)
    assert says(bram.post(f"/zaken/{stage.number}/fly"), "unknown_action", 409)


def test_a_substitute_is_chosen_and_taken_back(cast: Cast, browse: Any) -> None:
    bram = browse("bram")
    address, aart = "/mijn-gegevens/vervanging", cast.people["aart"]
    whole = {"substitute": aart, "first": "2026-12-01", "last": "2026-12-04"}
    for missing in whole:
        assert says(bram.post(address, {k: v for k, v in whole.items() if k != missing}), "substitute_incomplete")
    assert says(bram.post(address, {**whole, "last": "2026-11-30"}), "substitute_period")
    assert bram.post(address, whole).status_code == 302
    assert "Aart de Wit" in bram.get("/mijn-gegevens").text
    assert bram.post(f"{address}/1/stoppen").status_code == 302


def test_a_substitution_is_changed_and_the_dead_link_says_who_has_the_request(
    world: World, cast: Cast, browse: Any, stage: Stage
) -> None:
    bram, form = browse("bram"), "/mijn-gegevens/vervanging"
    days = {"first": "2026-11-24", "last": "2026-11-27"}
    assert bram.post(form, {**days, "substitute": cast.people["aart"]}).status_code == 302
    page = bram.get("/mijn-gegevens").text
    assert "1 open aanvraag is doorgezet naar wie nu beslist." in page
    dead = browse().get(f"/akkoord/{stage.token}")
    assert dead.status_code == 410
    assert "De beslissing ligt nu bij: Aart de Wit in de plaats van Bram de Wit." in dead.text
    assert "change=1" in page
    assert 'value="2026-11-27"' in bram.get("/mijn-gegevens?change=1").text
    changed = {**days, "substitute": cast.people["els"], "change": "1"}
    assert says(bram.post(form, {**changed, "change": "99"}), "substitution_gone")
    assert says(bram.post(form, {**changed, "substitute": cast.people["dirk"]}), "substitute_pays")
    assert bram.post(form, changed).status_code == 302
    assert "Els de Wit in de plaats van Bram de Wit" in browse().get(f"/akkoord/{stage.token}").text
    dossier = bram.get(f"/zaken/{stage.number}").text
    assert "Els de Wit in de plaats van Bram de Wit" in dossier
    browse("els").post(f"/zaken/{stage.number}/approve", {})
    assert "Els de Wit namens Bram de Wit" in bram.get(f"/zaken/{stage.number}").text


def test_a_language_is_chosen_and_the_mails_follow_it(world: World, cast: Cast, browse: Any) -> None:
    anna = browse("anna")
    assert 'lang="nl"' in anna.get("/").text
    anna.post("/taal/en", {"next": "/"})
    assert '<html lang="en"' in anna.get("/").text
    anna.post("/taal/xx", {"next": "/"})
    assert '<html lang="en"' in anna.get("/").text
    with world.db.session(writes=False) as session:
        assert session.get_one(Person, cast.people["anna"]).language == "en"
    nobody = browse()
    nobody.post("/taal/en")
    assert '<html lang="en"' in nobody.get("/aanmelden").text


def test_a_demo_shows_who_one_can_be_and_the_mail_that_was_sent(world: World, cast: Cast, stage: Stage) -> None:
    app = create_app(replace(world, settings=replace(world.settings, demo=True)))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    browser = Browser(app.test_client())
    assert "Carla de Wit" in browser.get("/demo/").text
    assert browser.get("/demo/post").status_code == 200
    assert "Aan Bram de Wit" in browser.get("/demo/post?aan=bram").text
    assert "Aan Bram de Wit" not in browser.get("/demo/post?aan=otto").text
    assert "Aan iemand met die naam" in browser.get("/demo/post?aan=100%25").text
    assert browser.get(f"/demo/post/{stage.mail}").status_code == 200
    assert browser.get("/demo/post/9999").status_code == 404
    assert browser.post("/demo/aanmelden/1").headers["Location"] == "/"
    assert "Anna de Wit" in browser.get("/").text


def test_an_error_page_fits_whoever_asks(browse: Any) -> None:
    anna = browse("anna")
    page = anna.get("/zaken/DEC-2026-404404")
    assert (page.status_code, page.content_type) == (404, "text/html; charset=utf-8")
    script = anna.get("/zaken/DEC-2026-404404", headers={"Accept": "application/json"})
    assert (script.status_code, list(script.json)) == (404, ["error"])
    assert anna.client.put("/zaken").status_code == 405
    assert browse().post("/afmelden").status_code == 401
