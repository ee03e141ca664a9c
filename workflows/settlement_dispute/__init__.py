"""The dispute of a line of a settlement: a municipality asks to look again; the SSC puts it right or says why not."""

from workflows.afterwards import added_later
from workflows.effects import Restate, Tell
from workflows.kernel import Action, CaseType, State, WorkingDays, at
from workflows.parties import ABORTED, CLERK, GRANTED, INITIATOR, N_, REFUSED
from workflows.rules import HOLDS_CASE, NOT_OWN
from workflows.sampling import NOT_INVOLVED, everybody_in
from workflows.settlement_dispute.content import correct, facts_of, read
from workflows.settlement_dispute.form import DisputeForm
from workflows.settlement_dispute.retention import RETENTION

# Who prepared the settlement or made it final does not decide on what is said against it.
JUDGING = (NOT_OWN, NOT_INVOLVED, HOLDS_CASE)

# fmt: off
STATES = (
    State("draft", N_("Draft"), INITIATOR),
    State("submitted", N_("Waiting for the SSC"), CLERK, WorkingDays(10), WorkingDays(8), WorkingDays(10)),
    State("corrected", N_("Put right"), result=GRANTED),
    State("rejected", N_("Rejected"), result=REFUSED),
    State("withdrawn", N_("Withdrawn"), result=ABORTED),
)

ACTIONS = (
    Action(
        "submit", N_("Submit"), INITIATOR, at("draft"), "submitted", N_("Submitted"),
        then=(Tell(INITIATOR, "received"), Tell(CLERK, "to_check")), takes_content=True, tone="primary",
    ),
    Action(
        "correct", N_("Put the line right"), CLERK, at("submitted"), "corrected", N_("Line put right"), needs=JUDGING,
        then=(Restate(), Tell(INITIATOR, "corrected")), reason=True, tone="primary", asks=correct, brief=True,
    ),
    Action(
        "reject", N_("Reject"), CLERK, at("submitted"), "rejected", N_("Rejected by the SSC"), needs=JUDGING,
        then=(Tell(INITIATOR, "rejected"),), reason=True, tone="danger",
    ),
    Action(
        "withdraw", N_("Withdraw"), INITIATOR, at("draft", "submitted"), "withdrawn", N_("Withdrawn"), tone="danger",
    ),
    added_later("corrected", "rejected", "withdrawn"),
)
# fmt: on

SETTLEMENT_DISPUTE = CaseType(
    key="settlement_dispute",
    label=N_("Dispute of a settlement"),
    prefix="VBZ",
    states=STATES,
    actions=ACTIONS,
    form=DisputeForm,
    read=read,
    facts=facts_of,
    norm=WorkingDays(10),
    apart=everybody_in,
    elsewhere=True,
    retention=RETENTION,
)
