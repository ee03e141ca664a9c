"""The sample: what was paid without approval beforehand, judged afterwards by the manager who was not asked."""

from workflows.effects import AskByMail, Follow
from workflows.kernel import Action, CaseType, State, WorkingDays, at
from workflows.parties import ABORTED, APPROVER, GRANTED, N_, REFUSED, SYSTEM
from workflows.rules import LINK_LIMIT, MANDATE, NOT_OWN, SOURCE_CLOSED
from workflows.sample.judging import NOT_DUE_FITS, facts_of, judge, to_recover
from workflows.sample.retention import RETENTION
from workflows.sampling import NOT_INVOLVED, everybody_in

JUDGING = (NOT_OWN, NOT_INVOLVED, MANDATE, LINK_LIMIT)

# fmt: off
STATES = (
    State("drawn", N_("Drawn"), SYSTEM),
    # One judge, but one whose mandate suffices: asked as who signs second is.
    State("judging", N_("Waiting for the manager's judgement"), APPROVER, WorkingDays(10), WorkingDays(5),
          WorkingDays(10), second=True),
    State("right", N_("All was right"), result=GRANTED),
    State("wrong", N_("Not all was right"), result=REFUSED),
    State("lapsed", N_("No longer judged"), result=ABORTED),
)

ACTIONS = (
    Action(
        "open", N_("Put to the manager"), SYSTEM, at("drawn"), "judging", N_("Put to the manager"),
        then=(AskByMail(),), takes_content=True,
    ),
    Action("right", N_("All was right"), APPROVER, at("judging"), "right", N_("Judged as right"), needs=JUDGING,
           tone="primary"),
    Action(
        "wrong", N_("Not all was right"), APPROVER, at("judging"), "wrong", N_("Judged as not right"),
        needs=(*JUDGING, SOURCE_CLOSED, NOT_DUE_FITS), then=(Follow("recovery", to_recover),), tone="danger",
        asks=judge,
    ),
    Action(
        "reroute", N_("Ask another approver"), SYSTEM, at("judging"), "judging", N_("Put to another approver"),
        then=(AskByMail(),),
    ),
    # The claim was not paid after all.
    Action(
        "lapse", N_("No longer judge"), SYSTEM, at("judging"), "lapsed", N_("Nothing was paid, so nothing is judged"),
    ),
)
# fmt: on

SAMPLE = CaseType(
    key="sample",
    label=N_("Sample"),
    prefix="STP",
    states=STATES,
    actions=ACTIONS,
    facts=facts_of,
    norm=WorkingDays(15),
    mandate="expense_claim",
    apart=everybody_in,
    retention=RETENTION,
)
