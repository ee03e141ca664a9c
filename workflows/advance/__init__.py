"""The advance: money an employee gets before they spend it for work, and accounts for afterwards."""

from workflows.advance.books import journal
from workflows.advance.content import TERM, checks_of, facts_of, read
from workflows.advance.form import AdvanceForm
from workflows.advance.retention import RETENTION
from workflows.advance.rules import APPROVAL_STANDS, CHECKED, COMPLETE, NEVER_AT_BANK, approved
from workflows.afterwards import TAKE_UP, added_later, reopened
from workflows.effects import AskByMail, HoldOwed, Owe, Pay, StopOwing, StopPaying, Tell
from workflows.kernel import Action, Branch, CalendarDays, CaseType, State, WorkingDays, at
from workflows.parties import ABORTED, APPROVER, BANK, CLERK, GRANTED, INITIATOR, N_, REFUSED, SYSTEM, TREASURER
from workflows.rules import (
    HOLDS_CASE,
    LINK_LIMIT,
    MANDATE,
    NOT_APPROVER,
    NOT_APPROVER_NOR_CHECKER,
    NOT_CHECKER,
    NOT_OWN,
    NOT_OWN_PAYMENT,
    NOT_REOPENER,
    SECOND_NEEDED,
    SECOND_PERSON,
)

# fmt: off
STATES = (
    State("draft", N_("Draft"), INITIATOR),
    State("submitted", N_("Waiting for approval"), APPROVER, WorkingDays(5), WorkingDays(3), WorkingDays(5)),
    State("countersign", N_("Waiting for a second approval"), APPROVER, WorkingDays(5), WorkingDays(3), WorkingDays(5),
          second=True, after="submitted"),
    State("approved", N_("Being checked by the SSC"), CLERK, WorkingDays(2)),
    State("returned", N_("Back with you"), INITIATOR, remind=WorkingDays(5), suspends=True),
    State("payable", N_("In the next payment run"), TREASURER, WorkingDays(1)),
    State("paying", N_("At the bank"), BANK, WorkingDays(2)),
    State("unpaid", N_("Refused by the bank"), CLERK, WorkingDays(2)),
    # The norm holds where a municipality agreed no term; both reminders are counted from the end of the term.
    State("outstanding", N_("To be accounted for"), INITIATOR, CalendarDays(60), CalendarDays(0), CalendarDays(14),
          suspends=True, term=TERM),
    State("settled", N_("Accounted for"), result=GRANTED),
    State("rejected", N_("Rejected"), result=REFUSED),
    State("withdrawn", N_("Withdrawn"), result=ABORTED),
)

