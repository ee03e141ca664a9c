"""The check bench: the receipts of a case beside its lines, and every decision a key away."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import cases as commands
from portal.commands import flags
from portal.models.cases import Case
from portal.queries.cases import documents_of, events_of, offers_to
from portal.web import desk, queue, reading
from portal.web import unit_of_work as uow
from portal.web.cases import find
from portal.web.presenting import arrived
from portal.web.signals import signals_of
from portal.words.timeline import changed_since, settled
from workflows import CASE_TYPES
from workflows.coding import CODE, uncoded
from workflows.filling import Problem
from workflows.kernel import Action, CaseType, Given, Refusal, Refused
from workflows.parties import CLERK

bp = queue.bp
"""The bench is a part of the queue, also in addresses and in the menu."""


def show(case: Case, problems: tuple[Problem, ...] = (), refusals: tuple[Refusal, ...] = (), status: int = 200,
         flag_refusals: Mapping[int, tuple[Refusal, ...]] | None = None) -> ResponseReturnValue:  # fmt: skip
    """The bench of a case; `flag_refusals` by the signal that was tried to settle."""
    case_type = CASE_TYPES[case.type]
    checks = checks_on(case)
    places = {line: place for place, line in enumerate(checks)}
    documents = sorted(
        documents_of(uow.session(), case.id), key=lambda document: places.get(document.line_key, len(places))
    )
    page = render_template(
        [f"cases/{case.type}/bench.html", "queue/bench.html"],
        case=case,
        case_type=case_type,
        documents=documents,
        checks=checks,
        changes=_changes(case),
        signals=signals_of(case, uow.viewer()),
        flag_refusals=flag_refusals or {},
        problems=problems,
        refusals=refusals,
        arrival=arrived(uow.session(), [case]).get(case.id, ""),
        typed=request.form,
        in_series=desk.in_series(),
        offers=[o for o in offers_to(uow.session(), uow.viewer(), case, uow.now()) if _is_on_bench(o.action)],
        uncoded=uncoded(case.content, case_type.to_code(case.content)),
        codes=any(case.state in action.at for action in case_type.actions if action.key == CODE),
        editable=any(case.state in action.at for action in case_type.actions if action.takes_content),
    )
    return page, status


def checks_on(case: Case) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """The checklist as far as it is worked on in the state the case is in."""
    case_type = CASE_TYPES[case.type]
    here = [action for action in case_type.actions if action.key in case_type.bench and case.state in action.at]
    parts = {part for action in here for part in action.checks}
    return {line: checks for line, checks in case_type.checks(case.content).items() if not parts or line in parts}


def _is_on_bench(action: Action) -> bool:
    """Whether a step is a button of the bench: a clerk's, without a form of its own."""
    return bool(action.who & CLERK) and not action.takes_content and action.asks is None and action.key != CODE


def _changes(case: Case) -> list[str]:
    """What the employee changed since the round before; looked up only when there was one."""
    handing_in = {action.key for action in CASE_TYPES[case.type].actions if action.takes_content}
    if sum(step[0] in handing_in for step in case.trail) < 2:
        return []
    return changed_since(case, events_of(uow.session(), case.id))


@bp.get("/werkvoorraad/<number>")
@open_to(Role.CLERK)
def bench(number: str) -> ResponseReturnValue:
    """The check bench: receipts beside lines. A case that is not on the bench is shown as its dossier."""
    case = find(number)
    if not is_on_it(case):
        return redirect(url_for("cases.dossier", number=number))
    reading.enter(case, "bench")
    return show(case)


def _checking(case_type: CaseType) -> tuple[str, ...]:
    """The states in which a checklist is worked on; none for types that are not checked on a bench."""
    return tuple(state for action in case_type.actions if action.key in case_type.bench for state in action.at)


def is_on_it(case: Case) -> bool:
    """Whether the case is where its checklist is worked on, and with this clerk."""
    return case.assignee_id == uow.viewer().person_id and case.state in _checking(CASE_TYPES[case.type])


def _tick(case: Case) -> None:
    """Take over the ticks of the form: `tick-<line>-<check>`; only when the form brought the checklist along."""
    if "checklist" not in request.form:
        return
    for line, checks in checks_on(case).items():
        for key, _ in checks:
            done = f"tick-{line}-{key}" in request.form
            commands.tick(case, uow.viewer(), line, key, done, uow.now())


@bp.post("/werkvoorraad/<number>/vinkjes")
@open_to(Role.CLERK)
def ticks(number: str) -> ResponseReturnValue:
    """Keep the ticks as they are set."""
    case = find(number)
    _tick(case)
    return jsonify(version=case.version, saved_at=""), HTTPStatus.CREATED


@bp.post("/werkvoorraad/<number>")
@open_to(Role.CLERK)
def decide(number: str) -> ResponseReturnValue:
    """Save or finish the check of a case; who works through a series is given the next one at once."""
    case, session, viewer = find(number), uow.session(), uow.viewer()
    case_type = CASE_TYPES[case.type]
    key = request.form.get("do", "adjust")
    # Only a clerk's own steps are taken here: releasing, for one, has its own page with its own checks.
    if not _checking(case_type) or not _is_on_bench(case_type.action(key)):
        abort(HTTPStatus.NOT_FOUND)
    # Ticks do not make the page stale: only a step does, after which the case must be taken anew.
    since = case.assigned_at.isoformat() if case.assigned_at else ""
    if case.assignee_id != viewer.person_id or request.form.get("since", since) != since:
        raise Refused(commands.JUST_BEFORE_YOU)
    _tick(case)
    desk.set_series(request.form)
    content: Mapping[str, Any] = {}
    if case_type.assess is not None:
        content, problems = case_type.assess(case.content, request.form, i18n.language())
        if problems:
            return uow.keep(show(case, problems, status=HTTPStatus.UNPROCESSABLE_ENTITY))
    given = Given(reason=request.form.get("reason", ""), content=content if key in ("check", "adjust") else {})
    if key == "adjust" and content == case.content:
        return redirect(url_for("queue.bench", number=number))
    try:
        commands.act_as(session, viewer, case, key, given, uow.now())
    except Refused as refused:
        # The step was refused before it wrote anything; the ticks are kept.
        return uow.keep(show(case, refusals=refused.refusals, status=HTTPStatus.UNPROCESSABLE_ENTITY))
    flash(f"{case.number}: {i18n.gettext(case_type.action(key).done)}", "success")
    if key == "adjust":
        return redirect(url_for("queue.bench", number=number))
    return desk.after_decision()


@bp.post("/werkvoorraad/<number>/signaal/<int:place>")
@open_to(Role.CLERK)
def settle(number: str, place: int) -> ResponseReturnValue:
    """Settle one signal, with a reason."""
    case, session, viewer = find(number), uow.session(), uow.viewer()
    if not is_on_it(case):
        raise Refused(commands.JUST_BEFORE_YOU)
    answer, reason = request.form.get("answer", ""), request.form.get("reason", "")
    try:
        flags.settle(session, viewer, case, place, answer, reason, uow.now())
    except Refused as refused:
        # What is settled has no form any more to say it in.
        gone = flags.SETTLED_ALREADY in refused.refusals
        said, at = (refused.refusals, {}) if gone else ((), {place: refused.refusals})
        return show(case, refusals=said, flag_refusals=at, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(f"{case.number}: {settled({'code': case.flags[place]['code'], 'answer': answer})}", "success")
    return redirect(url_for("queue.bench", number=number))
