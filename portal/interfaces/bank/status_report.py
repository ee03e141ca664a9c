"""The bank's answer to a payment file: ISO 20022 pain.002, customer payment status report."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from portal.interfaces.bank.document import Part

NOT_PROVIDED = "NOTPROVIDED"  # what ISO 20022 writes for an identification that was not given
PARTLY = "PART"


@dataclass(frozen=True)
class LineStatus:
    """What the bank says of one payment.

    `status` is an ISO code: ACTC/ACCP/ACSP (accepted, on its way), ACSC/ACCC (settled), PDNG (waiting), RJCT
    (refused). `reason` is an ISO reason code, `text` the bank's own explanation, `cents` euro cents.
    """

    end_to_end_id: str | None
    status: str
    reason: str | None = None
    text: str | None = None
    cents: int | None = None
    payment_information_id: str | None = None


@dataclass(frozen=True)
class PaymentStatus:
    """What the bank says of one payment block as a whole. `status` is PART when its payments differ."""

    payment_information_id: str
    status: str | None
    reason: str | None
    text: str | None


@dataclass(frozen=True)
class StatusReport:
    """One pain.002. A bank may report in steps, and may list only the payments it has something to say of."""

    message_id: str
    original_message_id: str
    created: datetime
    group_status: str | None
    group_reason: str | None
    group_text: str | None
    payment_statuses: tuple[PaymentStatus, ...]
    lines: tuple[LineStatus, ...]

    def status_of(self, end_to_end_id: str, payment_information_id: str) -> LineStatus | None:
        """What this report says of one of our payments: by its own line, else by its block, else by the file.

        None when the report leaves it open: not listed, while block or file is only partly accepted or
        without a status.
        """
        if line := self._by_end_to_end_id.get(end_to_end_id):
            return line
        said = [(one.status, one.reason, one.text) for one in self._blocks(payment_information_id)]
        status, reason, text = (*said, (self.group_status, self.group_reason, self.group_text))[0]
        if status is None or status == PARTLY:
            return None
        return LineStatus(end_to_end_id, status, reason, text, None, payment_information_id)

    def _blocks(self, payment_information_id: str) -> list[PaymentStatus]:
        """What the report says of the block as a whole, if it says something."""
        blocks = self.payment_statuses
        return [one for one in blocks if one.payment_information_id == payment_information_id and one.status]

    @cached_property
    def _by_end_to_end_id(self) -> dict[str | None, LineStatus]:
        return {line.end_to_end_id: line for line in self.lines}


def read_status_report(body: Part) -> StatusReport:
    """The report in a pain.002 document; raises BankFileError."""
    report = body.need("CstmrPmtStsRpt")
    group = report.need("OrgnlGrpInfAndSts")
    blocks = report.all("OrgnlPmtInfAndSts")
    group_status = group.text("GrpSts")
    lines = (_line(line, block, group_status) for block in blocks for line in block.all("TxInfAndSts"))
    return StatusReport(
        message_id=report.need_text("GrpHdr/MsgId"),
        original_message_id=group.need_text("OrgnlMsgId"),
        created=report.moment("GrpHdr/CreDtTm"),
        group_status=group_status,
        group_reason=_reason(group),
        group_text=_explanation(group),
        payment_statuses=tuple(_payment_status(block) for block in blocks),
        lines=tuple(lines),
    )


def _payment_status(block: Part) -> PaymentStatus:
    return PaymentStatus(
        payment_information_id=block.need_text("OrgnlPmtInfId"),
        status=block.text("PmtInfSts"),
        reason=_reason(block),
        text=_explanation(block),
    )


def _line(line: Part, block: Part, group_status: str | None) -> LineStatus:
    """A line without a status of its own has that of its block or its file."""
    inherited = block.text("PmtInfSts") or group_status
    status = line.text("TxSts") or inherited
    if status is None or status == PARTLY:
        line.refuse("TxSts")
    end_to_end_id = line.text("OrgnlEndToEndId")
    return LineStatus(
        end_to_end_id=None if end_to_end_id == NOT_PROVIDED else end_to_end_id,
        status=status,
        reason=_reason(line),
        text=_explanation(line),
        cents=_cents(line),
        payment_information_id=block.need_text("OrgnlPmtInfId"),
    )


def _reason(part: Part) -> str | None:
    return part.text("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry")


def _explanation(part: Part) -> str | None:
    lines = [line.content for line in part.all("StsRsnInf/AddtlInf")]
    return " ".join(lines).strip() or None


def _cents(line: Part) -> int | None:
    """The amount, which banks may leave out."""
    path = "OrgnlTxRef/Amt/InstdAmt"
    return line.cents(path) if line.find(path) else None
