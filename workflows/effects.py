"""What can follow from a step, as values: `commands/cases.py` carries them out in one `match`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.parties import Party


@dataclass(frozen=True, slots=True)
class AskByMail:
    """Ask whoever the case now waits for, by a mail with a link that decides: who approves, and the initiator too in a
    state that says so (`State.by_link`)."""

    letter: str = "ask"


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell a party by mail what happened; with `when` only if the step led to that state."""

    party: Party
    letter: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class TellManager:
    """Tell whoever decides, or would have been asked to, what happened; they may look at the case from then on. What a
    manager need not know is told to the approver: nobody, where nobody was asked. With `when` as in `Tell`."""

    letter: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class TellPreparer:
    """Tell whoever filled in the case for somebody else what happened; nothing where nobody did."""

    letter: str


@dataclass(frozen=True, slots=True)
class Pay:
    """Make the sanctioned amount payable to the initiator, or to the supplier whom the type names in `payee`, and tell
    the initiator by this letter. With `when` only if the step led to that state.

    With `net`, what they still owe the municipality is settled with it first. Where nothing is left to pay, the step
    `cover` follows instead, which tells them.
    """

    letter: str
    net: bool = True
    when: str = ""


@dataclass(frozen=True, slots=True)
class StopPaying:
    """Take what this case pays out of what is proposed, and undo what was settled with it."""


@dataclass(frozen=True, slots=True)
class Owe:
    """The sanctioned amount is from now on owed by the initiator, or by the supplier whom the type names in `payee`; of
    this kind ("advance", "recovery" or "credit"). With `when` only if the step led to that state.

    When all of it was settled, the step `account` follows in this case, and `reopen` when that is undone.
    """

    kind: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class HoldOwed:
    """The bank returned what is owed because of this case, or of one that followed from it.

    Nothing is settled with it until it is paid again.
    """


@dataclass(frozen=True, slots=True)
class OweAgain:
    """It was paid again: what is owed because of the cases that followed from this one is held no longer."""


@dataclass(frozen=True, slots=True)
class StopOwing:
    """What would be owed because of this case is not: refused where something was settled with it already."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaves a case to be handed in anew: form fields as typed, and the lines whose documents go along."""

    typed: Mapping[str, str]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BeginAnew:
    """Open a draft of the same type for the same employee with what leaves this case, and tell them; else nothing."""

    leaves: Callable[[Mapping[str, Any]], Leaving | None]
    letter: str


@dataclass(frozen=True, slots=True)
class UseAccount:
    """From now on the initiator is paid on the account that this case asked for, after a hold."""


@dataclass(frozen=True, slots=True)
class LiftHold:
    """End the hold on payments to the account that this case brought in use."""


@dataclass(frozen=True, slots=True)
class MayBeDrawn:
    """Put the case among those of which a sample is judged afterwards, when nobody is asked to approve it first."""


@dataclass(frozen=True, slots=True)
class LapseFollowing:
    """What followed from this case by itself, and still runs, is about nothing any more: it takes the step `lapse`.

    Refused where something was settled already with what is owed because of it.
    """


@dataclass(frozen=True, slots=True)
class Follow:
    """Open a case of another type about the same employee, taken from its first state by the portal.

    `opens` gives its content from the case that it follows (a CaseView). With `documents` the documents of the lines
    in that content go along.
    """

    type: str
    opens: Callable[[Any], Mapping[str, Any]]
    documents: bool = False


@dataclass(frozen=True, slots=True)
class ReserveHours:
    """Hold the leave that this case takes in reserve while it waits: refused where it is not there, or taken already.

    What it takes is said by `CaseType.takes`. It is planned anew whenever it is handed in.
    """


@dataclass(frozen=True, slots=True)
class BookHours:
    """Take the leave off the lots: what was held in reserve, or what is left now where that does not stand."""


@dataclass(frozen=True, slots=True)
class LetGoOfHours:
    """Give back what this case holds in reserve."""


@dataclass(frozen=True, slots=True)
class HandTo:
    """From now on the employee named in the content is the initiator: by mail address or personnel number, among those
    who work for the municipality of the case. Nobody named: it stays with whoever has it. Refused where nobody is known
    by that name."""

    named: Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class MoveTo:
    """From now on it is a case of the municipality whose code the content gives, with the same moment of receipt; and
    of the one there who is told of such cases."""

    code: Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class GiveBackAbsent:
    """Of leave booked on days that somebody was absent (`CaseType.absent`), a case of this type proposes to give them
    back. It follows from each leave that is met, by its step `propose` of `SYSTEM`; each day is proposed once."""

    type: str


@dataclass(frozen=True, slots=True)
class GiveBackHours:
    """Give back what days of the case that this one is about took of leave: to the lots that they came from.

    Which days is said by `CaseType.about`; each is given back once, whatever asks for it. With `when` only if the
    step led to that state.
    """

    when: str = ""


@dataclass(frozen=True, slots=True)
class Restate:
    """Restate the settlement whose line the case disputes with that line put right: the director makes that final."""


MoneyEffect = Pay | StopPaying | Owe | HoldOwed | OweAgain | StopOwing
HoursEffect = ReserveHours | BookHours | LetGoOfHours | GiveBackHours
CaseEffect = BeginAnew | Follow | LapseFollowing | GiveBackAbsent
OwnEffect = UseAccount | LiftHold | MayBeDrawn | HandTo | MoveTo | Restate
Effect = AskByMail | Tell | TellManager | TellPreparer | MoneyEffect | HoursEffect | CaseEffect | OwnEffect
