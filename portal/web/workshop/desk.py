"""The trainer's desk: the pace, the queues, who is there, and everything one can do to the story.

Every button is a form, so it works without script; and nothing depends on the page: when the laptop of the trainer
dies, the story runs on and the next device that opens the link has the same desk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import i18n
from portal.access import TRAINER_DESK, open_to
from portal.web import account
from portal.web import unit_of_work as uow
from portal.web.sent import whole
from portal.web.shaping import sentence_of
from portal.web.workshop import here, live
from portal.web.workshop.projector import qr
from portal.workshop import injects, opening, pace, seats, standing, talking, undo
from portal.workshop.tables import Diary, Finding, Seat
from portal.worlds import TRAINER_LINK
from workflows.kernel import Refused
from workflows.parties import N_, Party

bp = Blueprint("workshop_desk", __name__, url_prefix="/regie")

PLACE = re.compile(r"#[a-z0-9-]{1,40}", re.ASCII)
"""A place on the desk."""
SPEEDS = (0.5, 1.0, 2.0, 4.0)
"""How much faster than the scenario's own pace."""
QUEUE_LABELS = {
    Party.CLERK.name: N_("Clerks of the SSC"),
    Party.APPROVER.name: N_("Managers"),
    Party.INITIATOR.name: N_("Employees"),
    Party.TREASURER.name: N_("Treasurer"),
    Party.BANK.name: N_("Bank"),
    Party.SYSTEM.name: N_("The portal"),
    Party.SUPPLIER.name: N_("Supplier"),
    "": N_("Nobody"),
}
STATES = {
    "bot": (N_("A bot"), "neutral"),
    "busy": (N_("At work"), "success"),
    "idle": (N_("Has nothing in hand"), "info"),
    "offline": (N_("Offline"), "danger"),
    "stuck": (N_("Stuck"), "warning"),
    "away": (N_("Ill or away"), "neutral"),
}
DIARY = {
    "paused": N_("paused"),
    "ended": N_("the last day is over"),
    "resumed": N_("started"),
    "speed": N_("another pace"),
    "office_only": N_("nights and weekends skipped, or not"),
    "jumped": N_("jumped ahead"),
    "snapshot": N_("moment kept: %(name)s"),
    "undone": N_("undone"),
    "inject": N_("thrown in: %(inject)s"),
    "message": N_("message: %(text)s"),
    "nudge": N_("nudge"),
    "took_over": N_("seat taken over"),
    "handed_back": N_("seat handed back"),
    "handed_over": N_("seat changed hands"),
    "left": N_("left the table"),
    "bot_stepped_in": N_("a bot stepped in"),
    "bots_step_in": N_("bots step in by themselves, or no longer"),
}
WORST_FIRST = ("stuck", "offline", "idle", "busy", "away", "bot")


def diary_said(row: Diary, seats_: Mapping[int, str]) -> str:
    """A line of the diary in words, with whose seat it is about."""
    sentence = DIARY.get(row.kind, row.kind)
    titles = {one.key: one.title.said(i18n.language()) for one in here.scenario().injects}
    values = {"name": "", "text": "", "inject": ""} | row.data
    values["inject"] = titles.get(str(values["inject"]), values["inject"])
    said = i18n.gettext(sentence, **values) if "%(" in sentence else i18n.gettext(sentence)
    return f"{said} ({seats_[row.seat_id]})" if row.seat_id is not None and row.seat_id in seats_ else said


def desk_link() -> str:
    """The link by which another trainer, or another device, comes to this desk."""
    return here.address(f"/trainer/{uow.world().link_token('trainer', TRAINER_LINK)}")


