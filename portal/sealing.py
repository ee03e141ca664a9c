"""How events are sealed: what is hashed, in which form. Pure, so that a copy of a dossier can be verified anywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

GENESIS = "0" * 64
"""The hash before the first event."""


def canonical(value: Any) -> bytes:
    """A value as JSON in one form only: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of_said(salt: str | None, persons: list[int | None], reason: str, data: Mapping[str, Any]) -> str:
    """SHA-256 over what is somebody's own in an event, with its salt."""
    said = {"salt": salt, "persons": persons, "reason": reason, "data": data}
    return hashlib.sha256(canonical(said)).hexdigest()


def digest_of_step(
    place: int, case: int, action: str, states: tuple[str, str], times: tuple[datetime, datetime, datetime],
    channel: str, said: str, previous: str,
) -> str:  # fmt: skip
    """SHA-256 over a step, the digest of what was said, its place and the hash before."""
    step = {
        "id": place,
        "case": case,
        "action": action,
        "states": list(states),
        "times": [moment.isoformat() for moment in times],
        "channel": channel,
        "said": said,
        "previous": previous,
    }
    return hashlib.sha256(canonical(step)).hexdigest()
