"""The processes of the personnel and finance functions, who does them for a municipality, and what does not fit.

Source: the partnership's handbook (annexes 1 and 2, division of tasks), in our own words. Belongs here: the lists, and
what follows from a division as a pure function of it. Does not belong here: who divided what, which is dated data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from workflows.parties import N_

P, F = "P", "F"
FUNCTIONS: Mapping[str, str] = {P: N_("Personnel"), F: N_("Finance")}
MUNICIPALITY, SSC, SHARED = "municipality", "ssc", "shared"
DOERS: Mapping[str, str] = {
    MUNICIPALITY: N_("The municipality"), SSC: N_("The SSC"), SHARED: N_("Both, each a part"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Task:
    """One process. `stays`: it steers what the SSC does, so it is always the municipality's."""

    function: str
    code: str
    label: str
    stays: bool = False

    @property
    def key(self) -> str:
        """Its name in both lists together: P3D, F13."""
        return f"{self.function}{self.code}"


TASKS: Mapping[str, Task] = {
    task.key: task
    for task in (
        Task(P, "1A", N_("Set the personnel policy"), stays=True),
        Task(P, "1B", N_("Advise on personnel policy"), stays=True),
        Task(P, "1C", N_("Commission what the SSC does for personnel"), stays=True),
        Task(P, "1D", N_("Control the personnel function"), stays=True),
        Task(P, "2", N_("Design the organisation, its jobs and staffing")),
        Task(P, "3A", N_("Plan how many people are needed")),
        Task(P, "3B", N_("Keep who is present and when")),
        Task(P, "3C", N_("Keep sickness and leave")),
        Task(P, "3D", N_("Keep the personnel administration")),
        Task(P, "4A", N_("Recruit and select own staff")),
        Task(P, "4B", N_("Hire people in and lend them out")),
        Task(P, "5A", N_("Hold appraisals and reviews")),
        Task(P, "5B", N_("Arrange training")),
        Task(P, "5C", N_("Arrange promotion and other jobs")),
        Task(P, "5D", N_("Keep development plans and the digital file")),
        Task(P, "6", N_("Set pay and other rewards")),
        Task(P, "7A", N_("Dismiss people")),
        Task(P, "7B", N_("Let people leave of their own will or by age")),
        Task(P, "8A", N_("Pay salaries")),
        Task(P, "8B", N_("Pay expense claims")),
        Task(P, "9A", N_("Report on personnel to management")),
        Task(P, "9B", N_("Advise managers on personnel")),
        Task(P, "9C", N_("Keep expertise and share knowledge on personnel")),
        Task(P, "10", N_("Support works councils")),
        Task(P, "11", N_("Do what else belongs to personnel")),
        Task(F, "0A", N_("Set the financial policy"), stays=True),
        Task(F, "0B", N_("Advise on financial policy"), stays=True),
        Task(F, "0C", N_("Commission and direct what the SSC does for finance"), stays=True),
        Task(F, "0D", N_("Control the finance function"), stays=True),
        Task(F, "1", N_("Make and watch the budget")),
        Task(F, "2", N_("Keep the general ledger")),
        Task(F, "3", N_("Keep fixed assets")),
        Task(F, "4", N_("Sell goods and services")),
        Task(F, "5", N_("Collect what others owe")),
        Task(F, "6", N_("Purchase goods and services")),
        Task(F, "7", N_("Process invoices and claims, and create payments")),
        Task(F, "8", N_("Keep stock")),
        Task(F, "9", N_("Keep cash and bank accounts")),
        Task(F, "10", N_("Manage loans and money to spare")),
        Task(F, "11", N_("Keep the administration of projects")),
        Task(F, "12", N_("Keep hours that were worked")),
        Task(F, "13", N_("Process joining, leaving, attendance, sickness and leave")),
        Task(F, "14", N_("Process the payroll")),
        Task(F, "15", N_("Report and advise across finance")),
        Task(F, "16", N_("Do what else belongs to finance")),
    )
}

