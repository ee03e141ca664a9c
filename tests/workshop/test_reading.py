"""Reading a scenario: all that is wrong is told at once, with its line and with the word that was meant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import i18n
from portal.clock import stopwatch
from portal.workshop import reading
from portal.workshop.deck import deck
from portal.workshop.places import nearest, places
from portal.workshop.typed import BadScenario, Wrong
from tests.conftest import settings_for

FILE = reading.SHIPPED / "claim-from-paper-to-portal.toml"
TEXT = FILE.read_text()
LINES = TEXT.splitlines()


def line_of(said: str, times: int = 1) -> int:
    """The number of the line on which this stands, for the so-manyth time."""
    return [number for number, line in enumerate(LINES, start=1) if said in line][times - 1]


def wrongs(text: str) -> tuple[Wrong, ...]:
    with pytest.raises(BadScenario) as refused:
        reading.read_text(text, "own")
    return refused.value.wrongs


def said(text: str, language: str = "en") -> list[tuple[int | None, str]]:
    with i18n.reading_in(language):
        return [(one.line, i18n.say(one.sentence, one.values)) for one in wrongs(text)]


def tried(text: str) -> BadScenario | None:
    """What is wrong with a text, if anything is."""
    try:
        reading.read_text(text, "own")
    except BadScenario as refused:
        return refused
    return None


CHANGED = (
    ('kind = "claim"', 'kind = "clame"', "“clame” does not exist. Did you mean “claim”?"),
    ('seat = "anna"', 'seat = "annna"', "“annna” does not exist. Did you mean “anna”?"),
    ('unit = "Team Vergunningen"', 'unit = "Team Vergunning"', "“Team Vergunning” does not exist. Did you mean"),
    ("start = 2026-11-02", "start = 2026-11-03", "The story begins on a Monday, and this is none."),
    ("start = 2026-11-02", 'start = "maandag"', "“start” must be a day without quotes, such as 2026-11-02."),
    ("start = 2026-11-02", "start = 2019-11-04", "Choose a day in the years 2024 to 2030"),
    ("days = 9", "days = 2", "“days” must be a whole number from 3 to 30."),
    ("minutes_a_day = 2", 'minutes_a_day = "twee"', "“minutes_a_day” must be a number from 0.25 to 60, with a point"),
    ('hour = "9:15"', 'hour = "9.15 uur"', "“hour” must be an hour in office time between quotes"),
    ('hour = "9:15"', 'hour = "22:00"', "“hour” must be an hour in office time between quotes"),
    ('amount = "38,40"', 'amount = "38,4x"', "“amount” must be an amount between quotes, such as \"12,50\"."),
    ('category = "public_transport"', 'category = "train"', "“train” does not exist. Choose from: public_transport,"),
    ('sampling_limit_cents = "0,00"', 'sampling_limit_cent = "0,00"', "Did you mean “sampling_limit_cents”?"),
    ('sampling_limit_cents = "0,00"', 'sampling_limit_cents = "nul"', "Fill in an amount such as 12.50."),
    ("by_post = true", 'by_post = "ja"', "“by_post” must be true or false, without quotes."),
    ('same_as = "lunch-cliente"', 'same_as = "lunch-client"', "Did you mean “lunch-cliente”?"),
    ('same_as = "lunch-cliente"', 'same_as = "inspectie-dijk"', "The card “inspectie-dijk” has no receipt of its own."),
    ('key = "boek-jeugdwet"', 'key = "trein-utrecht"', "“trein-utrecht” stands here twice."),
    ('name = "Bram Hoekema"', 'name = "Bram"', "Give everybody a first and a last name of their own."),
    ('name = "Bram Hoekema"', 'name = "Anna de Wit"', "Give everybody a first and a last name of their own."),
    ('otherwise = "els"', 'otherwise = "tessa"', "Choose a seat that is there with fewer people than this one."),
    ('grants = ["clerk"]', 'grants = ["klerk"]', "“klerk” does not exist. Did you mean “clerk”?"),
    ('grants = ["clerk"]', "grants = 7", "“grants” must be a list of words"),
    ('is = "U werkt bij een gemeente', 'iz = "U werkt bij een gemeente', "“is” is missing."),
    ('purpose = "Inspectie Noorderdijk"', 'purpose = ""', "“purpose” is empty. Write some text between the quotes."),
    ('purpose = "Inspectie Noorderdijk"', "purpose = 12", "“purpose” must be text: put it between quotes."),
    ('outcome = ""', 'outcome = ""', ""),
    ('cards = ["bewonersavond-1"', 'cards = ["trein-utrecht"', "“trein-utrecht” does not exist."),
    ("9 = 3", "23 = 3", "Name hours from 8 to 16 here, such as 9 = 3."),
    ('by = "clerk"', 'by = "controller"', "“controller” does not exist. Choose from: employee,"),
    ("[[injects]]", "[injects]", "cannot be read"),
    ('kind = "till"', 'kind = "till"', ""),
    ("km = 42", "km = -2", "“km” must be a whole number from 1 to 2000."),
    ("date = -75", 'date = "vroeger"', "“date” must be a number of working days from the day of the card"),
    ('items = [["4 x dagsoep", "23,80"]', 'items = [["4 x dagsoep", "23,80", 9]', "with 2 values each"),
    ('code = "duinrade"', 'code = "duinrode"', "“duinrode” does not exist. Did you mean “duinrade”?"),
)  # fmt: skip


@pytest.mark.parametrize(("was", "becomes", "sentence"), [one for one in CHANGED if one[2]])
def test_a_slip_is_told_with_its_line_and_what_was_meant(was: str, becomes: str, sentence: str) -> None:
    assert was in TEXT
    found = said(TEXT.replace(was, becomes, 1))
    assert [line for line, words in found if sentence in words], found
    place = line_of(was)
    assert any(line is not None and abs(line - place) <= 12 for line, words in found if sentence in words), found


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_file_and_in_dutch() -> None:
    text = (
        TEXT.replace('seat = "anna"', 'seat = "annna"')
        .replace("days = 9", "days = 0")
        .replace('by = "clerk"', "by = 1")
    )
    found = said(text, "nl")
    assert len(found) > 5
    assert [line for line, _ in found] == sorted(line or 0 for line, _ in found)
    assert found[0] == (line_of("days = 9"), "“days” moet een heel getal van 3 tot en met 30 zijn.")
    assert (line_of('seat = "anna"'), "“annna” bestaat niet. Bedoelt u “anna”?") in found


def test_a_file_that_is_no_toml_says_on_which_line() -> None:
    broken = TEXT.replace('title = "Declaratie van papier naar portaal"', "title = Declaratie", 1)
    ((line, words),) = said(broken)
    assert (line, words.partition(":")[0]) == (line_of("title ="), "This line cannot be read")
    assert said("x" * 500_000) == [(None, "This file is too long for a scenario.")]


def test_the_example_in_the_manual_is_a_scenario() -> None:
    manual = (reading.SHIPPED.parents[1] / "docs" / "scenarios.md").read_text()
    example = manual.partition("```toml\n")[2].partition("```")[0]
    scenario = reading.read_text(example, "own")
    assert [card.key for card in deck(scenario, 3)] == ["trein"]
    assert {file.name for file in reading.SHIPPED.glob("*.toml")} <= set(manual.split("`"))


def test_an_empty_file_asks_for_every_part() -> None:
    found = {words for _, words in said("")}
    assert {"“title” is missing.", "“start” is missing.", "There must be at least 1 of “cards”."} <= found
    assert "There must be at least 3 of “seats”." in found


def test_names_that_nobody_knows_are_told() -> None:
    assert (1, "“titel” does not exist. Did you mean “title”?") in said('titel = "x"\n' + TEXT)
    assert any("is not known here" in words for _, words in said("[zzz]\na = 1\n" + TEXT))


def test_what_is_kept_in_the_installation_stands_beside_what_came_along_and_never_before_it(tmp_path: object) -> None:
    home = settings_for(tmp_path, "sqlite://")  # type: ignore[arg-type]
    own = home.instance / "scenarios"
    own.mkdir(parents=True)
    (own / "eigen.toml").write_text(TEXT.replace("papier naar portaal", "eigen huis"))
    (own / "kapot.toml").write_text("title = 1")
    (own / FILE.name).write_text("title = 2")
    found = {one.key: one.title.nl for one in reading.scenarios(home)}
    assert found["eigen"] == "Declaratie van eigen huis"
    assert found["claim-from-paper-to-portal"] == "Declaratie van papier naar portaal"
    assert "kapot" not in found


def test_lines_are_found_in_tables_in_arrays_and_after_long_texts() -> None:
    text = 'a = 1\n[b]\nc = """\n[[no]]\nx = 1\n"""\nd = 2\n[[e]]\nf = 1\n[e.g]\nh = 1\n[[e]]\n[[e.i]]\nj = 2\n'
    found = places(text)
    assert found == {("a",): 1, ("b",): 2, ("b", "c"): 3, ("b", "d"): 7, ("e", 0): 8, ("e", 0, "f"): 9,
                     ("e", 0, "g"): 10, ("e", 0, "g", "h"): 11, ("e", 1): 12, ("e", 1, "i", 0): 13,
                     ("e", 1, "i", 0, "j"): 14}  # fmt: skip
    assert (nearest(found, ("e", 1, "i", 0, "z")), nearest(found, ("z",))) == (13, None)


@settings(max_examples=40)
@given(
    at=st.integers(0, len(LINES) - 1), put=st.sampled_from(["", "x", "= ", "[[cards]]", '"', "seats = 3", "day = 999"])
)
def test_whatever_line_is_spoilt_it_reads_or_says_what_is_wrong(at: int, put: str) -> None:
    text = "\n".join([*LINES[:at], put, *LINES[at + 1 :]])
    found = tried(text)
    assert found is None or (found.wrongs and str(found))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = " + "[" * 5000 + "]" * 5000, "Line too long"),
        ("a = " + "[\n" * 3000 + "]\n" * 3000, "Too many brackets"),
        ("x = 1\na" + ".a" * 150_000 + " = 1", "Line too long"),
        ("a" + ".a" * 300 + " = 1", "Line too long"),
        ("seed = " + "9" * 5000, "Line too long"),
        ("\n".join(f"a{n} = [\n[{' ' * 3900}\n1]]" for n in range(90)), None),
    ],
)
def test_a_file_that_only_keeps_the_portal_busy_is_refused_soon(text: str, sentence: str | None) -> None:
    since = stopwatch()
    found = said(text)
    assert found
    assert sentence is None or sentence in found[0][1]
    assert since() < 5
