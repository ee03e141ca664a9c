"""What every template can use: filters for amounts and days, and the menu."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Flask, request, url_for
from flask import session as cookie
from flask_login import current_user

from portal import i18n
from portal.access import Role, Viewer
from portal.clock import local_date
from portal.interfaces.bank import return_reason_key
from portal.interfaces.report_words import FILTERS as REPORT_FILTERS
from portal.queries.cases import Page
from portal.queries.known_by import partners
from portal.queries.people import calendar_of, national_calendar
from portal.web import unit_of_work as uow
from portal.web.assets import ASSETS, static_url
from portal.web.contact_words import CONTACT_WORDS
from portal.web.filters import flag_label
from portal.web.urgency import urgency_of
from portal.web.wording import WORDS
from portal.web.workshop.band import practice_band
from portal.words.states import channel_label, holder_said, instant, is_granted, letter_text, state_said
from workflows import CASE_TYPES
from workflows.iban import grouped, masked
from workflows.kernel import Refusal
from workflows.parties import N_


@dataclass(frozen=True)
class MenuItem:
    """One entry of the menu."""

    endpoint: str
    label: str
    roles: tuple[Role, ...] = ()
    decides: bool = False
    """Only for who may be asked to decide: by mandate (who leads a unit without one is not), or in another's place."""

    under: tuple[str, ...] = ()
    """Other groups of screens that belong under it."""

    def is_for(self, viewer: Viewer) -> bool:
        """Whether this person has something to find there."""
        if self.decides and not (viewer.mandates or viewer.stands_in_for):
            return False
        return not self.roles or any(viewer.has(role) for role in self.roles)

    def is_current(self, group: str | None, endpoint: str | None) -> bool:
        """Whether the page being shown belongs under this entry. A dossier belongs under none: it is everybody's."""
        groups = (self.endpoint.partition(".")[0], *self.under)
        return group in groups and endpoint != "cases.dossier"


MENU = (
    MenuItem("home.home", N_("Home")),
    MenuItem("cases.mine", N_("My requests")),
    MenuItem("leave.mine", N_("My leave")),
    MenuItem("questions.mine", N_("Questions")),
    MenuItem("approvals.inbox", N_("To approve"), decides=True),
    MenuItem("queue.inbox", N_("Queue"), (Role.CLERK,)),
    MenuItem("contact.find", N_("Contact"), (Role.CLERK,)),
    MenuItem("post.waiting", N_("Post"), (Role.CLERK,)),
    MenuItem("invoices.waiting", N_("Invoices"), (Role.CLERK,)),
    MenuItem("leave_settling.lapses", N_("Leave"), (Role.CLERK,)),
    MenuItem("suppliers.overview", N_("Suppliers"), (Role.CLERK, Role.TREASURER)),
    MenuItem("payments.overview", N_("Payments"), (Role.TREASURER,)),
    MenuItem("ledger.overview", N_("Bookkeeping"), (Role.TREASURER,)),
    MenuItem(
        "agreements.overview",
        N_("Agreements"),
        (Role.CONTRACT_MANAGER, Role.DIRECTOR),
        under=("tasks", "catalogue"),
    ),
    MenuItem(
        "reports.now",
        N_("Figures"),
        (Role.CONTRACT_MANAGER, Role.DIRECTOR),
        under=("figures", "lateness", "sampling", "satisfaction", "businesscase"),
    ),
    MenuItem("whatif.overview", N_("What if"), (Role.TRAINER, Role.DIRECTOR)),
    MenuItem("lateness.overview", N_("Paying on time"), (Role.TREASURER,)),
    MenuItem("settlement.overview", N_("Settlement"), (Role.TREASURER, Role.DIRECTOR, Role.CONTRACT_MANAGER)),
    MenuItem("bank.overview", N_("Bank"), (Role.TREASURER, Role.CLERK)),
    MenuItem("workshops.overview", N_("Workshops"), (Role.TRAINER,)),
    MenuItem("people.find", N_("People"), (Role.CLERK, Role.FUNCTIONAL_MANAGER)),
    MenuItem("sampling.overview", N_("Samples"), (Role.FUNCTIONAL_MANAGER,)),
    MenuItem("passages.joining", N_("Joining and leaving"), (Role.DIRECTOR,)),
    MenuItem("trials.overview", N_("Trial running"), (Role.TRAINER, Role.DIRECTOR)),
    MenuItem("admin.overview", N_("Administration"), (Role.FUNCTIONAL_MANAGER,)),
)


