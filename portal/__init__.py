"""How cases are run: the web, the jobs, the tables and the outside world. `create_app` puts the web together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.web.unit_of_work import Portal
    from portal.worlds import World


def create_app(world: World | None = None) -> Portal:
    """The web application of one world; by default the production world of the environment's settings."""
    # Imported here: the command line and the jobs use this package without loading the web.
    from flask_compress import Compress
    from werkzeug.middleware.proxy_fix import ProxyFix

    from portal import settings, worlds
    from portal.commands.sign_in import SESSION_LIFE
    from portal.interfaces.letters import TEMPLATES
    from portal.web import BLUEPRINTS, assets, doors, sent, shaping, unit_of_work, unlogged, warm
    from portal.web import worlds as practice

    serves = world is None
    world = world or worlds.production(settings.from_environment(os.environ))
    app = unit_of_work.Portal("portal", template_folder=str(TEMPLATES), static_folder=None)
    app.extensions["world"] = world
    app.config.update(
        SECRET_KEY=world.key("cookies").hex(),
        SESSION_COOKIE_NAME="portal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=world.settings.secure,
        PERMANENT_SESSION_LIFETIME=SESSION_LIFE,
        # A session lasts so long from when one signed in, however often one comes by: nothing to write each time.
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=16 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=2000,
        TEMPLATES_AUTO_RELOAD=False,
        WTF_CSRF_TIME_LIMIT=None,
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_LEVEL=3,
        COMPRESS_STREAMS=False,
    )
    practice.install(app)
    if world.settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=world.settings.proxies, x_proto=world.settings.proxies)  # type: ignore[method-assign]
    app.wsgi_app = unlogged.Unlogged(app.wsgi_app)  # type: ignore[method-assign]
    Compress(app)
    doors.install(app)
    sent.install(app)
    shaping.install(app)
    assets.install(app)
    app.teardown_request(unit_of_work.close)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if serves:
        warm.up(app)
    return app
