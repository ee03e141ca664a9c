"""Reporting ill on the screen, for oneself or by the SSC, and saying when one works again."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sqlalchemy import select

from portal.models.cases import Case
from portal.models.mail import OutboxMail
from portal.models.people import ManagerRelation
from portal.queries.led import led_by
from portal.worlds import World
from tests.cast import Cast
from tests.leave import agreed


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_somebody_reports_ill_works_a_part_again_and_recovers(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        agreed(session, cast)
    anna = browse("anna")
    draft = anna.post("/zaken/nieuw/sickness", {"client_key": "k" * 32}).headers["Location"]
    form = anna.get(draft).get_data(as_text=True)
    assert "Wat u hebt, vragen we niet" in form
    assert "textarea" not in form
    wrong = anna.get(anna.get(anna.post(draft, {"first": "2026-12-24", "do": "review"}).headers["Location"]
                              ).headers["Location"])  # fmt: skip
    assert "Deze datum ligt in de toekomst" in text(wrong)
    anna.get(anna.post(draft, {"first": "2026-11-20", "do": "review"}).headers["Location"])
    page = anna.post(f"{draft}/indienen", {}).headers["Location"]
    assert "vrijdag 20 november 2026" in text(anna.get(page))
    half = anna.post(f"{page}/partly", {"partly-day": "2026-11-23", "partly-percent": "half"})
    assert half.status_code == 422
    assert 'value="half"' in half.get_data(as_text=True)
    assert anna.post(f"{page}/partly", {"partly-day": "2026-11-23", "partly-percent": "50"}).status_code == 302
    assert "werkt 50 % van de uren" in text(anna.get(page)).replace("\u00a0", " ")
    bram = browse("bram")
    ahead = bram.post(f"{page}/recover", {"recover-day": "2026-12-01"})
    assert ahead.status_code == 422
    assert "Deze dag is te ver vooruit" in text(ahead)
    assert bram.post(f"{page}/recover", {"recover-day": "2026-11-24"}).status_code == 302
    assert "dinsdag 24 november 2026" in text(bram.get(page))
    for name in ("aart", "dirk", "hanna", "farid"):
        assert browse(name).get(page).status_code == 404


def test_a_clerk_reports_somebody_ill_who_calls(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        agreed(session, cast)
    carla = browse("carla")
    begun = carla.post(f"/namens/{cast.people['anna']}/sickness", {"client_key": "k" * 32})
    draft = begun.headers["Location"]
    assert "U meldt Anna" in text(carla.get(draft))
    carla.get(carla.post(draft, {"first": "2026-11-24", "do": "review"}).headers["Location"])
    page = carla.post(f"{draft}/indienen", {}).headers["Location"]
    assert "Ziek" in text(browse("anna").get(page))
    assert "Ziek" in text(carla.get(page))


def test_a_manager_reports_somebody_ill_who_phoned_and_the_employee_is_told(
    world: World, cast: Cast, browse: Any
) -> None:
    with world.db.transaction() as session:
        agreed(session, cast)
    bram, anna = browse("bram"), cast.people["anna"]
    overview = bram.get("/namens").get_data(as_text=True)
    assert f"/namens/{anna}/sickness" in overview
    assert f"/namens/{anna}/expense_claim" not in overview
    assert bram.post(f"/namens/{anna}/expense_claim", {}).status_code == 404
    draft = bram.post(f"/namens/{anna}/sickness", {"client_key": "k" * 32}).headers["Location"]
    assert "U meldt Anna" in text(bram.get(draft))
    bram.get(bram.post(draft, {"first": "2026-11-24", "do": "review"}).headers["Location"])
    page = bram.post(f"{draft}/indienen", {}).headers["Location"]
    assert "Ziek" in text(browse("anna").get(page))
    with world.db.session(writes=False) as session:
        told = [mail.person_id for mail in session.scalars(select(OutboxMail))]
        case = session.scalars(select(Case).where(Case.type == "sickness")).one()
        # They stay the manager of it: nobody above them is told.
        assert (case.preparer_id, case.approver_id) == (cast.people["bram"], cast.people["bram"])
    assert told.count(anna) == told.count(cast.people["bram"]) == 1
    assert cast.people["diane"] not in told
    assert bram.post(f"{page}/recover", {"recover-day": "2026-11-25"}).status_code == 302


def test_only_who_leads_somebody_directly_reports_them_ill(world: World, cast: Cast, browse: Any) -> None:
    people = cast.people
    for name in ("aart", "anna", "dirk", "diane", "otto", "hanna"):
        assert browse(name).post(f"/namens/{people['anna']}/sickness", {}).status_code == 404, name
    # Who leads a team is led by who leads the unit above it.
    assert browse("diane").post(f"/namens/{people['bram']}/sickness", {}).status_code == 302
    assert browse("bram").post(f"/namens/{people['bram']}/sickness", {}).status_code == 404
    assert browse("bram").post(f"/namens/{people['diane']}/sickness", {}).status_code == 404
    with world.db.transaction() as session:
        led = {one.person_id for one in led_by(session, cast.viewer(session, "bram"), date(2026, 11, 24))}
        assert people["anna"] in led
        assert people["bram"] not in led
        relation = session.scalars(select(ManagerRelation).where(ManagerRelation.manager_id == people["bram"])).one()
        relation.valid_to = date(2026, 11, 23)
    assert browse("bram").post(f"/namens/{people['anna']}/sickness", {}).status_code == 404


def test_who_leads_somebody_no_more_cannot_hand_in_what_they_began(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        agreed(session, cast)
    bram = browse("bram")
    draft = bram.post(f"/namens/{cast.people['anna']}/sickness", {"client_key": "k" * 32}).headers["Location"]
    bram.post(draft, {"first": "2026-11-24", "do": "review"})
    with world.db.transaction() as session:
        relation = session.scalars(
            select(ManagerRelation).where(ManagerRelation.manager_id == cast.people["bram"])
        ).one()
        relation.valid_to = date(2026, 11, 23)
    refused = bram.post(f"{draft}/indienen", {})
    assert refused.status_code == 409
    assert "niet meer invullen" in text(refused)
