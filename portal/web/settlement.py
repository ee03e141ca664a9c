"""Settlement: what each municipality owes for a quarter, by every way side by side, and line by line with its evidence.

Who works for all municipalities sees all and makes it; a contract manager sees what is final of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import settlements as commands
from portal.commands.costs import WORKERS
from portal.models.costs import FINAL, CostItem, QuarterSettlement
from portal.models.people import Municipality
from portal.queries.costs import cost_totals, costs_of, quarters
from portal.queries.settlements import all_settlements, invoices_of, places_within, revisions
from portal.web import unit_of_work as uow
from portal.web.sent import whole
from portal.web.tables import csv_answer
from workflows import CASE_TYPES
from workflows.kernel import Refusal, Refused
from workflows.money import plain
from workflows.parties import N_
from workflows.quarters import is_quarter, last_day
from workflows.services import CONTACT
from workflows.settled import account_of, changes
from workflows.settlement import BY_KEY, KEYS, VARIANTS, by_way, ways

bp = Blueprint("settlement", __name__, url_prefix="/verrekening")

LOOK = (Role.TREASURER, Role.DIRECTOR, Role.CONTRACT_MANAGER)
JUDGE = (*LOOK, Role.CLERK)
"""Who sees a line with its evidence: clerks too, as they decide on what is disputed."""


def is_worker() -> bool:
    """Whether the reader works on the settlement of all municipalities."""
    viewer = uow.viewer()
    return any(viewer.has(role) for role in WORKERS) and viewer.reach(*WORKERS) is None


def _mine(who: Sequence[Role] = LOOK) -> Sequence[Municipality]:
    return places_within(uow.session(), uow.viewer().reach(*who))


def way_label(variant: str, key: str) -> str:
    """A way of settling in words."""
    label = i18n.gettext(VARIANTS[variant])
    return f"{label}: {i18n.gettext(KEYS[key]).lower()}" if variant == BY_KEY and key else label


def counted_label(kind: str) -> str:
    """What people call something that is counted."""
    return i18n.gettext(N_("Contact") if kind == CONTACT else CASE_TYPES[kind].label)


def line_label(line: Mapping[str, Any]) -> str:
    """What a line is called, in the language of the reader where it has one."""
    return str(line["label_en"] if i18n.language() == "en" and line.get("label_en") else line["label"])


def percent_of(share: str) -> Decimal:
    """A share as people read it: in per cent, with two decimals."""
    if not share:
        return Decimal(0)
    exact = Fraction(share) * 100
    return (Decimal(exact.numerator) / exact.denominator).quantize(Decimal("0.01"))


WORDS = {
    "percent_of": percent_of,
    "way_label": way_label,
    "counted_label": counted_label,
    "line_label": line_label,
    "is_worker": is_worker,
}


@dataclass(frozen=True)
class Shown:
    """A quarter as this reader sees it: which statement of it, and whose accounts."""

    quarter: str
    places: Sequence[Municipality]
    held: Sequence[QuarterSettlement]
    settlement: QuarterSettlement | None
    other: tuple[str, str] | None = None
    """Another way than the one that was chosen, when that is looked at."""

    @cached_property
    def figures(self) -> Mapping[str, Any]:
        if self.settlement is None:
            return {}
        return by_way(self.settlement.figures, *self.other) if self.other else self.settlement.figures

    @property
    def way(self) -> tuple[str, str]:
        return self.figures["variant"], self.figures["key"]

    @property
    def before(self) -> QuarterSettlement | None:
        """What this statement restates."""
        now = self.settlement
        earlier = [one for one in self.held if one.state == FINAL and now and one.revision < now.revision]
        return earlier[-1] if earlier else None

    @property
    def accounts(self) -> list[Mapping[str, Any]]:
        found = (account_of(self.figures, place.code) for place in self.places) if self.settlement else ()
        return [account for account in found if account]


def shown(quarter: str, who: Sequence[Role] = LOOK) -> Shown:
    """A quarter, within what the reader may see; 404 where nothing of it is theirs."""
    if not is_quarter(quarter):
        abort(HTTPStatus.NOT_FOUND)
    held = revisions(uow.session(), quarter, final=not is_worker())
    asked = whole(request.args.get("versie", ""))
    settlement = next((one for one in held if one.revision == asked), held[-1] if held else None)
    if not is_worker() and settlement is None:
        abort(HTTPStatus.NOT_FOUND)
    return Shown(quarter, _mine(who), held, settlement, _other(settlement))


def _other(settlement: QuarterSettlement | None) -> tuple[str, str] | None:
    """Which other way is asked for; 404 where the quarter cannot be worked out so."""
    variant, _, key = request.args.get("manier", "").partition("-")
    if not variant or settlement is None or (settlement.variant, settlement.key) == (variant, key):
        return None
    known: Sequence[Mapping[str, Any]] = settlement.figures["side_by_side"]
    found: Mapping[str, Any] = next((way for way in known if (way["variant"], way["key"]) == (variant, key)), {})
    return (variant, key) if "owed" in found else abort(HTTPStatus.NOT_FOUND)


@bp.get("")
@open_to(*LOOK)
def overview() -> ResponseReturnValue:
    """Every quarter: how far it is, and what it asks of whom the reader looks after."""
    mine, worker = _mine(), is_worker()
    latest: dict[str, QuarterSettlement] = {}
    for one in all_settlements(uow.session()):
        if (worker or one.state == FINAL) and one.quarter not in latest:
            latest[one.quarter] = one
    rows = [(one, latest.get(one)) for one in sorted({*latest, *(quarters(uow.session()) if worker else ())})[::-1]]
    sums = {
        one.quarter: [account for place in mine if (account := account_of(one.figures, place.code))]
        for one in latest.values()
    }
    return render_template(
        "settlement/overview.html", rows=rows, sums=sums, mine=mine,
        totals=cost_totals(uow.session()) if worker else {}, **WORDS,
    )  # fmt: skip


def _ids(costs: Sequence[CostItem]) -> list[int]:
    return [cost.id for cost in costs]


def _page(quarter: str, refusals: tuple[Refusal, ...] = (), status: int = 200) -> ResponseReturnValue:
    seen, session, worker = shown(quarter), uow.session(), is_worker()
    now = seen.settlement
    costs = costs_of(session, quarter) if worker else ()
    page = render_template(
        "settlement/quarter.html", seen=seen, refusals=refusals, ways=ways(),
        costs_cents=sum(cost.cents for cost in costs), over=last_day(quarter) < uow.today(),
        stale=bool(now and now.state != FINAL and _ids(costs) != [cost["id"] for cost in now.figures["costs"]]),
        invoices=invoices_of(session, quarter, [place.id for place in seen.places]),
        changed=changes(seen.before.figures, now.figures) if now and seen.before else (),
        treasurer=uow.viewer().has(Role.TREASURER), director=uow.viewer().has(Role.DIRECTOR),
        digest=commands.digest_of(now) if now else "", **WORDS,
    )  # fmt: skip
    return page, status


@bp.get("/<quarter>")
@open_to(*LOOK)
def one_quarter(quarter: str) -> ResponseReturnValue:
    """One quarter: all ways side by side on the same costs, and what holds of it."""
    return _page(quarter)


def _done(quarter: str, sentence: str) -> ResponseReturnValue:
    flash(i18n.gettext(sentence), "success")
    return redirect(url_for("settlement.one_quarter", quarter=quarter))


def _expect_worker(quarter: str) -> None:
    if not is_worker() or not is_quarter(quarter):
        abort(HTTPStatus.NOT_FOUND)


def _refused(quarter: str, refused: Refused) -> ResponseReturnValue:
    uow.session().rollback()
    return _page(quarter, refused.refusals, HTTPStatus.UNPROCESSABLE_ENTITY)


@bp.post("/<quarter>/maken")
@open_to(*WORKERS)
def make(quarter: str) -> ResponseReturnValue:
    """Work it out from all that is there now."""
    _expect_worker(quarter)
    variant, _, key = request.form.get("way", "").partition("-")
    reason = request.form.get("reason", "")
    try:
        commands.make(uow.session(), uow.viewer(), quarter, variant, key, reason, uow.now())
    except Refused as refused:
        return _refused(quarter, refused)
    return _done(quarter, N_("The settlement was worked out."))


def _asked() -> tuple[int, datetime]:
    """Which settlement is meant, and when."""
    return whole(request.form.get("settlement", "")) or 0, uow.now()


def _seen() -> str:
    """What of it stood on the page: nobody signs for what was worked out anew meanwhile."""
    return request.form.get("seen", "")


@bp.post("/<quarter>/voorbereiden")
@open_to(Role.TREASURER)
def prepare(quarter: str) -> ResponseReturnValue:
    """Say that it is right."""
    _expect_worker(quarter)
    try:
        commands.prepare(uow.session(), uow.viewer(), quarter, *_asked(), seen=_seen())
    except Refused as refused:
        return _refused(quarter, refused)
    return _done(quarter, N_("The settlement is ready for the director."))


@bp.post("/<quarter>/definitief")
@open_to(Role.DIRECTOR)
def make_final(quarter: str) -> ResponseReturnValue:
    """Freeze it and send the invoices."""
    _expect_worker(quarter)
    try:
        commands.make_final(uow.session(), uow.viewer(), quarter, *_asked(), seen=_seen())
    except Refused as refused:
        return _refused(quarter, refused)
    return _done(quarter, N_("The settlement is final. The contract managers got a mail."))


def version(seen: Shown) -> dict[str, Any]:
    """Which statement is looked at and by which way, for addresses: the last one as chosen goes without saying."""
    now = seen.settlement
    said: dict[str, Any] = {"versie": now.revision} if now and seen.held and now is not seen.held[-1] else {}
    return said | ({"manier": "-".join(part for part in seen.other if part)} if seen.other else {})


HEADER = (
    N_("Quarter"), N_("Version"), N_("Municipality"), N_("What for"), N_("Quantity"), N_("Of all"), N_("Price"),
    N_("Cost"), N_("Share"), N_("Amount"), N_("Source"),
)  # fmt: skip


@bp.get("/<quarter>/verrekening.csv")
@open_to(*LOOK)
def quarter_csv(quarter: str) -> ResponseReturnValue:
    """Every line of every account that the reader may see."""
    seen, comma = shown(quarter), i18n.language() == "nl"
    now = seen.settlement or abort(HTTPStatus.NOT_FOUND)

    def money(cents: int | None) -> str:
        return "" if cents is None else plain(cents, decimal_comma=comma)

    def rows() -> Iterator[Sequence[object]]:
        for account in seen.accounts:
            for one in account["lines"]:
                yield (quarter, now.revision, account["name"], line_label(one), one["quantity"], one["of"],
                       money(one["unit_cents"]), money(one["total_cents"]), one["share"], money(one["cents"]),
                       one["source"])  # fmt: skip
            for label, cents in (
                (N_("Less the advance"), -account["advance_cents"]), (N_("Still due"), account["due_cents"])
            ):  # fmt: skip
                empty = [None] * 5
                yield (quarter, now.revision, account["name"], i18n.gettext(label), *empty, money(cents), "")

    return csv_answer(f"verrekening-{quarter}-{now.revision}", [i18n.gettext(word) for word in HEADER], rows())
