"""What is flagged of an invoice, over HTTP: how the bench says it, what settling asks, and who recorded the call."""

from __future__ import annotations

import html
from typing import Any

from sqlalchemy import select

from portal.commands import cases
from portal.models.cases import Case
from portal.queries.cases import WHOLE
from portal.worlds import World
from tests import invoices
from tests.cast import NEW_IBAN, Cast
from tests.commands.helpers import here
from tests.ledger import account, cost_centre, given_chart
from tests.web.said import says


def said(answer: Any) -> str:
    return html.unescape(answer.text).replace("\xa0", " ")


def in_hand(world: World, cast: Cast, **more: Any) -> tuple[int, str]:
    """An invoice that Carla registers, and the number of its supplier."""
    with world.db.transaction() as session:
        known = invoices.prepare(session, cast)
        known.phone = "0201234567"
        case = invoices.handed_in(session, cast, **more)
        cases.take(session, cast.viewer(session, "carla"), case, world.clock.now())
        return known.id, case.number or ""


def test_another_account_is_settled_after_the_call_of_a_colleague(world: World, cast: Cast, browse: Any) -> None:
    supplier, number = in_hand(world, cast, iban=NEW_IBAN)
    carla, els = browse("carla"), browse("els")
    page = said(carla.get(f"/werkvoorraad/{number}"))
    assert "Ander rekeningnummer" in page
    assert NEW_IBAN not in page
    settle = f"/werkvoorraad/{number}/signaal/0"
    typed = {"answer": "confirmed", "reason": "Nagevraagd"}
    assert says(carla.post(settle, typed), "flag_not_called")
    called = f"/leveranciers/{supplier}/gebeld"
    wrong = els.post(called, {"form": "call", "spoke_with": "Mevrouw Groen", "said": ""})
    assert says(wrong, "supplier_call_missing")
    assert 'value="Mevrouw Groen"' in wrong.text
    done = els.post(called, {"form": "call", "spoke_with": "Mevrouw Groen", "said": "Wij houden onze rekening"})
    assert done.status_code == 302
    assert "Het gesprek is vastgelegd" in said(els.get(done.location))
    assert carla.post(settle, typed).status_code == 302
    assert "De leverancier bevestigde de rekening" in said(carla.get(f"/werkvoorraad/{number}"))
    for name in ("anna", "bram", "dirk"):
        assert browse(name).post(called, {"form": "call", "spoke_with": "x", "said": "y"}).status_code == 404


def test_who_called_leaves_settling_to_another(world: World, cast: Cast, browse: Any) -> None:
    supplier, number = in_hand(world, cast, g_iban="NL61INGB0990000031", g_cents=3_000)
    carla = browse("carla")
    page = said(carla.get(f"/werkvoorraad/{number}"))
    assert "De factuur vraagt € 30,00 op g-rekening" in page
    assert "NL61INGB0990000031" not in page
    carla.post(f"/leveranciers/{supplier}/gebeld", {"form": "call", "spoke_with": "Mevrouw Groen", "said": "Alles"})
    typed = {"answer": "whole", "reason": "Zo afgesproken"}
    assert says(carla.post(f"/werkvoorraad/{number}/signaal/0", typed), "flag_called_yourself")


def test_what_an_invoice_is_like_is_said_with_what_is_the_same(world: World, cast: Cast, browse: Any) -> None:
    _, first = in_hand(world, cast, key="a", number="F-1", issued="2026-11-18")
    _, number = in_hand(world, cast, key="b", number="f 01", issued="2026-11-18", findings=[["BR-NL-1", "warning"]],
                        refused_attachments=["reken.xls"])  # fmt: skip
    page = said(browse("carla").get(f"/werkvoorraad/{number}"))
    assert first in page
    assert "leverancier, nummer, datum, bedrag" in page
    assert "BR-NL-1" in page
    assert "reken.xls" in page


def coded(world: World, carla: Any, number: str, centre: str) -> Any:
    """Code the one line of an invoice on this cost centre."""
    with world.db.session(writes=False) as session:
        version = session.scalars(select(Case).where(Case.number == number).options(*WHOLE)).one().version
    typed = {"coding-a-account": "4440", "coding-a-cost_centre": centre}
    return carla.post(f"/zaken/{number}/coderen", {"version": version, **typed})


def test_lines_on_another_cost_centre_are_flagged_while_they_are(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        given_chart(session, cast, account("4440", "Groen", "resultaat"), cost_centre("1200", "Groen"),
                    cost_centre("1100", "Beheer"))  # fmt: skip
    _, number = in_hand(world, cast)
    carla = browse("carla")
    assert coded(world, carla, number, "1200").status_code == 302
    assert "De goedkeuring geldt voor kostenplaats 1100. De regels zijn gecodeerd op 1200." in said(
        carla.get(f"/werkvoorraad/{number}")
    )
    assert coded(world, carla, number, "1100").status_code == 302
    assert "De goedkeuring geldt" not in said(carla.get(f"/werkvoorraad/{number}"))


def test_what_waits_for_its_day_is_told_where_payments_are_proposed(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        invoices.payable(session, cast)
    page = said(browse("dirk").get("/betalingen/waterveen"))
    assert "1 betaling van € 121,00 wacht op haar dag" in page
    world.clock.set(here("2026-12-15 10:00"))  # type: ignore[attr-defined]
    assert "wacht op haar dag" not in said(browse("dirk").get("/betalingen/waterveen"))
