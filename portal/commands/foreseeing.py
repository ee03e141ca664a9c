"""Making a dated change to the line of command only as it was seen: which open requests would go to another approver.

The change is made within a savepoint, and what follows is compared with what was shown before. When that is the same
it stands; else it is taken back, and what follows now is shown instead.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy.orm import Session

from portal.queries.deciders import PAGE, Deciders, asking, waiting


@dataclass(frozen=True)
class Moved:
    """An open request that goes to another approver; None is nobody, so that the SSC looks for somebody."""

    case_id: int
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Foreseen:
    """What a change means for the requests that are open. `digest` stands for the change and all that follows."""

    moved: tuple[Moved, ...]
    digest: str
    done: bool

    def counts(self) -> Mapping[tuple[int | None, int | None], int]:
        """How many requests go from whom to whom, the most first."""
        found: dict[tuple[int | None, int | None], int] = {}
        for one in self.moved:
            found[one.before, one.after] = found.get((one.before, one.after), 0) + 1
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def foresee(session: Session, change: Callable[[], object], wanted: str, seen: str, places: Collection[int],
            on: date, *, always: bool = False) -> Foreseen:  # fmt: skip
    """Make a change if what follows is what was `seen`, the digest of it; else only tell what would follow.

    `wanted` is the change in words that no two changes share; `on` the day from which it holds. With nothing to follow
    it is made at once, unless it is `always` to be seen first. Raises Refused as the change does.
    """
    before = _approvers(session, places, on)
    point = session.begin_nested()
    try:
        change()
        session.flush()
        after = _approvers(session, places, on)
    except Exception:
        point.rollback()
        raise
    moved = tuple(
        Moved(case_id, was, after[case_id][1])
        for case_id, (_, was) in before.items()
        if case_id in after and after[case_id][1] != was
    )
    digest = _digest(wanted, on, before, moved)
    done = seen == digest or (not moved and not always)
    if done:
        point.commit()
    else:
        point.rollback()
    return Foreseen(moved, digest, done)


def _approvers(session: Session, places: Collection[int], on: date) -> dict[int, tuple[int, int | None]]:
    """Who would be asked on this day on each open request of these municipalities, beside the version of the case."""
    deciders, found, after = Deciders(session, on), dict[int, tuple[int, int | None]](), 0
    while True:
        page = waiting(session, after, within=places)
        found |= {case.id: (case.version, deciders.of(case).approver_id) for case in page if asking(case)}
        if len(page) < PAGE:
            return found
        after = page[-1].id


def _digest(wanted: str, on: date, before: Mapping[int, tuple[int, int | None]], moved: Sequence[Moved]) -> str:
    said = [(one.case_id, before[one.case_id][0], one.before, one.after) for one in moved]
    return sha256(repr((wanted, on.isoformat(), said)).encode()).hexdigest()
