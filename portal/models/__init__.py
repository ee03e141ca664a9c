"""The tables, one module a noun. Importing this package makes them all known."""

from portal.models import (
    cases,
    changes,
    contact,
    destruction,
    events,
    imports,
    jobs,
    lines,
    mail,
    outstanding,
    payments,
    people,
    post,
    rates,
    reads,
    sampling,
)

__all__ = [
    "cases",
    "changes",
    "contact",
    "destruction",
    "events",
    "imports",
    "jobs",
    "lines",
    "mail",
    "outstanding",
    "payments",
    "people",
    "post",
    "rates",
    "reads",
    "sampling",
]
