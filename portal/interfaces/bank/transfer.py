"""Writing a payment file for the bank: SEPA credit transfers as ISO 20022 pain.001.001.09.

The same input always gives the same bytes: every identification and the time of writing come from the caller.
Postal addresses are left out on purpose. SEPA does not need them, and since 15 November 2026 Dutch banks
refuse a file with an unstructured one.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree
from sepaxml import SepaTransfer

from portal.interfaces.bank.charset import is_sepa_id, sepa_text
from portal.interfaces.bank.errors import BankFileError
from workflows.iban import InvalidIban, bic_of, clean_iban

VERSION = "pain.001.001.09"
MAX_TRANSFERS = 100_000  # the most that Dutch banks take in one file
MAX_CENTS = 99_999_999_999  # EUR 999 999 999.99: EPC132-08, the SEPA credit transfer guidelines
ID_LENGTH = 35
NAME_LENGTH = 70  # the schema allows 140; the SEPA guidelines 70
REMITTANCE_LENGTH = 140

_NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{VERSION}"
_BANK_TIME = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True)
class Debtor:
    """Who pays: a municipality's own account. Without `bic` the bank is found by the account number."""

    name: str
    iban: str
    bic: str | None = None


@dataclass(frozen=True)
class Transfer:
    """One payment in euro cents. `remittance` is what the payee reads on the statement.

    The bank repeats `end_to_end_id` in its answers; it is unique within a file.
    """

    end_to_end_id: str
    name: str
    iban: str
    cents: int
    remittance: str


def is_writable_name(name: str) -> bool:
    """Whether the bank's characters leave anything of a name; one without any Latin letter or digit they do not."""
    return sepa_text(name, NAME_LENGTH) != ""


def credit_transfer(
    *,
    message_id: str,
    payment_info_id: str,
    created_at: datetime,
    debtor: Debtor,
    execution_date: date,
    transfers: Sequence[Transfer],
    batch_booking: bool = False,
) -> bytes:
    """The file as the bank takes it, checked against the official schema. The caller stores these bytes.

    Names and remittance texts are written in the SEPA Latin set and cut off at 70 and 140 characters.
    With `batch_booking` the bank books one total for the file; without it, every payment stands on the
    statement and can be matched by its own end-to-end identification. Raises BankFileError with one of:
    bank_file_empty, bank_file_too_many, bank_file_duplicate_id, bank_file_id, bank_file_text, bank_file_iban,
    bank_file_amount, bank_file_time (created_at has no time zone), bank_file_invalid.
    """
    _check_ids(message_id, payment_info_id, transfers)
    if created_at.tzinfo is None:
        raise BankFileError("bank_file_time", "created_at")
    payments = [_payment(transfer, execution_date) for transfer in transfers]
    document = _document(_account_of(debtor), payments)
    _set(document, "GrpHdr/MsgId", message_id)
    _set(document, "GrpHdr/CreDtTm", created_at.astimezone(_BANK_TIME).isoformat(timespec="seconds"))
    _set(document, "PmtInf/PmtInfId", payment_info_id)
    _set(document, "PmtInf/BtchBookg", "true" if batch_booking else "false")
    _name_unknown_bank(document)
    if not _schema().validate(document):
        raise BankFileError("bank_file_invalid", _first_complaint())
    return bytes(etree.tostring(document, xml_declaration=True, encoding="UTF-8"))


def _check_ids(message_id: str, payment_info_id: str, transfers: Sequence[Transfer]) -> None:
    if not transfers:
        raise BankFileError("bank_file_empty")
    if len(transfers) > MAX_TRANSFERS:
        raise BankFileError("bank_file_too_many", str(len(transfers)))
    ids = [transfer.end_to_end_id for transfer in transfers]
    for identification in (message_id, payment_info_id, *ids):
        if not is_sepa_id(identification, ID_LENGTH):
            raise BankFileError("bank_file_id", identification[: ID_LENGTH + 1])
    if len(set(ids)) < len(ids):
        raise BankFileError("bank_file_duplicate_id", Counter(ids).most_common(1)[0][0])


def _payment(transfer: Transfer, execution_date: date) -> dict[str, object]:
    """The payment in the words of sepaxml, which itself checks neither account numbers nor amounts."""
    if not 0 < transfer.cents <= MAX_CENTS:
        raise BankFileError("bank_file_amount", transfer.end_to_end_id)
    return {
        "name": _text(transfer.name, NAME_LENGTH, transfer.end_to_end_id),
        "IBAN": _iban(transfer.iban, transfer.end_to_end_id),
        "amount": transfer.cents,
        "description": _text(transfer.remittance, REMITTANCE_LENGTH, transfer.end_to_end_id),
        "endtoend_id": transfer.end_to_end_id,
        "execution_date": execution_date,
    }


def _account_of(debtor: Debtor) -> dict[str, object]:
    account: dict[str, object] = {
        "name": _text(debtor.name, NAME_LENGTH, "debtor"),
        "IBAN": _iban(debtor.iban, "debtor"),
        "batch": True,  # one payment block for the file; how the bank books it is set apart
        "currency": "EUR",
    }
    bic = debtor.bic or bic_of(debtor.iban)
    return account | {"BIC": bic} if bic else account


def _text(text: str, length: int, whose: str) -> str:
    written = sepa_text(text, length)
    if not written:
        raise BankFileError("bank_file_text", whose)
    return written


def _iban(text: str, whose: str) -> str:
    try:
        return clean_iban(text)
    except InvalidIban as error:
        raise BankFileError("bank_file_iban", f"{whose} {error.code}") from None


def _document(account: dict[str, object], payments: list[dict[str, object]]) -> Any:
    # clean=False: our own transliteration, which leaves a name alone where it can.
    writer = SepaTransfer(account, schema=VERSION, clean=False)
    for payment in payments:
        writer.add_payment(payment)
    # Only once: a second export of the same writer counts every payment twice.
    return etree.fromstring(writer.export(validate=False))


def _path(path: str) -> str:
    return "/".join(f"{{{_NAMESPACE}}}{step}" for step in ("CstmrCdtTrfInitn", *path.split("/")))


def _set(document: Any, path: str, text: str) -> None:
    document.find(_path(path)).text = text


def _name_unknown_bank(document: Any) -> None:
    """An account number alone is enough in SEPA, but the guidelines want the missing BIC said in words."""
    bank = document.find(_path("PmtInf/DbtrAgt/FinInstnId"))
    if not len(bank):
        other = etree.SubElement(bank, f"{{{_NAMESPACE}}}Othr")
        etree.SubElement(other, f"{{{_NAMESPACE}}}Id").text = "NOTPROVIDED"


@lru_cache(maxsize=1)
def _schema() -> Any:
    """The official schema of pain.001.001.09, as published with sepaxml."""
    with as_file(files("sepaxml") / "schemas" / f"{VERSION}.xsd") as path:
        return etree.XMLSchema(etree.parse(path))


def _first_complaint() -> str:
    """The name of the element that the schema refuses; its message would hold what is in the element."""
    complaint = _schema().error_log.last_error
    element = re.search(r"\}(\w+)'", complaint.message) if complaint is not None else None
    return element[1] if element else ""
