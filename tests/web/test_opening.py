"""What a joining municipality begins with: tried out, taken in by another, compared, and only then live."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

from sqlalchemy import func, select

from portal.commands.leave_grants import grant_yearly
from portal.commands.opening import TWICE
from portal.i18n import reading_in, say
from portal.interfaces.csv_files import written
from portal.models.leave import LeaveEntry, LeaveLot
from portal.models.passages import Passage
from portal.models.people import Employment, Municipality, Person, Unit
from portal.worlds import World
from tests.cast import Cast
from tests.interfaces.test_opening_files import BALANCES, ITEMS
from tests.leave import agreed
from tests.web.said import says, sentence
from tests.web.test_statements import MOST, counted
from workflows.passages import POINTS

IN = "/toetreden/nieuwland"
PEOPLE = ("Personeelsnummer", "Voornaam", "Achternaam", "E-mailadres", "Afdeling", "Kostenplaats", "Van")
STAFF = [("1", "Noor", "Baas", "noor@nieuwland.example", "Team Een", "3000", "2020-01-01"),
         ("2", "Sem", "Post", "sem@nieuwland.example", "Team Twee", "3100", "2024-07-01")]  # fmt: skip


def new_place(world: World, cast: Cast) -> None:
    """A municipality that was only just added, with what is agreed about leave."""
    with world.db.transaction() as session:
        session.add(Municipality(code="nieuwland", name="Nieuwland", account_name="Gemeente Nieuwland",
                                 iban="NL41MOCK0000000001", bic="MOCKNL2A", closing_days={}))  # fmt: skip
        agreed(session, cast)


def handed(browser: Any, kind: str, header: tuple[str, ...], rows: list[Any], day: str = "2026-11-24") -> Any:
    file = (BytesIO(written(header, rows)), f"{kind}.csv")
    return browser.post(f"{IN}/bestand", {"form": "file", "kind": kind, "as_of": day, "file": file},
                        content_type="multipart/form-data")  # fmt: skip


def begun(world: World, cast: Cast, browse: Any) -> tuple[Any, Any]:
    new_place(world, cast)
    hanna, ilse = browse("hanna"), browse("ilse")
    with world.db.session(writes=False) as session:
        place = session.scalars(select(Municipality.id).where(Municipality.code == "nieuwland")).one()
    answer = hanna.post("/toetreden", {"form": "begin", "place": place, "day": "2027-01-01", "reason": "Besluit"})
    assert answer.location == IN
    return hanna, ilse


def balances(world: World) -> dict[tuple[str, str, int], int]:
    """What is left of each lot of the new municipality, asked of the ledger."""
    with world.db.session(writes=False) as session:
        rows = session.execute(
            select(Person.given_name, LeaveLot.kind, LeaveLot.valid_from, func.sum(LeaveEntry.minutes))
            .join(LeaveLot, LeaveLot.id == LeaveEntry.lot_id).join(Person, Person.id == LeaveEntry.person_id)
            .join(Municipality, Municipality.id == LeaveEntry.municipality_id).where(Municipality.code == "nieuwland")
            .group_by(Person.given_name, LeaveLot.kind, LeaveLot.valid_from)
        )  # fmt: skip
        return {(name, kind, first.year): int(minutes) for name, kind, first, minutes in rows if minutes}


def test_a_municipality_begins_with_what_it_handed_in_and_goes_live_when_all_agrees(
    world: World, cast: Cast, browse: Any
) -> None:
    hanna, ilse = begun(world, cast, browse)
    people_come_in(world, hanna, ilse)
    balances_come_in(world, cast, hanna, ilse)
    items_come_in(world, hanna, ilse)
    refused = ilse.post(f"{IN}/klaar")
    assert refused.status_code == 422
    assert "Nog niet beoordeeld: Grootte" in refused.text
    for point in POINTS["joining"]:
        ilse.post(f"{IN}/punt", {"form": point.key, "verdict": point.verdicts[0], "reason": "Gezien"})
    somebody_changes_a_balance(world)
    assert ilse.post(f"{IN}/bestand/2/vergelijken").status_code == 302
    assert "Sem Post (2), Wettelijk verlof 2026" in ilse.get(f"{IN}/bestand/2").text
    assert "De laatste vergelijking van Verlofsaldi heeft nog verschillen" in ilse.post(f"{IN}/klaar").text
    handed(ilse, "balances", BALANCES, [("1", "wettelijk", "2026", "40"), ("1", "extra", "2025", "7,2"),
                                        ("2", "wettelijk", "2026", "-7")])  # fmt: skip
    assert hanna.post(f"{IN}/bestand/4/inlezen").status_code == 302
    assert ilse.post(f"{IN}/klaar").status_code == 302
    assert says(handed(ilse, "items", ITEMS, [("factuur", "F-9", "X", "2026-11-01", "1", "")]), "passage_ended")
    assert says(hanna.post(f"{IN}/bestand/4/inlezen"), "passage_ended")
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Passage.ended_by_id)).one() == cast.people["ilse"]


def people_come_in(world: World, hanna: Any, ilse: Any) -> None:
    trial = handed(hanna, "people", PEOPLE, STAFF)
    assert trial.location == f"{IN}/bestand/1"
    page = hanna.get(trial.location).text
    assert "er is niets vastgelegd" in page
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Person).where(Person.given_name == "Noor")).first() is None
    assert says(hanna.post(f"{IN}/bestand/1/vergelijken"), "opening_not_taken_in")
    assert says(hanna.post(f"{IN}/bestand/1/inlezen"), "opening_same_person")
    assert ilse.post(f"{IN}/bestand/1/inlezen").status_code == 302
    assert says(ilse.post(f"{IN}/bestand/1/inlezen"), "opening_done")
    with world.db.session(writes=False) as session:
        units = session.scalars(select(Unit.name).join(Municipality).where(Municipality.code == "nieuwland")).all()
    assert sorted(units) == ["Team Een", "Team Twee"]


def balances_come_in(world: World, cast: Cast, hanna: Any, ilse: Any) -> None:
    handed(ilse, "balances", BALANCES, [("1", "wettelijk", "2026", "40"), ("1", "extra", "2025", "7,2"),
                                        ("2", "wettelijk", "2026", "-8")])  # fmt: skip
    assert balances(world) == {}
    assert "Noor Baas (1), Wettelijk verlof 2026" in hanna.get(f"{IN}/bestand/2").text
    assert hanna.post(f"{IN}/bestand/2/inlezen").status_code == 302
    expected = {("Noor", "statutory", 2026): 2400, ("Noor", "extra", 2025): 432, ("Sem", "statutory", 2026): -480}
    assert {key: minutes for key, minutes in balances(world).items() if key[2] <= 2026} == expected
    with world.db.transaction() as session:
        # The night gives nothing twice: what came along is a correction by two people.
        place = session.scalars(select(Municipality.id).where(Municipality.code == "nieuwland")).one()
        assert grant_yearly(session, place, world.clock.now()).entries == 0
        entries = session.scalars(
            select(LeaveEntry).where(LeaveEntry.municipality_id == place, LeaveEntry.by_id.is_not(None))
        ).all()
    assert {(e.what, e.by_id, e.second_id) for e in entries} == {("correct", cast.people["ilse"], cast.people["hanna"])}


def items_come_in(world: World, hanna: Any, ilse: Any) -> None:
    handed(hanna, "items", ITEMS, [("factuur", "F-1", "Bakkerij", "2026-11-01", "12,50", "2026-12-01"),
                                   ("declaratie", "D-1", "Noor Baas", "2026-11-10", "7,00", "")])  # fmt: skip
    assert ilse.post(f"{IN}/bestand/3/inlezen").status_code == 302
    page = ilse.get(f"{IN}/bestand/3").text
    assert "kloppen met elkaar" in page
    assert "€ 19,50" in page.replace("\xa0", " ")
    with counted(world) as statements:
        assert "Bakkerij" in ilse.get(IN).text
    assert len(statements) <= MOST


def somebody_changes_a_balance(world: World) -> None:
    """What was compared does not agree any more, once it is compared again."""
    with world.db.transaction() as session:
        sem = session.scalars(select(Employment).where(Employment.personnel_number == "2")).one()
        lot = session.scalars(
            select(LeaveLot).where(LeaveLot.person_id == sem.person_id, LeaveLot.kind == "statutory",
                                   LeaveLot.valid_from == date(2026, 1, 1))
        ).one()  # fmt: skip
        session.add(
            LeaveEntry(person_id=sem.person_id, municipality_id=lot.municipality_id, lot_id=lot.id, kind=lot.kind,
                       what="correct", minutes=60, day=lot.valid_from, recorded_at=world.clock.now(), reason="Vergeten")
        )  # fmt: skip


def test_a_file_with_something_wrong_is_not_taken_in_and_says_where(world: World, cast: Cast, browse: Any) -> None:
    hanna, ilse = begun(world, cast, browse)
    assert says(hanna.post(f"{IN}/bestand", {"form": "file", "kind": "items", "as_of": "2026-11-24"}), "no_file")
    assert says(handed(hanna, "", ITEMS, [("factuur", "F", "B", "2026-11-01", "1", "")]), "opening_kind_missing")
    assert says(
        handed(hanna, "items", ITEMS, [("factuur", "F", "B", "2026-11-01", "1", "")], ""), "opening_as_of_missing"
    )
    handed(hanna, "balances", BALANCES, [("77", "wettelijk", "2026", "8"), ("77", "wettelijk", "2026", "9")])
    page = ilse.get(f"{IN}/bestand/1").text
    assert sentence("opening_number") in page
    assert TWICE.code == "opening_twice"
    with reading_in("nl"):
        assert say(TWICE.sentence, {"line": 2}) in page
    assert says(ilse.post(f"{IN}/bestand/1/inlezen"), "opening_has_problems")
    items = [("factuur", "F-1", "Bakkerij", "2026-11-01", "12,50", "")]
    for place in (2, 3):
        handed(hanna, "items", ITEMS, items)
        answer = ilse.post(f"{IN}/bestand/{place}/inlezen")
        assert (answer.status_code == 302) is (place == 2)
    assert "gaat over hetzelfde" in ilse.get(f"{IN}/bestand/3").text
    item = {"form": "item1", "number": "DEC-2026-999999"}
    assert says(ilse.post(f"{IN}/post/1", item), "opening_case")
    with world.db.transaction() as session:
        number = cast.submitted(session).number
    assert says(ilse.post(f"{IN}/post/1", item | {"number": number}), "opening_case")
    assert ilse.post("/toetreden/nieuwland/post/99", item).status_code == 404
    assert ilse.get(f"{IN}/bestand/99").status_code == 404


def test_nobody_takes_in_their_own_balance_and_what_is_open_is_ticked_off(
    world: World, cast: Cast, browse: Any
) -> None:
    hanna, ilse = browse("hanna"), browse("ilse")
    with world.db.transaction() as session:
        agreed(session, cast)
        number = cast.submitted(session).number
        own = session.scalars(
            select(Employment.personnel_number).where(Employment.person_id == cast.people["ilse"])
        ).one()
    place = cast.municipalities["waterveen"]
    hanna.post("/toetreden", {"form": "begin", "place": place, "day": "2027-01-01", "reason": "Besluit"})
    here = "/toetreden/waterveen"
    file = (BytesIO(written(BALANCES, [(own, "wettelijk", "2026", "8")])), "saldi.csv")
    hanna.post(f"{here}/bestand", {"form": "file", "kind": "balances", "as_of": "2026-11-24", "file": file},
               content_type="multipart/form-data")  # fmt: skip
    assert sentence("opening_own") in ilse.get(f"{here}/bestand/1").text
    file = (BytesIO(written(ITEMS, [("factuur", "F-1", "B", "2026-11-01", "1", "")])), "posten.csv")
    hanna.post(f"{here}/bestand", {"form": "file", "kind": "items", "as_of": "2026-11-24", "file": file},
               content_type="multipart/form-data")  # fmt: skip
    ilse.post(f"{here}/bestand/2/inlezen")
    assert ilse.post(f"{here}/post/1", {"form": "item1", "number": number}).status_code == 302
    assert says(ilse.post(f"{here}/post/1", {"form": "item1", "number": number}), "opening_ticked")
    assert str(number) in ilse.get(here).text
