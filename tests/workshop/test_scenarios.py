"""Every scenario that comes along: it reads, it is told in two languages, it fills a world, and every card of it can be
typed into the real form, for the fewest people and for the most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal.clock import FixedClock, local_date
from portal.commands import cases, contact
from portal.db import Database
from portal.interfaces.files import FileStore, take_in
from portal.models.cases import Case
from portal.models.contact import Contact
from portal.models.people import Account, Employment, ManagerRelation, Person, Policy, RoleGrant, Unit
from portal.queries.known_by import colleagues_typed, suppliers_typed
from portal.queries.leave import hours_for
from portal.queries.people import employments_of, policies_of, worked_at
from portal.queries.rates import rates_for
from portal.queries.statements import statements_for
from portal.web.contact_form import read as read_contact
from portal.workshop import casting, papers, reading
from portal.workshop.deck import by_key, comes_by_itself, deck, seats_for, sits
from portal.workshop.filling import total_of
from portal.workshop.scenario import CARD_KINDS, INVOICE, LEAST, MOST, QUESTION, Card, Scenario
from portal.workshop.tables import Seat, Segment, Timer
from portal.worlds import World
from tests.conftest import KeepingTransport, settings_for
from tests.databases import EMPTY, own_sqlite
from workflows import CASE_TYPES
from workflows.filling import FillingIn, Problem

SHIPPED = {file.stem: file for file in sorted(reading.SHIPPED.glob("*.toml"))}
FIRST = "claim-from-paper-to-portal"


def cast_in(folder: Path, scenario: Scenario, number: int, people: int) -> World:
    """A world that is filled for a round."""
    settings = settings_for(folder, f"sqlite:///{folder / 'portal.sqlite'}")
    own_sqlite().copy(EMPTY, folder / "portal.sqlite")
    database, clock = Database(settings.database_url), FixedClock(scenario.begins)
    world = World("oefening", settings, database, clock, FileStore(settings.files), KeepingTransport())
    casting.build(world, scenario, number, people)
    return world


@pytest.fixture(scope="module", params=[(key, people) for key in SHIPPED for people in (LEAST, MOST)], ids=str)
def table(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Any, int]]:
    """Each scenario, cast for the fewest and for the most people, in the first round."""
    key, people = request.param
    scenario = reading.read(SHIPPED[key])
    world = cast_in(tmp_path_factory.mktemp(key), scenario, 1, people)
    yield world, scenario, people
    world.db.dispose()


def test_it_is_all_said_in_two_languages_and_plays_in_forty_minutes(table: tuple[World, Scenario, int]) -> None:
    _, scenario, people = table
    assert reading.english_missing(scenario) == []
    assert scenario.days * scenario.minutes_a_day * len(scenario.rounds) <= 40
    assert len(scenario.rounds) == 2
    assert sum(card.planted is not None for card in deck(scenario, people)) >= 3
    assert scenario.ends.date() >= scenario.day(scenario.days)


def test_every_seat_is_somebody_with_an_account_and_the_roles_that_fall_to_it(
    table: tuple[World, Scenario, int],
) -> None:
    world, scenario, people = table
    plans = seats_for(scenario, people)
    with world.db.session() as session:
        seats = session.scalars(select(Seat).order_by(Seat.id)).all()
        assert [seat.key for seat in seats] == [plan.key for plan in plans]
        assert {seat.played_by for seat in seats} == {"bot"}
        accounts = dict(session.execute(select(Account.username, Account.person_id)).all())  # type: ignore[arg-type]
        assert accounts == {seat.key: seat.person_id for seat in seats}
        names = dict(session.execute(select(Person.id, Person.email)).all())  # type: ignore[arg-type]
        for seat, plan in zip(seats, plans, strict=True):
            granted = set(session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == seat.person_id)))
            roles = [scenario.roles[key] for key in (plan.role, *plan.also)]
            assert granted == {grant for role in roles for grant in role.grants}
            assert names[seat.person_id] == papers.email_of(plan)
        led = session.execute(select(ManagerRelation.unit_id, func.count()).group_by(ManagerRelation.unit_id)).all()
        assert {count for _, count in led} == {1}
        segment = session.scalars(select(Segment)).one()
        assert (segment.paused, segment.at, segment.speed) == (True, scenario.begins, scenario.speed)


def test_what_is_dealt_waits_as_timers_in_order(table: tuple[World, Scenario, int]) -> None:
    world, scenario, people = table
    cards = [card for card in deck(scenario, people) if card.at is not None]
    with world.db.session() as session:
        timers = session.scalars(select(Timer).where(Timer.kind == "deal").order_by(Timer.at, Timer.id)).all()
        assert [(timer.at, timer.about["card"]) for timer in timers] == [(card.at, card.key) for card in cards]
        seats = dict(session.execute(select(Seat.id, Seat.key)).all())  # type: ignore[arg-type]
        assert [seats[timer.seat_id or 0] for timer in timers] == [card.seat for card in cards]
        told = session.scalars(select(Timer).where(Timer.kind == "inject")).all()
        assert {one.about["inject"] for one in told} == {one.key for one in scenario.injects if one.day}
    assert all(scenario.begins <= card.at < scenario.ends for card in cards if card.at)
    assert all(scenario.office.next_office_moment(card.at) == card.at for card in cards if card.at)


def test_every_card_is_taken_by_the_real_form(table: tuple[World, Scenario, int]) -> None:
    world, scenario, people = table
    refused = {}
    for card in deck(scenario, people):
        with world.db.session() as session:
            if problems := _typed_in(world, session, scenario, card):
                refused[card.key] = problems
    assert refused == {}


def _typed_in(world: World, session: Session, scenario: Scenario, card: Card) -> list[tuple[str, str]]:
    """What the form says is wrong with a card, at its own moment in the story; nothing of it is kept."""
    at = card.at or scenario.moment(scenario.days // 2, 9)
    person = session.scalars(select(Seat.person_id).where(Seat.key == card.seat)).one()
    problems: list[Problem] = []
    if card.kind == QUESTION:
        caller = session.scalars(select(Seat.person_id).where(Seat.key == card.caller)).first() or person
        spoken = read_contact(card.fields, caller, {})
        problems = contact.judge(spoken, contact.terms_of(session, None, at), at)
    else:
        problems = list(_read(world, session, scenario, card, person, at))
    session.rollback()
    return [(problem.field, problem.code) for problem in problems]


def _read(world: World, session: Session, scenario: Scenario, card: Card, person: int, at: Any) -> tuple[Problem, ...]:
    case_type = CASE_TYPES[CARD_KINDS[card.kind]]
    employment = employments_of(session, person)[0]
    case = cases.start(session, case_type.key, employment, f"card-{card.key}", at)
    session.flush()
    if card.kind == INVOICE:
        case.municipality_id = employment.unit.municipality_id
    cases.save_draft(session, case, dict(card.fields), at)
    documents: dict[str, tuple[dict[str, Any], ...]] = {}
    for file in papers.files_of(scenario, card):
        sha256 = take_in(file.content, file.name).original_sha256 if card.key == card.plan else "0" * 64
        entry = {"id": 1, "sha256": sha256, "name": file.name, "kind": "receipt"}
        documents[file.line] = (*documents.get(file.line, ()), entry)
    today = local_date(at)
    filling = FillingIn(
        today, policies_of(session, case.municipality_id), worked_at(session, person, case.municipality_id).here,
        documents, rates=rates_for(session, case.draft), statements=statements_for(session, case),
        hours=hours_for(session, case, today), colleagues=colleagues_typed(session, case, today),
        suppliers=suppliers_typed(session, case),
    )  # fmt: skip
    _, problems = case_type.read(case_type.form(formdata=MultiDict(card.fields)), filling)
    return problems


def test_whoever_must_decide_about_a_card_sits_at_the_table(table: tuple[World, Scenario, int]) -> None:
    """A request of a seat goes to the leader of their unit; who leads it themselves, to the leader above."""
    world, scenario, people = table
    cards = deck(scenario, people)
    asked = {card.seat for card in cards if card.kind in ("claim", "leave")}
    asked |= {card.bill.ordered_by for card in cards if card.bill and card.bill.ordered_by}
    with world.db.session() as session:
        seats = {seat.key: seat.person_id for seat in session.scalars(select(Seat))}
        units = {unit.id: unit for unit in session.scalars(select(Unit))}
        leads = {row.unit_id: row.manager_id for row in session.scalars(select(ManagerRelation))}
        homes = dict(session.execute(select(Employment.person_id, Employment.unit_id)).all())  # type: ignore[arg-type]
        for key in asked:
            unit = units[homes[seats[key]]]
            if leads[unit.id] == seats[key]:
                unit = units[unit.parent_id or 0]
            assert leads[unit.id] in seats.values(), f"nobody at the table decides for {key}"


def test_the_second_round_has_the_same_people_and_cards_and_other_agreements(tmp_path: Path) -> None:
    scenario = reading.read(SHIPPED[FIRST])
    found = []
    for number in (1, 2):
        (folder := tmp_path / str(number)).mkdir()
        world = cast_in(folder, scenario, number, 12)
        with world.db.session() as session:
            people = session.execute(select(Person.id, Person.email)).all()
            timers = session.execute(select(Timer.at, Timer.kind, Timer.about)).all()
            limit = policies_of(session, 1).number("sampling_limit_cents", scenario.start)
            rows = session.scalars(select(Policy).where(Policy.key == "sampling_limit_cents")).all()
            found.append((people, timers, limit, len(rows)))
            assert session.scalars(select(Contact)).all() == []
        world.db.dispose()
    assert found[0][:2] == found[1][:2]
    assert [one[2:] for one in found] == [(0, 1), (10_000, 1)]


@pytest.mark.parametrize("key", SHIPPED)
def test_with_more_people_there_are_more_seats_and_at_least_as_many_cards(key: str) -> None:
    scenario = reading.read(SHIPPED[key])
    tables = [(seats_for(scenario, people), deck(scenario, people)) for people in range(LEAST, MOST + 1)]
    for (fewer, small), (more, large) in pairwise(tables):
        assert {seat.key for seat in fewer} <= {seat.key for seat in more}
        assert len(small) <= len(large)
    assert len(tables[-1][0]) == MOST
    for people, (seats, cards) in enumerate(tables, start=LEAST):
        there = {seat.key for seat in seats}
        assert all(card.seat in there for card in cards)
        assert len({card.key for card in cards}) == len(cards)
        assert {sits(scenario, seat.key, people) for seat in scenario.seats} == there
        held = {role for seat in seats for role in (seat.role, *seat.also)}
        assert held == {seat.role for seat in scenario.seats}, "a role is gone with who had it"


def test_an_electronic_invoice_comes_in_by_itself_with_who_ordered_it_and_its_supplier(tmp_path: Path) -> None:
    scenario = reading.read(SHIPPED["invoices-and-the-30-days"])
    world = cast_in(tmp_path, scenario, 2, LEAST)
    cards = by_key(scenario, LEAST)
    said: dict[str, tuple[str, bool, str]] = {}
    flags: dict[str, set[str]] = {}
    with world.db.session() as session:
        for key in ("plantsoen-oud", "spook-register", "nieuwe-rekening", "training", "plantsoen-dubbel"):
            card = cards[key]
            assert card.bill is not None
            assert [comes_by_itself(card, scenario.round(number)) for number in (1, 2)] == [False, True]
            case = session.get_one(
                Case, papers.arriving(world, session, scenario, card.bill, card.at or scenario.begins)
            )
            said[key] = (case.state, bool(case.content["supplier_id"]), case.content["ordered_by"])
            assert case.content["total_cents"] == total_of(card.bill)
            assert local_date(case.received_at or scenario.begins) == card.bill.received
            flags[key] = {flag["code"] for flag in case.flags}
    world.db.dispose()
    assert said["plantsoen-oud"] == ("received", True, "joris.timmerman@waterveen.example")
    assert {key: found for key, found in flags.items() if found} == {
        "nieuwe-rekening": {"iban_differs"}, "plantsoen-dubbel": {"invoice_alike"},
    }  # fmt: skip
    assert said["spook-register"][:2] == ("received", False)


def test_the_very_same_receipt_is_the_same_file() -> None:
    scenario = reading.read(SHIPPED[FIRST])
    cards = by_key(scenario, 12)
    first, again = (papers.files_of(scenario, cards[key])[0] for key in ("lunch-cliente", "lunch-nog-eens"))
    assert first.content == again.content
    assert first.line != again.line
    other = papers.files_of(scenario, replace(cards["lunch-cliente"], papers=(cards["boek-jeugdwet"].papers[0],)))
    assert other[0].content != first.content
