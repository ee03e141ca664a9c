"""Sending mail to a real server: what arrives, what is tried again, and that nothing goes twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from sqlalchemy import update

from portal.commands.mail import send_again
from portal.interfaces.transport import TrayTransport
from portal.jobs import deliver
from portal.jobs.telling import told
from portal.models.mail import OutboxMail
from portal.models.people import Person
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import at_once
from tests.jobs.helpers import Postbox, free_port, mail_server, outbox, sending_by


@pytest.fixture
def server() -> Iterator[tuple[Postbox, str]]:
    with mail_server() as running:
        yield running


def ask(world: World, cast: Cast, times: int = 1) -> None:
    """Put two mails in the outbox for each claim: to Bram and to Anna."""
    with world.db.transaction() as session:
        for key in range(times):
            cast.submitted(session, key=str(key))


def rename(world: World, cast: Cast, name: str, **values: str) -> None:
    with world.db.transaction() as session:
        session.execute(update(Person).where(Person.id == cast.people[name]).values(**values))


def texts(message: EmailMessage) -> tuple[str, str]:
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


def test_a_mail_arrives_whole(world: World, cast: Cast, server: tuple[Postbox, str], browse: Any) -> None:
    rename(world, cast, "anna", given_name="Zoë", family_name="Çelik-Ström")
    ask(world, cast)
    box, address = server
    real = sending_by(world, f"smtp://{address}")
    assert deliver.run(real, world.clock.now()) == told("mail", sent=2, failed=0)
    asked, received = box.arrived
    assert (asked["To"], received["To"]) == ("Bram de Wit <bram@example.org>", "Zoë Çelik-Ström <anna@example.org>")
    assert asked["From"] == "SSC Vierstroom <portaal@ssc.example>"
    assert asked["Subject"].startswith("Zoë Çelik-Ström ")
    assert re.fullmatch(r"<[0-9a-f]{32}@ssc\.example>", asked["Message-ID"])
    assert (asked["Auto-Submitted"], asked["Content-Language"]) == ("auto-generated", "nl")
    assert asked["Date"].datetime == world.clock.now()
    plain, html = texts(asked)
    assert "Zoë Çelik-Ström" in plain
    assert "€" in plain
    (link,) = re.findall(r"http://localhost(/akkoord/\S+)", plain)
    assert f'href="http://localhost{link}"' in html
    assert "[[" not in plain + html
    assert browse().get(link).status_code == 200


def test_a_mail_is_in_the_language_of_its_reader(world: World, cast: Cast, server: tuple[Postbox, str]) -> None:
    rename(world, cast, "bram", language="en")
    ask(world, cast)
    box, address = server
    deliver.run(sending_by(world, f"smtp://{address}"), world.clock.now())
    asked, received = box.arrived
    assert asked["Subject"] == "Anna de Wit asks for your approval: expense claim, €12.50"
    assert asked["Content-Language"] == "en"
    assert "Dear Bram," in texts(asked)[0]
    assert received["Content-Language"] == "nl"


def test_what_is_typed_stays_text_in_the_html(world: World, cast: Cast, server: tuple[Postbox, str]) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        cast.act(session, "bram", case, "reject", '<a href="http://evil.example">Klik & win</a>')
    box, address = server
    deliver.run(sending_by(world, f"smtp://{address}"), world.clock.now())
    plain, html = texts(box.arrived[-1])
    assert '<a href="http://evil.example">Klik & win</a>' in plain
    assert "&lt;a href=" in html
    assert '<a href="http://evil.example">' not in html


@pytest.mark.parametrize("reason", ["https://evil.example/win", "Zie hier:\n\nhttps://evil.example/win", "[[home:/x]]"])
def test_an_address_that_is_typed_becomes_no_button(
    world: World, cast: Cast, server: tuple[Postbox, str], reason: str
) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        cast.act(session, "bram", case, "reject", reason)
    box, address = server
    deliver.run(sending_by(world, f"smtp://{address}"), world.clock.now())
    _, html = texts(box.arrived[-1])
    assert re.findall(r'href="([^"]+)"', html) == [f"http://localhost/zaken/{case.number}"]


def test_the_ssc_is_written_to_in_its_own_mailbox(world: World, cast: Cast, server: tuple[Postbox, str]) -> None:
    with world.db.transaction() as session:
        cast.act(session, "bram", cast.submitted(session), "approve")
    box, address = server
    deliver.run(sending_by(world, f"smtp://{address}"), world.clock.now())
    assert box.arrived[-1]["To"] == "ssc@ssc.example"


def test_a_server_that_is_away_is_tried_again_ever_later_and_then_given_up(world: World, cast: Cast) -> None:
    ask(world, cast)
    away = sending_by(world, f"smtp://127.0.0.1:{free_port()}")
    for tries, wait in enumerate(deliver.WAITS, 1):
        now = world.clock.now()
        assert deliver.run(away, now) == told("mail", sent=0, failed=2)
        first, _ = outbox(world)
        assert (first.tries, first.next_try_at, first.failed_at) == (tries, now + wait, None)
        assert first.last_error.startswith("ConnectionRefusedError")
        world.clock.advance(wait - timedelta(seconds=1))
        assert deliver.run(away, world.clock.now()) == []
        world.clock.advance(timedelta(seconds=1))
    assert deliver.run(away, world.clock.now()) == told("mail", sent=0, failed=2)
    assert {mail.failed_at for mail in outbox(world)} == {world.clock.now()}
    world.clock.advance(timedelta(days=30))
    assert deliver.run(away, world.clock.now()) == []


def test_a_mail_that_was_given_up_can_be_sent_again(world: World, cast: Cast, server: tuple[Postbox, str]) -> None:
    ask(world, cast)
    box, address = server
    real = sending_by(world, f"smtp://{address}")
    box.refused = {"bram@example.org": "550 No such user here"}
    assert deliver.run(real, world.clock.now()) == told("mail", sent=1, failed=1)
    lost, _ = outbox(world)
    assert (lost.tries, lost.failed_at) == (1, world.clock.now()), "a refused recipient is final"
    assert "No such user here" in lost.last_error
    box.refused = {}
    world.clock.advance(timedelta(days=1))
    assert deliver.run(real, world.clock.now()) == []
    with world.db.transaction() as session:
        send_again(session, lost.id, world.clock.now())
    assert deliver.run(real, world.clock.now()) == told("mail", sent=1, failed=0)
    sent, _ = outbox(world)
    assert (sent.sent_at, sent.failed_at, sent.last_error) == (world.clock.now(), None, "")
    with world.db.transaction() as session:
        send_again(session, lost.id, world.clock.now())
    assert deliver.run(real, world.clock.now()) == [], "what was sent stays sent"


def test_a_recipient_who_is_refused_for_now_is_tried_again(
    world: World, cast: Cast, server: tuple[Postbox, str]
) -> None:
    ask(world, cast)
    box, address = server
    real = sending_by(world, f"smtp://{address}")
    box.refused = {"bram@example.org": "451 Try again later"}
    deliver.run(real, world.clock.now())
    assert outbox(world)[0].failed_at is None
    box.refused = {}
    world.clock.advance(deliver.WAITS[0])
    assert deliver.run(real, world.clock.now()) == told("mail", sent=1, failed=0)


@pytest.mark.parametrize("impossible", ["", "geen adres", "bräm@example.org", "a@b\nBcc: all@example.org"])
def test_one_impossible_address_does_not_hold_up_the_others(
    world: World, cast: Cast, server: tuple[Postbox, str], impossible: str
) -> None:
    ask(world, cast)
    with world.db.transaction() as session:
        session.execute(update(OutboxMail).where(OutboxMail.id == 1).values(address=impossible))
    box, address = server
    assert deliver.run(sending_by(world, f"smtp://{address}"), world.clock.now()) == told("mail", sent=1, failed=0)
    bad, good = outbox(world)
    assert (bad.failed_at, good.sent_at) == (world.clock.now(), world.clock.now())
    assert bad.last_error
    assert [message["To"] for message in box.arrived] == ["Anna de Wit <anna@example.org>"]


def test_two_senders_at_once_send_everything_once(world: World, cast: Cast, server: tuple[Postbox, str]) -> None:
    ask(world, cast, times=35)
    box, address = server
    real = sending_by(world, f"smtp://{address}")
    at_once(*[lambda: deliver.run(real, world.clock.now())] * 3)
    deliver.run(real, world.clock.now())
    assert len(box.arrived) == 70
    assert len({message["Message-ID"] for message in box.arrived}) == 70
    assert all(mail.sent_at for mail in outbox(world))


class DiesAfterSending:
    """Hands the mail over and then dies, as a process that is killed at the worst moment."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []

    def deliver(self, message: EmailMessage) -> None:
        self.sent.append(message)
        raise KeyboardInterrupt


