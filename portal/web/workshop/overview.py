"""The workshops of a trainer: choose a scenario, look at the staffing, open it, come to its desk, delete it."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.web import unit_of_work as uow
from portal.web.sent import whole
from portal.workshop import deck, folders, opening, reading
from portal.workshop.folders import Workshop
from portal.workshop.scenario import LEAST, MOST, Scenario
from portal.worlds import TRAINER_LINK
from workflows.kernel import Refusal
from workflows.parties import N_

bp = Blueprint("workshops", __name__, url_prefix="/oefeningen")

PEOPLE_WRONG = Refusal("workshop_people", N_("Write how many people play: a number from 3 to 30."))
LONGEST_TITLE = 80


@bp.get("")
@open_to(Role.TRAINER)
def overview() -> ResponseReturnValue:
    """The workshops there are, and the scenarios to begin one from."""
    settings = uow.world().settings
    return render_template(
        "workshop/overview.html",
        workshops=folders.workshops(settings),
        scenarios=reading.scenarios(settings),
        language=i18n.language(),
    )


def _scenario(key: str) -> Scenario:
    found = next((one for one in reading.scenarios(uow.world().settings) if one.key == key), None)
    return found or abort(HTTPStatus.NOT_FOUND)


def _page(scenario: Scenario, people: int, refusal: Refusal | None = None, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "workshop/open.html",
        scenario=scenario,
        people=people,
        typed=request.values.get("people", "") if refusal else str(people),
        title=request.form.get("title", ""),
        seats=deck.seats_for(scenario, people),
        cards=deck.deck(scenario, people),
        least=LEAST,
        most=MOST,
        language=i18n.language(),
        refusal=refusal,
    )
    return page, status


@bp.get("/nieuw/<key>")
@open_to(Role.TRAINER)
def new(key: str) -> ResponseReturnValue:
    """Who sits at the table when so many people play, and which seats bots play."""
    scenario = _scenario(key)
    people = whole(request.args.get("people", "")) or scenario.usual_people
    if not LEAST <= people <= MOST:
        return _page(scenario, scenario.usual_people, PEOPLE_WRONG, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _page(scenario, people)


@bp.post("/nieuw/<key>")
@open_to(Role.TRAINER)
def open_one(key: str) -> ResponseReturnValue:
    """Open a workshop and come to its desk."""
    scenario, people = _scenario(key), whole(request.form.get("people", "")) or 0
    if not LEAST <= people <= MOST:
        return _page(scenario, scenario.usual_people, PEOPLE_WRONG, HTTPStatus.UNPROCESSABLE_ENTITY)
    title = request.form.get("title", "").strip()[:LONGEST_TITLE] or scenario.title.said(i18n.language())
    world, trainer = uow.world(), uow.viewer().name
    uow.let_go()
    made = opening.open_workshop(world, scenario, title=title, trainer=trainer, people=people, wall=world.wall.now())
    return redirect(desk_of(made))


def desk_of(workshop: Workshop) -> str:
    """The address of the trainer's desk of a workshop, by its signed link."""
    world = opening.world_of(uow.world(), workshop)
    return f"{request.script_root}/oefening/{workshop.code}/trainer/{world.link_token('trainer', TRAINER_LINK)}"


def _workshop(code: str) -> Workshop:
    return folders.workshop(uow.world().settings, code) or abort(HTTPStatus.NOT_FOUND)


@bp.get("/<code>/regie")
@open_to(Role.TRAINER)
def desk(code: str) -> ResponseReturnValue:
    """On to the desk of this workshop."""
    return redirect(desk_of(_workshop(code)))


@bp.post("/<code>/verwijderen")
@open_to(Role.TRAINER)
def delete(code: str) -> ResponseReturnValue:
    """Delete a workshop with all that is in it, in one step."""
    found = _workshop(code)
    opening.delete(uow.world(), found)
    flash(i18n.gettext(N_("The workshop %(title)s was deleted."), title=found.title), "success")
    return redirect(url_for("workshops.overview"))
