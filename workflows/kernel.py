"""The vocabulary in which a case type is declared.

Belongs here: words that every case type may use. What is made of them is in `deciding.py`. Does not belong here:
anything that knows one case type, a database, a clock or a web page. Time comes in as `at`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from workflows import defaults
from workflows.about import About
from workflows.bills import Bill, no_bill
from workflows.bookings import Journal, nothing_booked
from workflows.caps import Renewing, as_it_was
from workflows.effects import Effect
from workflows.filling import Correspondent, Facts, FillingIn, LineFacts, Problem, Raised, ToCode
from workflows.gaps import Open
from workflows.lots import Schedule, Spell, Taking
from workflows.norms import CalendarDays as CalendarDays  # noqa: PLC0414 - declarations take it from here
from workflows.norms import Norm as Norm  # noqa: PLC0414
from workflows.norms import WorkingDays as WorkingDays  # noqa: PLC0414
from workflows.parties import APPROVER, GRANTED, INITIATOR, N_, NOBODY, PERSONS, Channel, Party, Result
from workflows.policies import PolicyBook
from workflows.retention import Retention
from workflows.trail import Flagged, Step


@dataclass(frozen=True, slots=True)
class State:
    """Where a case can be. Keys are permanent once released.

    `norm` is the time this state may take, `remind` and `escalate` when whoever it waits for, and then the one above,
    is written to. `suspends` stops the case's own clock. A state with a `result` is an end. `second` asks for a second
    signature: of somebody else than who signed already, and whose mandate suffices. `after` is for a state that only
    some cases come in: the step bar shows it after the one it names. `term` names a policy that says how many days the
    state may take, instead of the norm; reminder and escalation are then counted from the end of the term. `by_link`
    lets also the initiator act by a link in their mail, and `question` is what the page of such a link asks.
    """

    key: str
    label: str
    waits_for: Party = NOBODY
    norm: Norm | None = None
    remind: Norm | None = None
    escalate: Norm | None = None
    suspends: bool = False
    result: Result | None = None
    second: bool = False
    after: str = ""
    term: str = ""
    by_link: bool = False
    question: str = ""

    @property
    def linked(self) -> bool:
        """Whether whoever this state waits for is sent a link that decides."""
        return self.waits_for is APPROVER or (self.by_link and self.waits_for is INITIATOR)


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as the rules see it: plain values, no database. `open` must be seen to before it can end well."""

    state: str
    initiator_id: int
    content: Mapping[str, Any]
    number: str = ""
    preparer_id: int | None = None
    approver_id: int | None = None
    assignee_id: int | None = None
    claimed_cents: int = 0
    sanctioned_cents: int = 0
    lately_cents: int = 0
    """What the initiator was let pass lately without approval in other cases; asked only where that is a policy."""
    cost_centre: str = ""
    trail: tuple[Step, ...] = ()
    bound: Mapping[str, Any] | None = None
    ticks: Mapping[str, Any] = field(default_factory=dict)
    policies: PolicyBook = field(default_factory=lambda: PolicyBook(()))
    flags: tuple[Flagged, ...] = ()
    open: tuple[Open, ...] = ()
    source_open: str = ""
    """The number of a case from which this one followed by itself and that goes on; empty where none does."""

    def persons_who(self, *actions: str, since: str = "") -> frozenset[int]:
        """Everybody who took one of these steps in this case, also on behalf of another.

        Ever, or only after the last time that the step `since` was taken.
        """
        begun = max((place for place, step in enumerate(self.trail) if step.action == since), default=0)
        return frozenset(
            person
            for step in self.trail[begun:]
            if step.action in actions
            for person in (step.person_id, step.on_behalf_of)
            if person is not None
        )


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which capacities in this case. `mandate_cents` is None when there is no mandate."""

    person_id: int | None
    parties: Party
    on_behalf_of: int | None = None
    mandate_cents: int | None = None
    channel: Channel = Channel.PORTAL
    signed_in: bool = True
    address_since: datetime | None = None
    """Since when they are mailed at another address than before."""


@dataclass(frozen=True, slots=True)
class Given:
    """What came along with a step: a reason, new content where the action takes it, the code of a flag it settles."""

    reason: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a rule may look at."""

    case: CaseView
    actor: Actor
    given: Given
    at: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Rule:
    """A named predicate. `broken` answers False when all is well, else True or the sentence's values.

    `on_given` marks a rule about what is handed in with the step: it is not asked when merely offering the step.
    `hides` marks one about who somebody is: the step is not shown to those who can never take it.
    """

    code: str
    sentence: str
    broken: Callable[[Situation], Verdict]
    on_given: bool = False
    hides: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a step was refused: a stable code, a sentence for people, the sentence's values."""

    code: str
    sentence: str
    values: Mapping[str, Any] = field(default_factory=dict)


