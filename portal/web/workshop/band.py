"""The band on every page of a workshop: that it is one, its clock, and the way back to one's card, mail and desk."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_login import current_user

from portal.web import unit_of_work as uow
from portal.web.workshop import here, live
from portal.workshop import standing


@dataclass(frozen=True, slots=True)
class Band:
    """What stands on it. `version` changes with what is new for this reader, as in `stand.json`."""

    url: str
    clock: str
    version: str
    seat: bool
    trainer: bool
    cards: int = 0
    mails: int = 0


def practice_band() -> Band:
    """The band for whoever reads the page, in one statement."""
    news = standing.news_of(uow.session(), current_user.id) if current_user.is_authenticated else None
    version, trainer = live.version_of(here.practice().round, news), here.trainer()
    url = url_for("workshop_live.stand", voor=live.DESK if trainer and news is None else None)
    clock = here.clock_said(uow.now())
    if news is None:
        return Band(url, clock, version, seat=False, trainer=trainer)
    return Band(url, clock, version, seat=True, trainer=trainer, cards=news.cards, mails=news.mails)
