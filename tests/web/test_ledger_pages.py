"""The pages of the bookkeeping: begun by the functional manager, looked at and closed by the treasurer."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from portal.jobs import journal as job
from portal.jobs import runner, timetable
from portal.models.ledger import ChartEntry, LedgerBook, LedgerClose
from portal.models.people import RoleGrant
from portal.worlds import World
from tests.cast import Cast
from tests.commands.money import booked, debit, paying, take_in
from tests.ledger import begun, given_chart

PAGE, NOVEMBER = "/boekhouding", "/boekhouding/waterveen/2026-11"


def said(answer: Any) -> str:
    return html.unescape(answer.text).replace("\xa0", " ")


def in_december(world: World) -> None:
    world.clock.advance(timedelta(days=10))  # type: ignore[attr-defined]


def closed(world: World) -> int:
    with world.db.session(writes=False) as session:
        return len(session.scalars(select(LedgerClose.id)).all())


def test_the_functional_manager_begins_a_journal_once(world: World, cast: Cast, browse: Any) -> None:
    hanna = browse("hanna")
    data = {"gemeente": "waterveen", "form": "book", "begins": "2026-11-12"}
    begin = "/beheer/rekeningschema/begin"
    assert "eerst het rekeningschema" in said(hanna.post(begin, data))
    with world.db.transaction() as session:
        given_chart(session, cast)
    for language, typed, sentence in (
        ("nl", "2024-01-01", "twaalf maanden"), ("en", "2024-01-01", "twelve before"), ("en", "soon", "not a date"),
    ):  # fmt: skip
        hanna.post(f"/taal/{language}")
        answer = hanna.post(begin, {**data, "begins": typed})
        assert answer.status_code == 422
        assert sentence in said(answer)
        assert f'value="{typed}"' in answer.text
    hanna.post("/taal/nl")
    assert hanna.post(begin, data).status_code == 302
    assert "bijgehouden vanaf november 2026" in said(hanna.get("/beheer/rekeningschema?gemeente=waterveen"))
    assert "al bijgehouden" in said(hanna.post(begin, data))
    for name in ("dirk", "carla", "anna"):
        assert browse(name).post(begin, data).status_code == 404
    with world.db.session(writes=False) as session:
        assert [str(day) for day in session.scalars(select(LedgerBook.begins_on))] == ["2026-11-01"]


def test_a_treasurer_looks_at_a_month_and_closes_it(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        begun(session, cast)
        _, (line,) = paying(session, cast, 1250)
    take_in(world, booked(debit(line)))
    job.run(world, world.clock.now())
    dirk = browse("dirk")
    page = said(dirk.get(PAGE))
    assert "november 2026" in page
    assert "Niet gesloten" in page
    assert "€ 25,00" in page
    assert "wordt hier niet bijgehouden" in page, "of Duinrade no journal is kept"
    month = said(dirk.get(NOVEMBER))
    assert "DEC-2026-000001" in month
    assert "Gecontroleerd" in month
    assert "1100" in month
    assert "Sluit deze maand" not in month, "it is not over"
    assert "nog niet voorbij" in said(dirk.post(f"{NOVEMBER}/sluiten"))
    in_december(world)
    dirk = browse("dirk")
    assert "Sluit deze maand" in said(dirk.get(NOVEMBER))
    assert "Te sluiten" in said(dirk.get(PAGE))
    assert dirk.post("/boekhouding/waterveen/2026-12/sluiten").status_code == 422
    assert closed(world) == 0
    done = dirk.post(f"{NOVEMBER}/sluiten")
    assert done.status_code == 302
    page = said(dirk.get(done.location))
    assert "November 2026 is gesloten" in page
    assert "gesloten door Dirk de Wit" in page
    assert dirk.post(f"{NOVEMBER}/sluiten").status_code == 422
    assert closed(world) == 1
    assert "Maand van het journaal gesloten" in said(browse("hanna").get("/beheer/wijzigingen"))


def test_what_holds_up_booking_is_said(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        begun(session, cast)
        paying(session, cast, 1250)
        # As if the chart had been given without this rule.
        session.execute(delete(ChartEntry).where(ChartEntry.code == "cost.parking"))
    runner.run(world, timetable.job("journal"))
    dirk = browse("dirk")
    assert "geen cost.parking op" in said(dirk.get(PAGE))
    in_december(world)
    dirk = browse("dirk")
    for language, sentence in (("nl", "Niet alles kon geboekt worden"), ("en", "Not everything could be booked")):
        dirk.post(f"/taal/{language}")
        assert sentence in said(dirk.post(f"{NOVEMBER}/sluiten"))
    assert closed(world) == 0


def test_others_see_nothing_of_it(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        begun(session, cast)
        begun(session, cast, "duinrade")
        session.execute(
            update(RoleGrant).where(RoleGrant.person_id == cast.people["dirk"])
            .values(municipality_id=cast.municipalities["duinrade"])
        )  # fmt: skip
    in_december(world)
    for name in ("anna", "carla", "farid", "hanna"):
        browser = browse(name)
        assert browser.get(PAGE).status_code == 404
        assert browser.get(NOVEMBER).status_code == 404
        assert browser.post(f"{NOVEMBER}/sluiten").status_code == 404
    dirk = browse("dirk")
    assert "Waterveen" not in said(dirk.get(PAGE))
    assert dirk.get(NOVEMBER).status_code == 404
    assert dirk.post(f"{NOVEMBER}/sluiten").status_code == 404
    for month in ("2026-10", "2027-01", "2026-13", "alles"):
        assert dirk.get(f"/boekhouding/duinrade/{month}").status_code == 404
    assert dirk.get("/boekhouding/duinrade/2026-11").status_code == 200
