"""Everything people read exists in both languages, whole, and no page or mail mixes them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes
from sqlalchemy import update

from portal.i18n import CATALOGUES
from portal.jobs import deliver
from portal.models.cases import Case
from portal.models.people import Person
from portal.worlds import World
from tests.cast import Cast

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
DUTCH = CATALOGUES / "nl.po"

SAME = {
    "(link)",
    "Accounts",
    "Bank",
    "Contact",
    "Cookies",
    "E-mail",
    "Euro",
    "Hotel",
    "Menu",
    "Norm",
    "Post",
    "Postcode",
    "Privacy",
    "Scenario",
    "Trainer",
    "Week",
    "week",
}
"""What is the same word in Dutch and in English."""

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
UNSAID = {"SSC", "t", "v", "x"}
"""What stands in templates as it is, in any language: a name and the letters on keys."""

NOT_WORDS = re.compile(r"\[\[home:\S*.*\]\]|(?:ssc|utrecht)-\S+( \S+)*|aria-[a-z]+=.*|&\w+;", re.DOTALL)
"""Addresses in mails, and classes and attributes that macros put together."""

DUTCH_ONLY = {
    "aanvraag", "aanvragen", "bekijk", "betaling", "betalingen", "bon", "een", "hebt", "het", "kies", "mijn",
    "naar", "niet", "opslaan", "te", "uiterlijk", "uw", "van", "wacht", "werkvoorraad", "wij", "wordt", "zaak",
}  # fmt: skip
ENGLISH_ONLY = {
    "and", "are", "by", "claim", "for", "from", "has", "it", "not", "payment", "payments", "request", "requests",
    "save", "the", "this", "to", "waits", "what", "who", "with", "you", "your",
}  # fmt: skip
FOREIGN = {"nl": ENGLISH_ONLY, "en": DUTCH_ONLY}
INVENTED = (
    "bon.jpg",
    "Parkeren bij de rechtbank",
    "Zet erbij met wie",
    "Team Vergunningen",
    "Directie Waterveen",
    "Zitting",
)
"""What the people of the tests typed, in Dutch, and the names of their units."""

PAGES = (
    ("nobody", "/aanmelden"), ("nobody", "/toegankelijkheid"), ("nobody", "/privacy"), ("nobody", "/bestaat-niet"),
    ("anna", "/"), ("anna", "/zaken"), ("anna", "/zaken/{back}"), ("anna", "/mijn-gegevens"),
    ("anna", "/concept/{draft}"), ("anna", "/concept/{draft}?controle=1"), ("aart", "/"), ("aart", "/zaken"),
    ("bram", "/"), ("bram", "/akkoord"), ("bram", "/zaken/{waiting}"), ("carla", "/"), ("carla", "/werkvoorraad"),
    ("carla", "/werkvoorraad?zoek=niets"), ("carla", "/werkvoorraad/{checking}"), ("carla", "/zaken/{checking}"),
    ("carla", "/contact?zoek=de"), ("carla", "/contact/{anna}"), ("carla", "/contact/onbekend"),
    ("carla", "/contact/open"), ("anna", "/vragen"), ("carla", "/post"),
    ("carla", "/mensen"), ("carla", "/mensen/{anna}"),
    ("carla", "/bank"), ("els", "/zaken/{payable}"), ("dirk", "/"), ("dirk", "/betalingen"),
    ("dirk", "/betalingen/waterveen"), ("dirk", "/betalingen/duinrade"), ("hanna", "/mensen/{bram}"),
    ("dirk", "/boekhouding"), ("dirk", "/op-tijd-betalen"), ("farid", "/op-tijd-betalen/waterveen/2026"),
    ("hanna", "/beheer/rekeningschema"),
    ("hanna", "/beheer/"), ("hanna", "/beheer/organisatie"), ("hanna", "/beheer/afspraken"),
    ("hanna", "/beheer/zaaktypen"), ("hanna", "/beheer/wijzigingen"),
    ("hanna", "/beheer/mensen"), ("hanna", "/beheer/mensen/nieuw"), ("hanna", "/beheer/mensen/{carla}"),
    ("hanna", "/beheer/organisatie/waterveen"), ("hanna", "/beheer/afdeling/2"),
)  # fmt: skip


def extracted() -> set[str | tuple[str, ...]]:
    """Every message in code and templates, found as pyproject.toml says."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    options = {
        mapping["pattern"]: {key: value for key, value in mapping.items() if key not in ("pattern", "method")}
        for mapping in mappings
    }
    keywords = {**DEFAULT_KEYWORDS, "N_": None}
    return {found[2] for found in extract_from_dir(str(ROOT), methods, options, keywords)}


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with DUTCH.open("rb") as file:
        return read_po(file, locale="nl")


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def texts(text: Any) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, list | tuple) else (text,)


def test_the_dutch_is_complete(catalogue: Catalog) -> None:
    in_catalogue = {message.id for message in messages(catalogue)}
    assert {str(found) for found in extracted() - in_catalogue} == set(), "run: make translations"
    assert {str(found) for found in in_catalogue - extracted()} == set(), "run: make translations"
    assert [message.id for message in messages(catalogue) if not all(texts(message.string))] == []
    assert [message.id for message in messages(catalogue) if message.fuzzy] == []
    assert list(catalogue.obsolete) == []
    assert catalogue.charset == "utf-8"
    assert catalogue.num_plurals == 2


def test_the_dutch_has_the_same_values_as_the_english(catalogue: Catalog) -> None:
    for message in messages(catalogue):
        english, dutch = texts(message.id), texts(message.string)
        assert len(english) == len(dutch), message.id
        for one, other in zip(english, dutch, strict=True):
            assert sorted(PLACEHOLDER.findall(one)) == sorted(PLACEHOLDER.findall(other)), message.id
            assert (one[:1].isspace(), one[-1:].isspace()) == (other[:1].isspace(), other[-1:].isspace()), message.id


