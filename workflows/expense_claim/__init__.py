"""The expense claim: money an employee has spent for work and gets back."""

from workflows.afterwards import added_later, reopened
from workflows.effects import (
    AskByMail,
    BeginAnew,
    Follow,
    HoldOwed,
    LapseFollowing,
    MayBeDrawn,
    OweAgain,
    Pay,
    StopPaying,
    Tell,
    TellPreparer,
)
from workflows.expense_claim.books import BOOKED, journal
from workflows.expense_claim.categories import CATEGORIES, checks_of
from workflows.expense_claim.checking import DECISIONS, OUTCOMES, assess, leaves
from workflows.expense_claim.content import facts_of, lines_of, read
from workflows.expense_claim.form import ClaimForm
from workflows.expense_claim.judging import held_anew, offered, raised_by
from workflows.expense_claim.retention import RETENTION
from workflows.expense_claim.rules import (
    APPROVAL_STANDS,
    CHECKED,
    COMPLETE,
    DOUBLES_REFUSED,
    SANCTIONED_EXPLAINED,
    SANCTIONED_IN_RANGE,
    SOMETHING_TO_PAY,
    approved,
    documents,
)
from workflows.expense_claim.sampling import NOT_ASKED, to_judge
from workflows.expense_claim.statements import signed, stated
from workflows.kernel import Action, Branch, CalendarDays, CaseType, State, WorkingDays, at
from workflows.parties import ABORTED, APPROVER, BANK, CLERK, GRANTED, INITIATOR, N_, REFUSED, SYSTEM, TREASURER
from workflows.rules import (
    CLAIMANT,
    FLAG_NAMED,
    FLAGS_SETTLED,
    HOLDS_CASE,
    LINK_LIMIT,
    MANDATE,
    NOT_APPROVER,
    NOT_APPROVER_NOR_CHECKER,
    NOT_CHECKER,
    NOT_OWN,
    NOT_OWN_PAYMENT,
    NOT_REOPENER,
    PREPARED,
    SECOND_NEEDED,
    SECOND_PERSON,
    confirmed_first,
)

# fmt: off
HANDED_IN = Branch(NOT_ASKED, "approved", "submitted")
NOT_AFTER_CONFIRMING = confirmed_first("draft", "confirming")

STATES = (
    State("draft", N_("Draft"), INITIATOR),
    State("confirming", N_("To be confirmed by the employee"), INITIATOR, remind=WorkingDays(3), suspends=True,
          after="draft"),
    State("submitted", N_("Waiting for approval"), APPROVER, WorkingDays(5), WorkingDays(3), WorkingDays(5)),
    State("countersign", N_("Waiting for a second approval"), APPROVER, WorkingDays(5), WorkingDays(3), WorkingDays(5),
          second=True, after="submitted"),
    State("approved", N_("Being checked by the SSC"), CLERK, WorkingDays(3)),
    State("on_hold", N_("Waiting for something outside the SSC"), CLERK, remind=WorkingDays(5), suspends=True),
    State("returned", N_("Back with you"), INITIATOR, remind=WorkingDays(5), suspends=True),
    State("payable", N_("In the next payment run"), TREASURER, WorkingDays(2)),
    State("paying", N_("At the bank"), BANK, WorkingDays(2)),
    State("unpaid", N_("Refused by the bank"), CLERK, WorkingDays(2)),
    State("paid", N_("Paid"), result=GRANTED),
    State("rejected", N_("Rejected"), result=REFUSED),
    State("withdrawn", N_("Withdrawn"), result=ABORTED),
)

