"""Business cases: entered by the director, read by the contract manager of the municipality, and never changed."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sqlalchemy import select

from portal.commands.business_case import enter
from portal.models.business_case import BusinessCaseVersion
from portal.models.people import Municipality, RoleGrant
from portal.queries.business_case import holding, versions_of
from portal.worlds import World
from seed.business_cases import case_of
from seed.sources import source
from tests.cast import Cast
from tests.commands.helpers import refused
from tests.workflows.test_business_case import HANDBOOK
from workflows.business_case import BusinessCase, Year, consolidated

TYPED = {
    "form": "enter", "current": "750.000", "first": "2026", "reason": "Raadsbesluit",
    "running-0": "750.000,00", "investment-0": "175000", "running-1": "700000", "investment-1": "75.000",
    "running-2": "650000", "investment-2": "", "running-3": "650000", "running-4": "650000", "investment-4": "0",
}  # fmt: skip
LATER = BusinessCase(
    HANDBOOK.current_cents, tuple(Year(y.year + 2025, y.running_cents, y.investment_cents) for y in HANDBOOK.years)
)


@pytest.fixture
def director(world: World, cast: Cast) -> str:
    """Ilse is the director; Farid looks after Waterveen alone."""
    with world.db.transaction() as session:
        farid = session.scalars(select(RoleGrant).where(RoleGrant.person_id == cast.people["farid"])).one()
        farid.municipality_id = cast.municipalities["waterveen"]
    return "ilse"


def test_what_the_director_enters_the_municipality_reads(cast: Cast, browse: Any, director: str) -> None:
    ilse, farid = browse(director), browse("farid")
    assert ilse.get("/businesscase").status_code == 200
    assert ilse.get("/businesscase/waterveen/nieuw").status_code == 200
    done = ilse.post("/businesscase/waterveen/nieuw", TYPED)
    assert (done.status_code, done.headers["Location"]) == (302, "/businesscase/waterveen")
    other = {**TYPED, "current": "100", "running-0": "90", "investment-0": "20,50"}
    other |= {f"running-{at}": "" for at in range(1, 5)} | {f"investment-{at}": "" for at in range(1, 5)}
    assert ilse.post("/businesscase/duinrade/nieuw", other).status_code == 302
    assert farid.get("/businesscase").headers["Location"] == "/businesscase/waterveen"
    page = farid.get("/businesscase/waterveen").text
    assert "In 2029 zijn de kosten terugverdiend" in page
    assert "175.000<" in page, "no cents where there are none"
    assert "Nieuwe versie" not in page, "who only reads it enters nothing"
    for address in ("/businesscase/duinrade", "/businesscase/samen/businesscase.csv", "/businesscase/waterveen/nieuw"):
        assert farid.get(address).status_code == 404
    assert farid.post("/businesscase/waterveen/nieuw", TYPED).status_code == 404
    assert browse("carla").get("/businesscase").status_code == 404
    rows = list(csv.reader(io.StringIO(farid.get("/businesscase/waterveen/businesscase.csv").text), delimiter=";"))
    assert rows[-1] == ["2030", "650000,00", "100000,00", "0,00", "100000,00", "100000,00"]
    both = ilse.get("/businesscase/samen/businesscase.csv").text.splitlines()
    assert both[2].split(";") == ["2026", "750090,00", "10,00", "175020,50", "-175010,50", "-175010,50"]
    assert both[3].split(";") == ["2027", "700100,00", "50000,00", "75000,00", "-25000,00", "-200010,50"]
    assert "750.100,00" in ilse.get("/businesscase").text


def test_on_paper_it_is_a_pdf(cast: Cast, browse: Any, director: str) -> None:
    ilse = browse(director)
    assert ilse.get("/businesscase/waterveen/businesscase.pdf").status_code == 404
    ilse.post("/businesscase/waterveen/nieuw", TYPED)
    assert ilse.get("/businesscase/waterveen/businesscase.pdf").data.startswith(b"%PDF-1.")


def test_what_is_typed_wrong_is_said_beside_the_field_and_kept(cast: Cast, browse: Any, director: str) -> None:
    ilse = browse(director)
    typed = {**TYPED, "current": "veel", "first": "nu", "running-1": "", "investment-1": "", "investment-4": "-1",
             "reason": " "}  # fmt: skip
    answer = ilse.post("/businesscase/waterveen/nieuw", typed)
    assert answer.status_code == 422
    for field in ("current", "first", "running-1", "investment-4"):
        assert f'href="#enter-{field}"' in answer.text
    assert 'value="veel"' in answer.text
    assert "Schrijf het eerste jaar als 2027." in answer.text
    assert "maak ook de jaren erna leeg" in answer.text
    assert "Schrijf op waarom" in ilse.post("/businesscase/waterveen/nieuw", {**TYPED, "reason": " "}).text
    nothing = {"form": "enter", "current": "1", "first": "2026", "reason": "x"}
    assert "minstens" in ilse.post("/businesscase/waterveen/nieuw", nothing).text
    assert ilse.get("/businesscase/waterveen").text.count("<tr") == 0


def test_every_version_stays_and_only_the_director_adds_one(world: World, cast: Cast, director: str) -> None:
    with world.db.transaction() as session:
        place = session.get_one(Municipality, cast.municipalities["waterveen"])
        ilse, now = cast.viewer(session, director), world.clock.now()
        assert enter(session, ilse, place, LATER, "Eerste", now).version == 1
        assert refused(lambda: enter(session, ilse, place, LATER, "Nog eens", now)) == {"business_case_same"}
        farid = cast.viewer(session, "farid")
        assert refused(lambda: enter(session, farid, place, HANDBOOK, "x", now)) == {"business_case_not_yours"}
        gap = BusinessCase(1, (Year(1, 0, 0), Year(3, 0, 0)))
        assert refused(lambda: enter(session, ilse, place, gap, "x", now)) == {"business_case_order"}
        assert refused(lambda: enter(session, ilse, place, BusinessCase(1, ()), "x", now)) == {"business_case_years"}
        enter(session, ilse, place, HANDBOOK, "Tweede", now)
        held = versions_of(session, place.id)
        assert [(one.version.version, one.case) for one in held] == [(2, HANDBOOK), (1, LATER)]
        assert holding(session, [place.id])[place.id].case == HANDBOOK
        assert len(session.scalars(select(BusinessCaseVersion)).all()) == 2


def test_the_seeded_ones_together_are_the_table_of_the_handbook() -> None:
    last = {row["municipality"]: case_of(row, 1) for row in source("business_cases")["case"]}
    assert consolidated(list(last.values())) == HANDBOOK
