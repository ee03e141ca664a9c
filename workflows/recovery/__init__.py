"""The recovery: what turned out not to be due is settled, once the employee agrees, with what they are paid next."""

from workflows.afterwards import added_later
from workflows.effects import Owe, StopOwing, Tell
from workflows.kernel import Action, CaseType, State, WorkingDays, at
from workflows.parties import ABORTED, CLERK, GRANTED, INITIATOR, N_, REFUSED, SYSTEM
from workflows.recovery.books import journal
from workflows.recovery.content import facts_of
from workflows.recovery.retention import RETENTION
from workflows.rules import HOLDS_CASE, NOT_OWN, SOURCE_CLOSED
from workflows.sampling import NOT_INVOLVED, everybody_in

# fmt: off
STATES = (
    State("found", N_("Found"), SYSTEM),
    State("proposed", N_("Waiting for an answer"), INITIATOR, WorkingDays(10), WorkingDays(5),
          WorkingDays(10)),
    State("objected", N_("Objection at the SSC"), CLERK, WorkingDays(5), after="proposed"),
    State("upheld", N_("Still asked after an objection"), INITIATOR, WorkingDays(10), WorkingDays(5), WorkingDays(10)),
    State("outstanding", N_("To be settled with a next claim"), SYSTEM, suspends=True),
    State("settled", N_("Settled"), result=GRANTED),
    State("dropped", N_("Not recovered"), result=REFUSED),
    State("handed_over", N_("Handed over to the municipality"), result=ABORTED),
)

ACTIONS = (
    Action(
        "open", N_("Ask the employee"), SYSTEM, at("found"), "proposed", N_("Put to the employee"),
        then=(Tell(INITIATOR, "proposed"),), takes_content=True,
    ),
    Action(
        "agree", N_("Agree"), INITIATOR, at("proposed", "upheld"), "outstanding", N_("Agreed"),
        needs=(SOURCE_CLOSED,), then=(Owe("recovery"), Tell(INITIATOR, "agreed")), tone="primary",
    ),
    Action(
        "object", N_("Object"), INITIATOR, at("proposed"), "objected", N_("Objected"),
        then=(Tell(CLERK, "objected"),), reason=True,
    ),
    Action(
        "uphold", N_("Uphold the recovery"), CLERK, at("objected"), "upheld", N_("Objection rejected"),
        needs=(NOT_OWN, NOT_INVOLVED, HOLDS_CASE), then=(Tell(INITIATOR, "upheld"),), reason=True,
    ),
    Action(
        "drop", N_("Drop the recovery"), CLERK, at("objected"), "dropped", N_("Objection accepted"),
        needs=(NOT_OWN, NOT_INVOLVED, HOLDS_CASE), then=(Tell(INITIATOR, "dropped"),), reason=True,
    ),
    # Without agreement nothing is settled: what comes after that is between the employee and the employer.
    Action(
        "hand_over", N_("Hand over to the municipality"), CLERK, at("proposed", "upheld"), "handed_over",
        N_("Handed over to the municipality"), needs=(NOT_OWN, NOT_INVOLVED, SOURCE_CLOSED),
        then=(Tell(INITIATOR, "handed_over"),), reason=True, tone="danger",
    ),
    Action(
        "account", N_("Book as settled"), SYSTEM, at("outstanding"), "settled", N_("Settled"),
        then=(Tell(INITIATOR, "settled"),),
    ),
    # The claim was not paid after all, so there is nothing to ask back.
    Action(
        "lapse", N_("No longer ask back"), SYSTEM, at("proposed", "objected", "upheld", "outstanding"), "dropped",
        N_("Nothing was paid, so nothing is asked back"), then=(StopOwing(), Tell(INITIATOR, "lapsed")),
    ),
    Action(
        "reopen", N_("Ask again"), SYSTEM, at("settled"), "outstanding", N_("Outstanding again"),
    ),
    # One that was dropped is not reopened: the employee was told that there is nothing to pay back.
    added_later("settled", "dropped", "handed_over"),
)
# fmt: on

RECOVERY = CaseType(
    key="recovery",
    label=N_("Recovery"),
    prefix="TVR",
    states=STATES,
    actions=ACTIONS,
    facts=facts_of,
    norm=WorkingDays(30),
    mandate="expense_claim",
    apart=everybody_in,
    journal=journal,
    retention=RETENTION,
)
