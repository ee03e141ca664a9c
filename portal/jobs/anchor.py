"""Anchoring the event chain at night: where its end is, written down where who changes the database has no say.

A chain that was made anew as a whole holds by itself; it no longer holds what was written down before.
"""

from __future__ import annotations

from datetime import datetime

from portal.commands.mail import send_anchor
from portal.interfaces import anchors
from portal.interfaces.anchors import Anchor
from portal.jobs.telling import Told, told
from portal.queries.chain import head_of, verify_anchors
from portal.worlds import World


class ChainIsNotAsItWas(Exception):
    """An anchor of before is not in the chain any more."""


def run(world: World, at: datetime) -> Told:
    """Hold the chain against every anchor that is kept, then write down the new one and mail it."""
    folder, addresses = world.settings.anchors, world.settings.anchor_mail
    with world.db.transaction() as session:
        failed = verify_anchors(session, anchors.kept_in(folder))
        if failed is not None:
            raise ChainIsNotAsItWas(f"{failed.anchor}: {failed.why}")
        head = head_of(session)
        if head is None:
            return []
        anchor = Anchor(at, *head)
        anchors.append(folder, anchor)
        send_anchor(session, addresses, str(anchor), at)
    return told("anchored", place=anchor.place, mailed=len(addresses))
