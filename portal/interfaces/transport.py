"""How a mail leaves: by SMTP, or into the tray of a demo. Standard library only."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

TIMEOUT = 20
"""Seconds to wait for the mail server."""


class TransportError(Exception):
    """The mail was not accepted. `final` is true when trying again is of no use."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


class Transport(Protocol):
    """Takes a message over, or raises TransportError."""

    def deliver(self, message: EmailMessage) -> None: ...


class TrayTransport:
    """Takes everything over and does nothing: the outbox itself is the tray people look in."""

    def deliver(self, message: EmailMessage) -> None:
        """Nothing leaves the house."""


class SmtpTransport:
    """An SMTP server: smtp://user:password@host:587 uses STARTTLS where offered, smtps:// TLS from the start."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._tls else 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")

    def deliver(self, message: EmailMessage) -> None:
        """Hand the message to the server. A refusal of the recipient is final, anything else may pass."""
        try:
            with self._connect() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            final = all(500 <= code < 600 for code, _ in error.recipients.values())
            raise TransportError(str(error), final=final) from error
        except (smtplib.SMTPException, OSError) as error:
            raise TransportError(f"{type(error).__name__}: {error}") from error

    def _connect(self) -> smtplib.SMTP:
        if self._tls:
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
        try:
            self._enter(server)
        except BaseException:
            server.close()
            raise
        return server

    def _enter(self, server: smtplib.SMTP) -> None:
        """Make the connection private where that is offered, and sign in where that is asked."""
        if not self._tls and server.ehlo()[0] == 250 and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        if self._user:
            server.login(self._user, self._password)
