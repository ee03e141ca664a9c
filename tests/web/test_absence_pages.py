"""Who is away when: a team sees who, its leader also what waits, nobody sees why; and what a request meets."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal.models.mail import MailLink
from portal.models.occupancy import MinimumOccupancy
from portal.models.people import Unit
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.test_sickness import reported
from tests.leave import asked, drafted, given, granted
from tests.web.test_statements import MOST, counted

MONTH = "/team/verlof?maand=2026-12"


@pytest.fixture
def stocked(world: World, cast: Cast) -> World:
    """Anna is away in December, from her balance and to move house; Aart asked to be."""
    with world.db.transaction() as session:
        given(session, cast)
        granted(session, cast, "2026-12-14", "2026-12-16")
        granted(session, cast, "2026-12-21", kind="moving")
        granted(session, cast, "2026-12-22", first_part="afternoon")
        asked(session, cast, "2026-12-15", "2026-12-17", name="aart")
    return world


def team_of(world: World, cast: Cast, name: str = "Team Vergunningen") -> int:
    with world.db.session(writes=False) as session:
        there = (Unit.municipality_id == cast.municipalities["waterveen"]) & (Unit.name == name)
        return session.scalars(select(Unit.id).where(there)).one()


def row_of(page: str, name: str) -> list[str]:
    """What stands in the cells of somebody in the table, in the words for who cannot see it."""
    row = re.search(rf'<tr><th scope="row">{name}[^<]*</th>(.*?)</tr>', page, re.S)
    assert row, name
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row[1], re.S)
    return [" ".join(re.findall(r'class="ssc-hidden">([^<]*)<', cell)) for cell in cells]


def test_a_team_sees_who_is_away_and_not_why(stocked: World, browse: Any) -> None:
    page = browse("aart").get(MONTH).text
    anna, aart = row_of(page, "Anna"), row_of(page, "Aart")
    assert [place + 1 for place, said in enumerate(anna) if said == "afwezig"] == [14, 15, 16, 21]
    assert anna[21] == "afwezig, de middag"
    assert anna[24] == "gesloten"
    assert (anna[4], anna[0]) == ("werkt niet", "")
    assert [place + 1 for place, said in enumerate(aart) if said == "aangevraagd"] == [15, 16, 17], "one's own"
    for secret in ("verhuiz", "saldo", "VRL-", "zorg"):
        assert secret not in page.lower().replace("verlofsaldo", "")


def test_what_waits_is_seen_by_the_leader_and_not_by_the_team(stocked: World, browse: Any) -> None:
    bram, anna = browse("bram").get(MONTH).text, browse("anna").get(MONTH).text
    assert row_of(bram, "Aart")[14:17] == ["aangevraagd"] * 3
    assert row_of(anna, "Aart")[14:17] == [""] * 3
    assert "Verhuiz" not in bram
    assert "di 15 dec. – do 17 dec." in bram or "di 15 dec – do 17 dec" in bram


def test_whoever_leads_sees_the_units_below_and_nobody_another(stocked: World, cast: Cast, browse: Any) -> None:
    team, top = team_of(stocked, cast), team_of(stocked, cast, "Directie Waterveen")
    diane = browse("diane")
    assert "Directie Waterveen" in diane.get(MONTH).text
    assert row_of(diane.get(f"{MONTH}&afdeling={team}").text, "Aart")[14] == "aangevraagd"
    for name, unit, status in (("anna", team, 200), ("bram", team, 200), ("anna", top, 404), ("bram", top, 404),
                               ("olga", team, 404), ("otto", team, 404), ("carla", team, 404), ("carla", top, 200),
                               ("hanna", team, 404)):  # fmt: skip
        assert browse(name).get(f"{MONTH}&afdeling={unit}").status_code == status, (name, unit)
    for address in ("/team/verlof?afdeling=x", "/team/verlof?maand=december", "/team/verlof?maand=1999-01",
                    "/team/verlof?maand=2026-13", "/verlof/jaar?jaar=1999"):  # fmt: skip
        assert browse("anna").get(address).status_code == 404, address


def test_the_months_lead_on_to_each_other_up_to_where_they_end(stocked: World, browse: Any) -> None:
    anna = browse("anna")
    page = anna.get(MONTH).text
    assert "maand=2026-11" in page
    assert "maand=2027-01" in page
    assert 'rel="next"' not in anna.get("/team/verlof?maand=2028-12").text
    assert 'rel="prev"' not in anna.get("/team/verlof?maand=2024-01").text
    assert "Niemand is deze maand afwezig" in anna.get("/team/verlof?maand=2027-02").text


def test_ones_own_year_leads_to_the_requests(stocked: World, browse: Any) -> None:
    page = browse("anna").get("/verlof/jaar").text
    assert page.count('class="ssc-little"') == 12
    assert "21,6 uur" in page
    assert "Elke week" in page
    assert "<strong>36</strong>" in page
    assert "3,6 uur" in page
    assert len(re.findall(r'href="/zaken/VRL-2026-\d+"', page)) == 3
    assert "tweede kerstdag" in page.lower()
    asks = browse("aart").get("/verlof/jaar").text
    assert "aangevraagd" in asks
    assert "niet afwezig" in browse("anna").get("/verlof/jaar?jaar=2027").text


def test_a_page_asks_little_however_many_there_are(stocked: World, cast: Cast, browse: Any) -> None:
    with stocked.db.transaction() as session:
        number = asked(session, cast, "2026-12-28", name="aart").number
        case_id = drafted(session, cast, "aart", key="later").id
    form = {"do": "review", "kind": "leave", "first": "2026-12-29", "lines-0-key": "leave"}
    browse("aart").post(f"/concept/{case_id}", form)
    for name, address in (("bram", MONTH), ("diane", MONTH), ("anna", "/verlof/jaar"), ("bram", f"/zaken/{number}"),
                          ("aart", f"/zaken/{number}"), ("aart", f"/concept/{case_id}/controleren")):  # fmt: skip
        browser = browse(name)
        browser.get(address)
        with counted(stocked) as found:
            assert browser.get(address).status_code == 200
        assert len(found) <= MOST, (address, found)


def meets(page: str) -> str:
    found = re.search(r'<section[^>]*aria-labelledby="beside">(.*?)</section>', page, re.S)
    return re.sub(r"<[^>]+>|\s+", " ", found[1]) if found else ""


def test_who_decides_sees_whom_a_request_meets_and_where_too_few_are_left(
    stocked: World, cast: Cast, browse: Any
) -> None:
    with stocked.db.transaction() as session:
        session.add(
            MinimumOccupancy(
                unit_id=team_of(stocked, cast), job_title="", people=2, valid_from=SINCE, set_at=stocked.clock.now()
            )
        )
        aart = asked(session, cast, "2026-12-22", "2026-12-24", name="aart")
        number, case_id = aart.number, aart.id
    page = meets(browse("bram").get(f"/zaken/{number}").text)
    assert "Minder mensen dan afgesproken" in page
    assert re.search(
        r"di 22 dec\.? : iedereen van de afdeling, +1 aanwezig, ten minste 2 nodig", page.replace(":", " :")
    )
    assert re.search(r"Anna de Wit: +di 22 dec\.?, de middag", page)
    with stocked.db.session(writes=False) as session:
        link = session.scalars(select(MailLink).where(MailLink.case_id == case_id)).one()
    nobody = browse()
    mailed = nobody.get(f"/akkoord/{stocked.link_token(link.nonce)}").text
    assert meets(mailed) == page
    assert meets(browse("aart").get(f"/zaken/{number}").text) == "", "one's own was seen before it was handed in"
    answer = nobody.post(f"/akkoord/{stocked.link_token(link.nonce)}", {"decision": "approve"})
    assert answer.status_code == 302, "it warns and refuses nothing"
    assert meets(browse("bram").get(f"/zaken/{number}").text) == "", "it was decided"


def test_who_is_ill_is_absent_to_a_request_as_who_is_on_leave(stocked: World, cast: Cast, browse: Any) -> None:
    with stocked.db.transaction() as session:
        reported(session, cast, "2026-11-23")
        aart = asked(session, cast, "2026-11-30", "2026-12-03", name="aart")
        number = aart.number
    page = meets(browse("bram").get(f"/zaken/{number}").text)
    assert re.search(r"Anna de Wit: +ma 30 nov\.? – di 1 dec", page), "as far as she is counted as absent from today"
    assert "ziek" not in page.lower()
    assert "(2 collega" not in page


def test_who_asks_sees_it_before_submitting_without_what_waits(stocked: World, cast: Cast, browse: Any) -> None:
    with stocked.db.transaction() as session:
        case_id = drafted(session, cast, "anna", key="later").id
    anna = browse("anna")
    form = {"do": "review", "kind": "leave", "first": "2026-12-17", "last": "2026-12-18", "lines-0-key": "leave"}
    assert anna.post(f"/concept/{case_id}", form).status_code == 302
    page = anna.get(f"/concept/{case_id}/controleren").text
    assert "Niemand anders van de afdeling (2 collega’s) is afwezig." in meets(page)
    with stocked.db.transaction() as session:
        case_id = drafted(session, cast, "bram", key="bram").id
    bram = browse("bram")
    bram.post(f"/concept/{case_id}", form | {"first": "2026-12-16"})
    assert "Anna de Wit" in meets(bram.get(f"/concept/{case_id}/controleren").text)


def test_the_first_day_of_the_month_that_is_shown_is_todays(stocked: World, browse: Any) -> None:
    page = browse("anna").get("/team/verlof").text
    assert "Wie is er weg in november 2026" in page
    assert date(2026, 11, 24) == stocked.clock.now().date()
