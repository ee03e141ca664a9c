"""Suppliers: the list, one supplier with accounts and history, and what one clerk asks and another confirms."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import suppliers as commands
from portal.models.suppliers import Supplier, SupplierAccount, SupplierRequest
from portal.queries import supplier_pages as queries
from portal.queries.invoices import file_by_id, invoices_of
from portal.queries.suppliers import Alike, Marks, plain, suppliers_like
from portal.web import unit_of_work as uow
from portal.web.admin.forms import Form
from portal.web.admin.words import LANGUAGES
from portal.web.sent import whole
from workflows.iban import InvalidIban, clean_iban
from workflows.kernel import Refused
from workflows.parties import N_

bp = Blueprint("suppliers", __name__)

WHERE: Mapping[str, str] = {
    "supplier_name_missing": "name", "supplier_text_too_long": "name", "kvk_wrong": "kvk", "vat_wrong": "vat",
    "endpoint_wrong": "endpoint", "supplier_email_wrong": "email", "supplier_phone_missing": "phone",
    "country_wrong": "country", "terms_wrong": "terms_days", "iban_empty": "iban", "iban_format": "iban",
    "iban_length": "iban", "iban_checksum": "iban", "iban_country": "iban", "supplier_same_account": "iban",
    "supplier_alike": "distinct", "change_reason_missing": "reason", "supplier_call_missing": "spoke_with",
}  # fmt: skip
"""Beside which field each refusal belongs."""

LABELS: Mapping[str, str] = {
    "name": N_("Name"), "kvk": N_("KvK number"), "vat": N_("VAT number"), "endpoint": N_("Electronic address"),
    "street": N_("Street and number"), "postcode": N_("Postcode"), "town": N_("Town"), "country": N_("Country"),
    "email": N_("E-mail address"), "phone": N_("Telephone number"), "language": N_("Language of mails"),
    "terms_days": N_("Pays within (days)"), "iban": N_("Account number (IBAN)"), "guarantee": N_("G-account (IBAN)"),
    "valid_from": N_("From"), "is_guarantee": N_("Which account"),
}  # fmt: skip
KINDS: Mapping[str, str] = {
    "new": N_("New supplier"), "change": N_("Change of data"), "account": N_("Another account number"),
    "block": N_("Blocking a supplier"), "unblock": N_("End of blocking"),
}  # fmt: skip
ALIKE_BY: Mapping[str, str] = {
    "vat": N_("same VAT number"), "kvk": N_("same KvK number"), "endpoint": N_("same electronic address"),
    "iban": N_("same account number"), "name": N_("nearly the same name"),
}  # fmt: skip


def shown(name: str, value: object) -> str:
    """A value of what is asked, as people read it."""
    text = str(value if value is not None else "")
    match name:
        case "language":
            return i18n.gettext(LANGUAGES.get(text, text))
        case "is_guarantee":
            return i18n.gettext(N_("G-account") if value else N_("Ordinary account"))
        case "valid_from":
            return i18n.day(text)
        case "iban" | "guarantee":
            return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
        case _:
            return text


def _found(supplier_id: int) -> queries.Whole:
    return queries.whole_supplier(uow.session(), supplier_id) or abort(HTTPStatus.NOT_FOUND)


def _request(request_id: int) -> SupplierRequest:
    return queries.request_by_id(uow.session(), request_id) or abort(HTTPStatus.NOT_FOUND)


@bp.get("/leveranciers")
@open_to(Role.CLERK, Role.TREASURER)
def overview() -> ResponseReturnValue:
    """All suppliers by name, searched by name, town or number; in front what waits for a second clerk."""
    text = request.args.get("zoek", "").strip()[:100]
    kind = queries.BLOCKED if request.args.get("soort") == "geblokkeerd" else ""
    found = queries.suppliers(uow.session(), text, kind, request.args.get("after", "")[:300])
    asked: dict[str, Any] = {name: value for name, value in request.args.items() if name in ("zoek", "soort") and value}
    return render_template(
        "suppliers/overview.html",
        found=found.suppliers,
        text=text,
        kind=kind,
        requests=queries.waiting_requests(uow.session()),
        kinds=KINDS,
        clerk=uow.viewer().has(Role.CLERK),
        next_url=url_for("suppliers.overview", **asked, after=found.after) if found.after else None,
        first_url=url_for("suppliers.overview", **asked) if "after" in request.args else None,
    )


def show(supplier_id: int, sent: Form | None = None, status: int = HTTPStatus.OK) -> ResponseReturnValue:
    """The page of a supplier; `sent` is the form that was refused."""
    about = _found(supplier_id)
    viewer = uow.viewer()
    forms = {key: Form(key) for key in ("block", "call", *(f"hold{one.id}" for one in about.accounts))}
    if sent is not None:
        forms[sent.key] = sent
    page = render_template(
        "suppliers/supplier.html",
        whole=about,
        about=about.supplier,
        invoices=invoices_of(uow.session(), viewer, about.supplier) if viewer.has(Role.CLERK) else (),
        forms=forms,
        wrong=sent.wrong if sent else (),
        others=sent.others if sent else (),
        labels=LABELS,
        kinds=KINDS,
        alike_by=ALIKE_BY,
        shown=shown,
        clerk=viewer.has(Role.CLERK),
        me=viewer.person_id,
    )
    return page, status


@bp.get("/leveranciers/<int:supplier_id>")
@open_to(Role.CLERK, Role.TREASURER)
def supplier(supplier_id: int) -> ResponseReturnValue:
    """One supplier: who it is, its accounts, what was asked and confirmed."""
    return show(supplier_id)


def _details_form(key: str, **present: object) -> Form:
    return Form(key, **present).offer("language", LANGUAGES.items())


def _edit(form: Form, about: Supplier | None, alike: list[Alike], status: int = HTTPStatus.OK) -> ResponseReturnValue:
    page = render_template("suppliers/edit.html", form=form, about=about, alike=alike, alike_by=ALIKE_BY, labels=LABELS)
    return page, status


def _typed(form: Form) -> commands.Details:
    return commands.Details.of({name: form.text(name) for name in commands.DETAILS})


def _alike(form: Form, besides: int | None = None) -> list[Alike]:
    """Who looks like what was typed, to choose from instead."""
    typed, ibans = _typed(form), []
    for name in ("iban", "guarantee"):
        try:
            ibans.append(clean_iban(form.text(name)))
        except InvalidIban:
            continue
    marks = Marks.of(typed.name, typed.kvk, typed.vat, typed.endpoint, ibans)
    return suppliers_like(uow.session(), marks, besides, near=True)


def _asked(asked: SupplierRequest) -> ResponseReturnValue:
    flash(i18n.gettext(N_("Asked. It counts from when another clerk confirms it.")), "success")
    return redirect(url_for("suppliers.asked", request_id=asked.id))


@bp.get("/leveranciers/nieuw")
@open_to(Role.CLERK)
def new() -> ResponseReturnValue:
    """A form for a new supplier; with `?factuur=` filled in from what an invoice says of its supplier."""
    key = whole(request.args.get("factuur", ""))
    row = file_by_id(uow.session(), uow.viewer(), key) if key is not None else None
    said = _from_invoice(row.told) if row is not None and row.told else {}
    form = _details_form("new", **{"country": "NL", "language": "nl", **said})
    return _edit(form, None, _alike(form) if said else [])


def _from_invoice(told: Mapping[str, Any]) -> dict[str, str]:
    """What an invoice says of its supplier. Not the telephone number: that is to be found out elsewhere."""
    seller = told["seller"]
    registration = plain(seller["registration"])
    said = {
        "name": seller["name"], "vat": seller["vat"], "kvk": registration if len(registration) == 8 else "",
        "endpoint": seller["endpoint"], "country": seller["country"] or "NL", "email": seller["email"],
        "iban": told["iban"], "reason": i18n.gettext(N_("Invoice %(number)s"), number=told["number"]),
    }  # fmt: skip
    return {name: text for name, text in said.items() if text}


@bp.post("/leveranciers/nieuw")
@open_to(Role.CLERK)
def add() -> ResponseReturnValue:
    """Ask for a new supplier; those who look like it are shown first."""
    form = _details_form("new")
    try:
        asked = commands.ask_new(
            uow.session(), uow.viewer(), _typed(form), form.text("iban"), form.text("guarantee"), form.text("reason"),
            form.text("distinct"), uow.now(),
        )  # fmt: skip
    except Refused as refused:
        form.blame(refused, WHERE)
        return _edit(form, None, _alike(form), HTTPStatus.UNPROCESSABLE_ENTITY)
    return _asked(asked)


@bp.get("/leveranciers/<int:supplier_id>/wijzigen")
@open_to(Role.CLERK)
def edit(supplier_id: int) -> ResponseReturnValue:
    """A form with what is known, to change."""
    about = _found(supplier_id).supplier
    return _edit(_details_form("change", **vars(commands.details_of(about))), about, [])


@bp.post("/leveranciers/<int:supplier_id>/wijzigen")
@open_to(Role.CLERK)
def change(supplier_id: int) -> ResponseReturnValue:
    """Ask for other data of a supplier."""
    about, form = _found(supplier_id).supplier, _details_form("change")
    try:
        asked = commands.ask_change(
            uow.session(), uow.viewer(), about, _typed(form), form.text("reason"), form.text("distinct"), uow.now()
        )
    except Refused as refused:
        form.blame(refused, WHERE)
        return _edit(form, about, _alike(form, about.id), HTTPStatus.UNPROCESSABLE_ENTITY)
    return _asked(asked)


def _account_form(form: Form, about: Supplier, alike: list[Alike], status: int = HTTPStatus.OK) -> ResponseReturnValue:
    page = render_template("suppliers/account.html", form=form, about=about, alike=alike, alike_by=ALIKE_BY)
    return page, status


@bp.get("/leveranciers/<int:supplier_id>/rekening")
@open_to(Role.CLERK)
def account(supplier_id: int) -> ResponseReturnValue:
    """A form for another account."""
    return _account_form(_which(Form("account", kind="ordinary", first=uow.today())), _found(supplier_id).supplier, [])


def _which(form: Form) -> Form:
    return form.offer("kind", [("ordinary", N_("Ordinary account")), ("guarantee", N_("G-account"))])


@bp.post("/leveranciers/<int:supplier_id>/rekening")
@open_to(Role.CLERK)
def change_account(supplier_id: int) -> ResponseReturnValue:
    """Ask to pay a supplier on another account."""
    about, form = _found(supplier_id).supplier, _which(Form("account"))
    try:
        asked = commands.ask_account(
            uow.session(), uow.viewer(), about, form.text("iban"), form.text("kind") == "guarantee", form.day("first"),
            form.text("reason"), form.text("distinct"), uow.now(),
        )  # fmt: skip
    except Refused as refused:
        form.blame(refused, WHERE)
        alike = _alike(form, about.id)
        return _account_form(form, about, alike, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _asked(asked)


@bp.post("/leveranciers/<int:supplier_id>/blokkeren")
@open_to(Role.CLERK)
def block(supplier_id: int) -> ResponseReturnValue:
    """Ask that nothing is paid to a supplier any more, or that it is again."""
    about, form = _found(supplier_id).supplier, Form("block")
    blocking = form.text("block") == "ja"
    try:
        asked = commands.ask_block(uow.session(), uow.viewer(), about, blocking, form.text("reason"), uow.now())
    except Refused as refused:
        form.blame(refused, WHERE)
        return show(supplier_id, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _asked(asked)


@bp.post("/leveranciers/<int:supplier_id>/gebeld")
@open_to(Role.CLERK)
def call(supplier_id: int) -> ResponseReturnValue:
    """Record a call to the supplier on the known number."""
    form = Form("call")
    try:
        said = commands.Call(form.text("spoke_with"), form.text("said"))
        commands.called(uow.session(), uow.viewer(), _found(supplier_id).supplier, said, uow.now())
    except Refused as refused:
        form.blame(refused, WHERE)
        return show(supplier_id, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The call was recorded.")), "success")
    return redirect(url_for("suppliers.supplier", supplier_id=supplier_id))


@bp.post("/leveranciers/<int:supplier_id>/rekening/<int:account_id>/vrijgeven")
@open_to(Role.CLERK, Role.TREASURER)
def release(supplier_id: int, account_id: int) -> ResponseReturnValue:
    """End the hold on payments to an account that replaced another."""
    form = Form(f"hold{account_id}")
    held: SupplierAccount = next((one for one in _found(supplier_id).accounts if one.id == account_id), None) or abort(
        HTTPStatus.NOT_FOUND
    )
    try:
        commands.release_hold(uow.session(), uow.viewer(), held, form.text("reason"), uow.now())
    except Refused as refused:
        form.blame(refused, WHERE)
        return show(supplier_id, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("Payments to this account wait no longer.")), "success")
    return redirect(url_for("suppliers.supplier", supplier_id=supplier_id))


def _show_request(asked: SupplierRequest, form: Form, status: int = HTTPStatus.OK) -> ResponseReturnValue:
    about = queries.whole_supplier(uow.session(), asked.supplier_id) if asked.supplier_id else None
    page = render_template(
        "suppliers/request.html",
        asked=asked,
        about=about,
        alike=queries.alike_now(uow.session(), asked, asked.supplier) if asked.decided_at is None else [],
        alike_by=ALIKE_BY,
        form=form,
        labels=LABELS,
        kinds=KINDS,
        shown=shown,
        may_decide=uow.viewer().has(Role.CLERK) and asked.decided_at is None,
        me=uow.viewer().person_id,
    )
    return page, status


@bp.get("/leveranciers/verzoek/<int:request_id>")
@open_to(Role.CLERK, Role.TREASURER)
def asked(request_id: int) -> ResponseReturnValue:
    """What was asked, from what to what, who looks like it; for another clerk to confirm."""
    return _show_request(_request(request_id), Form("decide"))


@bp.post("/leveranciers/verzoek/<int:request_id>")
@open_to(Role.CLERK)
def decide(request_id: int) -> ResponseReturnValue:
    """Confirm what another clerk asked, or not; or take back what one asked oneself."""
    wanted, form = _request(request_id), Form("decide")
    own = wanted.asked_by_id == uow.viewer().person_id
    granted = form.text("answer") == "ja"
    try:
        call = commands.Call(form.text("spoke_with"), form.text("said"))
        about = commands.decide(uow.session(), uow.viewer(), wanted, granted, uow.now(), call)
    except Refused as refused:
        form.blame(refused, WHERE)
        uow.session().rollback()
        return _show_request(_request(request_id), form, HTTPStatus.UNPROCESSABLE_ENTITY)
    said = N_("Confirmed. It counts from now on.") if granted else N_("Not confirmed. Nothing was changed.")
    flash(i18n.gettext(N_("The request was taken back.") if own else said), "success")
    target = about.id if about else wanted.supplier_id
    return redirect(url_for("suppliers.supplier", supplier_id=target) if target else url_for("suppliers.overview"))
