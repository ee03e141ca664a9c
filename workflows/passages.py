"""Joining and leaving the partnership: what is judged and arranged on the way, and what still stands in the way.

Belongs here: the lists, and what is lacking, as a pure function. The criteria are those that the handbook names for who
joins; the consequences those that a leaving has for the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflows.kernel import Refusal
from workflows.parties import N_

JOINING, LEAVING = "joining", "leaving"
MET, NOT_MET, DONE, OPEN = "met", "not_met", "done", "open"
VERDICTS: Mapping[str, str] = {
    MET: N_("Meets it"), NOT_MET: N_("Does not meet it"), DONE: N_("Arranged"), OPEN: N_("Not arranged yet"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """One thing on a list. A criterion is judged: it is met or not; anything else is arranged, or not yet."""

    key: str
    label: str
    about: str
    criterion: bool = False

    @property
    def verdicts(self) -> tuple[str, ...]:
        """What can be said of it."""
        return (MET, NOT_MET) if self.criterion else (DONE, OPEN)


CRITERIA = (
    Point("organisation", N_("Administrative organisation"),
          N_("Do tasks, mandates and controls fit how the partnership works?"), criterion=True),
    Point("size", N_("Size"), N_("Is the number of employees and cases one that the SSC can serve?"), criterion=True),
    Point("processes", N_("Professional level of the processes"),
          N_("Can the processes go over to the standard of the partnership?"), criterion=True),
    Point("systems", N_("Connecting the systems"),
          N_("Can personnel, finance and bank be connected, with tested files?"), criterion=True),
    Point("payroll", N_("Payroll and budgeting"),
          N_("Do the way of payroll processing and of budgeting fit the agreements?"), criterion=True),
)  # fmt: skip
ARRANGED = (
    Point("agreements", N_("Agreements signed"), N_("Services, norms, price and procedures, by both sides.")),
    Point("chart", N_("Chart of accounts taken in"), N_("With the posting rules, and the month in which it begins.")),
    Point("policies", N_("Own agreements, closing days and mandates"),
          N_("With the article in which each is laid down.")),
    Point("accounts", N_("People can sign in"), N_("Accounts opened, roles given, approvers told.")),
    Point("trial", N_("Trial run done"), N_("Life-like cases on part of the data; blocking findings resolved.")),
)  # fmt: skip
CONSEQUENCES = (
    Point("agreements", N_("Agreements ended"),
          N_("By which article, with which notice, and what holds until the day.")),
    Point("costs", N_("Frictional costs"), N_("What the leaving costs the partnership, who pays it, and in how long.")),
    Point("retention", N_("Who keeps and destroys"),
          N_("From which day the municipality keeps the dossiers, and when the SSC destroys its copy.")),
    Point("open_cases", N_("Open cases"), N_("Which cases the SSC still finishes, and which go along as they are.")),
    Point("payments", N_("Payments and what people owe"),
          N_("Last payment run, returns of the bank, amounts to set off.")),
    Point("books", N_("Books closed"), N_("The journal booked up to the day, and its last month closed.")),
    Point("people", N_("Employees told"),
          N_("Where they claim and ask for leave from the day on, and whom they call.")),
    Point("access", N_("Access ended"), N_("Accounts, roles, bank connection and links to systems.")),
    Point("archive", N_("Archive handed over"), N_("Received, and verified by taking it in elsewhere.")),
)  # fmt: skip
POINTS: Mapping[str, tuple[Point, ...]] = {JOINING: (*CRITERIA, *ARRANGED), LEAVING: CONSEQUENCES}

NOT_JUDGED = Refusal("passage_not_judged", N_("Not judged yet: %(what)s."))
NOT_GOOD = Refusal("passage_not_met", N_("Does not meet the criterion: %(what)s."))
NOT_ARRANGED = Refusal("passage_not_arranged", N_("Not arranged yet: %(what)s."))
NO_RECONCILIATION = Refusal("passage_not_reconciled", N_("No file was taken in and reconciled yet."))
DIFFERS = Refusal("passage_differs", N_("The last reconciliation of %(what)s still has differences."))


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The last reconciliation of one file: what it is of, and how many differences it found; None is not done."""

    what: str
    differences: int | None


def gaps(kind: str, said: Mapping[str, str], reconciled: Iterable[Reconciled] = ()) -> list[Refusal]:
    """What still stands in the way of going live, or of having left: by what was last said of each point.

    Going live asks that every criterion is met, all is arranged, and the files that were handed in agree.
    """
    found = []
    for point in POINTS[kind]:
        verdict = said.get(point.key, "")
        if point.criterion and verdict != MET:
            found.append(_about(NOT_GOOD if verdict == NOT_MET else NOT_JUDGED, point.label))
        elif not point.criterion and verdict != DONE:
            found.append(_about(NOT_ARRANGED, point.label))
    if kind == JOINING:
        files = list(reconciled)
        if not files:
            found.append(NO_RECONCILIATION)
        found += [_about(DIFFERS, one.what) for one in files if one.differences != 0]
    return found


def _about(refusal: Refusal, what: str) -> Refusal:
    return Refusal(refusal.code, refusal.sentence, {"what": what})
