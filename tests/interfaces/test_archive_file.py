"""An archive as a file: whatever is changed in it shows, and what was counted can be counted again."""

from __future__ import annotations

import hashlib
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.interfaces.archive_figures import figures_of, wrong_in_chain
from portal.interfaces.archive_file import (
    FORMAT,
    LARGEST,
    MANIFEST,
    NotAnArchive,
    differences,
    reading,
    verify,
    whole_of,
    writing,
)
from portal.interfaces.archive_rows import Scrub, line_of, plain, to_bytes
from portal.sealing import GENESIS, digest_of_said, digest_of_step

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PICTURE = b"\x89PNG receipt"
SHA = "f8c83ea6c5e1cc4d6f3e6a5e4e4bfe4a2ddc10c0b1f9c5a6ee6a2d5b9b1f0000"


def events(count: int) -> list[dict[str, Any]]:
    """A chain of this many events, of which every second is of a case of ours."""
    found, previous = [], GENESIS
    for place in range(1, count + 1):
        data = {"content": {"purpose": f"Reis {place}"}}
        said = digest_of_said("ab" * 16, [place, None], "", data)
        one = digest_of_step(place, place % 2, "submit", ("draft", "submitted"), (AT, AT, AT), "portal", said, previous)
        found.append(
            {"id": place, "case_id": place % 2, "action": "submit", "from_state": "draft", "to_state": "submitted",
             "enabled_at": AT.isoformat(), "started_at": AT.isoformat(), "at": AT.isoformat(), "actor_id": place,
             "on_behalf_of_id": None, "channel": "portal", "reason": "", "data": data, "salt": "ab" * 16,
             "said": said, "previous_hash": previous, "hash": one}
        )  # fmt: skip
        previous = one
    return found


def written(file: Path, of: list[dict[str, Any]] | None = None) -> Path:
    rows = {
        "case_event": [one for one in events(6) if one["case_id"]] if of is None else of,
        "journal_line": [{"account": "1100", "debit_cents": 5, "credit_cents": 0}],
    }
    with writing(file, AT) as out:
        figures: dict[str, Any] = {"rows": {}}
        for name, some in rows.items():
            with out.open(f"gegevens/{name}.jsonl") as write:
                for row in some:
                    write(line_of(row))
            found = figures_of({name: some})
            figures["rows"] |= found.pop("rows")
            figures |= found
        out.add("index.html", b"<h1>Archief</h1>")
        out.finish({"municipality": {"code": "w", "name": "W"}, "figures": figures, "lacking": []})
    return file


def wrong_of(file: Path) -> list[str]:
    try:
        with reading(file) as archive:
            return verify(archive)
    except NotAnArchive as error:
        return [str(error)]


def test_what_was_written_holds_and_a_failed_one_is_not_there(tmp_path: Path) -> None:
    assert wrong_of(written(tmp_path / "a.zip")) == []
    with pytest.raises(ValueError, match="in the archive already"):
        written_twice(tmp_path / "b.zip")
    assert [file.name for file in tmp_path.iterdir()] == ["a.zip"]


def written_twice(file: Path) -> None:
    with writing(file, AT) as out:
        out.add("index.html", b"1")
        out.add("index.html", b"2")


