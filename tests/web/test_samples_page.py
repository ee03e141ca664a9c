"""The samples of a month as those see them who keep an eye on it, and drawing again, by page and by command."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, update

from portal.cli import main
from portal.commands.sampling import seed_of
from portal.models.sampling import SampleDraw, SampleSeed
from portal.queries.sampling import draw_again, months
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import here, whole
from tests.commands.sampling import agree, draws, judged, night, paid, sample_of, small
from tests.commands.test_recovery import act
from tests.house.test_language import foreign, read
from workflows.sampling import commitment

NOVEMBER = "/steekproef/waterveen/2026-11"


def stocked(world: World, cast: Cast) -> list[str]:
    """Four claims that went on without approval: three paid and drawn, of which one was not right; one still open."""
    with world.db.transaction() as session:
        agree(session, cast)
    night(world)
    world.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    with world.db.transaction() as session:
        claims = [paid(session, cast, key=str(number)) for number in range(3)]
        small(session, cast, key="open")
    night(world)
    with world.db.transaction() as session:
        for claim, key in zip(claims[:2], ("right", "wrong"), strict=True):
            case = sample_of(session, claim)
            act(session, cast, "bram", case, key, judged(case))
    with world.db.session(writes=False) as session:
        return [draw.number for draw in draws(session)]


def counts(page: str) -> list[str]:
    return re.findall(r'<td role="cell" class="ssc-number" data-label="[^"]+">(\d+)</td>', page)[:5]


@pytest.mark.parametrize("name", ["carla", "farid", "hanna"])
def test_they_see_what_was_drawn_and_how_it_was_judged(world: World, cast: Cast, browse: Any, name: str) -> None:
    numbers = stocked(world, cast)
    browser = browse(name)
    for language in ("nl", "en"):
        browser.post(f"/taal/{language}")
        for address in ("/steekproef", NOVEMBER, f"{NOVEMBER}?opnieuw=1&alles=1"):
            answer = browser.get(address)
            assert answer.status_code == 200
            assert foreign(language, read(answer.text)) == set(), address
    browser.post("/taal/nl")
    found = re.search(r"november 2026</a></th>(.*?)</tr>", browser.get("/steekproef").text, re.DOTALL)
    assert found
    assert counts(found[1]) == ["4", "1", "3", "2", "1"]
    page = browser.get(NOVEMBER).text
    assert all(number in page for number in numbers[:3])
    assert numbers[3] not in page
    assert numbers[3] in browser.get(f"{NOVEMBER}?alles=1").text
    assert ("/zaken/STP" in page) is (name == "carla"), "who may not see a dossier gets no link to it"
    assert "Anna" not in read(page)


@pytest.mark.parametrize("name", ["anna", "bram", "dirk", "greet"])
def test_for_others_there_is_no_such_page(world: World, cast: Cast, browse: Any, name: str) -> None:
    stocked(world, cast)
    assert {browse(name).get(address).status_code for address in ("/steekproef", NOVEMBER)} == {404}


@pytest.mark.parametrize("address", ["duinrade/2026-11", "waterveen/2025-01", "waterveen/x", "waterveen/2026-13"])
def test_what_is_not_there_is_not_found(world: World, cast: Cast, browse: Any, address: str) -> None:
    stocked(world, cast)
    assert browse("hanna").get(f"/steekproef/{address}").status_code == 404


def test_a_month_without_claims_has_nothing_left_to_draw_and_its_seed_is_shown(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        seed = seed_of(session, cast.municipalities["duinrade"], date(2026, 9, 1), world.clock.now())
        (month,) = months(session, frozenset({cast.municipalities["duinrade"]}))[0]
        assert (month.seed.id, month.entered, month.waiting, month.drawn) == (seed.id, 0, 0, 0)
        assert month.revealed(date(2026, 10, 1))
        assert not month.revealed(date(2026, 9, 30))


def test_the_seed_is_shown_when_the_month_is_over_and_nothing_is_left_to_draw(
    world: World, cast: Cast, browse: Any
) -> None:
    stocked(world, cast)
    with world.db.session(writes=False) as session:
        seed = session.scalars(select(SampleSeed.seed).order_by(SampleSeed.month)).first() or ""
    hanna = browse("hanna")
    page = hanna.get(NOVEMBER).text
    assert seed not in page
    assert commitment(seed) in page
    world.clock.set(here("2026-12-02 10:00"))  # type: ignore[attr-defined]
    hanna = browse("hanna")
    assert seed not in hanna.get(NOVEMBER).text, "one claim may still be drawn"
    with world.db.transaction() as session:
        (last,) = [draw for draw in draws(session) if draw.drawn is None]
        cast.act(session, "anna", whole(session, last.case_id or 0), "withdraw")
    assert seed in hanna.get(NOVEMBER).text


def verify(world: World, monkeypatch: pytest.MonkeyPatch, *, month: str = "2026-11") -> Any:
    monkeypatch.setenv("SSC_INSTANCE", str(world.settings.instance))
    monkeypatch.setenv("SSC_DATABASE_URL", world.settings.database_url)
    monkeypatch.setenv("SSC_SECRET_KEY", world.settings.secret_key)
    return CliRunner().invoke(main, ["sample", "verify", "--municipality", "waterveen", "--month", month])


def test_drawing_again_agrees_and_says_so(
    world: World, cast: Cast, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stocked(world, cast)
    assert "het klopt<" in browse("farid").get(f"{NOVEMBER}?opnieuw=1").text
    done = verify(world, monkeypatch)
    assert (done.exit_code, done.output) == (0, "3 draws done again, all agree; 3 are in the sample\n")
    assert verify(world, monkeypatch, month="2025-01").exit_code == 1


def test_whatever_was_tampered_with_shows(
    world: World, cast: Cast, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = stocked(world, cast)
    with world.db.session() as session:
        seed = session.scalars(select(SampleSeed).order_by(SampleSeed.month)).first()
        assert seed is not None
        for change, field, expected in (
            (update(SampleDraw).where(SampleDraw.number == numbers[0]).values(drawn=False), "otherwise", numbers[:1]),
            (delete(SampleDraw).where(SampleDraw.number == numbers[1]), "missing", numbers[1:2]),
            (update(SampleDraw).where(SampleDraw.number == numbers[2]).values(entered_at=here("2026-11-01 00:00")),
             "late", numbers[2:3]),
        ):  # fmt: skip
            session.execute(change.execution_options(synchronize_session=False))
            session.expire_all()
            again = draw_again(session, session.get_one(SampleSeed, seed.id))
            assert list(getattr(again, field)) == expected, field
            assert not again.agrees
            session.rollback()
        assert draw_again(session, session.get_one(SampleSeed, seed.id)).agrees
    with world.db.transaction() as session:
        session.execute(update(SampleSeed).values(seed="0" * 64).execution_options(synchronize_session=False))
    with world.db.session(writes=False) as session:
        again = draw_again(session, session.scalars(select(SampleSeed).order_by(SampleSeed.month)).first())  # type: ignore[arg-type]
        assert not again.committed
    assert "niet het getal" in browse("hanna").get(f"{NOVEMBER}?opnieuw=1").text
    done = verify(world, monkeypatch)
    assert done.exit_code == 1
    assert "the seed is not the one in the event chain" in done.output
