"""A workshop whose clock on the wall stands still until it is told to move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from portal.clock import FixedClock
from portal.workshop.folders import Workshop
from portal.workshop.worlds import world_of
from portal.worlds import World
from tests.workshop.rooms import WALL, a_workshop


@pytest.fixture
def wall() -> FixedClock:
    return FixedClock(WALL)


@pytest.fixture
def home(world: World, wall: FixedClock) -> World:
    return replace(world, wall=wall)


@pytest.fixture
def room(home: World) -> Workshop:
    return a_workshop(home)


@pytest.fixture
def practice(home: World, room: Workshop) -> Iterator[World]:
    world = world_of(home, room)
    yield world
    world.db.dispose()
