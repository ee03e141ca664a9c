"""Where the chain ends is written down outside the database; a chain that was made anew as a whole shows by it."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.interfaces.anchors import Anchor, kept_in, read
from portal.jobs import anchor as job
from portal.jobs import chain as nightly
from portal.jobs import deliver
from portal.models.events import CaseEvent
from portal.models.mail import OutboxMail
from portal.queries.chain import verify
from portal.sealing import GENESIS
from portal.settings import BadSetting, from_environment
from portal.worlds import World
from tests.cast import Cast
from tests.command_line import command
from tests.commands.test_chain import tamper

AUDITORS = ("accountant@waterveen.example", "accountant@duinrade.example")


def audit(world: World, *options: str) -> tuple[int, str]:
    return command("audit", "verify", *options, world=world)


def events(world: World, cast: Cast, *keys: str) -> None:
    with world.db.transaction() as session:
        for key in keys:
            cast.submitted(session, key=key)


def night(world: World) -> None:
    job.run(world, world.clock.now())
    world.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]


def made_anew(world: World, reason: str, place: int) -> None:
    """What somebody with all rights and this program can do: change one event and recount all hashes from there."""
    tamper(world, update(CaseEvent.__table__).where(CaseEvent.id == place).values(reason=reason))
    with world.db.session(writes=False) as session:
        rows = recounted(session)
    with world.db.engine.begin() as connection:
        for row, values in rows:
            connection.execute(update(CaseEvent.__table__).where(CaseEvent.id == row).values(**values))


def recounted(session: Session) -> list[tuple[int, dict[str, str]]]:
    previous, rows = GENESIS, []
    for event in session.scalars(select(CaseEvent).order_by(CaseEvent.id)):
        event.said, event.previous_hash = event.digest_of_said(), previous
        event.hash = previous = event.digest()
        rows.append((event.id, {"said": event.said, "previous_hash": event.previous_hash, "hash": event.hash}))
        session.expunge(event)
    return rows


def test_each_night_adds_a_line_and_touches_none(world: World, cast: Cast) -> None:
    assert job.run(world, world.clock.now()) == []
    events(world, cast, "1", "2")
    night(world)
    file = world.settings.anchors / "anchors-2026.txt"
    before = file.read_text()
    events(world, cast, "3")
    assert job.run(world, world.clock.now()) == [{"code": "anchored", "place": 3, "mailed": 0}]
    assert file.read_text().startswith(before)
    assert [(one.place, one.count) for one in kept_in(world.settings.anchors)] == [(2, 2), (3, 3)]
    assert audit(world, "--anchor", str(file)) == (
        0, "3 events verified, the chain holds, and 2 anchors are in it\n"
    )  # fmt: skip
    assert audit(world, "--anchor", str(file.parent))[0] == 0
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_chain_made_anew_holds_by_itself_and_the_first_anchor_that_fails_is_named(world: World, cast: Cast) -> None:
    for key in ("1", "2", "3", "4"):
        events(world, cast, key)
        night(world)
    kept = kept_in(world.settings.anchors)
    made_anew(world, "Nooit gezegd", 3)
    with world.db.session(writes=False) as session:
        assert verify(session).broken is None
    assert nightly.run(world, world.clock.now())
    code, said = audit(world, "--anchor", str(world.settings.anchors))
    assert code == 1
    assert said == f"NOT AS IT WAS: {kept[2]}: this event is another one now\n"
    with pytest.raises(job.ChainIsNotAsItWas, match="event 3 of 3"):
        job.run(world, world.clock.now())
    assert kept_in(world.settings.anchors) == kept, "nothing is written down of a chain that is not what it was"


def test_an_end_that_was_cut_off_shows(world: World, cast: Cast) -> None:
    events(world, cast, "1", "2")
    night(world)
    tamper(world, "DELETE FROM case_event WHERE id = 2")
    code, said = audit(world, "--anchor", str(world.settings.anchors))
    assert code == 1
    assert "event 2 of 2" in said
    assert "this event is not there any more" in said


def test_auditors_get_it_by_mail_and_their_mail_is_enough(world: World, cast: Cast, tmp_path: Path) -> None:
    world = dataclasses.replace(world, settings=dataclasses.replace(world.settings, anchor_mail=AUDITORS))
    events(world, cast, "1")
    night(world)
    with world.db.session(writes=False) as session:
        mails = session.scalars(select(OutboxMail).where(OutboxMail.letter == "anchor")).all()
        assert [mail.address for mail in mails] == list(AUDITORS)
    deliver.run(world, world.clock.now())
    sent = [mail for mail in world.transport.sent if mail["To"] and AUDITORS[0] in mail["To"]]  # type: ignore[attr-defined]
    kept = tmp_path / "mail.eml"
    kept.write_bytes(sent[0].as_bytes())
    assert read(kept.read_text())[0].place == 1
    assert audit(world, "--anchor", str(kept))[0] == 0
    made_anew(world, "Anders", 1)
    assert audit(world, "--anchor", str(kept))[0] == 1


def test_a_file_without_an_anchor_proves_nothing(world: World, tmp_path: Path) -> None:
    empty = tmp_path / "leeg.txt"
    empty.write_text("niets")
    assert audit(world, "--anchor", str(empty)) == (1, "NO ANCHOR in what was given\n")


def test_an_anchor_is_read_as_it_was_written(world: World) -> None:
    anchor = Anchor(world.clock.now(), 12, 12, "ab" * 32)
    assert read(f"> {anchor}\n") == read(str(anchor).replace(" of ", "\n of ")) == [anchor]


def test_addresses_are_looked_at_when_starting(tmp_path: Path) -> None:
    env = {"SSC_INSTANCE": str(tmp_path), "SSC_SECRET_KEY": "k" * 40}
    found = from_environment({**env, "SSC_ANCHOR_MAIL": "a@b.example, c@d.example"})
    assert found.anchor_mail == ("a@b.example", "c@d.example")
    assert found.anchors == tmp_path / "anchors"
    with pytest.raises(BadSetting, match="SSC_ANCHOR_MAIL"):
        from_environment({**env, "SSC_ANCHOR_MAIL": "accountant"})
