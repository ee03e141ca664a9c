"""The words of administration: kinds of change, and the names and values of what was changed."""

from __future__ import annotations

import re
from datetime import date

from portal import i18n
from portal.access import ROLE_LABELS, Role
from portal.commands.changes import WHAT
from portal.web.admin.blueprint import bp
from workflows import CASE_TYPES
from workflows.parties import N_

FIELDS = {
    "given_name": N_("First name"),
    "family_name": N_("Last name"),
    "email": N_("E-mail address"),
    "phone": N_("Telephone number"),
    "language": N_("Language"),
    "number": N_("Personnel number"),
    "job_title": N_("Job title"),
    "unit": N_("Unit"),
    "hours": N_("Hours"),
    "people": N_("People"),
    "parent": N_("Falls under"),
    "municipality": N_("Municipality"),
    "name": N_("Name"),
    "code": N_("Short name"),
    "account_name": N_("Account in the name of"),
    "iban": N_("IBAN"),
    "bic": N_("BIC"),
    "cost_centre": N_("Cost centre"),
    "leader": N_("Led by"),
    "substitute": N_("Stands in"),
    "kind": N_("Kind of case"),
    "maximum": N_("Up to which amount"),
    "designated": N_("For those at the top"),
    "valid_from": N_("From"),
    "valid_to": N_("Up to and including"),
    "role": N_("Role"),
    "username": N_("User name"),
    "value": N_("Value"),
    "source": N_("Source"),
    "day": N_("Day"),
    "added": N_("New"),
    "changed": N_("Changed"),
    "ended": N_("Ended"),
    "differing": N_("Given otherwise than ours"),
    "outcome": N_("Outcome"),
    "label": N_("Name"),
    "side": N_("Balance or result"),
    "category": N_("Category"),
    "account": N_("Ledger account"),
    "task": N_("Task field"),
    "vat": N_("VAT"),
    "month": N_("Month"),
    "version": N_("Version"),
    "goal": N_("Goal"),
    "year": N_("Year"),
    "edition": N_("Edition"),
    "running": N_("Running cost"),
    "investment": N_("Investment"),
    "format": N_("Kind of file"),
    "break_even_year": N_("Breaks even in"),
}
"""What people call a field of a change."""

LANGUAGES = {"nl": N_("Dutch"), "en": N_("English")}
ROLES = {role.value: label for role, label in ROLE_LABELS.items()}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def change_label(what: str) -> str:
    """What was done, in words; its code when it is not known any more."""
    return i18n.gettext(WHAT.get(what, what))


def field_label(field: str) -> str:
    """What people call a field."""
    return i18n.gettext(FIELDS.get(field, field))


def value_text(field: str, value: str) -> str:
    """A value of a field for people: days written out, languages and roles by name."""
    if field in ("valid_from", "valid_to", "day", "month") and DAY.fullmatch(value):
        return i18n.day(date.fromisoformat(value), "d MMM y")
    if field == "kind" and value in CASE_TYPES:
        return i18n.gettext(CASE_TYPES[value].label)
    if field == "designated":
        return i18n.gettext(value)
    if field == "language":
        return i18n.gettext(LANGUAGES.get(value, value))
    return i18n.gettext(ROLES.get(value, value)) if field == "role" else value


def role_of(text: str) -> Role | None:
    """The role of this key; None when there is none."""
    return Role(text) if text in ROLES else None


for word in (change_label, field_label, value_text):
    bp.add_app_template_global(word)
