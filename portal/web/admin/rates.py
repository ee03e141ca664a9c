"""Exchange rates: which are known, and taking in a file of the European Central Bank."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import rates as commands
from portal.commands.changes import Author
from portal.queries.rates import known_rates
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from workflows.currencies import CURRENCIES
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

LATE = timedelta(days=5)
"""After how long without new rates the page says so."""
NO_FILE = Refusal("no_file", N_("Choose a file first."))


def _show(
    taken_in: commands.TakenIn | None = None, refusal: Refusal | None = None, status: int = 200
) -> ResponseReturnValue:
    known = known_rates(uow.session())
    last = max((row.last.day for row in known), default=None)
    page = render_template(
        "admin/rates.html",
        known=known,
        currencies=CURRENCIES,
        last=last,
        late=last is not None and uow.today() - last > LATE,
        taken_in=taken_in,
        refusal=refusal,
        may_add=uow.viewer().reach(Role.FUNCTIONAL_MANAGER) is None,
    )
    return page, status


@bp.get("/koersen")
@open_to(Role.FUNCTIONAL_MANAGER)
def show_rates() -> ResponseReturnValue:
    """The last rate of each currency."""
    return _show()


@bp.post("/koersen")
@open_to(Role.FUNCTIONAL_MANAGER)
def take_in_rates() -> ResponseReturnValue:
    """Take in a file. Rates that differ from those we know are shown; ours stay."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _show(refusal=NO_FILE, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        done = commands.take_in(uow.session(), Author.of(uow.viewer()), file.read(), file.filename, uow.now())
    except Refused as refused:
        return _show(refusal=refused.refusals[0], status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if done.differing:
        return uow.keep(_show(done))
    if done.added:
        sentence = i18n.ngettext("Taken in: %(num)s new rate.", "Taken in: %(num)s new rates.", done.added)
    else:
        sentence = i18n.gettext(N_("All rates in this file were known already. Nothing was changed."))
    flash(sentence, "success")
    return redirect(url_for("admin.show_rates"))
