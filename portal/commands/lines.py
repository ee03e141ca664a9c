"""Keeping the lines of a case beside its content, and flagging what the lines of other cases say about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from portal.commands import bills
from portal.models.cases import Case, CaseFlag
from portal.models.lines import CaseLine
from portal.models.people import Person
from portal.queries.cases import CASE
from portal.queries.lines import lines_like, lines_with_same_file, spent_besides
from portal.queries.people import policies_of
from portal.searching import folded
from workflows import CASE_TYPES
from workflows.coding import CENTRES, centres_apart
from workflows.filling import LineFacts, Raised
from workflows.flags import FLAG_KINDS

MOST_OTHERS = 3
"""How many other cases are named for one line and one reason: who has seen these looks further by hand."""

HOLD = select(Person.id).where(Person.id == bindparam("who")).with_for_update(key_share=True)
DROP = delete(CaseLine).where(CaseLine.case_id == CASE)
FORGET = delete(CaseFlag).where(CaseFlag.case_id == CASE)
DECIDED = (
    update(CaseLine.__table__)  # type: ignore[arg-type]
    .where(CaseLine.case_id == CASE, CaseLine.line_key == bindparam("key"))
    .values(granted_cents=bindparam("granted"), stands=bindparam("standing"))
)


def to_flag(session: Session, case: Case, content: Mapping[str, Any], at: datetime) -> list[dict[str, Any]]:
    """What is to be flagged when this is handed in; asked beforehand, as it can decide where the case goes.

    What was flagged the last time and still holds is kept, settled or not; what no longer holds goes.
    """
    case_type = CASE_TYPES[case.type]
    lines = case_type.lines(content)
    centre = case_type.facts(content).cost_centre or case.cost_centre
    raised = [*case_type.raised(content), *centres_apart(content, centre)]
    if lines:
        raised += [*duplicates(session, case, lines), *bills.of_lines(session, case, lines)]
    if bill := case_type.bill(content):
        raised += bills.raised(session, case, content, bill, at)
    found = {(one.line, one.code, one.about): one for one in raised}
    kept = {(flag["line"], flag["code"], flag["about"]): flag for flag in case.flags}
    return [_raised(one, kept.get(key)) for key, one in found.items()]


def hand_in(session: Session, case: Case, flags: list[dict[str, Any]], at: datetime) -> None:
    """Keep the lines that were handed in, and flag what they have in common with those of other cases."""
    lines = CASE_TYPES[case.type].lines(case.content)
    if _rounds(case) > 1:
        session.execute(DROP, {"case": case.id})
    if lines:
        session.execute(insert(CaseLine), [row_of(case.id, case.initiator_id, line) for line in lines])
    if bill := CASE_TYPES[case.type].bill(case.content):
        bills.keep(session, case, bill)
    _keep_flags(session, case, flags, at)


def flag_coding(session: Session, case: Case, at: datetime) -> None:
    """Flag what the coding says of who approves; all other flags stay as they are."""
    was = {flag["about"]: flag for flag in case.flags if flag["code"] == CENTRES}
    found = [_raised(one, was.get(one.about)) for one in centres_apart(case.content, case.cost_centre)]
    if found != list(was.values()):
        _keep_flags(session, case, [*(flag for flag in case.flags if flag["code"] != CENTRES), *found], at)


def _keep_flags(session: Session, case: Case, flags: list[dict[str, Any]], at: datetime) -> None:
    had = bool(case.flags)
    if had or flags:
        case.flags = flags
        if had:
            session.execute(FORGET, {"case": case.id})
        session.add_all(_row_of(case, flag, at) for flag in flags)


def renew(session: Session, case: Case, at: datetime) -> Mapping[str, Any]:
    """Hold a case that was rejected and goes on against what was claimed meanwhile. Returns its content as it was.

    While it was rejected it was no candidate, so nobody was told of it by what was claimed since.
    """
    one_at_a_time(session, case.initiator_id)
    case_type, before = CASE_TYPES[case.type], case.content
    policies, spent = policies_of(session, case.municipality_id), spent_besides(session, case)
    case.content = dict(case_type.renewed(before, policies, spent))
    _keep_flags(session, case, to_flag(session, case, case.content, at), at)
    keep_decisions(session, case, before)
    return before


def one_at_a_time(session: Session, person_id: int) -> None:
    """Let nobody else hand in for this person until the transaction ends: of two claims at once, one must see the
    other, or both would find the same room below a cap and neither would be flagged."""
    session.execute(HOLD, {"who": person_id})


def _raised(one: Raised, was: dict[str, Any] | None) -> dict[str, Any]:
    """A flag as the case keeps it: as it was settled, if it says the same as the last time."""
    if was is not None and was["values"] == one.values:
        return was
    asks = FLAG_KINDS[one.code].asks
    return {
        "line": one.line, "code": one.code, "about": one.about, "values": dict(one.values), "asks": asks,
        "settled_as": "", "by": None, "name": "", "at": "", "reason": "",
    }  # fmt: skip


def _row_of(case: Case, flag: Mapping[str, Any], at: datetime) -> CaseFlag:
    settled = datetime.fromisoformat(flag["at"]) if flag["settled_as"] else None
    return CaseFlag(
        case_id=case.id, line_key=flag["line"], code=flag["code"], about=flag["about"], values=flag["values"],
        asks=flag["asks"], raised_at=at, settled_at=settled, settled_by_id=flag["by"], settled_as=flag["settled_as"],
        reason=flag["reason"],
    )  # fmt: skip


def keep_decisions(session: Session, case: Case, before: Mapping[str, Any]) -> None:
    """Keep what a clerk made of the lines: what is granted, and which of them fell."""
    lines_of = CASE_TYPES[case.type].lines
    were = {line.key: line for line in lines_of(before)}
    changed = [line for line in lines_of(case.content) if line != were.get(line.key)]
    if changed:
        rows = [
            {"case": case.id, "key": one.key, "granted": one.granted_cents, "standing": one.stands} for one in changed
        ]
        session.connection().execute(DECIDED, rows)


def _rounds(case: Case) -> int:
    """How many times this case was handed in, with this time."""
    handing_in = CASE_TYPES[case.type].filling_in.key
    return sum(step[0] == handing_in for step in case.trail)


def _alike(line: LineFacts) -> str | None:
    return folded(f"{line.category} {line.day} {line.cents} {line.text}")[:300] if line.text else None


def row_of(case_id: int, person_id: int, line: LineFacts) -> dict[str, Any]:
    """What is kept of a line beside the content of its case."""
    return {
        "case_id": case_id, "line_key": line.key, "person_id": person_id, "category": line.category,
        "day": line.day, "cents": line.cents, "granted_cents": line.granted_cents, "days": line.days,
        "alike": _alike(line), "stands": line.stands,
    }  # fmt: skip


def duplicates(session: Session, case: Case, lines: tuple[LineFacts, ...]) -> Iterator[Raised]:
    """What each line may be a duplicate of: by its file, and by what it says. Of each other case the weightiest only.

    What the line said goes along: who settles it judges that line, and not another that takes its place later.
    Two queries, whatever the number of lines.
    """
    alike = {key for line in lines if (key := _alike(line))}
    others = lines_like(session, case, {line.day for line in lines}, alike)
    files = lines_with_same_file(session, case)
    for line in lines:
        mine = [one for one in others if one.person_id == case.initiator_id]
        same = [
            one.number for one in mine if (one.category, one.day, one.cents) == (line.category, line.day, line.cents)
        ]
        clash = [one.number for one in mine if (one.category, one.day, one.days) == (line.apart, line.day, 1)]
        about: dict[str, Any] = {"category": line.category, "day": line.day.isoformat(), "cents": line.cents}
        yield from (Raised(line.key, "home_and_commuting", number, about) for number in dict.fromkeys(clash))
        key = _alike(line)
        theirs = [one.number for one in others if key and one.alike == key and one.person_id != case.initiator_id]
        named: set[str] = set()
        shared = files.get(line.key, {})
        for code, numbers in (("duplicate_file", shared), ("duplicate_facts", same), ("duplicate_alike", theirs)):
            new = list(dict.fromkeys(number for number in numbers if number not in named))[:MOST_OTHERS]
            named |= set(new)
            for number in new:
                which = {"files": sorted(shared[number])} if code == "duplicate_file" else {}
                yield Raised(line.key, code, number, about | which)
