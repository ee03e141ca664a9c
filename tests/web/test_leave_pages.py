"""Leave on the screen: asking for it from form to approval, the balance as a bank statement, and who may look."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from portal.cli import main
from portal.commands.leave_grants import buy
from portal.jobs import runner, timetable
from portal.models.cases import Case
from portal.models.leave import LeaveEntry, LeaveRead
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import here
from tests.leave import asked, given, granted
from tests.web.test_statements import MOST, counted


@pytest.fixture
def stocked(world: World, cast: Cast) -> World:
    with world.db.transaction() as session:
        given(session, cast, here("2026-01-01 02:00"))
    return world


def begun(anna: Any) -> str:
    """The address of a draft of a request for leave."""
    answer = anna.post("/zaken/nieuw/leave", {"client_key": "k" * 32})
    assert answer.status_code == 302, answer.status_code
    return str(answer.headers["Location"])


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_somebody_asks_for_leave_and_sees_beforehand_what_it_burns(stocked: World, cast: Cast, browse: Any) -> None:
    anna = browse("anna")
    draft = begun(anna)
    assert "Welk verlof?" in text(anna.get(draft))
    typed = {"kind": "leave", "first": "2026-12-14", "last": "2026-12-18", "last_part": "morning", "do": "review"}
    review = text(anna.get(anna.post(draft, typed).headers["Location"]))
    assert "32,4 uur" in review
    assert "Wettelijk verlof" in review
    assert "111,6" in review
    sent = anna.post(f"{draft}/indienen", {})
    dossier = text(anna.get(sent.headers["Location"]))
    assert "VRL-2026-000001" in dossier
    assert "32,4 uur" in dossier
    home = text(anna.get("/"))
    assert "Mijn verlof: 169,2 uur" in home
    bram = browse("bram")
    page = text(bram.get("/zaken/VRL-2026-000001"))
    assert "Waar de uren vandaan komen" in page
    version = re.search(r'name="version" value="(\d+)"', bram.get("/zaken/VRL-2026-000001").get_data(as_text=True))
    assert version is not None
    assert bram.post("/zaken/VRL-2026-000001/approve", {"version": version[1]}).status_code == 302
    with stocked.db.session(writes=False) as session:
        assert session.scalar(select(Case.state).where(Case.number == "VRL-2026-000001")) == "granted"
        burned = select(func.sum(LeaveEntry.minutes)).where(LeaveEntry.what == "burn")
        assert session.scalar(burned) == -1944


def test_a_draft_in_which_nothing_was_typed_can_be_thrown_away(stocked: World, cast: Cast, browse: Any) -> None:
    anna = browse("anna")
    assert anna.post(f"{begun(anna)}/weggooien", {}).status_code == 302
    with stocked.db.session(writes=False) as session:
        assert session.scalar(select(Case.state)) == "withdrawn"


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(
    stocked: World, cast: Cast, browse: Any
) -> None:
    anna = browse("anna")
    draft = begun(anna)
    anna.post(draft, {"kind": "leave", "first": "2026-12-25", "last": "2026-12-27", "note": "Kerst", "do": "review"})
    page = anna.get(f"{draft}?controle=1").get_data(as_text=True)
    assert "Op deze dagen werkt u niet, dus ze kosten geen verlof." in page
    assert 'value="Kerst"' in page
    assert 'id="first-error"' in page
    anna.post(f"{draft}/indienen", {})
    with stocked.db.session(writes=False) as session:
        assert session.scalar(select(func.count()).select_from(LeaveEntry).where(LeaveEntry.what == "reserve")) == 0


def test_the_balance_is_a_bank_statement_and_pages_by_key(stocked: World, cast: Cast, browse: Any) -> None:
    with stocked.db.transaction() as session:
        for number in range(22):
            day = date(2026, 12, 1) + timedelta(days=number)
            if day.weekday() < 5 and day.day != 8:
                granted(session, cast, day.isoformat(), first_part="morning")
                granted(session, cast, day.isoformat(), first_part="afternoon")
        asked(session, cast, "2026-12-28")
        for year in (2026, 2027):
            buy(session, cast.people["anna"], cast.municipalities["waterveen"], year, 60, stocked.clock.now())
    anna = browse("anna")
    with counted(stocked) as statements:
        first = anna.get("/verlof")
    assert len(statements) <= MOST, statements
    page = text(first)
    assert "7,2 uur gereserveerd" in page
    assert "Gekocht verlof" in page
    more = re.search(r'href="(/verlof\?after=[^"]+)"', first.get_data(as_text=True))
    assert more is not None
    lines = []
    for address in ("/verlof", more[1].replace("&amp;", "&")):
        body = anna.get(address).get_data(as_text=True)
        lines += re.findall(r'data-label="(?:Uren|Saldo)">([^<]+)<', body.split("Wat is geboekt")[1])
    hours = [round(float(one.replace(",", ".").replace("+", "")) * 60) for one in lines if ":" not in one]
    assert len(hours) == len(lines)
    moved, balance = hours[::2], hours[1::2]
    assert len(moved) == 36
    # Each balance is the one below it and what was booked; the last line begins from nothing.
    assert [balance[at] - moved[at] for at in range(len(moved))] == [*balance[1:], 0]


def test_nobody_sees_the_leave_of_another_but_a_clerk_who_leaves_a_trace(
    stocked: World, cast: Cast, browse: Any
) -> None:
    anna = cast.people["anna"]
    assert browse("bram").get(f"/mensen/{anna}/verlof").status_code == 404
    assert browse("otto").get(f"/mensen/{anna}/verlof").status_code == 404
    assert browse().get("/verlof").status_code in (302, 401)
    carla = browse("carla")
    assert "Verlof van Anna" in text(carla.get(f"/mensen/{anna}/verlof"))
    carla.get(f"/mensen/{anna}/verlof")
    with stocked.db.session(writes=False) as session:
        found = session.execute(select(LeaveRead.about_id, LeaveRead.person_id)).all()
        assert [tuple(row) for row in found] == [(anna, cast.people["carla"])]
    assert carla.get(f"/mensen/{cast.people['carla']}/verlof").status_code == 404
    assert "Carla" in text(browse("anna").get("/verlof"))


def test_the_job_gives_the_year_and_a_second_run_has_nothing_to_do(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        given(session, cast)
    done = runner.run(world, timetable.job("grant_leave"), world.clock.now() + timedelta(days=1))
    assert done is not None
    assert (done.error or "", done.told) == ("", [])
    later = runner.run(world, timetable.job("grant_leave"), here("2027-01-02 01:00"))
    assert later is not None
    assert [one["code"] for one in later.told] == ["leave"]
    assert runner.run(world, timetable.job("grant_leave"), here("2027-01-02 02:00")) is None


def test_the_statement_on_the_command_line_is_of_any_day_as_known(
    stocked: World, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stocked.db.transaction() as session:
        granted(session, cast, "2026-12-14", "2026-12-15")
    settings = stocked.settings
    for name, value in (
        ("SSC_DATABASE_URL", settings.database_url), ("SSC_INSTANCE", str(settings.instance)),
        ("SSC_SECRET_KEY", settings.secret_key), ("SSC_BASE_URL", settings.base_url),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)

    def run(*more: str) -> Any:
        return CliRunner().invoke(main, ["leave", "statement", *more])

    found = json.loads(run("anna@example.org", "--on", "2026-12-31", "--as-known", "2026-11-24", "--json").output)
    lots = {(one["kind"], one["valid_from"]): one["booked_minutes"] for one in found["lots"]}
    assert lots["statutory", "2026-01-01"] == 8640 - 864
    assert [one["minutes"] for one in found["entries"] if one["what"] == "burn"] == [-432, -432]
    assert found["entries"][-1]["balance_minutes"] == sum(
        minutes for (_, begins), minutes in lots.items() if begins < "2027"
    )
    before = json.loads(run("anna@example.org", "--on", "2026-12-31", "--as-known", "2026-11-23", "--json").output)
    assert all(one["what"] == "grant" for one in before["entries"])
    printed = run("anna@example.org", "--on", "2026-12-14", "--as-known", "2026-11-24")
    assert printed.exit_code == 0
    assert re.search(r"Free in all: [\d.]+ hours", printed.output)
    assert "136.8" in printed.output
    nobody = run("niemand@example.org")
    assert nobody.exit_code == 1
    assert "nobody has the mail address" in nobody.output
