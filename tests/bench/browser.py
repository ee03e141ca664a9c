"""A light HTTP client, by which several people act, each with their own cookies.

It asks for compressed pages and unpacks them, as browsers do, and follows no redirect by itself. Every request has a
connection of its own, as from a proxy in front of the server: a few that are kept would all end up with one worker.
"""

from __future__ import annotations

import gzip
import http.client
import re
import secrets
from collections.abc import Mapping
from email.message import Message
from typing import Protocol
from urllib.parse import urlencode

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


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
    """The way to one server, which counts its requests."""

    def __init__(self, port: int) -> None:
        self.port, self.requests = port, 0
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """One request and its whole answer."""
        self.connection.request(method, path, body, {**headers, "Connection": "close"})
        response = self.connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        self.connection.close()
        self.requests += 1
        return answer


class Sends(Protocol):
    """What requests go through: a connection to a server, or an application in this process."""

    requests: int

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """One request and its whole answer."""
        ...


class Person:
    """Somebody with cookies of their own, and the form token of the last page they saw."""

    def __init__(self, connection: Sends) -> None:
        self.connection, self.token = connection, ""
        self.cookies: dict[str, str] = {}

    def get(self, path: str, expect: int = 200) -> Answer:
        return self._checked(self._send("GET", path, None, {}), expect, path)

    def post(self, path: str, fields: Mapping[str, str | list[str]], expect: int = 302) -> Answer:
        body = urlencode({"csrf_token": self.token, **fields}, doseq=True).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._checked(self._send("POST", path, body, kind), expect, path)

    def upload(self, path: str, fields: Mapping[str, str], name: str, content: bytes, expect: int = 302) -> Answer:
        """A form with one file in it, a picture or a PDF."""
        file, media_type = ("bon.pdf", "application/pdf") if content[:4] == b"%PDF" else ("bon.jpg", "image/jpeg")
        line = secrets.token_hex(12)
        parts = [
            f'--{line}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in {"csrf_token": self.token, **fields}.items()
        ]
        parts.append(
            f'--{line}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
            f"Content-Type: {media_type}\r\n\r\n".encode()
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
