"""Agreeing on something from a day on: rates, limits and terms of a municipality, or of all of them.

What was agreed is never rewritten: what holds ends, and the next begins. Only what has not begun can be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands.changes import Author, because, write_down
from portal.models.people import Municipality, Policy
from workflows.kernel import Refusal, Refused
from workflows.parties import N_
from workflows.policy_keys import POLICY_KEYS, PolicyKey, read

KEY_UNKNOWN = Refusal("policy_key_unknown", N_("Choose what was agreed from the list."))
PLACE_UNKNOWN = Refusal("policy_place_unknown", N_("Choose a municipality from the list."))
SOURCE = Refusal("policy_source_missing", N_("Write down where this is laid down: the decision, article or agreement."))
FIRST = Refusal("policy_first_missing", N_("Fill in from which day this holds."))
LONG_AGO = Refusal(
    "policy_long_ago", N_("An agreement can begin a year ago at most: older claims were judged already.")
)
ENDS_EARLY = Refusal("policy_ends_early", N_("The last day cannot be before the first day."))
SAME_DAY = Refusal(
    "policy_same_day", N_("Another agreement about this begins on that day already. Take it back first.")
)
BEFORE_NEXT = Refusal(
    "policy_before_next", N_("The next agreement about this begins on %(day)s. Let this one end before that day.")
)
NOT_COMING = Refusal("policy_not_coming", N_("This agreement holds already, so it cannot be taken back. End it."))
OVER = Refusal("policy_over", N_("This agreement is over already."))
PAST_END = Refusal("policy_past_end", N_("Fill in yesterday or a later day: what was judged by it stays."))

BACK = timedelta(days=366)
ONE_DAY = timedelta(days=1)
LONGEST_SOURCE = 300


@dataclass(frozen=True)
class Agreement:
    """What is agreed, as it was typed. `municipality_id` None is all municipalities; `last` None is for good."""

    key: str
    value: str
    municipality_id: int | None
    first: date | None
    last: date | None
    source: str
    article: str = ""


def agree(session: Session, author: Author, typed: Agreement, reason: str, at: datetime, today: date, *,
          decimal_comma: bool = True) -> Policy:  # fmt: skip
    """Let something hold from a day on. What held before it ends the day before.

    Raises Refused with all that is wrong.
    """
    author.reaches(typed.municipality_id)
    row, first, wrong = POLICY_KEYS.get(typed.key), typed.first, list[Refusal]()
    value = ""
    if row is None:
        wrong.append(KEY_UNKNOWN)
    else:
        try:
            value = read(row, typed.value, decimal_comma=decimal_comma)
        except Refused as refused:
            wrong += refused.refusals
    place = session.get(Municipality, typed.municipality_id) if typed.municipality_id is not None else None
    source = " ".join(typed.source.split())[:LONGEST_SOURCE]
    wrong += [
        refusal
        for bad, refusal in (
            (typed.municipality_id is not None and place is None, PLACE_UNKNOWN),
            (not source, SOURCE),
            (first is None, FIRST),
            (first is not None and first < today - BACK, LONG_AGO),
            (first is not None and typed.last is not None and typed.last < first, ENDS_EARLY),
        )
        if bad
    ]
    why = _reason(reason, wrong)
    if wrong or row is None or first is None:
        raise Refused(*wrong)
    others = _rows(session, row, typed.municipality_id)
    last = _fitting(others, first, typed.last)
    before = _holding(others, first)
    if before is not None:
        if last is not None and (before.valid_to is None or before.valid_to > last):
            # Something for a while only: what held before goes on afterwards.
            session.add(_going_on(before, last + ONE_DAY))
        before.valid_to = first - ONE_DAY
    new = Policy(
        municipality_id=typed.municipality_id,
        key=row.key,
        value=value,
        valid_from=first,
        valid_to=last,
        source=source,
        article=" ".join(typed.article.split())[:LONGEST_SOURCE],
    )
    session.add(new)
    session.flush()
    write_down(
        session, author, at, "policy.added", row.key, municipality_id=typed.municipality_id,
        old={"value": before.value, "source": before.source} if before else {},
        new={"value": value, "source": source, "valid_from": first, "valid_to": last}, reason=why,
    )  # fmt: skip
    return new


def take_back(session: Session, author: Author, policy: Policy, reason: str, at: datetime, today: date) -> None:
    """Take back an agreement that has not begun; what it would have ended goes on in its stead."""
    author.reaches(policy.municipality_id)
    why = because(reason)
    if policy.valid_from <= today:
        raise Refused(NOT_COMING)
    others = [row for row in _rows(session, POLICY_KEYS[policy.key], policy.municipality_id) if row is not policy]
    before = _holding(others, policy.valid_from - ONE_DAY)
    if before is not None and before.valid_to == policy.valid_from - ONE_DAY:
        before.valid_to = policy.valid_to
    write_down(
        session, author, at, "policy.withdrawn", policy.key, municipality_id=policy.municipality_id,
        old={"value": policy.value, "valid_from": policy.valid_from}, new={"value": "", "valid_from": ""}, reason=why,
    )  # fmt: skip
    session.delete(policy)
    session.flush()


def end(session: Session, author: Author, policy: Policy, last: date | None, reason: str, at: datetime,
        today: date) -> None:  # fmt: skip
    """Let an agreement hold up to and including this day, with nothing in its stead."""
    author.reaches(policy.municipality_id)
    why = because(reason)
    if policy.valid_to is not None and policy.valid_to < today:
        raise Refused(OVER)
    if last is None or last < today - ONE_DAY:
        raise Refused(PAST_END)
    if last < policy.valid_from:
        raise Refused(ENDS_EARLY)
    others = [row for row in _rows(session, POLICY_KEYS[policy.key], policy.municipality_id) if row is not policy]
    last = _fitting(others, policy.valid_from, last)
    old, policy.valid_to = policy.valid_to, last
    write_down(
        session, author, at, "policy.ended", policy.key, municipality_id=policy.municipality_id,
        old={"value": "", "valid_to": old}, new={"value": policy.value, "valid_to": last}, reason=why,
    )  # fmt: skip


def _reason(reason: str, wrong: list[Refusal]) -> str:
    try:
        return because(reason)
    except Refused as refused:
        wrong += refused.refusals
        return ""


def _rows(session: Session, row: PolicyKey, municipality_id: int | None) -> list[Policy]:
    """The agreements about the same for the same, in the order in which they begin."""
    same = Policy.municipality_id.is_(None) if municipality_id is None else Policy.municipality_id == municipality_id
    return list(session.scalars(select(Policy).where(Policy.key == row.key, same).order_by(Policy.valid_from)))


def _going_on(policy: Policy, first: date) -> Policy:
    return Policy(
        municipality_id=policy.municipality_id, key=policy.key, value=policy.value, valid_from=first,
        valid_to=policy.valid_to, source=policy.source, article=policy.article,
    )  # fmt: skip


def _holding(rows: list[Policy], day: date) -> Policy | None:
    """What holds on a day: the latest begun."""
    return next((p for p in reversed(rows) if p.valid_from <= day and (p.valid_to is None or p.valid_to >= day)), None)


def _fitting(others: list[Policy], first: date, last: date | None) -> date | None:
    """The last day of an agreement that begins on `first`: before the next one begins."""
    if any(other.valid_from == first for other in others):
        raise Refused(SAME_DAY)
    following = next((other for other in others if other.valid_from > first), None)
    if following is None:
        return last
    if last is not None and last >= following.valid_from:
        raise Refused(Refusal(BEFORE_NEXT.code, BEFORE_NEXT.sentence, {"day": following.valid_from}))
    return last or following.valid_from - ONE_DAY
