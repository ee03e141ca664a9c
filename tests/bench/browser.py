"""A light HTTP client: one kept-alive connection, over which several people act, each with their own cookies.

It asks for compressed pages and unpacks them, as browsers do, and follows no redirect by itself.
"""

from __future__ import annotations

import gzip
import http.client
import re
import secrets
import time
from collections.abc import Mapping
from email.message import Message
from urllib.parse import urlencode

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
IDLE = 1.5
"""Seconds after which the server may have let go of a connection that nobody used."""


class Unexpected(Exception):
    """An answer that does not fit the story."""


class Answer:
    """What came back, with how many bytes came over the wire."""

    def __init__(self, status: int, headers: Message, raw: bytes) -> None:
        self.status, self.headers, self.raw = status, headers, raw
        self.wire = len(raw) + len("HTTP/1.1 200 OK\r\n\r\n") + sum(len(f"{k}: {v}\r\n") for k, v in headers.items())

    @property
    def location(self) -> str:
        return self.headers["Location"] or ""

    @property
    def content(self) -> bytes:
        return gzip.decompress(self.raw) if self.headers["Content-Encoding"] == "gzip" else self.raw

    @property
    def text(self) -> str:
        return self.content.decode()


class Connection:
    """One kept-alive connection, which counts its requests."""

    def __init__(self, port: int) -> None:
        self.port, self.requests, self.used = port, 0, 0.0
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """One request and its whole answer."""
        if time.perf_counter() - self.used > IDLE:
            self.connection.close()
        self.connection.request(method, path, body, dict(headers))
        response = self.connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        self.requests, self.used = self.requests + 1, time.perf_counter()
        return answer


class Person:
    """Somebody with cookies of their own, and the form token of the last page they saw."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.token = connection, ""
        self.cookies: dict[str, str] = {}

    def get(self, path: str, expect: int = 200) -> Answer:
        return self._checked(self._send("GET", path, None, {}), expect, path)

    def post(self, path: str, fields: Mapping[str, str | list[str]], expect: int = 302) -> Answer:
        body = urlencode({"csrf_token": self.token, **fields}, doseq=True).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._checked(self._send("POST", path, body, kind), expect, path)

    def upload(self, path: str, fields: Mapping[str, str], name: str, content: bytes, expect: int = 302) -> Answer:
        """A form with one JPEG in it."""
        line = secrets.token_hex(12)
        parts = [
            f'--{line}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in {"csrf_token": self.token, **fields}.items()
        ]
        parts.append(
            f'--{line}\r\nContent-Disposition: form-data; name="{name}"; filename="bon.jpg"\r\n'
            f"Content-Type: image/jpeg\r\n\r\n".encode()
        )
        body = b"".join((*parts, content, f"\r\n--{line}--\r\n".encode()))
        kind = {"Content-Type": f"multipart/form-data; boundary={line}"}
        return self._checked(self._send("POST", path, body, kind), expect, path)

    def sign_in(self, username: str, password: str) -> None:
        """Sign in to the portal, and see the first page once for its form token."""
        self.get("/aanmelden")
        self.post("/aanmelden", {"username": username, "password": password})
        self.get("/")

    def _send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        sent = {"Accept-Encoding": "gzip", "Accept": "text/html", **headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.connection.send(method, path, body, sent)
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def _checked(self, answer: Answer, expect: int, path: str) -> Answer:
        if answer.status != expect:
            raise Unexpected(f"{path}: {answer.status} instead of {expect}\n{answer.text[:3000]}")
        is_page = (answer.headers["Content-Type"] or "").startswith("text/html")
        if is_page and (found := TOKEN.search(answer.text)):
            self.token = found[1]
        return answer
