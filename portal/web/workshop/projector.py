"""What hangs on the wall: how to join, the route with moving counts, the clock of the story and three figures.

No names, and nothing that asks for a hand: it is read from the back row.
"""

from __future__ import annotations

from dataclasses import dataclass

import segno
from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import PRACTICE, open_to
from portal.web import unit_of_work as uow
from portal.web.workshop import here, live
from portal.workshop import pace, standing
from workflows.deciding import route
from workflows.kernel import CaseType, State
from workflows.parties import GRANTED, N_, PARTY_LABELS

bp = Blueprint("workshop_projector", __name__)


@dataclass(frozen=True, slots=True)
class Station:
    """One state on the drawn route. `beside` are those a case can come to from here, off the straight way."""

    key: str
    label: str
    party: str
    end: bool
    beside: tuple[Station, ...] = ()


def _station(state: State, beside: tuple[Station, ...] = ()) -> Station:
    party = PARTY_LABELS.get(state.waits_for, "")
    return Station(state.key, i18n.gettext(state.label), i18n.gettext(party) if party else "", state.result is GRANTED,
                   beside)  # fmt: skip


def stations(case_type: CaseType) -> list[Station]:
    """The straight way from left to right, each with what lies beside it; the draft, which is nobody's, is left out.

    A state beside the way stands under the first station from which a step leads to it.
    """
    way = [state for state in route(case_type) if state is not case_type.initial]
    placed = {state.key for state in way} | {case_type.initial.key}
    under: dict[str, list[State]] = {state.key: [] for state in way}
    for state in case_type.states:
        if state.key in placed:
            continue
        sources = {key for action in case_type.actions if state.key in action.targets for key in action.at}
        first = next((one.key for one in way if one.key in sources), way[0].key)
        under[first].append(state)
    return [_station(state, tuple(_station(one) for one in under[state.key])) for state in way]


def qr(address: str, said: str) -> str:
    """An address as a QR code: black on white with its margin, as phones want it."""
    return segno.make(address, error="m").svg_inline(omitsize=True, border=2, svgclass="ssc-qr", title=said)


@bp.get("/scherm")
@open_to(PRACTICE)
def screen() -> ResponseReturnValue:
    """The projector's page."""
    practice = here.practice()
    found = standing.tallies(uow.session())
    runs = pace.state(uow.session())
    return render_template(
        "workshop/screen.html",
        practice=practice,
        round=here.scenario().round(practice.round),
        language=i18n.language(),
        stations=stations(here.main_type()),
        kind=here.main_type(),
        texts=live.screen_texts(found),
        clock=here.clock_said(uow.now()),
        pace=live.pace_said(practice.round, runs.paused),
        paused=runs.paused,
        address=here.address().partition("://")[2],
        short=here.home("/oefening").partition("://")[2],
        qr=qr(here.address("/meedoen"), i18n.gettext(N_("QR code to join"))),
    )
