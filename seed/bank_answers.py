"""The bank of the seeded past: status reports (pain.002) and statements (camt.053) as a bank writes them.

Only what the portal reads and what the official schemas ask for is written. Amounts are cents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.sax.saxutils import escape

from portal.clock import local

PAIN = "pain.001.001.09"


@dataclass(frozen=True)
class Answered:
    """What the bank says of one payment: accepted, or refused with a reason."""

    end_to_end_id: str
    cents: int
    refused: str = ""


@dataclass(frozen=True)
class Booked:
    """One booking on a statement: negative is money that left. A payment that came back has the bank's `reason`."""

    cents: int
    end_to_end_id: str = ""
    name: str = ""
    iban: str = ""
    text: str = ""
    reason: str = ""


def status_report(original: str, at: datetime, lines: Sequence[Answered], *, version: int) -> bytes:
    """The report on one payment file of ours."""
    refused = sum(bool(line.refused) for line in lines)
    status = "RJCT" if refused == len(lines) else "PART" if refused else "ACSP"
    statuses = "".join(_status(line) for line in lines)
    return _document(
        f"pain.002.001.{version:02}",
        f"<CstmrPmtStsRpt><GrpHdr><MsgId>S-{original}</MsgId><CreDtTm>{_moment(at)}</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{original}</OrgnlMsgId><OrgnlMsgNmId>{PAIN}</OrgnlMsgNmId>"
        f"<OrgnlNbOfTxs>{len(lines)}</OrgnlNbOfTxs><GrpSts>{status}</GrpSts></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{original}</OrgnlPmtInfId>{statuses}</OrgnlPmtInfAndSts></CstmrPmtStsRpt>",
    )


def _status(line: Answered) -> str:
    reason = f"<StsRsnInf><Rsn><Cd>{line.refused}</Cd></Rsn></StsRsnInf>" if line.refused else ""
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{line.end_to_end_id}</OrgnlEndToEndId>"
        f"<TxSts>{'RJCT' if line.refused else 'ACSP'}</TxSts>{reason}"
        f'<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">{_euros(line.cents)}</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>'
    )


def statement(identification: str, at: datetime, iban: str, opening: int, bookings: Sequence[Booked]) -> bytes:
    """The statement of one account over one day; `opening` is what stood on it the day before."""
    day = local(at).date()
    closing = opening + sum(booking.cents for booking in bookings)
    entries = "".join(_entry(f"{identification}-{n}", day, one) for n, one in enumerate(bookings, start=1))
    return _document(
        "camt.053.001.08",
        f"<BkToCstmrStmt><GrpHdr><MsgId>{identification}</MsgId><CreDtTm>{_moment(at)}</CreDtTm></GrpHdr>"
        f"<Stmt><Id>{identification}</Id><CreDtTm>{_moment(at)}</CreDtTm><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>"
        f"{_balance('OPBD', opening, day)}{_balance('CLBD', closing, day)}{entries}</Stmt></BkToCstmrStmt>",
    )


def _balance(code: str, cents: int, day: date) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(cents)}<Dt><Dt>{day.isoformat()}</Dt></Dt></Bal>"
    )


def _entry(reference: str, day: date, booking: Booked) -> str:
    family, code = ("RCDT", "RRTN") if booking.reason else ("ICDT", "ESCT") if booking.cents < 0 else ("RCDT", "ESCT")
    dates = "".join(f"<{name}><Dt>{day.isoformat()}</Dt></{name}>" for name in ("BookgDt", "ValDt"))
    return (
        f"<Ntry>{_amount(booking.cents)}<Sts><Cd>BOOK</Cd></Sts>{dates}<AcctSvcrRef>{reference}</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{code}</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{booking.end_to_end_id or 'NOTPROVIDED'}</EndToEndId></Refs>"
        f"{_amount(booking.cents)}{_party(booking)}{_described(booking)}</TxDtls></NtryDtls></Ntry>"
    )


def _described(booking: Booked) -> str:
    text = f"<RmtInf><Ustrd>{escape(booking.text)}</Ustrd></RmtInf>" if booking.text else ""
    return text + (f"<RtrInf><Rsn><Cd>{booking.reason}</Cd></Rsn></RtrInf>" if booking.reason else "")


def _party(booking: Booked) -> str:
    """The other side: who was paid, or who paid; a payment that came back names who was to be paid."""
    if not booking.name:
        return ""
    side = "Dbtr" if booking.cents > 0 and not booking.reason else "Cdtr"
    return (
        f"<RltdPties><{side}><Pty><Nm>{escape(booking.name)}</Nm></Pty></{side}>"
        f"<{side}Acct><Id><IBAN>{booking.iban}</IBAN></Id></{side}Acct></RltdPties>"
    )


def _amount(cents: int) -> str:
    return f'<Amt Ccy="EUR">{_euros(cents)}</Amt><CdtDbtInd>{"DBIT" if cents < 0 else "CRDT"}</CdtDbtInd>'


def _euros(cents: int) -> str:
    return f"{abs(cents) // 100}.{abs(cents) % 100:02}"


def _moment(at: datetime) -> str:
    return local(at).isoformat(timespec="seconds")


def _document(message: str, content: str) -> bytes:
    namespace = f"urn:iso:std:iso:20022:tech:xsd:{message}"
    return f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{namespace}">{content}</Document>'.encode()
