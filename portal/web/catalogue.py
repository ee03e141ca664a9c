"""The service catalogue: what the SSC does, how well and at what price, for everybody; and keeping it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from secrets import token_hex
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import EMPLOYEE, Role, open_to
from portal.commands import catalogue as commands
from portal.commands.changes import Author
from portal.models.catalogue import Service, ServicePrice, ServiceTerms
from portal.queries import admin
from portal.queries import catalogue as queries
from portal.queries.agreements import agrees
from portal.web import unit_of_work as uow
from portal.web.admin.forms import Form
from portal.web.tables import csv_answer
from workflows import CASE_TYPES
from workflows.kernel import Refused
from workflows.money import MoneyError, parse_euro, plain
from workflows.parties import N_
from workflows.services import BY_CASE, CONTACT, INDICATORS, MARKS, UNITS, read_target

bp = Blueprint("catalogue", __name__, url_prefix="/dienstencatalogus")

ALL = "all"
WHERE: Mapping[str, str] = {
    "service_key_wrong": "key", "service_key_taken": "key", "service_name_missing": "name",
    "service_description_missing": "description", "service_rules_missing": "rules",
    "service_text_too_long": "description", "service_unit_unknown": "unit", "service_delivery_unknown": "delivered_by",
    "service_source_missing": "source", "service_day_to_come": "first", "service_same_day": "first",
    "service_not_offered": "first", "service_price_missing": "price", "service_ended": "last",
    "outside_your_work": "place", "policy_place_unknown": "place", "change_reason_missing": "reason",
}  # fmt: skip
"""Beside which field each refusal belongs."""


def target_said(indicator: str, target: str) -> str:
    """A target as people read it."""
    number = i18n.number(Decimal(target))
    return number if indicator in MARKS else f"{number}%"


def delivered(service: Service) -> str:
    """What delivers a service, in words."""
    if service.delivered_by == CONTACT:
        return i18n.gettext(N_("Questions to the SSC"))
    kind = CASE_TYPES.get(service.delivered_by.removeprefix(BY_CASE))
    return i18n.gettext(kind.label) if kind else i18n.gettext(N_("The SSC, beside the portal"))


def _words() -> dict[str, Any]:
    english = i18n.language() == "en"

    def said(row: Any, name: str) -> str:
        return str(getattr(row, f"{name}_en" if english else name))

    def begins(service: Service) -> str:
        """The key of the case type that anybody can begin to use this service; empty when there is none."""
        kind = CASE_TYPES.get(service.delivered_by.removeprefix(BY_CASE))
        return kind.key if kind and kind.for_employees else ""

    return {
        "said": said, "begins": begins, "delivered": delivered, "target_said": target_said, "units": UNITS,
        "indicators": INDICATORS, "client_key": token_hex(16), "CONTACT": CONTACT,
        "agrees": agrees(uow.viewer()), "keeps": uow.viewer().has(Role.FUNCTIONAL_MANAGER),
    }  # fmt: skip


def _found(key: str) -> Service:
    return queries.service_by_key(uow.session(), key) or abort(HTTPStatus.NOT_FOUND)


@bp.get("")
@open_to(EMPLOYEE)
def overview() -> ResponseReturnValue:
    """All services of today; searched by any word of what is said of them."""
    text = request.args.get("zoek", "").strip()[:100]
    return render_template(
        "catalogue/overview.html", found=queries.catalogue_on(uow.session(), uow.today(), text), text=text, **_words()
    )


HEADER = (
    N_("Service"), N_("Key"), N_("For"), N_("Price"), N_("Counted"), N_("From"), N_("Laid down in"),
    N_("At which norm"), N_("By which rules"), N_("What delivers it"),
)  # fmt: skip


@bp.get("/diensten.csv")
@open_to(EMPLOYEE)
def download() -> ResponseReturnValue:
    """The services of today as a file: a row for all municipalities, and one for each that agreed otherwise."""
    english, comma = i18n.language() == "en", i18n.language() == "nl"

    def row(one: queries.Offered, place: str, terms: ServiceTerms | None, price: ServicePrice | None) -> list[object]:
        norms = [f"{i18n.gettext(INDICATORS[key])} {target_said(key, target)}"
                 for key, target in (terms.norms if terms else {}).items() if key in INDICATORS]  # fmt: skip
        return [
            one.service.name_en if english else one.service.name, one.service.key, place,
            plain(price.cents, decimal_comma=comma) if price else "", i18n.gettext(UNITS[one.service.unit]),
            price.valid_from if price else "", price.source if price else "", "; ".join(norms),
            (terms.rules_en if english else terms.rules) if terms else "", delivered(one.service),
        ]  # fmt: skip

    def rows() -> Iterator[list[object]]:
        for one in queries.catalogue_on(uow.session(), uow.today()):
            yield row(one, i18n.gettext(N_("all municipalities")), one.terms, one.price)
            for other in one.differences:
                yield row(one, other.municipality.name, other.terms or one.terms, other.price or one.price)

    return csv_answer("dienstencatalogus", [i18n.gettext(word) for word in HEADER], rows())


@bp.get("/<key>")
@open_to(EMPLOYEE)
def service(key: str) -> ResponseReturnValue:
    """One service with all that was agreed about it, and what it cost and will cost."""
    found = _found(key)
    prices, _ = queries.rows_of(uow.session(), found)
    about = queries.offered_on(uow.session(), found, uow.today())
    return render_template("catalogue/service.html", one=about, service=found, prices=prices, **_words())


def _author() -> Author:
    return Author.of(uow.viewer())


def _day_after() -> date:
    return date.fromordinal(uow.today().toordinal() + 1)


def _offer(form: Form) -> Form:
    """The municipalities for which this functional manager may set something."""
    reach = uow.viewer().reach(Role.FUNCTIONAL_MANAGER)
    choices: list[tuple[object, str]] = [(ALL, N_("all municipalities"))] if reach is None else []
    return form.offer("place", [*choices, *((one.id, one.name) for one in admin.municipalities(uow.session(), reach))])


def _deliveries() -> list[tuple[object, str]]:
    kinds = [(f"{BY_CASE}{key}", kind.label) for key, kind in CASE_TYPES.items()]
    return [("", N_("The SSC, beside the portal")), (CONTACT, N_("Questions to the SSC")), *kinds]


def _terms(form: Form) -> commands.Terms:
    norms = {key: form.text(f"norm_{key}").strip() for key in INDICATORS}
    return commands.Terms(
        form.text("description"), form.text("rules"), form.text("description_en"), form.text("rules_en"),
        {key: typed for key, typed in norms.items() if typed},
    )  # fmt: skip


def _blame(form: Form, refused: Refused) -> None:
    """Put each refusal beside its field; a target that is wrong stands at the target."""
    where = dict(WHERE)
    for code, keys in (("target_wrong", INDICATORS.keys() - MARKS), ("target_mark_wrong", MARKS)):
        wrong = [key for key in INDICATORS if key in keys and form.text(f"norm_{key}") and not _right(key, form)]
        where |= {code: f"norm_{wrong[0]}"} if wrong else {}
    form.blame(refused, where)


def _right(indicator: str, form: Form) -> bool:
    try:
        read_target(indicator, form.text(f"norm_{indicator}"))
    except Refused:
        return False
    return True


@bp.get("/nieuw")
@open_to(Role.FUNCTIONAL_MANAGER)
def new() -> ResponseReturnValue:
    """The form for a service to be offered."""
    return _new(Form("new", first=_day_after()))


def _new(form: Form, status: int = 200) -> ResponseReturnValue:
    form.offer("unit", UNITS.items()).offer("delivered_by", _deliveries())
    return render_template("catalogue/new.html", form=form, **_words()), status


@bp.post("/nieuw")
@open_to(Role.FUNCTIONAL_MANAGER)
def add() -> ResponseReturnValue:
    """Offer a service from a day to come."""
    form = Form("new")
    try:
        asked = commands.NewService(
            form.text("key"), form.text("name"), form.text("unit"), _terms(form), form.text("name_en"),
            form.text("delivered_by"),
        )  # fmt: skip
        made = commands.add_service(
            uow.session(), _author(), asked, form.day("first"), form.text("source"), uow.now(), uow.today()
        )
    except Refused as refused:
        uow.session().rollback()
        _blame(form, refused)
        return _new(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("%(name)s was added. Set its price as well."), name=made.name), "success")
    return redirect(url_for("catalogue.keep", key=made.key))


@bp.get("/<key>/aanpassen")
@open_to(Role.FUNCTIONAL_MANAGER)
def keep(key: str) -> ResponseReturnValue:
    """What can be set about a service: a price, terms, its end; and what is still to come, to take back."""
    return _keep(_found(key))


def _keep(found: Service, sent: Form | None = None, status: int = 200) -> ResponseReturnValue:
    prices, terms = queries.rows_of(uow.session(), found)
    now = next((one for one in terms if one.municipality_id is None), None)
    present: dict[str, Any] = {"first": _day_after()}
    if now is not None:
        present |= {name: getattr(now, name) for name in ("description", "description_en", "rules", "rules_en")}
        present |= {f"norm_{key}": _typed(target) for key, target in now.norms.items()}
    forms = {"price": Form("price", first=_day_after()), "terms": Form("terms", **present), "end": Form("end")}
    rows: list[ServicePrice | ServiceTerms] = [*prices, *terms]
    coming = [one for one in rows if _may_go(one, found)]
    forms |= {_key_of(one): Form(_key_of(one)) for one in coming}
    if sent is not None:
        forms[sent.key] = sent
    for form in (forms["price"], forms["terms"]):
        _offer(form)
    page = render_template(
        "catalogue/keep.html", service=found, forms=forms, coming=[(_key_of(one), one) for one in coming],
        wrong=sent.wrong if sent else (), others=sent.others if sent else (),
        for_all=uow.viewer().reach(Role.FUNCTIONAL_MANAGER) is None, **_words(),
    )  # fmt: skip
    return page, status


def _typed(target: str) -> str:
    return target.replace(".", ",") if i18n.language() == "nl" else target


def _key_of(row: ServicePrice | ServiceTerms) -> str:
    return f"{'price' if isinstance(row, ServicePrice) else 'terms'}{row.id}"


def _may_go(row: ServicePrice | ServiceTerms, found: Service) -> bool:
    first_terms = isinstance(row, ServiceTerms) and row.municipality_id is None and row.valid_from == found.valid_from
    reach = uow.viewer().reach(Role.FUNCTIONAL_MANAGER)
    return row.valid_from > uow.today() and not first_terms and (reach is None or row.municipality_id in reach)


@bp.post("/<key>/aanpassen")
@open_to(Role.FUNCTIONAL_MANAGER)
def set_something(key: str) -> ResponseReturnValue:
    """Set a price or terms from a day to come, end the service, or take back what is still to come."""
    found, form = _found(key), Form(request.form.get("form", ""))
    try:
        _set(found, form)
    except Refused as refused:
        uow.session().rollback()
        _blame(form, refused)
        return _keep(_found(key), form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("What you filled in about %(name)s was saved."), name=found.name), "success")
    return redirect(url_for("catalogue.keep", key=key))


def _set(found: Service, form: Form) -> None:
    session, author, now, today = uow.session(), _author(), uow.now(), uow.today()
    match form.key:
        case "price":
            commands.set_price(
                session, author, found, _place(form), _cents(form), form.day("first"), form.text("source"), now, today
            )
        case "terms":
            commands.set_terms(
                session, author, found, _place(form), _terms(form), form.day("first"), form.text("source"), now, today
            )
        case "end":
            commands.end_service(session, author, found, form.day("last"), form.text("reason"), now, today)
        case _:
            prices, terms = queries.rows_of(session, found)
            every: list[ServicePrice | ServiceTerms] = [*prices, *terms]
            row = next((one for one in every if _key_of(one) == form.key), None) or abort(HTTPStatus.NOT_FOUND)
            commands.take_back(session, author, row, form.text("reason"), now, today)


def _place(form: Form) -> int | None:
    return None if form.text("place") == ALL else form.number("place") or 0


def _cents(form: Form) -> int | None:
    try:
        return parse_euro(form.text("price"), decimal_comma=i18n.language() == "nl")
    except MoneyError:
        return None
