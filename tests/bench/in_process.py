"""An application called in this process, without a server: what is timed is the application and its database alone."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.message import Message
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import unquote

from tests.bench.browser import Answer


class InProcess:
    """Stands in for a connection. `seconds` holds how long each request took, its answer read to the end."""

    def __init__(self, app: Any) -> None:
        self.app, self.requests = app, 0
        self.seconds: list[float] = []

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """One request and its whole answer."""
        environ = _environ(method, path, body or b"", headers)
        said: list[Any] = []
        began = time.perf_counter()
        parts = self.app(environ, lambda status, head, _=None: said.append((status, head)))
        raw = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        self.seconds.append(time.perf_counter() - began)
        self.requests += 1
        message = Message()
        for name, value in said[0][1]:
            message[name] = value
        return Answer(int(said[0][0].split()[0]), message, raw)


def _environ(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": unquote(path), "QUERY_STRING": query, "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "HTTP_HOST": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": BytesIO(body),
        "wsgi.errors": StringIO(), "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(body)),
    }  # fmt: skip
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ
