"""The store: whole files or none, whatever happens, and never outside its folder."""

import hashlib
import multiprocessing
import os
import random
import signal
import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.interfaces.files import FileCorrupt, FileMissing, FileStore


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def files_in(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_what_is_put_can_be_read(store: FileStore) -> None:
    sha256 = store.put(b"bon")
    assert sha256 == hashlib.sha256(b"bon").hexdigest()
    assert store.exists(sha256)
    assert store.read(sha256) == b"bon"
    with store.open(sha256) as file:
        assert file.read() == b"bon"


def test_files_lie_in_folders_by_their_first_digits(store: FileStore, tmp_path: Path) -> None:
    sha256 = store.put(b"bon")
    assert store.path(sha256) == tmp_path / "files" / sha256[:2] / sha256[2:4] / sha256


def test_the_same_content_is_one_file_and_is_not_written_again(store: FileStore, tmp_path: Path) -> None:
    first = store.path(store.put(b"bon")).stat()
    second = store.path(store.put(b"bon")).stat()
    assert (first.st_ino, first.st_mtime_ns) == (second.st_ino, second.st_mtime_ns)
    assert len(files_in(tmp_path)) == 1


def test_nothing_is_executable_or_open_to_others(store: FileStore, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = store.path(store.put(b"#!/bin/sh"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o750


def test_a_tight_umask_does_not_lock_out_the_group(store: FileStore) -> None:
    before = os.umask(0o077)
    try:
        path = store.path(store.put(b"bon"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_delete_is_final_and_may_be_repeated(store: FileStore) -> None:
    sha256 = store.put(b"bon")
    assert store.delete(sha256)
    assert not store.delete(sha256)
    assert not store.exists(sha256)
    with pytest.raises(FileMissing):
        store.read(sha256)
    with pytest.raises(FileMissing):
        store.open(sha256)


def test_all_files_can_be_listed(store: FileStore, tmp_path: Path) -> None:
    hashes = {store.put(bytes([number])) for number in range(20)}
    (tmp_path / "files" / "ab" / "cd").mkdir(parents=True, exist_ok=True)
    (tmp_path / "files" / "ab" / "cd" / ".half-0123").write_bytes(b"half")
    assert list(store.iter_hashes()) == sorted(hashes)


def test_an_empty_store_lists_nothing(store: FileStore) -> None:
    assert list(store.iter_hashes()) == []
    assert store.sweep(datetime(2026, 11, 24, tzinfo=UTC)) == 0


def test_changed_bytes_are_noticed(store: FileStore) -> None:
    sha256 = store.put(b"bon van 10 euro")
    store.path(sha256).write_bytes(b"bon van 90 euro")
    with pytest.raises(FileCorrupt):
        store.read(sha256)


def test_a_file_cut_short_is_repaired_by_putting_it_again(store: FileStore) -> None:
    sha256 = store.put(b"bon van 10 euro")
    store.path(sha256).write_bytes(b"bon")
    store.put(b"bon van 10 euro")
    assert store.read(sha256) == b"bon van 10 euro"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../../etc/passwd",
        "a" * 63,
        "a" * 65,
        "A" * 64,
        "g" * 64,
        "a" * 64 + "\n",
        "/" + "a" * 63,
        "é" * 64,
    ],
)
def test_only_hashes_are_names(store: FileStore, name: str) -> None:
    for method in (store.path, store.exists, store.read, store.open, store.delete):
        with pytest.raises(ValueError, match="not a SHA-256"):
            method(name)


@given(st.text(max_size=80))
def test_no_text_leads_outside(name: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        FileStore(Path("/nowhere")).path(name)


def test_a_failed_write_leaves_nothing(store: FileStore, tmp_path: Path) -> None:
    final = store.path(hashlib.sha256(b"bon").hexdigest())
    final.mkdir(parents=True)  # something is in the way of the last step
    with pytest.raises(IsADirectoryError):
        store.put(b"bon")
    assert files_in(tmp_path) == []


def test_only_old_leftovers_are_swept(store: FileStore) -> None:
    folder = store.path(store.put(b"bon")).parent
    old, new = folder / ".half-old", folder / ".half-new"
    moment = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    for path, age in ((old, timedelta(hours=2)), (new, timedelta())):
        path.write_bytes(b"half")
        os.utime(path, times=((moment - age).timestamp(),) * 2)
    assert store.sweep(moment - timedelta(hours=1)) == 1
    assert (old.exists(), new.exists(), len(list(store.iter_hashes()))) == (False, True, 1)


def put_forever(root: Path, seed: int) -> None:
    """Store one file after another until killed."""
    rng = random.Random(seed)
    while True:
        FileStore(root).put(rng.randbytes(rng.choice((10, 5_000, 3_000_000))))


def test_being_killed_never_leaves_a_half_file_under_its_name(tmp_path: Path) -> None:
    store, rng = FileStore(tmp_path), random.Random(7)
    for seed in range(30):
        writer = multiprocessing.get_context("fork").Process(target=put_forever, args=(tmp_path, seed))
        written = len(list(store.iter_hashes()))
        writer.start()
        while len(list(store.iter_hashes())) <= written:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.02))
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
    hashes = list(store.iter_hashes())
    assert len(hashes) >= 30
    for sha256 in hashes:
        store.read(sha256)  # raises FileCorrupt for a half file


def test_many_writers_of_one_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    content = random.Random(1).randbytes(2_000_000)
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=FileStore(tmp_path).put, args=(content,)) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 6
    assert FileStore(tmp_path).read(hashlib.sha256(content).hexdigest()) == content
    assert len(files_in(tmp_path)) == 1
