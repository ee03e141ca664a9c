"""The bank's answers: files that came in, and entries that wait for a person."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import Role, open_to
from portal.commands import bank as commands
from portal.commands import returned_money
from portal.models.payments import BankEntry
from portal.queries.outstanding import booked_back
from portal.queries.payments import bank_files, open_entries, open_entry
from portal.web import unit_of_work as uow
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

bp = Blueprint("bank", __name__)

NO_FILE = Refusal("no_file", N_("Choose a file first."))
FILE_SENTENCES = {
    "bank_file_too_big": N_("The file is too large for a bank file."),
    "bank_file_not_xml": N_("This is not a readable XML file."),
    "bank_file_doctype": N_("The file holds a document type, which bank files never do. It was not opened."),
    "bank_file_unknown_kind": N_("This is not a status report (pain.002) or a statement (camt.053, camt.054)."),
    "bank_file_encoding": N_("The file is not written in UTF-8, as bank files are."),
    "bank_file_incomplete": N_("The file is damaged: something is missing or malformed."),
    "bank_file_wrong_currency": N_("The file holds amounts in another currency than euro."),
    commands.REPLAYED: N_("This file was taken in before. Nothing was changed."),
    commands.UNKNOWN_ACCOUNT: N_("This statement belongs to an account that is not ours."),
}


def _places() -> frozenset[int] | None:
    return uow.viewer().reach(Role.CLERK, Role.TREASURER)


def _entry(entry_id: int) -> BankEntry:
    return open_entry(uow.session(), entry_id, _places()) or abort(HTTPStatus.NOT_FOUND)


def _show(refusals: dict[str, Refusal] | None = None, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "bank/overview.html",
        files=bank_files(uow.session()),
        entries=open_entries(uow.session(), _places()),
        why=commands.WHY,
        is_money_in=returned_money.is_money_in,
        sentences=FILE_SENTENCES,
        refusals=refusals or {},
        typed=request.form,
        booked=booked_back(uow.session(), _places()),
        treasurer=uow.viewer().has(Role.TREASURER),
    )
    return page, status


@bp.get("/bank")
@open_to(Role.TREASURER, Role.CLERK)
def overview() -> ResponseReturnValue:
    """Files from the bank and entries that could not be tied to a payment."""
    return _show()


@bp.post("/bank")
@open_to(Role.TREASURER)
def upload() -> ResponseReturnValue:
    """Take in a file by hand. A refused file changes nothing but is remembered as refused."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _show({"file": NO_FILE}, HTTPStatus.UNPROCESSABLE_ENTITY)
    row = commands.take_in(uow.session(), file.read(), file.filename, uow.now())
    if row.refused:
        sentence = FILE_SENTENCES.get(row.refused, FILE_SENTENCES["bank_file_incomplete"])
        return uow.keep(_show({"file": Refusal(row.refused, sentence)}, HTTPStatus.UNPROCESSABLE_ENTITY))
    flash(
        i18n.gettext(
            N_("Taken in: %(settled)s paid, %(accepted)s accepted, %(returned)s returned, %(unmatched)s not matched."),
            settled=row.settled,
            accepted=row.accepted,
            returned=row.returned,
            unmatched=row.unmatched,
        ),
        "success",
    )
    return redirect(url_for("bank.overview"))


@bp.post("/bank/post/<int:entry_id>")
@open_to(Role.TREASURER, Role.CLERK)
def resolve(entry_id: int) -> ResponseReturnValue:
    """Take an entry off the list, saying what was done."""
    entry = _entry(entry_id)
    try:
        commands.resolve(entry, uow.viewer(), request.form.get("resolution", ""), uow.now())
    except Refused as refused:
        return _show({f"entry-{entry_id}": refused.refusals[0]}, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("The entry was taken off the list.")), "success")
    return redirect(url_for("bank.overview"))


@bp.post("/bank/post/<int:entry_id>/terugbetaald")
@open_to(Role.TREASURER, Role.CLERK)
def give_back(entry_id: int) -> ResponseReturnValue:
    """Book an entry as money that somebody paid back."""
    entry = _entry(entry_id)
    try:
        debt = returned_money.give_back(uow.session(), uow.viewer(), entry, request.form.get("number", ""), uow.now())
    except Refused as refused:
        return _show({f"back-{entry_id}": refused.refusals[0]}, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(i18n.gettext(N_("Booked as paid back on %(number)s."), number=debt.case.number), "success")
    return redirect(url_for("bank.overview"))


@bp.post("/bank/post/<int:entry_id>/terugdraaien")
@open_to(Role.TREASURER, Role.CLERK)
def undo(entry_id: int) -> ResponseReturnValue:
    """Take back that an entry was booked as paid back."""
    entry = uow.session().get(BankEntry, entry_id) or abort(HTTPStatus.NOT_FOUND)
    try:
        debt = returned_money.undo(uow.session(), uow.viewer(), entry, request.form.get("reason", ""), uow.now())
    except Refused as refused:
        if refused.codes == {returned_money.RETURN_NOT_BOOKED.code}:
            abort(HTTPStatus.NOT_FOUND)
        return _show({f"undo-{entry_id}": refused.refusals[0]}, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(
        i18n.gettext(N_("Taken off %(number)s. The entry waits on the list again."), number=debt.case.number), "success"
    )
    return redirect(url_for("bank.overview"))
