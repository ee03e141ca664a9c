"""The treasurer's screens: what is proposed per municipality, releasing it, and the files that went to the bank."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import payments as commands
from portal.models.people import Municipality
from portal.queries.outstanding import settled_with
from portal.queries.payments import (
    MOST_IN_BATCH,
    batch_by_id,
    batches,
    lines_of,
    municipalities_of,
    open_totals,
    paid_counts,
    paid_later,
    proposal,
)
from portal.web import unit_of_work as uow
from portal.web.sent import whole
from workflows.kernel import REASON_MISSING, REASON_TOO_LONG, Refusal, Refused
from workflows.parties import N_

bp = Blueprint("payments", __name__)


def _mine() -> list[Municipality]:
    return list(municipalities_of(uow.session(), uow.viewer(), Role.TREASURER))


def _municipality(code: str) -> Municipality:
    return next((m for m in _mine() if m.code == code), None) or abort(HTTPStatus.NOT_FOUND)


@bp.get("/betalingen")
@open_to(Role.TREASURER)
def overview() -> ResponseReturnValue:
    """Per municipality what is proposed, and the batches released before."""
    mine = _mine()
    released = batches(uow.session(), [m.id for m in mine])
    return render_template(
        "payments/overview.html",
        municipalities=mine,
        totals=open_totals(uow.session(), uow.today()),
        batches=released,
        paid=paid_counts(uow.session(), [batch.id for batch in released]),
        execution_date=commands.execution_date(uow.now()),
    )


def _show(
    municipality: Municipality, refusals: tuple[Refusal, ...] = (), status: int = 200,
    hold: Mapping[int, tuple[Refusal, ...]] | None = None,
) -> ResponseReturnValue:  # fmt: skip
    """The proposal; `refusals` of releasing a batch, `hold` those of ending the hold on an account, by its key."""
    lines = proposal(uow.session(), uow.viewer(), municipality, uow.now())
    netted = [line.payable.case for line in lines if line.payable.cents != line.payable.case.sanctioned_cents]
    page = render_template(
        "payments/proposal.html",
        municipality=municipality,
        settled=settled_with(uow.session(), netted),
        refusals=refusals,
        payable=[line for line in lines if line.payable_now],
        later=paid_later(uow.session(), municipality.id, uow.today()),
        held=[line for line in lines if not line.payable_now],
        execution_date=commands.execution_date(uow.now()),
        chosen=set(request.form.getlist("payable")),
        hold=hold or {},
        typed=request.form,
        viewer=uow.viewer(),
    )
    return page, status


@bp.get("/betalingen/<code>")
@open_to(Role.TREASURER)
def propose(code: str) -> ResponseReturnValue:
    """The proposed batch of one municipality: what can be paid, and what not and why."""
    return _show(_municipality(code))


@bp.post("/betalingen/<code>")
@open_to(Role.TREASURER)
def release(code: str) -> ResponseReturnValue:
    """Release the ticked payments in one batch."""
    municipality = _municipality(code)
    chosen = [key for value in request.form.getlist("payable")[: MOST_IN_BATCH + 1] if (key := whole(value))]
    try:
        batch = commands.release(uow.session(), uow.viewer(), municipality, chosen, uow.now())
    except Refused as refused:
        return _show(municipality, refused.refusals, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(
        i18n.ngettext(
            "Released: %(num)s payment of %(amount)s.",
            "Released: %(num)s payments, %(amount)s in all.",
            batch.count,
            amount=i18n.euro(batch.cents),
        ),
        "success",
    )
    return redirect(url_for("payments.batch", batch_id=batch.id))


@bp.post("/betalingen/<code>/rekening/<int:account_id>")
@open_to(Role.TREASURER)
def release_hold(code: str, account_id: int) -> ResponseReturnValue:
    """End the hold on a changed account, as somebody who neither asked for it nor checked it."""
    municipality, reason = _municipality(code), request.form.get("reason", "")
    try:
        commands.release_hold(uow.session(), uow.viewer(), municipality, account_id, reason, uow.now())
    except Refused as refused:
        # Beside the form when it is about what was typed; else the form may not be there any more.
        typed = refused.codes <= {REASON_MISSING.code, REASON_TOO_LONG.code}
        at_form, above = ({account_id: refused.refusals}, ()) if typed else ({}, refused.refusals)
        return _show(municipality, above, HTTPStatus.UNPROCESSABLE_ENTITY, at_form)
    flash(i18n.gettext(N_("The hold is released: payments to this account can go out now.")), "success")
    return redirect(url_for("payments.propose", code=code))


@bp.get("/betalingen/batch/<int:batch_id>")
@open_to(Role.TREASURER)
def batch(batch_id: int) -> ResponseReturnValue:
    """One batch, and what became of each payment in it."""
    found = batch_by_id(uow.session(), [m.id for m in _mine()], batch_id) or abort(HTTPStatus.NOT_FOUND)
    return render_template("payments/batch.html", batch=found, lines=lines_of(uow.session(), found.id))


@bp.get("/betalingen/batch/<int:batch_id>/bestand")
@open_to(Role.TREASURER)
def file(batch_id: int) -> ResponseReturnValue:
    """The payment file: the same bytes each time."""
    found = batch_by_id(uow.session(), [m.id for m in _mine()], batch_id, file=True) or abort(HTTPStatus.NOT_FOUND)
    response = Response(found.file, content_type="application/xml")
    response.headers.set("Content-Disposition", "attachment", filename=f"{found.message_id}.xml")
    return response
