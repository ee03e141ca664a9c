"""Which world a request is in: `/oefening/<code>/…` are the pages of a practice world, all others are production's.

The prefix is taken off before anything else looks at the address, as if the portal were mounted there. So no route,
query or template knows of worlds. The session cookie of each practice world has a name, a path and a key of its own:
the browser sends it nowhere else, and nowhere else it would mean anything. Forms are protected by the session.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from flask import Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.utils import redirect

from portal.web import unit_of_work as uow
from portal.workshop.worlds import Kept

ADDRESS = re.compile(r"/oefening/([0-9A-Za-z]{5})(/.*)?", re.DOTALL)
KEPT = "practice worlds"
PRACTICE_LIFE = timedelta(days=30)
"""How long, on the wall, a browser stays on its seat."""


class Worlds:
    """A web application that is also to be found, in another world, under the address of each workshop."""

    def __init__(self, inner: Any, app: Flask) -> None:
        self._inner, self._app = inner, app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        found = ADDRESS.fullmatch(environ.get("PATH_INFO", ""))
        world = kept(self._app).world(found[1].upper()) if found else None
        if found and world and world.practice:
            root = environ.get("SCRIPT_NAME", "") + world.practice.prefix
            if found[1] != world.practice.code or not found[2]:
                return _redirected(root + (found[2] or "/"), environ, start_response)
            environ = {**environ, "SCRIPT_NAME": root, "PATH_INFO": found[2], uow.WORLD: world}
        return self._inner(environ, start_response)  # type: ignore[no-any-return]


def _redirected(to: str, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The one right spelling of an address: people type a code as they like."""
    # Both are bytes, said as WSGI says them: they go back to the browser as it sent them.
    path = quote(to.encode("latin-1"), safe="/:@!$&'()*+,;=~")
    query = quote(environ.get("QUERY_STRING", "").encode("latin-1"), safe="/?:@!$&'()*+,;=~%[]")
    return redirect(f"{path}?{query}" if query else path, 308)(environ, start_response)


def kept(app: Flask) -> Kept:
    """The practice worlds that this process keeps open beside the world it serves."""
    home = app.extensions["world"]
    found = app.extensions.get(KEPT)
    if not isinstance(found, Kept) or found.home is not home:
        found = app.extensions[KEPT] = Kept(home)
    return found


class CookieOfWorld(SecureCookieSessionInterface):
    """Flask's own session in a signed cookie; in a practice world a cookie of that world alone."""

    def get_cookie_name(self, app: Flask) -> str:
        practice = uow.world().practice
        return uow.world().name if practice else super().get_cookie_name(app)

    def get_cookie_path(self, app: Flask) -> str:
        return request.script_root if uow.world().practice else super().get_cookie_path(app)

    def get_expiration_time(self, app: Flask, session: SessionMixin) -> datetime | None:
        world = uow.world()
        return world.wall.now() + PRACTICE_LIFE if world.practice else super().get_expiration_time(app, session)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        world = uow.world()
        if world.practice is None:
            return super().get_signing_serializer(app)
        signer = {"key_derivation": self.key_derivation, "digest_method": self.digest_method}
        key = world.key("cookies").hex()
        return URLSafeTimedSerializer(key, salt=self.salt, serializer=self.serializer, signer_kwargs=signer)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if uow.world().practice is None:
            return super().open_session(app, request)
        serializer, sent = self.get_signing_serializer(app), request.cookies.get(self.get_cookie_name(app))
        if serializer is None or not sent:
            return super().open_session(app, request)
        try:
            return self.session_class(serializer.loads(sent, max_age=int(PRACTICE_LIFE.total_seconds())))
        except BadSignature:
            return self.session_class()


def install(app: Flask) -> None:
    """Let the application serve practice worlds too."""
    app.session_interface = CookieOfWorld()
    app.wsgi_app = Worlds(app.wsgi_app, app)  # type: ignore[method-assign]
