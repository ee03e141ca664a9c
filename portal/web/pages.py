"""Pages that say something about the portal itself, and the sign that it is alive."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from portal.access import ANYONE, open_to
from portal.web import unit_of_work as uow

bp = Blueprint("pages", __name__)


@bp.get("/toegankelijkheid")
@open_to(ANYONE)
def accessibility() -> ResponseReturnValue:
    """The accessibility statement."""
    return render_template("pages/accessibility.html")


@bp.get("/privacy")
@open_to(ANYONE)
def privacy() -> ResponseReturnValue:
    """What is kept of people, why, and for how long."""
    return render_template("pages/privacy.html")


@bp.get("/gezond")
@open_to(ANYONE)
def healthy() -> ResponseReturnValue:
    """For monitoring: the web answers and reaches its database."""
    uow.session().execute(text("SELECT 1"))
    return "ok\n", 200, {"Content-Type": "text/plain"}
