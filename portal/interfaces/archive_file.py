"""The archive of a municipality as one ZIP: written as a stream, with the hash of every file; read back and proved.

`manifest.json` names every other file with its SHA-256 and size; `whole` is the SHA-256 over those lines together, so
that one number stands for everything. `gegevens/` has a line of JSON for each row of each table, `documenten/` each
document once, by its hash.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from portal.interfaces.archive_figures import figures_of, wrong_in_chain

FORMAT = "ssc-portal archive 1"
MANIFEST, DATA, DOCUMENTS = "manifest.json", "gegevens/", "documenten/"
LARGEST = 64 * 1024 * 1024
"""Bytes of the manifest, of a row, and of a document: what is read into memory as a whole."""
PIECE = 1 << 20
_NAME = re.compile(r"[\w()., -]+(/[\w()., -]+)*")


UNREADABLE = (KeyError, zipfile.BadZipFile, OSError, EOFError, zlib.error, lzma.LZMAError, RuntimeError)
"""What reading a file of a ZIP gives that is damaged, or packed in a way or with a password that is not ours."""
NO_JSON = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What something gives that is no JSON, or other JSON than ours."""


class NotAnArchive(ValueError):
    """The file is no archive of this kind, or is not whole."""


@dataclass
class Writing:
    """An archive that is being written."""

    zip: zipfile.ZipFile
    at: datetime
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, name: str, content: bytes | IO[bytes], *, packed: bool = False) -> None:
        """Add a file as a whole, from memory or read in pieces; `packed` is what does not get smaller any more."""
        with self.open(name, packed=packed) as write:
            if isinstance(content, bytes):
                write(content)
            else:
                while piece := content.read(PIECE):
                    write(piece)

    @contextmanager
    def open(self, name: str, *, packed: bool = False) -> Iterator[Any]:
        """Add a file piece by piece: what comes out is called with each. A name is added once."""
        if name in self.files:
            raise ValueError(f"{name} is in the archive already")
        stamp = self.at.timetuple()
        info = zipfile.ZipInfo(name, (stamp[0], stamp[1], stamp[2], stamp[3], stamp[4], stamp[5]))
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        info.external_attr = 0o640 << 16
        digest, size = hashlib.sha256(), 0
        with self.zip.open(info, "w", force_zip64=True) as target:

            def write(piece: bytes) -> None:
                nonlocal size
                digest.update(piece)
                size += len(piece)
                target.write(piece)

            yield write
        self.files[name] = {"sha256": digest.hexdigest(), "size": size}

    def finish(self, about: Mapping[str, Any]) -> dict[str, Any]:
        """Add the manifest: what is told of the archive, and every file with its hash."""
        manifest = {"format": FORMAT, **about, "files": self.files, "whole": whole_of(self.files)}
        stated = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
        self.add(MANIFEST, stated)
        return manifest


def whole_of(files: Mapping[str, Mapping[str, Any]]) -> str:
    """One hash for all files: over a line of hash and name for each, in the order of their names."""
    lines = (f"{files[name]['sha256']}  {name}\n" for name in sorted(files) if name != MANIFEST)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@contextmanager
def writing(target: Path, at: datetime) -> Iterator[Writing]:
    """Write an archive; it stands under its name when it is whole, and not at all when that fails."""
    half = target.with_name(f"{target.name}.half")
    half.parent.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(half, "w", allowZip64=True) as zipped:
            yield Writing(zipped, at)
        half.rename(target)
    except BaseException:
        half.unlink(missing_ok=True)
        raise


