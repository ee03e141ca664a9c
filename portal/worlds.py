"""A world is one database, one clock, one store of documents and one mail transport. Production is a world."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from pathlib import Path

from portal.clock import Clock, SystemClock
from portal.db import Database
from portal.interfaces.files import FileStore
from portal.interfaces.transport import SmtpTransport, Transport, TrayTransport
from portal.settings import Settings

DECIDE, ACCOUNT, COVER, BUNDLE = "mail link", "account link", "cover sheet", "bundle"
FEED = "calendar feed"
STATUS = "status for somebody outside"
TRAINER_LINK = "trainer of a workshop"
"""What a mailed link or a printed code is for; each purpose has a key of its own."""


@dataclass(frozen=True)
class Practice:
    """What makes a world one to practise in: a round of a workshop, in a folder of its own."""

    code: str
    folder: Path
    """The folder of the whole workshop, all rounds together."""
    round: int
    title: str

    @property
    def prefix(self) -> str:
        """Where its pages begin, behind the address of the portal itself."""
        return f"/oefening/{self.code}"


@dataclass(frozen=True)
class World:
    """Everything that code needs of its surroundings, put together in one place."""

    name: str
    settings: Settings
    db: Database
    clock: Clock
    files: FileStore
    transport: Transport
    wall: Clock = field(default_factory=SystemClock)
    """The time on the wall, which in a practice world is another than that of its story."""
    practice: Practice | None = None
    """None in production."""

    def key(self, purpose: str) -> bytes:
        """A signing key of this world alone, for one purpose: what is signed here means nothing in another world."""
        secret = self.settings.secret_key.encode()
        return hmac.new(secret, f"{self.name}:{purpose}".encode(), hashlib.sha256).digest()

    def link_token(self, nonce: str, purpose: str = DECIDE) -> str:
        """The token of a mailed link: its nonce and a keyed hash of it, good for one purpose."""
        mac = hmac.new(self.key(purpose), nonce.encode(), hashlib.sha256).hexdigest()[:40]
        return f"{nonce}.{mac}"

    def account_token(self, nonce: str) -> str:
        """The token of a link to choose a password."""
        return self.link_token(nonce, ACCOUNT)

    def status_token(self, number: str) -> str:
        """The token of the page that tells somebody outside how far the case of this number is."""
        return self.link_token(number, STATUS)

    def nonce_of(self, token: str, purpose: str = DECIDE) -> str | None:
        """The nonce of a token that this world signed for this purpose, else None."""
        nonce, _, _ = token.partition(".")
        return nonce if hmac.compare_digest(token.encode(), self.link_token(nonce, purpose).encode()) else None


def production(settings: Settings, clock: Clock | None = None, transport: Transport | None = None) -> World:
    """The world of the settings."""
    settings.instance.mkdir(parents=True, exist_ok=True)
    chosen: Transport = SmtpTransport(settings.smtp_url) if settings.smtp_url else TrayTransport()
    return World(
        name="production",
        settings=settings,
        db=Database(settings.database_url),
        clock=clock or SystemClock(),
        files=FileStore(settings.files),
        transport=transport or chosen,
    )
