"""What differs between two versions of what a case says, in sentences: lines added, dropped and changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal import i18n
from workflows.kernel import CaseType
from workflows.parties import N_

AMOUNTS = {"claimed_cents": N_("claimed"), "sanctioned_cents": N_("granted"), "net_cents": N_("amount")}
HEAD = {"purpose": N_("purpose"), "cost_centre": N_("cost centre")}
WORDS = {
    "category": N_("category"),
    "date": N_("date"),
    "description": N_("description"),
    "origin": N_("from"),
    "destination": N_("to"),
    "km": N_("kilometres"),
    "days": N_("days"),
    "persons": N_("persons"),
    "vat_percent": N_("VAT"),
    "outcome": N_("decision"),
}


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any], case_type: CaseType) -> list[str]:
    """What differs, the head first, then the lines in their order."""
    old = {line["key"]: line for line in before.get("lines", ())}
    new = {line["key"]: line for line in after.get("lines", ())}
    said = [
        i18n.gettext(N_("%(field)s was %(old)s, is now %(new)s"), field=i18n.gettext(label).capitalize(),
                     old=before.get(field) or "–", new=after.get(field) or "–")
        for field, label in HEAD.items()
        if before.get(field, "") != after.get(field, "")
    ]  # fmt: skip
    said += [
        i18n.gettext(
            N_("Line added: %(line)s, %(amount)s"),
            line=_name(line),
            amount=i18n.euro(line.get("claimed_cents", line.get("net_cents", 0))),
        )
        for key, line in new.items()
        if key not in old
    ]
    said += [
        i18n.gettext(N_("Line removed: %(line)s"), line=_name(line)) for key, line in old.items() if key not in new
    ]
    for key, line in new.items():
        if key in old:
            said += _line_changes(old[key], line, case_type)
    return said


def _name(line: Mapping[str, Any]) -> str:
    return str(line.get("description") or line["key"])


def _shown(field: str, value: Any, case_type: CaseType) -> str:
    """A value as people read it."""
    if not value:
        return "–"
    if field == "date":
        return i18n.day(value)
    if field == "vat_percent":
        return f"{value}%"
    words = case_type.vocabulary
    if field == "category":
        value = words["categories"][value].label
    elif field == "outcome":
        value = words["outcomes"][value]
    return i18n.gettext(str(value)) if field in ("category", "outcome") else str(value)


def _line_changes(old: Mapping[str, Any], new: Mapping[str, Any], case_type: CaseType) -> list[str]:
    said = []
    for field, label in AMOUNTS.items():
        if field == "sanctioned_cents" and old.get("claimed_cents") != new.get("claimed_cents"):
            continue
        if old.get(field) != new.get(field):
            said.append((label, i18n.euro(old.get(field, 0)), i18n.euro(new.get(field, 0))))
    said += [
        (label, _shown(field, old.get(field), case_type), _shown(field, new.get(field), case_type))
        for field, label in WORDS.items()
        if (old.get(field) or "") != (new.get(field) or "")
    ]
    told = [
        i18n.gettext(N_("%(line)s: %(field)s was %(old)s, is now %(new)s"), line=_name(new), field=i18n.gettext(label),
                     old=was, new=now)
        for label, was, now in said
    ]  # fmt: skip
    if len(new.get("documents", ())) > len(old.get("documents", ())):
        told.append(i18n.gettext(N_("%(line)s: receipt added"), line=_name(new)))
    return told
