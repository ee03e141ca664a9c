"""Every page is closed unless it is marked, and what somebody may not see does not exist for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from portal.access import ANYONE, EMPLOYEE, PRACTICE, TRAINER_DESK, Role
from portal.models.people import RoleGrant
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import whole
from tests.conftest import browser_of
from tests.web.stage import Stage

EVERYBODY = frozenset(
    {"anna", "aart", "bram", "diane", "carla", "els", "dirk", "farid", "greet", "hanna", "ilse", "olga", "otto"}
)
CLERKS = frozenset({"carla", "els"})
MANAGERS = frozenset({"hanna", "ilse"})
IMAGINERS = frozenset({"greet", "ilse"})
OF_ANNAS_CLAIM = CLERKS | {"anna", "bram"}

PAGES: Mapping[str, frozenset[str]] = {
    "/": EVERYBODY,
    "/zaken": EVERYBODY,
    "/akkoord": EVERYBODY,
    "/zaken/nieuw/expense_claim/werkgever": EVERYBODY,
    "/registreren/purchase_invoice": CLERKS,
    "/zaken/INK-2026-000001": CLERKS | {"anna"},
    "/zaken/INK-2026-000001/coderen": CLERKS,
    "/namens": EVERYBODY,
    "/namens/{anna}/expense_claim/werkgever": CLERKS,
    "/verlof/jaar": EVERYBODY,
    "/team/verlof": EVERYBODY,
    "/mijn-gegevens": EVERYBODY,
    "/verlof": EVERYBODY,
    "/mijn-gegevens/inzage": EVERYBODY,
    "/werkvoorraad": CLERKS,
    "/wat-als": IMAGINERS,
    "/wat-als/eigen": IMAGINERS,
    "/wat-als/vertrouwen": IMAGINERS,
    "/wat-als/{whatif}": IMAGINERS,
    "/wat-als/{whatif}/cijfers.csv": IMAGINERS,
    "/wat-als/{whatif}/antwoord.pdf": IMAGINERS,
    "/contact": CLERKS,
    "/contact?zoek=anna": CLERKS,
    "/contact/{anna}": CLERKS,
    "/contact/onbekend": CLERKS,
    "/contact/open": CLERKS,
    "/contact/vraag/{question}": CLERKS,
    "/vragen": EVERYBODY,
    "/post": CLERKS,
    "/post/{part}": CLERKS,
    "/post/{part}/pagina/1": CLERKS,
    "/zaken/{number}/voorblad": CLERKS | {"anna"},
    "/mensen": CLERKS | {"hanna"},
    "/mensen?zoek=de wit": CLERKS | {"hanna"},
    "/mensen/{anna}": CLERKS | {"hanna"},
    "/mensen/{anna}/verlof": CLERKS,
    "/mensen/{anna}/verlof/corrigeren": CLERKS,
    "/verlof/vervallen": CLERKS,
    "/verlof/correcties": CLERKS,
    "/tekenbevoegdheid": CLERKS | {"dirk", "farid", "hanna"},
    "/tekenbevoegdheid?bedrag=10": CLERKS | {"dirk", "farid", "hanna"},
    "/steekproef": CLERKS | {"farid", "hanna", "ilse"},
    "/steekproef/waterveen/2026-11": CLERKS | {"farid", "hanna", "ilse"},
    "/tekenbevoegdheid/mandaten": CLERKS | {"dirk", "farid", "hanna"},
    "/beheer/leiding": frozenset({"hanna"}),
    "/beheer/agenda": frozenset({"hanna"}),
    "/beheer/afspraken/nieuw": frozenset({"hanna"}),
    "/beheer/afspraken/nieuw/rate_km_cents": frozenset({"hanna"}),
    "/beheer/afspraken/2/einde": frozenset({"hanna"}),
    "/beheer/inlezen": frozenset({"hanna"}),
    "/beheer/inlezen/{handed_in}": frozenset({"hanna"}),
    "/beheer/mensen/{bram}/vervanging": frozenset({"hanna"}),
    "/beheer/mensen/{bram}/werktijden": frozenset({"hanna"}),
    "/beheer/mandaten": frozenset({"hanna"}),
    "/facturen": CLERKS,
    "/facturen/{invoice}": CLERKS,
    "/facturen/{invoice}/bestand": CLERKS,
    "/leveranciers": CLERKS | {"dirk"},
    "/leveranciers?zoek=bakkerij": CLERKS | {"dirk"},
    "/leveranciers/nieuw": CLERKS,
    "/leveranciers/{supplier}": CLERKS | {"dirk"},
    "/leveranciers/{supplier}/wijzigen": CLERKS,
    "/leveranciers/{supplier}/rekening": CLERKS,
    "/leveranciers/verzoek/{asked}": CLERKS | {"dirk"},
    "/bank": CLERKS | {"dirk"},
    "/betalingen": frozenset({"dirk"}),
    "/betalingen/waterveen": frozenset({"dirk"}),
    "/betalingen/batch/{batch}": frozenset({"dirk"}),
    "/betalingen/batch/{batch}/bestand": frozenset({"dirk"}),
    "/op-tijd-betalen": frozenset({"dirk", "farid", "ilse"}),
    "/op-tijd-betalen/waterveen/2026": frozenset({"dirk", "farid", "ilse"}),
    "/op-tijd-betalen/waterveen/2026-11/lijst.csv": frozenset({"dirk", "farid", "ilse"}),
    "/rapporten": frozenset({"farid", "ilse"}),
    "/rapporten?gemeente=waterveen": frozenset({"farid", "ilse"}),
    "/rapporten/gepubliceerd": frozenset({"farid", "ilse"}),
    "/rapporten/waterveen/2026-11": frozenset({"farid", "ilse"}),
    "/rapporten/alle/2026-11": frozenset({"farid", "ilse"}),
    "/rapporten/waterveen/2026-11/rapport.csv": frozenset({"farid", "ilse"}),
    "/rapporten/waterveen/2026-11/cijfer/5": frozenset({"farid", "ilse"}),
    "/rapporten/zaak/{number}": frozenset({"farid", "ilse"}),
    "/rapporten/gebeurtenissen": frozenset({"farid", "hanna", "ilse"}),
    "/rapporten/gebeurtenissen/bestand": frozenset({"farid", "hanna", "ilse"}),
    "/rapporten/definities": frozenset({"farid", "ilse"}),
    "/rapporten/definities/approval": frozenset({"ilse"}),
    "/verrekening": frozenset({"dirk", "farid", "ilse"}),
    "/verrekening/2026Q3": frozenset({"dirk", "farid", "ilse"}),
    "/verrekening/2026Q3/waterveen": CLERKS | {"dirk", "farid", "ilse"},
    "/verrekening/2026Q3/waterveen/regel/cost-1": CLERKS | {"dirk", "farid", "ilse"},
    "/verrekening/2026Q3/waterveen/regel/cost-1/lijst.csv": CLERKS | {"dirk", "farid", "ilse"},
    "/verrekening/2026Q3/verrekening.csv": frozenset({"dirk", "farid", "ilse"}),
    "/verrekening/factuur/VER-2026-000001.pdf": frozenset({"dirk", "farid", "ilse"}),
    "/verrekening/factuur/VER-2026-000001.xml": frozenset({"dirk", "farid", "ilse"}),
    "/verrekening/kosten": frozenset({"dirk", "ilse"}),
    "/verrekening/kosten/2026Q3": frozenset({"dirk", "ilse"}),
    "/verrekening/kosten/2026Q3/kosten.csv": frozenset({"dirk", "ilse"}),
    "/verrekening/sleutels": frozenset({"dirk", "ilse"}),
    "/verrekening/sleutels/sleutels.csv": frozenset({"dirk", "ilse"}),
    "/oefeningen/scenarios": frozenset({"greet"}),
    "/oefeningen/scenarios/claim-from-paper-to-portal": frozenset({"greet"}),
    "/oefeningen/scenarios/claim-from-paper-to-portal/bestand": frozenset({"greet"}),
    "/oefeningen/scenarios/claim-from-paper-to-portal/tekst": frozenset({"greet"}),
    "/oefeningen/scenarios/claim-from-paper-to-portal/aanpassen": frozenset({"greet"}),
    "/oefeningen/scenarios/claim-from-paper-to-portal/kaart/trein-utrecht/1": frozenset({"greet"}),
    "/businesscase": frozenset({"farid", "ilse"}),
    "/businesscase/waterveen": frozenset({"farid", "ilse"}),
    "/businesscase/waterveen/doelen": frozenset({"farid", "ilse"}),
    "/businesscase/samen/doelen": frozenset({"ilse"}),
    "/businesscase/waterveen/evaluatie/2026": frozenset({"farid", "ilse"}),
    "/businesscase/waterveen/evaluatie/2026/evaluatie.pdf": frozenset({"farid", "ilse"}),
    "/businesscase/waterveen/nieuw": frozenset({"ilse"}),
    "/businesscase/waterveen/businesscase.csv": frozenset({"farid", "ilse"}),
    "/businesscase/waterveen/businesscase.pdf": frozenset({"farid", "ilse"}),
    "/proefdraaien": frozenset({"greet", "hanna", "ilse"}),
    "/proefdraaien/1": frozenset({"greet", "hanna", "ilse"}),
    "/proefdraaien/1/verslag.pdf": frozenset({"greet", "hanna", "ilse"}),
    "/tevredenheid": CLERKS | {"farid", "ilse"},
    "/boekhouding": frozenset({"dirk"}),
    "/boekhouding/waterveen/2026-11": frozenset({"dirk"}),
    "/boekhouding/waterveen/2026-11/journaal.csv": frozenset({"dirk"}),
    "/beheer/rekeningschema": frozenset({"hanna"}),
    "/beheer/rekeningschema.csv": frozenset({"hanna"}),
    "/beheer/": frozenset({"hanna"}),
    "/toetreden": MANAGERS,
    "/uittreden": MANAGERS,
    "/toetreden/waterveen": MANAGERS,
    "/toetreden/waterveen/bestand/1": MANAGERS,
    "/uittreden/duinrade": MANAGERS,
    "/uittreden/duinrade/archief/1.zip": MANAGERS,
    "/beheer/taken": frozenset({"hanna"}),
    "/beheer/taken/journal": frozenset({"hanna"}),
    "/beheer/organisatie": frozenset({"hanna"}),
    "/beheer/afspraken": frozenset({"hanna"}),
    "/beheer/koersen": frozenset({"hanna"}),
    "/beheer/zaaktypen": frozenset({"hanna"}),
    "/beheer/inzage": frozenset({"hanna"}),
    "/beheer/vernietiging": frozenset({"hanna"}),
    "/beheer/vernietiging/{destruction}": frozenset({"hanna"}),
    "/beheer/wijzigingen": frozenset({"hanna"}),
    "/beheer/organisatie/waterveen": frozenset({"hanna"}),
    "/beheer/afdeling/1": frozenset({"hanna"}),
    "/beheer/afdeling/1/bezetting": frozenset({"hanna"}),
    "/beheer/mensen": frozenset({"hanna"}),
    "/beheer/mensen?csv=1": frozenset({"hanna"}),
    "/beheer/mensen/nieuw": frozenset({"hanna"}),
    "/beheer/mensen/{anna}": frozenset({"hanna"}),
    "/dienstencatalogus": EVERYBODY,
    "/dienstencatalogus/diensten.csv": EVERYBODY,
    "/dienstencatalogus/expense_claims": EVERYBODY,
    "/dienstencatalogus/nieuw": frozenset({"hanna"}),
    "/dienstencatalogus/expense_claims/aanpassen": frozenset({"hanna"}),
    "/taakverdeling": frozenset({"farid", "hanna", "ilse"}),
    "/taakverdeling/verdeling.csv": frozenset({"farid", "hanna", "ilse"}),
    "/taakverdeling/waterveen": frozenset({"farid", "hanna", "ilse"}),
    "/taakverdeling/waterveen/P3D": frozenset({"hanna", "ilse"}),
    "/afspraken": frozenset({"farid", "ilse"}),
    "/afspraken/1": frozenset({"farid", "ilse"}),
    "/afspraken/1/overeenkomst.pdf": frozenset({"farid", "ilse"}),
    "/afspraken/2/aanpassen": frozenset({"ilse"}),
    "/zaken/{number}": OF_ANNAS_CLAIM,
    "/zaken/{number}/dossier.json": OF_ANNAS_CLAIM,
    "/zaken/{number}/dossier.pdf": OF_ANNAS_CLAIM,
    "/zaken/REK-2026-000001/toevoegen": CLERKS,
    "/bijlagen/{document}": OF_ANNAS_CLAIM,
    "/bijlagen/{document}?klein=1": OF_ANNAS_CLAIM,
    "/bijlagen/{pdf}/pagina/2": OF_ANNAS_CLAIM,
    "/zaken/{paid}": CLERKS | {"aart", "bram", "dirk"},
    "/concept/{draft}": frozenset({"anna"}),
    "/concept/{draft}/controleren": frozenset({"anna"}),
    "/bijlagen/{draft_document}": frozenset({"anna"}),
    "/oefeningen": frozenset({"greet"}),
    "/oefeningen/nieuw/claim-from-paper-to-portal": frozenset({"greet"}),
    # Workshops have these; here nobody sits on a seat.
    "/oefeningen/ABCDE/regie": frozenset(),
    "/kaart": frozenset(),
    "/kaart/x/document/1": frozenset(),
    "/mijn-post": frozenset(),
    "/mijn-post/1": frozenset(),
    "/bevindingen": frozenset(),
    "/nabespreking": frozenset(),
    "/nabespreking/nabespreking.pdf": frozenset(),
    "/werkvoorraad/{number}": CLERKS,
    "/werkvoorraad/weergaven": CLERKS,
    "/werkvoorraad/lijst.csv": CLERKS,
}
"""Who gets to see each page that asks for a sign-in."""

OPEN = ("/aanmelden", "/toegankelijkheid", "/privacy", "/gezond", "/akkoord/{token}", "/akkoord/{token}/klaar",
        "/akkoord/{token}/bijlage/{document}", "/wachtwoord/{account_token}",
        "/akkoord/dag/{bundle_token}", "/stand/{status_token}",
        "/agenda/{feed_token}.ics", "/oefening")  # fmt: skip
ONLY_IN_PRACTICE = ("/meedoen", "/trainer/x", "/stand.json", "/scherm", "/regie", "/nabespreking/alles.zip")
ONLY_IN_A_DEMO = ("/demo/", "/demo/post", "/demo/post/{mail}")


def address(page: str, stage: Stage, cast: Cast) -> str:
    return page.format(**vars(stage), **cast.people)


def test_every_page_is_marked_with_whom_it_is_open_to(app: Any) -> None:
    known = {ANYONE, EMPLOYEE, PRACTICE, TRAINER_DESK, *Role}
    marks = {
        rule.endpoint: getattr(app.view_functions[rule.endpoint], "open_to", None) for rule in app.url_map.iter_rules()
    }
    marks.pop("static", None)
    assert {endpoint for endpoint, mark in marks.items() if not mark or not mark <= known} == set()


def test_every_page_one_can_get_is_in_the_table(app: Any, stage: Stage, cast: Cast) -> None:
    adapter = app.url_map.bind("localhost")
    tried = {
        adapter.match(address(page, stage, cast).partition("?")[0])[0]
        for page in (*PAGES, *OPEN, *ONLY_IN_A_DEMO, *ONLY_IN_PRACTICE)
    }
    there = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    assert there - {"static"} == tried


def test_a_page_without_a_mark_does_not_exist_for_anybody(unused_app: Any, cast: Cast) -> None:
    unused_app.add_url_rule("/vergeten", "forgotten", lambda: "secret", methods=["GET", "POST"])
    for name in (None, "anna", "carla", "dirk", "hanna"):
        browser = browser_of(unused_app, cast, name)
        assert browser.get("/vergeten").status_code == 404
        assert browser.post("/vergeten").status_code in (401, 404)


def test_who_sees_which_page(cast: Cast, browse: Any, stage: Stage) -> None:
    for name in EVERYBODY:
        browser = browse(name)
        for page, who in PAGES.items():
            answer = browser.get(address(page, stage, cast))
            allowed = (200, 302) if name in who else (404,)
            assert answer.status_code in allowed, (name, page, answer.status_code)


def test_without_a_sign_in_one_is_led_to_the_door(browse: Any, stage: Stage, cast: Cast) -> None:
    nobody = browse()
    for page in PAGES:
        answer = nobody.get(address(page, stage, cast))
        assert answer.status_code == 302, page
        assert answer.headers["Location"].startswith("/aanmelden?next="), page


def test_the_open_pages_are_open_and_the_demo_is_not_there(browse: Any, stage: Stage, cast: Cast) -> None:
    for name in (None, "aart"):
        browser = browse(name)
        for page in OPEN:
            assert browser.get(address(page, stage, cast)).status_code in (200, 302), page
        for page in (*ONLY_IN_A_DEMO, *ONLY_IN_PRACTICE):
            assert browser.get(address(page, stage, cast)).status_code == 404, page
        assert browser.post(f"/demo/aanmelden/{cast.people['carla']}").status_code == 404


def test_a_clerk_of_another_municipality_sees_nothing_of_this_one(
    world: World, cast: Cast, browse: Any, stage: Stage
) -> None:
    with world.db.transaction() as session:
        session.execute(
            update(RoleGrant)
            .where(RoleGrant.person_id.in_((cast.people["els"], cast.people["dirk"])))
            .values(municipality_id=cast.municipalities["duinrade"])
        )
    els, dirk = browse("els"), browse("dirk")
    for page in ("/zaken/{number}", "/zaken/{paid}", "/bijlagen/{document}", "/bijlagen/{pdf}/pagina/1",
                 "/werkvoorraad/{number}"):  # fmt: skip
        assert els.get(address(page, stage, cast)).status_code == 404, page
    assert stage.number not in els.get("/werkvoorraad").text
    # What he released himself, he may look back at.
    for page in ("/zaken/{number}", "/betalingen/waterveen", "/betalingen/batch/{batch}/bestand"):
        assert dirk.get(address(page, stage, cast)).status_code == 404, page
    assert dirk.get("/betalingen/duinrade").status_code == 200


def test_a_treasurer_sees_a_case_from_the_moment_there_is_something_to_pay(
    world: World, cast: Cast, browse: Any
) -> None:
    dirk = browse("dirk")
    with world.db.transaction() as session:
        case = cast.submitted(session)
        number, case_id = case.number, case.id
    assert dirk.get(f"/zaken/{number}").status_code == 404
    with world.db.transaction() as session:
        case = whole(session, case_id)
        cast.act(session, "bram", case, "approve")
        cast.checked(session, case)
    assert dirk.get(f"/zaken/{number}").status_code == 200


def test_who_once_decided_may_look_back(world: World, cast: Cast, browse: Any, stage: Stage) -> None:
    bram = browse("bram")
    assert bram.post(f"/zaken/{stage.number}/reject", {"reason": "Geen werk"}).status_code == 302
    assert bram.get(f"/zaken/{stage.number}").status_code == 200
    assert bram.get(f"/bijlagen/{stage.document}").status_code == 200


def test_a_deciding_link_shows_its_own_case_and_no_other_document(browse: Any, stage: Stage) -> None:
    nobody = browse()
    for document in (stage.draft_document, 1, 9999):
        assert nobody.get(f"/akkoord/{stage.token}/bijlage/{document}").status_code == 404
    nonce = stage.token.partition(".")[0]
    for forged in (nonce, f"{nonce}.", f"{nonce}.{'0' * 40}", "x", ".", stage.token[:-1], f"{stage.token}0"):
        assert nobody.get(f"/akkoord/{forged}").status_code == 404, forged
        assert nobody.post(f"/akkoord/{forged}", {"decision": "approve"}).status_code == 404


def test_opening_a_link_changes_nothing_and_deciding_kills_it(browse: Any, stage: Stage) -> None:
    nobody = browse()
    for _ in range(3):
        assert nobody.get(f"/akkoord/{stage.token}").status_code == 200
        assert nobody.client.head(f"/akkoord/{stage.token}").status_code == 200
    assert nobody.post(f"/akkoord/{stage.token}").status_code == 422
    assert nobody.post(f"/akkoord/{stage.token}", {"decision": "withdraw"}).status_code == 422
    assert nobody.post(f"/akkoord/{stage.token}", {"decision": "approve"}).status_code == 302
    for page in ("", f"/bijlage/{stage.document}"):
        assert nobody.get(f"/akkoord/{stage.token}{page}").status_code in (404, 410)
