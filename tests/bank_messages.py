"""Statements, notifications and status reports as banks write them, small enough to read in a test.

Two generations of the messages are in use side by side. The shapes follow the official schemas of
camt.053/054.001.02 and .08 and pain.002.001.03; the names and numbers are invented.
"""

ACCOUNT = "NL91ABNA0417164300"
PAYEE = "NL30MOCK0000000005"


def entry(
    amount: str = "12.50",
    *,
    side: str = "DBIT",
    details: str = "",
    status: str = "<Sts><Cd>BOOK</Cd></Sts>",
    booked: str = "<BookgDt><Dt>2026-11-25</Dt></BookgDt>",
    currency: str = "EUR",
    code: str = "ESCT",
    extra: str = "",
) -> str:
    """One booking. `details` is the content of NtryDtls, one or more times."""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{extra}{status}{booked}'
        f"<ValDt><Dt>2026-11-25</Dt></ValDt><AcctSvcrRef>REF-1</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>{code}</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"{details}<AddtlNtryInf>as the bank saw it</AddtlNtryInf></Ntry>"
    )


def detail(end_to_end_id: str, amount: str = "", *, parties: str = "", remittance: str = "", returned: str = "") -> str:
    """One payment in a booking, as version 08 writes it."""
    money = f'<Amt Ccy="EUR">{amount}</Amt>' if amount else ""
    return (
        f"<TxDtls><Refs><EndToEndId>{end_to_end_id}</EndToEndId></Refs>{money}{parties}{remittance}{returned}</TxDtls>"
    )


def old_detail(end_to_end_id: str, amount: str) -> str:
    """One payment in a booking, as version 02 writes it."""
    return (
        f"<TxDtls><Refs><EndToEndId>{end_to_end_id}</EndToEndId></Refs>"
        f'<AmtDtls><TxAmt><Amt Ccy="EUR">{amount}</Amt></TxAmt></AmtDtls>'
        f"<RltdPties><Cdtr><Nm>J. Jansen</Nm></Cdtr><CdtrAcct><Id><IBAN>{PAYEE}</IBAN></Id></CdtrAcct>"
        "</RltdPties></TxDtls>"
    )


def batch(count: int, total: str = "") -> str:
    """The summary of a batch booking."""
    money = f'<TtlAmt Ccy="EUR">{total}</TtlAmt><CdtDbtInd>DBIT</CdtDbtInd>' if total else ""
    return f"<Btch><MsgId>FILE-1</MsgId><PmtInfId>BLOCK-1</PmtInfId><NbOfTxs>{count}</NbOfTxs>{money}</Btch>"


def parties(payee: str = "", payer: str = "", *, payee_iban: str = PAYEE, payer_iban: str = PAYEE) -> str:
    """Both sides of a payment, as version 08 writes them."""
    text = ""
    for side, name, iban in (("Dbtr", payer, payer_iban), ("Cdtr", payee, payee_iban)):
        if name:
            text += f"<{side}><Pty><Nm>{name}</Nm></Pty></{side}>"
            text += f"<{side}Acct><Id><IBAN>{iban}</IBAN></Id></{side}Acct>"
    return f"<RltdPties>{text}</RltdPties>" if text else ""


def balance(code: str, amount: str, side: str = "CRDT") -> str:
    """A balance of the account."""
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>2026-11-25</Dt></Dt></Bal>"
    )


def report(*content: str, identification: str = "STMT-1", iban: str = ACCOUNT) -> str:
    """What stands in one Stmt or Ntfctn."""
    return (
        f"<Id>{identification}</Id><CreDtTm>2026-11-26T06:00:00+01:00</CreDtTm>"
        f"<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{''.join(content)}"
    )


def statement(*reports: str, kind: str = "camt.053", version: int = 8) -> bytes:
    """A camt.053 or camt.054 file with these reports."""
    container, name = {
        "camt.053": ("BkToCstmrStmt", "Stmt"),
        "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
    }[kind]
    content = "".join(f"<{name}>{one}</{name}>" for one in reports)
    header = "<GrpHdr><MsgId>MSG-1</MsgId><CreDtTm>2026-11-26T06:01:00+01:00</CreDtTm></GrpHdr>"
    return document(f"{kind}.001.{version:02}", f"<{container}>{header}{content}</{container}>")


def status_report(blocks: str = "", *, group: str = "", version: int = 3) -> bytes:
    """A pain.002 file about our file FILE-1."""
    return document(
        f"pain.002.001.{version:02}",
        "<CstmrPmtStsRpt><GrpHdr><MsgId>STS-1</MsgId><CreDtTm>2026-11-24T09:05:00</CreDtTm></GrpHdr>"
        "<OrgnlGrpInfAndSts><OrgnlMsgId>FILE-1</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId>"
        f"{group}</OrgnlGrpInfAndSts>{blocks}</CstmrPmtStsRpt>",
    )


def block(*lines: str, status: str = "", identification: str = "BLOCK-1") -> str:
    """What a status report says of one payment block. `status` is the PmtInfSts element and the like."""
    return (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{identification}</OrgnlPmtInfId>{status}{''.join(lines)}"
        "</OrgnlPmtInfAndSts>"
    )


def line(end_to_end_id: str, status: str = "", reason: str = "", text: str = "", amount: str = "") -> str:
    """What a status report says of one payment."""
    why = f"<Rsn><Cd>{reason}</Cd></Rsn>" if reason else ""
    words = f"<AddtlInf>{text}</AddtlInf>" if text else ""
    money = f'<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">{amount}</InstdAmt></Amt></OrgnlTxRef>' if amount else ""
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{end_to_end_id}</OrgnlEndToEndId>"
        + (f"<TxSts>{status}</TxSts>" if status else "")
        + (f"<StsRsnInf>{why}{words}</StsRsnInf>" if why or words else "")
        + f"{money}</TxInfAndSts>"
    )


def document(message: str, content: str) -> bytes:
    """The file around a message."""
    namespace = f"urn:iso:std:iso:20022:tech:xsd:{message}"
    return f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{namespace}">{content}</Document>'.encode()