def repacked(source: Path, target: Path, change: Any) -> Path:
    """The same archive with its files changed: by name what they hold; None takes one out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        files = change({name: old.read(name) for name in old.namelist()})
        for name, content in files.items():
            if content is not None:
                new.writestr(name, content)
    return target


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["index.html", "gegevens/case_event.jsonl", "gegevens/journal_line.jsonl"]), st.integers(0, 400),
       st.integers(1, 255))  # fmt: skip
@example("gegevens/case_event.jsonl", 0, 1)
def test_whatever_byte_is_changed_it_shows(tmp_path: Path, name: str, place: int, by: int) -> None:
    whole = tmp_path / "whole.zip"
    if not whole.exists():
        written(whole)

    def bent(files: dict[str, bytes]) -> dict[str, bytes]:
        content = bytearray(files[name])
        content[place % len(content)] ^= by
        return {**files, name: bytes(content)}

    assert wrong_of(repacked(whole, tmp_path / "bent.zip", bent)) == [f"{name}: was changed"]


def test_what_is_left_out_added_or_no_archive_shows(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole.zip")
    lost = repacked(whole, tmp_path / "lost.zip", lambda files: {**files, "index.html": None})
    more = repacked(whole, tmp_path / "more.zip", lambda files: {**files, "x/y.txt": b"meer"})
    bare = repacked(whole, tmp_path / "bare.zip", lambda files: {**files, "manifest.json": None})
    assert wrong_of(lost) == ["index.html: missing"]
    assert wrong_of(more) == ["x/y.txt: not in the manifest"]
    assert wrong_of(bare) == ["its manifest cannot be read (KeyError)"]
    (tmp_path / "text.zip").write_text("geen zip")
    assert wrong_of(tmp_path / "text.zip") == ["it is no ZIP file, or not whole"]

    def lied(files: dict[str, bytes]) -> dict[str, bytes]:
        manifest = json.loads(files["manifest.json"])
        manifest["figures"]["ledger"]["1100"] = [6, 0]
        return {**files, "manifest.json": json.dumps(manifest).encode()}

    assert wrong_of(repacked(whole, tmp_path / "lied.zip", lied)) == ["ledger.1100: stated [6, 0], counted [5, 0]"]


def test_an_event_that_was_changed_shows_even_when_every_hash_was_made_anew(tmp_path: Path) -> None:
    ours = events(6)
    assert wrong_in_chain(ours) == []
    for field, value, said in (
        ("data", {"content": {"purpose": "Anders"}}, "what was said in event 3 was changed"),
        ("to_state", "paid", "event 3 was changed"),
        ("previous_hash", "1" * 64, "event 3 does not follow the event before it"),
    ):
        bent = [one | {field: value} if one["id"] == 3 else one for one in ours]
        assert said in wrong_of(written(tmp_path / f"{field}.zip", bent))
    assert wrong_in_chain([ours[1], ours[0]]) == ["event 1 is out of its place"]
    # Of what lacks its salt only the digest is proved.
    assert wrong_in_chain([ours[0] | {"salt": None, "reason": "weg"}]) == []


numbers = st.tuples(st.sampled_from(["DEC", "INK", "VRL"]), st.integers(2020, 2029), st.integers(0, 999_999)).map(
    lambda one: f"{one[0]}-{one[1]}-{one[2]:06d}"
)


@settings(max_examples=40)
@given(st.lists(numbers, max_size=4), st.lists(numbers, min_size=1, max_size=4))
def test_no_number_of_another_case_is_left_and_one_s_own_stay(own: list[str], named: list[str]) -> None:
    row = {"id": 1, "data": {"flag": {"about": named}}, "reason": " en ".join(named), "salt": "ab", "at": AT}
    clean = Scrub(frozenset(own), b"secret").row("case_event", row)
    text = json.dumps(clean)
    assert all((number in text) == (number in own) for number in named)
    assert len(set(clean["data"]["flag"]["about"])) == len(set(named))
    assert clean["salt"] == ("ab" if set(named) <= set(own) else None)


def test_bytes_and_moments_go_in_a_line_and_figures_say_where_they_differ() -> None:
    assert plain(AT) == "2026-11-24T09:00:00+00:00"
    assert to_bytes(json.loads(line_of({"file": plain(PICTURE)}))["file"]) == PICTURE
    assert differences({"a": {"b": 1}, "c": 2}, {"a": {"b": 3}, "d": 2}) == [
        ("a.b", 1, 3),
        ("c", 2, None),
        ("d", None, 2),
    ]


def hostile(file: Path, name: str, content: bytes, packing: int = zipfile.ZIP_DEFLATED, **said: Any) -> Path:
    """An archive with one file of which everything is stated as it is, made by somebody else than us."""
    files = {name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}}
    manifest = {"format": FORMAT, "municipality": {"code": "w", "name": "W"}, "files": files, "figures": {},
                "lacking": [], "whole": whole_of(files), **said}  # fmt: skip
    with zipfile.ZipFile(file, "w") as out:
        out.writestr(name, content, packing)
        out.writestr(MANIFEST, json.dumps(manifest))
    return file


def test_a_hostile_archive_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    file, sha = tmp_path / "a.zip", hashlib.sha256(bytes(LARGEST + 1)).hexdigest()
    for name, content, why in (
        ("gegevens/../../etc/passwd", b"x", "not a name of ours"),
        ("..", b"x", "not a name of ours"),
        (f"documenten/{sha}.pdf", bytes(LARGEST + 1), "is too large"),
        ("gegevens/case_event.jsonl", bytes(LARGEST + 1), "a row of case_event is too large"),
        ("gegevens/case_event.jsonl", b"[" * 100_000, "RecursionError"),
        ("gegevens/case_event.jsonl", b"[1]", "TypeError"),
    ):
        with reading(hostile(file, name, content)) as archive:
            assert why in "; ".join(verify(archive))
    # Less is stated than comes out of it.
    stated = {"files": {"x": {"sha256": hashlib.sha256(bytes(9)).hexdigest(), "size": 8}}}
    with reading(hostile(file, "x", bytes(9), **stated)) as archive:
        assert "x: was changed" in verify(archive)
    # Damaged where it was packed, in our way and in another.
    for packing in (zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA):
        damaged = bytearray(hostile(file, "x", bytes(range(256)), packing).read_bytes())
        damaged[42:60] = bytes([255]) * 18
        file.write_bytes(damaged)
        with reading(file) as archive:
            assert verify(archive)[0].startswith("x: cannot be read (")


def test_a_manifest_that_is_not_ours_is_no_archive(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    wrong: list[dict[str, Any]] = [
        {"municipality": None}, {"files": {"x": 1}}, {"files": {"x": {"sha256": 1, "size": 1}}}, {"files": []},
        {"whole": None}, {"format": "other"}, {"municipality": {"code": 1, "name": "W"}},
    ]  # fmt: skip
    for said in wrong:
        with pytest.raises(NotAnArchive), reading(hostile(file, "x", b"x", **said)):
            pass
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(MANIFEST, bytes(LARGEST + 1))
    with pytest.raises(NotAnArchive, match="too large"), reading(file):
        pass
