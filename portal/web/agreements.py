"""Agreements of the municipalities with the SSC: what holds, what is drafted, changing a draft and signing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import agreements as commands
from portal.commands.policies import PLACE_UNKNOWN
from portal.models.agreements import Agreement
from portal.models.catalogue import Service
from portal.models.people import Municipality
from portal.queries import admin
from portal.queries import agreements as queries
from portal.queries.catalogue import all_services, services_on
from portal.web import agreement_words as words
from portal.web import unit_of_work as uow
from portal.web.admin.forms import Form
from portal.web.papers import answered
from workflows.agreement_form import read, typed
from workflows.agreements import (
    DFA,
    DVO,
    KINDS,
    MOST_PROCEDURES,
    MOST_STEPS,
    TEXTS,
    VARIANTS,
    missing,
)
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.services import INDICATORS, UNITS

bp = Blueprint("agreements", __name__, url_prefix="/afspraken")

LOOK = queries.LOOK
WHERE: Mapping[str, str] = {
    "agreement_day_to_come": "first", "agreement_not_after": "first", "agreement_closed": "first",
    "agreement_no_dvo": "first", "agreement_ends_early": "last", "agreement_kind_unknown": "kind",
    "agreement_draft_there": "kind", "change_reason_missing": "reason",
    "policy_place_unknown": "place",
}  # fmt: skip


def _mine() -> Sequence[Municipality]:
    return admin.municipalities(uow.session(), uow.viewer().reach(*LOOK))


def _services() -> dict[str, Service]:
    return {one.key: one for one in all_services(uow.session())}


def _found(agreement_id: int) -> Agreement:
    return queries.agreement_seen(uow.session(), uow.viewer(), agreement_id) or abort(HTTPStatus.NOT_FOUND)


def _drafted(agreement_id: int) -> Agreement:
    """A draft, for the director who makes it."""
    row = _found(agreement_id)
    if row.signed or not uow.viewer().has(Role.DIRECTOR, row.municipality_id):
        abort(HTTPStatus.NOT_FOUND)
    return row


def may_sign(row: Agreement) -> list[str]:
    """For which sides the viewer could still sign this."""
    return queries.sides_left(uow.viewer(), row)


def state_of(row: Agreement) -> tuple[str, str]:
    """Where a version stands, in words and as a tone."""
    today = uow.today()
    if not row.signed:
        return i18n.gettext(N_("Draft")), "warning"
    if row.valid_to is not None and row.valid_to < today:
        return i18n.gettext(N_("Over")), "neutral"
    return (i18n.gettext(N_("Not yet")), "info") if row.valid_from > today else (
        i18n.gettext(N_("In force")), "success")  # fmt: skip


SHARED: Mapping[str, Any] = {
    "kinds": KINDS, "valid_said": words.valid_said, "state_of": state_of, "may_sign": may_sign,
    "signatures_of": words.signatures_of,
}  # fmt: skip


@bp.get("")
@open_to(*LOOK)
def overview() -> ResponseReturnValue:
    """Of each municipality all agreements, with what waits for a signature in front."""
    return _overview(Form("draft"))


def _overview(form: Form, status: int = 200) -> ResponseReturnValue:
    mine = _mine()
    drafts_for = [one for one in mine if uow.viewer().has(Role.DIRECTOR, one.id)]
    found = queries.agreements_of(uow.session(), [one.id for one in mine])
    order = list(KINDS)
    found = sorted(found, key=lambda row: order.index(row.kind))
    by_place = [(place, [row for row in found if row.municipality_id == place.id]) for place in mine]
    form.offer("place", [("", N_("Choose")), *((one.id, one.name) for one in drafts_for)])
    form.offer("kind", [("", N_("Choose")), *KINDS.items()])
    page = render_template(
        "agreements/overview.html", by_place=by_place, waiting=[row for row in found if may_sign(row)], form=form,
        drafts=bool(drafts_for), agrees=True, **SHARED,
    )  # fmt: skip
    return page, status


@bp.post("")
@open_to(Role.DIRECTOR)
def draft() -> ResponseReturnValue:
    """Begin a new version."""
    form = Form("draft")
    try:
        place, first = _chosen(form), form.day("first")
        row = commands.draft(uow.session(), uow.viewer(), place, form.text("kind"), first, uow.now(), uow.today())
    except Refused as refused:
        uow.session().rollback()
        form.blame(refused, WHERE)
        return _overview(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("agreements.edit", agreement_id=row.id))


def _chosen(form: Form) -> Municipality:
    found = next((one for one in _mine() if one.id == form.number("place")), None)
    if found is None:
        raise Refused(PLACE_UNKNOWN)
    return found


@bp.get("/<int:agreement_id>")
@open_to(*LOOK)
def show(agreement_id: int) -> ResponseReturnValue:
    """One version: what it says, what differs from the one before it, and who signed."""
    return _show(_found(agreement_id))


def _show(row: Agreement, refusals: Sequence[Refusal] = (), status: int = 200) -> ResponseReturnValue:
    services, before = _services(), _before(row)
    page = render_template(
        "agreements/show.html", row=row, title=words.title_of(row), parts=words.parts_of(row, services),
        before=before, changes=words.changes_of(before, row, services) if before else [], refusals=refusals,
        gaps=() if row.signed else missing(row.kind, row.content), form=Form("discard"),
        drafts=not row.signed and uow.viewer().has(Role.DIRECTOR, row.municipality_id), **SHARED,
    )  # fmt: skip
    return page, status


def _before(row: Agreement) -> Agreement | None:
    return queries.agreement_seen(uow.session(), uow.viewer(), row.follows_id) if row.follows_id else None


@bp.get("/<int:agreement_id>/overeenkomst.pdf")
@open_to(*LOOK)
def paper(agreement_id: int) -> ResponseReturnValue:
    """The agreement as a document, in Dutch as its text is."""
    row, world = _found(agreement_id), uow.world()
    with i18n.reading_in("nl"):
        told = words.paper_of(row, _before(row), _services(), world.settings.partnership, uow.now())
    return answered(told, f"{row.kind}-{row.municipality.code}-{row.number}")


@bp.get("/<int:agreement_id>/aanpassen")
@open_to(Role.DIRECTOR)
def edit(agreement_id: int) -> ResponseReturnValue:
    """The form of a draft."""
    row = _drafted(agreement_id)
    present = typed(row.kind, row.content, decimal_comma=i18n.language() == "nl")
    return _edit(row, Form("change", first=row.valid_from, last=row.valid_to, revision=row.revision, **present))


def _choices(row: Agreement) -> list[Service]:
    """The services that can stand in it: those on offer, and those that stand in it."""
    known = {one.key: one for one in services_on(uow.session(), row.valid_from)}
    there = row.content.get("services", {})
    known |= {key: one for key, one in _services().items() if key in there}
    if row.kind == DFA:
        known = {key: one for key, one in _services().items() if key in row.content["prices"]}
    return list(known.values())


def _edit(row: Agreement, form: Form, status: int = 200) -> ResponseReturnValue:
    if row.kind == DFA:
        form.offer("variant", VARIANTS.items())
    page = render_template(
        "agreements/edit.html", row=row, title=words.title_of(row), form=form,
        services=_choices(row) if row.kind in (DVO, DFA) else [], texts=TEXTS[row.kind], indicators=INDICATORS,
        units=UNITS, steps=range(MOST_STEPS), procedures=range(MOST_PROCEDURES), named=words.name_of,
        by_key=_services(), **SHARED,
    )  # fmt: skip
    return page, status


@bp.post("/<int:agreement_id>/aanpassen")
@open_to(Role.DIRECTOR)
def change(agreement_id: int) -> ResponseReturnValue:
    """Change a draft, when it is still as it was opened. Signatures on it are voided, which is said."""
    row, form = _drafted(agreement_id), Form("change")
    content, problems = read(
        row.kind, form.text, [one.key for one in _choices(row)], decimal_comma=i18n.language() == "nl"
    )
    for field, refusal in problems:
        form[field].errors.append(i18n.say(refusal.sentence, refusal.values))
    try:
        first, last = form.day("first"), form.day("last")
        if problems:
            return _edit(row, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        _same(row, form)
        voided = commands.change(uow.session(), uow.viewer(), row, content, first, last, uow.now(), uow.today())
    except Refused as refused:
        uow.session().rollback()
        form.blame(refused, WHERE)
        return _edit(_drafted(agreement_id), form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The draft was saved.")), "success")
    if voided:
        flash(i18n.gettext(N_("It was signed already: that signature no longer counts.")), "warning")
    return redirect(url_for("agreements.show", agreement_id=agreement_id))


def _same(row: Agreement, form: Form) -> None:
    """Refuse to overwrite what somebody else changed since the form was opened."""
    if form.text("revision") != str(row.revision):
        raise Refused(commands.CHANGED)


@bp.post("/<int:agreement_id>/tekenen")
@open_to(*LOOK)
def sign(agreement_id: int) -> ResponseReturnValue:
    """Sign for one side what one read."""
    row = _found(agreement_id)
    side, seen = request.form.get("side", ""), request.form.get("digest", "")
    try:
        commands.sign(uow.session(), uow.viewer(), row, side, seen, uow.now(), uow.today())
    except Refused as refused:
        uow.session().rollback()
        return _show(_found(agreement_id), refused.refusals, HTTPStatus.UNPROCESSABLE_ENTITY)
    said = N_("You signed. It holds from %(day)s on.") if row.signed else N_("You signed. Now the other side signs.")
    flash(i18n.say(said, {"day": row.valid_from} if row.signed else {}), "success")
    return redirect(url_for("agreements.show", agreement_id=agreement_id))


@bp.post("/<int:agreement_id>/weg")
@open_to(Role.DIRECTOR)
def discard(agreement_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    row = _drafted(agreement_id)
    try:
        commands.discard(uow.session(), uow.viewer(), row, request.form.get("reason", ""), uow.now())
    except Refused as refused:
        uow.session().rollback()
        return _show(_found(agreement_id), refused.refusals, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The draft was thrown away.")), "success")
    return redirect(url_for("agreements.overview"))
