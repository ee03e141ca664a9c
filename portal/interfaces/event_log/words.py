"""The words of an event log: its keys as people read them. Worked out once a log, as it is written while it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal import i18n
from workflows import CASE_TYPES
from workflows.kernel import CaseType
from workflows.parties import N_

NOTED: Mapping[str, str] = {
    "post_added": N_("Paper came in by post and was added"),
    "return_undone": N_("Money that was booked here by mistake was taken off"),
}
"""Events that are no step: the case stays where it is."""


@dataclass(frozen=True)
class Names:
    """Names by key, in one language."""

    types: Mapping[str, str]
    activities: Mapping[tuple[str, str], str]
    """By case type and action; within a case type no two have the same."""

    def event_type(self, case_type: str, action: str) -> str:
        """The name of an activity where those of all case types stand together."""
        return f"{self.types[case_type]}: {self.activities[case_type, action]}"


def names_in(language: str) -> Names:
    """All names there can be."""
    with i18n.reading_in(language):
        return Names(
            {key: i18n.gettext(case_type.label) for key, case_type in CASE_TYPES.items()},
            {(key, action): name for key, case_type in CASE_TYPES.items() for action, name in _of(case_type).items()},
        )


def _of(case_type: CaseType) -> Mapping[str, str]:
    """The name of each step of a case type; where two would have the same, its button is added."""
    said = {action.key: i18n.gettext(action.done) for action in case_type.actions}
    said |= {key: i18n.gettext(words) for key, words in NOTED.items()}
    twice = {name for name in said.values() if list(said.values()).count(name) > 1}
    return {key: f"{name} ({key})" if name in twice else name for key, name in said.items()}
