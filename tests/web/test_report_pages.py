"""The pages of figures: whose they are, down to the case behind a figure, and corrected beside what was published."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from portal.cli import main
from portal.commands import indicators, reports
from portal.commands.definitions import define_all
from portal.models.people import Municipality, RoleGrant
from portal.worlds import World
from seed.sources import source
from tests.cast import SINCE, Cast
from tests.counted import NOW, OCTOBER, Log, claim, two_claims
from tests.recounted import Told
from tests.web.test_lateness_pages import said

MONTH = "/rapporten/waterveen/2026-10"
CLAIMS = f"{MONTH}/cijfer/3"
"""Claims paid in time: the third definition of the file."""


@pytest.fixture
def published(world: World, cast: Cast) -> Cast:
    """October as it was published; later the bank gave back a payment. Farid is for Waterveen alone."""
    two_claims(world, cast)
    returned = datetime(2026, 11, 20, 9, tzinfo=UTC)
    with world.db.transaction() as session:
        waterveen = cast.municipalities["waterveen"]
        session.execute(
            update(RoleGrant).where(RoleGrant.person_id == cast.people["farid"]).values(municipality_id=waterveen)
        )
        reports.publish(session, session.get_one(Municipality, waterveen), OCTOBER, NOW)
        Log(session, cast, after=100).steps([claim(1, 5, ("unpaid", returned))], returned, NOW)
        indicators.catch_up_fully(session, NOW)
    return cast


def test_farid_reads_his_month_down_to_a_case(published: Cast, browse: Any) -> None:
    farid = browse("farid")
    now = said(farid.get("/rapporten"))
    assert "Nu: Waterveen" in now
    assert "Open zaken over hun norm" in now
    page = said(farid.get(MONTH))
    assert "Declaraties binnen 10 werkdagen betaald" in page
    assert "1 van 2" in page
    assert "Er is iets veranderd" not in page
    late = said(farid.get(f"{CLAIMS}?groep=no"))
    assert "X-2" in late
    rows = list(csv.reader(io.StringIO(farid.get(f"{CLAIMS}?groep=no&csv=1").text.lstrip("\ufeff")), delimiter=";"))
    assert [row[0] for row in rows[1:]] == ["X-1", "X-2"]
    case = said(farid.get("/rapporten/zaak/X-2"))
    assert "Bij de bank" in case
    assert "Anna" not in case


def test_nobody_sees_the_figures_of_another_municipality(published: Cast, browse: Any) -> None:
    farid, ilse = browse("farid"), browse("ilse")
    for page in ("/rapporten/duinrade/2026-10", "/rapporten/alle/2026-10", "/rapporten?gemeente=alle",
                 "/rapporten/duinrade/2026-10/rapport.csv", "/rapporten/zaak/Y-1"):  # fmt: skip
        assert farid.get(page).status_code == 404, page
    assert "alle gemeenten" in said(ilse.get("/rapporten"))
    assert ilse.get("/rapporten/duinrade/2026-10").status_code == 200


def test_a_few_samples_are_not_told_one_by_one_either(world: World, cast: Cast, browse: Any) -> None:
    begin = datetime(2026, 9, 1, 9, tzinfo=UTC)

    def samples(count: int, month: int) -> list[Told]:
        days = [begin.replace(month=month, day=day) for day in range(1, count + 1)]
        return [Told(0, "sample", day, [("drawn", day), ("judging", day), ("wrong", day + timedelta(3))])
                for day in days]  # fmt: skip

    stories = [*samples(5, 9), *samples(4, 10)]
    with world.db.transaction() as session:
        define_all(session, source("indicators")["indicators"], date(2026, 1, 1), NOW, date(2026, 1, 1))
        log = Log(session, cast)
        log.cases(stories)
        log.steps(stories, datetime(2026, 1, 1, tzinfo=UTC), NOW)
        indicators.catch_up_fully(session, NOW)
    farid = browse("farid")
    assert "Steekproeven waarin" in said(farid.get("/rapporten/zaak/X-5")), "September has five"
    assert farid.get("/rapporten/zaak/X-6").status_code == 404, "the figure of October is hidden"


def test_the_director_corrects_and_both_stay(published: Cast, browse: Any) -> None:
    ilse, farid = browse("ilse"), browse("farid")
    assert "Sindsdien is er iets veranderd" in said(ilse.get(MONTH))
    assert farid.post(f"{MONTH}/correctie", {"form": "restate", "reason": "x"}).status_code in (403, 404)
    wrong = ilse.post(f"{MONTH}/correctie", {"form": "restate", "reason": " "})
    assert wrong.status_code == 400
    assert "Schrijf op waarom" in said(wrong)
    assert ilse.post(f"{MONTH}/correctie", {"form": "restate", "reason": "Bank stortte terug"}).status_code == 302
    page = said(farid.get(MONTH))
    assert "Bank stortte terug" in page
    assert "het was 50% (1 van 2) en is 0% (0 van 2)" in page
    assert "1 van 2" in said(farid.get(f"{MONTH}?editie=1"))
    assert farid.get(f"{MONTH}?editie=7").status_code == 404
    assert "gelijk aan wat gepubliceerd is" in said(
        ilse.post(f"{MONTH}/correctie", {"form": "restate", "reason": "Nog eens"})
    )


def test_any_period_can_be_asked_for(published: Cast, browse: Any) -> None:
    farid = browse("farid")
    for asked, name in (("2026Q4", "2026-Q4"), ("2026", "2026"), ("2026-10-05..2026-10-20", "2026-10-05..2026-10-20")):
        answer = farid.get(f"/rapporten/gepubliceerd?periode={asked}")
        assert answer.headers["Location"].endswith(f"/rapporten/waterveen/{name}")
        assert "niet gepubliceerd" in said(farid.get(answer.headers["Location"]))
    for asked in ("2031-01", "2026-13", "oktober", "2026-10..2026-09"):
        wrong = farid.get(f"/rapporten/gepubliceerd?periode={asked}")
        assert wrong.status_code == 400
        assert "Dit is geen periode die begonnen is" in said(wrong)  # "period_unknown"
        assert asked in said(wrong)


def test_a_report_is_taken_along_as_a_file(published: Cast, browse: Any) -> None:
    farid = browse("farid")
    kinds = {"csv": "text/csv", "json": "application/json", "xlsx": "application/vnd.openxmlformats"}
    for ending, kind in kinds.items():
        answer = farid.get(f"{MONTH}/rapport.{ending}")
        assert answer.content_type.startswith(kind)
        assert f"rapport-waterveen-2026-10.{ending}" in answer.headers["Content-Disposition"]
    assert farid.get(f"{MONTH}/rapport.exe").status_code == 404
    figure = next(one for one in farid.get(f"{MONTH}/rapport.json").json["figures"] if one["key"] == "claims_paid")
    assert (figure["numerator"], figure["denominator"], figure["value"]) == (1, 2, 50)


def test_the_director_gives_another_norm(published: Cast, browse: Any) -> None:
    ilse, page = browse("ilse"), "/rapporten/definities/approval"
    filled = {"form": "definition", "place": "", "days": "4", "target": "92,5", "first": "2026-12", "reason": "Sneller"}
    days, number = "aantal dagen", "getal van 0"
    for field, typed, why in (("days", "veel", days), ("days", "NaN", days), ("days", "1e999999999", days),
                              ("days", "4,5", days), ("target", "101", number), ("target", "NaN", number),
                              ("target", "1e-9999", number), ("reason", "", "Schrijf op waarom")):  # fmt: skip
        wrong = ilse.post(page, {**filled, field: typed})
        assert wrong.status_code == 400
        assert why in said(wrong)
        assert 'value="92,5"' in wrong.text or field == "target"
    assert ilse.post(page, filled).status_code == 302
    assert "4 werkdagen; afspraak: minstens 92,5%" in said(browse("farid").get("/rapporten/definities"))


def test_who_directs_one_municipality_and_watches_another_changes_only_the_first(
    world: World, published: Cast, browse: Any
) -> None:
    with world.db.transaction() as session:
        session.execute(
            update(RoleGrant).where(RoleGrant.person_id == published.people["ilse"])
            .values(municipality_id=published.municipalities["duinrade"])
        )  # fmt: skip
        session.add(RoleGrant(person_id=published.people["ilse"], role="contract_manager", valid_from=SINCE))
    ilse, page = browse("ilse"), "/rapporten/definities/approval"
    assert "/correctie" not in ilse.get(MONTH).text
    assert ilse.post(f"{MONTH}/correctie", {"form": "restate", "reason": "Bank stortte terug"}).status_code == 404
    filled = {"form": "definition", "days": "4", "target": "", "first": "2026-12", "reason": "Sneller"}
    assert 'value="waterveen"' not in ilse.get(page).text
    for place in ("", "alle", "waterveen"):
        assert ilse.post(page, {**filled, "place": place}).status_code == 404, place
    assert ilse.post(page, {**filled, "place": "duinrade"}).status_code == 302


def test_the_command_line_gives_the_figures_of_the_page(
    world: World, published: Cast, browse: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSC_DATABASE_URL", world.settings.database_url)
    monkeypatch.setenv("SSC_INSTANCE", str(world.settings.instance))
    monkeypatch.setenv("SSC_SECRET_KEY", world.settings.secret_key)
    shown = browse("farid").get(f"{MONTH}/rapport.json").json
    file = tmp_path / "rapport.json"

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(main, list(arguments))

    done = run("report", "--municipality", "Waterveen", "--period", "2026-10", "--format", "json", "--out", str(file))
    assert (done.exit_code, done.output) == (0, "")
    assert json.loads(file.read_text()) == shown
    printed = run("report", "--municipality", "waterveen", "--period", "2026Q3", "--format", "csv").output
    assert "claims_paid" in printed
    for arguments, why in ((("--municipality", "Nergenshuizen", "--period", "2026-10"), "there is no municipality"),
                           (("--municipality", "waterveen", "--period", "ooit"), "a period is a month"),
                           (("--municipality", "waterveen", "--period", "0001-01..2026-01"), "a period is a month"),
                           (("--municipality", "waterveen", "--period", "9999"), "a period is a month")):  # fmt: skip
        wrong = run("report", *arguments)
        assert wrong.exit_code == 1
        assert why in wrong.output
    definitions = Path("seed/data/indicators.toml")
    assert "0 definitions" in run("indicators", "add", str(definitions), "--from", "2026-01-01").output
    file.write_text("x = 1")
    assert "holds no [[indicators]]" in run("indicators", "add", str(file), "--from", "2026-01-01").output
