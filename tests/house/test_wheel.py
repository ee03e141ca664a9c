"""What is installed from a wheel is the whole portal: templates, styles, translations, migrations, demo data."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the wheel was installed, and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(ROOT))
    (wheel,) = folder.glob("*.whl")
    quiet = ("--quiet", "--disable-pip-version-check", "--root-user-action=ignore")
    run(
        sys.executable,
        "-m",
        "pip",
        "install",
        *quiet,
        "--no-deps",
        "--no-index",
        "--target",
        str(folder / "site"),
        str(wheel),
    )
    return folder


def run(*command: str, path: Path | None = None, **env: str) -> str:
    """Run outside the checkout, with `path` before everything else that can be imported."""
    cwd = path or ROOT
    settings = {key: value for key, value in os.environ.items() if not key.startswith(("SSC_", "PYTHON"))}
    if path:
        settings["PYTHONPATH"] = str(path)
    done = subprocess.run(
        command, cwd=cwd, env=settings | env, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def names_beside(source: Path) -> set[str]:
    return {
        f.relative_to(source).as_posix()
        for f in source.rglob("*")
        if f.is_file() and f.suffix != ".pyc" and not f.name.endswith("~")
    }


def test_everything_is_inside(installed: Path) -> None:
    (wheel,) = installed.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for source, inside in (
        ("portal", "portal"),
        ("workflows", "workflows"),
        ("seed", "seed"),
        ("templates", "portal/templates"),
    ):
        missing = {f"{inside}/{name}" for name in names_beside(ROOT / source)} - names
        assert missing == set()
    for needed in (
        "portal/translations/nl.po",
        "portal/migrations/env.py",
        "portal/templates/base.html",
        "portal/static/icons.svg",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith(("tests/", "docs/")) or "instance" in name.split("/")]
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_installed_portal_starts(installed: Path) -> None:
    site, instance = installed / "site", installed / "instance"
    program = (
        "import portal; from portal import create_app; from portal.cli import main; "
        "main(['migrate'], standalone_mode=False); app = create_app(); "
        "client = app.test_client(); "
        "print(portal.__file__, client.get('/gezond').status_code, client.get('/aanmelden').status_code)"
    )
    where, *statuses = run(sys.executable, "-c", program, path=site, SSC_INSTANCE=str(instance)).split()
    assert Path(where).is_relative_to(site)
    assert statuses == ["200", "200"]


def test_the_installed_command_prints_the_case_types(installed: Path) -> None:
    site = installed / "site"
    printed = run(sys.executable, str(site / "bin/ssc-portal"), "case-types", path=site)
    assert "expense_claim" in printed or "Expense claim" in printed
    assert "```mermaid" in printed
