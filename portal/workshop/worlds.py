"""The world of a workshop: what it consists of, and keeping worlds open from one request to the next."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from functools import partial
from threading import Lock

from portal.clock import StoryClock
from portal.db import Database
from portal.interfaces.files import FileStore
from portal.interfaces.transport import TrayTransport
from portal.queries.people import national_calendar
from portal.settings import Settings
from portal.workshop import folders, pace, undo
from portal.workshop.folders import Workshop
from portal.worlds import Practice, World


def world_of(home: World, workshop: Workshop) -> World:
    """The world of a workshop in its present round. Nothing in it is shared with the portal it belongs to."""
    practice = Practice(workshop.code, workshop.folder, workshop.round, workshop.title)
    settings = _settings(home.settings, workshop, practice)
    db = Database(settings.database_url)
    undo.watch(db)
    return World(
        name=f"oefening-{workshop.code}",
        settings=settings,
        db=db,
        clock=StoryClock(partial(pace.told_by, db), home.wall, national_calendar().worked_off),
        files=FileStore(settings.files),
        transport=TrayTransport(),
        wall=home.wall,
        practice=practice,
    )


def _settings(home: Settings, workshop: Workshop, practice: Practice) -> Settings:
    """Its own folder, database and keys; and no way out: no mail server, and nobody is mailed the end of the chain."""
    instance = workshop.instance
    opened = f"oefening:{workshop.code}:{workshop.opened.isoformat()}"
    return replace(
        home,
        instance=instance,
        database_url=f"sqlite:///{instance / 'portal.sqlite'}",
        secret_key=hmac.new(home.secret_key.encode(), opened.encode(), hashlib.sha256).hexdigest(),
        base_url=home.base_url + practice.prefix,
        smtp_url="",
        demo=False,
        bank_settle=0,
        scan_settle=0,
        invoice_settle=0,
        anchors=instance / "anchors",
        anchor_mail=(),
    )


class Kept:
    """The worlds that a process keeps open: as long as what is said of their workshop stays the same."""

    def __init__(self, home: World) -> None:
        self.home = home
        self._open: dict[str, tuple[tuple[int, int], World]] = {}
        self._lock = Lock()

    def world(self, code: str) -> World | None:
        """The world of this code as it is now, another one in each round; None when there is none (any more)."""
        edition = folders.edition(self.home.settings, code)
        with self._lock:
            known = self._open.get(code)
            if known and known[0] == edition:
                return known[1]
            if known:
                # Whoever is still at work in it keeps their connection; no new one is made.
                self._open.pop(code)[1].db.dispose()
            workshop = folders.workshop(self.home.settings, code)
            if workshop is None or edition is None:
                return None
            self._let_go_of_deleted()
            world = world_of(self.home, workshop)
            self._open[code] = (edition, world)
            return world

    def _let_go_of_deleted(self) -> None:
        """Keep no file open of a workshop that is not there any more: its space on the disk would not come free."""
        for code in [one for one in self._open if folders.edition(self.home.settings, one) is None]:
            self._open.pop(code)[1].db.dispose()

    def tidy(self) -> None:
        """The same now, for who does not come by when another is opened."""
        with self._lock:
            self._let_go_of_deleted()

    def close(self) -> None:
        """Let go of all of them."""
        with self._lock:
            for _, world in self._open.values():
                world.db.dispose()
            self._open.clear()
