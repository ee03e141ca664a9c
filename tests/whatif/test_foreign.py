"""Logs of other systems: read in their own ways, measured, told again near to what was held back; refused in words."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.whatif.compare import compare
from portal.whatif.distance import Course, distances, noise_floor
from portal.whatif.foreign import EPOCH, Log, read_log
from portal.whatif.foreign_model import model_of
from portal.whatif.log_map import LogMap, read_map
from portal.whatif.model import Model
from portal.whatif.model_file import dumps, loads
from tests.whatif.logs import HEAD, Row, rows, split, written
from tests.whatif.models import claims
from workflows.kernel import Refused


def test_old_letters_and_missing_moments(tmp_path: Path) -> None:
    lines = [
        "case concept:name,event concept:name,event time:timestamp",
        *(f"{n},a,05-01-2026 09:00:00.000" for n in range(400)),
    ]
    (tmp_path / "log.csv").write_bytes("\n".join([*lines, "9,geëind,05-01-2026 10:00:00.000", "9,b,"]).encode("cp1252"))
    log = read_log(tmp_path / "log.csv", LogMap())
    assert log.activities == ["a", "geëind"]
    assert log.without == 1
    model = model_of(log, LogMap(), "")
    assert any("without a moment" in note.sentence for note in model.unknown)
    assert "within_norm" not in compare(model, seed=1, horizon=7, workers=1, least=2, most=2).answers[0].measures


LINE = "case_id,activity,timestamp\n1,a,2026-01-05T09:00:00\n"
MAPPED = """
kind = "expense_claim"
[activities]
"SUBMITTED by EMPLOYEE" = {state = "draft", action = "submit"}
"FINAL_APPROVED by SUPERVISOR" = {state = "submitted", action = "approve"}
"Request Payment" = {state = "approved", action = "check"}
"Payment Handled" = {state = "payable", action = "release"}
"""


@pytest.fixture(scope="module")
def events() -> list[Row]:
    return rows(4000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, events: list[Row]) -> Path:
    found = tmp_path_factory.mktemp("logs")
    before, after = split(events, 0.75)
    written(found / "before.csv.gz", before)
    written(found / "after.csv", after)
    (found / "map.toml").write_text("")
    (found / "mapped.toml").write_text(MAPPED)
    return found


def courses(log: Log) -> list[Course]:
    found = []
    for case in log.cases:
        order = sorted(range(len(case.at)), key=lambda nth, at=case.at: at[nth])  # type: ignore[misc]
        moments = tuple(EPOCH + timedelta(minutes=case.at[nth]) for nth in order)
        found.append(Course(tuple(log.activities[case.activity[nth]] for nth in order), moments, moments[0]))
    return found


def run(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["whatif", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def told(folder: Path) -> str:
    """What calibrating says; the model and a simulated log are in the folder afterwards."""
    said = run("calibrate", "--log", str(folder / "before.csv.gz"), "--map", str(folder / "map.toml"), "--out",
               str(folder / "model.toml"))  # fmt: skip
    run("simulate", "--model", str(folder / "model.toml"), "--seed", "1", "--out", str(folder / "told.csv"))
    return said


@pytest.mark.usefixtures("told")
def test_a_simulated_log_is_near_what_was_held_back(folder: Path) -> None:
    before, after, simulated = (
        courses(read_log(folder / name, LogMap())) for name in ("before.csv.gz", "after.csv", "told.csv")
    )
    found, floor = distances(after, simulated), noise_floor(after)
    # The process changed half-way, so what was before as a whole is far off.
    assert distances(after, before).lead > 2 * found.lead
    assert found.lead < 4 * floor.lead
    assert found.hours < 2 * floor.hours
    assert found.arrivals < 2.5 * floor.arrivals
    assert found.steps < 2 * floor.steps


@pytest.mark.usefixtures("told")
def test_it_is_written_in_the_columns_of_the_log(folder: Path) -> None:
    lines = (folder / "told.csv").read_text().splitlines()
    assert lines[0] == ",".join(HEAD)
    first = lines[1].split(",")
    assert first[1] == "SUBMITTED by EMPLOYEE"
    assert datetime.fromisoformat(first[2]).utcoffset() in (timedelta(hours=1), timedelta(hours=2))
    assert first[3:5] == ["STAFF MEMBER", "EMPLOYEE"]
    assert float(first[5]) > 0
    paid = {datetime.fromisoformat(line.split(",")[2]).weekday() for line in lines if "Payment Handled" in line}
    assert paid == {0, 3}


@pytest.mark.usefixtures("told")
def test_the_same_seed_gives_the_same_bytes(folder: Path) -> None:
    model = str(folder / "model.toml")
    for name, seed in (("one.csv.gz", "4"), ("two.csv.gz", "4"), ("three.csv.gz", "5")):
        run("simulate", "--model", model, "--seed", seed, "--cases", "50", "--out", str(folder / name))
    assert (folder / "one.csv.gz").read_bytes() == (folder / "two.csv.gz").read_bytes()
    assert (folder / "one.csv.gz").read_bytes() != (folder / "three.csv.gz").read_bytes()
    assert len({line.split(b",")[0] for line in gzip.decompress((folder / "one.csv.gz").read_bytes()).split()}) >= 50


@pytest.mark.usefixtures("told")
def test_days_can_be_chosen(folder: Path) -> None:
    model = ["simulate", "--model", str(folder / "model.toml"), "--seed", "1", "--from", "2030-01-07"]
    run(*model, "--until", "2030-01-20", "--out", str(folder / "days.csv"))
    begun = {}
    for line in (folder / "days.csv").read_text().splitlines()[1:]:
        key, _, at, *_ = line.split(",")
        begun.setdefault(key, at[:10])
    assert set(begun.values()) <= {f"2030-01-{day:02}" for day in range(7, 21)}
    assert len(set(begun.values())) > 8
    wrong = CliRunner().invoke(main, ["whatif", *model, "--until", "2030-01-01", "--out", str(folder / "no.csv")])
    assert wrong.exit_code == 1
    assert "--until is before --from" in wrong.output


def test_what_cannot_be_known_is_said(told: str) -> None:
    for sentence in (
        "The log says only when something was done",
        "Payment Handled is done in batches, on these days of the week: Monday, Thursday.",
        "Request Payment is done by one user, at once or in batches, so by a system",
        "The process changed: only what came in during the last",
        "a season cannot be told from a change",
    ):
        assert sentence in told


@pytest.fixture(scope="module")
def mapped(folder: Path) -> Model:
    log_map = read_map((folder / "mapped.toml").read_text())
    return model_of(read_log(folder / "before.csv.gz", log_map), log_map, "declarations")


def test_people_are_no_system(told: str) -> None:
    assert "APPROVED by ADMINISTRATION is done by one user" not in told


def test_a_slip_in_a_moment_does_not_make_a_log_of_seventy_years(tmp_path: Path, events: list[Row]) -> None:
    some = events[:4000]
    stray = [(key, what, at.replace(year=1948), who, role, amount) for key, what, at, who, role, amount in events[-5:]]
    written(tmp_path / "log.csv", some + [("stray", *row[1:]) for row in stray])  # type: ignore[misc]
    model = model_of(read_log(tmp_path / "log.csv", LogMap()), LogMap(), "")
    assert model.first is not None
    assert model.first.year == 2017
    assert any("far outside the period" in note.sentence for note in model.unknown)


@pytest.mark.parametrize("line", [LINE, LINE + "1,b,2026-01-05T09:00:00\n", LINE + "2,a,2026-01-05\n"])
def test_the_smallest_logs_are_told_too(tmp_path: Path, line: str) -> None:
    (tmp_path / "log.csv").write_text(line)
    (tmp_path / "map.toml").write_text("")
    said = run("calibrate", "--log", str(tmp_path / "log.csv"), "--map", str(tmp_path / "map.toml"), "--out",
               str(tmp_path / "model.toml"))  # fmt: skip
    assert "so what is measured says little" in said
    run("simulate", "--model", str(tmp_path / "model.toml"), "--seed", "1", "--out", str(tmp_path / "told.csv"))
    assert len((tmp_path / "told.csv").read_text().splitlines()) == len(line.splitlines())


def test_what_the_map_names_becomes_the_declared_process(mapped: Model) -> None:
    flow = mapped.flow("expense_claim")
    assert mapped.runs.weekdays.value == (0, 3)
    assert flow.outcomes["submitted"].value[0].shares == {"approve": 1.0}
    assert flow.reaction["submitted"].n > 500
    assert any(note.values.get("activity") == "REJECTED by EMPLOYEE" for note in mapped.unknown)
    assert loads(dumps(mapped)) == mapped


def test_without_a_map_of_steps_the_log_is_a_flow_of_its_own(folder: Path) -> None:
    model = loads((folder / "model.toml").read_text())
    assert model.flows[0].stations
    assert model.log is not None
    assert model.log.cases == 3000


XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <global scope="trace"><string key="concept:name" value="?"/></global>
  {traces}
</log>"""
TRACE = """<trace><string key="concept:name" value="{key}"/><float key="Amount" value="12.5"/>
  <event><string key="concept:name" value="Register"/><date key="time:timestamp" value="{day}T09:00:00Z"/>
    <string key="lifecycle:transition" value="start"/><string key="org:resource" value="A"/></event>
  <event><string key="concept:name" value="Register"/><date key="time:timestamp" value="{day}T09:30:00Z"/>
    <string key="lifecycle:transition" value="complete"/><string key="org:resource" value="A"/></event>
</trace>"""


