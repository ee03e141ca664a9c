"""A world made of the real one holds the same work and nobody: no name, address, account or text is in its files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal import migrations
from portal.db import Base, Database
from portal.interfaces.files import FileStore
from portal.models.cases import Case, Document
from portal.models.events import CaseEvent
from portal.models.mail import OutboxMail
from portal.models.people import Account, Person, PersonAccount
from portal.queries.chain import verify
from portal.workshop.classified import IBAN, KEPT, LEFT_OUT, TEXT
from portal.workshop.invented import DATE, NUMBER_OF_CASE, Inventor
from portal.workshop.pseudonymised import Part, copy
from portal.worlds import World
from tests.cast import Cast
from tests.web.stage import Stage
from workflows.iban import clean_iban

TYPED = re.compile(r".*\D.*", re.DOTALL)


def test_every_column_of_every_table_is_classified() -> None:
    """Add a new one to `portal/workshop/classified.py`: what does it tell about people?"""
    tables = Base.metadata.tables
    assert set(KEPT) | set(LEFT_OUT) == set(tables)
    assert set(KEPT) & set(LEFT_OUT) == set()
    wrong = {}
    for name, treated in KEPT.items():
        said = [*treated.keep, *treated.others]
        if sorted(said) != sorted(tables[name].columns.keys()):
            wrong[name] = set(said) ^ set(tables[name].columns.keys())
    assert wrong == {}
    assert all(LEFT_OUT.values())


@pytest.fixture
def made(world: World, stage: Stage, cast: Cast, tmp_path: Path) -> Iterator[tuple[Database, FileStore, Path]]:
    """A world made of all of Waterveen."""
    folder = tmp_path / "made"
    folder.mkdir()
    target, files = Database(f"sqlite:///{folder / 'portal.sqlite'}"), FileStore(folder / "documents")
    migrations.upgrade(target)
    with world.db.snapshot() as source:
        copy(source, Part(cast.municipalities["waterveen"]), target, files, world.clock.now())
    yield target, files, folder
    target.dispose()


def secrets_of(world: World) -> set[str]:
    """Whatever tells of people: names, addresses, accounts, and what somebody typed."""
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, str):
            found.add(value)
        for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(one)

    with world.db.session(writes=False) as session:
        for person in session.scalars(select(Person)):
            found |= {person.given_name, person.email, person.phone, f"{person.given_name} {person.family_name}"}
        for name in KEPT:
            table = Base.metadata.tables[name]
            typed = [column for column, how in KEPT[name].others.items() if how in (TEXT, IBAN)]
            for row in session.execute(select(table)).mappings():
                found |= {row[column] for column in typed if row[column]}
                if name in ("case", "case_event"):
                    content = row["content"] if name == "case" else row["data"].get("content") or {}
                    walk({key: one for key, one in content.items() if key in ("purpose", "iban", "holder", "supplier")})
                    walk([line.get("description", "") for line in content.get("lines", ()) if isinstance(line, dict)])
                if name == "supplier":
                    found |= {row["name"], row["email"], row["street"]}
        found |= set(session.scalars(select(Account.username)))
    shaped = (DATE, NUMBER_OF_CASE, re.compile(r"[a-z_]+\.\d+|\d{1,5}|[a-f0-9]{32,}"))
    return {one for one in found if len(one) > 3 and not any(shape.fullmatch(one) for shape in shaped)}


def test_nobody_and_nothing_that_was_typed_is_in_its_files(
    world: World, made: tuple[Database, FileStore, Path]
) -> None:
    target, _, folder = made
    target.dispose()
    secrets = secrets_of(world)
    assert len(secrets) > 60
    content = b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())
    assert [
        one for one in sorted(secrets) if one.encode() in content or json.dumps(one)[1:-1].encode() in content
    ] == []


def test_it_is_the_same_work_with_a_chain_that_holds(
    world: World, cast: Cast, made: tuple[Database, FileStore, Path]
) -> None:
    target, files, _ = made
    place = cast.municipalities["waterveen"]
    told = (Case.id, Case.type, Case.number, Case.state, Case.claimed_cents, Case.received_at)
    ours = select(*told).where(Case.municipality_id == place, Case.number.is_not(None), Case.type != "sickness")
    steps = select(CaseEvent.case_id, CaseEvent.action, CaseEvent.at, CaseEvent.actor_id).order_by(CaseEvent.id)
    with world.db.session(writes=False) as before, target.session(writes=False) as after:
        cases = before.execute(ours.order_by(Case.id)).all()
        assert len(cases) > 3
        assert after.execute(select(*told).order_by(Case.id)).all() == cases
        mine = {case.id for case in cases}
        assert after.execute(steps.where(CaseEvent.case_id != 0)).all() == [
            row for row in before.execute(steps).all() if row.case_id in mine
        ]
        assert verify(after).broken is None
        assert after.scalar(select(func.count()).select_from(OutboxMail)) == 0
        assert after.scalar(select(func.count()).select_from(Account)) == 0
        for document in after.scalars(select(Document)):
            assert files.exists(document.sha256)
            assert document.size == len(files.read(document.sha256))
        for account in after.scalars(select(PersonAccount.iban)):
            assert clean_iban(account) == account


def test_a_part_stands_by_itself(world: World, stage: Stage, cast: Cast, tmp_path: Path) -> None:
    target = Database(f"sqlite:///{tmp_path / 'part.sqlite'}")
    migrations.upgrade(target)
    with world.db.snapshot() as source:
        part = Part(cast.municipalities["waterveen"], most=2)
        count = copy(source, part, target, FileStore(tmp_path / "part"), world.clock.now())
        newest = select(Case.id).where(Case.municipality_id == part.place_id, Case.number.is_not(None))
        wanted = set(source.scalars(newest.order_by(Case.id.desc()).limit(2)))
    with target.session(writes=False) as session:
        there = set(session.scalars(select(Case.id)))
        assert wanted <= there
        assert count == len(there)
        assert session.connection().exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
        assert verify(session).broken is None
    target.dispose()


@given(st.text(max_size=40), st.binary(min_size=16, max_size=32))
def test_a_text_is_replaced_by_one_that_tells_nothing_and_stays_the_same(value: str, key: bytes) -> None:
    invent = Inventor(key)
    said = invent.text(value)
    assert said == invent.text(value)
    assert said == "" if not value.strip() else said.startswith("Voorbeeldtekst ")
    iban = invent.iban(value) if value else invent.iban("x")
    assert clean_iban(iban) == iban
    name = invent.name("family", value)
    assert Inventor(key, real={name.lower()}).name("family", value) != name
