"""What was booked on an account: ISO 20022 camt.053 (statement) and camt.054 (notification).

Both have the same shape. Versions differ in small ways (the status of an entry, where a name stands, whether
a detail has an amount), which are evened out here; paths that a version does not have are simply not found.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from portal.interfaces.bank.document import Part
from portal.interfaces.bank.status_report import NOT_PROVIDED

# Kind of message: the message in the document, and the reports in it, one for each account (and page).
CONTAINERS = {
    "camt.053": ("BkToCstmrStmt", "Stmt"),
    "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}
# ISO 20022 bank transaction sub-families of money that comes back: return, and cancellation on request.
_COMES_BACK = frozenset({"RRTN", "RPCR"})
_OPENING = ("OPBD", "PRCD")  # some banks give the closing balance of the day before instead
_CLOSING = ("CLBD",)


@dataclass(frozen=True)
class Entry:
    """One movement of money on the account; a batch booking gives an Entry for each of its payments.

    `cents`: euro cents, negative when money left the account. `reference` is the bank's own, shared by the
    entries of one batch booking when the bank gives no finer one. `booked` is False for what the bank only
    announces. `is_return` marks money that comes back, with the ISO code in `return_reason`.
    `transactions` says how many payments stand behind the entry: 1, or more for a batch booking of which the
    bank gives no details, or 0 when it does not say.
    """

    reference: str | None
    booked_on: date
    cents: int
    end_to_end_id: str | None
    counterparty_name: str | None
    counterparty_iban: str | None
    description: str
    return_reason: str | None
    is_return: bool
    payment_information_id: str | None
    original_message_id: str | None
    transactions: int
    booked: bool


@dataclass(frozen=True)
class Statement:
    """One account's statement or notification. `kind` is "camt.053" or "camt.054".

    A movement that was announced by a notification stands again on the statement of the day.
    Balances are euro cents, None when the bank gives none (a notification never does).
    """

    kind: str
    message_id: str
    statement_id: str
    iban: str
    created: datetime
    entries: tuple[Entry, ...]
    opening_cents: int | None
    closing_cents: int | None

    @property
    def gap_cents(self) -> int | None:
        """What the balances say beyond the booked entries; not 0 means that an entry is missing."""
        if self.opening_cents is None or self.closing_cents is None:
            return None
        booked = sum(entry.cents for entry in self.entries if entry.booked)
        return self.closing_cents - self.opening_cents - booked


def read_statements(kind: str, body: Part) -> tuple[Statement, ...]:
    """Every statement in a camt.053 or camt.054 document; raises BankFileError."""
    container, report = CONTAINERS[kind]
    message = body.need(container)
    message.need(report)
    return tuple(_statement(kind, message, one) for one in message.all(report))


def _statement(kind: str, message: Part, report: Part) -> Statement:
    iban = report.need_text("Acct/Id/IBAN")
    created = report if report.find("CreDtTm") else message.need("GrpHdr")
    return Statement(
        kind=kind,
        message_id=message.need_text("GrpHdr/MsgId"),
        statement_id=report.need_text("Id"),
        iban=iban,
        created=created.moment("CreDtTm"),
        entries=tuple(entry for booking in report.all("Ntry") for entry in _entries(booking, iban)),
        opening_cents=_balance(report, _OPENING),
        closing_cents=_balance(report, _CLOSING),
    )


def _balance(report: Part, codes: tuple[str, ...]) -> int | None:
    balances = {balance.text("Tp/CdOrPrtry/Cd"): balance for balance in report.all("Bal")}
    found = next((balances[code] for code in codes if code in balances), None)
    return None if found is None else _signed(found)


def _signed(part: Part) -> int:
    return _sign(part) * part.cents("Amt")


def _sign(part: Part, otherwise: int = 0) -> int:
    """1 for money coming in, -1 for money going out, `otherwise` where the element may be left out."""
    sign = {"CRDT": 1, "DBIT": -1, None: otherwise}.get(part.text("CdtDbtInd"), 0)
    return sign or part.refuse("CdtDbtInd")


def _entries(booking: Part, own: str) -> Iterator[Entry]:
    """The movements of one booking. They always add up to the amount that was booked.

    What the details leave unexplained (bank costs, details left out) becomes an entry of its own, so that no
    money disappears between the file and the people who match it.
    """
    whole = _whole(booking)
    parts = [(group, part) for group in booking.all("NtryDtls") for part in _parts(group)]
    if not parts:
        yield whole
    elif len(parts) == 1 and not _leaves_out_details(*parts[0]):
        # The amount of a single detail may be before costs or in another currency: what is booked counts.
        yield _described(whole, *parts[0], own)
    else:
        yield from _several(booking, whole, parts, own)


def _parts(group: Part) -> list[Part]:
    """The details of a group of payments or, when the bank gives none, the summary of the batch."""
    return group.all("TxDtls") or group.all("Btch")


def _leaves_out_details(group: Part, part: Part) -> bool:
    return part.name == "TxDtls" and _count(group) > 1


def _several(booking: Part, whole: Entry, parts: list[tuple[Part, Part]], own: str) -> Iterator[Entry]:
    rest = whole.cents
    for group, part in parts:
        cents = _sign(part, _sign(booking)) * _cents(part)
        rest -= cents
        yield replace(_described(whole, group, part, own), cents=cents)
    if rest:
        yield replace(whole, cents=rest, transactions=0)


def _cents(part: Part) -> int:
    """The amount of a detail or a batch, at the first place where it stands in euro."""
    paths = ("TtlAmt",) if part.name == "Btch" else ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
    present = [path for path in paths if part.currency(path) is not None] or [paths[0]]
    return part.cents(next((path for path in present if part.currency(path) == "EUR"), present[0]))


def _count(group: Part) -> int:
    """How many payments the bank says are in the batch, 0 when it does not say."""
    written = group.text("Btch/NbOfTxs") or ""
    return int(written) if written.isascii() and written.isdigit() and len(written) <= 15 else 0


def _whole(booking: Part) -> Entry:
    return Entry(
        reference=booking.text("AcctSvcrRef", "NtryRef"),
        booked_on=booking.day("BookgDt") or booking.day("ValDt") or booking.refuse("BookgDt"),
        cents=_signed(booking),
        end_to_end_id=None,
        counterparty_name=None,
        counterparty_iban=None,
        description=booking.text("AddtlNtryInf") or "",
        return_reason=None,
        is_return=booking.text("RvslInd") in {"true", "1"} or _comes_back(booking),
        payment_information_id=None,
        original_message_id=None,
        transactions=1,
        booked=booking.need_text("Sts", "Sts/Cd", "Sts/Prtry") == "BOOK",
    )


def _described(whole: Entry, group: Part, part: Part, own: str) -> Entry:
    """The booking with what a detail, or the summary of a batch, tells about it."""
    batch = replace(
        whole,
        payment_information_id=group.text("Btch/PmtInfId"),
        original_message_id=group.text("Btch/MsgId"),
        transactions=_count(group),
    )
    return batch if part.name == "Btch" else _detailed(batch, part, own)


def _detailed(batch: Entry, detail: Part, own: str) -> Entry:
    end_to_end_id = detail.text("Refs/EndToEndId")
    name, iban = _counterparty(detail, own, incoming=_sign(detail, 1 if batch.cents >= 0 else -1) > 0)
    return replace(
        batch,
        reference=detail.text("Refs/AcctSvcrRef") or batch.reference,
        end_to_end_id=None if end_to_end_id == NOT_PROVIDED else end_to_end_id,
        counterparty_name=name,
        counterparty_iban=iban,
        description=_description(detail) or batch.description,
        return_reason=detail.text("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"),
        is_return=batch.is_return or detail.find("RtrInf") is not None or _comes_back(detail),
        payment_information_id=detail.text("Refs/PmtInfId") or batch.payment_information_id,
        original_message_id=detail.text("Refs/MsgId") or batch.original_message_id,
        transactions=1,
    )


def _comes_back(part: Part) -> bool:
    return part.text("BkTxCd/Domn/Fmly/SubFmlyCd") in _COMES_BACK


def _counterparty(detail: Part, own: str, *, incoming: bool) -> tuple[str | None, str | None]:
    """Name and account of the other side.

    The payer for incoming money, else the payee. For a return, banks repeat the parties of the original
    payment or turn them round, so the side that is our own account is passed over.
    """
    sides = ("Dbtr", "Cdtr") if incoming else ("Cdtr", "Dbtr")
    for side in sides:
        name = detail.text(f"RltdPties/{side}/Nm", f"RltdPties/{side}/Pty/Nm")
        iban = detail.text(f"RltdPties/{side}Acct/Id/IBAN")
        if (name or iban) and iban != own:
            return name, iban
    return None, None


def _description(detail: Part) -> str:
    remittance = " ".join(line.content for line in detail.all("RmtInf/Ustrd")).strip()
    return remittance or detail.text("RmtInf/Strd/CdtrRefInf/Ref", "AddtlTxInf") or ""