def xes(path: Path, count: int = 40) -> Path:
    days = [(datetime(2026, 1, 5, tzinfo=UTC) + timedelta(days=nth)).date() for nth in range(count)]
    text = XES.format(traces="\n".join(TRACE.format(key=nth, day=day) for nth, day in enumerate(days)))
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_xes_is_read_with_its_transitions_and_told_as_csv(tmp_path: Path) -> None:
    log = read_log(xes(tmp_path / "log.xes.gz"), LogMap())
    assert [len(case.at) for case in log.cases] == [2] * 40
    assert log.cases[0].amount == 12.5
    again = read_log(tmp_path / "log.xes.gz", read_map('columns = {amount = "-"}'))
    assert again.cases[0].amount is None
    (tmp_path / "map.toml").write_text('columns = {amount = "case:Amount"}')
    run("calibrate", "--log", str(tmp_path / "log.xes.gz"), "--map", str(tmp_path / "map.toml"), "--out",
        str(tmp_path / "model.toml"))  # fmt: skip
    run("simulate", "--model", str(tmp_path / "model.toml"), "--seed", "1", "--out", str(tmp_path / "told.csv"))
    lines = [line.split(",") for line in (tmp_path / "told.csv").read_text().splitlines()]
    place = {name: nth for nth, name in enumerate(lines[0])}
    assert [line[place["lifecycle:transition"]] for line in lines[1:3]] == ["start", "complete"]
    assert {line[place["concept:name"]] for line in lines[1:]} == {"Register"}
    assert lines[1][place["case:Amount"]] == "12.50"
    assert lines[1][place["time:timestamp"]].endswith("Z")
    took = [datetime.fromisoformat(line[place["time:timestamp"]]) for line in lines[1:3]]
    assert took[1] - took[0] == timedelta(minutes=30)


