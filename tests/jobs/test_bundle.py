"""The mail of the day: at the chosen hour, once, with what is still to be decided; in a dossier only its own part."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from portal.clock import local_date
from portal.commands import bundles, substitutes
from portal.commands.rerouting import reroute
from portal.db import at_commit
from portal.interfaces.transport import TransportError
from portal.jobs import bundle, deliver, remind
from portal.jobs.telling import Told, told
from portal.models.cases import Case
from portal.models.mail import MAILS, Bundle, MailLink, OutboxMail
from portal.models.people import Municipality, Person
from portal.queries.cases import dossier_of
from portal.worlds import BUNDLE, World
from tests.cast import Cast
from tests.commands.helpers import here, refused, whole


def chooses(world: World, cast: Cast, hour: int | None, name: str = "bram") -> None:
    with world.db.transaction() as session:
        bundles.choose_daily(session, cast.people[name], hour)


def submit(world: World, cast: Cast, key: str, name: str = "anna", cents: int = 1250) -> int:
    with world.db.transaction() as session:
        return cast.submitted(session, name, key=key, cents=cents).id


def at(world: World, moment: str) -> Told:
    world.clock.set(here(moment))  # type: ignore[attr-defined]
    return bundle.run(world, world.clock.now())


def texts(world: World) -> list[tuple[str, str]]:
    """Subject and text of what was sent."""
    deliver.run(world, world.clock.now())
    sent = world.transport.sent  # type: ignore[attr-defined]
    return [(m["Subject"], m.get_body(("plain",)).get_content()) for m in sent if m["To"].startswith("Bram")]


def address(world: World) -> str:
    with world.db.session(writes=False) as session:
        nonce = session.scalars(select(Bundle.nonce).order_by(Bundle.id.desc())).first()
        assert nonce is not None
        return f"/akkoord/dag/{world.link_token(nonce, BUNDLE)}"


def test_it_comes_once_a_day_at_the_chosen_hour_with_all_that_waits(world: World, cast: Cast) -> None:
    chooses(world, cast, 11)
    first, second = submit(world, cast, "1"), submit(world, cast, "2", "aart", 4_000)
    assert texts(world) == []
    assert at(world, "2026-11-24 10:59") == []
    assert at(world, "2026-11-24 11:00") == told("bundled", mails=1, requests=2)
    assert at(world, "2026-11-24 11:15") == []
    ((subject, text),) = texts(world)
    assert subject == "2 aanvragen wachten op uw beslissing"
    links = re.findall(r"http://localhost(/akkoord/dag/\S+)", text)
    assert links == [f"{address(world)}#DEC-2026-00000{number}" for number in (1, 2)]
    submit(world, cast, "3")
    assert at(world, "2026-11-24 15:00") == []
    assert at(world, "2026-11-25 11:00") == told("bundled", mails=1, requests=1)
    assert [subject for subject, _ in texts(world)][1:] == ["1 aanvraag wacht op uw beslissing"]
    assert first != second


def test_it_waits_for_the_office_to_open(world: World, cast: Cast) -> None:
    chooses(world, cast, 9)
    with world.db.transaction() as session:
        session.execute(update(Municipality).values(closing_days={"2026-11-25": "Brugdag"}))
    submit(world, cast, "1")
    for closed in ("2026-11-24 17:30", "2026-11-25 09:30", "2026-11-26 08:30"):
        assert at(world, closed) == [], closed
    assert at(world, "2026-11-26 09:00") == told("bundled", mails=1, requests=1)


def test_the_dossier_shows_only_what_it_says_of_that_case_and_no_address(world: World, cast: Cast) -> None:
    chooses(world, cast, 10)
    first = submit(world, cast, "1")
    submit(world, cast, "2", "aart", 4_321)
    at(world, "2026-11-24 10:00")
    (sent,) = texts(world)
    with world.db.session(writes=False) as session:
        part = next(mail for mail in dossier_of(session, first).mails if mail.letter == "ask_part")
        assert part.sent_at is not None
        assert "DEC-2026-000001" in part.text
        assert "DEC-2026-000002" not in part.text
        assert "43,21" not in part.text
        kept = "".join(mail.text + mail.subject for mail in session.scalars(select(OutboxMail)))
        assert "/akkoord/" not in kept
        main = session.scalars(select(OutboxMail).where(OutboxMail.letter == "bundle")).one()
        assert main.case_id is None
        assert "DEC-" not in main.text
    assert "43,21" in sent[1]


def test_what_was_decided_or_passed_on_before_it_went_is_not_in_it(world: World, cast: Cast) -> None:
    chooses(world, cast, 11)
    decided, moved, stays = (submit(world, cast, key) for key in "123")
    with world.db.transaction() as session:
        cast.act(session, "bram", whole(session, decided), "approve")
        session.execute(update(Case).where(Case.id == moved).values(approver_id=cast.people["diane"]))
        reroute(session, world.clock.now())
        cast.act(session, "anna", whole(session, moved), "withdraw")
    assert at(world, "2026-11-24 12:00") == told("bundled", mails=1, requests=1)
    with world.db.session(writes=False) as session:
        parts = session.scalars(select(OutboxMail).where(OutboxMail.part.is_(True))).all()
        assert [part.case_id for part in parts] == [stays]


def test_reminders_come_at_once_and_a_substitute_has_a_choice_of_their_own(world: World, cast: Cast) -> None:
    chooses(world, cast, 16)
    case_id = submit(world, cast, "1")
    world.clock.set(here("2026-11-30 08:00"))  # type: ignore[attr-defined]
    remind.run(world, world.clock.now())
    assert [subject for subject, _ in texts(world)] == ["Herinnering: Anna de Wit wacht op uw akkoord"]
    with world.db.transaction() as session:
        today = local_date(world.clock.now())
        substitutes.stand_in(session, cast.people["bram"], cast.people["els"], today, today, today)
        session.flush()
        reroute(session, world.clock.now())
        session.commit()
        last = session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc())).first()
        assert last is not None
        assert (last.letter, last.recipient, last.part, last.case_id) == ("ask", "Els de Wit", False, case_id)


def test_who_no_longer_wants_to_wait_gets_what_waits_at_once(world: World, cast: Cast) -> None:
    chooses(world, cast, 16)
    submit(world, cast, "1")
    chooses(world, cast, None)
    assert bundle.run(world, world.clock.now()) == told("bundled", mails=1, requests=1)
    submit(world, cast, "2")
    assert len(texts(world)) == 2


@pytest.mark.parametrize("hour", [-1, 7, 17, 24])
def test_only_hours_of_the_office_can_be_chosen(world: World, cast: Cast, hour: int) -> None:
    with world.db.transaction() as session:
        assert refused(lambda: bundles.choose_daily(session, cast.people["bram"], hour)) == {"daily_hour_wrong"}
        assert session.get_one(Person, cast.people["bram"]).daily_hour is None


steps = st.lists(st.sampled_from(("submit", "approve", "withdraw", "wait", "bundle", "daily", "at once")), max_size=12)


def test_whatever_happens_each_open_request_has_one_link_and_is_mailed_once(world: World, cast: Cast) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps)
    def check(taken: list[str]) -> None:
        with world.db.session() as session:
            bram, now = session.get_one(Person, cast.people["bram"]), world.clock.now()
            open_cases: list[Case] = []
            for number, step in enumerate(taken):
                if step == "submit":
                    open_cases.append(cast.submitted(session, key=f"{number}"))
                elif step in ("approve", "withdraw") and open_cases:
                    cast.act(session, "bram" if step == "approve" else "anna", open_cases.pop(0), step)
                elif step in ("daily", "at once"):
                    bram.daily_hour = 9 if step == "daily" else None
                elif step == "bundle":
                    posted(session)
                    bundles.make(session, bram, now)
                session.flush()
            posted(session)
            bundles.make(session, bram, now)
            session.flush()
            for case in open_cases:
                links = session.scalars(select(MailLink).where(MailLink.case_id == case.id, MailLink.ended.is_(None)))
                (link,) = links
                (mail,) = session.scalars(select(OutboxMail).where(OutboxMail.link_id == link.id))
                assert mail.part is (mail.bundle_id is not None)
                assert mail.bundle_id == link.bundle_id
            session.rollback()

    check()


def posted(session: Any) -> None:
    """Write what waits for the commit, without committing."""
    for mail in at_commit(session, MAILS):
        session.add(OutboxMail(**mail))
    at_commit(session, MAILS).clear()
    session.flush()


def test_a_mail_that_fails_is_tried_again_with_the_same_requests(world: World, cast: Cast) -> None:
    chooses(world, cast, 10)
    submit(world, cast, "1")
    at(world, "2026-11-24 10:00")
    world.transport.refuse_with = TransportError("down", final=False)  # type: ignore[attr-defined]
    assert texts(world) == []
    with world.db.session(writes=False) as session:
        assert set(session.scalars(select(OutboxMail.sent_at).where(OutboxMail.part.is_(True)))) == {None}
    world.transport.refuse_with = None  # type: ignore[attr-defined]
    world.clock.advance(timedelta(minutes=2))  # type: ignore[attr-defined]
    ((_, text),) = texts(world)
    assert "DEC-2026-000001" in text
