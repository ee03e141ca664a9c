"""The pages of the SSC over HTTP: what they do, what they say when something is wrong, and that typing is kept."""

from __future__ import annotations

import io
import re
from typing import Any

from sqlalchemy import select

from portal.models.cases import Case
from portal.models.contact import Contact
from portal.models.mail import OutboxMail
from portal.models.payments import BankEntry, BankFile, BatchLine
from portal.worlds import World
from tests.cast import Cast
from tests.commands.money import also_treasurer, booked, credit, debit, paying, take_in
from tests.web.said import says, sentence
from tests.web.stage import Stage


def upload(browser: Any, content: bytes, name: str = "antwoord.xml") -> Any:
    return browser.post("/bank", {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def test_a_bank_file_by_hand(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        _, (line,) = paying(session, cast)
    dirk = browse("dirk")
    assert says(dirk.post("/bank"), "no_file")
    refused = upload(dirk, b"<broken")
    assert refused.status_code == 422
    assert upload(dirk, booked(debit(line))).status_code == 302
    with world.db.session(writes=False) as session:
        assert session.scalars(select(BankFile.refused).order_by(BankFile.id)).all() == ["bank_file_not_xml", ""]
        assert session.get_one(BatchLine, line.id).settled_at is not None
    page = dirk.get("/bank")
    assert page.text.count("antwoord.xml") == 2
    assert upload(browse("carla"), b"x").status_code == 404, "a clerk looks, a treasurer takes in"


def test_an_entry_is_taken_off_the_list(world: World, cast: Cast, browse: Any, stage: Stage) -> None:
    carla = browse("carla")
    answer = carla.post(f"/bank/post/{stage.entry}", {"resolution": " "})
    assert says(answer, "resolution_missing")
    assert carla.post(f"/bank/post/{stage.entry}", {"resolution": "Teruggestort"}).status_code == 302
    assert carla.post(f"/bank/post/{stage.entry}", {"resolution": "Nog eens"}).status_code == 404
    with world.db.session(writes=False) as session:
        assert session.get_one(BankEntry, stage.entry).resolution == "Teruggestort"


def test_payments_are_released_by_ticking_them(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        number = cast.payable(session).number
    dirk = browse("dirk")
    page = dirk.get("/betalingen/waterveen")
    ticked = re.findall(r'name="payable" value="(\d+)"', page.text)
    assert len(ticked) == 1
    assert says(dirk.post("/betalingen/waterveen"), "nothing_chosen")
    answer = dirk.post("/betalingen/waterveen", {"payable": ticked[0]})
    assert answer.status_code == 302
    assert number in dirk.get(answer.headers["Location"]).text
    assert says(dirk.post("/betalingen/waterveen", {"payable": ticked[0]}), "not_proposed")
    assert dirk.get("/betalingen/nergens").status_code == 404


def test_what_cannot_be_paid_is_shown_with_why(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        cast.payable(session)
        cast.payable(session, key="k2")
        cast.changes_account(session)
    dirk = browse("dirk")
    page = dirk.get("/betalingen/waterveen").text
    assert 'name="payable"' not in page
    assert "1 december 2026" in page
    (address,) = set(re.findall(r'action="(/betalingen/waterveen/rekening/\d+)"', page))
    assert page.count(f'action="{address}"') == 1, "once for each account"
    assert says(dirk.post(address, {"reason": ""}), "reason_missing")
    assert dirk.post(address, {"reason": "Zelf gesproken"}).status_code == 302
    page = dirk.get("/betalingen/waterveen").text
    assert page.count('name="payable"') == 2
    assert says(dirk.post(address, {"reason": "Nog eens"}), "hold_over")
    assert dirk.post("/betalingen/waterveen/rekening/99", {"reason": "x"}).status_code == 422
    assert browse("carla").post(address, {"reason": "x"}).status_code == 404


def test_a_treasurer_sees_that_another_must_pay_them(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        also_treasurer(session, cast, "anna")
        cast.payable(session)
    assert sentence("own_payment") in browse("anna").get("/betalingen/waterveen").text


def test_the_list_of_batches_says_how_many_payments_are_paid(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        _, lines = paying(session, cast, 1250, 4300)
    dirk = browse("dirk")
    assert "0 van 2" in dirk.get("/betalingen").text
    take_in(world, booked(debit(lines[0])))
    assert "1 van 2" in dirk.get("/betalingen").text
    take_in(world, booked(credit(lines[0])))
    assert "0 van 2" in dirk.get("/betalingen").text


def test_a_free_case_is_to_be_taken_and_says_so_once(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        cast.act(session, "bram", case, "approve")
        number = case.number
    page = browse("carla").get(f"/zaken/{number}").text
    assert page.count(f'action="/zaken/{number}/nemen"') == 1
    assert sentence("not_held") not in page


def test_only_a_clerk_sees_where_a_rate_was_agreed(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        case = cast.draft(session, "anna")
        content = cast.content(case)
        content["lines"][0] |= {"category": "own_car", "km": "10", "rate": "23", "rate_source": "Besluit 7"}
        cast.act(session, "anna", case, "submit", content=content)
        number = case.number
    shown = {name: browse(name).get(f"/zaken/{number}").text for name in ("anna", "bram", "carla")}
    assert all("0,23" in page for page in shown.values())
    assert [name for name, page in shown.items() if "Besluit 7" in page] == ["carla"]


def test_a_contact_is_recorded_with_its_case(world: World, cast: Cast, browse: Any, stage: Stage) -> None:
    carla, address = browse("carla"), f"/contact/{cast.people['anna']}"
    assert carla.get(f"/contact?zoek={stage.number.lower()}").headers["Location"].startswith(address)
    answer = carla.post(address, {"asked-0": "Waar blijft <het>?", "line": "7", "outcome-0": "answered"})
    for code in ("channel_unknown", "line_unknown", "answer_missing", "subject_unknown"):
        assert says(answer, code)
    assert "Waar blijft &lt;het&gt;?" in answer.text
    whole = {
        "channel": "counter", "line": "2", "subject-0": "progress", "asked-0": "Waar?", "answer-0": "Hier",
        "outcome-0": "answered", "case-0": stage.number,
    }  # fmt: skip
    assert carla.post(address, whole).headers["Location"] == f"/zaken/{stage.number}"
    assert "Waar?" in carla.get(f"/zaken/{stage.number}").text
    with world.db.session(writes=False) as session:
        last = session.scalars(select(Contact).order_by(Contact.id.desc())).first()
        assert last is not None
        assert (last.channel, last.line, last.clerk_id) == ("counter", 2, cast.people["carla"])


def test_an_account_number_is_asked_for_by_one_and_checked_by_another(cast: Cast, browse: Any) -> None:
    anna, carla = browse("anna"), browse("carla")
    assert "/zaken/nieuw/account_change" in anna.get("/mijn-gegevens").text
    draft = anna.post("/zaken/nieuw/account_change", {"client_key": "abc"}).headers["Location"]
    answer = anna.post(draft, {"iban": "NL92ABNA0417164300", "holder": "", "do": "review"})
    page = anna.get(anna.get(answer.headers["Location"]).headers["Location"]).text
    assert 'value="NL92ABNA0417164300"' in page
    assert page.count('href="#iban"') == page.count('href="#holder"') == 1
    answer = anna.post(draft, {"iban": "NL91 ABNA 0417 1643 00", "holder": "A. de Wit", "do": "review"})
    review = anna.get(answer.headers["Location"]).text
    assert "NL91 ABNA 0417 1643 00" in review
    assert "belt u op het telefoonnummer" in review
    assert "wachten betalingen aan u." in review
    address = anna.post(f"{draft}/indienen").headers["Location"]
    assert address == "/zaken/REK-2026-000001"
    for page in (anna.get(address).text, carla.get(address).text, anna.get("/zaken").text, anna.get("/").text):
        assert "4300" not in page.replace(" ", "").replace("••4300", ""), "a number is never shown whole"
    assert "REK-2026-000001" in anna.get("/mijn-gegevens").text, "it says that payments wait for it"
    bench = carla.post("/werkvoorraad/volgende").headers["Location"]
    page = carla.get(bench).text
    assert "NL91 ABNA 0417 1643 00" in page, "whoever must compare the number needs to see it"
    ticks = dict.fromkeys(re.findall(r'name="(tick-account-\w+)"', page), "on")
    assert len(ticks) == 3
    refused = carla.post(bench, {"checklist": "1", "do": "check", **dict(list(ticks.items())[:2])})
    assert refused.status_code == 422
    assert carla.post(bench, {"checklist": "1", "do": "check", **ticks}).status_code == 302
    assert "••43 00" in anna.get("/mijn-gegevens").text
    assert "1 december 2026" in anna.get("/mijn-gegevens").text


def test_a_clerk_asks_for_who_calls_and_does_not_check_it(cast: Cast, browse: Any) -> None:
    els, carla, anna = browse("els"), browse("carla"), f"/mensen/{cast.people['anna']}"
    assert f'action="{anna}/rekening"' in els.get(anna).text
    assert f'action="{anna}/rekening"' not in browse("hanna").get(anna).text
    draft = els.post(f"{anna}/rekening", {"client_key": "abc"}).headers["Location"]
    assert els.post(f"{anna}/rekening", {"client_key": "abc"}).headers["Location"] == draft
    els.post(draft, {"iban": "NL91ABNA0417164300", "holder": "A. de Wit", "do": "review"})
    address = els.post(f"{draft}/indienen").headers["Location"]
    assert els.post(f"{draft}/indienen").headers["Location"] == address
    assert says(els.post(f"{address}/nemen"), "own_from_queue", 409)
    assert carla.post(f"{address}/nemen").status_code == 302
    assert els.post(f"/mensen/{cast.people['els']}/rekening").status_code == 404, "their own is theirs to ask for"
    assert browse("anna").post(f"{anna}/rekening").status_code == 404


def test_the_queue_is_filtered_and_a_case_taken_and_given_back(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        cast.act(session, "bram", case, "approve")
        number = case.number
    carla, els = browse("carla"), browse("els")
    for query, there in (("", True), ("?zoek=zitting", True), ("?zoek=nergens", False), ("?gemeente=1", True),
                         ("?gemeente=2", False), ("?wie=taken", False), ("?leeftijd=late", False)):  # fmt: skip
        assert (number in carla.get(f"/werkvoorraad{query}").text) is there, query
    assert carla.post(f"/zaken/{number}/nemen").headers["Location"] == f"/werkvoorraad/{number}"
    assert carla.get(f"/werkvoorraad/{number}").status_code == 200
    assert says(els.post(f"/zaken/{number}/nemen"), "taken", 409)
    kept = carla.post(f"/werkvoorraad/{number}/vinkjes", {"checklist": "1", "tick-a-legible": "1"})
    assert (kept.status_code, "version" in kept.json) == (201, True)
    assert says(carla.post(f"/werkvoorraad/{number}", {"do": "send_back", "checklist": "1"}), "reason_missing")
    assert carla.post(f"/zaken/{number}/teruggeven").headers["Location"] == "/werkvoorraad"
    assert els.post("/werkvoorraad/volgende").headers["Location"] == f"/werkvoorraad/{number}"
    assert carla.post("/werkvoorraad/volgende").headers["Location"] == "/werkvoorraad"


def test_the_bench_keeps_what_was_typed_and_says_what_is_missing(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        cast.act(session, "bram", case, "approve")
        number = case.number
    carla = browse("carla")
    carla.post("/werkvoorraad/volgende")
    bench = f"/werkvoorraad/{number}"
    answer = carla.post(bench, {"do": "check", "checklist": "1", "granted-a": "99,00"})
    assert (answer.status_code, 'value="99,00"' in answer.text) == (422, True)
    answer = carla.post(bench, {"do": "check", "checklist": "1", "tick-a-legible": "1"})
    assert (answer.status_code, "3" in answer.text) == (422, True)
    typed = {"granted-a": "0", "reason-a": "Privé", "checklist": "1"}
    all_ticks = {f"tick-a-{check}": "1" for check in ("legible", "amount", "date", "for_work")}
    assert carla.post(bench, {"do": "adjust", **typed, **all_ticks}).headers["Location"] == bench
    nothing = carla.post(bench, {"do": "check", **typed, **all_ticks})
    assert nothing.status_code == 422
    with world.db.session(writes=False) as session:
        case = session.scalars(select(Case)).one()
        assert (case.state, case.claimed_cents, case.sanctioned_cents) == ("approved", 1250, 0)


def test_a_mail_that_was_given_up_is_put_in_line_again(world: World, browse: Any, stage: Stage) -> None:
    with world.db.transaction() as session:
        mail = session.get_one(OutboxMail, stage.mail)
        mail.failed_at, mail.last_error = world.clock.now(), "550 no such user"
    hanna = browse("hanna")
    assert "550 no such user" in hanna.get("/beheer/").text
    assert hanna.post(f"/beheer/post/{stage.mail}/opnieuw").status_code == 302
    with world.db.session(writes=False) as session:
        assert session.get_one(OutboxMail, stage.mail).failed_at is None