def test_starts_in_a_column_of_their_own_and_other_ways_to_write(tmp_path: Path) -> None:
    lines = ["Zaak;Activiteit;Begonnen;Tijdstip;Wie"]
    for nth in range(60):
        lines.append(f"{nth};Betalen;{1 + nth % 28:02}-03-2026 10:00;{1 + nth % 28:02}-03-2026 10:20;Ria")
    (tmp_path / "log.csv").write_text("\n".join(lines))
    (tmp_path / "map.toml").write_text('columns = {start = "Begonnen", resource = "Wie"}')
    run("calibrate", "--log", str(tmp_path / "log.csv"), "--map", str(tmp_path / "map.toml"), "--out",
        str(tmp_path / "model.toml"))  # fmt: skip
    run("simulate", "--model", str(tmp_path / "model.toml"), "--seed", "1", "--out", str(tmp_path / "told.csv"))
    head, first, *_ = (tmp_path / "told.csv").read_text().splitlines()
    assert head == lines[0]
    _, _, start, end, who = first.split(";")
    begun, done = (datetime.strptime(one, "%d-%m-%Y %H:%M").replace(tzinfo=UTC) for one in (start, end))
    assert timedelta(minutes=19) <= done - begun <= timedelta(minutes=21)
    assert who == "Ria"


REFUSED = [
    ("", LINE.replace("case_id", "x"), "whatif_column_not_found"),
    ('columns = {amount = "Bedrag"}', LINE, "whatif_no_column"),
    ("", LINE + "1,b,tomorrow\n", "whatif_no_moment"),
    ("", "case_id,activity,timestamp\n", "whatif_log_empty"),
    ("", "<log><trace>", "whatif_no_log"),
    ("", '<!DOCTYPE log [<!ENTITY a "b">]><log><trace/></log>', "whatif_no_log"),
    ('zone = "Europe/Nowhere"', LINE, "whatif_no_zone"),
    ('[activities]\na = {state = "draft", action = "submit"}', LINE, "whatif_no_kind"),
    ('kind = "expense_claim"\n[activities]\na = {state = "paid", action = "submit"}', LINE, "whatif_not_declared"),
    ("columns = [", LINE, "whatif_not_read"),
]


