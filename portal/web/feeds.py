"""The address at which a calendar fetches leave: no sign-in, a secret token, and nothing kept of who asked."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import ANYONE, EMPLOYEE, open_to
from portal.commands import calendar_feeds as commands
from portal.interfaces.ics import calendar_file
from portal.queries.calendar_feeds import feed_of, feeds_of, own_events, team_events
from portal.queries.people import viewer_of
from portal.web import unit_of_work as uow
from portal.worlds import FEED
from workflows.parties import N_

bp = Blueprint("feeds", __name__)

WHICH = {"mijn": False, "team": True}
"""What an address is of, by the word in the form."""


def addresses() -> dict[str, str]:
    """One's own addresses that work, whole, by the word for what they are of."""
    found = feeds_of(uow.session(), uow.viewer().person_id)
    base = uow.world().settings.base_url.rstrip("/")
    return {
        word: f"{base}{url_for('feeds.calendar', token=uow.world().link_token(found[team].nonce, FEED))}"
        for word, team in WHICH.items()
        if team in found
    }


bp.add_app_template_global(addresses, "calendar_addresses")


@bp.get("/agenda/<token>.ics")
@open_to(ANYONE)
def calendar(token: str) -> ResponseReturnValue:
    """The calendar of this address. An address that never was, was revoked, or whose owner left, does not exist."""
    session, today = uow.session(), uow.today()
    nonce = uow.world().nonce_of(token, FEED)
    feed = feed_of(session, nonce, today) if nonce else None
    if feed is None:
        abort(HTTPStatus.NOT_FOUND)
    host = urlsplit(uow.world().settings.base_url).hostname or "localhost"
    with i18n.reading_in(feed.person.language):
        if feed.team:
            events = team_events(session, viewer_of(session, feed.person, today), today, host)
            name = i18n.gettext(N_("Who is away in my team"))
        else:
            events = own_events(session, feed.person, today, host)
            name = i18n.gettext(N_("My leave"))
        partnership = uow.world().settings.partnership
        content = calendar_file(name, events, product=f"-//{partnership}//SSC portal//{i18n.language().upper()}")
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="verlof.ics"'
    # To be kept, but asked about each time: most answers are then "not changed", without a body.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    return response.make_conditional(request)


def _which() -> bool:
    return WHICH[request.form["what"]] if request.form.get("what") in WHICH else abort(HTTPStatus.NOT_FOUND)


@bp.post("/verlof/agenda")
@open_to(EMPLOYEE)
def make() -> ResponseReturnValue:
    """Make an address; the one before it works no more."""
    commands.make_feed(uow.session(), uow.viewer().person_id, _which(), uow.now())
    flash(i18n.gettext(N_("Here is the address. Copy it to your calendar.")), "success")
    return redirect(url_for("absence.year", _anchor="agenda"))


@bp.post("/verlof/agenda/intrekken")
@open_to(EMPLOYEE)
def revoke() -> ResponseReturnValue:
    """Let an address work no more."""
    commands.revoke_feed(uow.session(), uow.viewer().person_id, _which(), uow.now())
    flash(i18n.gettext(N_("The address works no more.")), "success")
    return redirect(url_for("absence.year", _anchor="agenda"))
