"""What is of one municipality: of every table either which rows, or why none. A table that is missing fails a test.

A row may refer to what is of somebody else. Of a person who does not work for the municipality only the name goes
along, as it stands in a dossier; of a supplier what was used of it; any other reference is left empty. A case that was
moved to another municipality is of that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, or_, select, true
from sqlalchemy.orm import Session

from portal.db import Base
from portal.interfaces.archive_figures import figures_of
from portal.interfaces.archive_rows import plain
from portal.models.people import Employment, Unit
from workflows import CASE_TYPES
from workflows.bookings import relation_id

TABLES: Mapping[str, Table] = Base.metadata.tables
Condition = Callable[[int], ColumnElement[bool]]


class NotClosed(RuntimeError):
    """A row refers to something that is not of this municipality, and cannot do without it."""


def _of(table: str, column: str = "municipality_id") -> Condition:
    """The rows that name the municipality themselves."""
    return lambda place: TABLES[table].c[column] == place


def _via(table: str, column: str, other: str) -> Condition:
    """The rows whose reference is to a row that goes along."""
    return lambda place: TABLES[table].c[column].in_(select(TABLES[other].c.id).where(IN[other](place)))


def employed(place: int) -> Any:
    """Who works or worked for the municipality."""
    there = select(Unit.id).where(Unit.municipality_id == place)
    return select(Employment.person_id).where(Employment.unit_id.in_(there))


def _all_of(table: str, *columns: str) -> Condition:
    """The rows about people who all work for the municipality."""
    return lambda place: and_(*(TABLES[table].c[column].in_(employed(place)) for column in columns))


def _own_or_all(table: str) -> Condition:
    """What holds for all municipalities, and what holds for this one."""
    return lambda place: or_(TABLES[table].c.municipality_id.is_(None), TABLES[table].c.municipality_id == place)


def _contacts(place: int) -> ColumnElement[bool]:
    """Contacts of the municipality, and those in which somebody asked about a case of it."""
    contact, question, case = TABLES["contact"].c, TABLES["contact_question"].c, TABLES["case"].c
    about = select(question.contact_id).where(
        question.case_id.in_(select(case.id).where(case.municipality_id == place))
    )
    return or_(contact.municipality_id == place, contact.id.in_(about))


def _questions(place: int) -> ColumnElement[bool]:
    """What was asked in these contacts, but not about a case of another municipality."""
    question, case = TABLES["contact_question"].c, TABLES["case"].c
    ours = select(case.id).where(case.municipality_id == place)
    contacts = select(TABLES["contact"].c.id).where(_contacts(place))
    return and_(question.contact_id.in_(contacts), or_(question.case_id.is_(None), question.case_id.in_(ours)))


def _bank_entries(place: int) -> ColumnElement[bool]:
    """Entries on the account of the municipality, and those with which somebody paid it back."""
    entry, settled = TABLES["bank_entry"].c, TABLES["settlement"].c
    with_it = select(settled.bank_entry_id).where(IN["settlement"](place), settled.bank_entry_id.is_not(None))
    return or_(entry.municipality_id == place, entry.id.in_(with_it))


def _bank_files(place: int) -> ColumnElement[bool]:
    return TABLES["bank_file"].c.id.in_(select(TABLES["bank_entry"].c.bank_file_id).where(_bank_entries(place)))


def _pattern_days(place: int) -> ColumnElement[bool]:
    patterns = select(TABLES["employment_pattern"].c.id).where(IN["employment_pattern"](place))
    return TABLES["employment_pattern_day"].c.pattern_id.in_(patterns)


IN: Mapping[str, Condition] = {
    "municipality": _of("municipality", "id"),
    "policy": _own_or_all("policy"),
    "unit": _of("unit"),
    "employment": _via("employment", "unit_id", "unit"),
    "employment_pattern": _via("employment_pattern", "employment_id", "employment"),
    "employment_pattern_day": _pattern_days,
    "minimum_occupancy": _via("minimum_occupancy", "unit_id", "unit"),
    "manager_relation": _via("manager_relation", "unit_id", "unit"),
    "mandate": _of("mandate"),
    "role_grant": _of("role_grant"),
    "role_request": _of("role_request"),
    "preparer_consent": _all_of("preparer_consent", "person_id", "preparer_id"),
    "substitution": _all_of("substitution", "absent_id", "substitute_id"),
    "standing_substitute": _all_of("standing_substitute", "person_id", "substitute_id"),
    "person_account": _all_of("person_account", "person_id"),
    "change": _of("change"),
    "people_import": _of("people_import"),
    "case": _of("case"),
    "case_event": _via("case_event", "case_id", "case"),
    "case_flag": _via("case_flag", "case_id", "case"),
    "case_line": _via("case_line", "case_id", "case"),
    "case_bill": _via("case_bill", "case_id", "case"),
    "coded_line": _via("coded_line", "case_id", "case"),
    "document": _via("document", "case_id", "case"),
    "dossier_read": _via("dossier_read", "case_id", "case"),
    "outbox_mail": _via("outbox_mail", "case_id", "case"),
    "receipt_statement": _via("receipt_statement", "case_id", "case"),
    "contact": _contacts,
    "contact_question": _questions,
    "contact_entry": _via("contact_entry", "question_id", "contact_question"),
    "invoice_file": _of("invoice_file"),
    "payable": _of("payable"),
    "payment_batch": _of("payment_batch"),
    "batch_line": _via("batch_line", "batch_id", "payment_batch"),
    "outstanding": _of("outstanding"),
    "settlement": _via("settlement", "outstanding_id", "outstanding"),
    "bank_entry": _bank_entries,
    "bank_file": _bank_files,
    "leave_lot": _of("leave_lot"),
    "leave_entry": _of("leave_entry"),
    "leave_correction": _of("leave_correction"),
    "leave_lapse": _of("leave_lapse"),
    "leave_notice": _via("leave_notice", "lot_id", "leave_lot"),
    "chart_entry": _of("chart_entry"),
    "ledger_book": _of("ledger_book"),
    "ledger_close": _of("ledger_close"),
    "journal_entry": _of("journal_entry"),
    "journal_line": _via("journal_line", "entry_id", "journal_entry"),
    "satisfaction": _of("satisfaction"),
    "sample_seed": _of("sample_seed"),
    "sample_draw": _via("sample_draw", "seed_id", "sample_seed"),
    "destruction_list": _of("destruction_list"),
    "destruction_item": _via("destruction_item", "list_id", "destruction_list"),
    "destruction_contact": _via("destruction_contact", "list_id", "destruction_list"),
    "agreement": _of("agreement"),
    "business_case_version": _of("business_case_version"),
    "business_case_year": _via("business_case_year", "version_id", "business_case_version"),
    "goal": _own_or_all("goal"),
    "real_cost": _of("real_cost"),
    "evaluation": _of("evaluation"),
    "report": _of("report"),
    "service": lambda place: true(),
    "service_terms": _own_or_all("service_terms"),
    "service_price": _own_or_all("service_price"),
    "task_division": _of("task_division"),
    "trial_run": _of("trial_run"),
    "trial_check": _via("trial_check", "run_id", "trial_run"),
    "trial_finding": _via("trial_finding", "run_id", "trial_run"),
}
"""Which rows go along. People and suppliers are not here: they follow from what refers to them."""

OUT: Mapping[str, str] = {
    "account": "how people sign in is of this portal; the next one gives them accounts",
    "account_link": "a secret of this portal",
    "sign_in": "a secret of this portal",
    "sign_in_failure": "security of this portal",
    "mail_link": "a secret of this portal; who was asked stands in the events",
    "bundle": "how mails were put together; what they said goes along with each case",
    "calendar_feed": "a secret of this portal",
    "contact_draft": "what a clerk was typing",
    "queue_view": "how clerks look at their queue",
    "first_view": "how clerks look at their queue",
    "leave_read": "who looked is told to the person over all their employers together",
    "scan": "a pile of post holds that of several municipalities; what came out of it is with its case",
    "scan_part": "how a pile of post was cut; what came out of it is with its case",
    "supplier_request": "what clerks agreed on about a supplier is of all municipalities together",
    "published_rate": "published by the European Central Bank",
    "number_series": "follows from the numbers of the cases",
    "indicator_version": "definitions are of the partnership; a report holds those that it was made by",
    "indicator_fact": "counted from the cases, and can be counted again",
    "indicator_mark": "how far was counted",
    "indicator_month": "counted from the cases, and can be counted again",
    "cost_item": "what the SSC costs is of all municipalities together",
    "compensation_post": "how costs are shared is of all municipalities together",
    "key_amount": "how costs are shared is of all municipalities together",
    "key_weight": "how costs are shared is of all municipalities together",
    "quarter_advance": "how costs are shared is of all municipalities together",
    "quarter_settlement": "a settlement has the figures of all municipalities; the invoice of it was sent to each",
    "quarter_invoice": "hangs on the settlement of all municipalities; it was sent to each",
    "job_run": "how this portal worked",
    "job_look": "how this portal worked",
    "whatif_model": "measured over all municipalities that somebody looks after; of no case by itself",
    "whatif_run": "what was imagined, of the municipalities that somebody looks after together",
    "passage": "the agreements about joining and leaving are of the partnership",
    "passage_step": "the agreements about joining and leaving are of the partnership",
    "opening_file": "what a municipality handed in when it joined; what came of it goes along",
    "opening_item": "what was open when a municipality joined; what came of it is with its cases",
    "archive_request": "about the archive itself",
}
"""What does not go along, and why."""

PEOPLE, SUPPLIERS = "person", "supplier"
FOLLOWING = (PEOPLE, SUPPLIERS, "supplier_account")
"""What goes along because something refers to it."""

PERSONS = {
    "batch_line": ("submitter_id", "preparer_id", "approver_id", "second_approver_id", "checker_id",
                   "account_changed_by_id", "account_checked_by_id"),
}  # fmt: skip
"""Columns that hold a person without a reference."""
LEFT_EMPTY: Mapping[str, Mapping[str, Any]] = {
    "outbox_mail": {"link_id": None, "bundle_id": None},
    "supplier_account": {"request_id": None, "contact_id": None},
    # One file of the bank may hold entries of several municipalities.
    "bank_file": {"accepted": 0, "settled": 0, "returned": 0, "unmatched": 0, "refused": 0, "detail": ""},
    "invoice_file": {"mailed_to": ""},
    # Employees were promised that nobody sees which mark is theirs.
    "satisfaction": {"case_id": None, "person_id": None, "remark": ""},
}
"""What is not theirs, or a secret, of a row that goes along."""


def elsewhere(person_id: int) -> str:
    """The mail address of somebody of whom only the name goes along: an address that does not exist."""
    return f"persoon-{person_id}@elders.invalid"


@dataclass
class Gathered:
    """What was met on the way: which rows are in, and who and what they refer to."""

    ids: dict[str, set[Any]] = field(default_factory=dict)
    people: set[int] = field(default_factory=set)
    suppliers: set[int] = field(default_factory=set)


class Scope:
    """The rows of one municipality, table by table, each made to stand by itself."""

    def __init__(self, session: Session, place: int, today: date) -> None:
        self.session, self.place, self.today = session, place, today
        self.gathered = Gathered()
        self.employees = frozenset(session.scalars(employed(place)))
        self.gone = self._gone()
        for name in IN:
            key = TABLES[name].c.get("id")
            if key is not None:
                self.gathered.ids[name] = set(session.scalars(select(key).where(IN[name](place))))

    def _gone(self) -> frozenset[int]:
        """Who works for another municipality by now: their address of today is not of this one."""
        now = or_(Employment.valid_to.is_(None), Employment.valid_to >= self.today)
        of_unit = Unit.id == Employment.unit_id
        here = select(Employment.person_id).join(Unit, of_unit).where(Unit.municipality_id == self.place, now)
        there = select(Employment.person_id).join(Unit, of_unit).where(Unit.municipality_id != self.place, now)
        found = self.session.scalars(
            employed(self.place).where(Employment.person_id.in_(there), Employment.person_id.not_in(here))
        )
        return frozenset(found)

    def tables(self) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
        """Every table with its rows, in an order in which what is referred to comes first, but for people and
        suppliers: those are known when all else was read, and come last."""
        for table in Base.metadata.sorted_tables:
            if table.name in IN:
                yield table.name, self._rows(table, IN[table.name](self.place))
        used = self.gathered.suppliers
        yield SUPPLIERS, self._rows(TABLES[SUPPLIERS], TABLES[SUPPLIERS].c.id.in_(used))
        account = TABLES["supplier_account"]
        self.gathered.ids[SUPPLIERS] = set(used)
        self.gathered.ids["supplier_account"] = set(
            self.session.scalars(select(account.c.id).where(account.c.supplier_id.in_(used)))
        )
        yield "supplier_account", self._rows(account, account.c.supplier_id.in_(used))
        named = self.gathered.people | self.employees
        yield PEOPLE, map(self._person, self._rows(TABLES[PEOPLE], TABLES[PEOPLE].c.id.in_(named)))

    def _rows(self, table: Table, which: ColumnElement[bool]) -> Iterator[dict[str, Any]]:
        query = select(table).where(which).order_by(*table.primary_key.columns)
        for row in self.session.execute(query.execution_options(yield_per=500)).mappings():
            yield self._standing_alone(table, dict(row))

    def _standing_alone(self, table: Table, row: dict[str, Any]) -> dict[str, Any]:
        row |= LEFT_EMPTY.get(table.name, {})
        for column in table.columns:
            target = next((key.column.table.name for key in column.foreign_keys if key.column.name == "id"), None)
            value = row[column.name]
            if target is None or value is None:
                continue
            if target == PEOPLE:
                self.gathered.people.add(value)
            elif target == SUPPLIERS:
                self.gathered.suppliers.add(value)
            elif value not in self.gathered.ids.get(target, ()):
                if not column.nullable:
                    raise NotClosed(f"{table.name} {row.get('id')}: {column.name} {value} is not of this municipality")
                row[column.name] = None
        self.gathered.people.update(row[name] for name in PERSONS.get(table.name, ()) if row[name] is not None)
        match table.name:
            case "case":
                self._of_case(row)
            case "journal_line" if row["relation"]:
                self.gathered.suppliers.add(relation_id(row["relation"]))
            case "outbox_mail" if row["person_id"] is not None and row["person_id"] not in self.employees:
                row["address"] = elsewhere(row["person_id"])
            case _:
                pass
        return row

    def _of_case(self, row: Mapping[str, Any]) -> None:
        """Who took a step in it, and the supplier that its content names."""
        self.gathered.people.update(step[1] for step in row["trail"] if step[1])
        payee = CASE_TYPES[row["type"]].payee(row["content"]) if row["type"] in CASE_TYPES else None
        if payee is not None:
            self.gathered.suppliers.add(payee)

    def _person(self, row: dict[str, Any]) -> dict[str, Any]:
        """Somebody of the municipality as they are; of all others the name."""
        if row["id"] in self.employees - self.gone:
            return row
        name = f"{row['given_name']} {row['family_name']}".casefold()
        return row | {
            "email": elsewhere(row["id"]), "email_changed_at": None, "language": "nl", "phone": "", "daily_hour": None,
            "words": name,
        }  # fmt: skip


def numbers_of(session: Session, place: int) -> frozenset[str]:
    """The numbers of the cases of a municipality."""
    case = TABLES["case"].c
    found = session.scalars(select(case.number).where(case.municipality_id == place, case.number.is_not(None)))
    return frozenset(found)


def figures_in(session: Session, place: int, today: date) -> dict[str, Any]:
    """What is of a municipality in this portal, added up as an archive of it would say."""
    figures: dict[str, Any] = {"rows": {}}
    for name, rows in Scope(session, place, today).tables():
        found = figures_of({name: ({key: plain(value) for key, value in row.items()} for row in rows)})
        figures["rows"] |= found.pop("rows")
        figures |= found
    return figures
