"""A declaration as people can look at it: a table of steps, and a Mermaid state diagram."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflows.kernel import Action, CalendarDays, CaseType, Norm, State, WorkingDays
from workflows.parties import NOBODY, PARTY_LABELS, Party


@dataclass(frozen=True)
class Row:
    """One step in one state: a line of the table."""

    state: State
    action: Action
    targets: tuple[State, ...]


def as_rows(case_type: CaseType) -> tuple[Row, ...]:
    """Every step from every state, in the order of the declaration."""
    return tuple(
        Row(state, action, tuple(case_type.state(key) for key in action.targets or (state.key,)))
        for state in case_type.states
        for action in case_type.actions
        if state.key in action.at
    )


def parties(who: Party) -> str:
    """The parties in a set of them, in words."""
    return " or ".join(PARTY_LABELS[party] for party in Party if party & who) if who is not NOBODY else ""


def norm(term: Norm | None) -> str:
    """A term in words."""
    match term:
        case WorkingDays(days):
            return f"{days} working days"
        case CalendarDays(days):
            return f"{days} days"
        case _:
            return ""


def as_table(case_type: CaseType) -> str:
    """The declaration as two Markdown tables: states with their norms, and steps with their rules."""
    return "\n".join((*_states(case_type), "", *_steps(case_type)))


def _states(case_type: CaseType) -> Iterator[str]:
    yield f"# {case_type.label} ({case_type.prefix})"
    yield ""
    yield f"Norm: {norm(case_type.norm)}. Legal term: {norm(case_type.legal) or 'none'}."
    yield ""
    yield "| State | People read | Waits for | Norm | Result |"
    yield "| --- | --- | --- | --- | --- |"
    for state in case_type.states:
        result = state.result.value if state.result else ("clock stops" if state.suspends else "")
        yield f"| {state.key} | {state.label} | {parties(state.waits_for)} | {norm(state.norm)} | {result} |"


def _steps(case_type: CaseType) -> Iterator[str]:
    yield "| From | Step | Who | To | Rules | Then |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for row in as_rows(case_type):
        rules = ", ".join(rule.code for rule in row.action.needs) + (", reason" if row.action.reason else "")
        then = ", ".join(_effect(effect) for effect in row.action.then)
        to = " or ".join(target.key for target in row.targets)
        cells = (row.state.key, row.action.key, parties(row.action.who), to, rules.strip(", "), then)
        yield f"| {' | '.join(cells)} |"


def _effect(effect: object) -> str:
    letter = getattr(effect, "letter", "")
    return f"{type(effect).__name__}({letter})" if letter else type(effect).__name__


def as_mermaid(case_type: CaseType) -> str:
    """The declaration as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {case_type.initial.key}"]
    lines += [f"    {state.key} : {state.label}" for state in case_type.states]
    for row in as_rows(case_type):
        lines += [f"    {row.state.key} --> {target.key} : {row.action.label}" for target in row.targets]
    lines += [f"    {state.key} --> [*]" for state in case_type.states if state.result]
    return "\n".join(lines)
