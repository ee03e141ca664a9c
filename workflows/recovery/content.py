"""What a recovery is about: the lines of which something was not due, with why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.filling import Facts


def facts_of(content: Mapping[str, Any]) -> Facts:
    """In lists a recovery is known by the claim it is about; its amount is what was not due."""
    cents = sum(line["not_due_cents"] for line in content.get("lines", ()))
    return Facts(
        title=f"{content.get('claim', '')}: {content.get('purpose', '')}",
        claimed_cents=cents,
        sanctioned_cents=cents,
        cost_centre=content.get("cost_centre", ""),
    )
