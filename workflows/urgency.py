"""How near a case is to breaching a norm, as far as its declaration says: what still follows, and how long that takes.

The queue is put in the order of the chance that a norm is breached. Nobody can know that chance; what can be known is
how much working time is left against the time that is usually needed. A case is in danger at the earliest of two
moments: the end of the norm of the step it is in, and the last moment at which the steps after it still fit before the
target date of the whole. The less time until then, the greater the chance, whatever the kind of case: so that moment
is kept with the case (`Case.act_by`) and sorted by. How long the steps after it usually take is read from their norms.
"""

from __future__ import annotations

from workflows.kernel import CaseType, Norm, WorkingDays
from workflows.parties import GRANTED


def days_after(case_type: CaseType, key: str) -> int:
    """How many working days the norms allow for what follows this state on the shortest way to being granted.

    Nothing follows an end, also not one from which a case can be reopened.
    """
    if case_type.state(key).result is not None:
        return 0
    ways: list[tuple[str, ...]] = [(key,)]
    seen = {key}
    while ways:
        way = ways.pop(0)
        if case_type.state(way[-1]).result is GRANTED:
            return sum(_working_days(case_type.state(passed).norm) for passed in way[1:])
        for action in (action for action in case_type.actions if not action.aside):
            for target in action.targets:
                if way[-1] in action.at and target not in seen:
                    seen.add(target)
                    ways.append((*way, target))
    return 0


def _working_days(norm: Norm | None) -> int:
    if norm is None:
        return 0
    # Of seven days five are worked.
    return norm.days if isinstance(norm, WorkingDays) else norm.days * 5 // 7
