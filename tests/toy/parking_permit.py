"""A case type as an outsider would write it: a permit to park near the office. It knows no database and no web page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from wtforms import Form, SelectField, StringField
from wtforms.fields import SelectChoice

from workflows import CASE_TYPES
from workflows.effects import AskByMail, Tell
from workflows.fields import Reader
from workflows.filling import Facts, FillingIn, Problem
from workflows.kernel import Action, CaseType, State, WorkingDays, at
from workflows.parties import ABORTED, APPROVER, CLERK, GRANTED, INITIATOR, REFUSED, SYSTEM
from workflows.rules import HOLDS_CASE, NOT_OWN

PLACES = ("north", "south")


class PermitForm(Form):
    """Which car, where, and from which day."""

    plate = StringField("License plate")
    place = SelectField("Where", choices=[SelectChoice(place, place) for place in PLACES], validate_choice=False)
    since = StringField("First day")


def read(form: Any, filling: FillingIn) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    reader = Reader(filling.language)
    plate = reader.text("plate", form.plate.data, required="Fill in the plate.", limit=8)
    since = reader.day("since", form.since.data, today=filling.today)
    if form.place.data not in PLACES:
        reader.wrong("place", "place_unknown", "Choose a place.")
    content = {"plate": plate.upper(), "place": form.place.data, "since": since.isoformat() if since else ""}
    return content, tuple(reader.problems)


def facts(content: Mapping[str, Any]) -> Facts:
    return Facts(title=f"Parking for {content.get('plate', '')}")


# fmt: off
PERMIT = CaseType(
    key="parking_permit",
    label="Parking permit",
    prefix="PRK",
    states=(
        State("draft", "Draft", INITIATOR),
        State("asked", "Waiting for the manager", APPROVER, WorkingDays(2), WorkingDays(1), WorkingDays(2)),
        State("issuing", "Being issued", CLERK, WorkingDays(3)),
        State("returned", "Back with you", INITIATOR, suspends=True),
        State("issued", "Issued", result=GRANTED),
        State("refused", "Refused", result=REFUSED),
        State("withdrawn", "Withdrawn", result=ABORTED),
    ),
    actions=(
        Action("ask", "Ask for it", INITIATOR, at("draft", "returned"), "asked", "Asked for",
               then=(AskByMail(), Tell(INITIATOR, "received")), takes_content=True, tone="primary"),
        Action("agree", "Agree", APPROVER, at("asked"), "issuing", "Agreed to park", needs=(NOT_OWN,),
               then=(Tell(INITIATOR, "approved"), Tell(CLERK, "to_check")), binds=True, tone="primary"),
        Action("reroute", "Ask another", SYSTEM, at("asked"), "asked", "Put to another", then=(AskByMail(),)),
        Action("return", "Send back", APPROVER | CLERK, at("asked", "issuing"), "returned", "Sent back",
               needs=(NOT_OWN,), then=(Tell(INITIATOR, "returned"),), reason=True),
        Action("refuse", "Refuse", APPROVER, at("asked"), "refused", "Refused", needs=(NOT_OWN,),
               then=(Tell(INITIATOR, "rejected"),), reason=True, tone="danger"),
        Action("issue", "Issue the permit", CLERK, at("issuing"), "issued", "Permit issued",
               needs=(NOT_OWN, HOLDS_CASE), then=(Tell(INITIATOR, "approved"),), tone="primary"),
        Action("withdraw", "Withdraw", INITIATOR, at("draft", "asked", "issuing", "returned"), "withdrawn",
               "Withdrawn", tone="danger"),
    ),
    form=PermitForm,
    read=read,
    facts=facts,
    norm=WorkingDays(5),
)
# fmt: on


@contextmanager
def registered() -> Iterator[CaseType]:
    """The register's one line, for as long as the test lasts."""
    CASE_TYPES[PERMIT.key] = PERMIT
    try:
        yield PERMIT
    finally:
        del CASE_TYPES[PERMIT.key]
