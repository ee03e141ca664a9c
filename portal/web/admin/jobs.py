"""The functional manager's screens: what went wrong (runs of jobs, mail), and how the cases are declared."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands.mail import send_again
from portal.queries.jobs import failures
from portal.queries.mail import failed_mails
from portal.web import unit_of_work as uow
from portal.web.admin.blueprint import bp
from workflows import CASE_TYPES
from workflows.diagram import as_rows
from workflows.parties import N_


@bp.get("/")
@open_to(Role.FUNCTIONAL_MANAGER)
def overview() -> ResponseReturnValue:
    """Failed mail, failed runs, and where to find the rest."""
    return render_template("admin/overview.html", runs=failures(uow.session()), mails=failed_mails(uow.session()))


@bp.post("/post/<int:mail_id>/opnieuw")
@open_to(Role.FUNCTIONAL_MANAGER)
def resend(mail_id: int) -> ResponseReturnValue:
    """Try a failed mail again."""
    send_again(uow.session(), mail_id, uow.now())
    flash(i18n.gettext(N_("The mail is in line to be sent again.")), "success")
    return redirect(url_for("admin.overview"))


@bp.get("/zaaktypen")
@open_to(Role.FUNCTIONAL_MANAGER)
def case_types() -> ResponseReturnValue:
    """Every declaration as a table."""
    return render_template("admin/case_types.html", case_types=[(t, as_rows(t)) for t in CASE_TYPES.values()])
