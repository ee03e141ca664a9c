"""Leave: hours that somebody asks to be away, decided on by their manager."""

from workflows.effects import AskByMail, BookHours, LetGoOfHours, ReserveHours, Tell
from workflows.kernel import Action, CaseType, State, WorkingDays, at
from workflows.leave.content import documents_of, facts_of, read, takes
from workflows.leave.form import LeaveForm
from workflows.leave.retention import RETENTION
from workflows.leave.rules import COMPLETE
from workflows.leave_kinds import KINDS, asking, label_of, offered
from workflows.lots import LOT_KINDS
from workflows.parties import ABORTED, APPROVER, GRANTED, INITIATOR, N_, REFUSED, SYSTEM
from workflows.rules import LINK_LIMIT, NOT_OWN

# fmt: off
STATES = (
    State("draft", N_("Draft"), INITIATOR),
    State("submitted", N_("Waiting for approval"), APPROVER, WorkingDays(5), WorkingDays(3), WorkingDays(5)),
    State("returned", N_("Back with you"), INITIATOR, remind=WorkingDays(5), suspends=True),
    State("granted", N_("Approved"), result=GRANTED),
    State("rejected", N_("Rejected"), result=REFUSED),
    State("withdrawn", N_("Withdrawn"), result=ABORTED),
)

ACTIONS = (
    Action(
        "submit", N_("Submit"), INITIATOR, at("draft", "returned"), "submitted", N_("Submitted"),
        needs=(COMPLETE,), then=(ReserveHours(), AskByMail(), Tell(INITIATOR, "received")), takes_content=True,
        tone="primary",
    ),
    Action(
        "approve", N_("Approve"), APPROVER, at("submitted"), "granted", N_("Approved"),
        needs=(NOT_OWN, LINK_LIMIT), then=(BookHours(), Tell(INITIATOR, "granted")), binds=True, tone="primary",
    ),
    Action(
        "return", N_("Send back"), APPROVER, at("submitted"), "returned", N_("Sent back"),
        needs=(NOT_OWN, LINK_LIMIT), then=(LetGoOfHours(), Tell(INITIATOR, "returned")), reason=True,
    ),
    Action(
        "reject", N_("Reject"), APPROVER, at("submitted"), "rejected", N_("Rejected"),
        needs=(NOT_OWN, LINK_LIMIT), then=(LetGoOfHours(), Tell(INITIATOR, "rejected")), reason=True, tone="danger",
    ),
    Action(
        "reroute", N_("Ask another approver"), SYSTEM, at("submitted"), "submitted", N_("Put to another approver"),
        then=(AskByMail(),),
    ),
    Action(
        "withdraw", N_("Withdraw"), INITIATOR, at("draft", "submitted", "returned"), "withdrawn", N_("Withdrawn"),
        then=(LetGoOfHours(),), tone="danger",
    ),
)
# fmt: on

LEAVE = CaseType(
    key="leave",
    label=N_("Leave"),
    description=N_("Take hours off: from your balance, or for a special reason."),
    label_first=True,
    prefix="VRL",
    states=STATES,
    actions=ACTIONS,
    form=LeaveForm,
    read=read,
    facts=facts_of,
    takes=takes,
    documents=documents_of,
    norm=WorkingDays(5),
    retention=RETENTION,
    by_employer=True,
    vocabulary={"kinds": KINDS, "lots": LOT_KINDS, "label_of": label_of, "offered": offered, "asking": asking},
)
