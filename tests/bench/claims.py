"""One client that takes whole claims from the first draft to the payment run, on the portal and on the bare stack.

Both walks make the same requests in the same order: begin, look at the form, save it with a receipt, review, submit;
open the mail link and approve; take the next case, look at it, finish the check; and at the end look at the dossier.
A batch is released after every so many claims, which adds two requests for all of them together.
"""

from __future__ import annotations

import hmac
import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from tests.bench.browser import Person, Sends, Unexpected

LINE_KEY = re.compile(r'name="lines-0-key"[^>]*value="(\w+)"')
TICK = re.compile(r'name="(tick-[^"]+)"')
PAYABLE = re.compile(r'name="payable" value="(\d+)"')


def reader(url: str) -> Callable[[str], str]:
    """A way to read one value from the database: what the reader of a mail has, the client fetches here."""
    if url.startswith("sqlite"):
        lite = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=30)
        return lambda statement: str(lite.execute(statement).fetchone()[0])
    import psycopg  # noqa: PLC0415 - not needed on SQLite, and slow to import

    grown = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    return lambda statement: str(grown.execute(statement).fetchone()[0])  # type: ignore[index]


def one_of_a_kind(receipt: bytes, number: int) -> bytes:
    """The same ticket with another price, or the same picture with some bytes behind it."""
    mine = b"%5d" % number
    return receipt.replace(b"21,40", mine) if receipt.startswith(b"%PDF") else receipt + mine


@dataclass
class Client(ABC):
    """One client with its people. `number` sets it apart from the other clients."""

    number: int
    connection: Sends
    ask: Callable[[str], str]
    receipt: bytes
    day: str
    link_key: bytes
    password: str
    people: dict[str, Person] = field(default_factory=dict)
    claims: int = 0

    @abstractmethod
    def sign_in(self) -> None:
        """Everybody who signs in does so."""

    @abstractmethod
    def claim(self) -> str:
        """One claim up to and including the check. Returns the address of its dossier."""


class PortalClient(Client):
    """Walks through the portal."""

    def sign_in(self) -> None:
        """The three who sign in; who decides by mail does not."""
        # Each client has a municipality of its own, so that no two treasurers release the same payments.
        self.municipality = f"gemeente{self.number}"
        names = {
            "employee": f"e{self.number * 30 + 5}",
            "clerk": f"clerk{self.number}",
            "treasurer": f"treasurer{self.number}",
        }
        for role, name in names.items():
            self.people[role] = Person(self.connection)
            self.people[role].sign_in(name, self.password)
        self.people["treasurer"].get(f"/betalingen/{self.municipality}")
        self.people["manager"] = Person(self.connection)

    def claim(self) -> str:
        """One claim up to and including the check. Returns the address of its dossier."""
        dossier, case_id = self._submit()
        nonce = self.ask(f"SELECT nonce FROM mail_link WHERE case_id = {int(case_id)} AND ended IS NULL")  # noqa: S608
        token = f"{nonce}.{hmac.new(self.link_key, nonce.encode(), sha256).hexdigest()[:40]}"
        manager = self.people["manager"]
        manager.get(f"/akkoord/{token}")
        manager.post(f"/akkoord/{token}", {"decision": "approve"})
        clerk = self.people["clerk"]
        bench = clerk.post("/werkvoorraad/volgende", {}).location
        ticks = dict.fromkeys(TICK.findall(clerk.get(bench).text), "1")
        clerk.post(bench, {**ticks, "checklist": "1", "do": "check"})
        return dossier

    def _submit(self) -> tuple[str, str]:
        employee = self.people["employee"]
        draft = employee.post("/zaken/nieuw/expense_claim", {}).location
        key = LINE_KEY.search(employee.get(draft).text)
        if key is None:
            raise Unexpected("the form has no line")
        # No claim like another, nor its receipt: what looks like a duplicate waits for the clerk's word.
        self.claims += 1
        price = f"{12 + self.claims // 100},{self.claims % 100:02}"
        receipt = one_of_a_kind(self.receipt, self.number * 1000 + self.claims)
        typed = {
            "purpose": "Zitting in Utrecht", "cost_centre": "1100", "lines-0-key": key[1],
            "lines-0-category": "parking", "lines-0-date": self.day, "lines-0-description": "Parkeren",
            "lines-0-amount": price, "lines-1-key": "drive", "lines-1-category": "own_car",
            "lines-1-date": self.day, "lines-1-description": "Bezoek", "lines-1-origin": "Waterveen",
            "lines-1-destination": "Duinrade", "lines-1-km": str(84 + self.claims), "do": "review",
        }  # fmt: skip
        review = employee.upload(draft, typed, "lines-0-receipt", receipt).location
        employee.get(review)
        return employee.post(f"{draft}/indienen", {}).location, draft.rpartition("/")[2]

    def release(self, most: int) -> None:
        """One batch of payments of this client's own municipality."""
        treasurer, address = self.people["treasurer"], f"/betalingen/{self.municipality}"
        chosen = PAYABLE.findall(treasurer.get(address).text)[:most]
        if chosen:
            treasurer.post(address, {"payable": chosen})

    def look(self, dossier: str) -> None:
        """Look at the dossier."""
        self.people["employee"].get(dossier)


class BareClient(Client):
    """Walks through the bare stack, by the same number of requests."""

    def sign_in(self) -> None:
        """Nobody signs in: a cookie says who it is."""
        for place, role in enumerate(("employee", "clerk", "treasurer", "manager")):
            self.people[role] = Person(self.connection)
            self.people[role].cookies["who"] = str(self.number * 4 + place + 1)

    def claim(self) -> str:
        """One claim up to and including the check. Returns its address."""
        employee, manager, clerk = (self.people[role] for role in ("employee", "manager", "clerk"))
        draft = employee.post("/claims", {}).location
        employee.get(draft)
        typed = {"title": "Zitting in Utrecht", "description": "Parkeren", "cents": "1250"}
        employee.get(employee.upload(draft, typed, "receipt", self.receipt).location)
        dossier = employee.post(f"{draft}/submit", {}).location
        number = int(draft.rpartition("/")[2])
        nonce = self.ask(f"SELECT nonce FROM link WHERE claim_id = {number}")  # noqa: S608
        manager.get(f"/link/{nonce}")
        manager.post(f"/link/{nonce}", {})
        bench = clerk.post("/next", {}).location
        clerk.get(bench)
        clerk.post(bench, {})
        return dossier

    def release(self, most: int) -> None:
        """One batch of payments."""
        chosen = self.people["treasurer"].get(f"/pay?of={self.number * 4 + 1}").text.split()[:most]
        if chosen:
            self.people["treasurer"].post("/pay", {"payable": chosen})

    def look(self, dossier: str) -> None:
        """Look at the claim."""
        self.people["employee"].get(dossier)


KINDS: dict[str, Any] = {"portal": PortalClient, "bare": BareClient}
