"""The business case of each municipality and of all together: seen, on paper, as a file, and entered anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands.business_case import enter
from portal.interfaces.charts import Point, columns
from portal.interfaces.paper import Paper, Section
from portal.models.people import Municipality
from portal.queries import admin as places
from portal.queries.business_case import Held, holding, versions_of
from portal.web import businesscase_form as forms
from portal.web import unit_of_work as uow
from portal.web.admin.forms import Form
from portal.web.papers import answered
from portal.web.sent import whole
from portal.web.tables import csv_answer
from workflows.business_case import BusinessCase, Outcome, consolidated
from workflows.kernel import Refused
from workflows.money import plain
from workflows.parties import N_

bp = Blueprint("businesscase", __name__, url_prefix="/businesscase")

LOOK = (Role.DIRECTOR, Role.CONTRACT_MANAGER)
ALL = "samen"
"""In the address, in place of a municipality: all of them together."""
WHERE: Mapping[str, str] = {"change_reason_missing": "reason", "business_case_years": "running-0"}
COUNTED = N_(
    "The saving is the cost before less the running cost of the year. The added value is the saving less what is "
    "invested in that year. Added up is the sum of all years up to then."
)
HEADER = (N_("Year"), N_("Running cost"), N_("Saving"), N_("Investment"), N_("Added value"), N_("Added up"))


def amounts_of(one: Outcome) -> tuple[int, ...]:
    """The amounts of a year, in the order of the table."""
    return one.running_cents, one.saving_cents, one.investment_cents, one.added_cents, one.cumulative_cents


@dataclass(frozen=True)
class Shown:
    """A business case with whose it is: of one municipality, or (`place` None) of several together."""

    code: str
    name: str
    case: BusinessCase
    held: Held | None = None

    @property
    def chart(self) -> str:
        """The added value so far, year by year, in thousands of euros."""
        return columns([Point(str(one.year), Decimal(one.cumulative_cents) / 100_000, _thousands(one.cumulative_cents))
                        for one in self.case.outcomes])  # fmt: skip

    @property
    def told(self) -> str:
        """The same in words, for who does not see the chart."""
        return "; ".join(f"{one.year}: {self.money(one.cumulative_cents)}" for one in self.case.outcomes)

    def money(self, cents: int) -> str:
        """An amount for people, without cents where nothing here has any."""
        text = i18n.euro(cents)
        amounts = [self.case.current_cents, *(each for one in self.case.outcomes for each in amounts_of(one))]
        return text if any(each % 100 for each in amounts) else text[:-3]

    @property
    def counted(self) -> str:
        """How the amounts follow from each other."""
        return i18n.gettext(COUNTED)

    @property
    def ends(self) -> str:
        """When it breaks even, in a sentence."""
        year = self.case.break_even_year
        if year is None:
            return i18n.gettext(N_("It does not break even in these years."))
        return i18n.gettext(N_("It breaks even in %(year)s: from then on it has brought in what it cost."), year=year)


def _thousands(cents: int) -> str:
    return i18n.number(round(Decimal(cents) / 100_000, 1).normalize())


def mine() -> Sequence[Municipality]:
    """The municipalities of which this reader sees the business case."""
    return places.municipalities(uow.session(), uow.viewer().reach(*LOOK))


def one_of(code: str, *, only_director: bool = False) -> Municipality:
    """A municipality of this reader's, or 404."""
    found = next((one for one in mine() if one.code == code), None) or abort(HTTPStatus.NOT_FOUND)
    if only_director and not uow.viewer().has(Role.DIRECTOR, found.id):
        abort(HTTPStatus.NOT_FOUND)
    return found


def together() -> tuple[Shown, list[tuple[Municipality, Held | None]]]:
    """All business cases of this director as one, and each of them; 404 for who is no director."""
    if not uow.viewer().has(Role.DIRECTOR):
        abort(HTTPStatus.NOT_FOUND)
    all_mine = places.municipalities(uow.session(), uow.viewer().reach(Role.DIRECTOR))
    held = holding(uow.session(), [one.id for one in all_mine])
    whole_case = consolidated([one.case for one in held.values()])
    shown = Shown(ALL, i18n.gettext(N_("All municipalities together")), whole_case)
    return shown, [(place, held.get(place.id)) for place in all_mine]


def shown_of(code: str) -> Shown:
    """What an address names: one municipality (404 without a business case), or all together."""
    if code == ALL:
        return together()[0]
    place = one_of(code)
    held = holding(uow.session(), [place.id]).get(place.id) or abort(HTTPStatus.NOT_FOUND)
    return Shown(code, place.name, held.case, held)


