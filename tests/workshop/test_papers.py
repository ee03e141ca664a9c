"""Receipts that come by post, and invoices that come in by themselves, in a practice world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal.clock import local_date
from portal.commands import cases
from portal.models.cases import Case, Document
from portal.models.people import Person
from portal.queries.cases import WHOLE
from portal.queries.people import employments_of, policies_of, viewer_of, worked_at
from portal.workshop import papers, reading
from portal.workshop.deck import by_key
from portal.workshop.scenario import Scenario
from portal.workshop.tables import Seat
from portal.worlds import World
from tests.workshop.test_scenarios import FIRST, SHIPPED, cast_in
from workflows import CASE_TYPES
from workflows.filling import FillingIn
from workflows.kernel import Given, Refused

CLAIM = CASE_TYPES["expense_claim"]
CARD = "trein-utrecht"


@pytest.fixture
def table(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[World, Scenario]]:
    scenario = reading.read(SHIPPED[FIRST])
    world = cast_in(tmp_path, scenario, request.param, 12)
    yield world, scenario
    world.db.dispose()


def whole(session: Any, case_id: int) -> Case:
    """A case with everybody in it."""
    query = select(Case).where(Case.id == case_id).options(*WHOLE).execution_options(populate_existing=True)
    return session.scalars(query).one()  # type: ignore[no-any-return]


def handed_in(session: Any, scenario: Scenario) -> tuple[Case, tuple[str, ...]]:
    """Anna's claim, handed in without its receipt; else what the form says."""
    card = by_key(scenario, 12)[CARD]
    at = card.at or scenario.begins
    person = session.scalars(select(Person).join(Seat, Seat.person_id == Person.id).where(Seat.key == "anna")).one()
    employment = employments_of(session, person.id)[0]
    case = cases.start(session, CLAIM.key, employment, "by-post", at)
    session.flush()
    cases.save_draft(session, case, dict(card.fields), at)
    worked = worked_at(session, person.id, case.municipality_id)
    filling = FillingIn(local_date(at), policies_of(session, case.municipality_id), worked.here, {})
    content, problems = CLAIM.read(CLAIM.form(formdata=MultiDict(dict(card.fields))), filling)
    if not problems:
        case = whole(session, case.id)
        viewer = viewer_of(session, person, local_date(at))
        cases.act_as(session, viewer, case, "submit", Given(content=content), at)
        session.flush()
    return case, tuple(problem.code for problem in problems)


def as_seat(session: Any, seat: str, case: Case, action: str, at: Any) -> None:
    person = session.scalars(select(Person).join(Seat, Seat.person_id == Person.id).where(Seat.key == seat)).one()
    viewer = viewer_of(session, person, local_date(at))
    if action == "check":
        cases.take(session, viewer, case, at)
        for line, checks in CLAIM.checks(case.content).items():
            for key, _ in checks:
                cases.tick(case, viewer, line, key, True, at)
    cases.act_as(session, viewer, case, action, Given(), at)
    session.flush()


@pytest.mark.parametrize("table", [1], indirect=True)
def test_a_claim_goes_in_before_its_paper_and_is_not_paid_until_it_is_there(table: tuple[World, Scenario]) -> None:
    world, scenario = table
    with world.db.transaction() as session:
        case, problems = handed_in(session, scenario)
        assert (problems, case.state) == ((), "submitted")
        assert [line["by_post"] for line in case.content["lines"]] == [True]
        as_seat(session, "bram", case, "approve", scenario.moment(2, 9))
        case_id = case.id
    with world.db.session() as session, pytest.raises(Refused) as refused:
        as_seat(session, "carla", whole(session, case_id), "check", scenario.moment(2, 10))
    assert refused.value.codes == {"document_missing"}
    with world.db.transaction() as session:
        case = whole(session, case_id)
        card = by_key(scenario, 12)[CARD]
        assert papers.posted(world, session, case, card, scenario.moment(3, 11)) == 1
        (document,) = session.scalars(select(Document).where(Document.case_id == case_id))
        assert (document.line_key, document.kind, document.media_type) == (
            card.papers[0].line,
            "post",
            "application/pdf",
        )
    with world.db.session() as session:
        case = whole(session, case_id)
        as_seat(session, "carla", case, "check", scenario.moment(3, 12))
        assert case.state == "payable"


@pytest.mark.parametrize("table", [2], indirect=True)
def test_where_receipts_do_not_come_by_post_the_form_asks_for_them(table: tuple[World, Scenario]) -> None:
    world, scenario = table
    with world.db.session() as session:
        case, problems = handed_in(session, scenario)
        assert (problems, case.state) == (("receipt_missing",), "draft")


def test_a_scan_of_a_till_receipt_is_a_page_of_its_own(tmp_path: Path) -> None:
    card = by_key(reading.read(SHIPPED[FIRST]), 12)["lunch-cliente"]
    scan = papers.scanned(card.papers[0])
    assert scan.startswith(b"%PDF")
    assert scan == papers.scanned(card.papers[0])
