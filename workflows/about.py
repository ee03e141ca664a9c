"""What a case type says that is asked for of another case, once that was granted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflows.lots import Booked, Hours


def empty(hours: Hours, today: date) -> Mapping[str, str]:
    """A form in which nothing is filled in beforehand."""
    return {}


@dataclass(frozen=True)
class About:
    """Of which types of case it is asked for, and what their dossier gives: the button that begins it.

    `begins` is what its form is filled in with then, by what is known of hours. `gives_back` says which days of that
    case are not taken; only for a type whose steps give back hours. `proposed` gives the content of one that the portal
    proposes, from what was booked and why.
    """

    types: tuple[str, ...]
    begins: Callable[[Hours, date], Mapping[str, str]] = empty
    gives_back: Callable[[Mapping[str, Any]], frozenset[date]] | None = None
    proposed: Callable[[Iterable[Booked], str], Mapping[str, Any]] | None = None

    @property
    def leave(self) -> bool:
        """Whether it is about leave that was taken."""
        return self.gives_back is not None
