"""What was promised: the list of calls and questions that wait, and one question with all that was done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import i18n
from portal.access import Role, open_to
from portal.commands import contact_follow_up as follow_up
from portal.models.cases import Case
from portal.models.contact import ContactQuestion
from portal.queries.cases import cases_of, visible
from portal.queries.contact import beside, entries_of, question_of, repeats, to_do
from portal.queries.people import find_people, person_within
from portal.web import contact
from portal.web import unit_of_work as uow
from portal.web.contact_form import day_in
from portal.web.sent import whole
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

bp = contact.bp
"""A part of contact, also in addresses and in the menu."""

KINDS: Mapping[str, bool] = {"bellen": True, "vragen": False}
"""The parts of the list: calls that were promised, and questions that wait for an answer."""


@bp.get("/contact/open")
@open_to(Role.CLERK)
def waiting() -> ResponseReturnValue:
    """Whom to call back and what to answer, the soonest due first."""
    session, viewer = uow.session(), uow.viewer()
    kind, line = request.args.get("soort", ""), whole(request.args.get("lijn", ""))
    try:
        page = to_do(
            session, viewer, calls=KINDS.get(kind), line=line if line in (1, 2, 3) else None,
            after=request.args.get("after") or None,
        )  # fmt: skip
    except (ValueError, OverflowError):
        abort(HTTPStatus.NOT_FOUND)
    return render_template(
        "contact/open.html", page=page, kind=kind if kind in KINDS else "", line=line,
        repeats=repeats(session, page.questions) if page.questions else {},
    )  # fmt: skip


def _find(question_id: int) -> ContactQuestion:
    return question_of(uow.session(), uow.viewer(), question_id) or abort(HTTPStatus.NOT_FOUND)


def _show(question: ContactQuestion, refusals: Mapping[str, Refusal] | None = None,
          status: int = 200) -> ResponseReturnValue:  # fmt: skip
    session, viewer = uow.session(), uow.viewer()
    moment, who = question.contact, request.args.get("wie", "").replace("\x00", "").strip()[:100]
    entries = entries_of(session, [question])
    page = render_template(
        "contact/question.html",
        question=question,
        contact=moment,
        entries=entries[question.id],
        others=beside(session, question),
        repeated=repeats(session, [question]).get(question.id),
        cases=cases_of(session, viewer, moment.person_id) if moment.person_id and not question.case_id else (),
        who=who,
        people=find_people(session, who, viewer.reach(Role.CLERK)) if len(who) > 1 and not moment.person_id else (),
        own=moment.person_id == viewer.person_id,
        refusals=refusals or {},
        typed=request.form,
    )
    return page, status


@bp.get("/contact/vraag/<int:question_id>")
@open_to(Role.CLERK)
def question(question_id: int) -> ResponseReturnValue:
    """One question: what was asked, what was done about it, and what can be done now."""
    return _show(_find(question_id))


def _tie(asked: ContactQuestion, form: Mapping[str, str]) -> None:
    number = (form.get("case", "") or form.get("number", "")).replace("\x00", "").strip().upper()
    query = select(Case).where(Case.number == number, visible(uow.viewer())).options(joinedload(Case.initiator))
    case = uow.session().scalars(query).first()
    if case is None:
        raise Refused(NO_SUCH_CASE)
    follow_up.tie(uow.session(), uow.viewer(), asked, case, uow.now())


def _name(asked: ContactQuestion, form: Mapping[str, str]) -> None:
    session, viewer = uow.session(), uow.viewer()
    person = person_within(session, whole(form.get("person", "")) or 0, viewer.reach(Role.CLERK))
    if person is None:
        raise Refused(follow_up.PERSON_UNKNOWN)
    follow_up.name_person(session, viewer, asked.contact, person.id, uow.now())


NO_SUCH_CASE = Refusal("no_such_case", N_("There is no case with this number. Check the number."))

Deed = Callable[[ContactQuestion, Mapping[str, str]], Any]


def _with_text(do: Callable[..., None]) -> Deed:
    return lambda asked, form: do(uow.session(), uow.viewer(), asked, form.get("text", ""), uow.now())


DEEDS: Mapping[str, tuple[Deed, str]] = {
    "antwoord": (_with_text(follow_up.answer), N_("The answer was recorded.")),
    "niet-bereikt": (
        _with_text(follow_up.not_reached),
        N_("The attempt was recorded. The question stays on the list."),
    ),
    "bellen": (
        lambda asked, form: follow_up.promise(
            uow.session(), uow.viewer(), asked, day_in(form.get("call_on", "")), uow.now()
        ),
        N_("The promise to call was recorded."),
    ),
    "doorgeven": (
        lambda asked, form: follow_up.pass_on(
            uow.session(), uow.viewer(), asked, whole(form.get("line", "")) or 0, form.get("text", ""), uow.now()
        ),
        N_("The question was passed on."),
    ),
    "aanvullen": (_with_text(follow_up.add), N_("What you added was recorded.")),
    "zaak": (_tie, N_("The question is now with the case.")),
    "los": (
        lambda asked, _: follow_up.untie(uow.session(), uow.viewer(), asked, uow.now()),
        N_("The question was taken off the case."),
    ),
    "persoon": (_name, N_("The contact is now with this person.")),
}


@bp.post("/contact/vraag/<int:question_id>/<deed>")
@open_to(Role.CLERK)
def act(question_id: int, deed: str) -> ResponseReturnValue:
    """Do one thing about a question."""
    asked = _find(question_id)
    if deed not in DEEDS:
        abort(HTTPStatus.NOT_FOUND)
    do, said = DEEDS[deed]
    sent = {name: value.replace("\x00", "") for name, value in request.form.items()}
    if sent.get("version", str(asked.version)) != str(asked.version):
        raise Refused(CHANGED_MEANWHILE)
    try:
        do(asked, sent)
    except Refused as refused:
        return _show(asked, {deed: refused.refusals[0]}, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(said), "success")
    return redirect(url_for("contact.question", question_id=question_id))


CHANGED_MEANWHILE = Refusal(
    "question_changed", N_("A colleague did something about this question just before you. Look again.")
)
