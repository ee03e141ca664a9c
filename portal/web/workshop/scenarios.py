"""Scenarios as a trainer sees and changes them: the list, one to read, a copy to change in a simple form or as text,
and files that go out and come in. What came along with the portal is never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from portal import i18n
from portal.access import Role, open_to
from portal.clock import local, local_date
from portal.web import unit_of_work as uow
from portal.web.sent import whole
from portal.web.workshop.scenario_form import Spot, judged, spots_of, spots_of_card, with_changes
from portal.whatif.model_file import loads
from portal.workshop import papers, shelf
from portal.workshop.calibrated import habits_of
from portal.workshop.changing import changed
from portal.workshop.deck import by_key, deck, seats_for
from portal.workshop.reading import read_text
from portal.workshop.scenario import LEAST, MOST, Card, InjectPlan, Scenario
from portal.workshop.typed import BadScenario, Wrong
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

bp = Blueprint("scenarios", __name__, url_prefix="/oefeningen/scenarios")

NO_FILE = Refusal("scenario_no_file", N_("Choose the file with the scenario first."))
NO_MODEL = Refusal("scenario_no_model", N_("Choose the file with the what-if model first."))
NOTHING_OF_ROLES = Refusal("scenario_model_empty", N_("This model says nothing of the roles of this scenario."))
AROUND = 1
"""How many lines are shown before and after one with something wrong."""
KIND_WORDS = {"claim": N_("Claim"), "leave": N_("Leave"), "invoice": N_("Invoice"), "question": N_("Question")}
INJECT_WORDS = {
    "ill": N_("Somebody is ill"), "rush": N_("A rush"), "ghost_invoice": N_("A ghost invoice"),
    "payment_run_skipped": N_("No payment run"), "message": N_("A message"),
}  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """A scenario in the list; without `scenario` it cannot be played yet, and `wrongs` says how much is wrong."""

    key: str
    own: bool
    scenario: Scenario | None
    wrongs: int = 0


def _text(key: str) -> str:
    text = shelf.text_of(uow.world().settings, key)
    if text is None:
        abort(HTTPStatus.NOT_FOUND)
    return text


def _own_text(key: str) -> str:
    """The text of one that may be changed."""
    text = _text(key)
    if shelf.came_along(key):
        abort(HTTPStatus.NOT_FOUND)
    return text


def _read(key: str, text: str) -> tuple[Scenario | None, Sequence[Wrong]]:
    try:
        return read_text(text, key), ()
    except BadScenario as refused:
        return None, refused.wrongs


def _list(refusal: Refusal | None = None, status: int = HTTPStatus.OK, **more: object) -> ResponseReturnValue:
    found = []
    for key in shelf.keys(uow.world().settings):
        scenario, wrongs = _read(key, _text(key))
        found.append(Listed(key, not shelf.came_along(key), scenario, len(wrongs)))
    page = render_template("workshop/scenarios.html", found=found, refusal=refusal, language=i18n.language(),
                           **{"wrongs": (), "name": "", **more})  # fmt: skip
    return page, status


@bp.get("")
@open_to(Role.TRAINER)
def overview() -> ResponseReturnValue:
    """All scenarios."""
    return _list()


@bp.get("/<key>")
@open_to(Role.TRAINER)
def one(key: str) -> ResponseReturnValue:
    """A scenario to read: its rounds, seats, deck and injects on a time line."""
    text = _text(key)
    scenario, _ = _read(key, text)
    if scenario is None:
        return redirect(url_for("scenarios.as_text", key=key))
    people = whole(request.args.get("mensen", "")) or scenario.usual_people
    people = min(max(people, LEAST), MOST)
    cards = deck(scenario, people)
    return render_template(
        "workshop/scenario.html", scenario=scenario, people=people, seats=seats_for(scenario, people), cards=cards,
        days=_days(scenario, cards), held=[card for card in cards if card.at is None], own=not shelf.came_along(key),
        loose=[inject for inject in scenario.injects if not inject.day], language=i18n.language(), kinds=KIND_WORDS,
        names={seat.key: seat.name for seat in scenario.seats}, injects=INJECT_WORDS, least=LEAST, most=MOST,
    )  # fmt: skip


def _hour(at: datetime) -> str:
    return f"{local(at):%H:%M}"


Entry = tuple[str, Card | None, InjectPlan | None]


def _days(scenario: Scenario, cards: Sequence[Card]) -> list[tuple[int, date, list[Entry]]]:
    """The days of the story, each with what falls on it in order: the hour, and the card or the inject."""
    found = []
    for number in range(1, scenario.days + 1):
        day = scenario.day(number)
        entries: list[Entry] = [
            (_hour(card.at), card, None) for card in cards if card.at is not None and local_date(card.at) == day
        ]
        for inject in (one for one in scenario.injects if one.day == number):
            entries.append((_hour(scenario.moment(inject.day, inject.hour)), None, inject))
        found.append((number, day, sorted(entries, key=lambda entry: entry[0])))
    return found


@bp.get("/<key>/bestand")
@open_to(Role.TRAINER)
def download(key: str) -> ResponseReturnValue:
    """The scenario as a file."""
    answer = Response(_text(key), content_type="application/toml; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{key}.toml")
    return answer


@bp.get("/<key>/kaart/<card_key>/<int:number>")
@open_to(Role.TRAINER)
def paper(key: str, card_key: str, number: int) -> ResponseReturnValue:
    """A receipt or an invoice of a card, to look at or to print."""
    scenario, _ = _read(key, _text(key))
    card = by_key(scenario, scenario.usual_people).get(card_key) if scenario else None
    files = papers.files_of(scenario, card) if scenario and card else ()
    if not 1 <= number <= len(files):
        abort(HTTPStatus.NOT_FOUND)
    file = files[number - 1]
    kind = "application/pdf" if file.content.startswith(b"%PDF") else "image/jpeg"
    answer = Response(file.content, content_type=kind)
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(file.name, safe='')}"
    return answer


@bp.post("/<key>/kopie")
@open_to(Role.TRAINER)
def copy(key: str) -> ResponseReturnValue:
    """Make a copy, to be changed."""
    text = _text(key)
    scenario, _ = _read(key, text)
    title = key
    if scenario is not None:
        for language, name in (("nl", "title"), ("en", "title_en")):
            with i18n.reading_in(language):
                title = i18n.gettext(N_("Copy of %(title)s"), title=scenario.title.said(language))
            text = changed(text, (name,), title)
        title = scenario.title.nl
    return _added(title, text)


def _added(title: str, text: str) -> ResponseReturnValue:
    try:
        new = shelf.add(uow.world().settings, title, text)
    except Refused as refused:
        return _list(refused.refusals[0], HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("This is your own scenario now. Change what you want.")), "success")
    return redirect(url_for("scenarios.change", key=new))


@bp.post("/inlezen")
@open_to(Role.TRAINER)
def upload() -> ResponseReturnValue:
    """Take in a file, if it is a scenario; else say what is wrong with it."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _list(NO_FILE, HTTPStatus.UNPROCESSABLE_ENTITY)
    text = file.read().decode("utf-8", "replace")
    scenario, wrongs = _read("new", text)
    if scenario is None:
        return _list(status=HTTPStatus.UNPROCESSABLE_ENTITY, wrongs=wrongs, name=file.filename[:100])
    return _added(scenario.title.nl, text)


