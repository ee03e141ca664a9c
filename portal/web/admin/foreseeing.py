"""The page between asking for a dated change and making it: which open requests would go to another approver."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from hashlib import sha256

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.commands.foreseeing import Foreseen, foresee
from portal.commands.rerouting import reroute
from portal.models.cases import Case
from portal.queries.people import names_of
from portal.web import unit_of_work as uow

SHOWN = 50


def made(change: Callable[[], object], title: str, places: Collection[int], on: date | None, back: str, *,
         always: bool = False) -> ResponseReturnValue | None:  # fmt: skip
    """Make a change once what follows was seen. Gives the page that shows it, or None when the change was made.

    Raises Refused as the change does. Requests follow at once when it holds from today.
    """
    session, day = uow.session(), max(on or uow.today(), uow.today())
    fields = [(key, value) for key, value in request.form.items(multi=True) if key not in ("csrf_token", "seen")]
    wanted = sha256(repr((request.path, sorted(fields))).encode()).hexdigest()
    seen = request.form.get("seen", "")
    found = foresee(session, change, wanted, seen, places, day, always=always)
    if found.done:
        if day == uow.today():
            reroute(session, uow.now(), within=places)
        return None
    return render_template(
        "admin/foreseen.html", title=title, on=day, back=back, fields=fields, digest=found.digest,
        stale=bool(seen), total=len(found.moved), **_told(found),
    )  # fmt: skip


def _told(found: Foreseen) -> dict[str, object]:
    """What follows in words: how many go from whom to whom, and the first of them by number."""
    session = uow.session()
    names = names_of(session, {who for one in found.moved for who in (one.before, one.after) if who is not None})
    shown = found.moved[:SHOWN]
    cases = select(Case.id, Case.number, Case.title).where(Case.id.in_([one.case_id for one in shown]))
    numbers = {row.id: (row.number, row.title) for row in session.execute(cases)}
    return {
        "counts": [(names.get(was or 0), names.get(now or 0), count) for (was, now), count in found.counts().items()],
        "moved": [(*numbers[one.case_id], names.get(one.before or 0), names.get(one.after or 0)) for one in shown],
    }
