"""Keeping secrets out of the web server's log: an address with a token in it is written there without it.

The web server writes its line once the answer is there, from what it handed us: so what it handed us is changed then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

WITH_TOKEN = re.compile(r"/(agenda|akkoord/dag|akkoord|stand|trainer|wachtwoord)/[^/?#\s]+")
PLACES = ("RAW_URI", "REQUEST_URI", "PATH_INFO", "HTTP_REFERER")
"""Where an address stands in what the web server hands over."""


def without_token(address: str) -> str:
    """An address with its token taken out."""
    return WITH_TOKEN.sub(r"/\1/-", address)


class Unlogged:
    """A web application of which no token comes into the web server's log."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            return self._app(environ, start_response)  # type: ignore[no-any-return]
        finally:
            for place in PLACES:
                if isinstance(environ.get(place), str):
                    environ[place] = without_token(environ[place])
