"""Paying on time: what late costs, the three ways to count, and the invoices behind each figure."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.commands import cases
from portal.models.cases import Case
from portal.models.payments import Payable
from portal.models.people import Policy, RoleGrant
from portal.queries.lateness import bills
from portal.worlds import World
from tests import invoices
from tests.cast import Cast
from tests.commands.helpers import whole
from tests.commands.money import booked, debit, lines_in, release, take_in

PAGE = "/op-tijd-betalen"
YEAR = f"{PAGE}/waterveen/2026"


def said(answer: Any) -> str:
    return html.unescape(answer.text).replace("\xa0", " ")


@pytest.fixture
def late(world: World, cast: Cast) -> dict[str, str]:
    """Four invoices of Waterveen: paid in time, open and late, a credit note, and rejected."""
    with world.db.transaction() as session:
        for key, value in (("late_interest_percent", "10"), ("late_costs_cents", "4000")):
            session.add(Policy(key=key, value=value, valid_from=date(2020, 1, 1), source="test"))
        paid = invoices.payable(session, cast, 12_100, key="paid", received="2026-11-10")
        numbers = {"paid": paid.number or ""}
        for name, received in (("open", "2026-10-01"), ("rejected", "2026-10-02")):
            numbers[name] = invoices.handed_in(session, cast, 50_000, key=name, received=received).number or ""
        numbers["credit"] = invoices.payable(
            session, cast, 6050, key="credit", credit=True, preceding="F-9", received="2026-10-03"
        ).number or ""  # fmt: skip
        case_id = paid.id
    with world.db.transaction() as session:
        rejected = session.scalars(select(Case.id).where(Case.number == numbers["rejected"])).one()
        case = whole(session, rejected)
        cases.take(session, cast.viewer(session, "carla"), case, world.clock.now())
        cast.act(session, "carla", case, "refuse", "Niet voor ons")
        session.execute(update(Payable).where(Payable.case_id == case_id).values(pay_from=None))
        (line,) = lines_in(session, release(session, cast, case_id))
    take_in(world, booked(debit(line)))
    return numbers


def test_what_late_costs_and_how_many_were_on_time(world: World, cast: Cast, browse: Any, late: dict[str, str]) -> None:
    dirk = browse("dirk")
    overview = said(dirk.get(PAGE))
    assert "Waterveen" in overview
    assert "(1 van 2)" in overview
    page = said(dirk.get(YEAR))
    # From 1 November up to and including the 24th: 24 days of 10 % a year over € 500, and € 40.
    assert "€ 43,29" in page
    assert "50%" in page
    assert late["open"] in page
    assert late["paid"] not in page
    for way, shown in (("on_time", "paid"), ("late_open", "open"), ("ended", "rejected"), ("credit", "credit")):
        listed = said(dirk.get(f"{YEAR}?definitie=paid&groep={way}"))
        assert [number for number in late.values() if number in listed] == [late[shown]], way
    assert late["open"] not in said(dirk.get(f"{PAGE}/waterveen/2026-11"))
    assert late["open"] in said(dirk.get(f"{PAGE}/waterveen/2026-10"))


def test_every_figure_is_the_count_of_what_it_opens(world: World, browse: Any, late: dict[str, str]) -> None:
    dirk = browse("dirk")
    page = dirk.get(YEAR).text
    links = re.findall(r'href="([^"]*groep=[^"]*)">[^<]*: (\d+)</a>', html.unescape(page))
    assert len(links) >= 9
    for address, count in links:
        listed = said(dirk.get(address.partition("#")[0]))
        assert len([number for number in late.values() if f">{number}<" in listed]) == int(count), address


def test_an_old_day_gives_what_was_known_then(world: World, browse: Any, late: dict[str, str]) -> None:
    dirk = browse("dirk")
    then = said(dirk.get(f"{YEAR}?op=2026-10-31"))
    assert "€ 43,29" not in then
    assert "Geen factuur was te laat" in then
    after = said(dirk.get(f"{YEAR}?op=2026-11-01"))
    assert "€ 40,14" in after
    ahead, now = (said(dirk.get(f"{YEAR}?op={day}")).partition("<main")[2] for day in ("2030-01-01", "2026-11-24"))
    assert ahead == now


def test_the_file_has_every_invoice_with_its_counting(browse: Any, late: dict[str, str]) -> None:
    answer = browse("dirk").get(f"{YEAR}/lijst.csv")
    header, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";")
    found = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert set(found) == set(late.values())
    assert found[late["open"]]["Dagen te laat"] == "24"
    assert found[late["open"]]["Rente"] == "3,29"
    assert found[late["open"]]["Kosten"] == "40,00"
    assert found[late["credit"]]["Dagen te laat"] == "0"


def test_without_a_rate_the_page_says_so(world: World, cast: Cast, browse: Any, late: dict[str, str]) -> None:
    with world.db.transaction() as session:
        session.execute(
            update(Policy).where(Policy.key == "late_interest_percent").values(valid_to=date(2026, 11, 10))
        )  # fmt: skip
    page = said(browse("dirk").get(YEAR))
    assert "is geen rentepercentage bekend" in page
    assert "11 november" in page


def test_the_dossier_says_it_to_the_ssc_alone(world: World, browse: Any, late: dict[str, str]) -> None:
    assert "€ 43,29" in said(browse("carla").get(f"/zaken/{late['open']}"))
    assert "Te laat volgens de wet" not in said(browse("carla").get(f"/zaken/{late['paid']}"))
    assert "Te laat volgens de wet" not in said(browse("anna").get(f"/zaken/{late['open']}"))


def test_who_may_see_it(world: World, cast: Cast, browse: Any, late: dict[str, str]) -> None:
    farid = browse("farid")
    page = said(farid.get(YEAR))
    assert late["open"] in page
    assert f"/zaken/{late['open']}" not in page, "a contract manager sees numbers, not dossiers"
    for path in ("/waterveen/2019-13", "/waterveen/20", "/elders/2026", "/waterveen/2031"):
        assert farid.get(PAGE + path).status_code == 404, path
    for name in ("anna", "bram", "carla", "hanna"):
        for path in (PAGE, YEAR, f"{YEAR}/lijst.csv"):
            assert browse(name).get(path).status_code == 404
    with world.db.transaction() as session:
        session.execute(
            update(RoleGrant).where(RoleGrant.person_id == cast.people["farid"])
            .values(municipality_id=cast.municipalities["duinrade"])
        )  # fmt: skip
    assert browse("farid").get(YEAR).status_code == 404
    with world.db.session(writes=False) as session:
        day = world.clock.now().date()
        found = bills(session, list(cast.municipalities.values()), day - timedelta(days=100), day, day)
        assert [len(found[place]) for place in cast.municipalities.values()] == [4, 0]
