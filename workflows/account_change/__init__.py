"""Another account number: where somebody's money goes from now on, once a clerk is sure that they asked for it."""

from workflows.account_change.content import checks_of, facts_of, read
from workflows.account_change.form import AccountForm
from workflows.account_change.retention import RETENTION
from workflows.afterwards import added_later, reopened
from workflows.effects import LiftHold, Tell, UseAccount
from workflows.kernel import Action, CaseType, State, WorkingDays, at
from workflows.parties import ABORTED, CLERK, GRANTED, INITIATOR, N_, REFUSED, TREASURER
from workflows.rules import HOLDS_CASE, NOT_OWN, NOT_REOPENER, all_checked, other_than

NOT_CHANGER_NOR_CHECKER = other_than(
    "submit", "check",
    code="four_eyes_hold",
    sentence=N_("You asked for or checked this account number, so somebody else must release the hold."),
)  # fmt: skip

# fmt: off
STATES = (
    State("draft", N_("Draft"), INITIATOR),
    State("submitted", N_("Being checked by the SSC"), CLERK, WorkingDays(2)),
    State("in_use", N_("In use"), result=GRANTED),
    State("rejected", N_("Rejected"), result=REFUSED),
    State("withdrawn", N_("Withdrawn"), result=ABORTED),
)

ACTIONS = (
    Action(
        "submit", N_("Submit"), INITIATOR, at("draft"), "submitted", N_("Submitted"),
        then=(Tell(INITIATOR, "received"), Tell(CLERK, "to_check")), takes_content=True, tone="primary",
    ),
    Action(
        "check", N_("Approve the account number"), CLERK, at("submitted"), "in_use", N_("Account number checked"),
        needs=(NOT_OWN, NOT_REOPENER, HOLDS_CASE, all_checked(checks_of)),
        then=(UseAccount(), Tell(INITIATOR, "checked")),
        tone="primary",
    ),
    Action(
        "refuse", N_("Reject"), CLERK, at("submitted"), "rejected", N_("Rejected by the SSC"),
        needs=(NOT_OWN, HOLDS_CASE), then=(Tell(INITIATOR, "rejected"),), reason=True, tone="danger",
    ),
    Action(
        "release_hold", N_("Release the hold"), TREASURER, at("in_use"), "in_use", N_("Hold on payments released"),
        needs=(NOT_OWN, NOT_CHANGER_NOR_CHECKER, NOT_REOPENER), then=(LiftHold(),), reason=True,
    ),
    Action(
        "withdraw", N_("Withdraw"), INITIATOR, at("draft", "submitted"), "withdrawn", N_("Withdrawn"), tone="danger",
    ),
    added_later("in_use", "rejected", "withdrawn"),
    reopened("rejected", "submitted", Tell(INITIATOR, "reopened"), Tell(CLERK, "to_check")),
)
# fmt: on

ACCOUNT_CHANGE = CaseType(
    key="account_change",
    label=N_("Another account number"),
    description=N_("Let the SSC pay you on another bank account."),
    prefix="REK",
    states=STATES,
    actions=ACTIONS,
    form=AccountForm,
    read=read,
    facts=facts_of,
    checks=checks_of,
    norm=WorkingDays(3),
    retention=RETENTION,
    masked=("iban",),
    vocabulary={"labels": {"instead_of": N_("Instead of")}},
)