def sha256_of(file: Path) -> str:
    """The hash of a file on disk."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


class Archive:
    """An archive that is read. Nothing in it is believed before `verify` looked at it."""

    def __init__(self, zipped: zipfile.ZipFile) -> None:
        self.zip = zipped
        try:
            large = _too_large(zipped.getinfo(MANIFEST))
            self.manifest: dict[str, Any] = {} if large else json.loads(zipped.read(MANIFEST))
            ours = large or _is_ours(self.manifest)
        except (*UNREADABLE, *NO_JSON) as error:
            raise NotAnArchive(f"its manifest cannot be read ({type(error).__name__})") from error
        if large or not ours:
            raise NotAnArchive("its manifest is too large" if large else "it is no archive of this kind")

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """The rows of a table, as they were written."""
        with self.zip.open(f"{DATA}{table}.jsonl") as lines:
            while line := lines.readline(LARGEST + 1):
                if len(line) > LARGEST:
                    raise ValueError(f"a row of {table} is too large")
                yield json.loads(line)

    def tables(self) -> list[str]:
        """The tables of which there are rows."""
        names = (name for name in self.manifest["files"] if name.startswith(DATA))
        return sorted(name.removeprefix(DATA).removesuffix(".jsonl") for name in names)

    def documents(self) -> Iterator[tuple[str, bytes]]:
        """Every document with the hash it is kept under."""
        for name in sorted(self.manifest["files"]):
            if name.startswith(DOCUMENTS):
                yield name.removeprefix(DOCUMENTS).partition(".")[0], self.zip.read(name)


@contextmanager
def reading(file: Path) -> Iterator[Archive]:
    """Open an archive. Raises NotAnArchive."""
    try:
        zipped = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError) as error:
        raise NotAnArchive("it is no ZIP file, or not whole") from error
    with zipped:
        yield Archive(zipped)


def verify(archive: Archive) -> list[str]:
    """What does not hold of an archive, in sentences; nothing when all of it does.

    Every file against its hash, the whole, the documents against the names they are kept under, every event against its
    hash and the one before it, and the figures in the manifest against what the rows add up to.
    """
    wrong = list(_files(archive))
    if wrong:
        return wrong  # what is not what it was is not counted either
    try:
        wrong += wrong_in_chain(archive.rows("case_event"))
        found = figures_of({table: archive.rows(table) for table in archive.tables()})
    except NO_JSON as error:
        return [f"its rows cannot be read ({type(error).__name__}: {error})"]
    stated = archive.manifest.get("figures")
    return wrong + [f"{name}: stated {was}, counted {now}" for name, was, now in differences(stated, found)]


def _files(archive: Archive) -> Iterator[str]:
    files: Mapping[str, Mapping[str, Any]] = archive.manifest["files"]
    there = Counter(info.filename for info in archive.zip.infolist())
    stated = {*files, MANIFEST}
    yield from (f"{name}: twice in the archive" for name in sorted(name for name, count in there.items() if count > 1))
    yield from (f"{name}: not in the manifest" for name in sorted(set(there) - stated))
    yield from (f"{name}: missing" for name in sorted(stated - set(there)))
    yield from (f"{name}: not a name of ours" for name in sorted(stated) if not _named_by_us(name))
    for name in sorted(set(there) & set(files)):
        info = archive.zip.getinfo(name)
        if info.file_size != files[name]["size"]:  # what unpacks to more than is stated is not unpacked
            yield f"{name}: was changed"
            continue
        if name.startswith(DOCUMENTS) and _too_large(info):
            yield f"{name}: is too large"
            continue
        try:
            found = _hash_of(archive.zip, name)
        except UNREADABLE as error:
            yield f"{name}: cannot be read ({type(error).__name__})"
            continue
        if found != files[name]["sha256"]:
            yield f"{name}: was changed"
        elif name.startswith(DOCUMENTS) and Path(name).stem != found:
            yield f"{name}: is kept under another hash"
    if whole_of(files) != archive.manifest.get("whole"):
        yield "the hash of the whole is another"


def _hash_of(zipped: zipfile.ZipFile, name: str) -> str:
    with zipped.open(name) as opened:
        digest = hashlib.sha256()
        while piece := opened.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _named_by_us(name: str) -> bool:
    """Whether a file can be called so: unpacked by hand it stays within the folder where that is done."""
    return bool(_NAME.fullmatch(name)) and not any(part in (".", "..") for part in name.split("/"))


def _too_large(info: zipfile.ZipInfo) -> bool:
    """Whether a file is larger than is read into memory; no more than it states comes out of it."""
    return info.file_size > LARGEST


def _is_ours(manifest: Any) -> bool:
    """Whether this is a manifest as we write it, whatever it says."""
    place, files = manifest["municipality"], manifest["files"]
    parts = (place["code"], place["name"], manifest["whole"], *(one["sha256"] for one in files.values()))
    return manifest["format"] == FORMAT and all(isinstance(part, str) for part in parts) and all(
        isinstance(one["size"], int) for one in files.values()
    )  # fmt: skip


def differences(first: Any, second: Any, name: str = "") -> list[tuple[str, Any, Any]]:
    """Where two collections of figures differ: by name, what the first says and what the second."""
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        keys: Iterable[str] = sorted(first.keys() | second.keys())
        return [
            found
            for key in keys
            for found in differences(first.get(key), second.get(key), f"{name}.{key}" if name else key)
        ]
    return [] if first == second else [(name, first, second)]
