"""How the workshop stands, as a small JSON that pages ask for every few seconds: short polling.

`texts` go where a page has `data-stand="key"`; when `version` is another one, a page loads its live parts anew. Nothing
else is needed, so a page without script shows the same after it is loaded again.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portal import i18n
from portal.access import PRACTICE, open_to
from portal.web import unit_of_work as uow
from portal.web.workshop import here
from portal.workshop import pace, seats, standing
from portal.workshop.tables import Seat
from workflows.parties import N_

bp = Blueprint("workshop_live", __name__)

SIGN_OF_LIFE = timedelta(seconds=15)
"""So often a page's asking is written down: each writing holds up the others for a moment."""
SCREEN, DESK = "scherm", "regie"


@bp.get("/stand.json")
@open_to(PRACTICE)
def stand() -> ResponseReturnValue:
    """The news for whoever asks: a seat, the projector or the trainer's desk."""
    here.practice()
    asked = request.args.get("voor", "")
    said = _clock()
    if asked == SCREEN:
        found = standing.tallies(uow.session())
        said["texts"] |= screen_texts(found)
    elif asked == DESK and here.trainer():
        # What the desk shows (who is there, who is stuck, since when) moves with the time on the wall.
        said["version"] = f"{here.wall():%H%M%S}"
    elif current_user.is_authenticated:
        _for_seat(said)
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    answer = Response(body, content_type="application/json")
    answer.set_etag(hashlib.sha256(body.encode()).hexdigest()[:16])
    answer.headers["Cache-Control"] = "no-cache"
    return answer.make_conditional(request)


def _clock() -> dict[str, Any]:
    runs = pace.state(uow.session())
    round_ = here.practice().round
    return {
        "version": version_of(round_, None),
        "runs": not runs.paused,
        "texts": {"clock": here.clock_said(uow.now()), "pace": pace_said(round_, runs.paused)},
    }


def version_of(round_: int, news: standing.News | None) -> str:
    """Changes when there is something new for this reader, so that a page knows that it is behind."""
    if news is None:
        return f"{round_}"
    return f"{round_}.{news.cards}.{news.last_card}.{news.mails}.{news.played_by}.{news.message}"


def pace_said(round_: int, paused: bool) -> str:
    """The round, and whether the story runs."""
    if paused:
        return i18n.gettext(N_("Round %(round)s, paused"), round=round_)
    return i18n.gettext(N_("Round %(round)s, running"), round=round_)


def screen_texts(found: list[standing.Tally]) -> dict[str, str]:
    """What moves on the projector: the counts along the route and the three figures."""
    main = here.main_type().key
    counted = {state.key: 0 for state in here.main_type().states}
    counted |= {one.state: one.count for one in found if one.kind == main}
    texts = {f"at-{state}": i18n.number(count) for state, count in counted.items()}
    figures = standing.figures(found)
    share = f"{100 * figures.in_time // figures.done} %" if figures.done else "–"
    return texts | {
        "done": i18n.number(figures.done),
        "in-time": share,
        "oldest": here.office_said(figures.oldest, uow.now()) or "–",
    }


def _for_seat(said: dict[str, Any]) -> None:
    news = standing.news_of(uow.session(), current_user.id)
    if news is None:
        return
    said["version"] = version_of(here.practice().round, news)
    said["texts"] |= {"cards": i18n.number(news.cards), "mails": i18n.number(news.mails)}
    said["message"] = {"id": news.message, "text": i18n.gettext(news.said)} if news.message else None
    if news.last_card:
        said["card"] = {"id": news.last_card, "text": i18n.gettext(N_("A new card lies before you."))}
    wall = here.wall()
    if news.seen is None or wall - news.seen > SIGN_OF_LIFE:
        uow.leave_behind(lambda session: _sign_of_life(session, news.seat), lambda: None)


def _sign_of_life(session: Session, seat_id: int) -> None:
    found = session.get(Seat, seat_id)
    if found is not None:
        seats.seen(session, found, here.wall())
