"""Settings: one frozen dataclass, read from the environment and checked at start."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


class BadSetting(Exception):
    """A setting is missing or makes no sense; the message names it and says what to do."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between one installation and another."""

    instance: Path
    """The folder with the SQLite database, the documents and the bank's folders."""
    database_url: str
    secret_key: str
    base_url: str
    """The address people use, as it stands in mails; without a slash at the end."""
    smtp_url: str
    """smtp://user:password@host:port, smtps:// for TLS from the start; empty: mail is kept in the tray only."""
    mail_from: str
    ssc_mailbox: str
    """The functional mailbox of the SSC, which is told of work to do."""
    partnership: str
    demo: bool
    """A demo shows who can sign in, and the mail it would have sent. Never on real data."""
    proxies: int
    """How many trusted proxies stand in front (for the client's address)."""
    clamd: str
    """host:port of a clamd virus scanner; empty: uploads are not scanned."""

    bank_settle: int
    """For how many seconds a file in `bank_in` must have stayed as it is before it is taken for whole."""

    scan_settle: int
    """The same for a file in `scan_in`."""

    invoice_settle: int
    """The same for a file in `invoice_in`."""
    anchors: Path
    """The folder where the end of the event chain is written down every night; best on another machine."""
    anchor_mail: tuple[str, ...]
    """Whom it is mailed to as well, such as the municipalities' auditors."""

    @property
    def files(self) -> Path:
        return self.instance / "documents"

    @property
    def bank_out(self) -> Path:
        """Where released payment files are delivered."""
        return self.instance / "bank" / "out"

    @property
    def bank_in(self) -> Path:
        """Where the bank's answers are dropped."""
        return self.instance / "bank" / "in"

    @property
    def scan_in(self) -> Path:
        """Where scans of post are dropped."""
        return self.instance / "scans" / "in"

    @property
    def invoice_in(self) -> Path:
        """Where files with invoices are dropped."""
        return self.instance / "invoices" / "in"

    @property
    def secure(self) -> bool:
        """Whether people reach the portal by https only: cookies are marked so."""
        return self.base_url.startswith("https://")


def _secret(instance: Path) -> str:
    """The signing key of an installation that was given none: made once, kept in the instance folder."""
    file = instance / "secret_key"
    if not file.exists():
        instance.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32))
    return file.read_text().strip()


def _psycopg(url: str) -> str:
    """Accept the usual spellings of a PostgreSQL address."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    typed = env.get(name, str(default))
    if not typed.isdigit():
        raise BadSetting(f"{name}: give a number")
    return int(typed)


def _checked(settings: Settings) -> Settings:
    if len(settings.secret_key) < 32:
        raise BadSetting("SSC_SECRET_KEY: use at least 32 random characters")
    if urlsplit(settings.base_url).scheme not in ("http", "https"):
        raise BadSetting("SSC_BASE_URL: give the full address, such as https://portal.example.nl")
    if settings.smtp_url and urlsplit(settings.smtp_url).scheme not in ("smtp", "smtps"):
        raise BadSetting("SSC_SMTP_URL: begin with smtp:// or smtps://")
    if any("@" not in address for address in settings.anchor_mail):
        raise BadSetting("SSC_ANCHOR_MAIL: give mail addresses, with spaces between them")
    if not settings.database_url.startswith(("sqlite", "postgresql+psycopg")):
        raise BadSetting("SSC_DATABASE_URL: use sqlite:///… or postgresql://…")
    return settings


def from_environment(env: Mapping[str, str]) -> Settings:
    """Read the settings. Raises BadSetting when one makes no sense."""
    instance = Path(env.get("SSC_INSTANCE", "instance")).absolute()
    if not env.get("SSC_SECRET_KEY"):
        env = {**env, "SSC_SECRET_KEY": _secret(instance)}
    return _checked(
        Settings(
            instance=instance,
            database_url=_psycopg(env.get("SSC_DATABASE_URL") or f"sqlite:///{instance / 'portal.sqlite'}"),
            secret_key=env["SSC_SECRET_KEY"],
            base_url=env.get("SSC_BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
            smtp_url=env.get("SSC_SMTP_URL", ""),
            mail_from=env.get("SSC_MAIL_FROM", "portaal@ssc-vierstroom.example"),
            ssc_mailbox=env.get("SSC_MAILBOX", "declaraties@ssc-vierstroom.example"),
            partnership=env.get("SSC_PARTNERSHIP", "SSC Vierstroom"),
            demo=env.get("SSC_DEMO", "") == "1",
            proxies=_whole(env, "SSC_PROXIES", 0),
            clamd=env.get("SSC_CLAMD", ""),
            bank_settle=_whole(env, "SSC_BANK_SETTLE", 5),
            scan_settle=_whole(env, "SSC_SCAN_SETTLE", 5),
            invoice_settle=_whole(env, "SSC_INVOICE_SETTLE", 5),
            anchors=Path(env.get("SSC_ANCHORS") or instance / "anchors").absolute(),
            anchor_mail=tuple(env.get("SSC_ANCHOR_MAIL", "").replace(",", " ").split()),
        )
    )
