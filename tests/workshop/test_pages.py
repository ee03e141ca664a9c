"""The pages of a workshop: joining, one's card and mail, projector, the trainer's desk, findings and debrief."""

from __future__ import annotations

import html
import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from portal import i18n
from portal.models.cases import Case, Document
from portal.models.mail import OutboxMail
from portal.web.workshop.join import NO_SUCH_CODE
from portal.web.workshop.overview import PEOPLE_WRONG
from portal.web.worlds import kept
from portal.workshop import deck, folders, opening, pace, reading, talking
from portal.workshop.tables import Card, Finding, Message, Seat, Segment
from portal.worlds import TRAINER_LINK, World
from tests.cast import Cast
from tests.commands.helpers import whole
from tests.conftest import TUESDAY, Browser
from tests.workshop.rooms import a_workshop

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KEY, PEOPLE, MOST = "claim-from-paper-to-portal", 4, 12
SEATS = (("anna", "employee"), ("carla", "clerk"), ("bram", "manager"), ("dirk", "treasurer"))


@dataclass
class Table:
    """A workshop with four seats, played by bots; its story stands still."""

    app: Any
    world: World
    cast: Cast
    prefix: str

    def browser(self) -> Browser:
        return Browser(self.app.test_client())

    def join(self, name: str = "Zonnebloem") -> tuple[Browser, str]:
        """Somebody who joined, and their code."""
        browser = self.browser()
        answer = browser.post(f"{self.prefix}/meedoen", {"nickname": name})
        assert answer.headers["Location"] == f"{self.prefix}/kaart", answer.text
        pin = re.search(r"<strong>(\d{4})</strong>", browser.get(f"{self.prefix}/kaart").text)
        assert pin
        return browser, pin[1]

    def trainer(self) -> Browser:
        browser = self.browser()
        token = self.world.link_token("trainer", TRAINER_LINK)
        assert browser.get(f"{self.prefix}/trainer/{token}").headers["Location"] == f"{self.prefix}/regie"
        return browser

    def deal(self, key: str) -> None:
        with self.world.db.transaction() as session:
            anna = session.scalars(select(Seat).where(Seat.key == "anna")).one()
            session.add(Card(key=key, seat_id=anna.id, dealt_at=TUESDAY))


@pytest.fixture
def table(app: Any, world: World, cast: Cast) -> Iterator[Table]:
    room = a_workshop(world, scenario=KEY, people=PEOPLE)
    shutil.copy(reading.files(world.settings)[KEY], room.script)
    practice = kept(app).world(room.code)
    assert practice
    assert practice.practice
    with practice.db.transaction() as session:
        for key, role in SEATS:
            session.add(Seat(key=key, role=role, person_id=cast.people[key]))
            session.flush()
    yield Table(app, practice, cast, practice.practice.prefix)
    kept(app).close()


