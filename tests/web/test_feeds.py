"""The address at which a calendar fetches leave: secret, revocable, without a reason for any of it, and in no log."""

from __future__ import annotations

import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.commands import accounts, calendar_feeds
from portal.commands.changes import Author
from portal.models.calendar_feeds import CalendarFeed
from portal.models.leave import LeaveEntry
from portal.models.people import Account, Employment, Person
from portal.queries.people import employments_of
from portal.web.unlogged import Unlogged, without_token
from portal.worlds import ACCOUNT, DECIDE, FEED, World
from tests.cast import Cast
from tests.commands.helpers import pass_days
from tests.interfaces.test_ics import read, text_of
from tests.leave import asked, given, granted
from tests.web.test_statements import counted


@pytest.fixture
def leave(world: World, cast: Cast) -> dict[str, int]:
    """Anna is away for two weeks and an afternoon, by the number of the request; Aart waits; Bram is away a day."""
    with world.db.transaction() as session:
        given(session, cast)
        weeks = granted(session, cast, "2026-12-07", "2026-12-18")
        half = granted(session, cast, "2026-12-22", first_part="afternoon")
        moving = granted(session, cast, "2026-12-21", kind="moving")
        asked(session, cast, "2026-12-15", name="aart")
        bram = asked(session, cast, "2026-12-16", name="bram")
        cast.act(session, "diane", bram, "approve")
        return {"weeks": weeks.id, "half": half.id, "moving": moving.id}


def make(browse: Any, name: str = "anna", what: str = "mijn") -> str:
    """Make an address on the page, and give its path."""
    browser = browse(name)
    assert browser.post("/verlof/agenda", {"what": what}).status_code == 302
    found = re.search(rf'id="agenda-{what}" value="([^"]*)"', browser.get("/verlof/jaar").text)
    assert found
    return urlsplit(found[1]).path


def fetch(browse: Any, path: str) -> list[dict[str, str]]:
    answer = browse().get(path)
    assert answer.status_code == 200
    return read(answer.data)[1]


def test_approved_leave_is_in_the_calendar_and_nothing_of_why(leave: dict[str, int], browse: Any) -> None:
    answer = browse().get(make(browse))
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert "no-cache" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    own, events = read(answer.data)
    assert text_of(own["NAME"]) == "Mijn verlof"
    assert {text_of(event["SUMMARY"]) for event in events} == {"Met verlof"}
    whole = [event for event in events if "DTSTART;VALUE=DATE" in event]
    assert [(event["DTSTART;VALUE=DATE"], event["DTEND;VALUE=DATE"]) for event in whole] == [
        ("20261207", "20261219"), ("20261221", "20261222"),
    ]  # fmt: skip
    (half,) = [event for event in events if "DTSTART" in event]
    assert (half["DTSTART"], half["DTEND"]) == ("20261222T113000Z", "20261222T150600Z")
    for secret in ("verhui", "moving", "saldo", "DESCRIPTION"):
        assert secret not in answer.text


def give_back(world: World, case_id: int, days: list[date]) -> None:
    """What the ledger has once these days of a request are not taken after all."""
    at = pass_days(world, 1 / 24)
    with world.db.transaction() as session:
        for one in session.scalars(
            select(LeaveEntry).where(LeaveEntry.case_id == case_id, LeaveEntry.what == "burn", LeaveEntry.day.in_(days))
        ).all():
            session.add(
                LeaveEntry(
                    person_id=one.person_id, municipality_id=one.municipality_id, lot_id=one.lot_id, kind=one.kind,
                    what="give_back", minutes=-one.minutes, day=one.day, part=one.part, recorded_at=at, case_id=case_id,
                )
            )  # fmt: skip


