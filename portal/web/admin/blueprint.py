"""The functional manager's corner: its blueprint, and its menu, to which other screens add a line."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, request, url_for
from flask.blueprints import BlueprintSetupState

from workflows.parties import N_

bp = Blueprint("admin", __name__, url_prefix="/beheer")


@dataclass(frozen=True)
class Entry:
    """One screen of administration: also current on the pages below its address."""

    endpoint: str
    label: str

    def is_current(self) -> bool:
        """Whether the page being shown belongs to this screen."""
        own = url_for(self.endpoint)
        return request.path == own or (not own.endswith("/") and request.path.startswith(f"{own}/"))


MENU = (
    Entry("admin.overview", N_("Jobs and mail")),
    Entry("admin.list_people", N_("People")),
    Entry("admin.show_organisation", N_("Organisation")),
    Entry("admin.show_leading", N_("Who leads")),
    Entry("admin.show_mandates", N_("Mandates")),
    Entry("admin.show_policies", N_("Agreements and rates")),
    Entry("admin.show_rates", N_("Exchange rates")),
    Entry("admin.show_chart", N_("Chart of accounts")),
    Entry("admin.show_calendars", N_("Calendars")),
    Entry("admin.case_types", N_("Case types")),
    Entry("admin.show_changes", N_("Changes")),
    Entry("admin.outside_work", N_("Reading")),
    Entry("admin.destruction_lists", N_("Destruction")),
)


@bp.record
def _give_menu(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals["ADMIN_MENU"] = MENU
