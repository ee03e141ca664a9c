"""Keeping a thousand receipts without waiting for the disk a thousand times."""

from __future__ import annotations

import hashlib

from portal.interfaces.files import FileStore
from portal.interfaces.files.store import FILE_MODE, FOLDER_MODE


class QuickStore(FileStore):
    """The same files in the same place as another store, but written without seeing them safely on disk.

    Good enough here: whoever loses power while seeding begins anew with an empty database.
    """

    def __init__(self, like: FileStore) -> None:
        super().__init__(like.path("0" * 64).parents[2])

    def put(self, content: bytes) -> str:
        """Store the bytes if they are new and return their SHA-256."""
        sha256 = hashlib.sha256(content).hexdigest()
        final = self.path(sha256)
        if not final.exists():
            for folder in reversed(final.parents[:3]):
                folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            final.touch(mode=FILE_MODE)
            final.write_bytes(content)
        return sha256
