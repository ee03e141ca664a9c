"""What a request works with: its world, its moment, its session, its viewer; and the one commit rule.

A request that may change things (POST and the like) commits when it ends in a redirect or in 201 Created, and when a
view says so with `keep()`. Everything else is rolled back. The commit happens inside dispatch, so that a commit that
fails still reaches the error pages.

A request that only looks changes nothing, but that it looked may have to be on record: `leave_behind()` is for that and
nothing else. It is written when the page is made and before it is sent, in a transaction of its own; no page goes out
unrecorded. As it is rarely needed (a dossier is recorded once a day for each reader), pages stay as fast as they were.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from typing import Any, cast

from flask import Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.clock import local_date
from portal.models.people import Person
from portal.queries.people import viewer_named
from portal.web.templating import Templates
from portal.worlds import World

WORLD = "portal.world"
"""Where in what the web server hands over it stands which practice world a request is in."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def world() -> World:
    """The world this request is in: production's, unless its address is one of a practice world."""
    return cast(World, request.environ.get(WORLD) or current_app.extensions["world"])


def now() -> datetime:
    """The moment of this request: one and the same for all that happens in it."""
    if "at" not in g:
        g.at = world().clock.now()
    return cast(datetime, g.at)


def today() -> date:
    """Today in the Netherlands, at the moment of this request."""
    return local_date(now())


def session() -> Session:
    """The database session of this request; it can write when the request may change things."""
    if "session" not in g:
        g.session = world().db.session(writes=request.method not in SAFE)
    return cast(Session, g.session)


def viewer() -> Viewer:
    """Who is signed in, with everything that today gives them. Only on pages that ask for a sign-in."""
    if "viewer" not in g:
        g.viewer = viewer_named(session(), current_user.id, current_user.name, current_user.language, today())
    return cast(Viewer, g.viewer)


def person() -> Person:
    """The person who is signed in."""
    return cast(Person, current_user.person)


def let_go() -> None:
    """Give the database back before slow work, while nothing was changed yet. On SQLite one writer holds up the others.

    What was loaded is read anew when it is asked for.
    """
    session().commit()
    session().expire_all()


def keep(response: ResponseReturnValue) -> Response:
    """Commit although the answer is no redirect: for what must be remembered about a request that failed."""
    g.keep = True
    return current_app.make_response(response)


def leave_behind(record: Callable[[Session], None], then: Callable[[], object]) -> None:
    """Put on record that something was looked at, once the page is made; a page that fails leaves nothing.

    `then` is called when it stands in the database.
    """
    g.setdefault("left", []).append((record, then))


def _record() -> None:
    # The session that looked gives its connection back first: a request never waits for a second one of the pool.
    g.session.close()
    for record, then in g.pop("left"):
        # When it was recorded before, by another process or in another tab, that will do.
        with suppress(IntegrityError), world().db.transaction() as session:
            record(session)
        then()


class Portal(Flask):
    """Flask with the commit rule."""

    jinja_environment = Templates

    def dispatch_request(self) -> ResponseReturnValue:
        response = self.make_response(super().dispatch_request())
        if "session" in g:
            done = response.status_code == 201 or 300 <= response.status_code < 400
            if request.method not in SAFE and (done or g.get("keep")):
                g.session.commit()
            elif request.method not in SAFE:
                g.session.rollback()
            elif response.status_code < 400 and "left" in g:
                _record()
        return response


def close(_: Any = None) -> None:
    """Give the session back at the end of the request, whatever happened."""
    if "session" in g:
        g.pop("session").close()
