"""The cost administration of the SSC: costs, compensations and advances of a quarter, and distribution keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import open_to
from portal.commands import costs as commands
from portal.commands.costs import WORKERS
from portal.models.people import Municipality
from portal.queries.costs import Entered, amounts, cost_totals, entered, weights
from portal.queries.settlements import places_within
from portal.web import unit_of_work as uow
from portal.web.admin.forms import DAY_WRONG, Form
from portal.web.sent import whole
from portal.web.settlement import is_worker
from portal.web.tables import csv_answer
from workflows.kernel import Refused
from workflows.money import plain
from workflows.parties import N_
from workflows.quarters import is_quarter, quarter_before, quarter_of
from workflows.settlement import BASIC_KEYS, COST_KINDS, DRIVERS

bp = Blueprint("costs", __name__, url_prefix="/verrekening")

MONEY = ("money_empty", "money_format", "money_decimals", "money_too_large", "money_negative", "money_zero")
WHERE = {
    **dict.fromkeys(MONEY, "amount"), "cost_label_missing": "label", "cost_kind_unknown": "kind",
    "cost_driver_missing": "driver", "cost_driver_needless": "driver", "cost_source_missing": "source",
    "cost_place_unknown": "place", "compensation_same_place": "receiver", "key_unknown": "key",
    "key_amount_wrong": "number", "key_from_missing": "first", "key_twice": "first", "weights_wrong": "employees",
}  # fmt: skip
"""Beside which field each refusal belongs."""
QUARTERS_BACK = 6


def _expect_worker() -> None:
    if not is_worker():
        abort(HTTPStatus.NOT_FOUND)


def _places() -> Sequence[Municipality]:
    return places_within(uow.session(), None)


def _offered(places: Sequence[Municipality]) -> list[tuple[object, str]]:
    return [("", N_("Choose a municipality")), *((place.id, place.name) for place in places)]


@bp.get("/kosten")
@open_to(*WORKERS)
def overview() -> ResponseReturnValue:
    """The quarters, with what was entered of each."""
    _expect_worker()
    totals, quarter = cost_totals(uow.session()), quarter_of(uow.today())
    listed = {*totals, quarter}
    for _ in range(QUARTERS_BACK):
        quarter = quarter_before(quarter)
        listed.add(quarter)
    return render_template(
        "settlement/costs_overview.html", quarters=sorted(listed, reverse=True), totals=totals, is_worker=is_worker
    )


def _forms(places: Sequence[Municipality]) -> dict[str, Form]:
    cost, compensation, advance = Form("cost"), Form("compensation"), Form("advance")
    cost.offer("kind", [("", N_("Choose")), *COST_KINDS.items()])
    cost.offer("driver", [("", N_("None: it goes by share")), *((key, one.label) for key, one in DRIVERS.items())])
    compensation.offer("place", _offered(places)).offer("receiver", _offered(places))
    advance.offer("place", _offered(places))
    return {"cost": cost, "compensation": compensation, "advance": advance, "agreed": Form("agreed")}


def _show(held: Entered, forms: Mapping[str, Form], status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "settlement/costs.html", held=held, forms=forms, kinds=COST_KINDS, drivers=DRIVERS, is_worker=is_worker,
        total=sum(one.cents for one in held.costs), advanced=sum(one.cents for one in held.advances),
    )  # fmt: skip
    return page, status


def _held(quarter: str) -> Entered:
    _expect_worker()
    return entered(uow.session(), quarter) if is_quarter(quarter) else abort(HTTPStatus.NOT_FOUND)


@bp.get("/kosten/<quarter>")
@open_to(*WORKERS)
def one_quarter(quarter: str) -> ResponseReturnValue:
    """All that was entered for a quarter, and forms to enter more."""
    held = _held(quarter)
    return _show(held, _forms(held.places))


def _comma() -> bool:
    return i18n.language() == "nl"


def _enter_cost(quarter: str, form: Form) -> object:
    typed = commands.NewCost(
        quarter, form.text("label"), form.text("kind"), form.text("driver"), form.text("amount"), form.text("source")
    )
    return commands.enter_cost(uow.session(), uow.viewer(), typed, uow.now(), decimal_comma=_comma())


def _enter_compensation(quarter: str, form: Form) -> object:
    return commands.enter_compensation(
        uow.session(), uow.viewer(), quarter, form.number("place"), form.number("receiver"), form.text("amount"),
        form.text("label"), form.text("source"), uow.now(), decimal_comma=_comma(),
    )  # fmt: skip


def _enter_advance(quarter: str, form: Form) -> object:
    return commands.enter_advance(
        uow.session(), uow.viewer(), quarter, form.number("place"), form.text("amount"), form.text("source"), uow.now(),
        decimal_comma=_comma(),
    )  # fmt: skip


def _enter_agreed(quarter: str, _: Form) -> object:
    return commands.enter_agreed(uow.session(), uow.viewer(), quarter, uow.now())


ENTERING: Mapping[str, Callable[[str, Form], object]] = {
    "cost": _enter_cost, "compensation": _enter_compensation, "advance": _enter_advance,
    "agreed": _enter_agreed,
}  # fmt: skip


@bp.post("/kosten/<quarter>")
@open_to(*WORKERS)
def enter(quarter: str) -> ResponseReturnValue:
    """Enter a cost, a compensation or an advance."""
    held, kind = _held(quarter), request.form.get("form", "")
    forms = _forms(held.places)
    if kind not in ENTERING:
        abort(HTTPStatus.NOT_FOUND)
    try:
        ENTERING[kind](quarter, forms[kind])
    except Refused as refused:
        uow.session().rollback()
        forms[kind].blame(refused, WHERE)
        return _show(_held(quarter), forms, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("Entered.")), "success")
    return redirect(url_for("costs.one_quarter", quarter=quarter, _anchor="advance" if kind == "agreed" else kind))


@bp.post("/kosten/<quarter>/verwijderen")
@open_to(*WORKERS)
def remove(quarter: str) -> ResponseReturnValue:
    """Take away what was entered wrong."""
    held, kind = _held(quarter), request.form.get("kind", "")
    if kind not in commands.KINDS:
        abort(HTTPStatus.NOT_FOUND)
    try:
        commands.remove(uow.session(), uow.viewer(), kind, whole(request.form.get("entry", "")) or 0, uow.now())
    except Refused as refused:
        uow.session().rollback()
        forms = _forms(held.places)
        forms[kind].blame(refused, {})
        return _show(_held(quarter), forms, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("Taken away.")), "success")
    return redirect(url_for("costs.one_quarter", quarter=quarter, _anchor=kind))


@bp.get("/kosten/<quarter>/kosten.csv")
@open_to(*WORKERS)
def costs_csv(quarter: str) -> ResponseReturnValue:
    """All that was entered for a quarter."""
    held = _held(quarter)
    header = (N_("Kind"), N_("What for"), N_("Driver"), N_("Amount"), N_("Source"))

    def rows() -> Iterator[Sequence[object]]:
        def money(cents: int) -> str:
            return plain(cents, decimal_comma=_comma())

        for one in held.costs:
            driver = i18n.gettext(DRIVERS[one.driver].label) if one.driver in DRIVERS else ""
            yield (i18n.gettext(COST_KINDS[one.kind]), one.label, driver, money(one.cents), one.source)
        for post in held.compensations:
            between = f"{post.payer.name} > {post.receiver.name}: {post.reason}"
            yield (i18n.gettext(N_("Compensation")), between, "", money(post.cents), post.source)
        for paid in held.advances:
            yield (i18n.gettext(N_("Advance")), paid.municipality.name, "", money(paid.cents), paid.source)

    return csv_answer(f"kosten-{quarter}", [i18n.gettext(word) for word in header], rows())


def _key_forms() -> tuple[Form, Form]:
    value, weight = Form("value"), Form("weights")
    value.offer("place", _offered(_places())).offer("key", [("", N_("Choose")), *BASIC_KEYS.items()])
    return value, weight


def _show_keys(value: Form, weight: Form, status: int = 200) -> ResponseReturnValue:
    session, today = uow.session(), uow.today()
    page = render_template(
        "settlement/keys.html", values=amounts(session), weights=weights(session), value=value, weight=weight,
        keys=BASIC_KEYS, today=today, is_worker=is_worker,
    )  # fmt: skip
    return page, status


@bp.get("/sleutels")
@open_to(*WORKERS)
def keys() -> ResponseReturnValue:
    """Every value of every key with its source, and the weights of the mixed one."""
    _expect_worker()
    return _show_keys(*_key_forms())


@bp.post("/sleutels")
@open_to(*WORKERS)
def enter_key() -> ResponseReturnValue:
    """Enter a value of a key, or weights."""
    _expect_worker()
    value, weight = _key_forms()
    form, session, now = (weight if request.form.get("form") == weight.key else value), uow.session(), uow.now()
    try:
        if form is weight:
            percents = {key: form.text(key) for key in BASIC_KEYS}
            commands.enter_weights(session, uow.viewer(), percents, form.day("first"), form.text("source"), now)
        else:
            commands.enter_amount(
                session, uow.viewer(), form.number("place"), form.text("key"), form.text("number"), form.day("first"),
                form.text("source"), now,
            )  # fmt: skip
    except Refused as refused:
        session.rollback()
        form.blame(refused, {**WHERE, DAY_WRONG.code: "first"})
        return _show_keys(value, weight, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("Entered.")), "success")
    return redirect(url_for("costs.keys"))


@bp.get("/sleutels/sleutels.csv")
@open_to(*WORKERS)
def keys_csv() -> ResponseReturnValue:
    """Every value of every key."""
    _expect_worker()
    header = (N_("Key"), N_("Municipality"), N_("Value"), N_("From"), N_("Source"))
    rows: list[Sequence[Any]] = [
        (i18n.gettext(BASIC_KEYS[one.key]), one.municipality.name, one.amount, one.valid_from, one.source)
        for one in amounts(uow.session())
    ]
    return csv_answer("verdeelsleutels", [i18n.gettext(word) for word in header], rows)
