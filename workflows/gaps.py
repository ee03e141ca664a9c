"""What can still be open in a case that is about to end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Gap(Enum):
    """Kinds of things that must be done before a case can end well."""

    DOCUMENT = "document"
    """A document that the case type asks for is not there."""
    FLAG = "flag"
    """A signal that asks for a decision has none."""
    QUESTION = "question"
    """Somebody was promised an answer and still waits for it."""
    CASE = "case"
    """A case that followed from this one still runs."""


@dataclass(frozen=True, slots=True)
class Open:
    """One thing that is still open; `name` says which, for people, and `line` of which line it is."""

    kind: Gap
    name: str = ""
    line: str = ""