@bp.post("/<key>/verwijderen")
@open_to(Role.TRAINER)
def delete(key: str) -> ResponseReturnValue:
    """Throw away one of one's own."""
    _own_text(key)
    shelf.delete(uow.world().settings, key)
    flash(i18n.gettext(N_("The scenario was deleted.")), "success")
    return redirect(url_for("scenarios.overview"))


@dataclass(frozen=True)
class Shown:
    """A line of the text with what is wrong on it; lines around it have nothing."""

    number: int
    text: str
    sentences: Sequence[str] = ()


def beside(text: str, wrongs: Sequence[Wrong]) -> list[Shown]:
    """The lines with something wrong and those around them, in order."""
    lines = text.splitlines()
    said: dict[int, list[str]] = {}
    for wrong in wrongs:
        if wrong.line is not None:
            said.setdefault(wrong.line, []).append(i18n.say(wrong.sentence, wrong.values))
    near = sorted({n for line in said for n in range(line - AROUND, line + AROUND + 1) if 1 <= n <= len(lines)})
    return [Shown(number, lines[number - 1], said.get(number, ())) for number in near]


def _as_text(key: str, text: str, was: str, refusal: Refusal | None, status: int) -> ResponseReturnValue:
    _, wrongs = _read(key, text)
    page = render_template(
        "workshop/scenario_text.html", key=key, text=text, was=was, wrongs=wrongs, beside=beside(text, wrongs),
        refusal=refusal,
    )  # fmt: skip
    return page, status


@bp.get("/<key>/tekst")
@open_to(Role.TRAINER)
def as_text(key: str) -> ResponseReturnValue:
    """The file as text, to be changed; what came along is to be read only."""
    if shelf.came_along(key):
        return redirect(url_for("scenarios.one", key=key))
    text = _own_text(key)
    return _as_text(key, text, shelf.digest(text), None, HTTPStatus.OK)