def test_what_is_given_back_disappears_and_the_rest_keeps_its_name(
    world: World, leave: dict[str, int], browse: Any
) -> None:
    path = make(browse)
    before = {event["UID"]: event for event in fetch(browse, path)}
    give_back(world, leave["weeks"], [date(2026, 12, 15), date(2026, 12, 16)])
    after = {event["UID"]: event for event in fetch(browse, path)}
    weeks = next(uid for uid in before if "20261207" in uid)
    assert len(after) == len(before) + 1
    assert before.keys() < after.keys()
    assert after[weeks]["DTEND;VALUE=DATE"] == "20261215"
    assert after[weeks]["LAST-MODIFIED"] > before[weeks]["LAST-MODIFIED"]
    rest = next(event for uid, event in after.items() if uid not in before)
    assert (rest["DTSTART;VALUE=DATE"], rest["DTEND;VALUE=DATE"]) == ("20261217", "20261219")
    give_back(world, leave["moving"], [date(2026, 12, 21)])
    gone = {event["UID"] for event in fetch(browse, path)}
    assert gone == {uid for uid in after if "20261221" not in uid}


def test_a_calendar_that_asks_again_is_told_that_nothing_changed(
    world: World, leave: dict[str, int], browse: Any
) -> None:
    path, nobody = make(browse), browse()
    first = nobody.get(path)
    again = nobody.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    pass_days(world, 1)
    assert nobody.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    give_back(world, leave["weeks"], [date(2026, 12, 7)])
    changed = nobody.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    with counted(world) as found:
        assert nobody.get(path).status_code == 200
    assert len(found) <= 8, found


def test_the_team_is_absent_and_nothing_more(leave: dict[str, int], browse: Any) -> None:
    path = make(browse, "aart", "team")
    events = fetch(browse, path)
    said = [(text_of(one["SUMMARY"]), one.get("DTSTART;VALUE=DATE", one.get("DTSTART"))) for one in events]
    assert sorted(said) == [
        ("Anna de Wit: afwezig", "20261207"), ("Anna de Wit: afwezig", "20261222T113000Z"),
        ("Bram de Wit: afwezig", "20261216"),
    ]  # fmt: skip
    assert next(one for one in events if "20261207" in one["UID"])["DTEND;VALUE=DATE"] == "20261222", (
        "where one request ends and the next begins is nothing of the team"
    )
    assert {event["TRANSP"] for event in events} == {"TRANSPARENT"}
    assert not any("VRL" in value for event in events for value in event.values())
    of_diane = fetch(browse, make(browse, "diane", "team"))
    assert of_diane == [], "in the units below she looks on the page"


def test_a_new_address_ends_the_old_one_and_revoking_ends_it(
    world: World, cast: Cast, leave: dict[str, int], browse: Any
) -> None:
    first, team = make(browse), make(browse, what="team")
    second = make(browse)
    assert first != second
    statuses = [browse().get(path).status_code for path in (first, second, team)]
    assert statuses == [404, 200, 200]
    anna = browse("anna")
    assert anna.post("/verlof/agenda/intrekken", {"what": "mijn"}).status_code == 302
    assert [browse().get(path).status_code for path in (second, team)] == [404, 200]
    assert second not in anna.get("/verlof/jaar").text
    for what in ("", "iets", None):
        form = {} if what is None else {"what": what}
        assert anna.post("/verlof/agenda", form).status_code == 404
        assert anna.post("/verlof/agenda/intrekken", form).status_code == 404
    assert browse().post("/verlof/agenda", {"what": "mijn"}).status_code == 401
    with world.db.session(writes=False) as session:
        rows = session.scalars(select(CalendarFeed).order_by(CalendarFeed.id)).all()
    assert [(row.team, row.ended_at is None) for row in rows] == [(False, False), (True, True), (False, False)]
    assert not any(path in (row.nonce, f"/agenda/{row.nonce}.ics") for row in rows for path in (first, second, team))


