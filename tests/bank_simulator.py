"""A bank to talk to: the independent simulator mock-bank, running in this process on a free port.

It takes the payment file over HTTP like any client's, decides on every payment, and moves its own clock, so a
return three days later is one line in a test. It keeps these accounts from the start:

    OUR_ACCOUNT       pays; EUR 125 000.00
    CLOSED_ACCOUNT    a payment to it is refused, AC04
    NO_SUCH_BANK      a payment to it is refused, RC01
    POOR_ACCOUNT      pays only up to EUR 12.50, then AM04

Any other valid account number belongs to another bank: a payment to it is accepted and settles.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from http.client import HTTPConnection
from typing import Any

from mockbank import Config, make_server

OUR_ACCOUNT = "NL41MOCK0000000001"
POOR_ACCOUNT = "NL14MOCK0000000002"
CLOSED_ACCOUNT = "NL84MOCK0000000003"
NO_SUCH_BANK = "NL57MOCK0000000004"
ELSEWHERE = "NL30MOCK0000000005"

TUESDAY_MORNING = datetime(2026, 11, 24, 9, 0)  # noqa: DTZ001 - the simulator's own clock, in Dutch time


class Bank:
    """What a test does with the bank. Amounts are euro cents."""

    def __init__(self, host: str, port: int) -> None:
        self.address = f"http://{host}:{port}"
        self._place = (host, port)
        self._read: set[int] = set()

    def submit(self, payment_file: bytes) -> bytes:
        """Send a pain.001; the answer is a pain.002, or nothing (b"") from an account set to "silent"."""
        self._call("POST", "/payments", payment_file, expect=(202, 422))
        reports = self._messages("pain.002")
        return reports[-1] if reports else b""

    def advance(self, days: int) -> date:
        """Let calendar days pass. Payments settle at their date; a day's statement comes after midnight."""
        self._call("POST", f"/_mock/advance?days={days}")
        return self.today()

    def today(self) -> date:
        """The day it is at the bank."""
        return date.fromisoformat(self._call("GET", "/_mock/state")["clock"]["date"])

    def statements(self, iban: str | None = None) -> list[bytes]:
        """The camt.053 files not handed out before: one for every open account and working day."""
        return self._messages("camt.053", iban)

    def notifications(self, iban: str | None = None) -> list[bytes]:
        """The camt.054 files not handed out before: what was booked, on the day itself."""
        return self._messages("camt.054", iban)

    def status_reports(self) -> list[bytes]:
        """Later pain.002 files, for instance when our account was closed before the payment date."""
        return self._messages("pain.002")

    def open_account(self, iban: str, name: str, cents: int = 100_000_000) -> None:
        """Keep an account for one more municipality."""
        self._set(iban, name=name, balance=cents, behaviour="accept", closed=False)

    def close_account(self, iban: str) -> None:
        """From now on a payment to (or from) this account is refused, AC04."""
        self._set(iban, behaviour="closed-account", closed=True)

    def forget_bank_of(self, iban: str) -> None:
        """From now on a payment to this account is refused, RC01."""
        self._set(iban, behaviour="bad-bank-id")

    def return_later(self, payer: str, end_to_end_id: str = "", days: int = 2, reason: str = "AC04") -> None:
        """Payments from this account (or the one named) come back some working days after they settled.

        Set before the file is sent.
        """
        parameters = {"days": days, "reason": reason}
        named = {"end_to_end_id": end_to_end_id} if end_to_end_id else {}
        self._set(payer, behaviour="return-later", parameters=parameters | named)

    def behave(self, iban: str, behaviour: str) -> None:
        """Any other behaviour of the simulator: "silent", "reject-file", "statement-gap", "accept"."""
        self._set(iban, behaviour=behaviour)

    def receive(self, iban: str, cents: int, note: str, payer: str = "Somebody") -> None:
        """Money from outside comes in to one of the bank's accounts."""
        account = self._account(iban)["id"]
        credit = {"account": account, "amount": cents, "note": note}
        self._post_json("POST", "/_mock/credits", credit | {"debtor": {"name": payer, "iban": ELSEWHERE}})

    def close_on(self, days: list[date]) -> None:
        """The days, besides weekends, on which the banks do not settle."""
        self._post_json("PUT", "/_mock/holidays", [day.isoformat() for day in days])

    def _messages(self, kind: str, iban: str | None = None) -> list[bytes]:
        account = self._account(iban)["id"] if iban else None
        new = [
            message
            for message in self._call("GET", f"/_mock/messages?type={kind}")
            if message["id"] not in self._read and account in (None, message["account"])
        ]
        self._read |= {message["id"] for message in new}
        return [message["body"].encode() for message in new]

    def _account(self, iban: str) -> dict[str, Any]:
        accounts = self._call("GET", "/_mock/accounts")
        return next((account for account in accounts if account["iban"] == iban), {})

    def _set(self, iban: str, **fields: object) -> None:
        known = self._account(iban)
        if known:
            self._post_json("PATCH", f"/_mock/accounts/{known['id']}", fields)
        else:
            number = len(self._call("GET", "/_mock/accounts"))
            self._post_json("POST", "/_mock/accounts", {"id": f"ACCOUNT{number}", "iban": iban, **fields})

    def _post_json(self, method: str, path: str, body: object) -> Any:
        return self._call(method, path, json.dumps(body).encode())

    def _call(self, method: str, path: str, body: bytes = b"", expect: tuple[int, ...] = (200, 201)) -> Any:
        connection = HTTPConnection(*self._place, timeout=30)
        try:
            connection.request(method, path, body or None)
            answer = connection.getresponse()
            content = answer.read().decode()
        finally:
            connection.close()
        assert answer.status in expect, f"{method} {path}: {answer.status} {content}"
        return json.loads(content)


@contextmanager
def running_bank(start: datetime = TUESDAY_MORNING) -> Iterator[Bank]:
    """A new bank, at this moment of Dutch time. What comes in before 15:00 can go the same day."""
    clock = start.strftime("%Y-%m-%dT%H:%M")
    server = make_server(Config(port=0, quiet=True, timezone="Europe/Amsterdam", clock=clock))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        host, port = server.server_address[:2]
        yield Bank(str(host), int(port))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
