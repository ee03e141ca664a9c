"""Downloading a journal, on the page of the treasurer and from the command line: the same bytes each time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.commands import journal
from portal.worlds import World
from tests.cast import Cast
from tests.commands.money import booked, debit, paying, take_in, waterveen
from tests.interfaces.test_ledger_files import check, texts
from tests.ledger import begun

BASE = "/boekhouding/waterveen"


def kept(world: World, cast: Cast) -> None:
    """A journal with a claim that was granted and paid."""
    with world.db.transaction() as session:
        place = begun(session, cast).id
        _, (line,) = paying(session, cast, 1250)
    take_in(world, booked(debit(line)))
    with world.db.transaction() as session:
        journal.post_all(session, place, world.clock.now())


def test_a_month_and_a_year_are_downloaded_and_stay_the_same(world: World, cast: Cast, browse: Any) -> None:
    kept(world, cast)
    dirk = browse("dirk")
    page = dirk.get(f"{BASE}/2026-11").text
    for period, ending in (("2026-11", "xaf"), ("2026-11", "csv"), ("2026", "xaf")):
        address = f"{BASE}/{period}/journaal.{ending}"
        assert address in page
        first = dirk.get(address)
        assert first.status_code == 200
        assert f"journaal-waterveen-{period}.{ending}" in first.headers["Content-Disposition"]
        if ending == "xaf":
            root = check(first.data)
            assert texts(root, "company", "transactions", "journal", "transaction", "nr") == ["2", "1"]
            assert texts(root, "company", "transactions", "journal", "jrnID") == ["BANK", "MEM"]
        else:
            assert first.data.decode("utf-8-sig").count("DEC-2026-000001") == 4
        before = first.data
        world.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
        dirk.post("/taal/en")
        assert dirk.get(address).data == before
        dirk.post("/taal/nl")
    with world.db.session(writes=False) as session:
        assert waterveen(session, cast).name == "Waterveen"


def test_what_is_no_period_or_not_theirs_is_not_there(world: World, cast: Cast, browse: Any) -> None:
    kept(world, cast)
    dirk = browse("dirk")
    for path in (
        "waterveen/2026-13/journaal.xaf", "waterveen/20/journaal.xaf", "waterveen/2026-11/journaal.pdf",
        "duinrade/2026-11/journaal.xaf", "elders/2026-11/journaal.xaf", "waterveen/abcd/journaal.csv",
    ):  # fmt: skip
        assert dirk.get(f"/boekhouding/{path}").status_code == 404, path
    for name in ("anna", "carla", "hanna", "farid"):
        assert browse(name).get(f"{BASE}/2026-11/journaal.xaf").status_code == 404


def test_the_command_line_writes_the_same_file(
    world: World, cast: Cast, browse: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(world, cast)
    monkeypatch.setenv("SSC_DATABASE_URL", world.settings.database_url)
    monkeypatch.setenv("SSC_INSTANCE", str(world.settings.instance))
    target = tmp_path / "journaal.xaf"

    def run(*more: str) -> Any:
        return CliRunner().invoke(main, ["ledger", "export", "--to", str(target), *more])

    done = run("--municipality", "waterveen", "--period", "2026-11")
    assert (done.exit_code, done.output) == (0, "2 entries\n"), done.output
    assert target.read_bytes() == browse("dirk").get(f"{BASE}/2026-11/journaal.xaf").data
    assert run("--municipality", "duinrade", "--period", "2026-11").exit_code == 1
    assert "a period is a month" in run("--municipality", "waterveen", "--period", "mei").output
