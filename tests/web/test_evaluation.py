"""Goals and the evaluation of a year: from the live figures, concluded with the figures that were known then."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal.commands import goals
from portal.commands.business_case import enter
from portal.commands.definitions import define_all
from portal.commands.indicators import catch_up_fully
from portal.models.costs import FINAL, QuarterSettlement
from portal.models.goals import Evaluation, Goal
from portal.models.people import Municipality, RoleGrant
from portal.models.satisfaction import Satisfaction
from portal.queries.goals import figures_of, real_costs, settled_in
from portal.worlds import World
from seed.business_cases import goal_of
from seed.sources import source
from tests.cast import Cast
from tests.commands.helpers import refused
from tests.workflows.test_goals import GOAL
from workflows.business_case import BusinessCase, Year

MARKS = {**GOAL, "form": "set", "indicator": "satisfaction", "aimed": "7,5", "said": "Minstens een 7,5"}
CASE = BusinessCase(1_000_00, (Year(2026, 900_00, 50_00), Year(2027, 800_00, 0)))


def scored(cast: Cast, world: World, *scores: int) -> None:
    """These marks, counted."""
    with world.db.transaction() as session:
        session.add_all(
            Satisfaction(municipality_id=cast.municipalities["waterveen"], score=score, at=world.clock.now())
            for score in scores
        )
        session.flush()
        catch_up_fully(session, world.clock.now())


@pytest.fixture
def measured(world: World, cast: Cast) -> None:
    """Indicators since the beginning of the year, a business case of Waterveen, and Farid for Waterveen alone."""
    now = world.clock.now()
    with world.db.transaction() as session:
        define_all(session, source("indicators")["indicators"], date(2026, 1, 1), now, date(2026, 1, 1))
        ilse = cast.viewer(session, "ilse")
        enter(session, ilse, session.get_one(Municipality, cast.municipalities["waterveen"]), CASE, "Raad", now)
        farid = session.scalars(select(RoleGrant).where(RoleGrant.person_id == cast.people["farid"])).one()
        farid.municipality_id = cast.municipalities["waterveen"]
        accounts = [{"code": "waterveen", "owed_cents": 111_00}, {"code": "duinrade", "owed_cents": 222_00}]
        session.add_all(
            QuarterSettlement(quarter="2026Q3", revision=number, state=FINAL, variant="price", made_at=now,
                              reason="Beter geteld" if number > 1 else "", prepared_at=now,
                              prepared_by_id=cast.people["dirk"], final_at=now, final_by_id=cast.people["ilse"],
                              digest="x", figures={"accounts": accounts if number > 1 else []})
            for number in (1, 2)
        )  # fmt: skip


@pytest.mark.usefixtures("measured")
def test_a_year_is_evaluated_on_the_live_figures_and_concluded_with_those(
    world: World, cast: Cast, browse: Any
) -> None:
    scored(cast, world, 7, 8, 8, 9, 6)
    ilse, farid = browse("ilse"), browse("farid")
    goals_page, page = "/businesscase/waterveen/doelen", "/businesscase/waterveen/evaluatie/2026"
    assert ilse.post(goals_page, MARKS).status_code == 302
    assert ilse.post("/businesscase/samen/doelen", {**MARKS, "aimed": "8", "said": "Minstens een 8"}).status_code == 302
    text = farid.get(page).text
    assert "1 van de 2 doelen zijn bereikt." in text
    assert "Nog niet" in text, "it is not due until next year"
    assert "7,6" in text
    assert "Het SSC heeft € 111,00 verrekend over 2026Q3." in text.replace("\xa0", " ")
    assert "Deze conclusie opslaan" not in text
    empty = ilse.post(page, {"form": "conclude", "conclusion": " "})
    assert empty.status_code == 422
    assert "Schrijf op wat u uit deze cijfers concludeert." in empty.text
    assert ilse.post(page, {"form": "conclude", "conclusion": "Goed <begin>"}).status_code == 302
    spent = {"form": "spent", "running": "950", "investment": "40,50", "source": "Jaarrekening"}
    assert ilse.post(f"{page}/kosten", {**spent, "running": "veel"}).status_code == 422
    assert ilse.post(f"{page}/kosten", {**spent, "source": ""}).status_code == 422
    assert ilse.post(f"{page}/kosten", spent).status_code == 302
    scored(cast, world, 10, 10, 10, 10, 10)
    then = farid.get(page).text
    assert "Goed &lt;begin&gt;" in then
    assert "1 van de 2 doelen zijn bereikt." in then, "a conclusion keeps its figures"
    now = farid.get(f"{page}?uitgave=nu").text
    assert "2 van de 2 doelen zijn bereikt." in now
    assert "€ 50,00" in now.replace("\xa0", " "), "what it cost more than was aimed at"
    assert "Jaarrekening" in now
    assert ilse.post(page, {"form": "conclude", "conclusion": "Nog beter"}).status_code == 302
    assert "Dit is een oudere conclusie" in farid.get(f"{page}?uitgave=1").text
    for address in ("/businesscase/samen/evaluatie/2026", "/businesscase/samen/doelen", f"{page}?uitgave=9",
                    "/businesscase/duinrade/evaluatie/2026", "/businesscase/waterveen/evaluatie/2027"):  # fmt: skip
        assert farid.get(address).status_code == 404, address
    assert farid.post(page, {"form": "conclude", "conclusion": "x"}).status_code == 404
    assert ilse.post("/businesscase/samen/evaluatie/2026/kosten", spent).status_code == 404
    if world.db.is_sqlite:
        assert farid.get(f"{page}/evaluatie.pdf").data.startswith(b"%PDF-1.")


@pytest.mark.usefixtures("measured")
def test_goals_are_set_and_withdrawn_by_the_director_alone(world: World, cast: Cast, browse: Any) -> None:
    ilse, farid, page = browse("ilse"), browse("farid"), "/businesscase/waterveen/doelen"
    wrong = ilse.post(page, {**MARKS, "aimed": "11", "monitoring": ""})
    assert wrong.status_code == 422
    assert "Schrijf hoogstens 10." in wrong.text
    assert 'value="Minstens een 7,5"' in wrong.text, "what was typed is kept"
    assert ilse.post(page, MARKS).status_code == 302
    assert farid.post(page, MARKS).status_code == 404
    with world.db.session(writes=False) as session:
        goal_id = session.scalars(select(Goal.id)).one()
    address = f"{page}/{goal_id}/intrekken"
    assert farid.post(address, {"form": f"end{goal_id}", "reason": "x"}).status_code == 404
    assert ilse.post(f"/businesscase/samen/doelen/{goal_id}/intrekken", {"reason": "x"}).status_code == 404
    assert ilse.post(address, {"form": f"end{goal_id}", "reason": ""}).status_code == 422
    assert "Minstens een 7,5" in farid.get(page).text
    assert ilse.post(address, {"form": f"end{goal_id}", "reason": "Anders besloten"}).status_code == 302
    assert "Minstens een 7,5" not in farid.get(page).text
    with world.db.transaction() as session:
        goal, now = session.get_one(Goal, goal_id), world.clock.now()
        director, contract = cast.viewer(session, "ilse"), cast.viewer(session, "farid")
        assert refused(lambda: goals.withdraw(session, director, goal, "x", now)) == {"goal_withdrawn"}
        assert refused(lambda: goals.withdraw(session, contract, goal, "x", now)) == {"business_case_not_yours"}
        place = session.get_one(Municipality, cast.municipalities["waterveen"])
        long = "x" * 4001
        assert refused(lambda: goals.conclude(session, director, place, 2026, long, {}, now)) == {"evaluation_long"}
        assert refused(lambda: goals.conclude(session, director, place, 2027, "x", {}, now)) == {"evaluation_early"}
        assert refused(lambda: goals.conclude(session, director, place, 2026, "", {}, now)) == {"evaluation_empty"}
        assert session.scalars(select(Evaluation)).all() == []
        # Of all together what was settled is the sum, of one its own; of another year nothing.
        assert (settled_in(session, None, 2026).cents, settled_in(session, place, 2026).cents) == (333_00, 111_00)
        assert settled_in(session, None, 2025).quarters == ()
        assert real_costs(session, [place.id], 2026) == {}
        assert set(figures_of(session, None, 2026, now)) >= {
            row["indicator"] for row in source("business_cases")["goal"]
        }
        for row in source("business_cases")["goal"]:
            goals.set_goal(session, director, None, goal_of(row, now.date(), 2026), now)
