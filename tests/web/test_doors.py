"""The doors: sessions that end, forms that only we can send, headers that keep browsers careful, and safe redirects."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from portal import create_app
from portal.access import ANYONE, open_to
from portal.web.doors import HEADERS
from portal.web.shaping import static_url
from portal.worlds import World
from tests.cast import Cast
from tests.conftest import Browser
from tests.web.stage import Stage

Open = Callable[[], Browser]


@pytest.fixture
def earnest(world: World, cast: Cast) -> Open:
    """Browsers of the application as it is in production, where every form needs its token."""
    app = create_app(world)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    return lambda: Browser(app.test_client())


def token_of(browser: Browser, page: str = "/aanmelden") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert found
    return found[1]


def sign_in(browser: Browser, cast: Cast, **more: str) -> Any:
    return browser.post("/aanmelden", {"username": "anna", "password": cast.password, **more})


def test_a_form_without_its_token_is_an_expired_page(earnest: Open, cast: Cast) -> None:
    browser = earnest()
    answer = sign_in(browser, cast)
    assert answer.status_code == 403
    assert "<h1" in answer.text
    assert browser.get("/").headers["Location"].startswith("/aanmelden")


def test_with_its_token_it_works_and_with_another_browsers_it_does_not(earnest: Open, cast: Cast) -> None:
    mine, other = earnest(), earnest()
    assert sign_in(mine, cast, csrf_token=token_of(other)).status_code == 403
    assert sign_in(mine, cast, csrf_token="forged").status_code == 403
    assert sign_in(mine, cast, csrf_token=token_of(mine)).status_code == 302
    assert mine.post("/zaken/nieuw/expense_claim").status_code == 403
    assert mine.post("/zaken/nieuw/expense_claim", {"csrf_token": token_of(mine, "/")}).status_code == 302


def test_a_script_is_told_in_its_own_language_and_sends_the_token_as_a_header(earnest: Open, cast: Cast) -> None:
    browser = earnest()
    sign_in(browser, cast, csrf_token=token_of(browser))
    token = token_of(browser, "/")
    draft = browser.post("/zaken/nieuw/expense_claim", {"csrf_token": token}).headers["Location"]
    json = {"Accept": "application/json"}
    refused = browser.post(f"{draft}/bewaren", {"purpose": "x"}, headers=json)
    assert (refused.status_code, list(refused.json)) == (403, ["error"])
    saved = browser.post(f"{draft}/bewaren", {"purpose": "x"}, headers=json | {"X-CSRFToken": token})
    assert saved.status_code == 201


def test_even_a_deciding_link_needs_the_token_of_its_page(earnest: Open, stage: Stage) -> None:
    nobody = earnest()
    page = f"/akkoord/{stage.token}"
    assert nobody.post(page, {"decision": "approve"}).status_code == 403
    assert nobody.post(page, {"decision": "approve", "csrf_token": token_of(nobody, page)}).status_code == 302


@pytest.mark.parametrize("page", ["/", "/aanmelden", "/nergens", "/zaken", "/gezond", "/static/portal.css"])
def test_every_answer_carries_the_headers(browse: Any, page: str) -> None:
    for name in (None, "anna"):
        answer = browse(name).get(page)
        assert {header: answer.headers.get(header) for header in HEADERS} == HEADERS
        assert "Strict-Transport-Security" not in answer.headers


def test_the_policy_for_scripts_lets_in_nothing_from_elsewhere() -> None:
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert not re.search(r"https?:|\*|unsafe", HEADERS["Content-Security-Policy"])


def test_pages_are_not_kept_by_anybody(browse: Any) -> None:
    for page in ("/", "/zaken", "/nergens", "/mijn-gegevens"):
        assert browse("anna").get(page).headers["Cache-Control"] == "no-store"


def test_static_files_may_be_kept_for_a_year(app: Any, browse: Any) -> None:
    with app.test_request_context():
        addresses = [static_url(name) for name in ("portal.css", "portal.js", "icons.svg")]
    nobody = browse()
    for address in addresses:
        assert re.fullmatch(r"/static/[\w.]+\?v=[0-9a-f]{10}", address)
        answer = nobody.get(address)
        assert answer.status_code == 200
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers
    assert nobody.get("/static/../settings.py").status_code == 404
    assert nobody.get("/static/%2e%2e/settings.py").status_code == 404


def test_a_file_cannot_run_anything(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        cast.draft(session, "anna")
    answer = browse("anna").get("/bijlagen/1")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"].startswith("private")
    assert browse("anna").get("/bijlagen/1", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


SAFE = ("/zaken", "/zaken?x=1", "/werkvoorraad?zoek=a%20b", "/concept/1#line-2")
UNSAFE = (
    "", "//evil.example", "///evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example",
    "/\t/evil.example", "/\n/evil.example", "evil.example", "javascript:alert(1)", " /zaken", "\x00//x",
)  # fmt: skip


@pytest.mark.parametrize("target", SAFE + UNSAFE)
def test_after_signing_in_one_stays_in_the_portal(browse: Any, cast: Cast, target: str) -> None:
    expected = target if target in SAFE else "/"
    answer = sign_in(browse(), cast, next=target)
    if answer.status_code == 302:
        assert answer.headers["Location"] == expected
    else:
        assert target not in SAFE
    anna = browse("anna")
    assert anna.get("/aanmelden", query_string={"next": target}).headers.get("Location", "/") == expected
    assert anna.post("/taal/en", {"next": target}).headers.get("Location", "/") == expected


@pytest.mark.parametrize(
    ("error", "status"), [(psycopg.errors.DeadlockDetected(), 409), (psycopg.errors.AdminShutdown(), 500)]
)
def test_whom_the_database_ends_for_another_may_try_again(unused_app: Any, error: Exception, status: int) -> None:
    @open_to(ANYONE)
    def waits_for_another() -> str:
        raise OperationalError("UPDATE", {}, error)

    unused_app.add_url_rule("/wacht", view_func=waits_for_another)
    assert unused_app.test_client().get("/wacht").status_code == status


def test_signing_out_everywhere_ends_every_session(browse: Any) -> None:
    phone, desk = browse("anna"), browse("anna")
    aart = browse("aart")
    assert phone.post("/afmelden/overal").status_code == 302
    for browser in (phone, desk):
        assert browser.get("/").headers["Location"].startswith("/aanmelden")
        assert browser.post("/zaken/nieuw/expense_claim").status_code == 401
    assert aart.get("/").status_code == 200
    assert browse("anna").get("/").status_code == 200


def test_signing_out_ends_this_session_only(browse: Any) -> None:
    phone, desk = browse("anna"), browse("anna")
    phone.post("/afmelden")
    assert (phone.get("/").status_code, desk.get("/").status_code) == (302, 200)


def test_a_copied_cookie_is_worth_nothing_once_its_owner_signed_out(browse: Any) -> None:
    anna, thief = browse("anna"), browse()
    copied = anna.client.get_cookie("portal").value
    thief.client.set_cookie("portal", copied)
    assert thief.get("/").status_code == 200
    anna.post("/afmelden")
    thief.client.set_cookie("portal", copied)
    assert thief.get("/").status_code == 302


def test_signing_in_again_ends_the_session_before(browse: Any, cast: Cast) -> None:
    anna, thief = browse("anna"), browse()
    thief.client.set_cookie("portal", anna.client.get_cookie("portal").value)
    assert sign_in(anna, cast).status_code == 302
    assert (anna.get("/").status_code, thief.get("/").status_code) == (200, 302)


def test_a_session_ends_after_ten_hours_however_busy_it_is(world: World, browse: Any) -> None:
    anna = browse("anna")
    for hours in (3, 3, 3):
        world.clock.advance(timedelta(hours=hours))
        assert anna.get("/").status_code == 200
    world.clock.advance(timedelta(hours=1))
    assert anna.get("/").status_code == 302


def test_a_new_password_ends_the_other_sessions_and_not_this_one(browse: Any, cast: Cast) -> None:
    phone, desk = browse("anna"), browse("anna")
    form = {"current": cast.password, "new": "een heel nieuwe zin"}
    assert desk.post("/mijn-gegevens/wachtwoord", form | {"current": "fout"}).status_code == 422
    assert desk.post("/mijn-gegevens/wachtwoord", form).status_code == 302
    assert (phone.get("/").status_code, desk.get("/").status_code) == (302, 200)


def test_five_wrong_passwords_close_the_door_for_a_while(browse: Any, cast: Cast) -> None:
    nobody = browse()
    for _ in range(5):
        assert nobody.post("/aanmelden", {"username": "anna", "password": "fout"}).status_code == 401
    assert sign_in(nobody, cast).status_code == 401


def test_the_cookie_is_for_the_server_alone_and_over_https_where_that_is_used(world: World, cast: Cast) -> None:
    for base_url, secure in (("http://localhost", False), ("https://portaal.example", True)):
        app = create_app(replace(world, settings=replace(world.settings, base_url=base_url)))
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        browser = Browser(app.test_client())
        answer = sign_in(browser, cast)
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert ("Secure" in cookie) is secure
        assert ("Strict-Transport-Security" in answer.headers) is secure


def test_a_cookie_of_ones_own_making_is_nothing(browse: Any) -> None:
    for value in ("", "x", "eyJfdXNlcl9pZCI6IjE6MCJ9.aaaa.bbbb"):
        browser = browse()
        browser.client.set_cookie("portal", value)
        assert browser.get("/").headers["Location"].startswith("/aanmelden")


def test_a_session_of_one_world_is_nothing_in_another(world: World, cast: Cast, browse: Any) -> None:
    other = create_app(replace(world, name="workshop"))
    other.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    anna = browse("anna")
    cookie = anna.client.get_cookie("portal")
    stranger = Browser(other.test_client())
    stranger.client.set_cookie("portal", cookie.value)
    assert stranger.get("/").status_code == 302
    assert world.nonce_of(replace(world, name="workshop").link_token("abc")) is None
