"""Withdrawing leave that was approved: days of it that are not taken, of which the hours go back to their lots.

Days that are still to come are free at once; of days that have begun or are past the manager says whether they were
worked. Until then the leave counts.
"""

from workflows.about import About
from workflows.effects import AskByMail, GiveBackHours, Tell, TellManager
from workflows.kernel import Action, Branch, CaseType, State, WorkingDays, at
from workflows.leave_withdrawal.content import begins, facts_of, gives_back, proposed, read
from workflows.leave_withdrawal.form import DaysForm
from workflows.leave_withdrawal.retention import RETENTION
from workflows.leave_withdrawal.rules import ALL_TO_COME, DAYS_CHOSEN
from workflows.parties import ABORTED, APPROVER, GRANTED, INITIATOR, N_, REFUSED, SYSTEM
from workflows.rules import LINK_LIMIT, NOT_OWN

# fmt: off
STATES = (
    State("draft", N_("Draft"), INITIATOR),
    State("submitted", N_("Waiting for approval"), APPROVER, WorkingDays(5), WorkingDays(3), WorkingDays(5)),
    State("granted", N_("Given back"), result=GRANTED),
    State("rejected", N_("Rejected"), result=REFUSED),
    State("withdrawn", N_("Withdrawn"), result=ABORTED),
)

ACTIONS = (
    Action(
        "submit", N_("Submit"), INITIATOR, at("draft"), Branch(ALL_TO_COME, "granted", "submitted"), N_("Submitted"),
        needs=(DAYS_CHOSEN,),
        then=(
            GiveBackHours(when="granted"), AskByMail(), Tell(INITIATOR, "received", when="submitted"),
            Tell(INITIATOR, "free", when="granted"), TellManager("free_manager", when="granted"),
        ),
        takes_content=True, tone="primary",
    ),
    # Somebody was ill on these days: the portal proposes it, the manager confirms.
    Action(
        "propose", N_("Propose to give back"), SYSTEM, at("draft"), "submitted", N_("Proposed, because of absence"),
        needs=(DAYS_CHOSEN,), then=(AskByMail(), Tell(INITIATOR, "proposed")),
    ),
    Action(
        "approve", N_("Approve"), APPROVER, at("submitted"), "granted", N_("Approved"),
        needs=(NOT_OWN, LINK_LIMIT), then=(GiveBackHours(), Tell(INITIATOR, "granted")), binds=True, tone="primary",
    ),
    Action(
        "reject", N_("Reject"), APPROVER, at("submitted"), "rejected", N_("Rejected"),
        needs=(NOT_OWN, LINK_LIMIT), then=(Tell(INITIATOR, "rejected"),), reason=True, tone="danger",
    ),
    Action(
        "reroute", N_("Ask another approver"), SYSTEM, at("submitted"), "submitted", N_("Put to another approver"),
        then=(AskByMail(),),
    ),
    Action(
        "withdraw", N_("Withdraw"), INITIATOR, at("draft", "submitted"), "withdrawn", N_("Withdrawn"), tone="danger",
    ),
)
# fmt: on

LEAVE_WITHDRAWAL = CaseType(
    key="leave_withdrawal",
    label=N_("Withdraw leave"),
    prefix="VRI",
    states=STATES,
    actions=ACTIONS,
    form=DaysForm,
    read=read,
    facts=facts_of,
    label_first=True,
    about=About(("leave",), begins=begins, gives_back=gives_back, proposed=proposed),
    mandate="leave",
    norm=WorkingDays(5),
    retention=RETENTION,
)
