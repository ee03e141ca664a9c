"""An advance on its pages: typed, decided, paid, accounted for; and money paid back, booked from the bank's list."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from portal.models.cases import Case
from portal.models.payments import BankEntry
from portal.models.people import Mandate
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import whole
from tests.commands.test_advances import an_entry, number_of, paid_out, state

TYPED = {"purpose": "Cursus in Maastricht", "amount": "250,00", "period_from": "2026-12-01",
         "period_to": "2026-12-03", "cost_centre": "1100"}  # fmt: skip


def test_it_is_typed_judged_submitted_and_approved_on_its_pages(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        session.add(
            Mandate(
                person_id=cast.people["bram"], municipality_id=cast.municipalities["waterveen"], kind="advance",
                maximum_cents=100_000, valid_from=SINCE,
            )
        )  # fmt: skip
    anna = browse("anna")
    draft = anna.post("/zaken/nieuw/advance", {"client_key": "a"}).headers["Location"]
    assert "Ten hoogste €\xa02.500,00" in anna.get(draft).text
    answer = anna.post(draft, {**TYPED, "amount": "2.500,01", "do": "review"})
    page = anna.get(anna.get(answer.headers["Location"]).headers["Location"]).text
    assert 'value="2.500,01"' in page
    assert "Een voorschot is ten hoogste €\xa02.500,00." in page
    answer = anna.post(draft, {**TYPED, "do": "review"})
    assert "1 dec 2026 tot en met 3 dec 2026" in anna.get(answer.headers["Location"]).text
    assert anna.post(f"{draft}/indienen").headers["Location"] == "/zaken/VOO-2026-000001"
    bram = browse("bram")
    version = re.search(r'name="version" value="(\d+)"', bram.get("/zaken/VOO-2026-000001").text)
    assert version
    assert bram.post("/zaken/VOO-2026-000001/approve", {"version": version[1]}).status_code == 302
    carla = browse("carla")
    bench = carla.post("/zaken/VOO-2026-000001/nemen").headers["Location"]
    page = carla.get(bench).text
    assert page.count('name="tick-advance-') == 3
    ticks = {f"tick-advance-{check}": "on" for check in ("for_work", "amount", "earlier")}
    assert carla.post(bench, {**ticks, "checklist": "1", "do": "check"}).status_code == 302
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Case.state)).all() == ["payable"]


def test_what_is_settled_is_shown_on_both_sides(world: World, cast: Cast, browse: Any) -> None:
    case_id, _ = paid_out(world, cast)
    with world.db.transaction() as session:
        claim_number = cast.payable(session, cents=6000).number
        netted = cast.payable(session, cents=12_000, key="netted").number
    number, anna = number_of(world, case_id), browse("anna")
    said = f"€\xa0120,00 toegekend, €\xa040,00 verrekend met voorschot {number}, €\xa080,00 te betalen"
    assert said in anna.get(f"/zaken/{netted}").text
    assert said in anna.get("/zaken").text
    assert said in browse("dirk").get("/betalingen/waterveen").text
    page = anna.get(f"/zaken/{number}").text
    assert f"/zaken/{claim_number}" in page
    assert f"/zaken/{netted}" in page


def test_a_copy_of_the_dossier_tells_what_was_settled(world: World, cast: Cast, browse: Any) -> None:
    case_id, _ = paid_out(world, cast)
    with world.db.transaction() as session:
        claim = cast.payable(session, cents=6000).number
    number, anna = number_of(world, case_id), browse("anna")
    assert "Verrekend door" in anna.get(f"/zaken/{number}").text
    for address in (number, claim):
        paper = PdfReader(io.BytesIO(anna.get(f"/zaken/{address}/dossier.pdf").data))
        printed = " ".join(" ".join(sheet.extract_text() for sheet in paper.pages).replace("\xa0", " ").split())
        assert "Verrekend Verrekend door Openstaand bedrag uit" in printed
        assert f"{claim} {number} 24 november 2026 Verrekend €" in printed
        told = anna.get(f"/zaken/{address}/dossier.json").json
        assert [(one["by"], one["owed_because_of"], one["cents"]) for one in told["settlements"]] == [
            (claim, number, 6000)
        ]


def test_the_dossier_of_an_advance_that_is_out_says_what_is_left_to_do(world: World, cast: Cast, browse: Any) -> None:
    case_id, _ = paid_out(world, cast)
    with world.db.transaction() as session:
        cast.payable(session, cents=6000)
    number, anna = number_of(world, case_id), browse("anna")
    page = anna.get(f"/zaken/{number}").text
    assert "€\xa040,00 moet nog worden verantwoord" in page
    assert "Te verantwoorden" in browse("carla").get(f"/zaken/{number}").text
    assert number in anna.get("/").text
    with world.db.session(writes=False) as session:
        version = str(whole(session, case_id).version)
    told = {"reason": "De cursus is verplaatst", "version": version}
    assert anna.post(f"/zaken/{number}/explain", told).status_code == 302
    assert "De cursus is verplaatst" in anna.get(f"/zaken/{number}").text


@pytest.mark.parametrize(("typed", "status"), [("VOO-2026-000099", 422), ("", 422), ("voo-2026-000001", 302)])
def test_money_paid_back_is_booked_from_the_list(
    world: World, cast: Cast, browse: Any, typed: str, status: int
) -> None:
    case_id, _ = paid_out(world, cast)
    entry_id, carla = an_entry(world, 10_000), browse("carla")
    assert "Als terugbetaald boeken" in carla.get("/bank").text
    answer = carla.post(f"/bank/post/{entry_id}/terugbetaald", {"number": typed})
    assert answer.status_code == status
    if status == 422:
        assert f'value="{typed}"' in answer.text
        assert f'href="#back-{entry_id}"' in answer.text
    with world.db.session(writes=False) as session:
        entry = session.get_one(BankEntry, entry_id)
        assert (entry.resolved_at is not None) == (status == 302)
    assert state(world, case_id) == ("settled" if status == 302 else "outstanding")
    assert carla.post(f"/bank/post/{entry_id}/terugbetaald", {"number": typed}).status_code == (
        404 if status == 302 else 422
    )
    assert browse("anna").post(f"/bank/post/{entry_id}/terugbetaald", {"number": typed}).status_code == 404


def test_money_booked_on_the_wrong_number_is_taken_back_from_the_list(world: World, cast: Cast, browse: Any) -> None:
    case_id, _ = paid_out(world, cast)
    entry_id, carla, els = an_entry(world, 4_000), browse("carla"), browse("els")
    number, address = number_of(world, case_id), f"/bank/post/{entry_id}/terugdraaien"
    assert "Geboekt als terugbetaald" not in els.get("/bank").text
    assert els.post(address, {"reason": "Verkeerd"}).status_code == 404, "not booked yet"
    carla.post(f"/bank/post/{entry_id}/terugbetaald", {"number": number})
    assert address not in carla.get("/bank").text, "she booked it herself"
    assert carla.post(address, {"reason": "Verkeerd"}).status_code == 422
    assert address in els.get("/bank").text
    answer = els.post(address, {"reason": " "})
    assert answer.status_code == 422
    assert f'href="#undo-{entry_id}"' in answer.text
    assert browse("anna").post(address, {"reason": "Verkeerd"}).status_code == 404
    assert els.post(address, {"reason": "Dit was van een collega"}).status_code == 302
    assert "Als terugbetaald boeken" in els.get("/bank").text
    page = browse("anna").get(f"/zaken/{number}").text
    assert "Dit was van een collega" in page
    assert "Per ongeluk geboekt geld is eraf gehaald" in page
