"""A small seeded world, made once for all tests that only look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from portal.clock import FixedClock
from portal.db import Database
from portal.interfaces.files import FileStore
from portal.worlds import World
from seed.loader import load
from tests.conftest import TUESDAY, KeepingTransport, settings_for
from tests.databases import EMPTY, SqliteStand

Make = Callable[..., World]


@pytest.fixture(scope="session")
def make(sqlite_stand: SqliteStand, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """`make(now)` is a world with an empty database, `make(now, employees=40, months=1)` a seeded one."""
    made: list[World] = []

    def world(now: datetime = TUESDAY, **size: int) -> World:
        folder = tmp_path_factory.mktemp("seeded")
        sqlite_stand.copy(EMPTY, folder / "portal.sqlite")
        settings = settings_for(folder, f"sqlite:///{folder / 'portal.sqlite'}")
        settings.instance.mkdir()
        files, db = FileStore(settings.files), Database(settings.database_url)
        made.append(World("production", settings, db, FixedClock(now), files, KeepingTransport()))
        if size:
            load(made[-1], **size, report=lambda _: None)
        return made[-1]

    yield world
    for one in made:
        one.db.dispose()


@pytest.fixture(scope="session")
def seeded(make: Make) -> World:
    """A small world with two months of history. Look, do not touch."""
    return make(employees=40, months=2)