@bp.get("")
@open_to(TRAINER_DESK)
def desk() -> ResponseReturnValue:
    """The desk itself."""
    session, at, wall = uow.session(), uow.now(), here.wall()
    runs, played = pace.state(session), here.scenario()
    found = standing.placed(session, at, wall, standing.running_since(session))
    found.sort(key=lambda one: WORST_FIRST.index(one.state))
    counted = standing.tallies(session)
    practice = here.practice()
    return render_template(
        "workshop/desk.html",
        practice=practice,
        scenario=played,
        round=played.round(practice.round),
        rounds=len(played.rounds),
        language=i18n.language(),
        runs=runs,
        clock=here.clock_said(at),
        pace=live.pace_said(practice.round, runs.paused),
        usual=played.speed,
        speeds=SPEEDS,
        figures=live.screen_texts(counted),
        queues=standing.queues(session),
        queue_labels=QUEUE_LABELS,
        seats=found,
        states=STATES,
        ago=lambda since: here.ago(since, wall),
        spent=lambda since: here.office_said(since, at),
        undoable=undo.last(uow.world()),
        injects=played.injects,
        snapshots=opening.snapshots(here.workshop()),
        findings=session.scalar(select(func.count()).select_from(Finding)) or 0,
        diary=session.scalars(select(Diary).order_by(Diary.id.desc()).limit(12)).all(),
        diary_said=lambda row: diary_said(row, {one.seat.id: one.seat.nickname or one.name for one in found}),
        steps_in=seats.bots_step_in(session),
        link=desk_link(),
        qr=qr(desk_link(), i18n.gettext(N_("QR code for a second trainer"))),
    )


def _back(said: str = "", **values: object) -> ResponseReturnValue:
    """To the desk again, with what was done; to the place on it where the button stood."""
    if said:
        flash(i18n.gettext(said, **values), "success")
    at = request.form.get("at", "")
    return redirect(url_for("workshop_desk.desk") + (at if PLACE.fullmatch(at) else ""))


def _tried(step: Callable[[], object], said: str = "", **values: object) -> ResponseReturnValue:
    """Do it, or say on the desk why it cannot be done."""
    try:
        step()
    except Refused as refused:
        uow.session().rollback()
        flash(" ".join(sentence_of(one) for one in refused.refusals), "error")
        return redirect(url_for("workshop_desk.desk"))
    return _back(said, **values)


@bp.post("/klok")
@open_to(TRAINER_DESK)
def clock() -> ResponseReturnValue:
    """Start, pause, go faster or slower, or jump to the next working day."""
    world, wanted = uow.world(), request.form.get("do", "")
    uow.let_go()
    match wanted:
        case "pause":
            pace.pause(world)
        case "resume":
            pace.resume(world)
        case "jump":
            pace.jump_to_next_working_day(world)
        case "office":
            pace.office_only(world, request.form.get("on") == "1")
        case _:
            times = next((one for one in SPEEDS if f"{one:g}" == wanted), None) or abort(HTTPStatus.BAD_REQUEST)
            pace.speed(world, here.scenario().speed * times)
    return _back()


@bp.post("/ronde")
@open_to(TRAINER_DESK)
def round_() -> ResponseReturnValue:
    """On to the next round: the same people and the same cards, with what is agreed in that round."""
    workshop = here.workshop()
    last, pressed = len(here.scenario().rounds), whole(request.form.get("round", ""))
    uow.let_go()
    # Whoever presses twice, or on a page of before, means the round that they saw.
    if pressed == workshop.round < last:
        opening.next_round(here.home_world(), workshop, here.wall())
    return _back(N_("The next round is ready. Press start when everybody is."))


def _seat(seat_id: int) -> Seat:
    return uow.session().get(Seat, seat_id) or abort(HTTPStatus.NOT_FOUND)


@bp.post("/plaats/<int:seat_id>/overnemen")
@open_to(TRAINER_DESK)
def take_over(seat_id: int) -> ResponseReturnValue:
    """Sit down on a seat oneself, in the midst of what was being done there."""
    session, one = uow.session(), _seat(seat_id)
    seats.take_over(session, one, seats.TRAINER, uow.now(), here.wall())
    account.begin(seats.account_of(session, one))
    return redirect(url_for("workshop_seat.card"))


@bp.post("/plaats/<int:seat_id>/code")
@open_to(TRAINER_DESK)
def new_code(seat_id: int) -> ResponseReturnValue:
    """Another code for who lost theirs, to tell them."""
    one = _seat(seat_id)
    try:
        pin = seats.new_pin(uow.session(), one)
    except Refused as refused:
        flash(sentence_of(refused.refusals[0]), "error")
        return redirect(url_for("workshop_desk.desk"))
    return _back(N_("The new code of %(name)s is %(pin)s."), name=one.nickname, pin=pin)


