"""The demo's bank: an independent simulator (mock-bank) that reads the outgoing folder and answers in the incoming.

Each payment file gets a status report soon and a statement a little later, as a real bank would give it over days.
A payment to CLOSED_ACCOUNT is refused. Needs the package mock-bank, which a production installation does not have.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from mockbank import Config, make_server

from portal.clock import AMSTERDAM
from portal.jobs.bank_folder import write_whole
from portal.worlds import World

CLOSED_ACCOUNT = "NL84MOCK0000000003"
DAYS_AHEAD = 5
"""How far the bank's clock is moved on, so that the payment is on a statement: over any weekend."""


def run(world: World, accounts: Mapping[str, str], stop: threading.Event, wait: float = 10.0) -> None:
    """Answer every file in the outgoing folder, until told to stop. `accounts` are the municipalities' IBANs by name.

    `wait` is the number of seconds between the status report and the statement.
    """
    answered = world.settings.bank_out / "answered"
    answered.mkdir(parents=True, exist_ok=True)
    while not stop.wait(1.0):
        for file in sorted(world.settings.bank_out.glob("*.xml")):
            if not (answered / file.name).exists():
                _answer(world, file, accounts, stop, wait)
                (answered / file.name).touch()


def _answer(world: World, file: Path, accounts: Mapping[str, str], stop: threading.Event, wait: float) -> None:
    paying = [iban for iban in accounts if iban.encode() in file.read_bytes()]
    with Simulator(world.clock.now(), {iban: accounts[iban] for iban in paying}) as bank:
        bank.pay(file.read_bytes())
        _drop(world, file, "status", bank.messages("pain.002"))
        stop.wait(wait)
        bank.advance(DAYS_AHEAD)
        _drop(world, file, "statement", [m for m in bank.messages("camt.053") if b"<Ntry>" in m])


def _drop(world: World, file: Path, kind: str, messages: Sequence[bytes]) -> None:
    folder = world.settings.bank_in
    folder.mkdir(parents=True, exist_ok=True)
    for number, message in enumerate(messages):
        write_whole(folder / f"{file.stem}-{kind}-{number}.xml", message)


class Simulator:
    """One bank, made for one payment file, at this moment."""

    def __init__(self, at: datetime, accounts: Mapping[str, str]) -> None:
        clock = at.astimezone(AMSTERDAM).strftime("%Y-%m-%dT%H:%M")
        self._server = make_server(Config(port=0, quiet=True, timezone="Europe/Amsterdam", clock=clock))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._accounts = accounts

    def __enter__(self) -> Simulator:
        self._thread.start()
        known = {account["iban"] for account in self._call("GET", "/_mock/accounts")}
        for number, (iban, name) in enumerate(self._accounts.items()):
            if iban not in known:
                account = {
                    "id": f"SSC{number}",
                    "iban": iban,
                    "name": name,
                    "balance": 10**9,
                    "behaviour": "accept",
                }
                self._call("POST", "/_mock/accounts", json.dumps({**account, "closed": False}).encode())
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def pay(self, file: bytes) -> None:
        """Hand in a payment file."""
        self._call("POST", "/payments", file)

    def advance(self, days: int) -> None:
        """Let days pass at the bank."""
        self._call("POST", f"/_mock/advance?days={days}")

    def messages(self, kind: str) -> list[bytes]:
        """The messages of one kind the bank has made."""
        return [message["body"].encode() for message in self._call("GET", f"/_mock/messages?type={kind}")]

    def _call(self, method: str, path: str, body: bytes | None = None) -> Any:
        host, port = self._server.server_address[:2]
        connection = HTTPConnection(str(host), int(port), timeout=30)
        try:
            connection.request(method, path, body)
            return json.loads(connection.getresponse().read() or b"null")
        finally:
            connection.close()
