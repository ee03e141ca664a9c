"""A virus scanner behind a seam: the portal works without one, and says so where that matters.

`ClamdScanner` speaks the INSTREAM command of ClamAV's daemon (man clamd(8), "INSTREAM"): the file goes over a
socket in length-prefixed chunks, so the daemon needs no right to read our files and may run on another host.
"""

import contextlib
import socket
from typing import Protocol

from portal.interfaces.files.refusal import FileRefused

_CHUNK = 64 * 1024
_LONGEST_REPLY = 4096


class Scanner(Protocol):
    """Anything that can look into a file: raises `FileRefused("file_infected")` or `ScannerUnavailable`."""

    def scan(self, data: bytes) -> None: ...


class ScannerUnavailable(RuntimeError):
    """The scanner gave no verdict. The file is not known to be clean: try again later, do not take it in."""


class ClamdScanner:
    """Client for clamd at "host:port" or at the path of a unix socket; `timeout` in seconds per step."""

    def __init__(self, address: str, timeout: float = 10.0) -> None:
        """Raises ValueError for an address that is neither: a typing error must show at start, not per upload."""
        self._address = address
        self._timeout = timeout
        self._host, _, port = address.rpartition(":")
        self._port = 0 if address.startswith("/") else int(port)

    def scan(self, data: bytes) -> None:
        """Returns when clean; else `FileRefused` with the signature in `detail`, or `ScannerUnavailable`."""
        try:
            reply = self._instream(data)
        except OSError as error:
            raise ScannerUnavailable(f"clamd at {self._address}: {error}") from error
        if reply.endswith(" FOUND"):
            raise FileRefused("file_infected", detail=reply.removeprefix("stream: ").removesuffix(" FOUND"))
        if reply != "stream: OK":
            raise ScannerUnavailable(f"clamd at {self._address}: {reply or 'no reply'}")

    def _instream(self, data: bytes) -> str:
        with self._connect() as connection:
            # Over its size limit clamd answers and hangs up while we still send: the answer is what counts.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(b"zINSTREAM\0")
                for at in range(0, len(data), _CHUNK):
                    chunk = data[at : at + _CHUNK]
                    connection.sendall(len(chunk).to_bytes(4, "big") + chunk)
                connection.sendall(bytes(4))
            return _reply(connection)

    def _connect(self) -> socket.socket:
        if not self._address.startswith("/"):
            return socket.create_connection((self._host, self._port), self._timeout)
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(self._timeout)
            connection.connect(self._address)
        except OSError:
            connection.close()
            raise
        return connection


def _reply(connection: socket.socket) -> str:
    """One reply, which clamd ends with a zero byte because the command began with "z"."""
    reply = b""
    while not reply.endswith(b"\0") and len(reply) < _LONGEST_REPLY and (part := connection.recv(1024)):
        reply += part
    return reply.rstrip(b"\0\n").decode("utf-8", "replace")