SeatStep = Callable[[Session, Seat, datetime, datetime], object]
SEAT_STEPS: Mapping[str, tuple[SeatStep, str]] = {
    "duwtje": (talking.nudge, N_("%(name)s got a nudge.")),
    "bot": (lambda session, one, at, wall: seats.take_over(session, one, seats.BOT, at, wall),
            N_("A bot plays the seat of %(name)s now.")),
    "terug": (seats.hand_back, N_("The seat of %(name)s was handed back.")),
    "vrij": (seats.leave, N_("The seat of %(name)s is free for somebody else.")),
}  # fmt: skip


@bp.post("/plaats/<int:seat_id>/<step>")
@open_to(TRAINER_DESK)
def seat(seat_id: int, step: str) -> ResponseReturnValue:
    """Nudge who sits there, let a bot play the seat, hand it back, or free it for somebody else."""
    one = _seat(seat_id)
    do, said = SEAT_STEPS.get(step) or abort(HTTPStatus.NOT_FOUND)
    name = one.nickname or one.key
    return _tried(lambda: do(uow.session(), one, uow.now(), here.wall()), said, name=name)


@bp.post("/bots")
@open_to(TRAINER_DESK)
def bots() -> ResponseReturnValue:
    """Let bots take over by themselves where a phone is not heard of, or no longer."""
    seats.let_bots_step_in(uow.session(), request.form.get("on") == "1", uow.now(), here.wall())
    return _back()


@bp.post("/zeg")
@open_to(TRAINER_DESK)
def say() -> ResponseReturnValue:
    """A message to one seat or to all."""
    session, to = uow.session(), whole(request.form.get("seat", ""))
    one = _seat(to) if to else None
    return _tried(lambda: talking.say(session, request.form.get("text", ""), uow.now(), here.wall(), one),
                  N_("Your message was sent."))  # fmt: skip


@bp.post("/tussenkomst/<key>")
@open_to(TRAINER_DESK)
def inject(key: str) -> ResponseReturnValue:
    """Throw something in: a clerk ill, a rush, a payment run skipped, an invoice of nobody."""
    found = next((one for one in here.scenario().injects if one.key == key), None) or abort(HTTPStatus.NOT_FOUND)
    return _tried(lambda: injects.run(uow.world(), uow.session(), found.key, uow.now()),
                  N_("Thrown in: %(what)s."), what=found.title.said(i18n.language()))  # fmt: skip


@bp.post("/ongedaan")
@open_to(TRAINER_DESK)
def undo_last() -> ResponseReturnValue:
    """Take back the last thing that was done in the story: the one that stood on the desk, and no other."""
    world, seen = uow.world(), whole(request.form.get("step", "")) or 0
    uow.let_go()
    try:
        said = undo.undo(world, seen)
    except Refused as refused:
        flash(sentence_of(refused.refusals[0]), "error")
        return redirect(url_for("workshop_desk.desk"))
    return _back(N_("Undone: %(what)s."), what=said)


@bp.post("/momentopname")
@open_to(TRAINER_DESK)
def snapshot() -> ResponseReturnValue:
    """Keep the story as it is now, to come back to or to branch from."""
    world = uow.world()
    uow.let_go()
    name = request.form.get("name", "").strip()[:60] or here.clock_said(uow.now())
    return _tried(lambda: opening.snapshot(world, name, here.wall()), N_("Kept: %(name)s."), name=name)


@bp.post("/momentopname/<int:number>/verder")
@open_to(TRAINER_DESK)
def branch(number: int) -> ResponseReturnValue:
    """Go on from what was kept, in a workshop beside this one."""
    uow.let_go()
    try:
        found = opening.branch(here.home_world(), here.workshop(), number)
    except KeyError:
        abort(HTTPStatus.NOT_FOUND)
    return redirect(here.home(f"/oefening/{found.code}/trainer/")
                    + opening.world_of(here.home_world(), found).link_token("trainer", TRAINER_LINK))  # fmt: skip
