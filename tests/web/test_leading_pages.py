"""Changing who leads, mandates and employments over the web: first the page that shows what follows, then a confirm."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from sqlalchemy import select

from portal.models.cases import Case
from portal.models.mail import MailLink
from portal.models.people import Employment, ManagerRelation, Mandate, Unit
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import events
from tests.web.said import says


@pytest.fixture
def team(world: World, cast: Cast) -> int:
    with world.db.transaction() as session:
        cast.submitted(session)
        return session.scalars(select(Unit.id).where(Unit.name == "Team Vergunningen").order_by(Unit.id)).first() or 0


def fields(page: str) -> list[tuple[str, str]]:
    """What the confirm of a page would send."""
    form = re.findall(r'<form method="post" class="utrecht-button-group">(.*?)</form>', page, re.DOTALL)
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
    return [(key, html.unescape(value)) for key, value in found if key != "csrf_token"]


def confirm(browser: Any, address: str, page: str) -> Any:
    sent: dict[str, list[str]] = {}
    for key, value in fields(page):
        sent.setdefault(key, []).append(value)
    return browser.post(address, sent)


def asked(world: World) -> tuple[int | None, list[int]]:
    with world.db.session(writes=False) as session:
        case = session.scalars(select(Case)).one()
        living = select(MailLink.person_id).where(MailLink.ended.is_(None))
        return case.approver_id, list(session.scalars(living))


def test_another_leader_is_seen_first_then_saved_and_requests_follow(
    world: World, cast: Cast, browse: Any, team: int
) -> None:
    hanna, address = browse("hanna"), "/beheer/leiding"
    assert f'value="{team}" checked' in hanna.get(f"{address}?gemeente=waterveen&afdeling={team}").text
    wanted = {
        "form": "leading", "gemeente": "waterveen", "afdeling": str(team), "who": "diane@example.org",
        "first": "2026-11-24", "reason": "Reorganisatie",
    }  # fmt: skip
    page = hanna.post(address, wanted)
    assert page.status_code == 200
    assert "1 open aanvraag gaat naar een andere beslisser" in page.text
    assert "Van Bram de Wit naar Diane de Wit" in page.text
    assert "DEC-2026-000001" in page.text
    assert asked(world) == (cast.people["bram"], [cast.people["bram"]])
    # Between looking and saving somebody submits: it is shown again.
    with world.db.transaction() as session:
        cast.submitted(session, "aart", key="k2")
    again = confirm(hanna, address, page.text)
    assert again.status_code == 200
    assert "Er is iets veranderd sinds u deze pagina zag." in again.text
    assert "2 open aanvragen gaan naar een andere beslisser" in again.text
    assert confirm(hanna, address, again.text).status_code == 302
    with world.db.session(writes=False) as session:
        cases = session.scalars(select(Case).order_by(Case.id)).all()
        assert [case.approver_id for case in cases] == [cast.people["diane"]] * 2
        assert [e.action for e in events(session, cases[0].id)] == ["submit", "reroute"]


def test_what_was_seen_cannot_be_exchanged_for_something_else(world: World, cast: Cast, browse: Any, team: int) -> None:
    hanna, address = browse("hanna"), "/beheer/leiding"
    wanted = {"form": "leading", "gemeente": "waterveen", "afdeling": str(team), "first": "2026-11-24", "reason": "x"}
    digest = dict(fields(hanna.post(address, {**wanted, "who": "diane@example.org"}).text))["seen"]
    other = hanna.post(address, {**wanted, "who": "els@example.org", "seen": digest})
    assert other.status_code == 200
    assert "Er is iets veranderd" in other.text
    with world.db.session(writes=False) as session:
        leaders = select(ManagerRelation.manager_id).where(ManagerRelation.unit_id == team)
        assert list(session.scalars(leaders)) == [cast.people["bram"]]


def test_what_was_typed_wrong_is_kept_and_said(cast: Cast, browse: Any, team: int) -> None:
    hanna, address = browse("hanna"), "/beheer/leiding"
    wanted = {"form": "leading", "gemeente": "waterveen", "afdeling": str(team), "first": "2026-11-24", "reason": "x"}
    for code, changed in (
        ("who_unknown", {"who": "zzz"}),
        ("leader_past", {"who": "els@example.org", "first": "2026-11-01"}),
        ("change_reason_missing", {"who": "els@example.org", "reason": ""}),
        ("leader_no_units", {"who": "els@example.org", "afdeling": ""}),
    ):
        assert says(hanna.post(address, {**wanted, **changed}), code), code
    several = hanna.post(address, {**wanted, "who": "de wit"})  # "who_several"
    assert "Er zijn meer mensen die passen" in several.text
    assert 'value="de wit"' in several.text
    assert "checked" in several.text
    assert hanna.get("/beheer/leiding?gemeente=nergens").status_code == 404


def test_a_mandate_is_given_and_ended_after_it_was_seen(world: World, cast: Cast, browse: Any, team: int) -> None:
    hanna, address = browse("hanna"), "/beheer/mandaten"
    wanted = {
        "form": "give", "gemeente": "waterveen", "who": "aart@example.org", "kind": "expense_claim",
        "amount": "2.500,00", "centres": "1100", "first": "2026-11-24", "reason": "Besluit",
    }  # fmt: skip
    assert says(hanna.post(address, {**wanted, "kind": "sample"}), "mandate_kind")
    assert says(hanna.post(address, {**wanted, "amount": "veel"}), "mandate_amount")
    assert says(hanna.post(address, {**wanted, "centres": "a;b"}), "mandate_centres")
    page = hanna.post(address, wanted)
    assert "Er gaat geen open aanvraag naar een andere beslisser." in page.text
    assert confirm(hanna, address, page.text).status_code == 302
    with world.db.session(writes=False) as session:
        mandate = session.scalars(select(Mandate).where(Mandate.person_id == cast.people["bram"])).one()
        given = session.scalars(select(Mandate).where(Mandate.person_id == cast.people["aart"])).one()
        assert (given.maximum_cents, given.cost_centres) == (250_000, "1100")
    ending = f"{address}/{mandate.id}/einde"
    assert hanna.post(f"{address}/999/einde", {"gemeente": "waterveen"}).status_code == 404
    assert says(hanna.post(ending, {"form": f"end{mandate.id}", "gemeente": "waterveen", "last": "2026-12-01"}),
                "change_reason_missing")  # fmt: skip
    over = {"form": f"end{mandate.id}", "gemeente": "waterveen", "last": "2026-12-01", "reason": "Besluit"}
    page = hanna.post(ending, over)
    assert "Van Bram de Wit naar Diane de Wit" in page.text
    assert "Dit geldt vanaf 2 december 2026." in page.text
    assert confirm(hanna, ending, page.text).status_code == 302
    assert asked(world)[0] == cast.people["bram"], "until that day nothing moves"


def test_who_leaves_is_seen_first_when_requests_wait_for_them(world: World, cast: Cast, browse: Any, team: int) -> None:
    hanna, bram = browse("hanna"), cast.people["bram"]
    with world.db.session(writes=False) as session:
        employment = session.scalars(select(Employment.id).where(Employment.person_id == bram)).one()
    address = f"/beheer/mensen/{bram}/dienstverband/{employment}/einde"
    wanted = {"form": f"end{employment}", "last": "2026-11-23", "reason": "Uit dienst"}
    page = hanna.post(address, wanted)
    assert page.status_code == 200
    assert "Van Bram de Wit naar Diane de Wit" in page.text
    with world.db.session(writes=False) as session:
        assert session.get_one(Employment, employment).valid_to is None
    assert confirm(hanna, address, page.text).status_code == 302
    assert asked(world) == (cast.people["diane"], [cast.people["diane"]])


def test_administration_names_a_substitute_for_who_fell_ill(world: World, cast: Cast, browse: Any, team: int) -> None:
    hanna, bram = browse("hanna"), cast.people["bram"]
    address = f"/beheer/mensen/{bram}/vervanging"
    wanted = {
        "form": "substitute", "who": "els@example.org", "first": "2026-11-24", "last": "2026-12-04", "reason": "Ziek",
    }  # fmt: skip
    for code, changed in (
        ("who_unknown", {"who": "olga@example.org"}),
        ("substitute_pays", {"who": "dirk@example.org"}),
        ("own_rights", {"who": "hanna@example.org"}),
        ("first_day_missing", {"first": ""}),
        ("last_day_missing", {"last": ""}),
        ("change_reason_missing", {"reason": " "}),
    ):
        assert says(hanna.post(address, {**wanted, **changed}), code), code
    assert hanna.post(f"/beheer/mensen/{cast.people['hanna']}/vervanging", wanted).status_code == 422
    assert hanna.post(address, wanted).status_code == 302
    assert asked(world) == (bram, [cast.people["els"]])
    assert "Els de Wit" in hanna.get(address).text
    assert "Vervanger aangewezen" in hanna.get(f"/beheer/wijzigingen?persoon={bram}").text
    assert hanna.post(f"{address}/1/stoppen").status_code == 302
    assert hanna.post(f"{address}/1/stoppen").status_code == 302
    assert asked(world) == (bram, [bram])
