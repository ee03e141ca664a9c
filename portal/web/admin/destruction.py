"""Destruction lists: what the night job proposes, taking cases out, approving, and the certificates."""

from __future__ import annotations

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import destruction as commands
from portal.models.destruction import DestructionList
from portal.queries.destruction import contacts_on, items_of, list_within, lists
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from portal.web.sent import whole
from workflows import CASE_TYPES
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

RESULTS = {"granted": N_("Granted"), "refused": N_("Refused"), "aborted": N_("Withdrawn")}


def _places() -> frozenset[int] | None:
    return uow.viewer().reach(Role.FUNCTIONAL_MANAGER)


def _find(list_id: int) -> DestructionList:
    return list_within(uow.session(), list_id, _places()) or abort(HTTPStatus.NOT_FOUND)


@bp.get("/vernietiging")
@open_to(Role.FUNCTIONAL_MANAGER)
def destruction_lists() -> ResponseReturnValue:
    """The lists, the last first, with the retention periods they follow from."""
    found, after = lists(uow.session(), _places(), whole(request.args.get("after", "")))
    return render_template(
        "admin/destruction_lists.html",
        lists=found,
        case_types=CASE_TYPES.values(),
        results=RESULTS,
        next_url=url_for("admin.destruction_lists", after=after) if after else None,
        first_url=url_for("admin.destruction_lists") if "after" in request.args else None,
    )


def _show(on: DestructionList, refusal: Refusal | None = None, item: int = 0, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "admin/destruction_list.html",
        on=on,
        items=items_of(uow.session(), on.id),
        contacts=contacts_on(uow.session(), on.id),
        results=RESULTS,
        refusal=refusal,
        refused_item=item,
        typed=request.form,
    )
    return page, status


@bp.get("/vernietiging/<int:list_id>")
@open_to(Role.FUNCTIONAL_MANAGER)
def destruction_list(list_id: int) -> ResponseReturnValue:
    """One list."""
    return _show(_find(list_id))


@bp.post("/vernietiging/<int:list_id>/bewaren/<int:item_id>")
@open_to(Role.FUNCTIONAL_MANAGER)
def keep_longer(list_id: int, item_id: int) -> ResponseReturnValue:
    """Take one case out of a list."""
    on = _find(list_id)
    try:
        commands.keep_longer(
            uow.session(), uow.viewer(), on, item_id, request.form.get("reason", ""), uow.now()
        )  # fmt: skip
    except Refused as refused:
        return _show(on, refused.refusals[0], item_id, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The case is kept for another year.")), "success")
    return redirect(url_for("admin.destruction_list", list_id=list_id))


@bp.post("/vernietiging/<int:list_id>/bewaren/contact/<int:item_id>")
@open_to(Role.FUNCTIONAL_MANAGER)
def keep_contact_longer(list_id: int, item_id: int) -> ResponseReturnValue:
    """Take one contact out of a list."""
    on = _find(list_id)
    try:
        commands.keep_contact_longer(
            uow.session(), uow.viewer(), on, item_id, request.form.get("reason", ""), uow.now()
        )  # fmt: skip
    except Refused as refused:
        return _show(on, refused.refusals[0], -item_id, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The contact is kept for another year.")), "success")
    return redirect(url_for("admin.destruction_list", list_id=list_id))


@bp.post("/vernietiging/<int:list_id>/goedkeuren")
@open_to(Role.FUNCTIONAL_MANAGER)
def approve_destruction(list_id: int) -> ResponseReturnValue:
    """Approve a list; the night job carries it out."""
    on = _find(list_id)
    try:
        commands.approve(uow.session(), uow.viewer(), on, uow.now())
    except Refused as refused:
        return _show(on, refused.refusals[0], status=HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The list was approved. It is carried out this night; until then you can take it back.")),
          "success")  # fmt: skip
    return redirect(url_for("admin.destruction_list", list_id=list_id))


@bp.post("/vernietiging/<int:list_id>/terugnemen")
@open_to(Role.FUNCTIONAL_MANAGER)
def take_back_approval(list_id: int) -> ResponseReturnValue:
    """Take back an approval that was not carried out yet."""
    on = _find(list_id)
    try:
        commands.take_back(on)
    except Refused as refused:
        return _show(on, refused.refusals[0], status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("admin.destruction_list", list_id=list_id))
