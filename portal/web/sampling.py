"""The samples of each municipality and month: what was drawn, how it was judged, and drawing again."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import Role, open_to
from portal.queries.sampling import Month, draw_again, draws_of, month_within, months
from portal.web import unit_of_work as uow
from portal.web.sent import whole
from workflows.sampling import commitment

bp = Blueprint("sampling", __name__)

LOOK = (Role.CLERK, Role.CONTRACT_MANAGER, Role.DIRECTOR, Role.FUNCTIONAL_MANAGER)
"""Who may see what was drawn: numbers and outcomes, no names. A seed is shown once nothing can be done with it."""


@bp.get("/steekproef")
@open_to(*LOOK)
def overview() -> ResponseReturnValue:
    """Every municipality and month, the last first."""
    found, after = months(uow.session(), uow.viewer().reach(*LOOK), whole(request.args.get("after", "")))
    return render_template(
        "sampling/overview.html",
        months=found,
        next_url=url_for("sampling.overview", after=after) if after else None,
        first_url=url_for("sampling.overview") if "after" in request.args else None,
    )


def _find(code: str, month: str) -> Month:
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        abort(HTTPStatus.NOT_FOUND)
    return month_within(uow.session(), code, first, uow.viewer().reach(*LOOK)) or abort(HTTPStatus.NOT_FOUND)


@bp.get("/steekproef/<code>/<month>")
@open_to(*LOOK)
def one_month(code: str, month: str) -> ResponseReturnValue:
    """The draws of one municipality in one month; `opnieuw` draws them again, `alles` shows also what was not drawn."""
    found = _find(code, month)
    everything = "alles" in request.args
    rows, after = draws_of(
        uow.session(), found.seed, drawn=not everything, after=whole(request.args.get("after", ""))
    )  # fmt: skip
    here: dict[str, Any] = {"code": code, "month": month, **({"alles": 1} if everything else {})}
    return render_template(
        "sampling/month.html",
        month=found,
        digest=commitment(found.seed.seed),
        revealed=found.revealed(uow.today()),
        rows=rows,
        everything=everything,
        again=draw_again(uow.session(), found.seed) if "opnieuw" in request.args else None,
        clerk=uow.viewer().has(Role.CLERK, found.seed.municipality_id),
        here=here,
        next_url=url_for("sampling.one_month", after=after, **here) if after else None,
        first_url=url_for("sampling.one_month", **here) if "after" in request.args else None,
    )
