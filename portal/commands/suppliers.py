"""What clerks agree about suppliers: one asks for a new one, a change, another account, a block; another confirms.

Nobody confirms what they asked for. Before another account is confirmed the supplier is called, on the number that the
SSC knew already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.clock import local_date
from portal.commands.changes import Author, because, write_down
from portal.commands.contact import LONGEST_CALLER, Asked, Spoken, record_contact
from portal.models.suppliers import Supplier, SupplierAccount, SupplierRequest
from portal.queries.suppliers import Alike, Marks, accounts_of, plain, plain_endpoint, suppliers_like
from workflows.iban import IBAN_SENTENCES, InvalidIban, clean_iban
from workflows.identifiers import is_endpoint, is_kvk, is_vat
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

NAME_MISSING = Refusal("supplier_name_missing", N_("Fill in the name of the supplier."))
TOO_LONG = Refusal("supplier_text_too_long", N_("Use 200 characters at most."))
KVK_WRONG = Refusal("kvk_wrong", N_("A KvK number has 8 digits."))
VAT_WRONG = Refusal("vat_wrong", N_("This is not a VAT number. Write it as NL001234567B01."))
ENDPOINT_WRONG = Refusal(
    "endpoint_wrong", N_("Write the electronic address as scheme and number, such as 0106:12345678.")
)
EMAIL_WRONG = Refusal("supplier_email_wrong", N_("This is not a mail address."))
PHONE_MISSING = Refusal(
    "supplier_phone_missing", N_("Fill in a telephone number that you found yourself, not one from an invoice.")
)
COUNTRY_WRONG = Refusal("country_wrong", N_("Write the country as two letters, such as NL."))
TERMS_WRONG = Refusal("terms_wrong", N_("Write a number of days from 1 to 60, or leave this empty."))
ALIKE = Refusal(
    "supplier_alike",
    N_("There are suppliers who look like this one. Use one of them, or write down why this is another."),
)
ASKED_ALREADY = Refusal(
    "supplier_asked_already", N_("This was asked for already. A second clerk must confirm it first.")
)
NOTHING_CHANGED = Refusal("supplier_nothing_changed", N_("Nothing is different from what is known."))
SAME_ACCOUNT = Refusal("supplier_same_account", N_("This is already the account of this supplier."))
BLOCKED_ALREADY = Refusal("supplier_blocked_already", N_("This supplier is blocked already."))
NOT_BLOCKED = Refusal("supplier_not_blocked", N_("This supplier is not blocked."))
REQUEST_GONE = Refusal("supplier_request_gone", N_("This was decided already by somebody else."))
SECOND_CLERK = Refusal("supplier_second_clerk", N_("You asked for this, so another clerk must confirm it."))
CALL_MISSING = Refusal(
    "supplier_call_missing", N_("Call the supplier on the known number, and write down with whom you spoke.")
)
HOLD_EYES = Refusal("supplier_hold_eyes", N_("You asked for or checked this account, so somebody else must do this."))
NOT_HELD = Refusal("supplier_not_held", N_("Payments to this account are not held. Look again."))
NOT_YOURS = Refusal("supplier_not_yours", N_("This is for clerks and treasurers of the SSC."))

LONGEST = 200
LONGEST_TERM = 60
"""Civil Code 6:119b: a public body never agrees to more than 60 days."""
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True)
class Details:
    """What is known of a supplier besides its accounts. Make them with `of` from what was typed."""

    name: str = ""
    kvk: str = ""
    vat: str = ""
    endpoint: str = ""
    street: str = ""
    postcode: str = ""
    town: str = ""
    country: str = "NL"
    email: str = ""
    phone: str = ""
    language: str = "nl"
    terms_days: int | None = None

    @classmethod
    def of(cls, typed: Mapping[str, str]) -> Details:
        """What was typed, in the way it is kept. A term that is no number becomes -1, which is refused."""
        texts: dict[str, Any] = {
            name: " ".join(typed.get(name, "").split()) for name in DETAILS if name != "terms_days"
        }
        term = typed.get("terms_days", "").strip()
        days = int(term) if term.isascii() and term.isdigit() and len(term) < 5 else -1
        return replace(
            cls(**texts), kvk=plain(texts["kvk"]), vat=plain(texts["vat"]), terms_days=days if term else None,
            endpoint=plain_endpoint(texts["endpoint"]) or texts["endpoint"], country=texts["country"].upper(),
            postcode=texts["postcode"].upper(), language="en" if texts["language"] == "en" else "nl",
        )  # fmt: skip


DETAILS: tuple[str, ...] = tuple(Details.__dataclass_fields__)


def details_of(supplier: Supplier) -> Details:
    """What is known of a supplier now."""
    return Details(**{name: getattr(supplier, name) for name in DETAILS})


def _wrong_with(details: Details) -> Iterator[Refusal]:
    for is_wrong, refusal in (
        (not details.name, NAME_MISSING),
        (any(len(text) > LONGEST for text in asdict(details).values() if isinstance(text, str)), TOO_LONG),
        (bool(details.kvk) and not is_kvk(details.kvk), KVK_WRONG),
        (bool(details.vat) and not is_vat(details.vat), VAT_WRONG),
        (bool(details.endpoint) and not is_endpoint(details.endpoint), ENDPOINT_WRONG),
        (bool(details.email) and not _EMAIL.fullmatch(details.email), EMAIL_WRONG),
        (not any(sign.isdigit() for sign in details.phone), PHONE_MISSING),
        (not _COUNTRY.fullmatch(details.country), COUNTRY_WRONG),
        (details.terms_days is not None and not 1 <= details.terms_days <= LONGEST_TERM, TERMS_WRONG),
    ):
        if is_wrong:
            yield refusal


def _account(typed: str) -> str:
    """The account as it is kept. Raises Refused with the code and sentence of what is wrong with it."""
    if not typed.strip():
        raise Refused(Refusal("iban_empty", IBAN_SENTENCES["iban_empty"]))
    try:
        return clean_iban(typed)
    except InvalidIban as error:
        raise Refused(Refusal(error.code, IBAN_SENTENCES[error.code])) from None


def ask_new(session: Session, viewer: Viewer, details: Details, iban: str, guarantee: str, reason: str,
            distinct_because: str, at: datetime) -> SupplierRequest:  # fmt: skip
    """Ask for a new supplier with its account (and G-account, if any). Who looks like another needs a reason."""
    wrong = list(_wrong_with(details))
    ibans: list[str] = []
    for typed in (iban, *([guarantee] if guarantee.strip() else [])):
        try:
            ibans.append(_account(typed))
        except Refused as refused:
            wrong += refused.refusals
    if wrong:
        raise Refused(*wrong)
    if _is_asked(session, details, ibans):
        raise Refused(ASKED_ALREADY)
    data = {**asdict(details), "iban": ibans[0], "guarantee": ibans[1] if len(ibans) > 1 else ""}
    return _ask(session, viewer, "new", None, data, {}, reason, at, _others(session, details, ibans), distinct_because)


def _is_asked(session: Session, details: Details, ibans: Sequence[str]) -> bool:
    """Whether this very supplier was asked for by somebody else, and waits."""
    waiting = session.scalars(
        select(SupplierRequest.data).where(SupplierRequest.kind == "new", SupplierRequest.decided_at.is_(None))
    )
    mine = {details.kvk, details.vat, details.endpoint, *ibans} - {""}
    return any(mine & {data[name] for name in ("kvk", "vat", "endpoint", "iban", "guarantee")} for data in waiting)


def ask_change(session: Session, viewer: Viewer, supplier: Supplier, details: Details, reason: str,
               distinct_because: str, at: datetime) -> SupplierRequest:  # fmt: skip
    """Ask for other data of a supplier: only what differs is asked."""
    if wrong := list(_wrong_with(details)):
        raise Refused(*wrong)
    before, after = asdict(details_of(supplier)), asdict(details)
    differs = [name for name in DETAILS if before[name] != after[name]]
    if not differs:
        raise Refused(NOTHING_CHANGED)
    data, was = ({name: side[name] for name in differs} for side in (after, before))
    named = bool({"name", "kvk", "vat", "endpoint"} & set(differs))
    others = _others(session, details, (), supplier.id) if named else []
    return _ask(session, viewer, "change", supplier, data, was, reason, at, others, distinct_because)


def ask_account(session: Session, viewer: Viewer, supplier: Supplier, iban: str, guarantee: bool,
                valid_from: date | None, reason: str, distinct_because: str,
                at: datetime) -> SupplierRequest:  # fmt: skip
    """Ask to pay a supplier on another account from a day on (today without one). Payments wait until it is decided."""
    account = _account(iban)
    today = local_date(at)
    first = max(valid_from or today, today)
    paid_on = accounts_of(session, [supplier.id], first)[supplier.id]
    current = paid_on.guarantee if guarantee else paid_on.account
    if current is not None and current.iban == account:
        raise Refused(SAME_ACCOUNT)
    data = {"iban": account, "is_guarantee": guarantee, "valid_from": first.isoformat()}
    was = {"iban": current.iban} if current else {}
    others = suppliers_like(session, Marks.of(ibans=(account,)), supplier.id)
    return _ask(session, viewer, "account", supplier, data, was, reason, at, others, distinct_because)


def ask_block(session: Session, viewer: Viewer, supplier: Supplier, block: bool, reason: str,
              at: datetime) -> SupplierRequest:  # fmt: skip
    """Ask that nothing is paid to a supplier any more, or that it is again."""
    if block is (supplier.blocked_at is not None):
        raise Refused(BLOCKED_ALREADY if block else NOT_BLOCKED)
    return _ask(session, viewer, "block" if block else "unblock", supplier, {}, {}, reason, at)


def _others(session: Session, details: Details, ibans: Sequence[str], besides: int | None = None) -> list[Alike]:
    marks = Marks.of(details.name, details.kvk, details.vat, details.endpoint, ibans)
    return suppliers_like(session, marks, besides, near=True)


def _ask(session: Session, viewer: Viewer, kind: str, supplier: Supplier | None, data: Mapping[str, Any],
         before: Mapping[str, Any], reason: str, at: datetime, others: Sequence[Alike] = (),
         distinct_because: str = "") -> SupplierRequest:  # fmt: skip
    _expect_clerk(viewer)
    why = because(reason)
    distinct = " ".join(distinct_because.split())[:LONGEST]
    if others and not distinct:
        raise Refused(ALIKE)
    if supplier is not None:
        open_now = select(SupplierRequest.id).where(
            SupplierRequest.supplier_id == supplier.id, SupplierRequest.kind == kind,
            SupplierRequest.decided_at.is_(None),
        )  # fmt: skip
        if session.scalars(open_now).first() is not None:
            raise Refused(ASKED_ALREADY)
    request = SupplierRequest(
        supplier_id=supplier.id if supplier else None, kind=kind, data=dict(data), before=dict(before), reason=why,
        alike=[{"id": one.supplier.id, "by": list(one.by)} for one in others],
        distinct_because=distinct if others else "", asked_at=at, asked_by_id=viewer.person_id,
    )  # fmt: skip
    session.add(request)
    session.flush()
    return request


@dataclass(frozen=True)
class Call:
    """A call to a supplier: with whom, and what was said."""

    spoke_with: str
    said: str

    def of(self, supplier: Supplier) -> Spoken:
        """The contact moment that it is. Raises Refused when it says too little."""
        if not self.spoke_with.strip() or not self.said.strip():
            raise Refused(CALL_MISSING)
        who = f"{' '.join(self.spoke_with.split())}, {supplier.name}, {supplier.phone}"[:LONGEST_CALLER]
        asked = N_("Called on the known number about the account that was asked for.")
        return Spoken("telephone", 2, (Asked("payment", asked, self.said.strip()),), caller=who)


def called(session: Session, viewer: Viewer, supplier: Supplier, call: Call, at: datetime) -> int:
    """Record a call to a supplier on the known number; the key of the contact."""
    contact = record_contact(session, viewer, call.of(supplier), at)
    contact.supplier_id = supplier.id
    session.flush()
    return contact.id


def decide(session: Session, viewer: Viewer, request: SupplierRequest, granted: bool, at: datetime,
           call: Call | None = None) -> Supplier | None:  # fmt: skip
    """A second clerk confirms what another asked, or does not; who asked may take it back. The supplier, if granted."""
    _expect_clerk(viewer)
    session.flush()  # what this transaction itself decided is kept
    session.refresh(request, ["decided_at"], with_for_update=True)
    if request.decided_at is not None:
        raise Refused(REQUEST_GONE)
    own = viewer.person_id == request.asked_by_id
    if own and granted:
        raise Refused(SECOND_CLERK)
    if own:
        session.delete(request)
        return None
    supplier = session.get_one(Supplier, request.supplier_id) if request.supplier_id else None
    if granted and request.kind == "account" and supplier is not None:
        request.contact_id = called(session, viewer, supplier, call or Call("", ""), at)
    request.decided_at, request.decided_by_id, request.granted = at, viewer.person_id, granted
    if granted:
        supplier = _carry_out(session, request, supplier, at)
    what = f"supplier.{request.kind}" if granted else "supplier.refused"
    about = supplier.name if supplier else str(request.data.get("name", ""))
    write_down(session, Author(viewer.person_id, None), at, what, about, old=request.before, new=request.data,
               reason=request.reason)  # fmt: skip
    session.flush()
    return supplier if granted else None


def _carry_out(session: Session, request: SupplierRequest, supplier: Supplier | None, at: datetime) -> Supplier:
    data = request.data
    if supplier is None:
        details = {name: data[name] for name in DETAILS}
        supplier = Supplier(**details, created_at=at, created_by_id=request.asked_by_id,
                            approved_by_id=request.decided_by_id)  # fmt: skip
        session.add(supplier)
        session.flush()
        request.supplier_id = supplier.id
        for iban, guarantee in ((data["iban"], False), (data["guarantee"], True)):
            if iban:
                _use(session, request, supplier, iban, guarantee, local_date(at), at)
    elif request.kind == "change":
        for name in DETAILS:
            if name in data:
                setattr(supplier, name, data[name])
    elif request.kind == "account":
        first = max(date.fromisoformat(data["valid_from"]), local_date(at))
        _use(session, request, supplier, data["iban"], bool(data["is_guarantee"]), first, at)
    else:
        supplier.blocked_at = at if request.kind == "block" else None
        supplier.blocked_because = request.reason.rstrip(".") if request.kind == "block" else ""
    return supplier


def _use(session: Session, request: SupplierRequest, supplier: Supplier, iban: str, guarantee: bool, first: date,
         at: datetime) -> None:  # fmt: skip
    follows = session.scalars(
        select(SupplierAccount.id)
        .where(SupplierAccount.supplier_id == supplier.id, SupplierAccount.guarantee == guarantee)
        .order_by(SupplierAccount.id.desc())
        .limit(1)
    ).first()
    session.add(
        SupplierAccount(
            supplier_id=supplier.id, iban=iban, guarantee=guarantee, valid_from=first, follows_id=follows,
            request_id=request.id, changed_at=at, changed_by_id=request.asked_by_id,
            checked_by_id=request.decided_by_id, contact_id=request.contact_id,
        )
    )  # fmt: skip


def release_hold(session: Session, viewer: Viewer, account: SupplierAccount, reason: str, at: datetime) -> None:
    """A third person ends the waiting of payments to an account that replaced another."""
    if not (viewer.has(Role.CLERK) or viewer.has(Role.TREASURER)):
        raise Refused(NOT_YOURS)
    why = because(reason)
    if account.follows_id is None or account.released_at is not None:
        raise Refused(NOT_HELD)
    if viewer.person_id in (account.changed_by_id, account.checked_by_id):
        raise Refused(HOLD_EYES)
    account.released_at, account.released_by_id = at, viewer.person_id
    supplier = session.get_one(Supplier, account.supplier_id)
    write_down(session, Author(viewer.person_id, None), at, "supplier.released", supplier.name,
               new={"iban": account.iban}, reason=why)  # fmt: skip


def _expect_clerk(viewer: Viewer) -> None:
    if not viewer.has(Role.CLERK):
        raise Refused(NOT_YOURS)
