"""Handing out several cases of the queue at once: to oneself, to a colleague, or back to the queue."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from portal import i18n
from portal.access import Role, Viewer, open_to
from portal.commands import handing as commands
from portal.commands.cases import JUST_BEFORE_YOU, NOT_IN_QUEUE
from portal.models.cases import Case
from portal.models.people import Person
from portal.queries.people import viewer_of
from portal.queries.queue import chosen, clerks
from portal.web import filters, queue
from portal.web import unit_of_work as uow
from portal.web.sent import whole
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

bp = queue.bp

MOST_AT_ONCE = 200
NO_CASES_CHOSEN = Refusal("no_cases_chosen", N_("Tick at least one case, and 200 at most."))
NO_ONE_CHOSEN = Refusal("no_one_chosen", N_("Choose to whom the cases go."))
ME, NOBODY = "me", "nobody"


@dataclass(frozen=True)
class Outcome:
    """What became of the cases that were ticked."""

    handed: list[Case]
    refused: list[tuple[str, tuple[Refusal, ...]]]


@bp.post("/werkvoorraad/verdelen")
@open_to(Role.CLERK)
def hand_out() -> ResponseReturnValue:
    """Hand over what was ticked, each case by itself: what cannot be is listed with why, the rest is done."""
    wanted = filters.write(filters.read(request.form))
    ticked = dict.fromkeys(request.form.getlist("case"))
    if not 0 < len(ticked) <= MOST_AT_ONCE:
        return _answer(Outcome([], []), wanted, NO_CASES_CHOSEN, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        person, to = _receiver(request.form.get("to", ""))
    except Refused as refused:
        return _answer(Outcome([], []), wanted, refused.refusals[0], HTTPStatus.UNPROCESSABLE_ENTITY)
    reason = request.form.get("reason", "")
    outcome = _hand_out(list(ticked), to, reason)
    if person is not None:
        commands.tell(uow.session(), uow.viewer(), person, outcome.handed, reason, uow.now())
    if outcome.refused:
        return uow.keep(_answer(outcome, wanted))
    flash(_done(len(outcome.handed), to), "success")
    return redirect(url_for("queue.inbox", **wanted))


def _receiver(word: str) -> tuple[Person | None, Viewer | None]:
    """To whom: this clerk, a colleague, or nobody."""
    session, viewer = uow.session(), uow.viewer()
    if word == NOBODY:
        return None, None
    if word == ME:
        return uow.person(), viewer
    found = [person for person in clerks(session, viewer, uow.now()) if person.id == whole(word)]
    if not found:
        raise Refused(NO_ONE_CHOSEN)
    person = session.get_one(Person, found[0].id, populate_existing=True)
    return person, viewer_of(session, person, uow.today())


def _hand_out(ticked: list[str], to: Viewer | None, reason: str) -> Outcome:
    session, viewer, outcome = uow.session(), uow.viewer(), Outcome([], [])
    shown = {number: whole(version) for number, _, version in (one.partition(":") for one in ticked)}
    there = chosen(session, viewer, list(shown))
    for number, version in shown.items():
        try:
            case = _as_shown(there.get(number), version)
            with session.begin_nested():
                commands.hand(session, viewer, case, to, uow.now(), reason)
        except Refused as refused:
            outcome.refused.append((number, refused.refusals))
        except StaleDataError:
            outcome.refused.append((number, (JUST_BEFORE_YOU,)))
        else:
            outcome.handed.append(case)
    return outcome


def _as_shown(case: Case | None, version: int | None) -> Case:
    """The case, when it is in this clerk's queue as the page showed it."""
    if case is None:
        raise Refused(NOT_IN_QUEUE)
    if case.version != version:
        raise Refused(JUST_BEFORE_YOU)
    return case


def _done(count: int, to: Viewer | None) -> str:
    if to is None:
        return i18n.ngettext("%(num)s case is back in the queue.", "%(num)s cases are back in the queue.", count)
    return i18n.ngettext(
        "%(num)s case was given to %(name)s.", "%(num)s cases were given to %(name)s.", count, name=to.name
    )


def _answer(
    outcome: Outcome, wanted: dict[str, str], refusal: Refusal | None = None, status: int = HTTPStatus.OK
) -> ResponseReturnValue:
    """The page that says what could not be done."""
    page = render_template("queue/handed.html", outcome=outcome, wanted=wanted, refusal=refusal)
    return page, status
