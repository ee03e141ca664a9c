"""Sickness: reported from a day, perhaps partly recovered, recovered from a day. Never why: no cause and no diagnosis.

Whoever is ill, their manager and the SSC of that municipality know of it, and nobody else. Leave that was booked on
days of it is proposed to be given back, by itself.
"""

from workflows.effects import GiveBackAbsent, Tell, TellManager, TellPreparer
from workflows.kernel import Action, CaseType, State, WorkingDays, at
from workflows.parties import ABORTED, APPROVER, CLERK, GRANTED, INITIATOR, N_
from workflows.sickness.content import absent, facts_of, partly, read, recover
from workflows.sickness.form import SicknessForm
from workflows.sickness.retention import RETENTION
from workflows.sickness.rules import DAY_KNOWN, NOT_AHEAD

# fmt: off
STATES = (
    State("draft", N_("Draft"), INITIATOR),
    State("ill", N_("Ill"), INITIATOR, suspends=True),
    State("recovered", N_("Recovered"), result=GRANTED),
    State("withdrawn", N_("Withdrawn"), result=ABORTED),
)

ACTIONS = (
    Action(
        "submit", N_("Report ill"), INITIATOR, at("draft"), "ill", N_("Reported ill"),
        needs=(DAY_KNOWN,),
        then=(Tell(INITIATOR, "reported"), TellPreparer("reported"), TellManager("ill"), Tell(CLERK, "ill")),
        takes_content=True, tone="primary",
    ),
    Action(
        "partly", N_("Partly recovered"), INITIATOR | APPROVER | CLERK, at("ill"), "ill", N_("Partly recovered"),
        needs=(DAY_KNOWN, NOT_AHEAD),
        then=(GiveBackAbsent("leave_withdrawal"), Tell(INITIATOR, "partly"), TellManager("partly"),
              Tell(CLERK, "partly")),
        asks=partly, brief=True,
    ),
    Action(
        "recover", N_("Recovered"), INITIATOR | APPROVER | CLERK, at("ill"), "recovered", N_("Recovered"),
        needs=(DAY_KNOWN, NOT_AHEAD),
        then=(GiveBackAbsent("leave_withdrawal"), Tell(INITIATOR, "recovered"), TellManager("recovered"),
              Tell(CLERK, "recovered")),
        tone="primary", asks=recover, brief=True,
    ),
    Action(
        "mistaken", N_("Reported by mistake"), INITIATOR | CLERK, at("ill"), "withdrawn", N_("Reported by mistake"),
        then=(Tell(INITIATOR, "mistaken"), TellManager("mistaken"), Tell(CLERK, "mistaken")), tone="danger",
    ),
    Action("withdraw", N_("Withdraw"), INITIATOR, at("draft"), "withdrawn", N_("Withdrawn"), tone="danger"),
)
# fmt: on

SICKNESS = CaseType(
    key="sickness",
    label=N_("Reporting ill"),
    description=N_("Report ill, and say when you are better. Why is not asked."),
    prefix="ZKM",
    states=STATES,
    actions=ACTIONS,
    form=SicknessForm,
    read=read,
    facts=facts_of,
    label_first=True,
    absent=absent,
    mandate="leave",
    norm=WorkingDays(1),
    retention=RETENTION,
    for_others=True,
    by_manager=True,
    by_employer=True,
)
