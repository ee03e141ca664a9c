"""A dossier taken along says what its page says to that reader and not more, proves itself, and leaves a trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pdfua
import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from portal.commands import cases
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.people import Person
from portal.models.reads import DossierRead
from portal.worlds import World
from tests.cast import NEW_IBAN, Cast
from tests.command_line import command
from tests.commands.helpers import whole
from tests.web.stage import Stage
from workflows.iban import masked

MASKED = masked(NEW_IBAN)
INJECTION = '#panic("x") *dik* <b>'


@pytest.fixture
def paper(tmp_path: Path, browse: Any) -> Callable[[str, str], str]:
    """The text of the PDF as somebody gets it; it keeps to the standards, or the test ends here."""

    def get(name: str, number: str) -> str:
        answer = browse(name).get(f"/zaken/{number}/dossier.pdf")
        assert (answer.status_code, answer.content_type) == (200, "application/pdf")
        assert f"filename={number}.pdf" in answer.headers["Content-Disposition"]
        file = tmp_path / "got.pdf"
        file.write_bytes(answer.data)
        assert [finding.message for finding in pdfua.validate(str(file)).findings] == []
        reader = PdfReader(file)
        return "\n".join(page.extract_text() for page in reader.pages)

    return get


def data(browse: Any, name: str, number: str) -> dict[str, Any]:
    answer = browse(name).get(f"/zaken/{number}/dossier.json")
    assert answer.status_code == 200
    found: dict[str, Any] = json.loads(answer.data)
    return found


def test_the_employee_gets_everything_of_their_own(stage: Stage, browse: Any, paper: Any) -> None:
    browse("carla").get(f"/zaken/{stage.number}")
    text = paper("anna", stage.number)
    for said in (
        "Zitting", "Anna de Wit", "Personeelsnummer", "Parkeren bij de rechtbank", "€ 12,50", "Ingediend", "bon.jpg",
        "Wanneer?", "Morgen", "Wie keek in uw dossier", "Carla de Wit", "Voor het eigen werk", MASKED,
    ):  # fmt: skip
        assert said in text, said
    found = data(browse, "anna", stage.number)
    assert {event["hash"] for event in found["chain"]["events"]} <= set(text.split())
    assert {document["sha256"] for document in found["documents"]} <= set(text.split())
    assert all(event["said_in_full"] for event in found["chain"]["events"])
    assert [read["who"] for read in found["read_by"]] == ["Carla de Wit"]
    assert found["contacts"][0]["question"] == "Wanneer?"
    assert "(link)" in json.dumps(found["mails"]), "a deciding link is never in it"
    assert stage.token not in json.dumps(found)


def test_others_get_what_the_page_shows_them(stage: Stage, browse: Any, paper: Any) -> None:
    page, text = browse("bram").get(f"/zaken/{stage.number}").text, paper("bram", stage.number)
    found = data(browse, "bram", stage.number)
    for hidden in ("Personeelsnummer", "Wanneer?", "Morgen", MASKED):
        assert hidden not in page
        assert hidden not in text
        assert hidden not in json.dumps(found, ensure_ascii=False)
    assert (found["contacts"], found["mails"], found["read_by"]) == ([], [], [])
    assert "personnel_number" not in found["case"]
    assert [event["said_in_full"] for event in found["chain"]["events"]] == [None]


def test_an_account_number_stays_masked_also_in_the_chain(stage: Stage, browse: Any, paper: Any) -> None:
    for name in ("anna", "els"):
        text, found = paper(name, "REK-2026-000001"), data(browse, name, "REK-2026-000001")
        assert NEW_IBAN not in "".join(text.split())
        assert NEW_IBAN not in json.dumps(found)
        assert found["content"]["iban"].endswith("00")
        handed_in, checked = found["chain"]["events"]
        assert handed_in["said_in_full"] is None, "with the salt one could try out numbers"
        assert (checked["said_in_full"] is None) == (name == "anna"), "what a clerk ticked is for clerks"


def test_what_was_typed_is_printed_as_it_was(world: World, cast: Cast, browse: Any, paper: Any) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        session.execute(update(Person).where(Person.id == cast.people["anna"]).values(family_name=INJECTION))
        content = cast.content(case)
        content["lines"][0]["description"] = content["purpose"] = INJECTION
        case.content, case.title = content, INJECTION
        cast.act(session, "bram", case, "reject", INJECTION)
        number = case.number
    text = " ".join(paper("anna", number or "").split())
    assert text.count(INJECTION) > 6


def test_it_is_in_the_readers_language(stage: Stage, browse: Any, paper: Any, world: World, cast: Cast) -> None:
    assert "Wat er is gevraagd" in paper("anna", stage.number)
    with world.db.transaction() as session:
        session.execute(update(Person).where(Person.id == cast.people["anna"]).values(language="en"))
    text = paper("anna", stage.number)
    assert "What was asked" in text
    assert "gevraagd" not in text


def test_whoever_may_not_see_the_dossier_gets_no_copy(stage: Stage, browse: Any) -> None:
    for form in ("pdf", "json"):
        for name in ("aart", "olga", "hanna", "farid"):
            assert browse(name).get(f"/zaken/{stage.number}/dossier.{form}").status_code == 404
        assert browse("anna").get(f"/zaken/DEC-2026-999999/dossier.{form}").status_code == 404


def test_taking_a_copy_is_on_record_and_ones_own_is_not(world: World, stage: Stage, browse: Any) -> None:
    carla = browse("carla")
    for form in ("json", "json", "pdf"):
        assert carla.get(f"/zaken/{stage.number}/dossier.{form}").status_code == 200
    assert browse("anna").get(f"/zaken/{stage.number}/dossier.json").status_code == 200
    with world.db.session(writes=False) as session:
        (read,) = session.scalars(select(DossierRead))
        assert (read.copied_as, read.copied_at, read.own_work) == ("json pdf", world.clock.now(), True)
    assert "Heeft een kopie gemaakt (JSON, PDF)" in browse("anna").get(f"/zaken/{stage.number}").text


def test_outside_ones_work_one_says_why_first(world: World, cast: Cast, stage: Stage, browse: Any) -> None:
    with world.db.transaction() as session:
        found = session.scalars(select(Case).where(Case.number == stage.number)).one()
        cast.act(session, "bram", whole(session, found.id), "reject", "Geen werk")
    els = browse("els")
    for form in ("pdf", "json"):
        answer = els.get(f"/zaken/{stage.number}/dossier.{form}")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/zaken/{stage.number}")
    els.post(f"/zaken/{stage.number}/inzien", {"reason": "Anna belde"})
    assert els.get(f"/zaken/{stage.number}/dossier.json").status_code == 200
    hanna = browse("hanna")
    assert "Heeft een kopie gemaakt (JSON)" in hanna.get("/beheer/inzage").text
    assert hanna.get("/beheer/inzage?csv=1").text.rstrip().endswith("json")


def run(*arguments: str) -> tuple[int, str]:
    """`ssc-portal audit verify-export` as whoever got a copy runs it."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("SSC_")}
    process = [sys.executable, "-m", "portal.cli", "audit", "verify-export", *arguments]
    done = subprocess.run(process, env=env, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


def proved(copy: Path, *more: str, world: World | None = None) -> tuple[int, str]:
    """The same without a process of its own; with a world, at the portal itself."""
    return command("audit", "verify-export", str(copy), *more, world=world)


def test_the_command_proves_a_copy_and_names_what_was_altered(
    world: World, cast: Cast, stage: Stage, browse: Any, tmp_path: Path
) -> None:
    with world.db.transaction() as session:
        found = session.scalars(select(Case).where(Case.number == stage.number)).one()
        cast.act(session, "bram", whole(session, found.id), "approve")
        cases.take(session, cast.viewer(session, "carla"), whole(session, found.id), world.clock.now())
    copy = tmp_path / "copy.json"
    whole_copy = data(browse, "anna", stage.number)
    copy.write_text(json.dumps(whole_copy))
    assert run(str(copy)) == (0, f"{stage.number}: 2 events verified by themselves; of 2 also what was said\n")
    assert proved(copy, "--in-chain", world=world)[0] == 0
    whole_copy["chain"]["events"][1]["said_in_full"]["reason"] = "Toch niet"
    copy.write_text(json.dumps(whole_copy))
    code, said = run(str(copy))
    assert (code, "ALTERED: what was said in event" in said) == (1, True), said
    copy.write_text("geen dossier")
    code, said = proved(copy)
    assert (code, "NO DOSSIER" in said) == (1, True), said


def test_a_copy_of_a_chain_of_somebodys_own_making_is_not_in_the_chain(
    world: World, stage: Stage, browse: Any, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.json"
    made_up = data(browse, "anna", stage.number)
    (event,) = made_up["chain"]["events"]
    row = CaseEvent(
        id=event["id"], case_id=event["case"], action=event["action"], from_state="draft", to_state="submitted",
        enabled_at=world.clock.now(), started_at=world.clock.now(), at=world.clock.now(), channel="portal",
        said=event["said"], previous_hash="a" * 64,
    )  # fmt: skip
    event |= {"previous": "a" * 64, "times": [world.clock.now().isoformat()] * 3, "hash": row.digest()}
    copy.write_text(json.dumps(made_up))
    assert proved(copy)[0] == 0, "by itself it holds"
    assert proved(copy, "--in-chain", world=world) == (
        1,
        f"ALTERED: event {event['id']} is not the one in the chain\n",
    )