ACTIONS = (
    Action(
        "submit", N_("Submit"), INITIATOR, at("draft", "returned"),
        Branch(PREPARED, "confirming", HANDED_IN), N_("Submitted"), needs=(COMPLETE,),
        then=(
            MayBeDrawn(), AskByMail(), Tell(INITIATOR, "confirm", when="confirming"),
            Tell(INITIATOR, "received", when="submitted"), Tell(INITIATOR, "received", when="approved"),
        ),
        takes_content=True, tone="primary",
    ),
    Action(
        "confirm", N_("Confirm and submit"), INITIATOR, at("confirming"), HANDED_IN, N_("Confirmed by the employee"),
        needs=(CLAIMANT, COMPLETE),
        then=(MayBeDrawn(), AskByMail(), Tell(INITIATOR, "received"), TellPreparer("confirmed")),
        signs=True, tone="primary",
    ),
    Action(
        "decline", N_("Do not confirm"), INITIATOR, at("confirming"), "returned", N_("Not confirmed by the employee"),
        needs=(CLAIMANT,), then=(TellPreparer("declined"),), reason=True,
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
        needs=(
            NOT_OWN, NOT_APPROVER, NOT_REOPENER, HOLDS_CASE, FLAGS_SETTLED, DOUBLES_REFUSED, CHECKED,
            SANCTIONED_IN_RANGE, SANCTIONED_EXPLAINED, SOMETHING_TO_PAY,
        ),
        then=(Pay("checked"), BeginAnew(leaves, "lines_returned")), tone="primary",
    ),
    Action(
        "adjust", N_("Save the check"), CLERK, at("approved"), "approved", N_("Amounts adjusted"),
        needs=(NOT_OWN, NOT_APPROVER, NOT_REOPENER, HOLDS_CASE, SANCTIONED_IN_RANGE, SANCTIONED_EXPLAINED),
    ),
    Action(
        "settle_flag", N_("Settle a signal"), CLERK, at("approved"), "approved", N_("Signal settled"),
        needs=(NOT_OWN, NOT_APPROVER, NOT_REOPENER, HOLDS_CASE, FLAG_NAMED), reason=True,
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
        "suspend", N_("Suspend the clock"), CLERK, at("approved"), "on_hold", N_("Clock suspended"),
        needs=(NOT_OWN, HOLDS_CASE), reason=True,
    ),
    Action(
        "resume", N_("Go on with this case"), CLERK, at("on_hold"), "approved", N_("Clock resumed"),
        needs=(NOT_OWN,), tone="primary",
    ),
    Action(
        "refuse", N_("Reject the claim"), CLERK, at("approved", "unpaid"), "rejected", N_("Rejected by the SSC"),
        needs=(NOT_OWN, HOLDS_CASE), then=(LapseFollowing(), Tell(INITIATOR, "rejected"), Tell(APPROVER, "rejected")),
        reason=True, tone="danger",
    ),
    Action(
        "release", N_("Release for payment"), TREASURER, at("payable"), "paying", N_("Released for payment"),
        needs=(NOT_OWN_PAYMENT, NOT_APPROVER_NOR_CHECKER, NOT_REOPENER),
    ),
    Action(
        "settle", N_("Book as paid"), BANK, at("paying"), "paid", N_("Paid"),
        then=(OweAgain(), Tell(INITIATOR, "paid"), Tell(APPROVER, "paid")),
    ),
    Action(
        "cover", N_("Settle with what is still owed"), SYSTEM, at("payable"), "paid",
        N_("Settled with what was still owed"),
        then=(OweAgain(), Tell(INITIATOR, "covered"), Tell(APPROVER, "covered")), aside=True,
    ),
    Action(
        "sample", N_("Draw for the sample"), SYSTEM, at("paid"), "paid", N_("Drawn for the sample"),
        then=(Follow("sample", to_judge, documents=True),),
    ),
    Action(
        "bounce", N_("Book as refused by the bank"), BANK, at("paying", "paid"), "unpaid", N_("Refused by the bank"),
        then=(StopPaying(), HoldOwed(), Tell(INITIATOR, "bounced")), reason=True,
    ),
    Action(
        "pay_again", N_("Pay again"), CLERK, at("unpaid"), "payable", N_("Put up for payment again"),
        needs=(NOT_OWN, NOT_REOPENER, HOLDS_CASE), then=(Pay("paid_again"),), reason=True, tone="primary",
    ),
    Action(
        "withdraw", N_("Withdraw"), INITIATOR,
        at("draft", "confirming", "submitted", "countersign", "approved",
           "on_hold", "returned", "payable"), "withdrawn",
        N_("Withdrawn"), needs=(NOT_AFTER_CONFIRMING,), then=(StopPaying(), LapseFollowing()), tone="danger",
    ),
    added_later("paid", "rejected", "withdrawn"),
    reopened(
        "rejected", Branch(APPROVAL_STANDS, "approved", "submitted"),
        AskByMail(), Tell(INITIATOR, "reopened"), Tell(CLERK, "to_check", when="approved"),
    ),
)
# fmt: on

EXPENSE_CLAIM = CaseType(
    key="expense_claim",
    label=N_("Expense claim"),
    description=N_("Get back what you have spent for work: travel, meals, parking and more."),
    prefix="DEC",
    by_employer=True,
    for_others=True,
    states=STATES,
    actions=ACTIONS,
    form=ClaimForm,
    read=read,
    facts=facts_of,
    checks=checks_of,
    assess=assess,
    lines=lines_of,
    raised=raised_by,
    renewed=held_anew,
    approved=approved,
    signed=signed,
    stated=stated,
    norm=WorkingDays(10),
    legal=CalendarDays(56),
    journal=journal,
    booked=BOOKED,
    retention=RETENTION,
    for_clerks=("rate_source",),
    documents=documents,
    # What was sent back goes its own way, as does what is owed because of a claim.
    children_may_run=True,
    vocabulary={"categories": CATEGORIES, "decisions": DECISIONS, "outcomes": OUTCOMES, "offered": offered},
)