def test_the_dutch_is_not_english(catalogue: Catalog) -> None:
    same = {message.id for message in messages(catalogue) if message.id == message.string}
    assert same == SAME
    words = [(message.id, word) for message in messages(catalogue) for text in texts(message.string)
             for word in foreign("nl", PLACEHOLDER.sub(" ", text))]  # fmt: skip
    assert words == []


def visible(template: str) -> Iterator[str]:
    """The text of a template outside of tags and outside of what Jinja fills in."""
    template = re.sub(r"\{#.*?#\}|\{% block page %\}.*?\{% endblock %\}", "", template, flags=re.DOTALL)
    filled = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", template, flags=re.DOTALL)
    for attribute in re.findall(r'\b(?:title|alt|placeholder|aria-label|data-text-\w+|data-label)="([^"]*)"', filled):
        yield attribute.strip()
    for line in re.sub(r"<[^>]*>", "\n", filled, flags=re.DOTALL).splitlines():
        yield line.strip()


def loose_sentences(template: str) -> Iterator[str]:
    """Sentences in a template's expressions that are not handed to gettext."""
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(template)  # noqa: S701 - it is read, not filled in
    marked = {
        id(argument)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext")
        for argument in call.args
    }
    for constant in tree.find_all(nodes.Const):
        text = constant.value
        if id(constant) not in marked and isinstance(text, str) and re.match(r"[A-Z][a-z]+ \w", text):
            yield text


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.*")), ids=lambda f: f.relative_to(TEMPLATES).as_posix())
def test_a_template_says_nothing_untranslated(file: Path) -> None:
    template = file.read_text()
    assert [text for text in visible(template) if re.search(r"[^\W\d_]", NOT_WORDS.sub("", text)) and text not in UNSAID
            ] == []  # fmt: skip
    assert list(loose_sentences(template)) == []


def foreign(language: str, text: str) -> set[str]:
    """Words of the other language in a text."""
    return FOREIGN[language] & set(re.findall(r"[^\W\d_]+", text.lower()))


def read(page: str) -> str:
    """What a page shows and says aloud, but for what it marks as being in another language."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    body = re.sub(r'<(span|div|button)\b[^>]* lang="[a-z]+"[^>]*>.*?</\1>', " ", body, flags=re.DOTALL)
    spoken = " ".join(re.findall(r'\b(?:title|alt|aria-label|data-text-\w+|data-label|data-confirm)="([^"]*)"', body))
    return own_words(unescape(re.sub(r"<[^>]*>", " ", body, flags=re.DOTALL) + " " + spoken))


def own_words(text: str) -> str:
    """The text without what people of the tests typed in it."""
    for typed in INVENTED:
        text = text.replace(typed, " ")
    return text


def play(world: World, cast: Cast) -> dict[str, Any]:
    """Cases in every part of the portal: a draft, one sent back, and one that waits for each desk."""
    with world.db.transaction() as session:
        made: dict[str, Case] = {}
        made["draft"] = cast.draft(session, "anna", "d")
        made["back"] = cast.submitted(session, "anna", key="b")
        cast.act(session, "bram", made["back"], "return", reason="Zet erbij met wie")
        made["waiting"] = cast.submitted(session, "anna", key="w")
        made["checking"] = cast.submitted(session, "aart", key="c")
        cast.act(session, "bram", made["checking"], "approve")
        made["payable"] = cast.payable(session, "anna", key="p")
        made["rejected"] = cast.submitted(session, "aart", key="r")
        cast.act(session, "bram", made["rejected"], "reject", reason="Zet erbij met wie")
        places: dict[str, Any] = {name: case.number or case.id for name, case in made.items()}
    return places | cast.people


def all_speak(world: World, language: str) -> None:
    with world.db.transaction() as session:
        session.execute(update(Person).values(language=language))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_page_speaks_one_language(world: World, cast: Cast, browse: Any, language: str) -> None:
    all_speak(world, language)
    places = play(world, cast)
    browsers: dict[str, Any] = {}
    for name, address in PAGES:
        if name not in browsers:
            browsers[name] = browse(None if name == "nobody" else name)
            assert browsers[name].post(f"/taal/{language}").status_code == 302
        if name == "carla" and "{checking}" in address:
            browsers[name].post(f"/zaken/{places['checking']}/nemen")
        answer = browsers[name].get(address.format(**places))
        assert answer.status_code == (404 if "bestaat-niet" in address else 200), address
        assert f'<html lang="{language}"' in answer.text, address
        assert foreign(language, read(answer.text)) == set(), address
    deliver.run(world, world.clock.now())
    links = {link for mail in world.transport.sent for link in re.findall(r"/akkoord/\S+", plain(mail))}
    answers = [browsers["nobody"].get(link) for link in links]
    assert {answer.status_code for answer in answers} == {200, 410}
    for answer in answers:
        assert foreign(language, read(answer.text)) == set(), answer.text


def plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_mail_speaks_the_language_of_its_reader(world: World, cast: Cast, language: str) -> None:
    all_speak(world, language)
    play(world, cast)
    deliver.run(world, world.clock.now())
    mails = [mail for mail in world.transport.sent if world.settings.ssc_mailbox not in mail["To"]]
    assert len(mails) > 9
    for mail in mails:
        text = re.sub(r"https?://\S+", " ", f"{mail['Subject']}\n{plain(mail)}")
        assert foreign(language, own_words(text)) == set(), text
