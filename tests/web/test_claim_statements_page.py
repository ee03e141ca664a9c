"""A claim without a receipt over HTTP: signed, counted over all of somebody's cases, and shown to who decides."""

from __future__ import annotations

import html
import io
from typing import Any

from pypdf import PdfReader
from sqlalchemy import select

from portal.commands import cases
from portal.models.cases import Case
from portal.models.mail import MailLink
from portal.models.people import Policy
from portal.models.statements import ReceiptStatement
from portal.queries.statements import statements_of
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import whole

FIELDS = {
    "purpose": "Zitting", "cost_centre": "1100", "lines-0-key": "a", "lines-0-category": "parking",
    "lines-0-date": "2026-11-20", "lines-0-description": "Parkeren", "lines-0-amount": "12,50",
    "lines-0-missing_why": "De bon is nat geworden.", "lines-0-missing_where": "Garage De Kade",
    "lines-0-missing_sign": "y",
}  # fmt: skip


def said(answer: Any) -> str:
    return " ".join(html.unescape(answer.text).split())


def draft(browser: Any, key: str, **more: str) -> str:
    page = str(browser.post("/zaken/nieuw/expense_claim", {"client_key": key}).headers["Location"])
    browser.post(page, {**FIELDS, **more})
    return page


def submitted(browser: Any, key: str) -> str:
    page = draft(browser, key)
    return str(browser.post(f"{page}/indienen").headers["Location"].rpartition("/")[2])


def agree(world: World, key: str, value: str) -> None:
    with world.db.transaction() as session:
        session.add(Policy(key=key, value=value, valid_from=SINCE, source="Regeling"))


def test_without_signing_the_page_says_so_in_both_languages_and_keeps_what_was_typed(browse: Any) -> None:
    anna = browse("anna")
    page = draft(anna, "k", **{"lines-0-missing_sign": ""})
    assert anna.get(f"{page}/controleren").status_code == 302
    shown = anna.get(f"{page}?controle=1")
    assert "Zet een vinkje om de verklaring te ondertekenen." in said(shown)
    assert 'value="De bon is nat geworden."' in shown.text
    anna.post("/taal/en")
    assert "Tick the box to sign the statement." in said(anna.get(f"{page}?controle=1"))


def test_who_decides_and_who_checks_see_which_of_the_year_it_is(world: World, cast: Cast, browse: Any) -> None:
    anna = browse("anna")
    submitted(anna, "one")
    number = submitted(anna, "two")
    words = ("Garage De Kade: De bon is nat geworden.", "Nummer 2 van 2026.",
             "Verklaring ondertekend door Anna de Wit op 24 nov 2026 om 10:00.")  # fmt: skip
    with world.db.session(writes=False) as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        nonce = session.scalars(select(MailLink.nonce).where(MailLink.case_id == case.id)).one()
    for page in (anna.get(f"/zaken/{number}"), browse().get(f"/akkoord/{world.link_token(nonce)}")):
        assert all(word in said(page) for word in words)
    with world.db.transaction() as session:
        cast.act(session, "bram", whole(session, case.id), "approve")
    carla = browse("carla")
    carla.post(f"/zaken/{number}/nemen")
    bench = said(carla.get(f"/werkvoorraad/{number}"))
    assert all(word in bench for word in words)
    assert "De verklaring in plaats van een bon is aannemelijk" in bench
    paper = PdfReader(io.BytesIO(anna.get(f"/zaken/{number}/dossier.pdf").data))
    printed = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert all(word in printed for word in words)


def test_beyond_what_was_agreed_it_is_shown_or_refused(world: World, browse: Any) -> None:
    agree(world, "statements_most", "1")
    anna = browse("anna")
    submitted(anna, "one")
    second = submitted(anna, "two")
    assert "Dat is meer dan de 1 die zijn afgesproken." in said(anna.get(f"/zaken/{second}"))
    agree(world, "statements_beyond", "refuse")
    page = draft(anna, "three")
    assert anna.get(f"{page}/controleren").status_code == 302
    assert "hoogstens 1 uitgaven van 2026 declareren zonder bon" in said(anna.get(f"{page}?controle=1"))
    anna.post("/taal/en")
    assert "You may claim 1 expenses of 2026 without a receipt at most." in said(anna.get(f"{page}?controle=1"))


def test_counted_by_person_without_what_was_rejected_or_withdrawn(world: World, cast: Cast, browse: Any) -> None:
    anna, aart = browse("anna"), browse("aart")
    kept, rejected, withdrawn = (submitted(anna, key) for key in ("one", "two", "three"))
    submitted(aart, "one")
    with world.db.transaction() as session:
        ids = {row.number: row.id for row in session.execute(select(Case.number, Case.id))}
        assert statements_of(session, cast.people["anna"], 0) == {2026: 3}
        assert statements_of(session, cast.people["anna"], ids[kept]) == {2026: 2}
        cast.act(session, "bram", whole(session, ids[rejected]), "reject", "Nee")
        cast.act(session, "anna", whole(session, ids[withdrawn]), "withdraw")
        session.flush()
        assert statements_of(session, cast.people["anna"], 0) == {2026: 1}
        assert statements_of(session, cast.people["aart"], 0) == {2026: 1}


def test_handed_in_anew_only_the_last_round_counts(world: World, cast: Cast, browse: Any) -> None:
    anna = browse("anna")
    number = submitted(anna, "one")
    with world.db.transaction() as session:
        case_id = session.scalars(select(Case.id).where(Case.number == number)).one()
        cast.act(session, "bram", whole(session, case_id), "return", "Welke dag?")
    page = f"/concept/{case_id}"
    anna.post(page, {**FIELDS, "lines-0-date": "2026-11-19"})
    anna.post(f"{page}/indienen")
    with world.db.session(writes=False) as session:
        (row,) = session.scalars(select(ReceiptStatement))
        assert (row.line_key, row.day.isoformat(), row.person_id) == ("a", "2026-11-19", cast.people["anna"])


def test_a_check_leaves_what_was_signed_as_it_is(world: World, cast: Cast, browse: Any) -> None:
    number = submitted(browse("anna"), "one")
    with world.db.transaction() as session:
        case = whole(session, session.scalars(select(Case.id).where(Case.number == number)).one())
        cast.act(session, "bram", case, "approve")
        (line,) = case.content["lines"]
        cases.take(session, cast.viewer(session, "carla"), case, world.clock.now())
        lowered = {**line, "sanctioned_cents": 1000, "reduction_reason": "Te veel"}
        cast.act(session, "carla", case, "adjust", content={**case.content, "lines": [lowered]})
        (after,) = case.content["lines"]
        signed = [name for name in line if name.startswith("statement")]
        assert "statement_at" in signed
        assert {name: after[name] for name in signed} == {name: line[name] for name in signed}


def test_a_statement_reads_as_a_sentence_also_on_paper_and_can_be_filtered_by(browse: Any) -> None:
    anna = browse("anna")
    number = submitted(anna, "one")
    paper = PdfReader(io.BytesIO(anna.get(f"/zaken/{number}/dossier.pdf").data))
    printed = " ".join(" ".join(sheet.extract_text() for sheet in paper.pages).split())
    assert "Geen bon: Garage De Kade: De bon is nat geworden." in printed
    page = said(browse("bram").get(f"/zaken/{number}"))
    assert "Er is geen bon, maar een ondertekende verklaring: nummer 1 van 2026." in page
