"""A participant's own page: who one is, what fell to one, and what to do now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from mimetypes import guess_type

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal import i18n
from portal.access import EMPLOYEE, Role, open_to
from portal.models.cases import Case
from portal.models.mail import OutboxMail
from portal.web import unit_of_work as uow
from portal.web.workshop import here
from portal.web.workshop.join import PIN
from portal.workshop import cards, papers, standing, talking
from portal.workshop.scenario import Card as Dealt
from portal.workshop.tables import Card
from workflows.parties import N_

bp = Blueprint("workshop_seat", __name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """A card as it lies before somebody: its row, what stands on it, and the case that came of it."""

    row: Card
    card: Dealt
    case: Case | None

    @property
    def open(self) -> bool:
        """Whether something is still to be done with it."""
        return self.row.done_at is None


def _dealt(key: str) -> Dealt:
    """What stands on a card of the deck."""
    return here.script().cards.get(key) or abort(HTTPStatus.NOT_FOUND)


def _mine() -> Sequence[Shown]:
    """One's cards, the newest first."""
    rows = uow.session().execute(
        select(Card, Case)
        .outerjoin(Case, Case.id == Card.case_id)
        .where(Card.seat_id == here.seat().id)
        .order_by(Card.id.desc())
    )
    deck = here.script().cards
    return [Shown(row, deck[row.key], case) for row, case in rows if row.key in deck]


@bp.get("/kaart")
@open_to(EMPLOYEE)
def card() -> ResponseReturnValue:
    """My role, my code, my cards, and what to do now."""
    seat, session = here.seat(), uow.session()
    clerk_in, treasurer_in = (uow.viewer().municipalities(role) for role in (Role.CLERK, Role.TREASURER))
    mails = session.scalars(
        select(OutboxMail).where(OutboxMail.person_id == seat.person_id).order_by(OutboxMail.id.desc()).limit(3)
    ).all()
    return render_template(
        "workshop/card.html",
        seat=seat,
        role=here.scenario().roles[seat.role],
        round=here.scenario().round(here.practice().round),
        person=uow.person(),
        pin=cookie.get(PIN, ""),
        cards=_mine(),
        mails=mails,
        messages=talking.said_to(session, seat.id, 3),
        waiting=standing.waiting_of(session, seat.person_id, clerk_in, treasurer_in),
        can_contact=uow.viewer().has(Role.CLERK),
        language=i18n.language(),
    )


def _own(key: str) -> Card:
    """A card that lies before who asks."""
    found = uow.session().scalars(select(Card).where(Card.key == key, Card.seat_id == here.seat().id)).first()
    return found or abort(HTTPStatus.NOT_FOUND)


def _file(key: str, number: int) -> papers.File:
    files = papers.files_of(here.scenario(), _dealt(_own(key).key))
    return files[number - 1] if 1 <= number <= len(files) else abort(HTTPStatus.NOT_FOUND)


@bp.get("/kaart/<key>/document/<int:number>")
@open_to(EMPLOYEE)
def document(key: str, number: int) -> ResponseReturnValue:
    """A receipt as it lies on the table: the picture of it, to look at or to keep."""
    file = _file(key, number)
    response = Response(file.content, content_type=guess_type(file.name)[0] or "application/octet-stream")
    response.headers.set("Content-Disposition", "inline", filename=file.name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


@bp.post("/kaart/<key>/beginnen")
@open_to(EMPLOYEE)
def begin(key: str) -> ResponseReturnValue:
    """Begin what the card asks for, with its papers as if they were just photographed; on it goes to the form."""
    card = _dealt(_own(key).key)
    # Drawing papers and taking them in takes its time: nobody waits for the database meanwhile.
    uow.let_go()
    for file in papers.files_of(here.scenario(), card):
        cards.taken_in(file.content, file.name)
    case = cards.begin(uow.session(), uow.world().files, _own(key), card, uow.viewer(), uow.now(), here.script())
    if case.number:
        return redirect(url_for("cases.dossier", number=case.number))
    return redirect(url_for("drafts.edit", case_id=case.id))


@bp.post("/kaart/<key>/klaar")
@open_to(EMPLOYEE)
def done(key: str) -> ResponseReturnValue:
    """Put a card away."""
    cards.done(_own(key), uow.now())
    flash(i18n.gettext(N_("The card is put away.")), "success")
    return redirect(url_for("workshop_seat.card"))
