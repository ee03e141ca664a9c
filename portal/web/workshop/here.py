"""The workshop that a request is in: its scenario, its clock in words, and who asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from flask import abort, current_app, g, request
from flask import session as cookie
from flask_login import current_user

from portal import i18n
from portal.clock import local
from portal.queries.people import national_calendar
from portal.web import unit_of_work as uow
from portal.web.doors import TRAINER
from portal.workshop import folders, reading, seats
from portal.workshop.folders import Workshop
from portal.workshop.scenario import CARD_KINDS, Scenario
from portal.workshop.script import Script, script_of
from portal.workshop.tables import Seat
from portal.worlds import Practice, World
from workflows import CASE_TYPES
from workflows.kernel import CaseType
from workflows.parties import N_

ROUND = timedelta(minutes=5)
"""The story clock is shown by five minutes: at its usual pace they pass in little more than a second."""


def practice() -> Practice:
    """What makes this world a workshop; in production these pages do not exist."""
    return uow.world().practice or abort(HTTPStatus.NOT_FOUND)


def wall() -> datetime:
    """The time on the wall: one and the same for all that happens in this request."""
    if "wall" not in g:
        g.wall = uow.world().wall.now()
    found: datetime = g.wall
    return found


@lru_cache(maxsize=64)
def _read(path: Path, _changed: float) -> Scenario:
    return reading.read(path)


def scenario_in(folder: Path) -> Scenario:
    """The scenario as a workshop plays it."""
    path = folder / "scenario.toml"
    return _read(path, path.stat().st_mtime)


def scenario() -> Scenario:
    """The scenario of this workshop."""
    return scenario_in(practice().folder)


def workshop() -> Workshop:
    """What stands in the workshop's own file: title, trainer, for how many people."""
    return folders.workshop(home_world().settings, practice().code) or abort(HTTPStatus.NOT_FOUND)


def script() -> Script:
    """The scenario as it is played here, in this round and for so many people."""
    if "script" not in g:
        g.script = script_of(uow.world(), uow.session())
    found: Script = g.script
    return found


def main_type_of(played: Scenario) -> CaseType:
    """The kind of case that a scenario is mostly about: that of most of its cards."""
    kinds = [kind for card in played.cards if (kind := CARD_KINDS[card.kind])]
    return CASE_TYPES[max(sorted(set(kinds)), key=kinds.count, default="expense_claim")]


def main_type() -> CaseType:
    """The kind of case that this workshop is mostly about."""
    return main_type_of(scenario())


def seat() -> Seat:
    """The seat of whoever asks; who sits on none finds no such page, nor does anybody in production."""
    practice()
    if "seat" not in g:
        g.seat = seats.seat_of(uow.session(), current_user.id) if current_user.is_authenticated else None
    found: Seat | None = g.seat
    return found or abort(HTTPStatus.NOT_FOUND)


def trainer() -> bool:
    """Whether it is the trainer who asks."""
    return cookie.get(TRAINER) is True


def clock_said(at: datetime) -> str:
    """The moment of the story as people say it, by five minutes."""
    here = local(at)
    here -= timedelta(minutes=here.minute % 5)
    return f"{i18n.day(here.date(), 'EEE d MMM')} {here:%H:%M}"


def ago(since: datetime | None, until: datetime) -> str:
    """How long ago on the wall, in few words."""
    if since is None:
        return ""
    seconds = max(int((until - since).total_seconds()), 0)
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min"


def office_said(since: datetime | None, until: datetime) -> str:
    """How long ago in the story, in office time: hours, or working days from one day on."""
    if since is None:
        return ""
    spent = national_calendar().office_hours_between(since, until)
    days = national_calendar().office_days(spent)
    if days < 1:
        return i18n.gettext(N_("%(count)s h"), count=max(round(spent / timedelta(hours=1)), 0))
    shown = Decimal(days).quantize(Decimal("0.1") if days < 10 else Decimal(1))
    return i18n.gettext(N_("%(count)s working days"), count=i18n.number(shown))


def address(path: str = "") -> str:
    """The address of this workshop as a participant types it, or of a page of it."""
    return f"{request.host_url.rstrip('/')}{request.script_root}{path}"


def home(path: str = "") -> str:
    """The address of a page of the portal that the workshop belongs to."""
    return f"{request.host_url.rstrip('/')}{request.script_root.removesuffix(practice().prefix)}{path}"


def home_world() -> World:
    """The world of the portal that the workshop belongs to."""
    found: World = current_app.extensions["world"]
    return found