def test_an_address_that_never_was_does_not_exist(world: World, leave: dict[str, int], browse: Any) -> None:
    path = make(browse)
    token = path.removeprefix("/agenda/").removesuffix(".ics")
    nonce = token.partition(".")[0]
    for wrong in (
        token[:-1],
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        nonce,
        f"{nonce}.",
        "x.y",
        "é.ü",
        world.link_token(nonce, DECIDE),
        world.link_token(nonce, ACCOUNT),
        world.link_token("x", FEED),
    ):
        assert browse().get(f"/agenda/{wrong}.ics").status_code == 404, wrong
    assert browse().get(path.removesuffix(".ics")).status_code == 404


def test_the_address_of_who_left_or_is_locked_works_no_more(
    world: World, cast: Cast, leave: dict[str, int], browse: Any
) -> None:
    anna, aart, hanna = make(browse), make(browse, "aart"), Author(cast.people["hanna"], None)
    now = world.clock.now()

    def account(session: Session, name: str) -> tuple[Person, Account]:
        person = session.get_one(Person, cast.people[name])
        return person, session.scalars(select(Account).where(Account.person_id == person.id)).one()

    with world.db.transaction() as session:
        person, of_aart = account(session, "aart")
        accounts.lock(session, hanna, person, None, of_aart, "Telefoon kwijt", now)
        employment = employments_of(session, cast.people["anna"])[0]
        last = session.get_one(Employment, employment.id, populate_existing=True)
        last.valid_to = date(2026, 11, 24)
    assert [browse().get(path).status_code for path in (anna, aart)] == [200, 404]
    pass_days(world, 1)
    assert browse().get(anna).status_code == 404


def test_the_database_keeps_one_address_that_works_for_each_purpose(world: World, cast: Cast) -> None:
    now = world.clock.now()
    with world.db.session() as session:
        one = calendar_feeds.make_feed(session, cast.people["anna"], False, now)
        session.add(CalendarFeed(person_id=one.person_id, team=False, nonce="another", made_at=now))
        with pytest.raises(IntegrityError):
            session.flush()


ADDRESSES = ("/agenda/{token}.ics", "/agenda/{token}.ics?x=1", "/akkoord/{token}", "/akkoord/dag/{token}",
             "/akkoord/{token}/bijlage/3", "/wachtwoord/{token}")  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_web_servers_log_holds_no_token(app: Any, address: str) -> None:
    """With gunicorn's own logger, over what it would write of a request that we answered."""
    token = "geheim" + "x" * 40
    path = address.format(token=token)
    environ = {
        "REQUEST_METHOD": "GET", "RAW_URI": path, "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "wsgi.url_scheme": "http", "PATH_INFO": path.partition("?")[0], "REMOTE_ADDR": "::1",
        "QUERY_STRING": "", "HTTP_REFERER": f"http://localhost{path}",
    }  # fmt: skip
    statuses: list[str] = []
    body = app.wsgi_app(environ, lambda status, *_: statuses.append(status))
    b"".join(body)
    assert statuses[0].startswith("404")
    answer = SimpleNamespace(status="404", headers=[], sent=0, response_length=0)
    request = SimpleNamespace(headers=[])
    atoms = Logger(Config()).atoms(answer, request, environ, timedelta(seconds=1))
    assert not any(token in str(value) for value in atoms.values())
    assert str(atoms["r"]).startswith(f"GET {path.split('geheim', maxsplit=1)[0]}-")


def test_other_addresses_stand_in_the_log_as_they_are() -> None:
    for address in ("/zaken/VRL-2026-000001", "/akkoord", "/verlof/agenda", "/agenda/", "http://localhost/verlof/jaar"):
        assert without_token(address) == address
    seen: dict[str, Any] = {"RAW_URI": "/agenda/geheim.ics", "PATH_INFO": None}

    def broken(environ: dict[str, Any], _: Any) -> Any:
        raise RuntimeError(environ["RAW_URI"])

    with pytest.raises(RuntimeError, match=r"geheim"):
        Unlogged(broken)(seen, None)
    assert seen["RAW_URI"] == "/agenda/-", "also when it went wrong"
