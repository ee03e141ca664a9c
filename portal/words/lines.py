"""How the pages of a kind of case put a line in words, for papers: by the same template."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader
from jinja2.exceptions import TemplateNotFound

from portal import i18n
from portal.interfaces.letters import TEMPLATES
from portal.words.states import instant
from workflows import CASE_TYPES


@lru_cache
def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES), extensions=["jinja2.ext.i18n"], autoescape=True, auto_reload=False,
    )  # fmt: skip
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=False)  # type: ignore[attr-defined]
    env.globals.update(_=i18n.gettext, CASE_TYPES=CASE_TYPES, static_url=lambda name: name)
    unused = {"days_left": len, "sentence": str}  # of macros that are never called here
    env.filters.update(
        euro=i18n.euro, foreign=i18n.foreign, decimal=i18n.decimal, dag=i18n.day, moment=i18n.moment, instant=instant,
        **unused,
    )  # fmt: skip
    return env


def page_of(name: str, **values: Any) -> str:
    """A page of an archive, from its template."""
    return _environment().get_template(name).render(locale=i18n.language(), **values)


def words_of(type_key: str) -> Any:
    """The words for the lines of this kind of case; None when it has none of its own."""
    try:
        template = _environment().get_template(f"cases/{type_key}/_words.html")
    except TemplateNotFound:
        return None
    return template.module


def compile_all() -> None:
    """Compile what there is now, rather than when the first paper is written."""
    for key in CASE_TYPES:
        words_of(key)
    _environment().get_template("archive/index.html")
