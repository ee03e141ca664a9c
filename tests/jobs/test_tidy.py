"""Clearing out: stale drafts with their uploads, and files that nobody names; never anything that was submitted."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.commands import cases
from portal.commands import sign_in as signing
from portal.interfaces.files import FileMissing
from portal.jobs import tidy
from portal.jobs.telling import told
from portal.models.cases import Case, Document
from portal.models.people import Account, SignIn
from portal.queries import chain
from portal.worlds import World
from tests.cast import Cast, sample_receipt

LATER = timedelta(days=90)


def age(world: World, days: float) -> None:
    """Make every stored file this old, by the world's clock."""
    moment = (world.clock.now() - timedelta(days=days)).timestamp()
    for file in world.settings.files.rglob("*"):
        if file.is_file():
            os.utime(file, (moment, moment))


def stored(world: World) -> set[str]:
    return set(world.files.iter_hashes())


def test_a_draft_nobody_came_back_to_goes_after_ninety_days_with_its_receipt(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.draft(session, "anna")
    assert len(stored(world)) == 2
    world.clock.advance(LATER)
    age(world, 89)
    assert tidy.run(world, world.clock.now()) == []
    world.clock.advance(timedelta(seconds=1))
    assert tidy.run(world, world.clock.now()) == told("removed", drafts=1, files=2)
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Case)).all() == []
        assert session.scalars(select(Document)).all() == []
    assert stored(world) == set()


def test_sessions_that_are_over_go(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        account = session.scalars(select(Account).where(Account.username == "anna")).one()
        signing.begin(session, account, world.clock.now())
        young = signing.begin(session, account, world.clock.now() + timedelta(seconds=1))
    world.clock.advance(signing.SESSION_LIFE)
    tidy.run(world, world.clock.now())
    with world.db.session(writes=False) as session:
        assert session.scalars(select(SignIn.id)).all() == [young.id]


def test_typing_in_a_draft_keeps_it(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case_id = cast.draft(session, "anna").id
    world.clock.advance(timedelta(days=60))
    with world.db.transaction() as session:
        cases.save_draft(session, session.get_one(Case, case_id), {"purpose": "x"}, world.clock.now())
    world.clock.advance(timedelta(days=60))
    assert tidy.run(world, world.clock.now()) == []
    world.clock.advance(timedelta(days=31))
    assert tidy.run(world, world.clock.now())[0]["drafts"] == 1


def test_whatever_was_ever_said_in_a_case_stays(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        returned = cast.submitted(session, key="returned")
        cast.act(session, "bram", returned, "return", "Nog eens")
        cast.act(session, "anna", cast.draft(session, "anna", "dropped"), "withdraw")
    world.clock.advance(timedelta(days=4000))
    age(world, 3000)
    assert tidy.run(world, world.clock.now()) == []
    with world.db.session(writes=False) as session:
        assert len(session.scalars(select(Case)).all()) == 2
        assert chain.verify(session).broken is None


def test_a_file_that_nobody_names_goes_when_it_is_more_than_a_day_old(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        cast.submitted(session)
    named = stored(world)
    orphan = world.files.put(b"nobody's")
    age(world, 0.9)
    assert tidy.run(world, world.clock.now()) == []
    age(world, 1.1)
    assert tidy.run(world, world.clock.now()) == told("removed", drafts=0, files=1)
    assert stored(world) == named
    assert orphan not in named


def test_what_a_crash_left_unfinished_goes(world: World, cast: Cast) -> None:
    whole = world.files.put(b"whole")
    half = world.files.path(whole).with_name(".half-0123456789abcdef")
    half.write_bytes(b"wh")
    age(world, 2)
    world.files.renew(whole)
    assert tidy.run(world, world.clock.now()) == told("removed", drafts=0, files=1)
    assert not half.exists()


def test_an_upload_of_what_is_there_already_makes_the_file_young_again(world: World, cast: Cast) -> None:
    receipt = sample_receipt()
    old = world.files.path(world.files.put(receipt.content))
    os.utime(old, (0, 0))
    with world.db.transaction() as session:
        cast.draft(session, "anna")
    assert old.stat().st_mtime > 0
    with pytest.raises(FileMissing):
        world.files.renew("0" * 64)