@lru_cache(maxsize=4096)
def _built(root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    return url_for(endpoint, **dict(values))


def address_of(endpoint: str, **values: Any) -> str:
    """`url_for` for templates, remembered: a page asks for dozens of addresses, and nearly always for the same."""
    return _built(request.script_root, endpoint, tuple(values.items()))


def _menu() -> list[dict[str, Any]]:
    if not current_user.is_authenticated:
        return []
    viewer, here, there = uow.viewer(), request.blueprint, request.endpoint
    return [
        {"url": address_of(item.endpoint), "label": i18n.gettext(item.label), "count": None,
         "current": item.is_current(here, there)}
        for item in MENU
        if item.is_for(viewer)
    ]  # fmt: skip


def administers() -> bool:
    """Whether the reader looks after the portal: then screens that others have too stand under its headings."""
    return uow.viewer().has(Role.FUNCTIONAL_MANAGER)


def watches() -> bool:
    """Whether the reader watches over what the SSC delivers: then their pages about it stand under one entry."""
    return any(uow.viewer().has(role) for role in (Role.CONTRACT_MANAGER, Role.DIRECTOR))


def theme_url() -> str | None:
    """The stylesheet of the municipality the reader works for, when it has one. Known since they signed in."""
    name = f"themes/{cookie.get('theme', '')}.css"
    return static_url(name) if name in ASSETS else None


def label_of(case: Any) -> str:
    """What people read as the state of a case."""
    mine = current_user.is_authenticated and current_user.id in (case.initiator_id, case.preparer_id)
    return state_said(case, mine=mine)


TONES = {"paid": "success", "granted": "success", "settled": "success", "rejected": "danger", "withdrawn": "neutral",
         "returned": "warning", "unpaid": "danger", "draft": "neutral"}  # fmt: skip


def tone_of(case: Any) -> str:
    """The colour of a state's badge: never the only sign, the label stands beside it."""
    return TONES.get(case.state, "info")


def amount_of(case: Any) -> int:
    """The one amount by which a case is known, wherever it is shown: what was asked, until something was granted."""
    return int(case.sanctioned_cents if is_granted(case) else case.claimed_cents)


def days_left(due: datetime, municipality: Any = None) -> int:
    """Working days until a moment, by the calendar of a municipality; negative when it has passed.

    Without one by the national calendar: what is promised is promised by the SSC as a whole.
    """
    calendar = calendar_of(municipality) if municipality is not None else national_calendar()
    here, there = uow.today(), local_date(due)
    if there >= here:
        return calendar.working_days_between(here, there)
    return -calendar.working_days_between(there, here)


def title_of(case: Any) -> str:
    """What a list calls a case; empty while it has no title."""
    case_type = CASE_TYPES[case.type]
    return f"{i18n.gettext(case_type.label)} {case.title}" if case.title and case_type.label_first else str(case.title)


def holder_of(case: Any) -> str:
    """Who has a case now, in words: a name where one person has it, else the party."""
    mine = current_user.is_authenticated and case.initiator_id == uow.viewer().person_id
    return holder_said(case, mine=mine)


def reason_of_bank(code: str) -> str:
    """Why the bank did not pay, in words."""
    return i18n.gettext(return_reason_key(code))


def sentence_of(refusal: Refusal) -> str:
    """A refusal in the reader's language."""
    return i18n.say(refusal.sentence, refusal.values)


def next_page(page: Page) -> str | None:
    """The address of the next page of a list, filters kept."""
    if page.after is None or request.endpoint is None:
        return None
    arguments: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(), "after": page.after}
    return url_for(request.endpoint, **arguments)


FILTERS: dict[str, Callable[..., Any]] = {
    "euro": i18n.euro,
    "hours": i18n.hours,
    "foreign": i18n.foreign,
    "dag": i18n.day,
    "moment": i18n.moment,
    "instant": instant,
    "number": i18n.number,
    "decimal": i18n.decimal,
    "masked": masked,
    "grouped": grouped,
    "sentence": sentence_of,
    "days_left": days_left,
    "bank_reason": reason_of_bank,
}


def _context() -> dict[str, Any]:
    settings = uow.world().settings
    return {
        "nav": _menu(),
        "locale": i18n.language(),
        "demo": settings.demo,
        "practice": uow.world().practice,
        "partnership": settings.partnership,
        "mailbox": settings.ssc_mailbox,
        "theme_url": theme_url(),
        "person": current_user if current_user.is_authenticated else None,
    }


def install(app: Flask) -> None:
    """Give the templates their tools."""
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=False)  # type: ignore[attr-defined]
    # Jinja's own `_` looks `gettext` up anew on every call.
    env.globals["_"] = i18n.gettext
    env.filters.update(FILTERS)
    env.filters.update(REPORT_FILTERS)
    env.globals.update(
        static_url=static_url,
        url_for=address_of,
        label_of=label_of,
        title_of=title_of,
        watches=watches,
        administers=administers,
        amount_of=amount_of,
        is_granted=is_granted,
        tone_of=tone_of,
        holder_of=holder_of,
        next_page=next_page,
        now=uow.now,
        today=uow.today,
        CASE_TYPES=CASE_TYPES,
        say=i18n.say,
        channel_label=channel_label,
        urgency_of=urgency_of,
        flag_label=flag_label,
        letter_text=letter_text,
        partners=lambda: partners(uow.session()),
        practice_band=practice_band,
        **WORDS,
        **CONTACT_WORDS,
    )
    app.context_processor(_context)
