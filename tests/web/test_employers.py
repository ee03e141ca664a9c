"""The employment of the day of the expense counts: for who left, who moved, and who works in two places."""

from __future__ import annotations

import html
import io
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from portal.models.cases import Case
from portal.models.people import Employment, Unit
from portal.queries.people import employers_of, employments_of, main_employment, worked_at
from portal.worlds import World
from tests.cast import Cast
from tests.sample_files import jpeg
from tests.workflows.claims import PARKING, filling, problems

START, CHOOSE = "/zaken/nieuw/expense_claim", "/zaken/nieuw/expense_claim/werkgever"
TODAY = date(2026, 11, 24)
FIELDS = {
    "purpose": "Zitting", "cost_centre": "1100", "lines-0-key": "a", "lines-0-category": "parking",
    "lines-0-description": "Parkeren", "lines-0-amount": "12,50",
}  # fmt: skip


def said(answer: Any) -> str:
    return " ".join(html.unescape(answer.text).split())


def leaves(world: World, cast: Cast, name: str, last: date) -> None:
    with world.db.transaction() as session:
        session.execute(
            update(Employment).where(Employment.person_id == cast.people[name]).values(valid_to=last)
        )  # fmt: skip


def works(world: World, cast: Cast, name: str, code: str, first: date, last: date | None = None) -> int:
    """Give somebody another employment, in the team of this municipality."""
    with world.db.transaction() as session:
        team = session.scalars(
            select(Unit).where(Unit.municipality_id == cast.municipalities[code], Unit.parent_id.is_not(None))
        ).one()
        new = Employment(
            person_id=cast.people[name], unit_id=team.id, personnel_number="9001", job_title="", valid_from=first,
            valid_to=last,
        )  # fmt: skip
        session.add(new)
        session.flush()
        return new.id


def filled(browser: Any, page: str, day: str) -> Any:
    """Fill in one line of this day with its receipt, and go on."""
    browser.post(
        page, {**FIELDS, "lines-0-date": day, "lines-0-receipt": (io.BytesIO(jpeg()), "bon.jpg")},
        content_type="multipart/form-data",
    )  # fmt: skip
    return browser.get(f"{page}/controleren")


def begun(browser: Any, **more: str) -> str:
    return str(browser.post(START, {"client_key": "k", **more}).headers["Location"])


def case_of(world: World) -> Case:
    with world.db.session(writes=False) as session:
        return session.scalars(select(Case)).one()


def test_who_left_signs_in_and_claims_what_was_spent_before(world: World, cast: Cast, browse: Any) -> None:
    leaves(world, cast, "anna", date(2026, 11, 20))
    anna = browse("anna")
    assert anna.get("/").status_code == 200
    page = begun(anna)
    assert filled(anna, page, "2026-11-20").status_code == 200
    answer = anna.post(f"{page}/indienen")
    assert answer.headers["Location"].startswith("/zaken/DEC-")
    case = case_of(world)
    assert (case.state, case.approver_id) == ("submitted", cast.people["bram"])
    assert anna.get(answer.headers["Location"]).status_code == 200


