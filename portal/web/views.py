"""Views of the queue: keep the filter that is shown under a name, and look after one's own."""

from __future__ import annotations

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import views as commands
from portal.models.views import QueueView
from portal.queries.views import view_for, views_for
from portal.web import filters, queue
from portal.web import unit_of_work as uow
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

bp = queue.bp
"""Views are a part of the queue, also in addresses and in the menu."""


def _show(refusal: Refusal | None = None, view_id: int | None = None, status: int = HTTPStatus.OK,
          ) -> ResponseReturnValue:  # fmt: skip
    """The page; a refusal stands with the view it is about, or with the new one."""
    views = views_for(uow.session(), uow.viewer().person_id)
    page = render_template(
        "queue/views.html",
        views=views,
        wanted=filters.write(filters.read(request.values)),
        refusal=refusal,
        about=view_id,
        typed=request.form,
    )
    return page, status


@bp.get("/werkvoorraad/weergaven")
@open_to(Role.CLERK)
def views() -> ResponseReturnValue:
    """The views this clerk can choose from, and the filter that came along as one to keep."""
    return _show()


@bp.post("/werkvoorraad/weergaven")
@open_to(Role.CLERK)
def keep_view() -> ResponseReturnValue:
    """Keep the filter that came along under a name."""
    session, me = uow.session(), uow.viewer().person_id
    wanted = filters.write(filters.read(request.form))
    try:
        view = commands.keep(
            session, me, request.form.get("name", ""), wanted, shared="shared" in request.form, at=uow.now()
        )
    except Refused as refused:
        return _show(refused.refusals[0], status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if "first" in request.form:
        commands.begin_with(session, me, view)
    flash(i18n.gettext(N_("The view %(name)s is kept."), name=view.name), "success")
    return redirect(url_for("queue.inbox", **wanted))


def _view(view_id: int) -> QueueView:
    return view_for(uow.session(), uow.viewer().person_id, view_id) or abort(HTTPStatus.NOT_FOUND)


@bp.post("/werkvoorraad/weergaven/<int:view_id>")
@open_to(Role.CLERK)
def change_view(view_id: int) -> ResponseReturnValue:
    """Change, share or remove one's own view, or begin with it or no longer."""
    session, me, view = uow.session(), uow.viewer().person_id, _view(view_id)
    do = request.form.get("do", "change")
    try:
        match do:
            case "drop":
                commands.drop(session, me, view)
            case "first":
                commands.begin_with(session, me, view)
            case "not_first":
                commands.begin_with(session, me, None)
            case _:
                commands.change(session, me, view, request.form.get("name", ""), shared="shared" in request.form)
    except Refused as refused:
        return _show(refused.refusals[0], view_id, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("Your views were changed.")), "success")
    return redirect(url_for("queue.views"))
