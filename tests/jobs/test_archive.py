"""The archive of a municipality: all that is theirs, nothing of another, and taken in elsewhere it is the same."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.cli import main
from portal.clock import local_date
from portal.commands import archive_import, journal
from portal.commands.leave_grants import grant_yearly
from portal.db import Base, Database
from portal.interfaces.archive_file import differences, reading, verify, writing
from portal.interfaces.files import FileStore
from portal.jobs.archive_making import make
from portal.models.cases import Case, Document
from portal.models.events import CaseEvent
from portal.models.leave import LeaveEntry
from portal.models.ledger import JournalLine
from portal.models.people import Municipality, Person
from portal.queries import chain
from portal.queries.archive_scope import FOLLOWING, IN, OUT, figures_in
from portal.worlds import World
from tests.cast import Cast
from tests.conftest import settings_for
from tests.databases import Stand
from tests.interfaces.test_archive_file import repacked
from tests.leave import agreed
from tests.web.stage import played
from workflows.kernel import Refused


@pytest.fixture
def empty(stand: Stand, world: World, tmp_path: Path) -> Iterator[World]:
    """A second installation of the same kind, in which nothing is."""
    with stand.second() as url:
        settings = settings_for(tmp_path / "second", url)
        settings.instance.mkdir(parents=True)
        made = replace(world, settings=settings, db=Database(url), files=FileStore(settings.files))
        yield made
        made.db.dispose()


def lived(world: World, cast: Cast) -> None:
    """Claims, an invoice, post, payments, books and leave in both municipalities, and a claim that both know of."""
    now = world.clock.now()
    played(world, cast)
    with world.db.transaction() as session:
        # The same receipt at both: each has a flag that names the case of the other.
        cast.submitted(session, "olga", key="both")
        cast.submitted(session, "anna", key="both")
        agreed(session, cast)
    with world.db.transaction() as session:
        for place in cast.municipalities.values():
            grant_yearly(session, place, now)
        journal.post_all(session, session.get_one(Municipality, cast.municipalities["waterveen"]).id, now)


def sums(session: Session, code: str) -> dict[str, Any]:
    """What a municipality adds up to, asked of the database in another way than the archive does."""
    place = session.scalars(select(Municipality.id).where(Municipality.code == code)).one()
    ledger = session.execute(
        select(JournalLine.account, func.sum(JournalLine.debit_cents), func.sum(JournalLine.credit_cents))
        .group_by(JournalLine.account).order_by(JournalLine.account)
    ).all()  # fmt: skip
    leave = session.execute(
        select(LeaveEntry.person_id, LeaveEntry.kind, func.sum(LeaveEntry.minutes))
        .where(LeaveEntry.municipality_id == place)
        .group_by(LeaveEntry.person_id, LeaveEntry.kind).order_by(LeaveEntry.person_id, LeaveEntry.kind)
    ).all()  # fmt: skip
    cases = session.execute(
        select(Case.number, Case.state, Case.claimed_cents, Case.version).where(Case.municipality_id == place)
        .order_by(Case.id)
    ).all()  # fmt: skip
    documents = session.scalars(
        select(Document.sha256).join(Case, Case.id == Document.case_id).where(Case.municipality_id == place)
        .order_by(Document.id)
    ).all()  # fmt: skip
    steps = session.execute(
        select(CaseEvent.case_id, CaseEvent.action, CaseEvent.actor_id, CaseEvent.at)
        .join(Case, Case.id == CaseEvent.case_id).where(Case.municipality_id == place).order_by(CaseEvent.id)
    ).all()  # fmt: skip
    return {
        "ledger": [tuple(map(str, row)) for row in ledger], "leave": [(p, k, int(m)) for p, k, m in leave],
        "cases": [tuple(row) for row in cases], "documents": list(documents), "steps": [tuple(row) for row in steps],
    }  # fmt: skip


def expect_nothing_of_another(world: World, cast: Cast, file: Path) -> None:
    """No number, name, address or secret of elsewhere, in any file; although flags and events name cases from there."""
    here = cast.municipalities["waterveen"]
    with world.db.session(writes=False) as session:
        foreign = set(filter(None, session.scalars(select(Case.number).where(Case.municipality_id != here))))
        flags = session.scalars(select(Case.flags).where(Case.municipality_id == here))
        assert {flag["about"] for of_case in flags for flag in of_case} & foreign
    with zipfile.ZipFile(file) as zipped:
        text = "\n".join(zipped.read(name).decode(errors="replace") for name in zipped.namelist())
    for secret in (*foreign, "olga@", "otto@", "Olga", "Duinrade", "duinrade", "password_hash", "nonce", "$argon2"):
        assert secret not in text, secret
    assert "Anna" in text


def test_all_of_a_municipality_comes_along_and_another_portal_goes_on_with_it(
    world: World, cast: Cast, empty: World, tmp_path: Path
) -> None:
    lived(world, cast)
    file, now = tmp_path / "waterveen.zip", world.clock.now()
    heard: list[tuple[int, int]] = []
    made = make(world, cast.municipalities["waterveen"], file, now, lambda *far: heard.append(far), papers=False)
    assert (made.lacking, heard[0][0]) == ([], 0)
    assert all(done < of for done, of in heard)
    expect_nothing_of_another(world, cast, file)
    with reading(file) as archive:
        assert verify(archive) == []
        with empty.db.transaction() as session:
            assert archive_import.take_in(session, archive, empty.files, now) == "waterveen"
        with empty.db.snapshot() as session:
            place = session.scalars(select(Municipality)).one()
            assert differences(archive.manifest["figures"], figures_in(session, place.id, local_date(now))) == []
    with world.db.session(writes=False) as before, empty.db.session(writes=False) as after:
        was, is_now = sums(before, "waterveen"), sums(after, "waterveen")
        assert was == is_now
        assert all(was.values())
        assert chain.verify(after).broken is None
        for sha256 in was["documents"]:
            assert empty.files.read(sha256) == world.files.read(sha256)
    with empty.db.transaction() as session:
        # Life goes on: numbers follow, and so does the chain.
        there = Cast(empty, people=cast.people, municipalities=cast.municipalities)
        case = there.submitted(session, "anna", key="new")
        numbers = [number for number, *_ in was["cases"] if number and number.startswith("DEC")]
        assert case.number is not None
        assert case.number > max(numbers)
    with empty.db.session(writes=False) as session:
        assert chain.verify(session).broken is None
    with empty.db.session() as session, reading(file) as archive, pytest.raises(Refused) as refused:
        archive_import.take_in(session, archive, empty.files, now)
    assert [one.code for one in refused.value.refusals] == ["archive_not_empty"]
    expect_by_command(empty, file)


def expect_by_command(empty: World, file: Path) -> None:
    """The commands say the same: the archive holds, and by now a claim was added to what came along."""
    env = {"SSC_DATABASE_URL": empty.settings.database_url, "SSC_INSTANCE": str(empty.settings.instance)}

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["archive", *words], env=env)
        return done.exit_code, done.output

    code, said = run("verify", str(file))
    assert (code, "the archive holds" in said) == (0, True), said
    code, said = run("verify", "--against", str(file))
    assert (code, "DIFFERS: rows.case: archive" in said) == (1, True), said
    code, said = run("import", str(file))
    assert (code, "in which nothing is yet" in said) == (1, True), said
    again = file.with_name("again.zip")
    code, said = run("make", "--municipality", "Waterveen", "--out", str(again), "--without-pdf")
    assert (code, again.exists()) == (0, True), said
    code, said = run("verify", "--against", str(again))
    assert (code, "0 differences" in said) == (0, True), said
    bent = repacked(again, file.with_name("bent.zip"), lambda files: files | {"index.html": b"anders"})
    code, said = run("verify", str(bent))
    assert (code, "DOES NOT HOLD: index.html" in said) == (1, True), said


def test_of_who_only_took_part_there_is_the_name_and_the_dossier_is_on_paper(
    world: World, cast: Cast, tmp_path: Path
) -> None:
    with world.db.transaction() as session:
        number = cast.submitted(session, "olga").number
        otto = session.get_one(Person, cast.people["otto"])
        carla = cast.people["carla"]
        assert otto.email == "otto@example.org"
        document = session.scalars(select(Document)).one()
        document.added_by_id = carla  # as when a clerk adds what came by post
    file = tmp_path / "duinrade.zip"
    made = make(world, cast.municipalities["duinrade"], file, world.clock.now())
    assert made.lacking == []
    with reading(file) as archive:
        assert verify(archive) == []
        people = {row["given_name"]: row for row in archive.rows("person")}
        assert people["Carla"]["email"] == f"persoon-{carla}@elders.invalid"
        assert people["Otto"]["email"] == "otto@example.org"
        assert "Anna" not in people
        pdf = archive.zip.read(f"zaken/{number}/dossier.pdf")
        assert pdf.startswith(b"%PDF")
        assert str(number) in archive.zip.read("index.html").decode()
        assert "olga@example.org" in archive.zip.read("lijsten/mensen.csv").decode()
        exported = tmp_path / "dossier.json"
        exported.write_bytes(archive.zip.read(f"zaken/{number}/dossier.json"))
    done = CliRunner().invoke(main, ["audit", "verify-export", str(exported)])
    assert (done.exit_code, f"{number}:" in done.output) == (0, True), done.output


def test_every_table_is_in_or_out() -> None:
    tables, (ours, theirs) = set(Base.metadata.tables), (set(IN), set(OUT))
    assert ours & theirs == set()
    assert tables - ours - theirs - set(FOLLOWING) == set(), "say in archive_scope.py whether these go along"
    assert all(OUT.values())


def test_a_broken_or_strange_archive_is_not_taken_in(world: World, cast: Cast, empty: World, tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    make(world, cast.municipalities["duinrade"], file, world.clock.now(), papers=False)
    rows = {"strange": b"{}", "municipality": b'{"id": 99999999999999999999, "code": "w", "name": "W"}',
            "goal": b'{"id": 1, "due": "x"}'}  # fmt: skip
    made = {}
    for table, row in rows.items():
        made[table] = tmp_path / f"{table}.zip"
        with writing(made[table], world.clock.now()) as out:
            out.add("gegevens/case_event.jsonl", b"")
            out.add(f"gegevens/{table}.jsonl", row + b"\n")
            figures = {"rows": {"case_event": 0, table: 1}, "steps_digest": hashlib.sha256(b"").hexdigest()}
            out.finish({"municipality": {"code": "w", "name": "W"}, "figures": figures, "lacking": [],
                        "made_at": ""})  # fmt: skip
    bent = repacked(file, tmp_path / "bent.zip", lambda files: files | {"index.html": b"anders"})
    for one, code, why in (
        (bent, "archive_broken", "index.html"), (made["strange"], "archive_unknown", "strange"),
        (made["municipality"], "archive_broken", "Error"), (made["goal"], "archive_broken", "ValueError"),
    ):  # fmt: skip
        with reading(one) as archive, empty.db.session() as session, pytest.raises(Refused) as refused:
            archive_import.take_in(session, archive, empty.files, world.clock.now())
        assert [found.code for found in refused.value.refusals] == [code]
        assert why in str(refused.value.refusals[0].values)
    with empty.db.session(writes=False) as session:
        assert session.scalars(select(Municipality)).first() is None