@pytest.mark.parametrize(("text", "log", "code"), REFUSED)
def test_what_cannot_be_read_is_refused_in_words(tmp_path: Path, text: str, log: str, code: str) -> None:
    (tmp_path / "log").write_text(log)
    with pytest.raises(Refused) as refused:
        read_log(tmp_path / "log", read_map(text))
    assert refused.value.codes == {code}
    (tmp_path / "map.toml").write_text(text)
    done = CliRunner().invoke(main, ["whatif", "calibrate", "--log", str(tmp_path / "log"), "--map",
                                     str(tmp_path / "map.toml"), "--out", str(tmp_path / "model.toml")])  # fmt: skip
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert not (tmp_path / "model.toml").exists()


def test_a_broken_package_is_refused(tmp_path: Path) -> None:
    text = LINE.encode() + b"1,b,2026-01-05T09:00:00\n" * 200
    packed = bytearray(gzip.compress(text))
    packed[10:14] = b"\xff" * 4
    for name, data in (("broken.csv.gz", packed), ("cut.csv.gz", gzip.compress(text)[:-20])):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(Refused) as refused:
            read_log(tmp_path / name, LogMap())
        assert refused.value.codes == {"whatif_no_log"}


def test_a_model_of_declared_cases_is_told_as_a_log_too(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text(dumps(claims()))
    model = ["simulate", "--model", str(tmp_path / "model.toml"), "--seed", "1"]
    run(*model, "--cases", "30", "--out", str(tmp_path / "told.csv"))
    log = read_log(tmp_path / "told.csv", LogMap())
    assert len(log.cases) == 30
    assert {"approve", "check", "release", "settle"} <= set(log.activities)
    run(*model, "--from", "2026-03-02", "--until", "2026-03-03", "--out", str(tmp_path / "days.csv"))
    begun = {(EPOCH + timedelta(minutes=case.at[0])).date() for case in read_log(tmp_path / "days.csv", LogMap()).cases}
    assert min(begun) >= date(2026, 3, 2)


def test_an_empty_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text(dumps(Model("", (), ())))
    model = ["simulate", "--model", str(tmp_path / "model.toml"), "--seed", "1", "--out", str(tmp_path / "x")]
    done = CliRunner().invoke(main, ["whatif", *model])
    assert done.exit_code == 1
    assert "nothing in this model" in done.output


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1,a,0001-01-01T00:00:00+14:00,1", "whatif_no_moment"),
        ("1,a,9999-12-31T23:59:59-14:00,1", "whatif_no_moment"),
        ("1,a,2026-01-05T09:00:00," + "1" * 2_000_000, "whatif_no_log"),
        ("1,a,2026-01-05T09:00:00," + "1" * 200_000, "whatif_no_log"),
    ],
)
def test_a_log_that_was_made_to_hurt_is_refused(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress(f"case,activity,timestamp,amount\n{text}\n".encode()))
    with pytest.raises(Refused) as refused:
        read_log(tmp_path / "log.csv.gz", LogMap())
    assert refused.value.codes == {code}


def test_entities_and_document_types_of_a_log_are_refused(tmp_path: Path) -> None:
    far = "<!--" + "x" * 5000 + "-->"
    event = '<event><date key="time:timestamp" value="2026-01-05T09:00:00"/></event>'
    for entity in ('<!ENTITY a SYSTEM "file:///etc/hostname">', '<!ENTITY a "b">'):
        for between in ("", far):
            text = f"<?xml version='1.0'?>{between}<!DOCTYPE log [{entity}]><log><trace>{event}</trace></log>"
            (tmp_path / "log.xes").write_text(text)
            with pytest.raises(Refused) as refused:
                read_log(tmp_path / "log.xes", LogMap())
            assert refused.value.codes == {"whatif_no_log"}


def test_amounts_without_end_are_no_amounts(tmp_path: Path) -> None:
    said = ("nan", "inf", "-1e400", "12")
    lines = [f"{n},a,2026-01-05T09:00:00,{amount}" for n, amount in enumerate(said)]
    (tmp_path / "log.csv").write_text("\n".join(["case,activity,timestamp,amount", *lines]))
    assert [one.amount for one in read_log(tmp_path / "log.csv", LogMap()).cases] == [None, None, None, 12.0]


@pytest.mark.parametrize(
    ("text", "code"),
    [("separator = ';;'", "whatif_separator"), ("separator = '\"'", "whatif_separator"), ("a = " + "[" * 3000, "")],
)
def test_a_map_that_cannot_be_used_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_map(text)
    assert refused.value.codes == {code or "whatif_not_read"}
    if not code:
        with pytest.raises(Refused, match="whatif_not_read"):
            loads(text)
