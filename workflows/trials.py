"""Trial running: what is tried of the seven elements before a municipality goes live, how findings weigh, and when what
was tried can be accepted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workflows.kernel import Refusal
from workflows.parties import N_


@dataclass(frozen=True, slots=True)
class Activity:
    """Something to try, under one of the elements."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Element:
    """One of the seven elements of an organisation, with what is tried of it."""

    key: str
    label: str
    activities: tuple[Activity, ...]


# fmt: off
ELEMENTS = (
    Element("services", N_("Services"), (
        Activity("services_dvo", N_("Deliver services as the agreement (DVO) says")),
        Activity("services_helpdesk", N_("Reach the helpdesk, by telephone and by the portal")),
    )),
    Element("people", N_("People"), (
        Activity("people_trained", N_("Everybody who works with it was trained")),
        Activity("people_informed", N_("Employees and managers know what changes for them, and from when")),
    )),
    Element("organisation", N_("Organisation and governance"), (
        Activity("organisation_tasks", N_("Follow the division of tasks between municipality and SSC")),
        Activity("organisation_mandates", N_("Have requests approved within the mandates")),
        Activity("organisation_consultation", N_("Hold the consultation with commissioner and contract manager")),
    )),
    Element("processes", N_("Processes"), (
        Activity("processes_ssc", N_("Take life-like cases through the processes of the SSC")),
        Activity("processes_self_service", N_("Let employees hand in and managers decide by themselves")),
        Activity("processes_commissioning", N_("Ask for other work, and agree on it")),
    )),
    Element("information", N_("Information"), (
        Activity("information_in_time", N_("Information comes in the right order and in time")),
        Activity("information_found", N_("Information can be found and opened, and is right")),
    )),
    Element("systems", N_("Information systems and data exchange"), (
        Activity("systems_roles", N_("Everybody has the roles and rights of their work, and no more")),
        Activity("systems_dossiers", N_("Open digital dossiers")),
        Activity("systems_connections", N_("Exchange files with bank, bookkeeping and payroll")),
    )),
    Element("housing", N_("Housing, workplaces and infrastructure"), (
        Activity("housing_infrastructure", N_("Network, telephones and printers work")),
        Activity("housing_workplaces", N_("Workplaces are there and are set up")),
    )),
)
# fmt: on
ACTIVITIES: Mapping[str, Element] = {one.key: element for element in ELEMENTS for one in element.activities}
"""Of which element each activity is."""

WORKS, FAILS = "works", "fails"
VERDICTS: Mapping[str, str] = {WORKS: N_("Works"), FAILS: N_("Does not work yet")}

BLOCKING, HINDERING, AWKWARD = "blocking", "hindering", "awkward"
SEVERITIES: Mapping[str, str] = {
    BLOCKING: N_("Blocking"),
    HINDERING: N_("Hindering"),
    AWKWARD: N_("Awkward, but not insurmountable"),
}
"""How findings weigh, the heaviest first."""
WEIGHTS = tuple(SEVERITIES)

BLOCKED = Refusal("trial_blocked", N_("This cannot be accepted yet: there are blocking findings (open: %(count)s)."))
UNTRIED = Refusal(
    "trial_untried", N_("This cannot be accepted yet: not everything was tried (still to do: %(count)s).")
)


def gaps(open_severities: Iterable[str], verdicts: Mapping[str, str]) -> Sequence[Refusal]:
    """What stands in the way of accepting: blocking findings that are open, and activities that nobody tried.

    `verdicts` is what was said last of each activity. What does not work yet and hinders nobody much may be accepted:
    that is what findings are for.
    """
    blocking = sum(severity == BLOCKING for severity in open_severities)
    untried = sum(key not in verdicts for key in ACTIVITIES)
    found = ((BLOCKED, blocking), (UNTRIED, untried))
    return [Refusal(one.code, one.sentence, {"count": count}) for one, count in found if count]