@bp.post("/<key>/tekst")
@open_to(Role.TRAINER)
def keep_text(key: str) -> ResponseReturnValue:
    """Keep the text when it is a scenario; else show what is wrong beside the lines."""
    _own_text(key)
    text, was = request.form.get("text", "").replace("\r\n", "\n"), request.form.get("was", "")
    scenario, _ = _read(key, text)
    if scenario is None:
        return _as_text(key, text, was, None, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        shelf.put(uow.world().settings, key, text, was)
    except Refused as refused:
        return _as_text(key, text, was, refused.refusals[0], HTTPStatus.CONFLICT)
    return _kept(key)


def _kept(key: str) -> ResponseReturnValue:
    flash(i18n.gettext(N_("The scenario was saved. Workshops that are open keep what they began with.")), "success")
    return redirect(url_for("scenarios.one", key=key))


def _form(key: str, spots: list[Spot], card: str, was: str, others: Sequence[Wrong] = (),
          refusal: Refusal | None = None, status: int = HTTPStatus.OK) -> ResponseReturnValue:  # fmt: skip
    sentences = [i18n.say(wrong.sentence, wrong.values) for wrong in others]
    at_file = refusal if refusal is not None and status == HTTPStatus.UNPROCESSABLE_ENTITY else None
    page = render_template(
        "workshop/scenario_form.html", key=key, spots=spots, card=card, was=was, others=sentences,
        refusal=None if at_file else refusal, at_file=at_file, wrong=[spot.box for spot in spots if spot.box.errors],
    )  # fmt: skip
    return page, status


def _spots(text: str, card: str) -> list[Spot]:
    """The fields of the whole or of a card. A text that cannot be read has none: it is changed as text."""
    _, wrongs = _read("new", text)
    if any(not wrong.path and wrong.line for wrong in wrongs):
        return []
    return spots_of_card(text, card) if card else spots_of(text)


@bp.get("/<key>/aanpassen")
@bp.get("/<key>/aanpassen/<card>")
@open_to(Role.TRAINER)
def change(key: str, card: str = "") -> ResponseReturnValue:
    """The simple form of the whole, or of one card; what came along is to be read only."""
    if shelf.came_along(key):
        return redirect(url_for("scenarios.one", key=key))
    text = _own_text(key)
    spots = _spots(text, card)
    if not spots:
        return redirect(url_for("scenarios.as_text", key=key)) if not card else abort(HTTPStatus.NOT_FOUND)
    return _form(key, spots, card, shelf.digest(text))


@bp.post("/<key>/aanpassen")
@bp.post("/<key>/aanpassen/<card>")
@open_to(Role.TRAINER)
def keep_changes(key: str, card: str = "") -> ResponseReturnValue:
    """Put what was typed in its place in the file, when the whole is a scenario then."""
    text, was = _own_text(key), request.form.get("was", "")
    spots = _spots(text, card)
    if not spots:
        abort(HTTPStatus.NOT_FOUND)
    new = with_changes(text, spots)
    scenario, others = judged(new, key, spots)
    if scenario is None:
        return _form(key, spots, card, was, others, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        shelf.put(uow.world().settings, key, new, was)
    except Refused as refused:
        return _form(key, spots, card, was, (), refused.refusals[0], HTTPStatus.CONFLICT)
    return _kept(key)


def _with_habits(scenario: Scenario, text: str, file: FileStorage | None) -> tuple[str, list[str]]:
    """The text with what a model knows of its roles, and of which roles that is."""
    if file is None or not file.filename:
        raise Refused(NO_MODEL)
    found = habits_of(loads(file.read().decode("utf-8", "replace")), scenario)
    if not found:
        raise Refused(NOTHING_OF_ROLES)
    for role, one in found.items():
        for name, value in (("reaction_hours", one.reaction_hours), ("handling_minutes", one.handling_minutes)):
            if value is not None:
                text = changed(text, ("roles", role, name), value)
    return text, [f"{scenario.roles[role].name.said(i18n.language())} (n = {one.n})" for role, one in found.items()]


@bp.post("/<key>/gewoonten")
@open_to(Role.TRAINER)
def take_habits(key: str) -> ResponseReturnValue:
    """Let bots go about as a what-if model was measured."""
    text = _own_text(key)
    was, (scenario, _) = shelf.digest(text), _read(key, text)
    if scenario is None:
        return redirect(url_for("scenarios.as_text", key=key))
    try:
        new, taken = _with_habits(scenario, text, request.files.get("file"))
        shelf.put(uow.world().settings, key, new, was)
    except Refused as refused:
        return _form(key, spots_of(text), "", was, (), refused.refusals[0], HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("Taken over for: %(roles)s."), roles=", ".join(taken)), "success")
    return redirect(url_for("scenarios.change", key=key))
