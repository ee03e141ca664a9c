"""The static files: few and small, so they are kept in memory and answered like any page.

(Flask's own way streams them from disk, which compression can only handle chunk by chunk.)
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from mimetypes import guess_type
from pathlib import Path

from flask import Flask, Response, abort, request

from portal.access import ANYONE, open_to

FOLDER = Path(__file__).parents[1] / "static"
YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One static file. `version` changes with the content."""

    content: bytes
    media_type: str
    version: str


def _asset(name: str, content: bytes) -> Asset:
    media_type = guess_type(name)[0] or "application/octet-stream"
    return Asset(content, media_type, hashlib.sha256(content).hexdigest()[:10])


def _read() -> dict[str, bytes]:
    """Every file by its name. The stylesheet is written in parts, and asked for as one."""
    files = {file.relative_to(FOLDER).as_posix(): file.read_bytes() for file in FOLDER.rglob("*.*")}
    parts = sorted(name for name in files if name.startswith("style/"))
    return {"portal.css": b"".join(files.pop(name) for name in parts), **files}


ASSETS = {name: _asset(name, content) for name, content in _read().items()}


def static_url(name: str) -> str:
    """The address of a static file; it changes with the content, so browsers may keep it for a year."""
    # Put together here: a page has dozens of icons, and `url_for` is slow.
    return f"{request.script_root}/static/{name}?v={ASSETS[name].version}"


@open_to(ANYONE)
def serve(name: str) -> Response:
    """One static file. A name that is not in the list does not exist."""
    asset = ASSETS.get(name) or abort(HTTPStatus.NOT_FOUND)
    response = Response(asset.content, content_type=asset.media_type)
    response.headers["Cache-Control"] = YEAR if request.args.get("v") == asset.version else "no-cache"
    response.set_etag(asset.version)
    response.make_conditional(request)
    return response


def install(app: Flask) -> None:
    """Give the files their address."""
    app.add_url_rule("/static/<path:name>", "static", serve)
