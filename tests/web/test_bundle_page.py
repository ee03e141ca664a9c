"""The page of a day's mail: each request by itself, an explicit choice, once; and looking changes nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from portal.clock import local_date
from portal.commands import bundles, substitutes
from portal.commands.rerouting import reroute
from portal.models.cases import Case
from portal.models.mail import Bundle, MailLink
from portal.models.people import Person
from portal.worlds import BUNDLE, World
from tests.cast import Cast
from tests.web.said import says

ABOVE_THE_LIMIT = 50_001


@pytest.fixture
def page(world: World, cast: Cast) -> str:
    """The address of Bram's page: two small requests, and one above the limit of links."""
    with world.db.transaction() as session:
        bram = session.get_one(Person, cast.people["bram"])
        bram.daily_hour = 9
        cast.submitted(session, key="1")
        cast.submitted(session, "aart", key="2")
        cast.submitted(session, key="3", cents=ABOVE_THE_LIMIT)
        session.commit()
        assert bundles.make(session, bram, world.clock.now()) == 3
        session.flush()
        return f"/akkoord/dag/{world.link_token(session.scalars(select(Bundle.nonce)).one(), BUNDLE)}"


def states(world: World) -> list[str]:
    with world.db.session(writes=False) as session:
        return list(session.scalars(select(Case.state).order_by(Case.id)))


def test_looking_changes_nothing_and_offers_no_default(world: World, browse: Any, page: str) -> None:
    nobody = browse()
    for _ in range(3):
        shown = nobody.get(page)
        assert shown.status_code == 200
    assert states(world) == ["submitted"] * 3
    assert " checked" not in shown.text
    assert shown.text.count('name="decision"') == 6
    assert "€ 500,01" in shown.text.replace("\xa0", " ")
    assert shown.text.count('action="/akkoord/dag/') == 2, "the one above the limit asks to sign in"
    assert nobody.client.head(page).status_code == 200
    with world.db.session(writes=False) as session:
        assert set(session.scalars(select(MailLink.ended))) == {None}


def test_each_is_decided_by_itself_and_once(world: World, browse: Any, page: str) -> None:
    nobody = browse()
    assert says(nobody.post(f"{page}/1"), "no_choice")
    assert says(nobody.post(f"{page}/1", {"decision": "release"}), "no_choice")
    assert says(nobody.post(f"{page}/1", {"decision": "reject", "reason": " "}), "reason_missing")
    assert states(world) == ["submitted"] * 3
    done = nobody.post(f"{page}/1", {"decision": "approve"})
    assert done.headers["Location"].endswith("#DEC-2026-000001")
    assert nobody.post(f"{page}/1", {"decision": "approve"}).status_code == 410
    rejected = nobody.post(f"{page}/2", {"decision": "reject", "reason": "Geen werk"})
    assert rejected.status_code == 302
    assert states(world) == ["approved", "rejected", "submitted"]
    shown = nobody.get(page).text
    assert shown.count("Hier valt niets meer te beslissen") == 2
    assert "1 aanvraag wacht nog op uw beslissing." in shown
    with world.db.session(writes=False) as session:
        assert list(session.scalars(select(MailLink.ended).order_by(MailLink.id))) == ["used", "used", None]


def test_above_the_limit_one_signs_in_for_that_request_alone(world: World, browse: Any, page: str) -> None:
    assert browse().post(f"{page}/3", {"decision": "approve"}).status_code == 422
    bram = browse("bram")
    assert bram.get(page).text.count('action="/akkoord/dag/') == 3
    assert bram.post(f"{page}/3", {"decision": "approve"}).status_code == 302
    assert states(world)[2] == "approved"


def test_whoever_it_was_passed_on_to_does_not_decide_on_their_own(world: World, browse: Any, page: str) -> None:
    anna = browse("anna")
    assert "Niemand beslist over een eigen aanvraag." in anna.get(page).text
    assert anna.post(f"{page}/1", {"decision": "approve"}).status_code == 403
    assert states(world)[0] == "submitted"


def test_what_went_to_somebody_else_says_who_has_it_now(world: World, cast: Cast, browse: Any, page: str) -> None:
    with world.db.transaction() as session:
        today = local_date(world.clock.now())
        substitutes.stand_in(session, cast.people["bram"], cast.people["els"], today, today, today)
        session.flush()
        assert reroute(session, world.clock.now()).moved == 3
    shown = browse().get(page).text
    assert shown.count("De beslissing ligt nu bij: Els de Wit in de plaats van Bram de Wit.") == 3
    assert browse().post(f"{page}/1", {"decision": "approve"}).status_code == 410


def test_no_other_token_opens_it_and_no_other_link_is_in_it(world: World, cast: Cast, browse: Any, page: str) -> None:
    with world.db.transaction() as session:
        other = cast.submitted(session, "olga", key="4")
        nonce = session.scalars(select(Bundle.nonce)).one()
        theirs = session.scalars(select(MailLink.id).where(MailLink.case_id == other.id)).one()
    nobody = browse()
    assert nobody.get(f"/akkoord/dag/{world.link_token(nonce)}").status_code == 404
    assert nobody.get(f"/akkoord/dag/{nonce}.{'0' * 40}").status_code == 404
    assert nobody.post(f"{page}/{theirs}", {"decision": "approve"}).status_code == 404


def test_the_receipts_open_from_the_page(browse: Any, page: str) -> None:
    nobody = browse()
    links = re.findall(r'href="(/akkoord/[^"]+/bijlage/\d+)"', nobody.get(page).text)
    assert len(set(links)) == 2
    assert nobody.get(links[0]).status_code == 200


def test_one_chooses_when_mail_comes(world: World, cast: Cast, browse: Any) -> None:
    bram, address = browse("bram"), "/mijn-gegevens/post"
    assert "Wanneer krijgt u mail?" in bram.get("/mijn-gegevens").text
    assert "Wanneer krijgt u mail?" not in browse("anna").get("/mijn-gegevens").text
    for hour, kept in (("9", 9), ("", None), ("16", 16)):
        assert bram.post(address, {"daily": hour}).status_code == 302
        with world.db.session(writes=False) as session:
            assert session.get_one(Person, cast.people["bram"]).daily_hour == kept
    for wrong in ("3", "negen", "-1"):
        assert says(bram.post(address, {"daily": wrong}), "daily_hour_wrong")


def test_what_is_not_theirs_any_more_says_no_name_and_no_amount(
    world: World, cast: Cast, browse: Any, page: str
) -> None:
    """Whoever has an old mail of the day cannot follow a request that went to somebody else."""
    with world.db.transaction() as session:
        today = local_date(world.clock.now())
        substitutes.stand_in(session, cast.people["bram"], cast.people["els"], today, today, today)
        session.flush()
        reroute(session, world.clock.now())
        names = [session.get_one(Person, who).name for who in session.scalars(select(Case.initiator_id))]
    shown = browse().get(page).text
    assert [name for name in names if name in shown] == []
    assert "€" not in shown
    assert "DEC-2026-000001" in shown


def test_what_somebody_decided_on_is_known_to_them_without_what_it_became(browse: Any, page: str) -> None:
    nobody = browse()
    nobody.post(f"{page}/2", {"decision": "return", "reason": "Bedrag klopt niet"})
    section = nobody.get(page).text.partition('id="DEC-2026-000002"')[2].partition("</section>")[0]
    assert "Aart" in section
    assert "€" not in section
