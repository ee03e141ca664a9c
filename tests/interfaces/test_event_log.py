"""The event log in four formats: read back by others, they say what the database says, and name nobody."""

from __future__ import annotations

import tracemalloc
import zlib
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.cli import main
from portal.interfaces.event_log import FORMATS, csv_log, gzipped
from portal.interfaces.event_log.stories import Mask
from portal.interfaces.event_log.words import NOTED, names_in
from portal.models.cases import Case
from portal.models.events import NOTES, CaseEvent
from portal.models.payments import BatchLine
from portal.models.people import Municipality, Person
from portal.queries.event_log import LEFT_OUT, Wanted, how_many, party_of, stories
from portal.worlds import World
from tests.bench.event_log import write
from tests.cast import Cast
from tests.commands.money import paying
from tests.commands.test_sickness import proposals, recovered, reported
from tests.event_logs import READERS, Read, read_csv
from tests.leave import given, granted
from workflows import CASE_TYPES
from workflows.parties import BANK, CLERK, INITIATOR, SYSTEM, TREASURER

KEY, ANOTHER = Mask(b"k" * 32), Mask(b"l" * 32)


def happened(session: Session, cast: Cast) -> tuple[Case, list[Case]]:
    """Claims on their way to the bank, leave, and an illness in it of which leave is asked back."""
    given(session, cast)
    paying(session, cast, 1250, 2000)
    leave = granted(session, cast, "2026-11-16", "2026-11-27")
    ill = reported(session, cast, "2026-11-19")
    recovered(session, cast, ill, "2026-11-24")
    cast.draft(session, "els", "a draft")
    session.commit()
    return ill, proposals(session, leave)


def told(session: Session, hidden: set[int]) -> list[list[tuple[object, ...]]]:
    """What the database says of each case, without what may not be told."""
    found: dict[int, list[tuple[object, ...]]] = {}
    for event in session.scalars(select(CaseEvent).order_by(CaseEvent.case_id, CaseEvent.id)):
        if event.case_id and event.case_id not in hidden:
            step = (event.action, event.enabled_at, event.started_at, event.at)
            found.setdefault(event.case_id, []).append((*step, event.actor_id))
    return list(found.values())


