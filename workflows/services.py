"""Services of a catalogue as values: in what they are counted, by which indicators they are judged, at which target.

Belongs here: the words and the reading of targets. Does not belong here: how an indicator is measured.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from workflows.kernel import Refusal, Refused
from workflows.parties import N_

CASE, EMPLOYEE, MONTH = "case", "employee", "month"
UNITS: Mapping[str, str] = {CASE: N_("per case"), EMPLOYEE: N_("per employee per year"), MONTH: N_("per month")}

CONTACT = "contact"
BY_CASE = "case:"

INDICATORS: Mapping[str, str] = {
    "invoices_payable": N_("Invoices made payable within 30 days"),
    "invoices_paid": N_("Invoices paid within 30 days"),
    "claims_paid": N_("Claims paid within 10 working days"),
    "approval": N_("Requests decided on by the manager within 5 working days"),
    "check": N_("Requests checked by the SSC within 3 working days"),
    "first_time_right": N_("Right the first time"),
    "contacts_answered": N_("Questions answered within 5 working days"),
    "calls_kept": N_("Promises to call back that were kept"),
    "leave_decided": N_("Leave decided on within 3 working days"),
    "samples_failed": N_("Samples that were not right, at most"),
    "satisfaction": N_("Satisfaction, as a mark from 1 to 10"),
}
"""By what a service can be judged, under the keys of the reports. Targets are per cents, but for the mark."""
MARKS = frozenset({"satisfaction"})

_TARGET = re.compile(r"(\d{1,3})(?:[.,](\d))?")
TARGET_WRONG = Refusal("target_wrong", N_("Write a target as a number from 0 to 100, with one decimal at most."))
MARK_WRONG = Refusal("target_mark_wrong", N_("Write a mark from 1 to 10, with one decimal at most."))


def read_target(indicator: str, typed: str) -> Decimal:
    """The target that somebody typed for an indicator. Raises Refused."""
    found = _TARGET.fullmatch(typed.strip().removesuffix("%").strip())
    value = Decimal(f"{found[1]}.{found[2] or 0}") if found else Decimal(-1)
    if indicator in MARKS:
        if not 1 <= value <= 10:
            raise Refused(MARK_WRONG)
    elif not 0 <= value <= 100:
        raise Refused(TARGET_WRONG)
    return value


def plain_target(value: Decimal | str) -> str:
    """A target as it is kept: without a decimal that says nothing."""
    whole = Decimal(value).quantize(Decimal("0.1"))
    return f"{whole:f}".removesuffix(".0")
