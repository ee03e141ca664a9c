"""What pages ask of the database: a few statements each, as many when there is much as when there is little."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from portal import migrations
from portal.commands import cases
from portal.db import Base
from portal.models.cases import Case
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import whole
from tests.commands.money import paying
from tests.commands.test_queue import in_queue
from tests.web.stage import Stage

MOST = 12
PAGES = (
    ("anna", "/"), ("carla", "/"), ("bram", "/"), ("anna", "/zaken"), ("bram", "/akkoord"), ("anna", "/mijn-gegevens"),
    ("anna", "/zaken/{number}"), ("carla", "/zaken/{number}"), ("bram", "/zaken/{number}"), ("dirk", "/zaken/{paid}"),
    ("anna", "/concept/{draft}"), ("anna", "/bijlagen/{document}"), ("anna", "/bijlagen/{pdf}/pagina/1"),
    (None, "/akkoord/{token}"), (None, "/akkoord/dag/{bundle_token}"),
    ("anna", "/zaken/{number}/dossier.json"), ("bram", "/zaken/{number}/dossier.pdf"),
    ("carla", "/werkvoorraad"), ("carla", "/werkvoorraad?zoek=anna&wie=free&leeftijd=late&signaal=any"),
    ("carla", "/werkvoorraad/weergaven?zoek=anna"), ("carla", "/werkvoorraad/lijst.csv"),
    ("carla", "/contact?zoek=de wit"), ("carla", "/contact/{anna}"), ("carla", "/contact"),
    ("carla", "/contact/open"), ("carla", "/contact/vraag/{question}"), ("anna", "/vragen"),
    ("carla", "/post"), ("carla", "/post/{part}"), ("anna", "/zaken/{number}/voorblad"),
    ("carla", "/mensen?zoek=de wit"),
    ("carla", "/facturen"), ("carla", "/facturen/{invoice}"),
    ("carla", "/leveranciers?zoek=bakkerij"), ("carla", "/leveranciers/{supplier}"), ("dirk", "/leveranciers"),
    ("els", "/leveranciers/verzoek/{asked}"), ("carla", "/leveranciers/{supplier}/rekening"),
    ("carla", "/mensen/{anna}"), ("dirk", "/betalingen"), ("dirk", "/betalingen/waterveen"),
    ("dirk", "/betalingen/batch/{batch}"), ("dirk", "/betalingen/batch/{batch}/bestand"), ("dirk", "/bank"),
    ("hanna", "/beheer/"), ("hanna", "/beheer/organisatie"), ("hanna", "/beheer/afspraken"),
    ("hanna", "/beheer/wijzigingen"), ("hanna", "/beheer/mensen"), ("hanna", "/beheer/mensen/{carla}"),
    ("hanna", "/beheer/mensen/{anna}"), ("hanna", "/beheer/mensen/nieuw"), ("hanna", "/beheer/organisatie/waterveen"),
    ("hanna", "/beheer/afdeling/2"), ("hanna", "/beheer/leiding"), ("hanna", "/beheer/mandaten"),
    ("carla", "/tekenbevoegdheid?bedrag=10"), ("farid", "/tekenbevoegdheid/mandaten"),
    ("anna", "/mijn-gegevens/inzage"),
    ("anna", "/verlof"), ("carla", "/mensen/{anna}/verlof"), ("hanna", "/beheer/inzage"),
    ("carla", "/verlof/vervallen"), ("carla", "/verlof/correcties"), ("carla", "/mensen/{anna}/verlof/corrigeren"),

    ("dirk", "/boekhouding"), ("dirk", "/boekhouding/waterveen/2026-11"), ("hanna", "/beheer/rekeningschema"),
    ("dirk", "/boekhouding/waterveen/2026/journaal.xaf"), ("farid", "/op-tijd-betalen"),
    ("ilse", "/rapporten"),
    ("greet", "/wat-als"), ("greet", "/wat-als/{whatif}"), ("ilse", "/wat-als/eigen"), ("ilse", "/wat-als/vertrouwen"),
    ("farid", "/rapporten/waterveen/2026-11"),
    ("ilse", "/rapporten/alle/2026-11"),
    ("ilse", "/rapporten/gepubliceerd"),
    ("farid", "/rapporten/waterveen/2026-11/cijfer/5"),
    ("farid", "/rapporten/zaak/{number}"),
    ("ilse", "/rapporten/definities"),
    ("farid", "/rapporten/gebeurtenissen"),
    ("greet", "/proefdraaien"),
    ("ilse", "/proefdraaien/1"),
    ("farid", "/businesscase/waterveen"),
    ("ilse", "/businesscase"),
    ("ilse", "/tevredenheid"),
    ("ilse", "/businesscase/samen/evaluatie/2026"),
    ("farid", "/businesscase/waterveen/doelen"),
    ("dirk", "/op-tijd-betalen/waterveen/2026"), ("dirk", "/op-tijd-betalen/waterveen/2026/lijst.csv"),
    ("hanna", "/beheer/vernietiging"), ("hanna", "/beheer/vernietiging/{destruction}"),
    ("hanna", "/toetreden"), ("hanna", "/toetreden/waterveen"), ("ilse", "/toetreden/waterveen/bestand/1"),
     ("hanna", "/uittreden/duinrade"),
    ("hanna", "/beheer/taken"), ("hanna", "/beheer/taken/journal"),
    ("farid", "/"), ("farid", "/taakverdeling"),
    ("ilse", "/taakverdeling/waterveen"), ("hanna", "/taakverdeling/waterveen/P3D"),
    ("ilse", "/afspraken"), ("farid", "/afspraken/1"), ("ilse", "/afspraken/2/aanpassen"),
    ("anna", "/dienstencatalogus"), ("anna", "/dienstencatalogus/expense_claims"),
    ("hanna", "/dienstencatalogus/expense_claims/aanpassen"),
)  # fmt: skip


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """The statements that go to the database meanwhile."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "select pg_catalog", "show ")):
            found.append(statement)

    event.listen(world.db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(world.db.engine, "before_cursor_execute", note)


def ask(world: World, cast: Cast, browse: Any, stage: Stage) -> dict[str, list[str]]:
    """The statements of every page, once each browser has opened something before."""
    browsers = {name: browse(name) for name in {name for name, _ in PAGES}}
    asked = {}
    for name, page in PAGES:
        address = page.format(**vars(stage), **cast.people)
        with counted(world) as found:
            assert browsers[name].get(address).status_code == 200, address
        asked[f"{name} {page}"] = found
    return asked


def grow(world: World, cast: Cast) -> None:
    """Many more claims in every state, with their events, mails and documents."""
    with world.db.transaction() as session:
        in_queue(session, cast, 30, "aart")
        in_queue(session, cast, 8, "anna")
        for number in range(8):
            for name in ("anna", "aart"):
                cast.submitted(session, name, key=f"more{number}")
            cast.payable(session, "anna", key=f"pay{number}")
        paying(session, cast, 900, 800, 700)
    with world.db.transaction() as session:
        carla = cast.viewer(session, "carla")
        for case_id in session.scalars(select(Case.id).where(Case.state == "approved").limit(5)):
            case = whole(session, case_id)
            if case.assignee_id is None:
                cases.take(session, carla, case, world.clock.now())


@pytest.fixture
def stage(world: World, cast: Cast, stage: Stage) -> Stage:
    # Something waits to be paid: without, a page of payments asks less.
    with world.db.transaction() as session:
        cast.payable(session, "anna", key="waits")
    return stage


def test_a_page_asks_little_and_no_more_when_there_is_more(world: World, cast: Cast, browse: Any, stage: Stage) -> None:
    before = ask(world, cast, browse, stage)
    grow(world, cast)
    after = ask(world, cast, browse, stage)
    many = {page: statements for page, statements in before.items() if len(statements) > MOST}
    assert {page: len(statements) for page, statements in many.items()} == {}, many
    # That a dossier was read is recorded by the first who asks: that is once a day, and no part of what a page asks.
    counts = (
        {page: len([s for s in statements if not s.startswith(("INSERT INTO dossier_read", "INSERT INTO leave_read"))])
         for page, statements in asked.items()}
        for asked in (before, after)
    )  # fmt: skip
    assert next(counts) == next(counts)
    assert skipping(world, [s for asked in (*before.values(), *after.values()) for s in asked]) == []


def test_the_pages_of_a_long_queue_are_walked_by_key(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        in_queue(session, cast, 120)
    carla, address, seen = browse("carla"), "/werkvoorraad", 0
    with counted(world) as found:
        while address:
            page = carla.get(address)
            assert page.status_code == 200
            seen += page.text.count('<th scope="row"')
            address = next_of(page.text)
    assert seen == 120
    assert skipping(world, found) == []


def skipping(world: World, statements: list[str]) -> list[str]:
    """Statements that skip rows. SQLAlchemy writes an OFFSET of nothing with every LIMIT for SQLite."""
    return [] if world.db.is_sqlite else [statement for statement in statements if " OFFSET " in statement]


def next_of(text: str) -> str:
    """The address behind the link to the next page, when there is one."""
    found = re.search(r'href="([^"]*after=[^"]*)"', text)
    return html.unescape(found[1]) if found else ""


def test_every_foreign_key_has_an_index_that_begins_with_it() -> None:
    missing = []
    for table in Base.metadata.tables.values():
        first = {next(iter(index.columns)).name for index in table.indexes} | {
            next(iter(constraint.columns)).name for constraint in table.constraints if len(constraint.columns)
            and constraint.__visit_name__ in ("unique_constraint", "primary_key_constraint")
        }  # fmt: skip
        first |= {column.name for column in table.columns if column.unique}
        keys = [next(iter(key.columns)).name for key in table.foreign_key_constraints]
        missing += [f"{table.name}.{key}" for key in keys if key not in first]
    assert missing == []


def test_what_a_key_points_at_is_only_looked_at() -> None:
    """Declared by `portal.db.refers`: never loaded unasked, and no work for the session at each flush."""
    loose = [
        str(relation)
        for mapper in Base.registry.mappers
        for relation in mapper.relationships
        if not (relation.viewonly and relation.lazy == "raise")
    ]
    assert loose == []


def test_the_database_is_what_the_tables_in_code_say(world: World) -> None:
    assert migrations.drift(world.db) == []
    migrations.upgrade(world.db)
    assert migrations.drift(world.db) == []