def same(read: Read, expected: list[list[tuple[object, ...]]]) -> None:
    """The log has these cases and steps, moments to the millisecond; a person has one pseudonym, a machine none."""
    assert len(read.cases) == len(expected)
    persons: dict[object, str] = {}
    for steps, wanted in zip(read.cases.values(), expected, strict=True):
        assert [one[0] for one in steps] == [one[0] for one in wanted]
        for (_, *times, role, resource), (_, *moments, person) in zip(steps, wanted, strict=True):
            short = [moment.replace(microsecond=moment.microsecond // 1000 * 1000) for moment in moments[:3]]  # type: ignore[attr-defined]
            assert times == short
            if person is None:
                assert resource == role
                assert role in ("bank", "system")
            else:
                assert persons.setdefault(person, resource) == resource
    assert len(set(persons.values())) == len(persons)


def test_every_format_is_by_its_rules_and_says_what_the_database_says(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        ill, asked_back = happened(session, cast)
        assert asked_back
        expected = told(session, {ill.id, *(case.id for case in asked_back)})
        lines = len(session.scalars(select(BatchLine.id)).all())
        people = session.scalars(select(Person)).all()
        secrets = {str(value) for one in people for value in (one.email, one.family_name, one.given_name)}
        secrets |= {case.number for case in session.scalars(select(Case)) if case.number}
        secrets |= set(session.scalars(select(BatchLine.iban))) | {"ZKM", "sickness"}
    read = {}
    for name, form in FORMATS.items():
        with world.db.snapshot() as session:
            content = b"".join(form.pieces(stories(session, Wanted(), KEY), names_in("nl")))
        same(READERS[name](content), expected)
        assert [one for one in sorted(secrets) if one.encode() in content] == []
        read[name] = READERS[name](content)
    assert read["ocel-json"] == read["ocel-sqlite"]
    things, by_column = read["ocel-json"], read["csv"]
    assert len(things.things["payment"]) == lines == 2
    assert len(things.things["batch"]) == 1
    assert by_column.about == things.about
    assert list(by_column.cases.items()) == list(things.cases.items()) == list(read["xes"].cases.items())


def test_what_is_chosen_is_what_is_told_and_another_log_has_other_pseudonyms(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        happened(session, cast)
    with world.db.snapshot() as session:

        def cases_of(wanted: Wanted, mask: Mask = KEY) -> set[str]:
            found = {story.case for story in stories(session, wanted, mask)}
            # Cases that were proposed for absence are counted, so that the count does not tell of them either.
            assert how_many(session, wanted) >= len(found)
            return found

        everything = cases_of(Wanted())
        whole = list(stories(session, Wanted(), KEY))
        assert [list(stories(session, Wanted(), KEY, at_once)) for at_once in (1, 2)] == [whole, whole]
        assert cases_of(Wanted(types=frozenset({"leave"}))) < everything
        assert cases_of(Wanted(types=frozenset({"sickness"}))) == set()
        place = session.scalars(select(Municipality.id).where(Municipality.code == "waterveen")).one()
        assert cases_of(Wanted(places=frozenset({place}))) == everything
        assert cases_of(Wanted(places=frozenset())) == set()
        day = date(2026, 11, 24)
        assert cases_of(Wanted(first=day, last=day)) == everything
        assert cases_of(Wanted(last=date(2026, 11, 23))) == cases_of(Wanted(first=date(2026, 11, 25))) == set()
        assert cases_of(Wanted(), ANOTHER).isdisjoint(everything)


def test_the_command_writes_a_file_packed_or_not(
    world: World, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.db.transaction() as session:
        happened(session, cast)
    for name, value in (
        ("INSTANCE", tmp_path),
        ("DATABASE_URL", world.settings.database_url),
        ("SECRET_KEY", "s" * 40),
    ):
        monkeypatch.setenv(f"SSC_{name}", str(value))
    for name, packed in (("log.csv", False), ("log.csv.gz", True)):
        told = CliRunner().invoke(main, ["export-log", "--out", str(tmp_path / name), "--municipality", "Waterveen"])
        assert told.exit_code == 0, told.output
        content = (tmp_path / name).read_bytes()
        assert len(read_csv(zlib.decompress(content, 31) if packed else content).cases) == 3
    for wrong in (["--municipality", "nowhere"], ["--period", "ever"], ["--type", "sickness"]):
        told = CliRunner().invoke(main, ["export-log", "--out", str(tmp_path / "not"), *wrong])
        assert told.exit_code != 0
        assert "Error:" in told.output
    assert not (tmp_path / "not").exists()


def test_nobody_finds_out_by_trying_and_nothing_about_health_is_a_type() -> None:
    assert len({mask("person", 1) for mask in (KEY, KEY, ANOTHER)}) == 2
    assert KEY("person", 1) not in {Mask(b"")("person", number) for number in range(9)}
    assert set(LEFT_OUT) == {"sickness"}


def test_activities_have_names_of_their_own_in_both_languages() -> None:
    assert set(NOTED) == NOTES
    for language in ("nl", "en"):
        names = names_in(language)
        assert {key for key, _ in names.activities} == set(names.types) == set(CASE_TYPES)
        whole = [names.event_type(*key) for key in names.activities]
        assert len(set(whole)) == len(whole)
    assert names_in("nl").activities["expense_claim", "submit"] == "Ingediend"


@pytest.mark.parametrize(
    ("case_type", "action", "state", "channel", "actor", "party"),
    [
        ("expense_claim", "submit", "draft", "portal", 1, INITIATOR),
        ("expense_claim", "release", "payable", "portal", 3, TREASURER),
        ("expense_claim", "settle", "paying", "bank_file", None, BANK),
        ("leave", "reroute", "submitted", "job", None, SYSTEM),
        ("purchase_invoice", "submit", "draft", "portal", 5, CLERK),
        ("purchase_invoice", "submit", "draft", "job", None, SYSTEM),
        ("purchase_invoice", "forward", "delivery", "portal", 1, INITIATOR),
        ("purchase_invoice", "forward", "delivery", "portal", 5, CLERK),
        ("expense_claim", "post_added", "approved", "portal", 5, CLERK),
    ],
)
def test_in_what_capacity_a_step_was_taken(
    case_type: str, action: str, state: str, channel: str, actor: int | None, party: object
) -> None:
    assert party_of(CASE_TYPES[case_type], action, state, channel, actor, 1) is party


def test_what_is_packed_comes_out_the_same_and_nothing_is_a_log_too() -> None:
    content = b"".join(csv_log.pieces([], names_in("en")))
    assert zlib.decompress(b"".join(gzipped([content[:9], content[9:]])), 31) == content
    for name, form in FORMATS.items():
        assert READERS[name](b"".join(form.pieces([], names_in("en")))).cases == {}


@pytest.mark.parametrize("form", FORMATS)
def test_many_events_take_no_more_memory_than_a_few(form: str) -> None:
    """By what Python holds at most; the bench measures a whole process with a million."""
    write(form, 100)
    most = []
    for events in (500, 2500):
        tracemalloc.start()
        write(form, events)
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert most[1] - most[0] < 600_000, most


def test_reading_holds_no_lock_that_keeps_others_from_writing(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        happened(session, cast)
    with world.db.snapshot() as session:
        going = stories(session, Wanted(), KEY)
        next(going)
        with world.db.transaction() as other:
            other.execute(text("UPDATE person SET language = 'en'"))
        assert len(list(going)) == 2