@bp.get("")
@open_to(*LOOK)
def overview() -> ResponseReturnValue:
    """For the director all together; a contract manager goes on to their own."""
    if uow.viewer().has(Role.DIRECTOR):
        shown, rows = together()
        return render_template("businesscase/overview.html", code=ALL, shown=shown, rows=rows)
    found = mine()
    if len(found) == 1:
        return redirect(url_for("businesscase.one", code=found[0].code))
    return render_template("businesscase/choose.html", places=found)


@bp.get("/<code>")
@open_to(*LOOK)
def one(code: str) -> ResponseReturnValue:
    """The business case of one municipality, as it holds or in an older version."""
    if code == ALL:
        return redirect(url_for("businesscase.overview"))
    place = one_of(code)
    versions = versions_of(uow.session(), place.id)
    number = whole(request.args.get("versie", ""))
    held = next((each for each in versions if number in (None, each.version.version)), None)
    if versions and held is None:
        abort(HTTPStatus.NOT_FOUND)
    return render_template(
        "businesscase/one.html", code=code, place=place, versions=versions,
        shown=Shown(code, place.name, held.case, held) if held else None,
        director=uow.viewer().has(Role.DIRECTOR, place.id),
    )  # fmt: skip


def _entering(place: Municipality, form: Form, status: int = HTTPStatus.OK) -> ResponseReturnValue:
    page = render_template(
        "businesscase/enter.html", place=place, form=form, rows=forms.rows_of(form), wrong=form.wrong,
        others=form.others,
    )  # fmt: skip
    return page, status


@bp.get("/<code>/nieuw")
@open_to(Role.DIRECTOR)
def new(code: str) -> ResponseReturnValue:
    """The form for a new version, with what holds now in it."""
    place = one_of(code, only_director=True)
    return _entering(place, forms.filled(holding(uow.session(), [place.id]).get(place.id), uow.today().year))


@bp.post("/<code>/nieuw")
@open_to(Role.DIRECTOR)
def save(code: str) -> ResponseReturnValue:
    """Enter a new version."""
    place, form = one_of(code, only_director=True), Form("enter")
    try:
        enter(uow.session(), uow.viewer(), place, forms.read(form), form.text("reason"), uow.now())
    except Refused as refused:
        uow.session().rollback()
        form.blame(refused, WHERE)
        return _entering(one_of(code, only_director=True), form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The business case of %(name)s was saved."), name=place.name), "success")
    return redirect(url_for("businesscase.one", code=code))


@bp.get("/<code>/businesscase.csv")
@open_to(*LOOK)
def download(code: str) -> ResponseReturnValue:
    """The table as a file."""
    shown = shown_of(code)
    comma = i18n.language() == "nl"

    def rows() -> Iterator[Sequence[object]]:
        yield (i18n.gettext(N_("Beforehand")), plain(shown.case.current_cents, comma), "", "", "", "")
        for one in shown.case.outcomes:
            yield (one.year, *(plain(cents, comma) for cents in amounts_of(one)))

    return csv_answer(f"businesscase-{code}", [i18n.gettext(word) for word in HEADER], rows())


@bp.get("/<code>/businesscase.pdf")
@open_to(*LOOK)
def paper(code: str) -> ResponseReturnValue:
    """The business case on paper."""
    shown = shown_of(code)
    return answered(paper_of(shown), f"businesscase-{code}")


def table_of(shown: Shown) -> Section:
    """The table with its chart and what it comes to."""
    rows = [[i18n.gettext(N_("Beforehand")), shown.money(shown.case.current_cents), "", "", "", ""]]
    rows += [[str(one.year), *map(shown.money, amounts_of(one))] for one in shown.case.outcomes]
    section = Section(i18n.gettext(N_("Costs and what they bring in"))).text(shown.ends)
    section.rows([i18n.gettext(word) for word in HEADER], rows, [1, 1.6, 1.5, 1.5, 1.6, 1.7], numbers=(1, 2, 3, 4, 5))
    if shown.case.years:
        caption = i18n.gettext(N_("Added value so far, in thousands of euros"))
        section.chart(shown.chart, f"{caption}: {shown.told}", caption)
    return section


def paper_of(shown: Shown) -> Paper:
    """The whole paper."""
    partnership, title = uow.world().settings.partnership, i18n.gettext(N_("Business case"))
    held = shown.held.version if shown.held else None
    section = Section(i18n.gettext(N_("How it is counted"))).text(shown.counted)
    if held:
        section.facts([
            (i18n.gettext(N_("Version")), str(held.version)),
            (i18n.gettext(N_("Entered on")), i18n.day(held.entered_at)),
            (i18n.gettext(N_("Based on")), held.reason),
        ])  # fmt: skip
    return Paper(
        title=f"{title}: {shown.name}", author=partnership, running=f"{partnership} · {title} {shown.name}",
        made=i18n.gettext(N_("Made on %(at)s."), at=i18n.moment(uow.now())), made_at=uow.now(), lang=i18n.language(),
        sections=[table_of(shown), section],
    )  # fmt: skip
