"""A real mail server to deliver to, and worlds with another way to send."""

from __future__ import annotations

import email.policy
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from sqlalchemy import select

from portal.interfaces.transport import SmtpTransport, Transport
from portal.models.mail import OutboxMail
from portal.worlds import World


@dataclass
class Postbox:
    """What arrived, and which recipients are refused with which answer."""

    arrived: list[EmailMessage] = field(default_factory=list)
    refused: Mapping[str, str] = field(default_factory=dict)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.arrived.append(message)
        return "250 OK"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def mail_server(**options: Any) -> Iterator[tuple[Postbox, str]]:
    """A mail server on a free port: its postbox, and its address as host:port."""
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield box, f"127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def sending_by(world: World, transport: Transport | str) -> World:
    """The same world with another transport; an address is that of a mail server."""
    return replace(world, transport=SmtpTransport(transport) if isinstance(transport, str) else transport)


def outbox(world: World) -> list[OutboxMail]:
    with world.db.session(writes=False) as session:
        return list(session.scalars(select(OutboxMail).order_by(OutboxMail.id)))
