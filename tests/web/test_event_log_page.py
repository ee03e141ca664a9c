"""Taking the event log along: of one's own municipalities, in every format, and who did is written down."""

from __future__ import annotations

import zlib
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.models.changes import Change
from portal.models.people import Municipality, RoleGrant
from portal.web.event_log import MOST, backwards, too_many
from portal.worlds import World
from tests.cast import Cast
from tests.conftest import staged
from tests.event_logs import READERS, read_csv
from tests.web.stage import Stage

PAGE, FILE = "/rapporten/gebeurtenissen", "/rapporten/gebeurtenissen/bestand"


@pytest.fixture
def database_url(sqlite_stand: Any, request: pytest.FixtureRequest) -> Any:
    """What is tried here is the page; what it reads is tried on both databases."""
    staged(sqlite_stand)
    yield sqlite_stand.url
    sqlite_stand.leave()


def test_the_page_counts_and_gives_each_format(world: World, cast: Cast, stage: Stage, browse: Any) -> None:
    ilse = browse("ilse")
    assert "blijven persoonsgegevens" in ilse.get(PAGE).text
    counts = set()
    for name, read in READERS.items():
        for packed in ("", "y"):
            answer = ilse.get(f"{FILE}?vorm={name}&ingepakt={packed}")
            assert answer.status_code == 200
            content = zlib.decompress(answer.data, 31) if packed else answer.data
            counts.add(len(read(content).cases))
    assert len(counts) == 1
    with world.db.session(writes=False) as session:
        taken = session.scalars(select(Change).where(Change.what == "event_log.taken")).all()
        assert [(one.by_id, one.new["format"]) for one in taken][::2] == [
            (cast.people["ilse"], name) for name in READERS
        ]


def test_one_sees_ones_own_municipality_and_no_other_exists(
    world: World, cast: Cast, stage: Stage, browse: Any
) -> None:
    with world.db.transaction() as session:
        theirs = update(RoleGrant).where(RoleGrant.person_id == cast.people["farid"])
        session.execute(theirs.values(municipality_id=cast.municipalities["waterveen"]))
    farid, hanna = browse("farid"), browse("hanna")
    with world.db.session(writes=False) as session:
        codes = set(session.scalars(select(Municipality.code)))
    mine = {code for code in codes if farid.get(f"{PAGE}?gemeente={code}").status_code == 200}
    assert mine == {"waterveen"}
    everything = read_csv(hanna.get(FILE).data)
    assert 0 < len(read_csv(farid.get(FILE).data).cases) <= len(everything.cases)
    for page in (PAGE, FILE):
        for wrong in ("gemeente=duinrade", "gemeente=nergens", "soort=sickness", "soort=x", "vorm=exe"):
            assert farid.get(f"{page}?{wrong}").status_code == 404, wrong


def test_a_period_that_is_none_is_told_beside_its_field_and_kept(stage: Stage, browse: Any) -> None:
    ilse = browse("ilse")
    for asked, said in (
        ("van=morgen", "Dit is geen datum"),
        ("van=2026-02-02&tot=2026-01-01", "De laatste dag ligt voor de eerste"),
    ):
        answer = ilse.get(f"{PAGE}?{asked}")
        assert answer.status_code == 400
        assert said in answer.text
        assert asked.partition("=")[2].partition("&")[0] in answer.text
        assert ilse.get(f"{FILE}?{asked}").status_code == 302
    assert "Zaken: 0" in ilse.get(f"{PAGE}?van=2020-01-01&tot=2020-01-02").text
    assert read_csv(ilse.get(f"{FILE}?van=2020-01-01&tot=2020-01-02").data).cases == {}


def test_how_much_can_be_taken_along_at_once_and_from_when_to_when() -> None:
    assert too_many(MOST) is None
    refusals = (too_many(MOST + 1), backwards(date(2026, 2, 2), date(2026, 2, 1)))
    assert [one.code for one in refusals if one] == ["log_too_large", "log_backwards"]
    assert backwards(None, date(2026, 2, 1)) is backwards(date(2026, 2, 1), date(2026, 2, 1)) is None