class Refused(Exception):
    """A step was refused; carries all the reasons at once."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(", ".join(r.code for r in refusals))
        self.refusals = refusals

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(r.code for r in self.refusals)


UNKNOWN_ACTION = Refusal("unknown_action", N_("This step does not exist."))
REASON_MISSING = Refusal("reason_missing", N_("Give a reason: the other person will read it."))
REASON_TOO_LONG = Refusal("reason_too_long", N_("The reason is too long: use 2,000 characters at most."))
REASON_LIMIT = 2000
Verdict = bool | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Branch:
    """A step that leads to one of several states: `yes` where the rule holds, else `no`; each may branch again."""

    rule: Rule
    yes: str | Branch
    no: str | Branch

    @property
    def targets(self) -> tuple[str, ...]:
        """Every state it can lead to, those of `no` last."""
        return tuple(s for way in (self.yes, self.no) for s in ((way,) if isinstance(way, str) else way.targets))


Assess = Callable[[Mapping[str, Any], Mapping[str, str], str], tuple[Mapping[str, Any], tuple[Problem, ...]]]
"""From content, what somebody typed beside it, and the language typed in, to content with what they decided."""


@dataclass(frozen=True, slots=True)
class Action:
    """A step: its button, who may take it, from where to where, under which rules, and what follows.

    `aside` is a short cut that only some cases take: the way of a case does not show it. A step to `STAY` leaves the
    case where it is, in whichever of its states that was.
    """

    key: str
    label: str
    who: Party
    at: tuple[str, ...]
    to: str | Branch
    done: str
    needs: tuple[Rule, ...] = ()
    then: tuple[Effect, ...] = ()
    reason: bool = False
    takes_content: bool = False
    signs: bool = False
    """Whether it puts the name of who takes it under the content as it is."""
    binds: bool = False
    tone: str = "secondary"
    aside: bool = False
    asks: Assess | None = None
    """How what is typed with this step is read, for a step with fields of its own; they are in its own template."""
    brief: bool = False  # its own fields are so few that they stand among what one can do
    checks: tuple[str, ...] = ()
    """Which parts of the checklist are ticked before it, on the bench; none for the whole list."""

    @property
    def targets(self) -> tuple[str, ...]:
        """Every state this step can lead to; none when the case stays where it is."""
        return self.to.targets if isinstance(self.to, Branch) else (self.to,) if self.to else ()


STAY = ""
"""Where a step leads that leaves the case where it is."""


def at(*states: str) -> tuple[str, ...]:
    """The states in which an action is possible."""
    return states


@dataclass(frozen=True, kw_only=True)
class CaseType:
    """The whole declaration of one kind of case. Everything else follows from it."""

    key: str
    label: str
    prefix: str
    states: tuple[State, ...]
    actions: tuple[Action, ...]
    form: type[Any] = defaults.NoForm
    read: Callable[[Any, FillingIn], tuple[Mapping[str, Any], tuple[Problem, ...]]] = defaults.nothing_read
    typed: Callable[[Mapping[str, Any]], Mapping[str, str]] = lambda _: {}
    """What of the form is filled in already when the content came in without it."""
    takes_in: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = field(default_factory=dict)
    """What becomes such a case by itself (`einvoice`), and what its content is of what that says."""
    facts: Callable[[Mapping[str, Any]], Facts]
    norm: Norm
    legal: Norm | None = None
    checks: Callable[[Mapping[str, Any]], Mapping[str, tuple[tuple[str, str], ...]]] = defaults.no_checks
    assess: Assess | None = None
    """How a clerk's check changes what is granted; without it the clerk decides on the case as a whole."""
    lines: Callable[[Mapping[str, Any]], tuple[LineFacts, ...]] = defaults.no_lines
    """What of each line is kept to look it up by, for duplicates and caps."""
    raised: Callable[[Mapping[str, Any]], Iterable[Raised]] = defaults.nothing_raised
    """What is flagged of the content itself."""
    bill: Callable[[Mapping[str, Any]], Bill | None] = no_bill
    renewed: Renewing = as_it_was
    """The content of a case that was rejected and goes on, by what was granted on other cases meanwhile."""
    approved: Callable[[Mapping[str, Any]], Mapping[str, Any]] = defaults.nothing_more
    """What an approval is given for besides the amount and the cost centre; kept with the case as `bound`."""
    mandate: str = ""
    """The kind of mandate with which is decided on it; empty for a kind of its own."""
    apart: Callable[[Mapping[str, Any]], frozenset[int]] = defaults.nobody
    """Who may not be asked to decide, besides who made the case or signed it: who took part in what came before."""
    signed: Callable[[Mapping[str, Any], str, datetime], Mapping[str, Any]] = lambda content, *_: content
    """The content with the name of who hands it in, and when, at what they sign for."""
    stated: Callable[[Mapping[str, Any]], tuple[tuple[str, date], ...]] = lambda _: ()
    """The lines with a statement in place of a receipt, by key, and of which day: they are counted by person."""
    journal: Journal = nothing_booked
    """What its last step puts in the books, from all of its steps."""
    booked: Mapping[str, str] = field(default_factory=dict)
    """What it books on besides what all may book on, with labels: there is a posting rule for each."""
    absent: Callable[[Mapping[str, Any]], Spell | None] | None = None
    """When whoever it is about is absent, for a type of absence that is no leave."""
    takes: Callable[[Mapping[str, Any], Schedule], Taking | None] | None = None
    """What leave it takes, by the hours that somebody works; only for a type whose steps reserve and book hours."""
    about: About | None = None
    """Of which other cases it is asked for, for a type that is begun from their dossier."""
    to_code: Callable[[Mapping[str, Any]], tuple[ToCode, ...]] = defaults.nothing_to_code
    """Which lines are coded by hand: on what each is booked (`workflows/coding.py`)."""
    retention: tuple[Retention, ...] = ()
    """How long a case is kept after each result; without a row it is kept for good."""
    documents: Callable[[Mapping[str, Any]], Mapping[str, str]] = defaults.no_documents
    """Which lines cannot do without a document, each with its name; the key of a line is empty for the whole case."""
    children_may_run: bool = False
    """Whether the case may end while one that followed from it still runs."""
    masked: tuple[str, ...] = ()
    """Names in its content of which pages show only the end, such as an account number."""
    for_clerks: tuple[str, ...] = ()
    """Names in its content that are shown to clerks alone."""
    for_others: bool = False
    """Whether somebody may fill it in for another, who then confirms it."""
    by_manager: bool = False  # who leads an employee may fill it in for them
    begun_by: Party = INITIATOR
    """Who begins it. What a clerk begins is theirs until handed in, then of who the municipality named (`HandTo`)."""
    elsewhere: bool = False  # it is begun from a page of its own, and is among no choices
    names: tuple[str, ...] = ()
    """Fields of its form in which a colleague is named, by mail address or personnel number."""
    late_costs: bool = False
    """Whether the law asks interest and costs when it is paid late (`workflows/lateness.py`)."""
    legal_runs_on: bool = False
    """Whether the legal term goes on while the case is suspended: then only the agreed norm stands still."""
    bench: tuple[str, ...] = ("check",)
    """The steps by which a clerk ends a check on the bench."""
    correspondent: Callable[[Mapping[str, Any]], Correspondent | None] = lambda _: None
    """Who outside the portal is written to about it (`Tell(SUPPLIER, …)`)."""
    payee: Callable[[Mapping[str, Any]], int | None] = lambda _: None
    """Which supplier is paid, or owes; none for the initiator."""
    apart_steps: tuple[str, ...] = ()
    """Steps whose takers may not be asked to decide in the same case."""
    by_employer: bool = False
    """Whether somebody who works or worked for several employers says for which one it is."""
    description: str = ""
    label_first: bool = False
    """Whether lists say its label before its title, which by itself does not say what is asked."""
    vocabulary: Mapping[str, Any] = field(default_factory=dict)
    """What the type's own templates need to know of it, such as the kinds of lines it has."""

    @cached_property
    def _states(self) -> Mapping[str, State]:
        return {state.key: state for state in self.states}

    @cached_property
    def _actions(self) -> Mapping[str, Action]:
        return {action.key: action for action in self.actions}

    @cached_property
    def of_time(self) -> bool:
        """Whether it is about leave or absence: then nobody is paid anything by it."""
        return self.takes is not None or self.absent is not None or (self.about is not None and self.about.leave)

    @cached_property
    def filling_in(self) -> Action:
        """The step that takes a filled-in form."""
        return next(action for action in self.actions if action.takes_content)

    @cached_property
    def last_steps(self) -> frozenset[str]:
        """The steps by which a person lets a case end well, now or by what the bank and the portal do after it.

        What is still open is asked for there: the bank's answer that money was paid must never be refused.
        """
        well = {state.key for state in self.states if state.result is GRANTED}
        by_itself = set(well)
        machine = [action for action in self.actions if not action.who & PERSONS]
        while more := {key for one in machine if by_itself & set(one.targets) for key in one.at} - by_itself:
            by_itself |= more
        return frozenset(
            action.key
            for action in self.actions
            if action.who & PERSONS and by_itself & set(action.targets) and not well & set(action.at)
        )

    @property
    def asked_for(self) -> bool:
        """Whether people ask for it by a form. If not, its cases follow from others and it is no choice for anybody."""
        return self.form is not defaults.NoForm

    @property
    def for_employees(self) -> bool:
        """Whether it is among what every employee can begin from nothing."""
        return self.asked_for and self.begun_by is INITIATOR and not self.about and not self.elsewhere

    @property
    def mandate_kind(self) -> str:
        """The kind of mandate with which is decided on it."""
        return self.mandate or self.key

    def approving(self, state: str) -> Action | None:
        """The step by which this state is approved without more; None when it must be looked at first."""
        return next((action for action in self.actions if action.binds and state in action.at), None)

    @property
    def initial(self) -> State:
        """Where every case of this type begins: the first state declared."""
        return self.states[0]

    def state(self, key: str) -> State:
        """The state of this key; KeyError when it was never declared."""
        return self._states[key]

    def action(self, key: str) -> Action:
        """The action of this key; Refused when it was never declared."""
        try:
            return self._actions[key]
        except KeyError:
            raise Refused(UNKNOWN_ACTION) from None