def test_a_crash_after_sending_sends_again_under_the_same_id(world: World, cast: Cast) -> None:
    ask(world, cast)
    dying = DiesAfterSending()
    with pytest.raises(KeyboardInterrupt):
        deliver.run(sending_by(world, dying), world.clock.now())
    assert deliver.run(world, world.clock.now()) == [], "another sender leaves it alone for a while"
    world.clock.advance(deliver.LEASE)
    assert deliver.run(world, world.clock.now()) == told("mail", sent=2, failed=0)
    again = world.transport.sent[0]  # type: ignore[attr-defined]
    assert again["Message-ID"] == dying.sent[0]["Message-ID"]
    assert (
        again.as_bytes().split(b"--==")[0].partition(b"Content-Type")[0]
        == (dying.sent[0].as_bytes().split(b"--==")[0].partition(b"Content-Type")[0])
    )


def test_a_server_that_asks_for_a_password_gets_it(world: World, cast: Cast) -> None:
    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        right = (data.login, data.password) == (b"portaal", b"p@ss:word")
        return AuthResult(success=right, handled=right)

    ask(world, cast)
    with mail_server(authenticator=check, auth_require_tls=False) as (box, address):
        assert deliver.run(sending_by(world, f"smtp://portaal:wrong@{address}"), world.clock.now()) == told(
            "mail", sent=0, failed=2
        )
        world.clock.advance(deliver.WAITS[0])
        right = sending_by(world, f"smtp://portaal:p%40ss%3Aword@{address}")
        assert deliver.run(right, world.clock.now()) == told("mail", sent=2, failed=0)
        assert len(box.arrived) == 2


def test_in_a_demo_nothing_leaves_the_house(world: World, cast: Cast) -> None:
    ask(world, cast)
    assert deliver.run(sending_by(world, TrayTransport()), world.clock.now()) == told("mail", sent=2, failed=0)
