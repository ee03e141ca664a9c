"""What a case type does without that says nothing of it: no form, no checks, no documents.

Belongs here: what stands in a declaration when it is left out. The words themselves are in `kernel.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workflows.filling import FillingIn, LineFacts, Problem, Raised, ToCode


def no_checks(content: Mapping[str, Any]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """A case type without a checklist."""
    return {}


def no_documents(content: Mapping[str, Any]) -> Mapping[str, str]:
    """A case type that asks for no documents."""
    return {}


def nothing_more(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """A case type of which an approval is given for the amount and the cost centre alone."""
    return {}


class NoForm:
    """The form of a case type that nobody asks for: its cases follow from others (`Follow`)."""


def nothing_read(form: Any, filling: FillingIn) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """A case type without a form."""
    return {}, ()


def nobody(content: Mapping[str, Any]) -> frozenset[int]:
    """A case type that keeps nobody from deciding but who made the case or signed it."""
    return frozenset()


def nothing_to_code(content: Mapping[str, Any]) -> tuple[ToCode, ...]:
    """A case type of which nobody codes lines by hand."""
    return ()


def no_lines(content: Mapping[str, Any]) -> tuple[LineFacts, ...]:
    """A case type without lines that others could hold theirs against."""
    return ()


def nothing_raised(content: Mapping[str, Any]) -> Iterable[Raised]:
    """A case type of whose content nothing is flagged."""
    return ()
