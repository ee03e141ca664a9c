"""What a hostile insider or a careless user tries, and what comes of it."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest

from portal.access import Role
from portal.commands import substitutes
from portal.jobs import deliver
from portal.models.cases import Case
from portal.models.mail import MailLink, OutboxMail
from portal.models.people import Employment, Person, RoleGrant, Substitution, Unit
from portal.queries.cases import offers_to, standing
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.sample_files import jpeg
from workflows import CASE_TYPES

LARGE = "9" * 25
NOT_NUMBERS = ("²", "-1", "1e9", LARGE, "9" * 5000)


def _mail_to(world: World, name: str) -> list[str]:
    found = [m for m in world.transport.sent if m["To"].startswith(name)]
    return [m.get_body(("plain",)).get_content() for m in found]


def _token(world: World) -> str:
    with world.db.session() as session:
        return world.link_token(session.query(MailLink).order_by(MailLink.id.desc()).first().nonce)


@pytest.mark.parametrize("purpose", ["[[link:1]]", "[[[link:1]]", "[[link:7]]", "[[home:.evil.example/x]]"])
def test_no_mail_carries_the_link_of_another(world: World, cast: Cast, purpose: str) -> None:
    with world.db.transaction() as session:
        case = cast.draft(session, "anna")
        cast.act(session, "anna", case, "submit", content={**cast.content(case), "purpose": purpose})
    deliver.run(world, world.clock.now())
    token = _token(world)
    assert [token in text for text in _mail_to(world, "Bram")] == [True]
    assert [token in text for text in _mail_to(world, "Anna")] == [False]
    assert "localhost.evil" not in "".join(_mail_to(world, "Bram") + _mail_to(world, "Anna"))


def test_a_mail_written_before_still_carries_its_own_link_only(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.submitted(session)
        for mail in session.query(OutboxMail):
            mail.text += "\n\n[[link:1]] [[link:99]]\n"
    deliver.run(world, world.clock.now())
    token = _token(world)
    assert token not in _mail_to(world, "Anna")[0]
    assert token in _mail_to(world, "Bram")[0]


@pytest.mark.parametrize("cents", [1250, 60_000])
def test_a_link_shows_nothing_to_a_substitute_whose_time_is_over(
    world: World, cast: Cast, browse: Any, cents: int
) -> None:
    with world.db.transaction() as session:
        stand_in = substitutes.stand_in(
            session, cast.people["bram"], cast.people["aart"], date(2026, 11, 1), date(2026, 12, 31), date(2026, 11, 24)
        )
        session.flush()
        cast.submitted(session, cents=cents)
        ended = stand_in.id
    address, nobody = f"/akkoord/{_token(world)}", browse()
    assert nobody.get(address).status_code == 200
    assert nobody.get(f"{address}/bijlage/1").status_code == (200 if cents < 50_000 else 404)
    with world.db.transaction() as session:
        session.delete(session.get_one(Substitution, ended))
    assert nobody.get(address).status_code == 410
    assert nobody.get(f"{address}/bijlage/1").status_code == 404
    assert nobody.post(address, {"decision": "approve"}).status_code == 410


def _also(world: World, cast: Cast, name: str, role: Role) -> None:
    with world.db.transaction() as session:
        session.add(RoleGrant(person_id=cast.people[name], role=role.value, valid_from=SINCE))


def test_a_payment_is_released_from_its_own_page_only(world: World, cast: Cast, browse: Any) -> None:
    _also(world, cast, "dirk", Role.CLERK)
    with world.db.transaction() as session:
        case = cast.payable(session)
        number, version = case.number, case.version
    dirk = browse("dirk")
    for address, name in ((f"/werkvoorraad/{number}", "do"), (f"/zaken/{number}/release", "nothing")):
        assert dirk.post(address, {name: "release", "version": version}).status_code == 404
    for key in ("settle", "bounce", "submit", "check"):
        assert dirk.post(f"/zaken/{number}/{key}", {"reason": "x"}).status_code in (404, 422), key
        answer = dirk.post(f"/werkvoorraad/{number}", {"do": key, "version": version})
        assert answer.status_code in (404, 409, 422), key


def test_who_puts_a_payment_up_again_does_not_release_it(world: World, cast: Cast) -> None:
    _also(world, cast, "dirk", Role.CLERK)
    with world.db.transaction() as session:
        case = cast.payable(session)
        case.trail = [*case.trail, ["pay_again", cast.people["dirk"], None]]
        session.flush()
        viewer = cast.viewer(session, "dirk")
        release = next(o for o in offers_to(session, viewer, case, world.clock.now()) if o.action.key == "release")
        assert [r.code for r in release.refusals] == ["four_eyes_release"]
        assert CASE_TYPES[case.type].action("release").who & viewer.parties(standing(case))


def test_only_a_colleague_can_stand_in(cast: Cast, browse: Any) -> None:
    bram = browse("bram")
    period = {"first": "2026-11-24", "last": "2026-11-30"}
    for name, status in (("olga", 422), ("bram", 422), ("aart", 302)):
        answer = bram.post("/mijn-gegevens/vervanging", {**period, "substitute": cast.people[name]})
        assert answer.status_code == status, name


@pytest.mark.parametrize(
    "target",
    ["//[", "//evil.example", "/\\evil.example", "/\t\\evil.example", "/\t/evil.example", "/x\r\nSet-Cookie: a=b", "x"],
)
def test_nobody_is_sent_to_another_site(browse: Any, target: str) -> None:
    answer = browse().post("/taal/nl", {"next": target})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert browse().post("/taal/nl", {"next": "/zaken?after=3"}).headers["Location"] == "/zaken?after=3"


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_what_is_no_number_is_no_crash(world: World, cast: Cast, browse: Any, text: str) -> None:
    with world.db.transaction() as session:
        cast.submitted(session)
    anna, carla, dirk, hanna = browse("anna"), browse("carla"), browse("dirk"), browse("hanna")
    draft = anna.post("/zaken/nieuw/expense_claim", {"client_key": "k2"}).headers["Location"]
    contact = {"line": text, "channel": "telephone", "asked-0": "a", "answer-0": "b", f"asked-{text}": "c"}
    whole = {"line": "1", "channel": "telephone", "asked-0": "a", "outcome-0": "call_back", "subject-0": "other"}
    answers = [
        anna.get(f"/zaken?after={text}"),
        anna.get(f"/concept/{text}"),
        anna.get(f"/bijlagen/{text}"),
        anna.post(draft, {"do": f"remove:{text}"}),
        anna.post(draft, {"do": f"unreceipt:{text}"}),
        anna.post("/zaken/DEC-2026-000001/return", {"version": text, "reason": "x"}),
        anna.post("/mijn-gegevens/vervanging", {"first": "2026-11-24", "last": "2026-11-25", "substitute": text}),
        anna.post(f"/mijn-gegevens/vervanging/{text}/stoppen"),
        carla.get(f"/werkvoorraad?gemeente={text}"),
        carla.get(f"/werkvoorraad?after=2026-01-01T00:00:00%2B00:00_{text}"),
        carla.post(f"/contact/{cast.people['anna']}", contact),
        carla.post(f"/contact/{cast.people['anna']}", {**whole, "call_on-0": text}),
        carla.post(f"/contact/{cast.people['anna']}", {**whole, "do": f"remove:{text}"}),
        carla.get(f"/contact/open?lijn={text}&soort={text}&after={text}"),
        carla.get(f"/contact/vraag/{text}"),
        carla.get(f"/post?after={text}"),
        carla.get(f"/post/{text}"),
        carla.get(f"/post/1/pagina/{text}"),
        carla.post("/contact/vraag/1/persoon", {"person": text}),
        carla.post("/contact/vraag/1/doorgeven", {"line": text, "version": text}),
        carla.get(f"/mensen/{text}"),
        dirk.post("/betalingen/waterveen", {"payable": text}),
        dirk.get(f"/betalingen/batch/{text}"),
        dirk.post(f"/bank/post/{text}", {"resolution": "x"}),
        hanna.post(f"/beheer/post/{text}/opnieuw"),
        hanna.post("/beheer/post/99/opnieuw"),
    ]
    assert [a.request.path for a in answers if a.status_code >= 500] == []


@pytest.mark.parametrize("after", ["2026-01-01T00:00:00_5", "0001-01-01T00:00:00%2B23:59_5", "_5", "x", "%00_1"])
def test_a_wrong_cursor_is_no_page(browse: Any, after: str) -> None:
    assert browse("carla").get(f"/werkvoorraad?after={after}").status_code == 404


@pytest.mark.parametrize("name", ["lines-²-key", "lines-5", "lines-", "lines", "lines-0-\n", "lines-0-key\x00", "\x00"])
def test_strange_fields_do_not_lock_a_draft(browse: Any, name: str) -> None:
    anna = browse("anna")
    draft = anna.post("/zaken/nieuw/expense_claim", {"client_key": "k1"}).headers["Location"]
    typed = {name: "v\x00", "purpose": "Zitting\x00"}
    assert anna.post(draft, typed).status_code == 302
    assert anna.post(f"{draft}/bewaren", typed).status_code == 201
    page = anna.get(f"{draft}?controle=1")
    assert page.status_code == 200
    assert 'value="Zitting"' in page.text


def test_a_nul_is_no_crash(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        cast.submitted(session)
    bram, carla, dirk, nobody = browse("bram"), browse("carla"), browse("dirk"), browse()
    anna = cast.people["anna"]
    contact = {
        "line": "1", "channel": "telephone", "asked-0": "a\x00", "answer-0": "b\x00", "subject-0": "other",
        "outcome-0": "answered", "client_key": "\x00",
    }  # fmt: skip
    answers = [
        nobody.post("/aanmelden", {"username": "a\x00", "password": "b\x00"}),
        nobody.get("/akkoord/%00.x"),
        bram.get("/zaken/%00"),
        bram.post("/akkoord", {"case": "\x00:1"}),
        bram.post("/zaken/nieuw/expense_claim", {"client_key": "\x00"}),
        bram.post("/zaken/DEC-2026-000001/return", {"reason": "a\x00"}),
        carla.get("/werkvoorraad?zoek=%00"),
        carla.get("/mensen?zoek=a%00"),
        carla.get("/contact?zoek=a%00"),
        carla.post(f"/contact/{anna}/bewaren", contact),
        carla.post(f"/contact/{anna}", contact),
        carla.post("/contact/onbekend", {**contact, "caller": "a\x00"}),
        carla.get("/contact/open?after=%00"),
        carla.post("/post/1/zaak", {"number": "\x00"}),
        carla.post("/post/1/opzij", {"reason": "\x00"}),
        carla.get("/zaken/DEC-2026-000001/voorblad?regel=%00"),
        carla.get("/contact/vraag/1?wie=a%00"),
        carla.post("/contact/vraag/1/aanvullen", {"text": "a\x00"}),
        carla.post("/contact/vraag/1/zaak", {"number": "\x00"}),
        bram.post("/vragen", {"asked": "a\x00", "subject": "other", "client_key": "\x00", "case": "\x00"}),
        carla.post(f"/mensen/{anna}/rekening", {"client_key": "a\x00"}),
        dirk.post("/bank/post/1", {"resolution": "\x00"}),
    ]
    assert [a.request.path for a in answers if a.status_code >= 500] == []


def test_what_is_not_yours_is_not_there(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        draft = cast.draft(session, "anna", "k1").id
        number = cast.submitted(session, "anna", key="k2").number
        name = session.get_one(Person, cast.people["anna"]).name
    for who in ("aart", "olga", "otto", "carla", "dirk", "diane"):
        browser = browse(who)
        pages = [f"/concept/{draft}", f"/concept/{draft}/controleren", "/bijlagen/1"]
        pages += [f"/zaken/{number}", "/bijlagen/2"] if who != "carla" else []
        for page in pages:
            answer = browser.get(page)
            assert answer.status_code == 404, (who, page)
            assert name not in answer.text
        for page in ("", "/bewaren", "/bijlagen", "/indienen", "/weggooien"):
            assert browser.post(f"/concept/{draft}{page}").status_code == 404, (who, page)


def test_who_starts_elsewhere_next_year_still_claims_here(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        elsewhere = session.query(Unit).filter(Unit.name == "Directie Duinrade").one().id
        later = Employment(
            person_id=cast.people["anna"], unit_id=elsewhere, personnel_number="9", job_title="",
            valid_from=date(2027, 1, 1),
        )  # fmt: skip
        session.add(later)
    draft = browse("anna").post("/zaken/nieuw/expense_claim", {"client_key": "k1"}).headers["Location"]
    with world.db.session() as session:
        case = session.get_one(Case, int(draft.rpartition("/")[2]))
        assert case.municipality_id == cast.municipalities["waterveen"]


@pytest.mark.parametrize("name", ["bon €.jpg", 'б"о;н.jpg', "bon.jpg"])
def test_a_receipt_of_any_name_fits_in_a_header(browse: Any, name: str) -> None:
    anna = browse("anna")
    draft = anna.post("/zaken/nieuw/expense_claim", {"client_key": "k1"}).headers["Location"]
    upload = {"f": (io.BytesIO(jpeg()), name)}
    added = anna.post(f"{draft}/bijlagen?line=a", upload, content_type="multipart/form-data")
    answer = anna.get(f"/bijlagen/{added.json['id']}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].isascii()