SAME_WORK = (("P3B", "F13"), ("P3C", "F13"), ("P3D", "F13"), ("P8B", "F7"), ("P8A", "F14"))
"""A process of each list that cover the same work."""
LEDGERS = ("F2", "F7", "F9")
"""The financial administration, inside of which one does not cut."""
FOUR_EYES = (("F6", "F7"), ("F7", "F9"), ("F5", "F9"), ("P6", "P8A"))
"""What nobody does both of: order and pay, prepare and send payments, collect and keep the bank, set pay and pay it."""


@dataclass(frozen=True, slots=True)
class Divided:
    """Who does a process, and by which services when the SSC has a part in it. `note` says who does which part."""

    doer: str
    services: tuple[str, ...] = ()
    note: str = ""


class Kind(Enum):
    """What can be found about a division."""

    NOBODY = "nobody"
    NO_SERVICE = "no_service"
    SERVICE_OVER = "service_over"
    BOTH = "both"
    SAME_WORK = "same_work"
    CUT = "cut"
    FOUR_EYES = "four_eyes"


SENTENCES: Mapping[Kind, str] = {
    Kind.NOBODY: N_("Nobody was named for this. Agree on who does it."),
    Kind.NO_SERVICE: N_("The SSC does this without a service in the catalogue, so no norm or price holds for it."),
    Kind.SERVICE_OVER: N_("The service by which the SSC does this is not offered today."),
    Kind.BOTH: N_("Both sides do this. Write down who does which part."),
    Kind.SAME_WORK: N_("These are the same work, and lie with different sides."),
    Kind.CUT: N_("The financial administration is cut: a part lies with each side."),
    Kind.FOUR_EYES: N_("One side does both. Let different people do them."),
}
GAPS = frozenset({Kind.NOBODY, Kind.NO_SERVICE, Kind.SERVICE_OVER})
OVERLAPS = frozenset({Kind.BOTH, Kind.SAME_WORK, Kind.CUT})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one or more processes."""

    kind: Kind
    tasks: tuple[str, ...]


def doer_of(division: Mapping[str, Divided], key: str) -> str:
    """Who does a process; empty when nobody was named. What steers the SSC is the municipality's."""
    if TASKS[key].stays:
        return MUNICIPALITY
    return division[key].doer if key in division else ""


def findings(division: Mapping[str, Divided], offered: Collection[str]) -> list[Finding]:
    """All that does not fit in a division, when these services are offered: gaps first, then overlaps, then eyes."""
    found = [*_each(division, offered), *_together(division)]
    order = list(Kind)
    return sorted(found, key=lambda one: order.index(one.kind))


def _each(division: Mapping[str, Divided], offered: Collection[str]) -> Iterator[Finding]:
    for key in TASKS:
        doer = doer_of(division, key)
        if not doer:
            yield Finding(Kind.NOBODY, (key,))
        elif doer != MUNICIPALITY:
            services = division[key].services
            if not services:
                yield Finding(Kind.NO_SERVICE, (key,))
            elif not set(services) <= set(offered):
                yield Finding(Kind.SERVICE_OVER, (key,))
            if doer == SHARED and not division[key].note:
                yield Finding(Kind.BOTH, (key,))


def _together(division: Mapping[str, Divided]) -> Iterator[Finding]:
    for pair in SAME_WORK:
        doers = {doer_of(division, key) for key in pair}
        if "" not in doers and len(doers) > 1:
            yield Finding(Kind.SAME_WORK, pair)
    if {MUNICIPALITY, SSC} <= {doer_of(division, key) for key in LEDGERS}:
        yield Finding(Kind.CUT, LEDGERS)
    for pair in FOUR_EYES:
        doers = {doer_of(division, key) for key in pair}
        if len(doers) == 1 and doers <= {MUNICIPALITY, SSC}:
            yield Finding(Kind.FOUR_EYES, pair)
