"""A mail as its reader sees it, on a page: in the tray of a demo, and in that of a seat in a workshop."""

from __future__ import annotations

from portal.interfaces.letters import addressed
from portal.models.mail import OutboxMail
from portal.queries.bundles import bundles_of
from portal.queries.mail import links_of
from portal.web import unit_of_work as uow
from portal.worlds import BUNDLE


def as_read(mail: OutboxMail, base: str) -> str:
    """The text with links that work, which begin with `base`."""
    session, world = uow.session(), uow.world()
    tokens = {link.id: world.link_token(link.nonce) for link in links_of(session, [mail]).values()}
    day = bundles_of(session, [mail]).get(mail.bundle_id or 0)
    text = day.text(mail) if day and not mail.part else mail.text
    bundle = world.link_token(day.nonce, BUNDLE) if day else ""
    return addressed(text, base, tokens, world.account_token, bundle, world.status_token)
