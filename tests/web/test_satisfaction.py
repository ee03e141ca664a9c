"""Giving a case of one's own a mark: after its end, once, changed for two weeks, kept without whose it was."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.commands import satisfaction
from portal.commands.contact import Asked, Spoken, record_contact
from portal.commands.satisfaction import say
from portal.models.cases import Case
from portal.models.mail import OutboxMail
from portal.models.people import RoleGrant
from portal.models.satisfaction import Satisfaction
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import pass_days, refused, whole

LINE = "Hoe hebben we het gedaan?"


def rejected(session: Session, cast: Cast, name: str = "anna", key: str = "k") -> Case:
    """A claim that was handled to its end: its approver did not allow it."""
    case = cast.submitted(session, name, key=key)
    cast.act(session, "bram", case, "reject", "Niet voor het werk")
    session.flush()
    return case


def test_an_employee_gives_a_mark_on_the_page_and_changes_it(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        number = rejected(session, cast).number
        open_case = cast.submitted(session, "aart", key="open").number
    with world.db.session(writes=False) as session:
        mails = session.scalars(select(OutboxMail).order_by(OutboxMail.id)).all()
        assert {(mail.letter, mail.recipient.split()[0]) for mail in mails if LINE in mail.text} == {
            ("rejected", "Anna")
        }
    anna, address = browse("anna"), f"/zaken/{number}/waardering"
    assert 'value="10"' in anna.get(f"/zaken/{number}").text
    nothing = anna.post(address, {"remark": "Het kon <sneller>"})
    assert nothing.status_code == 422
    assert "Kies een cijfer van 1 tot en met 10." in nothing.text
    assert "Het kon &lt;sneller&gt;</textarea>" in nothing.text, "what was typed is kept"
    assert anna.post(address, {"score": "11"}).status_code == 422
    long = anna.post(address, {"score": "6", "remark": "x" * 501})
    assert long.status_code == 422
    assert "te lang" in long.text
    assert anna.post(address, {"score": "6", "remark": " Het kon sneller "}).status_code == 302
    shown = anna.get(f"/zaken/{number}").text
    assert 'value="6" checked' in shown
    assert "Het kon sneller</textarea>" in shown
    assert anna.post(address, {"score": "8"}).status_code == 302
    for name in ("carla", "bram"):
        other = browse(name)
        assert address not in other.get(f"/zaken/{number}").text
        assert other.post(address, {"score": "1"}).status_code == 409
    assert browse("aart").post(f"/zaken/{open_case}/waardering", {"score": "9"}).status_code == 409
    assert browse("olga").post(address, {"score": "1"}).status_code == 404
    pass_days(world, 14)
    assert address not in browse("anna").get(f"/zaken/{number}").text
    with world.db.session(writes=False) as session:
        said = session.scalars(select(Satisfaction)).one()
        assert (said.score, said.remark, said.person_id) == (8, "", cast.people["anna"])
        assert said.municipality_id == cast.municipalities["waterveen"]


def test_a_mark_has_its_time_and_its_kinds_of_cases(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        anna, now = cast.viewer(session, "anna"), world.clock.now()
        first, second = rejected(session, cast, key="a"), rejected(session, cast, key="b")
        third = cast.submitted(session, key="c")
        cast.act(session, "anna", third, "withdraw")
        assert refused(lambda: say(session, anna, third, 7, "", now)) == {"satisfaction_not_asked"}
        assert refused(lambda: say(session, cast.viewer(session, "carla"), first, 7, "", now)) == {
            "satisfaction_not_asked"
        }
        assert refused(lambda: say(session, anna, first, 0, "x" * 501, now)) == {
            "satisfaction_score", "satisfaction_remark"
        }  # fmt: skip
        say(session, anna, first, 7, "", now)
        assert say(session, anna, first, 3, "Nee", now + timedelta(days=13)).at == now
        late = now + timedelta(days=14)
        assert refused(lambda: say(session, anna, first, 9, "", late)) == {"satisfaction_not_asked"}
        later = now + timedelta(days=60)
        assert refused(lambda: say(session, anna, second, 9, "", later)) == {"satisfaction_not_asked"}
        assert say(session, anna, second, 9, "", later - timedelta(seconds=1)).score == 9


def test_of_a_destroyed_case_the_mark_stays_without_whose_it_was(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = rejected(session, cast)
        say(session, cast.viewer(session, "anna"), case, 4, "Ik, Anna, wachtte lang", world.clock.now())
    with world.db.session() as session:
        session.scalars(select(Satisfaction)).one().case_id = None
        with pytest.raises(IntegrityError):  # the database itself keeps no mark of somebody without their case
            session.flush()
    with world.db.transaction() as session:
        satisfaction.forget_whose(session, [whole(session, case.id).id])
    with world.db.session(writes=False) as session:
        said = session.scalars(select(Satisfaction)).one()
        assert (said.score, said.case_id, said.person_id, said.remark) == (4, None, None, "")


def many(session: Session, cast: Cast, scores: list[int], place: str, at: datetime, remark: str = "") -> None:
    """Marks of cases that were destroyed since, or with a remark of one that is still there."""
    for score in scores:
        session.add(Satisfaction(municipality_id=cast.municipalities[place], score=score, at=at))
    if remark:
        case = rejected(session, cast, key=remark)
        said = say(session, cast.viewer(session, "anna"), case, 2, remark, cast.world.clock.now())
        said.at, said.municipality_id = at, cast.municipalities[place]
    session.flush()


def cells(text: str, name: str) -> list[str]:
    """The cells of the row of a municipality."""
    row = text.partition(f'ssc-main">{name}</th>')[2].partition("</tr>")[0]
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]


def test_the_ssc_reads_what_was_said_without_names_and_never_of_a_few(world: World, cast: Cast, browse: Any) -> None:
    now, before = world.clock.now(), world.clock.now() - timedelta(days=80)
    with world.db.transaction() as session:
        many(session, cast, [7, 8, 9, 6, 10], "waterveen", now, "Traag <traag>")
        many(session, cast, [9, 9, 9], "duinrade", now, "Dit wijst iemand aan")
        many(session, cast, [5] * 6, "duinrade", before)
        farid = session.scalars(select(RoleGrant).where(RoleGrant.person_id == cast.people["farid"])).one()
        farid.municipality_id = cast.municipalities["waterveen"]
        for asked in range(5):
            spoken = Spoken("telephone", 1, (Asked("complaint", f"Klacht {asked}", "Excuus"),), cast.people["anna"])
            record_contact(session, cast.viewer(session, "carla"), spoken, now)
    carla, farid_, ilse = (browse(name).get("/tevredenheid").text for name in ("carla", "farid", "ilse"))
    assert cells(carla, "Waterveen") == ["6", "7", "66%"]
    assert cells(ilse, "Waterveen") == ["6", "7", "66%", "5"]
    assert cells(ilse, "Duinrade")[:2] == ["minder dan 5", "– niet getoond"]
    assert cells(ilse, "Alles samen") == [], "all together less Waterveen would be Duinrade's few"
    assert cells(farid_, "Waterveen") == ["6", "7", "66%", "5"]
    assert "Duinrade" not in farid_
    assert "Traag" not in farid_, "the municipality itself would know who wrote it"
    for text in (carla, ilse):
        assert "Traag &lt;traag&gt;" in text
        assert "Dit wijst iemand aan" not in text
        assert "Anna" not in text.partition("<main")[2]
    old = browse("ilse").get("/tevredenheid?kwartaal=2026-07-01").text
    assert cells(old, "Duinrade") == ["6", "5", "0%", "0"]
    assert cells(old, "Alles samen")[:2] == ["6", "5"]
    for quarter in ("2019-01-01", "x"):
        assert browse("carla").get(f"/tevredenheid?kwartaal={quarter}").status_code == 404
    assert browse("anna").get("/tevredenheid").status_code == 404


def test_a_quarter_does_not_give_away_the_month_that_reports_hide(world: World, cast: Cast, browse: Any) -> None:
    now = world.clock.now()
    with world.db.transaction() as session:
        many(session, cast, [10] * 5, "waterveen", now - timedelta(days=30))
        many(session, cast, [1, 1], "waterveen", now)
        many(session, cast, [8] * 9, "duinrade", now)
        many(session, cast, [7, 7], "duinrade", now - timedelta(days=85))
        many(session, cast, [6] * 3, "duinrade", now - timedelta(days=116))
    ilse = browse("ilse")
    text = ilse.get("/tevredenheid").text
    assert cells(text, "Waterveen")[:3] == ["7", "– niet getoond", "– niet getoond"], "less October it is November's"
    assert cells(text, "Duinrade")[:2] == ["9", "8"]
    assert cells(text, "Alles samen") == [], "less Duinrade it is Waterveen's"
    # Two months of few together are enough.
    assert cells(ilse.get("/tevredenheid?kwartaal=2026-07-01").text, "Duinrade")[:2] == ["5", "6,4"]
