"""The queue as a file: the cases that a filter finds, in its order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import request
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.models.cases import Case
from portal.queries.queue import open_flags
from portal.queries.queue import queue as queue_page
from portal.web import filters, queue
from portal.web import unit_of_work as uow
from portal.web.tables import csv_answer
from portal.web.urgency import urgency_of
from workflows import CASE_TYPES
from workflows.money import plain
from workflows.parties import N_

bp = queue.bp

MOST_ROWS, AT_ONCE = 5000, 1000
HEADER = (
    N_("Number"), N_("Kind of case"), N_("Subject"), N_("Employee"), N_("Municipality"), N_("Amount"), N_("Act by"),
    N_("This step by"), N_("Why now"), N_("With"), N_("Signals"),
)  # fmt: skip
CUT = N_("These are the %(count)s most urgent cases. Filter the queue to get the rest.")


@bp.get("/werkvoorraad/lijst.csv")
@open_to(Role.CLERK)
def download() -> ResponseReturnValue:
    """All cases of the filter, the most urgent first; when there are too many, the last row says so."""
    return csv_answer("werkvoorraad", [i18n.gettext(word) for word in HEADER], _rows())


def _rows() -> Iterator[Sequence[object]]:
    session, wanted, after, count = uow.session(), filters.read(request.args), None, 0
    while True:
        page = queue_page(session, uow.viewer(), wanted, uow.now(), after, AT_ONCE)
        flags = open_flags(session, page.cases)
        for case in page.cases:
            codes = dict.fromkeys(flag.code for flag in flags.get(case.id, ()))
            yield _row(case, ", ".join(filters.flag_label(code) for code in codes))
        count, after = count + len(page.cases), page.after
        if after is None:
            return
        if count >= MOST_ROWS:
            yield [i18n.gettext(CUT, count=i18n.number(count))]
            return


def _row(case: Case, signals: str) -> Sequence[object]:
    return (
        case.number, i18n.gettext(CASE_TYPES[case.type].label), case.title, case.initiator.name, case.municipality.name,
        plain(case.claimed_cents, decimal_comma=i18n.language() == "nl"), i18n.day(case.act_by),
        i18n.day(case.step_due), urgency_of(case, uow.now()).words, case.assignee.name if case.assignee else "",
        signals,
    )  # fmt: skip