def test_who_left_finishes_what_came_back(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        cast.act(session, "bram", case, "return", "Welke zitting?")
    leaves(world, cast, "anna", date(2026, 11, 21))
    anna = browse("anna")
    assert filled(anna, f"/concept/{case.id}", "2026-11-20").status_code == 200
    anna.post(f"/concept/{case.id}/indienen")
    assert case_of(world).state == "submitted"


def test_after_the_last_day_nothing_can_be_claimed(world: World, cast: Cast, browse: Any) -> None:
    leaves(world, cast, "anna", date(2026, 11, 19))
    anna = browse("anna")
    page = begun(anna)
    assert filled(anna, page, "2026-11-20").status_code == 302
    assert "U was op deze dag hier niet in dienst" in said(anna.get(f"{page}?controle=1"))


def test_the_manager_line_of_now_decides_on_a_leavers_claim(world: World, cast: Cast, browse: Any) -> None:
    leaves(world, cast, "anna", date(2026, 11, 20))
    leaves(world, cast, "bram", date(2026, 11, 21))
    anna = browse("anna")
    page = begun(anna)
    filled(anna, page, "2026-11-20")
    anna.post(f"{page}/indienen")
    assert case_of(world).approver_id == cast.people["diane"]


def test_a_mover_chooses_and_the_present_employer_is_the_default(world: World, cast: Cast, browse: Any) -> None:
    leaves(world, cast, "anna", date(2026, 10, 31))
    new = works(world, cast, "anna", "duinrade", date(2026, 11, 1))
    anna = browse("anna")
    where = begun(anna)
    assert where.startswith(CHOOSE)
    page = said(anna.get(where))
    assert page.index("Duinrade") < page.index("Waterveen")
    (chosen,) = re.findall(r'value="(\d+)" checked', page)
    assert int(chosen) == new
    assert "sleutel=k" in where
    assert 'name="client_key" value="k"' in anna.get(where).text
    edit = begun(anna, employment=chosen)
    assert begun(anna, employment=chosen) == edit
    case = case_of(world)
    assert (case.municipality_id, case.employment_id) == (cast.municipalities["duinrade"], new)


def test_an_expense_for_another_employer_is_refused_by_name_in_both_languages(
    world: World, cast: Cast, browse: Any
) -> None:
    leaves(world, cast, "anna", date(2026, 10, 31))
    new = works(world, cast, "anna", "duinrade", date(2026, 11, 1))
    anna = browse("anna")
    page = begun(anna, employment=str(new))
    assert filled(anna, page, "2026-10-20").status_code == 302
    shown = anna.get(f"{page}?controle=1")
    assert "Op deze dag werkte u voor Waterveen." in said(shown)
    assert 'value="2026-10-20"' in shown.text
    anna.post("/taal/en")
    assert "On this day you worked for Waterveen." in said(anna.get(f"{page}?controle=1"))
    assert filled(anna, page, "2026-11-20").status_code == 200
    anna.post(f"{page}/indienen")
    assert case_of(world).approver_id == cast.people["otto"]


def test_a_claim_for_the_former_employer_goes_to_its_managers(world: World, cast: Cast, browse: Any) -> None:
    leaves(world, cast, "anna", date(2026, 10, 31))
    works(world, cast, "anna", "duinrade", date(2026, 11, 1))
    with world.db.session(writes=False) as session:
        old = employments_of(session, cast.people["anna"])[1].id
    anna = browse("anna")
    page = begun(anna, employment=str(old))
    assert filled(anna, page, "2026-10-20").status_code == 200
    anna.post(f"{page}/indienen")
    case = case_of(world)
    assert (case.municipality_id, case.approver_id) == (cast.municipalities["waterveen"], cast.people["bram"])


@pytest.mark.parametrize("employment", ["999", "x", "", "1 OR 1", "-1"])
def test_only_an_employment_of_ones_own_can_be_chosen(world: World, browse: Any, employment: str) -> None:
    assert browse("anna").post(START, {"employment": employment}).status_code == 404


def test_nobody_chooses_anothers(world: World, cast: Cast, browse: Any) -> None:
    with world.db.session(writes=False) as session:
        of_aart = employments_of(session, cast.people["aart"])[0].id
    assert browse("anna").post(START, {"employment": str(of_aart)}).status_code == 404


def test_with_one_employer_nothing_is_asked(world: World, cast: Cast, browse: Any) -> None:
    anna = browse("anna")
    assert begun(anna).startswith("/concept/")
    assert anna.get(CHOOSE).status_code == 200
    assert anna.get("/zaken/nieuw/account_change/werkgever").status_code == 404
    assert anna.get("/zaken/nieuw/nonsense/werkgever").status_code == 404
    assert anna.post("/zaken/nieuw/nonsense").status_code == 404


def test_whoever_starts_elsewhere_next_month_still_claims_here(world: World, cast: Cast, browse: Any) -> None:
    works(world, cast, "anna", "duinrade", date(2026, 12, 1))
    assert begun(browse("anna")).startswith("/concept/")
    assert case_of(world).municipality_id == cast.municipalities["waterveen"]


def test_a_short_second_job_that_ended_does_not_go_before_the_one_that_lasts(world: World, cast: Cast) -> None:
    works(world, cast, "anna", "duinrade", date(2026, 3, 1), date(2026, 5, 31))
    with world.db.session(writes=False) as session:
        employers = employers_of(employments_of(session, cast.people["anna"]), TODAY)
    assert [one.unit.municipality.code for one in employers] == ["waterveen", "duinrade"]


def test_an_employer_of_longer_ago_than_can_be_claimed_is_not_offered(world: World, cast: Cast) -> None:
    works(world, cast, "anna", "duinrade", date(2019, 3, 1), date(2020, 12, 31))
    with world.db.session(writes=False) as session:
        employers = employers_of(employments_of(session, cast.people["anna"]), TODAY)
        worked = worked_at(session, cast.people["anna"], cast.municipalities["waterveen"])
    assert [one.unit.municipality.code for one in employers] == ["waterveen"]
    assert worked.elsewhere == (("Duinrade", date(2019, 3, 1), date(2020, 12, 31)),)
    assert worked.here == ((date(2020, 1, 1), None),)


SPELLS = st.lists(
    st.tuples(st.dates(date(2024, 1, 1), date(2027, 6, 1)), st.one_of(st.none(), st.integers(0, 900))), max_size=6
)


@given(SPELLS)
def test_the_employment_that_counts_is_one_of_today_when_there_is_one(spells: list[tuple[date, int | None]]) -> None:
    jobs = [
        Employment(id=place, valid_from=first,
                   valid_to=None if days is None else date.fromordinal(first.toordinal() + days))
        for place, (first, days) in enumerate(spells)
    ]  # fmt: skip
    main = main_employment(jobs, TODAY)
    now = [job for job in jobs if job.valid_from <= TODAY and (job.valid_to is None or job.valid_to >= TODAY)]
    assert (main is None) == (not jobs)
    if now:
        assert main in now
        assert main is not None
        assert all(job.valid_from <= main.valid_from for job in now)


DAY = date(2026, 11, 20)


@given(st.lists(st.tuples(st.sampled_from(["Duinrade", "Lindehoven"]), st.integers(-60, 60), st.integers(0, 60))))
def test_a_line_outside_is_refused_with_the_right_name(others: list[tuple[str, int, int]]) -> None:
    elsewhere = tuple(
        (name, date.fromordinal(DAY.toordinal() + begin), date.fromordinal(DAY.toordinal() + begin + days))
        for name, begin, days in others
    )
    around = filling(employed=((date(2027, 1, 1), None),), elsewhere=elsewhere)
    expected = "employed_elsewhere" if any(first <= DAY <= last for _, first, last in elsewhere) else "not_employed"
    assert problems(PARKING, around=around) == {("lines-0-date", expected)}
