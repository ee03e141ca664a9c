"""A claim in another currency over HTTP, without scripts: filled in, refused, proven, submitted and shown to all."""

from __future__ import annotations

import html
import io
from datetime import date
from typing import Any

from sqlalchemy import select

from portal.commands.changes import COMMAND_LINE
from portal.commands.rates import take_in
from portal.models.cases import Case, Document
from portal.models.mail import MailLink
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import whole
from tests.rate_files import FRIDAY, as_csv
from tests.sample_files import jpeg

FIELDS = {
    "purpose": "Congres", "cost_centre": "1100", "lines-0-key": "a", "lines-0-category": "lodging",
    "lines-0-date": FRIDAY.isoformat(), "lines-0-description": "Hotel in Boston", "lines-0-currency": "USD",
    "lines-0-amount": "45,00",
}  # fmt: skip


def said(answer: Any) -> str:
    return " ".join(html.unescape(answer.text).split())


def draft(browser: Any) -> str:
    return str(browser.post("/zaken/nieuw/expense_claim", {"client_key": "k"}).headers["Location"])


def add(browser: Any, page: str, field: str, **more: str) -> Any:
    return browser.post(
        page, {**FIELDS, **more, field: (io.BytesIO(jpeg()), "foto.jpg")}, content_type="multipart/form-data"
    )


def with_rates(world: World) -> None:
    with world.db.transaction() as session:
        take_in(session, COMMAND_LINE, as_csv(), "x.csv", world.clock.now())


def test_a_claim_in_dollars_from_form_to_decision(world: World, cast: Cast, browse: Any) -> None:
    with_rates(world)
    anna = browse("anna")
    page = draft(anna)
    add(anna, page, "lines-0-receipt")
    saved = anna.post(f"{page}/bewaren", FIELDS).json
    assert saved["hints"]["lines-0-shown"] == "€\xa041,12"
    words = "USD 45,00 ÷ 1,0944 (ECB, 20 nov 2026)"
    assert words in said(anna.get(f"{page}/controleren"))
    number = anna.post(f"{page}/indienen").headers["Location"].rpartition("/")[2]
    assert words in said(anna.get(f"/zaken/{number}"))
    with world.db.transaction() as session:
        nonce = session.scalars(select(MailLink.nonce)).one()
        line = session.scalars(select(Case)).one().content["lines"][0]
    assert (line["original_minor"], line["claimed_cents"], line["exchange_source"]) == (4500, 4112, "ECB")
    assert words in said(browse().get(f"/akkoord/{world.link_token(nonce)}"))
    with world.db.transaction() as session:
        case = cast_case(session, number)
        cast.act(session, "bram", case, "approve")
    carla = browse("carla")
    carla.post(f"/zaken/{number}/nemen")
    bench = said(carla.get(f"/werkvoorraad/{number}"))
    assert words in bench
    carla.post("/taal/en")
    assert "USD 45.00 ÷ 1.0944 (ECB, 20 Nov 2026)" in said(carla.get(f"/werkvoorraad/{number}"))


def cast_case(session: Any, number: str) -> Case:
    return whole(session, session.scalars(select(Case.id).where(Case.number == number)).one())


def test_without_a_rate_the_form_says_so_in_both_languages_and_keeps_what_was_typed(browse: Any) -> None:
    anna = browse("anna")
    page = draft(anna)
    add(anna, page, "lines-0-receipt")
    assert anna.get(f"{page}/controleren").headers["Location"].endswith("controle=1")
    assert "We hebben geen koers van USD voor 20 november 2026" in said(anna.get(f"{page}?controle=1"))
    assert 'value="45,00"' in anna.get(page).text
    anna.post("/taal/en")
    assert "We have no rate of USD for 20 November 2026" in said(anna.get(f"{page}?controle=1"))


def test_a_rate_of_ones_own_is_taken_with_its_proof(world: World, cast: Cast, browse: Any) -> None:
    anna = browse("anna")
    page = draft(anna)
    own = {"lines-0-own_rate": "1,08"}
    add(anna, page, "lines-0-receipt", **own)
    anna.get(f"{page}/controleren")
    assert "het afschrift van uw bank" in said(anna.get(f"{page}?controle=1"))
    add(anna, page, "lines-0-bank", **own)
    assert anna.get(f"{page}/controleren").status_code == 200
    assert "(eigen bank, 20 nov 2026)" in said(anna.get(f"{page}/controleren"))
    with world.db.session(writes=False) as session:
        assert list(session.scalars(select(Document.kind).order_by(Document.id))) == ["receipt", "bank"]


def test_a_proof_is_added_at_once_by_the_page(world: World, browse: Any) -> None:
    anna = browse("anna")
    page = draft(anna)
    for kind, stored in (("bank", "bank"), ("contract", "receipt"), ("", "receipt")):
        answer = anna.post(f"{page}/bijlagen?line=a&kind={kind}", {"file": (io.BytesIO(jpeg()), "f.jpg")},
                           content_type="multipart/form-data")  # fmt: skip
        assert answer.status_code == 201
        with world.db.session(writes=False) as session:
            assert session.scalars(select(Document.kind).order_by(Document.id.desc())).first() == stored


def test_a_date_without_rates_long_ago_asks_nothing_of_the_database_that_is_not_there(browse: Any) -> None:
    anna = browse("anna")
    page = draft(anna)
    anna.post(page, {**FIELDS, "lines-0-date": date(1, 1, 1).isoformat()})
    assert anna.get(page).status_code == 200
