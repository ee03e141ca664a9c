"""The rules of the house that neither the linter nor the type checker can hold."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from portal.cli import main
from portal.jobs.timetable import JOBS

ROOT = Path(__file__).parents[2]
PACKAGES = ("portal", "workflows", "seed")
LOCKS = ("requirements.lock", "requirements-dev.lock")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
TO_RUN: list[str] = PROJECT["project"]["dependencies"]
TO_DEVELOP: list[str] = PROJECT["dependency-groups"]["dev"]

LONGEST = 400

CLOCKS = {"Clock", "SystemClock", "FixedClock", "StoryClock"}
MAY_KNOW_A_CLOCK = (
    "portal/clock.py",
    "portal/cli/",
    "portal/demo.py",
    "portal/worlds.py",
    "portal/web/",
    "portal/jobs/",
    "portal/workshop/playing.py",
    "portal/workshop/ticking.py",
    "portal/workshop/worlds.py",
)
"""And `seed/`, which plays history on a clock of its own. Everybody else is handed the moment as `at`."""

MACHINE_PATH = re.compile(r"(?<![\w.*-])/(?:" + "|".join(("work", "root", "home/[a-z]+")) + r")/")


def name_of(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9_.-]", requirement, maxsplit=1)[0].lower()


def tracked() -> list[Path]:
    """Every text file that is or may be put under version control."""
    listing = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "versions" not in file.parts:
                yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_text())


def commands(group: click.Group, path: str = "ssc-portal") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_with_hashes_and_names_no_registry(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*-", text.replace("    --hash=sha256:", ""), re.MULTILINE)
    pinned = re.findall(
        r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==\S+.*\n((?:    --hash=sha256:[0-9a-f]{64}.*\n)+)", text, re.MULTILINE
    )
    wanted = TO_RUN if lock == "requirements.lock" else [*TO_RUN, *TO_DEVELOP]
    assert {name_of(requirement) for requirement in wanted} <= {name for name, _ in pinned}
    assert len(pinned) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))


def test_both_locks_hold_the_same_versions() -> None:
    run, develop = (set(re.findall(r"^(\S+==\S+)", (ROOT / lock).read_text(), re.MULTILINE)) for lock in LOCKS)
    assert run <= develop


def test_every_dependency_is_accounted_for() -> None:
    rows = re.findall(r"^\| ([a-z0-9-]+) \|", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(name_of(requirement) for requirement in [*TO_RUN, *TO_DEVELOP])


def test_every_setting_command_and_job_is_in_the_manual() -> None:
    manual = (ROOT / "docs/operations.md").read_text()
    settings = set(re.findall(r"SSC_[A-Z_]+", (ROOT / "portal/settings.py").read_text()))
    assert {name for name in settings if f"| `{name}` |" not in manual} == set()
    assert [name for name in commands(main) if f"| `{name}" not in manual] == []
    assert [job.key for job in JOBS if f"`{job.key}`" not in manual] == []


def test_one_version_everywhere() -> None:
    version = PROJECT["project"]["version"]
    assert f'softwareVersion: "{version}"' in (ROOT / "publiccode.yml").read_text()
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text()


def test_no_file_grows_too_long() -> None:
    files = [
        f
        for folder in (*PACKAGES, "templates", "tests")
        for f in (ROOT / folder).rglob("*")
        if f.suffix in (".py", ".html", ".js", ".css")
    ]
    lengths = {f.relative_to(ROOT).as_posix(): f.read_text().count("\n") for f in files if "versions" not in f.parts}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_only_the_clock_reads_the_time() -> None:
    reads = {
        ("datetime", "now"),
        ("datetime", "utcnow"),
        ("datetime", "today"),
        ("date", "today"),
        ("time", "time"),
        ("func", "now"),
    }
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules(*PACKAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name | ast.Attribute)
        and (node.value.id if isinstance(node.value, ast.Name) else node.value.attr, node.attr) in reads
    ]
    assert [place for place in found if not place.startswith("portal/clock.py")] == []


def test_below_the_web_and_the_jobs_nobody_has_a_clock() -> None:
    found = [
        name
        for name, tree in modules("portal", "workflows")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "portal.clock"
        and CLOCKS & {each.name for each in node.names}
    ]
    assert [name for name in found if not name.startswith(MAY_KNOW_A_CLOCK)] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [name for name, tree in modules(*PACKAGES) if tree.body and not ast.get_docstring(tree)] == []


def test_nothing_of_our_own_is_mocked() -> None:
    forbidden = ("unittest" + ".mock", "monkeypatch" + ".setattr", "pytest" + "_mock", "import" + " mock")
    texts = {file: file.read_text() for file in (ROOT / "tests").rglob("*.py")}
    assert [file.name for file, text in texts.items() if any(word in text for word in forbidden)] == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    found = []
    for file in tracked():
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{file.relative_to(ROOT)}: {line}" for line in text.splitlines() if MACHINE_PATH.search(line)]
    assert found == []


def test_the_build_server_runs_all_tests() -> None:
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111
    assert re.search(r"^make test$", script.read_text(), re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r"^test: .*\bcheck\b", makefile, re.MULTILINE)
    assert "-m pytest" in makefile


def test_the_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "make demo" in readme
    assert "make test" in readme
