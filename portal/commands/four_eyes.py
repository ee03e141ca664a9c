"""Whose hands a payment went through, as its line keeps them: copied at release, so that the database can compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal.models.people import PersonAccount
from portal.models.suppliers import SupplierAccount

FIRST, SECOND, CHECK, REGISTER = "approve", "countersign", "check", "register"


def eyes_of(
    initiator_id: int,
    preparer_id: int | None,
    trail: Sequence[Sequence[Any]],
    account: PersonAccount | SupplierAccount | None = None,
) -> Mapping[str, int | None]:
    """Who submitted, prepared, approved, approved as the second and checked a case, and had a hand in the account.

    Of each the last who did: earlier rounds are the rules' to compare. None where nobody did.
    """
    approved, approver = _last(trail, FIRST)
    countersigned, second = _last(trail, SECOND)
    return {
        "submitter_id": initiator_id,
        # Of what nobody asked for by a form, whoever registered it prepared it.
        "preparer_id": preparer_id or _last(trail, REGISTER)[1],
        "approver_id": approver,
        "second_approver_id": second if countersigned > approved else None,
        "checker_id": _last(trail, CHECK)[1],
        "account_changed_by_id": account.changed_by_id if account else None,
        "account_checked_by_id": account.checked_by_id if account else None,
    }


def _last(trail: Sequence[Sequence[Any]], action: str) -> tuple[int, int | None]:
    """The place in the trail where this step was last taken, and by whom; -1 and nobody when it never was."""
    return max(((place, step[1]) for place, step in enumerate(trail) if step[0] == action), default=(-1, None))