ACTIONS = (
    Action(
        "submit", N_("Submit"), INITIATOR, at("draft", "returned"),
        Branch(APPROVAL_STANDS, "approved", "submitted"), N_("Submitted"),
        needs=(COMPLETE,), then=(AskByMail(), Tell(INITIATOR, "received")), takes_content=True, tone="primary",
    ),
    Action(
        "approve", N_("Approve"), APPROVER, at("submitted"),
        Branch(SECOND_NEEDED, "countersign", "approved"), N_("Approved"),
        needs=(NOT_OWN, NOT_CHECKER, LINK_LIMIT),
        then=(
            AskByMail(), Tell(INITIATOR, "approved_first", when="countersign"),
            Tell(INITIATOR, "approved", when="approved"), Tell(CLERK, "to_check", when="approved"),
        ),
        binds=True, tone="primary",
    ),
    Action(
        "countersign", N_("Approve as the second"), APPROVER, at("countersign"), "approved",
        N_("Approved by a second person"), needs=(NOT_OWN, SECOND_PERSON, NOT_CHECKER, MANDATE, LINK_LIMIT),
        then=(Tell(INITIATOR, "approved"), Tell(CLERK, "to_check")), binds=True, tone="primary",
    ),
    Action(
        "reroute", N_("Ask another approver"), SYSTEM, at("submitted"), "submitted", N_("Put to another approver"),
        then=(AskByMail(),),
    ),
    Action(
        "reroute_second", N_("Ask another approver"), SYSTEM, at("countersign"), "countersign",
        N_("Put to another approver"), then=(AskByMail(),),
    ),
    Action(
        "check", N_("Approve the check"), CLERK, at("approved"), "payable", N_("Checked"),
        needs=(NOT_OWN, NOT_APPROVER, NOT_REOPENER, HOLDS_CASE, CHECKED),
        then=(Pay("checked", net=False),), tone="primary",
    ),
    Action(
        "return", N_("Send back"), APPROVER, at("submitted", "countersign"), "returned", N_("Sent back"),
        needs=(NOT_OWN, LINK_LIMIT), then=(Tell(INITIATOR, "returned"),), reason=True,
    ),
    Action(
        "reject", N_("Reject"), APPROVER, at("submitted", "countersign"), "rejected", N_("Rejected"),
        needs=(NOT_OWN, LINK_LIMIT), then=(Tell(INITIATOR, "rejected"),), reason=True, tone="danger",
    ),
    Action(
        "send_back", N_("Send back to the employee"), CLERK, at("approved"), "returned", N_("Sent back by the SSC"),
        needs=(NOT_OWN, HOLDS_CASE), then=(Tell(INITIATOR, "returned"),), reason=True,
    ),
    Action(
        "refuse", N_("Reject the advance"), CLERK, at("approved", "unpaid"), "rejected", N_("Rejected by the SSC"),
        needs=(NOT_OWN, HOLDS_CASE), then=(StopOwing(), Tell(INITIATOR, "rejected"), Tell(APPROVER, "rejected")),
        reason=True, tone="danger",
    ),
    Action(
        "release", N_("Release for payment"), TREASURER, at("payable"), "paying", N_("Released for payment"),
        needs=(NOT_OWN_PAYMENT, NOT_APPROVER_NOR_CHECKER, NOT_REOPENER),
    ),
    Action(
        "settle", N_("Book as paid"), BANK, at("paying"), "outstanding", N_("Paid"),
        then=(Tell(INITIATOR, "paid_out"), Owe("advance")),
    ),
    Action(
        "bounce", N_("Book as refused by the bank"), BANK, at("paying", "outstanding", "settled"), "unpaid",
        N_("Refused by the bank"), then=(HoldOwed(), Tell(INITIATOR, "bounced")), reason=True,
    ),
    Action(
        "pay_again", N_("Pay again"), CLERK, at("unpaid"), "payable", N_("Put up for payment again"),
        needs=(NOT_OWN, HOLDS_CASE), then=(Pay("paid_again", net=False),), reason=True, tone="primary",
    ),
    Action(
        "account", N_("Book as accounted for"), SYSTEM, at("outstanding"), "settled", N_("Accounted for in full"),
        then=(Tell(INITIATOR, "accounted"),),
    ),
    Action(
        "explain", N_("Say why it takes longer"), INITIATOR, at("outstanding"), "outstanding",
        N_("Explained by the employee"), then=(Tell(CLERK, "explained"),), reason=True,
    ),
    Action(
        "reopen", N_("Open again"), SYSTEM, at("settled"), "outstanding", N_("To be accounted for again"),
        then=(Tell(INITIATOR, "reopened"),),
    ),
    Action(
        "withdraw", N_("Withdraw"), INITIATOR,
        at("draft", "submitted", "countersign", "approved", "returned", "payable"), "withdrawn", N_("Withdrawn"),
  then=(StopPaying(), StopOwing()), tone="danger",
    ),
    added_later("settled", "rejected", "withdrawn"),
    reopened(
        "rejected", "submitted", AskByMail(), Tell(INITIATOR, "taken_up"), key=TAKE_UP, needs=(NEVER_AT_BANK,),
    ),
)
# fmt: on

ADVANCE = CaseType(
    key="advance",
    label=N_("Advance"),
    description=N_("Get money before you spend it for work, and account for it afterwards."),
    prefix="VOO",
    states=STATES,
    actions=ACTIONS,
    form=AdvanceForm,
    read=read,
    facts=facts_of,
    checks=checks_of,
    approved=approved,
    norm=WorkingDays(10),
    journal=journal,
    vocabulary={"labels": {"from": N_("First day"), "to": N_("Last day")}},
    retention=RETENTION,
)
