"""Working through the queue one case after the other: what a clerk's browser remembers of that, and the next case.

A clerk who takes the next case is in a series: of the filter they took it from. While it lasts, each decision brings
the next case in the same request. On the bench stands a box that begins or ends the series.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.commands import cases as commands
from portal.web import filters
from portal.web import unit_of_work as uow
from workflows.parties import N_

REMEMBERED = "series"


def in_series() -> bool:
    """Whether a decision brings the next case."""
    return REMEMBERED in cookie


def set_series(sent: Mapping[str, str]) -> None:
    """Take over the box on the bench, when the page had one."""
    if "box" not in sent:
        return
    if "next" in sent:
        cookie.setdefault(REMEMBERED, {})
    else:
        cookie.pop(REMEMBERED, None)


def begin_series(sent: Mapping[str, str]) -> ResponseReturnValue:
    """Take the most urgent case of this filter; from now on each decision brings the next one of it."""
    cookie[REMEMBERED] = filters.write(filters.read(sent))
    return after_decision()


def after_decision() -> ResponseReturnValue:
    """The bench of the next case, which is taken here, or the queue when there is none or none is wanted."""
    kept: dict[str, Any] = cookie.get(REMEMBERED, {})
    if in_series():
        case = commands.take_next(uow.session(), uow.viewer(), uow.now(), filters.read(kept))
        if case is not None:
            return redirect(url_for("queue.bench", number=case.number))
        flash(i18n.gettext(N_("Nothing is waiting. Well done.")), "success")
    return redirect(url_for("queue.inbox", **kept))
