"""Administration: people, units, roles, accounts, agreements, calendars, jobs, and the log of all that was changed."""

from portal.web.admin import changes, destruction, jobs, leading, mandates, organisation, people, rates, rights
from portal.web.admin.blueprint import bp

__all__ = ["bp", "changes", "destruction", "jobs", "leading", "mandates", "organisation", "people", "rates", "rights"]
