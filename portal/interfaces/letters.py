"""Letters: the text of mails, from templates, in the language that is being spoken.

A letter is plain text. Its first line is the subject. `mail/<type>/<letter>.txt` goes before `mail/<letter>.txt`.
The HTML form is made from the same text when sending, so that the two can never say different things.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from portal import i18n
from portal.interfaces.bank import return_reason_key
from portal.interfaces.report_words import FILTERS
from workflows.deciding import granted_in
from workflows.iban import masked
from workflows.kernel import CaseType
from workflows.satisfaction import is_asked

PACKAGE = Path(__file__).parents[1]
TEMPLATES = PACKAGE / "templates" if (PACKAGE / "templates").exists() else PACKAGE.parent / "templates"
"""Inside the package when installed from a wheel, beside it in a checkout."""

LINK = re.compile(r"\[\[link:(\d+)\]\]|\[\[home:([^\]]*)\]\]|\[\[account:([\w-]+)\]\]|\[\[request:([\w-]+)\]\]"
                  r"|\[\[status:([\w-]+)\]\]")  # fmt: skip
"""Where an address goes: a deciding link, a page of the portal, a link to choose a password, the place of a request
on the page of a day's mail, or the page that tells somebody outside how far their case is."""

PARTS = "[[parts]]"
"""Where the mail of a day has what it says about each request."""


class Place(str):
    """A mark for an address, made by us: the only value in a letter that may look like one."""

    __slots__ = ()


def _harmless(value: Any) -> Any:
    """What people wrote, without anything that would be read as a mark for an address."""
    if not isinstance(value, str) or "[[" not in value or isinstance(value, Place):
        return value
    return re.sub(r"\[(?=\[)", "[ ", value)


@lru_cache
def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - plain text; the HTML form escapes the whole of it
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        # Only what templates print passes here, not the text of the templates themselves.
        finalize=_harmless,
    )
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=False)  # type: ignore[attr-defined]
    env.globals["_"] = i18n.gettext
    env.filters.update(euro=i18n.euro, hours=i18n.hours, day=i18n.day, moment=i18n.moment, masked=masked, **FILTERS)
    env.globals["granted_in"] = granted_in
    env.globals["satisfaction_asked"] = is_asked
    env.globals["bank_reason"] = lambda code: i18n.gettext(return_reason_key(code))
    return env


@lru_cache(maxsize=256)
def _template(type_key: str, letter: str) -> Template:
    """Looked for once: that means looking on the disk for the file that goes before, which is mostly not there."""
    own = [f"mail/{type_key}/{letter}.txt"] if type_key else []
    return _environment().select_template([*own, f"mail/{letter}.txt"])


def compile_all() -> None:
    """Compile every letter now, rather than when the first of each is written."""
    for name in _environment().list_templates(filter_func=lambda name: name.startswith("mail/")):
        _environment().get_template(name)


def compose(case_type: CaseType | None, letter: str, **context: Any) -> tuple[str, str]:
    """Subject and text of a letter. Addresses stand in it as `[[link:ID]]` and `[[home:/path]]`."""
    type_key = case_type.key if case_type else ""
    text = _template(type_key, letter).render(case_type=case_type, **context).strip()
    subject, _, body = text.partition("\n")
    return " ".join(subject.split()), re.sub(r"\n{3,}", "\n\n", body.strip()) + "\n"


def addressed(text: str, base_url: str, tokens: Mapping[int, str], account_token: Callable[[str], str],
              bundle: str = "", status_token: Callable[[str], str] = str) -> str:  # fmt: skip
    """The text with true addresses in it. Only the sender (and a demo's tray) has the tokens, those of one mail.

    `account_token` makes the token of a link to choose a password from its nonce; `bundle` is that of a day's mail;
    `status_token` makes that of the page for somebody outside from the number of their case.
    """

    def address(match: re.Match[str]) -> str:
        if match[1]:
            token = tokens.get(int(match[1]))
            return f"{base_url}/akkoord/{token}" if token else match[0]
        if match[3]:
            return f"{base_url}/wachtwoord/{account_token(match[3])}"
        if match[4]:
            return f"{base_url}/akkoord/dag/{bundle}#{match[4]}" if bundle else match[0]
        return f"{base_url}/stand/{status_token(match[5])}" if match[5] else f"{base_url}{match[2]}"

    return LINK.sub(address, text)


def as_html(text: str, language: str, address: Callable[[str], str]) -> str:
    """The same letter as simple HTML, its marks made into addresses by `address`: paragraphs, and ours as buttons."""
    paragraphs = [_paragraph(part.strip("\n"), address) for part in text.strip().split("\n\n")]
    body = Markup("\n").join(paragraphs)
    return (
        f'<!doctype html><html lang="{language}"><body style="font-family:sans-serif;font-size:16px;line-height:1.5;'
        f'color:#1b1b1b;max-width:36em;margin:1.5em auto;padding:0 1em">{body}</body></html>'
    )


def _paragraph(part: str, address: Callable[[str], str]) -> Markup:
    text = address(part)
    # Only a mark of ours becomes a button: an address that somebody typed stays text, however it looks.
    if LINK.fullmatch(part.strip()):
        return Markup(
            '<p><a href="{0}" style="display:inline-block;padding:.6em 1em;background:#154273;color:#fff">{0}</a></p>'
        ).format(text.strip())
    return Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in text.split("\n")))
