"""The scanner client, against a small server that speaks clamd's protocol on a real socket."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.interfaces.files import ClamdScanner, FileRefused, ScannerUnavailable, take_in
from tests import sample_files


class FakeClamd:
    """Accepts INSTREAM, finds EICAR, and can be told to answer something else or to hang up early."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.received: list[bytes] = []
        self.answer: bytes | None = None
        self.size_limit = 30_000_000
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                self.handle(stream)

    def handle(self, stream) -> None:  # type: ignore[no-untyped-def]
        assert stream.read(10) == b"zINSTREAM\0"
        data = b""
        while size := int.from_bytes(stream.read(4), "big"):
            data += stream.read(size)
            if len(data) > self.size_limit:
                stream.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.received.append(data)
        found = b"stream: Eicar-Signature FOUND\0" if sample_files.EICAR in data else b"stream: OK\0"
        stream.write(found if self.answer is None else self.answer)

    def stop(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


@pytest.fixture
def clamd() -> Iterator[FakeClamd]:
    server = FakeClamd(socket.create_server(("127.0.0.1", 0)))
    yield server
    server.stop()


@pytest.fixture
def scanner(clamd: FakeClamd) -> ClamdScanner:
    return ClamdScanner(f"127.0.0.1:{clamd.listener.getsockname()[1]}", timeout=5)


def test_a_clean_file_arrives_whole_and_passes(clamd: FakeClamd, scanner: ClamdScanner) -> None:
    data = bytes(range(256)) * 1000
    scanner.scan(data)
    scanner.scan(b"")
    assert clamd.received == [data, b""]


def test_a_virus_is_refused_by_its_name(scanner: ClamdScanner) -> None:
    with pytest.raises(FileRefused) as refused:
        scanner.scan(b"xx" + sample_files.EICAR)
    assert (refused.value.code, refused.value.detail) == ("file_infected", "Eicar-Signature")


def test_a_unix_socket_works_too(tmp_path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "clamd.ctl"))
    listener.listen()
    server = FakeClamd(listener)
    try:
        ClamdScanner(str(tmp_path / "clamd.ctl")).scan(b"bon")
        assert server.received == [b"bon"]
    finally:
        server.stop()


@pytest.mark.parametrize("answer", [b"", b"stream: broken ERROR\0", b"UNKNOWN COMMAND\0", b"x" * 9000, b"\xff\0"])
def test_a_strange_answer_is_no_verdict(clamd: FakeClamd, scanner: ClamdScanner, answer: bytes) -> None:
    clamd.answer = answer
    with pytest.raises(ScannerUnavailable):
        scanner.scan(b"bon")


def test_hanging_up_over_the_size_limit_is_no_verdict(clamd: FakeClamd, scanner: ClamdScanner) -> None:
    clamd.size_limit = 1000
    with pytest.raises(ScannerUnavailable):
        scanner.scan(bytes(5_000_000))


def test_silence_is_no_verdict() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        scanner = ClamdScanner(f"127.0.0.1:{listener.getsockname()[1]}", timeout=0.1)
        with pytest.raises(ScannerUnavailable, match="timed out"):
            scanner.scan(b"bon")


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nowhere/clamd.ctl"])
def test_no_scanner_there_is_no_verdict(address: str) -> None:
    with pytest.raises(ScannerUnavailable):
        ClamdScanner(address).scan(b"bon")


@pytest.mark.parametrize("address", ["", "localhost", "localhost:", "localhost:clamd"])
def test_a_wrong_address_is_noticed_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        ClamdScanner(address)


def test_the_gate_uses_it(clamd: FakeClamd, scanner: ClamdScanner) -> None:
    clamd.answer = b"stream: Win.Test FOUND\0"
    with pytest.raises(FileRefused) as refused:
        take_in(sample_files.jpeg(), "bon.jpg", scanner)
    assert (refused.value.code, refused.value.name) == ("file_infected", "bon.jpg")
