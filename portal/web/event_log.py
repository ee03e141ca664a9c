"""The event log for whoever watches over the work: chosen by period, municipality and type, and taken along as a file.

Who takes one along is written down in the log of administration: it is personal data, though under pseudonyms. Trainers
have no part in it: a simulation is filled in from it without showing it.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal import i18n
from portal.access import Role, open_to
from portal.commands.changes import Author, write_down
from portal.interfaces.event_log import FORMATS, gzipped
from portal.interfaces.event_log.stories import Mask
from portal.interfaces.event_log.words import names_in
from portal.models.people import Municipality
from portal.queries import admin
from portal.queries.event_log import TYPES, Wanted, how_many, stories
from portal.web import reports
from portal.web import unit_of_work as uow
from portal.web.admin.forms import DAY_WRONG, Box
from portal.worlds import World
from workflows import CASE_TYPES
from workflows.kernel import Refusal
from workflows.parties import N_

bp = reports.bp

LOOK = (Role.CONTRACT_MANAGER, Role.DIRECTOR, Role.FUNCTIONAL_MANAGER)
MOST = 50_000
"""Cases in a file from the page: above it, whoever runs the portal makes one with the command."""
TOO_MANY = Refusal(
    "log_too_large",
    N_(
        "This is more than can be taken along from here. Choose a shorter period, or ask whoever runs the portal: "
        "one command writes all of it."
    ),
)
BACKWARDS = Refusal("log_backwards", N_("The last day lies before the first."))
FORM_LABELS: Mapping[str, str] = {
    "csv": N_("CSV, one table for most tools"),
    "xes": N_("XES, by IEEE 1849"),
    "ocel-json": N_("OCEL 2.0, as JSON"),
    "ocel-sqlite": N_("OCEL 2.0, as SQLite"),
}


@dataclass
class Choice:
    """What is chosen on the page: its boxes, and which cases that is (None when something is wrong with it)."""

    boxes: Mapping[str, Box]
    mine: Sequence[Municipality]
    wanted: Wanted | None

    @property
    def wrong(self) -> list[Box]:
        """The boxes with which something is wrong."""
        return [box for box in self.boxes.values() if box.errors]


def _choice() -> Choice:
    reach = uow.viewer().reach(*LOOK)
    mine = admin.municipalities(uow.session(), reach)
    begins = uow.today().replace(month=1, day=1).isoformat()
    given = {"van": begins, "tot": uow.today().isoformat(), "gemeente": "", "soort": "", "vorm": "csv", "ingepakt": ""}
    boxes = {name: Box(name, request.args.get(name, value), name) for name, value in given.items()}
    everywhere = [("", N_("all municipalities"))] if len(mine) != 1 else []
    boxes["gemeente"].choices = [*everywhere, *((place.code, place.name) for place in mine)]
    boxes["soort"].choices = [("", N_("all kinds")), *((key, CASE_TYPES[key].label) for key in TYPES)]
    boxes["vorm"].choices = list(FORM_LABELS.items())
    for name in ("gemeente", "soort", "vorm"):
        box = boxes[name]
        if box.data and box.data not in dict(box.choices):
            # What one may not see does not exist.
            abort(HTTPStatus.NOT_FOUND)
    places = {place.id for place in mine if boxes["gemeente"].data in ("", place.code)}
    first, last = _day(boxes["van"]), _day(boxes["tot"])
    if refusal := backwards(first, last):
        boxes["tot"].errors.append(i18n.gettext(refusal.sentence))
    everything = reach is None and not boxes["gemeente"].data
    types = frozenset({boxes["soort"].data}) if boxes["soort"].data else None
    wanted = Wanted(first, last, None if everything else frozenset(places), types)
    return Choice(boxes, mine, None if any(box.errors for box in boxes.values()) else wanted)


def backwards(first: date | None, last: date | None) -> Refusal | None:
    """Why this is no period, if it is none."""
    return BACKWARDS if first and last and last < first else None


def too_many(count: int) -> Refusal | None:
    """Why so many cases are not taken along from here, if they are not."""
    return TOO_MANY if count > MOST else None


def _day(box: Box) -> date | None:
    if not box.data.strip():
        return None
    try:
        found = date.fromisoformat(box.data.strip())
    except ValueError:
        found = date.min
    if not 1900 < found.year < 2200:
        box.errors.append(i18n.gettext(DAY_WRONG.sentence))
        return None
    return found


@bp.get("/gebeurtenissen")
@open_to(*LOOK)
def event_log() -> ResponseReturnValue:
    """Choose what to take along, and see how much that is."""
    return _show(_choice())


def _show(choice: Choice) -> ResponseReturnValue:
    count = how_many(uow.session(), choice.wanted) if choice.wanted else None
    if count is not None and (refusal := too_many(count)):
        choice.boxes["van"].errors.append(i18n.gettext(refusal.sentence))
    status = HTTPStatus.BAD_REQUEST if choice.wrong else HTTPStatus.OK
    return render_template("reports/event_log.html", boxes=choice.boxes, wrong=choice.wrong, count=count), status


@bp.get("/gebeurtenissen/bestand")
@open_to(*LOOK)
def event_log_file() -> ResponseReturnValue:
    """The file, written while it is read: nobody waits for the database meanwhile."""
    choice = _choice()
    if choice.wanted is None or too_many(how_many(uow.session(), choice.wanted)):
        typed: dict[str, Any] = {name: box.data for name, box in choice.boxes.items()}
        return redirect(url_for("reports.event_log", **typed))
    wanted, form = choice.wanted, FORMATS[choice.boxes["vorm"].data]
    packed = bool(choice.boxes["ingepakt"].data)
    uow.leave_behind(_taken(choice), lambda: None)
    found = _pieces(uow.world(), wanted, choice.boxes["vorm"].data, i18n.language())
    answer = Response(
        gzipped(found) if packed else found, content_type="application/gzip" if packed else form.media_type
    )
    name = f"gebeurtenissen.{form.ending}{'.gz' if packed else ''}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _pieces(world: World, wanted: Wanted, form: str, language: str) -> Iterator[bytes]:
    mask = Mask(hmac.new(world.key("event log"), secrets.token_bytes(16), sha256).digest())
    with world.db.snapshot() as session:
        yield from FORMATS[form].pieces(stories(session, wanted, mask), names_in(language))


def _taken(choice: Choice) -> Callable[[Session], None]:
    """Who took which log along, for the log of administration."""
    viewer, at, said = uow.viewer(), uow.now(), {name: box.data for name, box in choice.boxes.items()}
    place = next((one for one in choice.mine if one.code == said["gemeente"]), None)
    new = {"valid_from": said["van"], "valid_to": said["tot"], "kind": said["soort"], "format": said["vorm"]}

    def record(session: Session) -> None:
        write_down(session, Author(viewer.person_id, None), at, "event_log.taken", place.name if place else "",
                   municipality_id=place.id if place else None, new=new)  # fmt: skip

    return record
