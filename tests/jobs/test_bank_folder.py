"""The bank's folders: what comes in is taken in once and moved aside, never deleted, whatever its name."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from portal.jobs import bank_folder
from portal.jobs.telling import told
from portal.models.payments import BankFile
from portal.worlds import World
from tests import bank_messages as xml
from tests.cast import OUR_IBAN, Cast
from tests.commands.money import booked, debit, paying


def drop(world: World, name: str, content: bytes) -> Path:
    world.settings.bank_in.mkdir(parents=True, exist_ok=True)
    file = world.settings.bank_in / name
    file.write_bytes(content)
    return file


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if file.is_file())


def test_files_are_taken_in_and_moved_aside(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        _, (line,) = paying(session, cast)
    good = booked(debit(line))
    drop(world, "a.xml", good)
    drop(world, "b.xml", b"<broken")
    drop(world, "c.part", b"still being written")
    assert bank_folder.take_in(world, world.clock.now()) == [
        *told("bank_file", name="a.xml", settled=1, returned=0, unmatched=0),
        *told("bank_file_refused", name="b.xml", why="bank_file_not_xml"),
    ]
    folder = world.settings.bank_in
    assert (names(folder), names(folder / "taken"), names(folder / "refused")) == (["c.part"], ["a.xml"], ["b.xml"])
    assert (folder / "taken" / "a.xml").read_bytes() == good
    assert bank_folder.take_in(world, world.clock.now()) == []


def test_capitals_are_taken_in_too(world: World) -> None:
    drop(world, "CAMT053.XML", b"<broken")
    assert bank_folder.take_in(world, world.clock.now())[0]["name"] == "CAMT053.XML"
    assert names(world.settings.bank_in / "refused") == ["CAMT053.XML"]


def test_a_file_that_changed_just_now_waits_for_a_next_look(world: World) -> None:
    careful = replace(world, settings=replace(world.settings, bank_settle=60))
    file = drop(world, "half.xml", b"<Document><half")
    assert bank_folder.take_in(careful, world.clock.now()) == []
    assert names(world.settings.bank_in) == ["half.xml"], "and nothing else was left there"
    older = file.stat().st_mtime - 61
    os.utime(file, (older, older))
    assert bank_folder.take_in(careful, world.clock.now())[0]["name"] == "half.xml"


def test_the_same_file_again_and_another_of_the_same_name_are_both_kept(world: World, cast: Cast) -> None:
    first, other = (booked(xml.entry(amount, side="CRDT"), iban=OUR_IBAN) for amount in ("1.00", "2.00"))
    for content in (first, first, other):
        drop(world, "today.xml", content)
        bank_folder.take_in(world, world.clock.now())
    folder = world.settings.bank_in
    assert names(folder / "taken") == ["today-2.xml", "today.xml"]
    assert names(folder / "refused") == ["today.xml"]
    assert (folder / "taken" / "today-2.xml").read_bytes() == other
    with world.db.session(writes=False) as session:
        assert session.scalars(select(BankFile.refused).order_by(BankFile.id)).all() == ["", "bank_file_replayed", ""]


def test_a_file_is_written_whole_over_what_a_crash_left(tmp_path: Path) -> None:
    target = tmp_path / "batch.xml"
    target.with_suffix(".part").write_bytes(b"half of something much longer than the whole")
    bank_folder.write_whole(target, b"whole")
    assert names(tmp_path) == ["batch.xml"]
    assert target.read_bytes() == b"whole"
