"""What a page says about a refusal, looked up by its code."""

from __future__ import annotations

import sys
from typing import Any

from markupsafe import escape

from portal.i18n import gettext, reading_in
from workflows.kernel import Refusal, Rule


def sentence(code: str) -> str:
    """The Dutch sentence of a refusal or rule that has no values, as it stands in a page."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith(("portal.", "workflows."))]
    known = {one.code: one for module in modules for one in vars(module).values() if isinstance(one, Refusal | Rule)}
    with reading_in("nl"):
        return str(escape(gettext(known[code].sentence)))


def says(answer: Any, code: str, status: int = 422) -> bool:
    """Whether an answer has this status and says this sentence."""
    assert answer.status_code == status, answer.text
    return sentence(code) in answer.text
