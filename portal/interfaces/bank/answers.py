"""Reading what the bank sends: status reports on payment files, statements and notifications.

A file is recognised by its namespace, whatever its name: pain.002 from version 03, camt.053 and camt.054 from
version 02. Newer versions only add elements to what is read here.
"""

from portal.interfaces.bank.document import MAX_BYTES, Message, open_message
from portal.interfaces.bank.errors import BankFileError
from portal.interfaces.bank.statement import Statement, read_statements
from portal.interfaces.bank.status_report import StatusReport, read_status_report

Answer = StatusReport | Statement

_OLDEST = {"pain.002": 3, "camt.053": 2, "camt.054": 2}


def read_all(data: bytes, *, max_bytes: int = MAX_BYTES) -> tuple[Answer, ...]:
    """Everything in the file: one status report, or a statement for each account (or page) in it.

    Raises BankFileError with one of: bank_file_too_big, bank_file_encoding (not UTF-8), bank_file_doctype,
    bank_file_not_xml, bank_file_unknown_kind, bank_file_incomplete (an element is missing or malformed; the
    detail names it), bank_file_wrong_currency (not in euro). A file is read whole or not at all.
    """
    message = _known(open_message(data, max_bytes))
    if message.kind == "pain.002":
        return (read_status_report(message.body),)
    return read_statements(message.kind, message.body)


def read(data: bytes, *, max_bytes: int = MAX_BYTES) -> Answer:
    """The one answer in the file; bank_file_several when it holds more (read_all takes those)."""
    first, *others = read_all(data, max_bytes=max_bytes)
    if others:
        raise BankFileError("bank_file_several", str(1 + len(others)))
    return first


def _known(message: Message) -> Message:
    if message.version < _OLDEST.get(message.kind, 100):
        raise BankFileError("bank_file_unknown_kind", f"{message.kind}.001.{message.version:02}")
    return message
