"""What comes along with a step that is taken by its button: a reason, and what was typed in fields of its own."""

from __future__ import annotations

from flask import request

from portal import i18n
from portal.models.cases import Case
from workflows.filling import Problem
from workflows.kernel import Action, Given


def given_with(case: Case, action: Action) -> tuple[Given, tuple[Problem, ...]]:
    """What the form of this step brought along, and what is wrong with what was typed in it."""
    reason = request.form.get("reason", "")
    if action.asks is None:
        return Given(reason=reason), ()
    content, problems = action.asks(case.content, request.form, i18n.language())
    return Given(reason=reason, content=content), problems
