"""Files on disk by content: the name of a file is the SHA-256 of its bytes.

The same receipt twice is one file, a name can be checked against its content, and a crash at any moment
leaves either the whole file or none: bytes are written under a temporary name, flushed to disk, and only
then renamed.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

FILE_MODE = 0o640
"""Readable by the service and its group, executable by no one."""

FOLDER_MODE = 0o750

_SHA256 = re.compile(r"[0-9a-f]{64}")
_LABEL = re.compile(r"[a-z0-9-]{1,20}")
_TEMPORARY = ".half-"


class FileMissing(LookupError):
    """No file is stored under this hash."""


class FileCorrupt(RuntimeError):
    """The stored bytes no longer have the hash they are stored under: restore them from the backup."""


class FileStore:
    """Content-addressed files under `root`, in folders by the first four digits: ab/cd/abcd…

    Every method that takes a hash raises ValueError for anything but 64 lower-case hexadecimal digits, so no
    method can be led outside `root`. Several processes may use one root.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, content: bytes) -> str:
        """Store the bytes if they are new and return their SHA-256; on return they are on disk."""
        sha256 = hashlib.sha256(content).hexdigest()
        final = self.path(sha256)
        if not _complete(final, len(content)):
            self._make_folder(final.parent)
            _write(final, content)
        return sha256

    def path(self, sha256: str) -> Path:
        """Where the file with this hash is or would be."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256[:80]!r}")
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def exists(self, sha256: str) -> bool:
        """Whether the file is stored."""
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """The file opened for reading, for streaming; unlike `read` it does not check the content."""
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError as error:
            raise FileMissing(sha256) from error

    def read(self, sha256: str) -> bytes:
        """The bytes, checked against their hash; raises `FileMissing` or `FileCorrupt`."""
        with self.open(sha256) as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FileCorrupt(sha256)
        return content

    def renew(self, sha256: str) -> None:
        """Make a stored file young again, so that whoever clears out old files that nobody names leaves it."""
        try:
            os.utime(self.path(sha256))
        except FileNotFoundError as error:
            raise FileMissing(sha256) from error

    def delete(self, sha256: str) -> bool:
        """Remove the file for good; False if it was not there.

        Two claims may hold the same receipt: the caller counts references before calling this.
        """
        path = self.path(sha256)
        for made in path.parent.glob(f"{sha256}.*"):
            made.unlink(missing_ok=True)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        _flush_folder(path.parent)
        return True

    def put_beside(self, sha256: str, label: str, content: bytes) -> None:
        """Keep what was made from a stored file beside it, until the file itself is deleted. It can be made anew."""
        _write(self._beside(sha256, label), content)

    def exists_beside(self, sha256: str, label: str) -> bool:
        """Whether this was made from the file, and is kept."""
        return self._beside(sha256, label).is_file()

    def read_beside(self, sha256: str, label: str) -> bytes:
        """What was made from the file; `FileMissing` when it was not, or is no longer kept."""
        try:
            return self._beside(sha256, label).read_bytes()
        except FileNotFoundError as error:
            raise FileMissing(f"{sha256}.{label}") from error

    def _beside(self, sha256: str, label: str) -> Path:
        if not _LABEL.fullmatch(label):
            raise ValueError(f"not a label: {label[:80]!r}")
        path = self.path(sha256)
        return path.with_name(f"{path.name}.{label}")

    def iter_hashes(self) -> Iterator[str]:
        """The hashes of all stored files, in order; unfinished files are not among them."""
        for path in sorted(self._root.glob("??/??/*")):
            if _SHA256.fullmatch(path.name) and path.is_file():
                yield path.name

    def sweep(self, before: datetime) -> int:
        """Delete what crashes left unfinished before this (aware) moment; returns how many files went.

        Along go what was made from files that are gone, and empty attempts, which may succeed another day.
        """
        unfinished = self._root.glob(f"??/??/{_TEMPORARY}*")
        made = [path for path in self._root.glob("??/??/*.*") if not path.name.startswith(_TEMPORARY)]
        loose = [path for path in made if not path.with_name(path.name.partition(".")[0]).is_file() or _is_empty(path)]
        stale = [path for path in (*unfinished, *loose) if _modified(path) < before.timestamp()]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def _make_folder(self, folder: Path) -> None:
        """Create the two levels of folders, and see that their names survive a power cut as well."""
        for level in (self._root, folder.parent, folder):
            if not level.is_dir():
                level.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
                _flush_folder(level.parent)


def _complete(path: Path, size: int) -> bool:
    """Stored before. The size counts because a damaged disk can cut a file short; a put then repairs it."""
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _modified(path: Path) -> float:
    """POSIX time of the last write; infinite if another process just finished the file."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _is_empty(path: Path) -> bool:
    """Whether there is nothing in it; false if another process just deleted the file."""
    try:
        return path.stat().st_size == 0
    except FileNotFoundError:
        return False


def _write(final: Path, content: bytes) -> None:
    # The temporary file stands in the same folder, since only a rename within one file system is atomic.
    temporary = final.with_name(f"{_TEMPORARY}{secrets.token_hex(8)}")
    try:
        _write_flushed(temporary, content)
        temporary.rename(final)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_folder(final.parent)


def _write_flushed(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, FILE_MODE)  # whatever the umask made of it
        _refuse_executable(descriptor)
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _refuse_executable(descriptor: int) -> None:
    """Some mounts mark every file executable; uploads do not belong there."""
    if os.fstat(descriptor).st_mode & 0o111:
        raise PermissionError("the file store lies on a file system that marks files as executable")


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
