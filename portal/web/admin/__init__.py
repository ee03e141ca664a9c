"""Administration: people, units, roles, accounts, agreements, calendars, jobs, and the log of all that was changed."""

from portal.web.admin import (
    calendars,
    changes,
    chart,
    destruction,
    imports,
    jobs,
    leading,
    mandates,
    occupancy,
    organisation,
    people,
    policies,
    rates,
    rights,
    substitutes,
    timetable,
    work_patterns,
)
from portal.web.admin.blueprint import bp

__all__ = [
    "bp",
    "calendars",
    "changes",
    "chart",
    "destruction",
    "imports",
    "jobs",
    "leading",
    "mandates",
    "occupancy",
    "organisation",
    "people",
    "policies",
    "rates",
    "rights",
    "substitutes",
    "timetable",
    "work_patterns",
]