@contextmanager
def counting(world: World) -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    event.listen(world.db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(world.db.engine, "before_cursor_execute", note)


def a_claim_card() -> Any:
    """A card with a receipt."""
    scenario = reading.read(Path("seed/scenarios") / f"{KEY}.toml")
    return next(one for one in deck.deck(scenario, PEOPLE) if one.kind == "claim" and one.papers)


def test_joining_with_a_name_and_coming_back_on_another_phone(table: Table) -> None:
    assert table.browser().get(f"{table.prefix}/").headers["Location"] == f"{table.prefix}/meedoen"
    first, pin = table.join()
    assert "Anna" in first.get(f"{table.prefix}/kaart").text
    again = table.browser().post(f"{table.prefix}/meedoen", {"nickname": "zonnebloem"})
    assert (again.status_code, 'value="zonnebloem"' in again.text) == (422, True)
    second = table.browser()
    wrong = "0000" if pin != "0000" else "1111"
    refused = second.post(f"{table.prefix}/meedoen/terug", {"name": "Zonnebloem", "pin": wrong})
    assert (refused.status_code, "pin-error" in refused.text) == (422, True)
    back = second.post(f"{table.prefix}/meedoen/terug", {"name": "Zonnebloem", "pin": pin})
    assert back.headers["Location"] == f"{table.prefix}/kaart"
    assert pin in second.get(f"{table.prefix}/kaart").text
    assert first.get(f"{table.prefix}/kaart").status_code == 302


def test_a_code_is_typed_in_any_case_and_one_of_nothing_is_refused(table: Table) -> None:
    code = table.prefix.rpartition("/")[2]
    found = table.browser().get(f"/oefening?code={code.lower()}")
    assert found.headers["Location"] == f"{table.prefix}/meedoen"
    assert table.browser().get("/oefening").status_code == 200
    refused = table.browser().get("/oefening?code=AAAAA")
    assert (refused.status_code, NO_SUCH_CODE.code) == (404, "workshop_no_such_code")
    assert i18n.gettext(NO_SUCH_CODE.sentence) in html.unescape(refused.text)


def test_a_card_becomes_a_case_with_its_receipt_in_it(table: Table) -> None:
    dealt = a_claim_card()
    with table.world.db.transaction() as session:
        session.get_one(Segment, 1).at = TUESDAY
    table.deal(dealt.key)
    anna, _ = table.join()
    with counting(table.world) as asked:
        page = anna.get(f"{table.prefix}/kaart").text
    assert len(asked) <= MOST
    assert html.escape(dealt.title.nl, quote=False) in html.unescape(page)
    assert "In deze ronde gaan uw bonnen met de post" in page
    assert "met foto van de bonnen" not in page
    paper = anna.get(f"{table.prefix}/kaart/{dealt.key}/document/1")
    assert paper.content_type in ("image/jpeg", "application/pdf")
    assert anna.get(f"{table.prefix}/kaart/{dealt.key}/document/9").status_code == 404
    begun = anna.post(f"{table.prefix}/kaart/{dealt.key}/beginnen")
    assert begun.headers["Location"].startswith(f"{table.prefix}/concept/")
    assert anna.post(f"{table.prefix}/kaart/{dealt.key}/beginnen").headers["Location"] == begun.headers["Location"]
    with table.world.db.session(writes=False) as session:
        case = session.scalars(select(Case)).one()
        by_post = reading.read(Path("seed/scenarios") / f"{KEY}.toml").round(1).by_post
        papers = session.scalars(select(Document).where(Document.case_id == case.id)).all()
        assert len(papers) == (0 if by_post else len(dealt.papers))
    assert begun.headers["Location"] in anna.get(f"{table.prefix}/kaart").text
    other, _ = table.join("Mo")
    assert other.get(f"{table.prefix}/kaart/{dealt.key}/document/1").status_code == 404
    assert other.post(f"{table.prefix}/kaart/{dealt.key}/klaar").status_code == 404
    assert anna.post(f"{table.prefix}/kaart/{dealt.key}/klaar").status_code == 302
    with table.world.db.session(writes=False) as session:
        assert session.scalars(select(Card.done_at)).one() is not None


def test_the_news_is_small_and_says_nothing_twice(table: Table) -> None:
    anna, _ = table.join()
    url = f"{table.prefix}/stand.json"
    with counting(table.world) as asked:
        first = anna.get(url)
    assert len(asked) <= 4
    assert len(first.data) < 500
    assert anna.get(url, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    with table.world.db.transaction() as session:
        session.scalars(select(Seat).where(Seat.key == "anna")).one().seen = TUESDAY.replace(year=2020)
        talking.say(session, "Koffie om elf uur", TUESDAY, TUESDAY)
    table.deal("another")
    later = anna.get(url)
    assert later.json["message"]["text"] == "Koffie om elf uur"
    assert (later.json["texts"]["cards"], later.json["version"] != first.json["version"]) == ("1", True)
    with table.world.db.session(writes=False) as session:
        assert session.scalars(select(Seat.seen).where(Seat.key == "anna")).one() > TUESDAY
    assert table.browser().get(url).json["texts"]["clock"]


def test_the_projector_shows_counts_and_no_names(table: Table) -> None:
    with table.world.db.transaction() as session:
        table.cast.submitted(session)
    with counting(table.world) as asked:
        page = table.browser().get(f"{table.prefix}/scherm").text
    assert len(asked) <= MOST
    assert table.prefix.rpartition("/")[2] in page
    assert re.search(r'data-stand="at-submitted">1<', page)
    for name in ("Anna", "Bram", "Carla", "de Wit"):
        assert name not in page
    texts = table.browser().get(f"{table.prefix}/stand.json?voor=scherm").json["texts"]
    assert (texts["at-submitted"], texts["at-paid"], texts["done"]) == ("1", "0", "0")


def test_the_mail_of_a_seat_is_its_own_and_its_links_decide(table: Table) -> None:
    with table.world.db.transaction() as session:
        table.cast.submitted(session)
    anna, _ = table.join()
    table.join("Carlo")
    bram, _ = table.join("Bob")
    with table.world.db.session(writes=False) as session:
        asks = session.scalars(select(OutboxMail).where(OutboxMail.link_id.is_not(None))).one()
    letter = f"{table.prefix}/mijn-post/{asks.id}"
    assert letter in bram.get(f"{table.prefix}/mijn-post").text
    assert anna.get(letter).status_code == 404
    link = re.search(rf'href="http://localhost({table.prefix}/akkoord/[^"]+)"', bram.get(letter).text)
    assert link
    assert bram.post(link[1], {"decision": "approve"}).status_code == 302
    with table.world.db.session(writes=False) as session:
        assert session.scalars(select(Case.state)).one() == "approved"


def test_the_desk_opens_by_its_link_alone(table: Table) -> None:
    anna, _ = table.join()
    assert anna.get(f"{table.prefix}/regie").status_code == 404
    assert table.browser().get(f"{table.prefix}/regie").status_code == 404
    assert table.browser().get(f"{table.prefix}/trainer/trainer.forged").status_code == 404
    assert anna.post(f"{table.prefix}/regie/zeg", {"text": "x"}).status_code in (401, 404)
    greet = table.trainer()
    with counting(table.world) as asked:
        page = greet.get(f"{table.prefix}/regie")
    assert page.status_code == 200
    assert len(asked) <= MOST
    assert "Zonnebloem" in page.text


def test_what_a_trainer_does_at_the_desk(table: Table) -> None:
    anna, _ = table.join()
    greet, desk = table.trainer(), f"{table.prefix}/regie"
    with table.world.db.session(writes=False) as session:
        seat = session.scalars(select(Seat).where(Seat.key == "anna")).one().id
    for path, data in (
        ("klok", {"do": "resume"}), ("klok", {"do": "2"}), ("klok", {"do": "jump"}), ("klok", {"do": "pause"}),
        ("zeg", {"text": "Kijk even op", "seat": ""}), (f"plaats/{seat}/duwtje", {}), (f"plaats/{seat}/bot", {}),
        (f"plaats/{seat}/terug", {}), (f"plaats/{seat}/code", {}), ("bots", {"on": "1"}),
        ("momentopname", {"name": "Voor de koffie"}),
    ):  # fmt: skip
        assert greet.post(f"{desk}/{path}", data).status_code == 302, path
    page = greet.get(desk).text
    assert "Voor de koffie" in page
    assert greet.post(f"{desk}/klok", {"do": "9"}).status_code == 400
    assert greet.post(f"{desk}/plaats/{seat}/weg").status_code == 404
    assert greet.post(f"{desk}/tussenkomst/none").status_code == 404
    greet.post(f"{desk}/zeg", {"text": " "})
    with table.world.db.session(writes=False) as session:
        assert [one.text for one in session.scalars(select(Message))] == ["Kijk even op", talking.NUDGE]
        segments = session.scalars(select(Segment).order_by(Segment.id)).all()
        assert [one.paused for one in segments[1:]] == [False, False, False, True]
        assert segments[-1].at > TUESDAY
    assert greet.post(f"{desk}/plaats/{seat}/overnemen").headers["Location"] == f"{table.prefix}/kaart"
    assert greet.get(f"{table.prefix}/kaart").status_code == 200
    assert greet.get(desk).status_code == 200
    assert anna.get(f"{table.prefix}/kaart").status_code == 200


def test_the_desk_says_what_it_undoes_and_undoes_it(table: Table) -> None:
    greet, desk = table.trainer(), f"{table.prefix}/regie"
    assert "Maak ongedaan" not in greet.get(desk).text
    with table.world.db.transaction() as session:
        case_id = table.cast.submitted(session).id
    with table.world.db.transaction() as session:
        table.cast.act(session, "bram", whole(session, case_id), "approve")
    page = greet.get(desk).text
    assert "Maak ongedaan" in page
    assert "Bram" in page
    step = re.search(r'name="step" value="(\d+)"', page)
    assert step
    for said in ("", "1", step[1], step[1]):  # what stood on another page is not undone, nor anything before it
        assert greet.post(f"{desk}/ongedaan", {"step": said}).status_code == 302
    with table.world.db.session(writes=False) as session:
        assert session.scalars(select(Case.state)).one() == "submitted"


def test_findings_are_everybodys_own_until_the_trainer_classes_them(table: Table) -> None:
    anna, _ = table.join()
    carla, _ = table.join("Carlo")
    url = f"{table.prefix}/bevindingen"
    assert anna.post(url, {"text": "De knop is klein"}).status_code == 302
    assert anna.post(url, {"text": " "}).status_code == 422
    assert "De knop is klein" in anna.get(url).text
    assert "De knop is klein" not in carla.get(url).text
    with table.world.db.session(writes=False) as session:
        found = session.scalars(select(Finding)).one()
    assert anna.post(f"{url}/{found.id}", {"severity": "blocking"}).status_code == 404
    greet = table.trainer()
    assert greet.post(f"{url}/{found.id}", {"severity": "blocking"}).status_code == 302
    assert greet.post(f"{url}/{found.id}", {"severity": "dreadful"}).status_code == 409
    page = greet.get(url).text
    assert "De knop is klein" in page
    assert "Zonnebloem" not in page
    assert "De knop is klein" in greet.get(f"{table.prefix}/nabespreking").text


def test_the_debrief_is_a_page_a_paper_and_everything_to_take_home(table: Table) -> None:
    with table.world.db.transaction() as session:
        case = table.cast.submitted(session)
        table.cast.act(session, "bram", case, "approve")
    greet, (anna, _) = table.trainer(), table.join()
    with counting(table.world) as asked:
        page = greet.get(f"{table.prefix}/nabespreking")
    assert page.status_code == 200
    assert len(asked) <= MOST
    assert "te weinig" in page.text
    assert anna.get(f"{table.prefix}/nabespreking").status_code == 200
    paper = greet.get(f"{table.prefix}/nabespreking/nabespreking.pdf")
    assert paper.data.startswith(b"%PDF")
    assert anna.get(f"{table.prefix}/nabespreking/alles.zip").status_code == 404
    home = zipfile.ZipFile(io.BytesIO(greet.get(f"{table.prefix}/nabespreking/alles.zip").data))
    assert {f"round-1/{name}.csv" for name in ("events", "cards", "findings", "diary")} < set(home.namelist())
    events = home.read("round-1/events.csv").decode("utf-8-sig")
    assert "approve" in events
    assert "Zonnebloem" not in "".join(home.read(one).decode() for one in home.namelist())


def test_a_trainer_opens_a_workshop_and_deletes_it(app: Any, world: World, cast: Cast, browse: Any) -> None:
    greet = browse("greet")
    new = f"/oefeningen/nieuw/{KEY}"
    assert new in greet.get("/oefeningen").text
    refused = greet.get(f"{new}?people=2")
    assert (refused.status_code, PEOPLE_WRONG.code) == (422, "workshop_people")
    assert i18n.gettext(PEOPLE_WRONG.sentence) in html.unescape(refused.text)
    assert greet.post(new, {"people": "2"}).status_code == 422
    assert greet.get("/oefeningen/nieuw/none").status_code == 404
    opened = greet.post(new, {"people": "3", "title": "Proef"})
    assert opened.status_code == 302
    made = folders.workshops(world.settings)[0]
    desk = greet.get(opened.headers["Location"])
    assert desk.headers["Location"] == f"/oefening/{made.code}/regie"
    assert greet.get(desk.headers["Location"]).status_code == 200
    assert greet.get(f"/oefeningen/{made.code}/regie").headers["Location"] == opened.headers["Location"]
    assert greet.post(f"/oefeningen/{made.code}/verwijderen").status_code == 302
    assert folders.workshops(world.settings) == []
    assert greet.get(f"/oefening/{made.code}/regie").status_code == 404
    kept(app).close()


def test_the_desk_does_what_its_page_said_and_that_once(table: Table) -> None:
    greet = table.trainer()
    home = table.app.extensions["world"]

    def round_now() -> int:
        found = folders.workshop(home.settings, table.prefix.rpartition("/")[2])
        assert found
        return found.round

    for pressed, then in (("", 1), ("7", 1), ("1", 2), ("1", 2), ("2", 2), ("x", 2)):
        assert greet.post(f"{table.prefix}/regie/ronde", {"round": pressed}).status_code == 302
        assert round_now() == then
    assert greet.post(f"{table.prefix}/regie/momentopname/99/verder").status_code == 404
    for at in ("\r\nX: y", "//elders.example", "#" + "x" * 50):
        back = greet.post(f"{table.prefix}/regie/bots", {"on": "1", "at": at})
        assert back.headers["Location"] == f"{table.prefix}/regie"


def test_two_who_press_at_once_are_not_told_of_a_mistake_of_ours(table: Table) -> None:
    wall = table.world.wall.now()
    pace.speed(table.world, 1000.0)
    pace.resume(table.world)
    with ThreadPoolExecutor(4) as pool:
        kept_ = list(pool.map(lambda _: opening.snapshot(table.world, "halte", wall).number, range(4)))
        list(pool.map(lambda _: pace.jump_to_next_working_day(table.world), range(4)))
    assert sorted(kept_) == [1, 2, 3, 4]
    assert table.world.practice
    assert not list((table.world.practice.folder / "snapshots").glob(".*"))


def test_planted_mistakes_are_not_told_to_who_still_plays(table: Table) -> None:
    scenario = reading.read(Path("seed/scenarios") / f"{KEY}.toml")
    card = next(one for one in deck.deck(scenario, PEOPLE) if one.planted and one.seat == "anna")
    table.deal(card.key)
    what = html.escape(card.planted.what.said("nl")) if card.planted else ""
    greet, (anna, _) = table.trainer(), table.join()
    url = f"{table.prefix}/nabespreking"
    assert what in greet.get(url).text
    assert what not in anna.get(url).text
    assert anna.get(f"{url}/nabespreking.pdf").status_code == 200


def test_a_seat_is_freed_for_somebody_else(table: Table) -> None:
    greet, (first, _) = table.trainer(), table.join()
    with table.world.db.session(writes=False) as session:
        seat = session.scalars(select(Seat.id).where(Seat.nickname == "Zonnebloem")).one()
    freed = f"{table.prefix}/regie/plaats/{seat}/vrij"
    assert first.post(freed).status_code == 404
    assert greet.post(freed).status_code == 302
    assert "Zonnebloem" in greet.get(f"{table.prefix}/regie").text  # said once, and in the diary by its name no more
    assert first.get(f"{table.prefix}/kaart").status_code == 302
    greet.post(freed)  # pressed twice: nobody is there any more
    second, _ = table.join("Klaproos")
    assert "Anna" in second.get(f"{table.prefix}/kaart").text
