"""The functional manager's corner: its blueprint, and its menu, to which other screens add a line."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, request, url_for
from flask.blueprints import BlueprintSetupState

from workflows.parties import N_

bp = Blueprint("admin", __name__, url_prefix="/beheer")


@dataclass(frozen=True)
class Entry:
    """One screen of administration: also current on the pages below its address. `group` is under which heading."""

    endpoint: str
    label: str
    group: str

    def is_current(self) -> bool:
        """Whether the page being shown belongs to this screen."""
        own = url_for(self.endpoint)
        return request.path == own or (not own.endswith("/") and request.path.startswith(f"{own}/"))


RUNNING, PEOPLE, AGREED, WATCHED = (
    N_("The portal"), N_("People and organisation"), N_("What was agreed"), N_("Looking after it"),
)  # fmt: skip
"""The headings of the menu: few, so that one finds the way without reading everything."""

MENU = (
    Entry("admin.overview", N_("What went wrong"), RUNNING),
    Entry("admin.show_timetable", N_("Jobs"), RUNNING),
    Entry("admin.case_types", N_("Case types"), RUNNING),
    Entry("admin.list_people", N_("People"), PEOPLE),
    Entry("admin.show_organisation", N_("Organisation"), PEOPLE),
    Entry("admin.show_leading", N_("Who leads"), PEOPLE),
    Entry("admin.show_mandates", N_("Mandates"), PEOPLE),
    Entry("passages.joining", N_("Joining and leaving"), PEOPLE),
    Entry("trials.overview", N_("Trial running"), PEOPLE),
    Entry("admin.show_policies", N_("Agreements and rates"), AGREED),
    Entry("catalogue.overview", N_("Service catalogue"), AGREED),
    Entry("admin.show_rates", N_("Exchange rates"), AGREED),
    Entry("admin.show_chart", N_("Chart of accounts"), AGREED),
    Entry("admin.show_calendars", N_("Calendars"), AGREED),
    Entry("admin.show_changes", N_("Changes"), WATCHED),
    Entry("admin.outside_work", N_("Reading"), WATCHED),
    Entry("reports.event_log", N_("Event log"), WATCHED),
    Entry("admin.destruction_lists", N_("Destruction"), WATCHED),
)


@dataclass(frozen=True)
class Group:
    """Screens that belong together, as the menu shows them: first the headings, then what is under the current one."""

    label: str
    entries: tuple[Entry, ...]
    current: bool


def groups() -> tuple[Group, ...]:
    """The menu for the page being shown, in the order of the headings."""
    found = []
    for label in (RUNNING, PEOPLE, AGREED, WATCHED):
        entries = tuple(entry for entry in MENU if entry.group == label)
        found.append(Group(label, entries, any(entry.is_current() for entry in entries)))
    return tuple(found)


@bp.record
def _give_menu(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals["admin_groups"] = groups
