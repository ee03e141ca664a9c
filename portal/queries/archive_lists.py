"""The lists in the archive of a municipality: tables that people open in a spreadsheet, in Dutch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from portal import i18n
from portal.models.cases import Case
from portal.models.contact import Contact, ContactQuestion
from portal.models.leave import LeaveEntry, LeaveLot
from portal.models.people import Employment, Person, Policy, Unit
from portal.models.suppliers import Supplier, SupplierAccount
from portal.queries.archive_scope import IN, Scope, elsewhere
from workflows import CASE_TYPES
from workflows.parties import N_

Rows = Iterable[Sequence[object]]


def _in(table: str, scope: Scope) -> ColumnElement[bool]:
    return IN[table](scope.place)


def _units(session: Session, scope: Scope) -> Rows:
    above = aliased(Unit)
    query = select(Unit.id, Unit.name, Unit.cost_centre, above.name, Unit.valid_to).outerjoin(
        above, above.id == Unit.parent_id
    )
    return map(tuple, session.execute(query.where(_in("unit", scope)).order_by(Unit.id)))


def _people(session: Session, scope: Scope) -> Rows:
    query = select(Person.id, Person.given_name, Person.family_name, Person.email, Person.phone)
    for person_id, given, family, email, phone in session.execute(
        query.where(Person.id.in_(scope.employees)).order_by(Person.id)
    ):
        gone = person_id in scope.gone
        yield person_id, given, family, elsewhere(person_id) if gone else email, "" if gone else phone


def _employments(session: Session, scope: Scope) -> Rows:
    query = (
        select(Employment.personnel_number, Person.given_name, Person.family_name, Unit.name, Unit.cost_centre,
               Employment.job_title, Employment.valid_from, Employment.valid_to)
        .join(Person, Person.id == Employment.person_id).join(Unit, Unit.id == Employment.unit_id)
        .where(_in("employment", scope)).order_by(Employment.id)
    )  # fmt: skip
    return map(tuple, session.execute(query))


def _balances(session: Session, scope: Scope) -> Rows:
    query = (
        select(Person.given_name, Person.family_name, LeaveEntry.kind, LeaveLot.valid_from, LeaveLot.last_day,
               func.sum(LeaveEntry.minutes))
        .join(Person, Person.id == LeaveEntry.person_id).outerjoin(LeaveLot, LeaveLot.id == LeaveEntry.lot_id)
        .where(_in("leave_entry", scope))
        .group_by(Person.id, Person.given_name, Person.family_name, LeaveEntry.kind, LeaveLot.valid_from,
                  LeaveLot.last_day)
        .order_by(Person.id, LeaveLot.valid_from, LeaveEntry.kind)
    )  # fmt: skip
    for given, family, kind, first, last, minutes in session.execute(query):
        yield given, family, kind, first, last, int(minutes), i18n.hours(int(minutes))


def _leave(session: Session, scope: Scope) -> Rows:
    query = (
        select(LeaveEntry.id, Person.given_name, Person.family_name, LeaveEntry.kind, LeaveEntry.what, LeaveEntry.day,
               LeaveEntry.minutes, LeaveEntry.recorded_at, Case.number, LeaveEntry.reason)
        .join(Person, Person.id == LeaveEntry.person_id).outerjoin(Case, Case.id == LeaveEntry.case_id)
        .where(_in("leave_entry", scope)).order_by(LeaveEntry.id)
    )  # fmt: skip
    return map(tuple, session.execute(query))


def _contacts(session: Session, scope: Scope) -> Rows:
    query = (
        select(Contact.at, Contact.channel, Person.given_name, Person.family_name, Contact.caller, Case.number,
               ContactQuestion.asked, ContactQuestion.answer, ContactQuestion.state)
        .join(ContactQuestion, ContactQuestion.contact_id == Contact.id)
        .outerjoin(Person, Person.id == Contact.person_id).outerjoin(Case, Case.id == ContactQuestion.case_id)
        .where(_in("contact_question", scope)).order_by(ContactQuestion.id)
    )  # fmt: skip
    return map(tuple, session.execute(query))


def _policies(session: Session, scope: Scope) -> Rows:
    query = (
        select(Policy.key, Policy.value, Policy.municipality_id, Policy.valid_from, Policy.valid_to, Policy.article,
               Policy.source)
        .where(_in("policy", scope)).order_by(Policy.key, Policy.valid_from, Policy.id)
    )  # fmt: skip
    for key, value, place, first, last, article, source in session.execute(query):
        yield key, value, i18n.gettext(OURS if place else FOR_ALL), first, last, article, source


def _suppliers(session: Session, scope: Scope) -> Rows:
    query = (
        select(Supplier.name, Supplier.kvk, Supplier.vat, Supplier.street, Supplier.postcode, Supplier.town,
               SupplierAccount.iban, SupplierAccount.valid_from)
        .outerjoin(SupplierAccount, SupplierAccount.supplier_id == Supplier.id)
        .where(Supplier.id.in_(scope.gathered.suppliers)).order_by(Supplier.id, SupplierAccount.id)
    )  # fmt: skip
    return map(tuple, session.execute(query))


def _cases(session: Session, scope: Scope) -> Rows:
    query = (
        select(Case.number, Case.type, Case.title, Person.given_name, Person.family_name, Case.state, Case.received_at,
               Case.closed_at, Case.claimed_cents, Case.sanctioned_cents)
        .join(Person, Person.id == Case.initiator_id)
        .where(_in("case", scope), Case.number.is_not(None)).order_by(Case.id)
    )  # fmt: skip
    for number, kind, title, given, family, state, received, closed, claimed, granted in session.execute(query):
        case_type = CASE_TYPES[kind]
        yield (number, i18n.gettext(case_type.label), title, f"{given} {family}",
               i18n.gettext(case_type.state(state).label), received, closed, claimed, granted)  # fmt: skip


OURS, FOR_ALL = N_("this municipality"), N_("all municipalities")
_FIRST, _LAST, _NAMES = N_("First day"), N_("Last day"), (N_("First name"), N_("Last name"))
LISTS: Mapping[str, tuple[str, tuple[str, ...], Callable[[Session, Scope], Rows]]] = {
    "zaken": (N_("Cases"), (N_("Number"), N_("Kind"), N_("Title"), N_("Employee"), N_("State"), N_("Received"),
                            N_("Settled"), N_("Claimed (cents)"), N_("Granted (cents)")), _cases),
    "afdelingen": (N_("Units"), (N_("Id"), N_("Name"), N_("Cost centre"), N_("Under"), _LAST), _units),
    "mensen": (N_("People"), (N_("Id"), *_NAMES, N_("E-mail address"), N_("Telephone number")), _people),
    "dienstverbanden": (N_("Employments"), (N_("Personnel number"), *_NAMES, N_("Unit"), N_("Cost centre"),
                                            N_("Job title"), _FIRST, _LAST), _employments),
    "verlofsaldi": (N_("Balances of leave"), (*_NAMES, N_("Kind"), N_("Can be used from"), N_("Until"), N_("Minutes"),
                                              N_("Hours")), _balances),
    "verlofboekingen": (N_("Entries of leave"), (N_("Id"), *_NAMES, N_("Kind"), N_("What"), N_("Day"), N_("Minutes"),
                                                 N_("Recorded"), N_("Case"), N_("Why")), _leave),
    "contacten": (N_("Contacts"), (N_("When"), N_("Channel"), *_NAMES, N_("Who called"), N_("Case"), N_("Question"),
                                   N_("Answer"), N_("State")), _contacts),
    "afspraken": (N_("Agreements and rates"), (N_("Agreement"), N_("Value"), N_("For"), _FIRST, _LAST, N_("Article"),
                                               N_("Source")), _policies),
    "leveranciers": (N_("Suppliers"), (N_("Name"), N_("KvK number"), N_("VAT number"), N_("Street"), N_("Postcode"),
                                       N_("Town"), N_("Account number"), _FIRST), _suppliers),
}  # fmt: skip
"""By the name of the file: what it is, its columns, and its rows."""


def years_of(first: date, last: date) -> list[tuple[date, date]]:
    """The first and last month of each calendar year between two days."""
    return [
        (max(first.replace(day=1), date(year, 1, 1)), min(last.replace(day=1), date(year, 12, 1)))
        for year in range(first.year, last.year + 1)
    ]


def texts(row: Sequence[Any]) -> list[str]:
    """A row as text, days and moments as ISO has them."""
    return ["" if cell is None else cell.isoformat() if hasattr(cell, "isoformat") else str(cell) for cell in row]
