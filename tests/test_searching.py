"""Searching: capitals and diacritics make no difference, on both databases alike."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.models.people import Person
from portal.queries.people import find_people
from portal.searching import folded
from portal.worlds import World
from tests.cast import Cast


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Zoë ÇELİK-Straße", "zoe celik-strasse"), ("Łukasz Sørensen", "lukasz sorensen"), ("DÉSIRÉE", "desiree"),
        ("d'Ávila", "d'avila"), ("Æsir", "aesir"), ("IJsbrand", "ijsbrand"), ("Юлия", "юлия"),
    ],
)  # fmt: skip
def test_a_text_is_folded(typed: str, kept: str) -> None:
    assert folded(typed) == kept


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x24F)))
def test_however_latin_letters_are_written_they_are_found(text: str) -> None:
    for written in (text.upper(), text.lower(), unicodedata.normalize("NFD", text), unicodedata.normalize("NFC", text)):
        assert folded(written) == folded(text)
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize("typed", ["désirée", "DESIREE", "Müller-ÖZ", "oz desi", "muller@", "é"])
def test_people_are_found_whatever_the_capitals_and_marks(world: World, cast: Cast, typed: str) -> None:
    with world.db.transaction() as session:
        anna = session.get_one(Person, cast.people["anna"])
        anna.given_name, anna.family_name, anna.email = "Désirée", "Müller-Öz", "D.Muller@example.org"
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Person.words).where(Person.id == anna.id)).one() == (
            "desiree muller-oz d.muller@example.org"
        )
        assert cast.people["anna"] in [e.person_id for e in find_people(session, typed, None)]


@pytest.mark.parametrize("typed", ["%", "_nna", "anna nobody", "annab"])
def test_what_does_not_occur_is_not_found(world: World, cast: Cast, typed: str) -> None:
    with world.db.session(writes=False) as session:
        assert find_people(session, typed, None) == []


def test_a_personnel_number_finds_too(world: World, cast: Cast) -> None:
    with world.db.session(writes=False) as session:
        found = find_people(session, str(1000 + cast.people["anna"]), None)
    assert [one.person_id for one in found] == [cast.people["anna"]]
